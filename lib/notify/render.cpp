#include "notify/render.hpp"

#include <boost/json.hpp>

#include "webhook/signature.hpp"

namespace oracode::notify {
namespace {

namespace json = boost::json;

client::Request post(const Target& target, std::string content_type, std::string body) {
    return {.method = "POST",
            .target = target.url.target,
            .headers = {{"Content-Type", std::move(content_type)}},
            .body = std::move(body)};
}

// Standard Webhooks.
client::Request webhook_request(const Target& target, const Message& message, Timestamp now) {
    auto request = post(target, "application/json",
                        json::serialize(json::object{{"type", message.type},
                                                     {"timestamp", format_rfc3339(message.at)},
                                                     {"data", message.data}}));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    const auto timestamp = std::to_string(seconds.count());
    const auto secret = webhook::Secret::parse(target.secret).value();
    request.headers.emplace_back("webhook-id", message.id);
    request.headers.emplace_back("webhook-timestamp", timestamp);
    request.headers.emplace_back("webhook-signature",
                                 webhook::sign(secret, message.id, timestamp, request.body));
    return request;
}

// https://docs.ntfy.sh/publish
client::Request ntfy_request(const Target& target, const Message& message) {
    struct Look {
        const char* priority;
        const char* tags;
    };
    const auto look = message.urgency == Urgency::trouble  ? Look{"high", "warning"}
                      : message.urgency == Urgency::relief ? Look{"default", "white_check_mark"}
                                                           : Look{"low", "key"};
    auto request = post(target, "text/plain; charset=utf-8", message.text);
    request.headers.emplace_back("Title", message.title);
    request.headers.emplace_back("Priority", look.priority);
    request.headers.emplace_back("Tags", look.tags);
    return request;
}

// https://docs.slack.dev/messaging/formatting-message-text#escaping
std::string escaped_for_slack(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

client::Request slack_request(const Target& target, const Message& message) {
    const auto text =
        "*" + escaped_for_slack(message.title) + "*\n" + escaped_for_slack(message.text);
    return post(target, "application/json", json::serialize(json::object{{"text", text}}));
}

}  // namespace

client::Request render(const Target& target, const Message& message, Timestamp now) {
    switch (target.format) {
        case NotificationFormat::webhook:
            return webhook_request(target, message, now);
        case NotificationFormat::ntfy:
            return ntfy_request(target, message);
        case NotificationFormat::slack:
            return slack_request(target, message);
    }
    return {};
}

}  // namespace oracode::notify
