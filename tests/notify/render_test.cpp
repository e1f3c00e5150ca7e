#include "notify/render.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webhook/signature.hpp"

namespace oracode::notify {
namespace {

namespace json = boost::json;

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr Timestamp noon{Duration{1'770'000'000'250}};

Target target(NotificationFormat format) {
    return {.name = "t",
            .url = net::parse_url("https://host.example/hook?key=a").value(),
            .format = format,
            .secret = secret,
            .types = {}};
}

Message message() {
    Message message;
    message.id = "msg_1";
    message.type = "alert.opened";
    message.at = noon;
    message.data = {{"id", 7}};
    message.title = "Alert: not in order";
    message.text = "Ada <ada@example> & Müller";
    message.urgency = Urgency::trouble;
    return message;
}

std::string header(const client::Request& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return "none";
}

TEST(NotifyRender, SignsAWebhookAsStandardWebhooksSays) {
    const auto later = noon + std::chrono::hours{2};
    const auto request = render(target(NotificationFormat::webhook), message(), later);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/hook?key=a");
    EXPECT_EQ(header(request, "Content-Type"), "application/json");
    EXPECT_EQ(json::parse(request.body), (json::value{{"type", "alert.opened"},
                                                      {"timestamp", "2026-02-02T02:40:00.250Z"},
                                                      {"data", {{"id", 7}}}}));
    EXPECT_EQ(header(request, "webhook-id"), "msg_1");
    EXPECT_EQ(header(request, "webhook-timestamp"), "1770007200");
    const auto id = header(request, "webhook-id");
    const auto timestamp = header(request, "webhook-timestamp");
    const auto signature = header(request, "webhook-signature");
    const std::vector<webhook::Secret> secrets{webhook::Secret::parse(secret).value()};
    webhook::Verifier verifier(secrets, std::chrono::minutes{5});
    EXPECT_TRUE(verifier.verify({id, timestamp, signature}, request.body, later).accepted());
    EXPECT_FALSE(verifier.verify({id, timestamp, signature}, request.body + " ", later).accepted());
}

TEST(NotifyRender, WritesTextWithHeadersForNtfy) {
    auto told = message();
    const auto request = render(target(NotificationFormat::ntfy), told, noon);
    EXPECT_EQ(request.body, told.text);
    EXPECT_EQ(header(request, "Title"), "Alert: not in order");
    EXPECT_EQ(header(request, "Priority"), "high");
    EXPECT_EQ(header(request, "Tags"), "warning");
    EXPECT_EQ(header(request, "webhook-signature"), "none");
    told.urgency = Urgency::relief;
    EXPECT_EQ(header(render(target(NotificationFormat::ntfy), told, noon), "Tags"),
              "white_check_mark");
    told.urgency = Urgency::information;
    EXPECT_EQ(header(render(target(NotificationFormat::ntfy), told, noon), "Priority"), "low");
}

TEST(NotifyRender, EscapesWhatSlackWouldTakeForALink) {
    const auto request = render(target(NotificationFormat::slack), message(), noon);
    EXPECT_EQ(
        json::parse(request.body),
        (json::value{{"text", "*Alert: not in order*\nAda &lt;ada@example&gt; &amp; Müller"}}));
    EXPECT_EQ(header(request, "webhook-signature"), "none");
}

}  // namespace
}  // namespace oracode::notify
