// Deletes what has been kept long enough, a few rows at a time: ended codes with their events and
// transitions, events and quarantined deliveries without a code, notifications, and some time
// before that the PINs of codes that ended. Part of the Ledger, used on the writer's thread inside
// its transactions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "store/retention_policy.hpp"

namespace oracode::store {

class Database;

class Purge {
public:
    explicit Purge(Database& database);
    ~Purge();

    // Touches about `rows` rows at most.
    Purged step(Timestamp now, const RetentionPolicy& retention, std::size_t rows);

private:
    struct Statements;

    [[nodiscard]] std::vector<std::string> pins_of_events(std::int64_t from);
    void wipe_pins(std::int64_t code_no, std::int64_t from, Purged& purged);
    void look_again_by_a_new_rule();
    void wipe_events_of_no_code(Timestamp before, Purged& purged);
    void wipe_quarantined(Timestamp before, Purged& purged);
    [[nodiscard]] std::int64_t reached(std::string_view mark);
    void delete_code(std::int64_t code_no, Purged& purged);
    void delete_events_of_no_code(Timestamp before, Purged& purged);
    void delete_quarantined(Timestamp before, Purged& purged);
    [[nodiscard]] std::optional<Timestamp> next(const RetentionPolicy& retention);

    std::unique_ptr<Statements> statements_;
    std::size_t left_ = 0;  // rows of this step
    bool rule_checked_ = false;
};

}  // namespace oracode::store
