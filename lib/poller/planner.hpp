// What to ask Seam next and what its answers mean: the poller without its I/O, so that weeks can be
// simulated in milliseconds. Pure but for its own state; owned by the Poller, used on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lifecycle/event.hpp"
#include "poller/backfill.hpp"
#include "seam/breaker.hpp"
#include "seam/client_answer.hpp"
#include "seam/rate_budget.hpp"

namespace oracode::poller {

struct DueCode {
    std::string access_code_id;
    bool details_missing = false;
};

struct LiveCodes {
    std::vector<DueCode> codes;
    std::int64_t last = 0;  // where to go on
};

// What the planner has to know of the store.
class Agenda {
public:
    // Codes whose `next_poll_at` has come, the longest due first.
    [[nodiscard]] virtual std::vector<DueCode> due(Timestamp now, std::size_t limit) = 0;
    // The earliest `next_poll_at` of all.
    [[nodiscard]] virtual std::optional<Timestamp> next_due() = 0;
    // Codes that have not ended, in the order in which they were first heard of, behind `after`.
    [[nodiscard]] virtual LiveCodes live_codes(std::int64_t after, std::size_t limit) = 0;

protected:
    ~Agenda() = default;
};

struct ListCodes {
    std::vector<DueCode> codes;
};
struct GetCode {
    std::string access_code_id;
};
struct ListEvents {
    Window window;
};
using Request = std::variant<ListCodes, GetCode, ListEvents>;

[[nodiscard]] std::string_view name(const Request& request);

struct Statement {
    Event event;
    std::string payload;  // as Seam sent it; empty for an observation
};

// What an answer asks of the store. All of it is to be done before the next request is planned.
struct Effects {
    std::vector<Statement> statements;
    std::vector<std::string>
        unanswered;  // codes that were asked about in vain: their next poll backs off
    std::optional<Timestamp> backfilled_to;
    bool events_lost = false;  // one millisecond holds more events than Seam shows
    std::optional<seam::BreakerState> breaker_changed;
};

struct PlannerOptions {
    std::size_t batch = 100;
    unsigned requests_per_minute = 60;
    Duration backfill = std::chrono::hours{72};
    Duration backfill_interval = std::chrono::hours{1};
    // Events show up in Seam's list a little after their `created_at`.
    Duration backfill_overlap = std::chrono::minutes{10};
    std::size_t events_page = 500;
    Duration rate_limit_pause = std::chrono::seconds{30};  // after a 429 that names no time
    seam::BreakerOptions breaker;
};

class Planner {
public:
    // `known_to`: up to where the store has all events there are, as far as it knows. Begins with a
    // backfill from there (at most `backfill` ago) and a look at every code that has not ended.
    Planner(PlannerOptions options, Timestamp now, std::optional<Timestamp> known_to,
            std::function<double()> random);

    // The request to send now, taken off the budget; nullopt: nothing to ask before `wake_at`.
    [[nodiscard]] std::optional<Request> next(Timestamp now, Agenda& agenda);
    // When to call `next` again, after it had nothing and if nothing new is recorded before.
    [[nodiscard]] std::optional<Timestamp> wake_at() const { return wake_at_; }

    // What follows from the answer to `request`.
    [[nodiscard]] Effects digest(const Request& request,
                                 const seam::CallResult<seam::Answer>& answer, Timestamp now);

    [[nodiscard]] seam::BreakerState breaker(Timestamp now) const { return breaker_.state(now); }
    // Seam gave a usable answer.
    [[nodiscard]] std::optional<Timestamp> last_success() const { return last_success_; }
    [[nodiscard]] std::optional<Timestamp> backfilled_to() const { return known_to_; }

private:
    [[nodiscard]] std::optional<Request> choose(Timestamp now, Agenda& agenda);
    [[nodiscard]] std::optional<Request> choose_codes(Timestamp now, Agenda& agenda);
    void begin_backfill_if_due(Timestamp now);
    void digest_failure(const Request& request, const seam::CallError& error, Timestamp now,
                        Effects& effects);
    void digest_list(const ListCodes& asked, const seam::Answer& answer, Effects& effects);
    void digest_get(const GetCode& asked, const seam::Answer& answer, Effects& effects);
    void digest_events(const seam::Answer& answer, Timestamp now, Effects& effects);

    PlannerOptions options_;
    seam::RateBudget budget_;
    seam::Breaker breaker_;
    Backfill backfill_;
    std::optional<Timestamp> known_to_;
    Timestamp next_backfill_;
    std::deque<std::string> gets_;  // what a list did not tell
    bool sweeping_ = true;
    std::int64_t swept_ = 0;
    bool events_first_ = true;  // backfill and codes take turns
    std::optional<Timestamp> wake_at_;
    std::optional<Timestamp> last_success_;
};

}  // namespace oracode::poller
