// What to ask Seam next and what its answers mean: the poller without its I/O, so that weeks can be
// simulated in milliseconds. Pure but for its own state; owned by the Poller, used on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>

#include "lifecycle/event.hpp"
#include "poller/backfill.hpp"
#include "seam/breaker.hpp"
#include "seam/client_answer.hpp"
#include "seam/rate_budget.hpp"
#include "store/reader.hpp"

namespace oracode::poller {

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
    std::optional<std::int64_t> swept_from =
        std::nullopt;  // set when the list is part of the look at all codes
};
struct GetCode {
    std::string access_code_id;
    Source source = Source::poll;  // track: the store may not know the code yet
};
struct ListEvents {
    Window window;
};
using Request = std::variant<ListCodes, GetCode, ListEvents>;

// Seam's path.
[[nodiscard]] std::string_view name(const Request& request);

// What an answer showed: codes, one code, or events.
struct Shown {
    boost::json::array items;
    Timestamp sent_at;
};

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
    [[nodiscard]] Effects digest(const Request& request, const seam::CallResult<Shown>& answer,
                                 Timestamp now);

    // Somebody asks about one code: it is asked for before all else, within the budget.
    void ask(GetCode code) { asked_.push_back(std::move(code)); }
    // The store did not take the effects of a backfill: it is done again from `known_to`.
    void begin_again(std::optional<Timestamp> known_to, Timestamp now);
    // There is a new key: it gets its chance at once.
    void key_changed() { breaker_.key_changed(); }

    [[nodiscard]] seam::BreakerState breaker(Timestamp now) const { return breaker_.state(now); }
    // Seam gave a usable answer.
    [[nodiscard]] std::optional<Timestamp> last_success() const { return last_success_; }
    [[nodiscard]] std::optional<Timestamp> backfilled_to() const { return known_to_; }

private:
    [[nodiscard]] std::optional<Request> choose(Timestamp now, Agenda& agenda);
    void forget(const GetCode& code);
    [[nodiscard]] std::optional<Request> choose_codes(Timestamp now, Agenda& agenda);
    void begin_backfill_if_due(Timestamp now);
    void digest_failure(const Request& request, const seam::CallError& error, Timestamp now,
                        Effects& effects);
    void digest_list(const ListCodes& asked, const Shown& answer, Effects& effects);
    void digest_get(const GetCode& asked, const Shown& answer, Effects& effects);
    void digest_events(const Shown& answer, Timestamp now, Effects& effects);

    PlannerOptions options_;
    seam::RateBudget budget_;
    seam::Breaker breaker_;
    Backfill backfill_;
    std::optional<Timestamp> known_to_;
    Timestamp next_backfill_;
    std::deque<GetCode> asked_;  // by somebody who waits
    std::deque<GetCode> gets_;   // what a list did not tell
    bool sweeping_ = true;
    std::int64_t swept_ = 0;
    bool events_first_ = true;  // backfill and codes take turns
    std::optional<Timestamp> wake_at_;
    std::optional<Timestamp> last_success_;
};

}  // namespace oracode::poller
