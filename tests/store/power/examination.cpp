#include "tests/store/power/examination.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "lifecycle/apply.hpp"
#include "lifecycle/schedule.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

struct Rule {
    const char* name;
    const char* broken_by;  // how much breaks it
};

constexpr Rule rules[] = {
    {"foreign keys", "SELECT count(*) FROM pragma_foreign_key_check"},
    {"code_counts",
     "SELECT count(*) FROM code_counts AS c WHERE codes <> (SELECT count(*) FROM access_codes AS a "
     "WHERE c.standing = CASE WHEN a.ended_reason IS NULL THEN a.status ELSE 5 END)"},
    {"the chains of events",
     "WITH RECURSIVE chain (code_no, seq) AS (SELECT code_no, last_event FROM access_codes "
     "WHERE last_event IS NOT NULL UNION ALL SELECT c.code_no, e.previous FROM chain AS c "
     "JOIN events AS e ON e.seq = c.seq WHERE e.previous IS NOT NULL) "
     "SELECT (SELECT count(*) FROM (SELECT code_no, seq FROM chain EXCEPT SELECT code_no, seq FROM "
     "events)) + (SELECT count(*) FROM (SELECT code_no, seq FROM events WHERE code_no IS NOT NULL "
     "EXCEPT SELECT code_no, seq FROM chain))"},
    {"the chains of changes",
     "WITH RECURSIVE chain (code_no, seq) AS (SELECT code_no, last_change FROM access_codes "
     "WHERE last_change IS NOT NULL UNION ALL SELECT c.code_no, e.previous FROM chain AS c "
     "JOIN changes AS e ON e.seq = c.seq WHERE e.previous IS NOT NULL) "
     "SELECT (SELECT count(*) FROM (SELECT code_no, seq FROM chain EXCEPT SELECT code_no, seq FROM "
     "changes)) + (SELECT count(*) FROM (SELECT code_no, seq FROM changes EXCEPT SELECT code_no, "
     "seq FROM chain))"},
    {"since when codes have ended",
     "SELECT count(*) FROM access_codes WHERE (ended_reason IS NULL) <> (ended_since IS NULL) "
     "OR (ended_reason IS NULL AND pins_from IS NOT NULL)"},
    {"what codes await",
     "SELECT count(*) FROM access_codes WHERE awaited_by IS NOT "
     "CASE WHEN status <> 3 AND ended_reason IS NULL THEN expected_by END"},
    {"the alerts of codes",
     "SELECT count(*) FROM access_codes AS c WHERE coalesce(open_alerts, 0) <> "
     "(SELECT coalesce(sum(1 << kind), 0) FROM alerts AS a "
     "WHERE a.code_no = c.code_no AND a.closed_at IS NULL)"},
    {"the events of lost accounts",
     "SELECT count(*) FROM disconnects WHERE event NOT IN (SELECT seq FROM events)"},
    {"notifications",
     "SELECT count(*) FROM notifications "
     "WHERE alert IS NOT NULL AND alert NOT IN (SELECT id FROM alerts)"},
    {"the last number of a change",
     "SELECT (SELECT coalesce(max(seq), 0) FROM changes) > "
     "(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes')"},
};

// Where nothing was removed.
constexpr Rule rules_of_a_whole_database[] = {
    {"the numbers of events", "SELECT coalesce(max(seq), 0) - count(*) FROM events"},
    {"the numbers of changes", "SELECT coalesce(max(seq), 0) - count(*) FROM changes"},
    {"the event fingerprints",
     "SELECT count(*) FROM access_codes AS c WHERE length(marks) <> 4 * "
     "(SELECT count(*) FROM events AS e WHERE e.code_no = c.code_no)"},
};

// A connection for all of them.
class Look {
public:
    explicit Look(const std::string& path) { sqlite3_open(path.c_str(), &database_); }
    ~Look() { sqlite3_close(database_); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

    // Every row as texts.
    std::vector<std::vector<std::string>> rows(const char* statement) {
        std::vector<std::vector<std::string>> all;
        const auto keep = [](void* out, int count, char** values, char**) {
            auto& row = static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back();
            for (int i = 0; i < count; ++i) row.emplace_back(values[i] ? values[i] : "");
            return 0;
        };
        if (sqlite3_exec(database_, statement, keep, &all, nullptr) != SQLITE_OK)
            all = {{sqlite3_errmsg(database_)}};
        return all;
    }
    std::string first(const char* statement) {
        const auto found = rows(statement);
        return found.empty() ? "" : found[0][0];
    }

private:
    sqlite3* database_ = nullptr;
};

// A code as its events tell it.
struct Told {
    lifecycle::AccessCode code;
    std::vector<lifecycle::Transition> transitions;

