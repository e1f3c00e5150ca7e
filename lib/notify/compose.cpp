#include "notify/compose.hpp"

#include "store/error.hpp"

namespace oracode::notify {
namespace {

// What is there; nullopt where it is not.
template <class T>
std::optional<T> found(Result<T> result) {
    if (result) return std::move(*result);
    if (result.error().code == Errc::not_found) return std::nullopt;
    throw store::StoreError(store::StoreError::Kind::io, result.error().detail);
}

std::optional<Message> of_change(store::Reader& reader, std::int64_t seq) {
    const auto changes = found(reader.changes(seq - 1, 1));
    if (!changes || changes->empty() || changes->front().seq != seq) return std::nullopt;
    const auto& change = changes->front();
    return change_message(change, found(reader.find(change.access_code_id)));
}

std::optional<Message> of_alert(store::Reader& reader, const store::PendingNotification& pending,
                                const representation::View& view) {
    const auto page = found(reader.alerts({.limit = 1, .before = pending.refers_to + 1}));
    if (!page || page->alerts.empty() || page->alerts.front().id != pending.refers_to)
        return std::nullopt;
    const auto& alert = page->alerts.front();
    std::optional<lifecycle::AccessCode> code;
    if (!alert.access_code_id.empty()) code = found(reader.find(alert.access_code_id));
    return alert_message(pending.type, alert, code, view);
}

}  // namespace

std::optional<Message> compose(store::Reader& reader, const store::PendingNotification& pending,
                               const representation::View& view) {
    auto message = pending.type == NotificationType::access_code_changed
                       ? of_change(reader, pending.refers_to)
                       : of_alert(reader, pending, view);
    if (!message) return message;
    message->id = pending.message_id;
    message->at = pending.created_at;
    return message;
}

}  // namespace oracode::notify
