#include "store/sqlite/reader_statements.hpp"

namespace oracode::store {
namespace {

std::optional<PendingNotification> head_of(Statement& statement, std::string_view target) {
    auto rows = statement.query(target);
    if (!rows.next()) return std::nullopt;
    return PendingNotification{.id = rows.integer(0),
                               .target = std::string(target),
                               .message_id = std::string(rows.bytes(1)),
                               .type = rows.word<NotificationType>(2),
                               .refers_to = rows.integer(3),
                               .created_at = rows.instant(4),
                               .attempts = static_cast<unsigned>(rows.integer(5)),
                               .next_attempt_at = rows.instant(6)};
}

}  // namespace

std::string Reader::Statements::pending_head_of(std::string_view object) {
    return fmt::format(
        "SELECT id, message_id, type, {0}, created_at, attempts, next_attempt_at "
        "FROM notifications AS n INDEXED BY pending_{0}_notifications "
        "WHERE target = ? AND state = 0 AND {0} IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM notifications AS e INDEXED BY pending_{0}_notifications_by_subject "
        "WHERE e.subject = n.subject AND e.target = n.target AND e.id < n.id AND e.state = 0 "
        "AND e.{0} IS NOT NULL) ORDER BY next_attempt_at, id LIMIT 1",
        object);
}

PendingHeads Reader::pending_notifications(std::string_view name) {
    return {head_of(statements_->pending_alert, name), head_of(statements_->pending_change, name)};
}

Result<std::map<std::string, std::int64_t>> Reader::count_pending_notifications() try {
    std::map<std::string, std::int64_t> counts;
    auto rows = statements_->count_pending.query();
    while (rows.next()) counts.emplace(rows.bytes(0), rows.integer(1));
    return counts;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::vector<AlertDelivery>> Reader::deliveries(std::int64_t alert) try {
    std::vector<AlertDelivery> deliveries;
    auto rows = statements_->deliveries.query(alert);
    while (rows.next())
        deliveries.push_back({std::string(rows.bytes(0)), rows.word<NotificationType>(1),
                              rows.word<DeliveryState>(2), static_cast<unsigned>(rows.integer(3)),
                              rows.maybe_instant(4), std::string(rows.bytes(5))});
    return deliveries;
} catch (const SqliteError& error) {
    return refusal(error);
}

}  // namespace oracode::store