    void apply(const lifecycle::Event& event, Timestamp now) {
        auto transition = lifecycle::apply(code, event, now);
        lifecycle::reschedule(code, now, lifecycle::PollPolicy{});
        if (transition) transitions.push_back(std::move(*transition));
    }
};

// All codes as the events tell them, in the order in which they were received.
class Retelling {
public:
    void apply(const lifecycle::Event& event, Timestamp received) {
        if (event.access_code_id.empty()) return lose_account(event, received);
        auto& told = codes_[event.access_code_id];
        const auto account = told.code.connected_account_id;
        const bool had_ended = told.code.ended.has_value();
        told.apply(event, received);
        if (told.code.ended) return;
        // The order in which a code and the loss of its account are heard of must not matter.
        if (had_ended || told.code.connected_account_id != account)
            for (const auto& loss : losses_)
                if (loss.connected_account_id == told.code.connected_account_id)
                    told.apply(loss, received);
    }
    [[nodiscard]] const std::map<std::string, Told>& codes() const { return codes_; }

private:
    void lose_account(const lifecycle::Event& event, Timestamp received) {
        losses_.push_back(event);
        losses_.back().occurred_at = std::min(event.occurred_at, received);
        for (auto& [id, told] : codes_) {
            if (told.code.connected_account_id != event.connected_account_id) continue;
            if (!told.code.ended)
                told.apply(event, received);
            else if (told.code.ends_at.value > received)
                ask_at_once(told.code, received);
        }
    }

    // Whether one that has ended early really has.
    static void ask_at_once(lifecycle::AccessCode& code, Timestamp now) {
        code.refetch = true;
        code.polls_without_news = 0;
        code.next_poll_at = std::min(now, code.next_poll_at.value_or(now));
    }

    std::map<std::string, Told> codes_;
    std::vector<lifecycle::Event> losses_;
};

// Which parts of a code differ, for whoever looks for the cause.
std::string differing_parts(const lifecycle::AccessCode& found, const lifecycle::AccessCode& told) {
    std::string parts;
    const auto compare = [&](const char* name, bool same) {
        if (!same) parts += fmt::format(" {}", name);
    };
    compare("status", found.status == told.status && found.status_since == told.status_since);
    compare("end", found.ended == told.ended);
    compare("window", found.starts_at == told.starts_at && found.ends_at == told.ends_at);
    compare("observations", found.observations == told.observations);
    compare("refetch", found.refetch == told.refetch);
    compare("expected_by", found.expected_by == told.expected_by);
    compare("next_poll_at", found.next_poll_at == told.next_poll_at);
    compare("version", found.version == told.version);
    compare("updated_at", found.updated_at == told.updated_at);
    return parts;
}

std::string compare_with_events(const std::string& path, Look& look,
                                const std::map<std::string, lifecycle::Event>& events) {
    Retelling retelling;
    for (const auto& row : look.rows("SELECT event_id, received_at FROM events ORDER BY seq")) {
        const auto sent = events.find(row[0]);
        if (sent == events.end()) return "nobody sent the event " + row[0];
        retelling.apply(sent->second, Timestamp{Duration{std::stoll(row[1])}});
    }
    store::Reader reader(path);
    for (const auto& [id, told] : retelling.codes()) {
        if (id.starts_with("polled")) continue;
        const auto found = reader.find(id);
        if (!found) return "the code is not there: " + id;
        if (*found != told.code)
            return fmt::format("the code {} is not what its events say:{}", id,
                               differing_parts(*found, told.code));
        if (reader.history(id).value().transitions != told.transitions)
            return "the history is not what its events say: " + id;
    }
    return {};
}

}  // namespace

std::string complaint_about(const std::string& path,
                            const std::map<std::string, lifecycle::Event>& events, Kept kept) {
    Look look(path);
    if (auto found = look.first("PRAGMA integrity_check"); found != "ok") return found;
    const auto broken = [&](const Rule& rule) {
        const auto found = look.first(rule.broken_by);
        return found == "0" ? "" : fmt::format("{}: {}", rule.name, found);
    };
    for (const auto& rule : rules)
        if (auto found = broken(rule); !found.empty()) return found;
    if (kept == Kept::what_retention_left) return {};
    for (const auto& rule : rules_of_a_whole_database)
        if (auto found = broken(rule); !found.empty()) return found;
    return kept == Kept::everything ? compare_with_events(path, look, events) : "";
}

}  // namespace oracode::test
