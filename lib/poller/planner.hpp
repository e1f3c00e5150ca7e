// What to ask Seam next and what its answers mean. Pure but for its own state; owned by the
// PollLoop, used on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "poller/backfill.hpp"
#include "poller/discovery.hpp"
#include "poller/get_queue.hpp"
#include "poller/missing_watch.hpp"
#include "poller/ports.hpp"
#include "poller/request.hpp"
#include "seam/breaker.hpp"
#include "seam/client_answer.hpp"
#include "seam/rate_budget.hpp"

namespace oracode::poller {

struct PlannerOptions {
    std::size_t batch = 100;
    unsigned requests_per_minute = 60;
    Duration backfill = std::chrono::hours{72};
    Duration backfill_interval = std::chrono::hours{1};
    // Events show up in Seam's list a little after their `created_at`.
    Duration backfill_overlap = std::chrono::minutes{10};
    std::size_t events_page = 500;
    Duration discover = std::chrono::hours{24};            // zero: never
    Duration rate_limit_pause = std::chrono::seconds{30};  // after a 429 that names no time
    seam::BreakerOptions breaker;
};

class Planner {
public:
    // `known_to`: up to where the store has all events there are, as far as it knows. Begins with
    // the key's workspace, a backfill from `known_to` (at most `backfill` ago), a look at every
    // code that has not ended and a walk over the locks.
    Planner(PlannerOptions options, Timestamp now, std::optional<Timestamp> known_to,
            std::function<double()> random);

    // The request to send now, taken off the budget; nullopt: nothing to ask before `wake_at`.
    [[nodiscard]] std::optional<Request> next(Timestamp now, Agenda& agenda);
    // The earliest moment at which anything may be asked: the budget, a 429 or the breaker may say
    // "later".
    [[nodiscard]] Timestamp allowed_at(Timestamp now);
    // When to call `next` again, after it had nothing and if nothing new is recorded before.
    [[nodiscard]] std::optional<Timestamp> wake_at() const { return wake_at_; }
    // Due codes of another workspace, which are not asked for: their next poll backs off. Once
    // each.
    [[nodiscard]] std::vector<std::string> take_foreign();

    // What follows from the answer to `request`.
    [[nodiscard]] Effects interpret(const Request& request, const seam::CallResult<Shown>& answer,
                                    Timestamp now, Agenda& agenda);

    // One code is asked for before all else, within the budget.
    void ask(GetCode code) { requested_.push_back(std::move(code)); }
    // Nobody waits for such codes any more.
    void withdraw_requested() { requested_.clear(); }
    // The store did not take the effects of a backfill: it is done again from `known_to`.
    void begin_again(std::optional<Timestamp> known_to, Timestamp now);
    // There is a new key: it gets its chance at once, and its workspace is asked for.
    void key_changed(Timestamp now);
    // Seam's clock minus ours: answers are stamped by it.
    void set_clock_offset(Duration offset) { clock_offset_ = offset; }

    [[nodiscard]] seam::BreakerState breaker(Timestamp now) const { return breaker_.state(now); }
    // Whether the code is known to be of another workspace than the key.
    [[nodiscard]] bool is_foreign(const store::DueCode& code) const;
    [[nodiscard]] const std::string& key_workspace() const { return key_workspace_; }
    // All but the clock's offset.
    [[nodiscard]] PollState state(Timestamp now);

private:
    [[nodiscard]] std::optional<Request> choose(Timestamp now, Agenda& agenda);
    [[nodiscard]] std::optional<Request> choose_due(Timestamp now, Agenda& agenda);
    [[nodiscard]] std::optional<Request> choose_in_quiet(Agenda& agenda);
    [[nodiscard]] std::vector<store::DueCode> without_foreign(std::vector<store::DueCode> codes,
                                                              bool due);
    void begin_backfill_if_due(Timestamp now);
    void forget(const std::string& access_code_id);
    void get_later(const store::DueCode& code);
    [[nodiscard]] std::vector<store::DueCode> other_live_codes(const std::string& access_code_id,
                                                               Agenda& agenda);
    [[nodiscard]] bool call_witnesses(const std::string& access_code_id, Timestamp now,
                                      Agenda& agenda);
    [[nodiscard]] bool counts_as_missing(const GetCode& get, Timestamp now, Agenda& agenda);
    [[nodiscard]] lifecycle::Event stamped(lifecycle::Event event, Timestamp sent_at) const;

    void interpret_failure(const Request& request, const seam::CallError& error, Timestamp now,
                           Agenda& agenda, Effects& effects);
    void note_outcome(seam::Outcome outcome, bool of_codes, Timestamp now, Effects& effects);
    [[nodiscard]] Duration pause_after(const seam::CallError& error) const;
    void fail_discovery(const seam::CallError& error, Timestamp now);
    void fail(const ListCodes& list, const seam::CallError& error, Effects& effects);
    void fail(const GetCode& get, const seam::CallError& error, Timestamp now, Agenda& agenda,
              Effects& effects);
    void not_found(const GetCode& get, const seam::CallError& error, Timestamp now, Agenda& agenda,
                   Effects& effects);
    void interpret_list(const ListCodes& requested, const Shown& answer, Timestamp now,
                        Effects& effects);
    void interpret_get(const GetCode& requested, const Shown& answer, Timestamp now,
                       Effects& effects);
    void interpret_events(const Shown& answer, Timestamp now, Effects& effects);
    void interpret_lock(const Shown& answer, Timestamp now, Agenda& agenda, Effects& effects);
    void interpret_workspace(const Shown& answer, Timestamp now);

    PlannerOptions options_;
    seam::RateBudget budget_;
    seam::Breaker breaker_;
    unsigned refusals_ = 0;     // of requests about particular codes, one after another
    bool key_doubted_ = false;  // by these: the workspace is asked for
    Timestamp key_proven_at_{};
    bool probes_workspace_ = false;  // the last request with a refused key did
    unsigned unusable_ = 0;  // answers one after another that did not hold what was asked for
    Backfill backfill_;
    std::optional<Timestamp> known_to_;
    Timestamp next_backfill_;
    Discovery discovery_;
    MissingWatch missing_;
    Duration clock_offset_{0};

    std::string key_workspace_;      // empty: not known
    std::string former_workspace_;   // of the key before
    bool unsure_of_events_ = false;  // they were listed while the workspace was not known
    bool workspace_wanted_ = true;
    Timestamp workspace_again_at_{};
    std::string foreign_workspace_;  // of a code that was passed over; empty: none
    std::set<std::string> foreign_;

    std::deque<GetCode> requested_;      // a caller waits for the answer
    std::optional<GetCode> confirming_;  // not found: is it unmanaged?
    std::optional<ListCodes> continuing_;
    std::deque<ListCodes> lists_;  // halves of lists that were refused, and witnesses
    GetQueue gets_;                // what a list did not tell
    bool sweeping_ = true;
    std::int64_t swept_ = 0;
    std::int64_t witnesses_after_ = 0;  // whose turn it is to be witnesses
    Timestamp witnesses_called_at_{};
    unsigned turn_ = 0;
    std::size_t lane_ = 0;  // gets, due codes and events take turns
    std::optional<Timestamp> wake_at_;
    std::optional<Timestamp> last_success_;
};

}  // namespace oracode::poller
