#include "notify/message.hpp"

#include <algorithm>

#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace oracode::notify {

std::string in_words(const lifecycle::AccessCode& code) {
    auto text = code.name.value.value_or("Access code " + code.access_code_id);
    if (!code.device_id.empty()) text += ", lock " + code.device_id;
    if (code.starts_at.value) text += ", from " + format_rfc3339(*code.starts_at.value);
    if (code.ends_at.value) text += " to " + format_rfc3339(*code.ends_at.value);
    return text;
}

Message alert_message(NotificationType type, const store::Alert& alert,
                      const std::optional<lifecycle::AccessCode>& code,
                      const representation::View& view) {
    const bool opened = type == NotificationType::alert_opened;
    std::string kind{name(alert.kind)};
    std::ranges::replace(kind, '_', ' ');
    Message message;
    message.type = name(type);
    message.data = representation::to_json(alert);
    message.data["access_code"] =
        code ? boost::json::value(representation::to_json(*code, view)) : boost::json::value();
    message.title = fmt::format("{}: {}", opened ? "Alert" : "Over", kind);
    message.text = alert.detail;
    if (code) message.text += "\n" + in_words(*code);
    message.urgency = opened ? Urgency::trouble : Urgency::relief;
    return message;
}

Message change_message(const store::Change& change,
                       const std::optional<lifecycle::AccessCode>& code) {
    const auto& made = change.transition;
    Message message;
    message.type = name(NotificationType::access_code_changed);
    message.data = representation::to_json(change);
    message.title = fmt::format("Access code {}", name(made.to));
    message.text = fmt::format("{}\n{}{} since {}, source {}",
                               code ? in_words(*code) : "Access code " + change.access_code_id,
                               made.from ? fmt::format("{} to ", name(*made.from)) : "",
                               name(made.to), format_rfc3339(made.at), name(made.source));
    message.urgency = Urgency::information;
    return message;
}

Message test_message(std::string_view target) {
    Message message;
    message.type = "notify.test";
    message.data = {{"target", target}};
    message.title = "oracoded: a test";
    message.text = fmt::format("This is how oracoded notifies the target {} of alerts.", target);
    message.urgency = Urgency::information;
    return message;
}

}  // namespace oracode::notify
