#include "notify/compose.hpp"

#include "store/error.hpp"

namespace oracode::notify {
namespace {

// What is there; nullopt where it is not.
template <class T>
std::optional<T> found(Result<T> result) {
    if (result) return std::move(*result);
    if (result.error().code == Errc::not_found) return std::nullopt;
    throw StoreError(StoreError::Kind::io, result.error().detail);
}

std::optional<Message> of_change(Reader& reader, std::int64_t seq) {
    const auto changes = found(reader.changes(seq - 1, 1));
    if (!changes || changes->empty() || changes->front().seq != seq) return std::nullopt;
    const auto& change = changes->front();
    return change_message(change, found(reader.find(change.access_code_id)));
}

std::optional<Message> about(Reader& reader, const PendingNotification& pending,
                             const representation::View& /*view*/) {
    if (pending.type == NotificationType::access_code_changed)
        return of_change(reader, pending.refers_to);
    return std::nullopt;
}

}  // namespace

std::optional<Message> compose(Reader& reader, const PendingNotification& pending,
                               const representation::View& view) {
    auto message = about(reader, pending, view);
    if (!message) return message;
    message->id = pending.message_id;
    message->at = pending.created_at;
    return message;
}

}  // namespace oracode::notify
