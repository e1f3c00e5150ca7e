#include "devices/creation_planner.hpp"

#include <algorithm>
#include <utility>

#include "core/overloaded.hpp"
#include "devices/code_list.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;

bool is_refusal(Errc code) {
    return code == Errc::seam_refused || code == Errc::not_found || code == Errc::unauthenticated ||
           code == Errc::forbidden;
}

bool was_sent(const seam::CallError& error) {
    return error.sent_at != Timestamp{};
}

bool only_too_fast(const userlevel::Verdict& verdict) {
    return verdict.violations.size() == 1 &&
           verdict.violations.front().rule == userlevel::Rule::creations_too_fast;
}

template <class T>
void set_if_absent(lifecycle::Facts::Maybe<T>& fact, const T& value) {
    if (!fact || !*fact) fact.emplace(value);
}

// In place: g++ 12 takes what is moved out of a temporary variant for uninitialized.
template <class T>
CreationMove move_to(T step) {
    CreationMove move;
    move.step.template emplace<T>(std::move(step));
    return move;
}

CreationMove end_with(Ending ending, std::string_view outcome) {
    return move_to(step::End{std::move(ending), outcome});
}

}  // namespace

CreationPlanner::CreationPlanner(Order order, Options options)
    : order_(std::move(order)), options_(std::move(options)) {}

// An earlier attempt with this key may have got as far as asking Seam.
CreationMove CreationPlanner::begin(const Result<std::optional<store::StoredOrder>>& stored) {
    if (!stored) return end_with(seam::local_error(stored.error()), "unavailable");
    if (!*stored || !(*stored)->requested) return move_to(step::CheckOrder{});
    requested_ = *(*stored)->requested;
    made_id_ = (*stored)->access_code_id;
    if (!made_id_.empty()) return move_to(step::ReadCode{made_id_});
    return search(
        seam::local_error(Errc::seam_unreachable, "an earlier attempt got no answer of Seam's"),
        true);
}

CreationMove CreationPlanner::checked(SeamResult<OrderCheck> checked, Duration pause,
                                      Timestamp now) {
    if (!checked) {
        if (checked.error().code == Errc::not_found) return decide(checked.error());
        return end_with(checked.error(), "unavailable");
    }
    const auto& verdict = checked->verdict;
    if (only_too_fast(verdict)) return end_with(TooFast{std::move(*checked), pause}, "too_fast");
    if (!verdict.ok() || !verdict.match) return decide(std::move(*checked));
    window_ = verdict.match->window;
    requested_ = {window_.starts_at, window_.ends_at, now};
    if (options_.has_key) return move_to(step::MarkKey{requested_});
    return move_to(step::AskSeam{wish()});
}

CreationMove CreationPlanner::key_marked(const Result<void>& marked) {
    if (!marked) return end_with(seam::local_error(marked.error()), "unavailable");
    return move_to(step::AskSeam{wish()});
}

json::object CreationPlanner::wish() const {
    json::object wish{{"device_id", order_.device_id},
                      {"starts_at", window_.local_starts_at},
                      {"ends_at", window_.local_ends_at},
                      {"is_offline_access_code", true}};
    if (order_.name) wish["name"] = *order_.name;
    if (!order_.window.max_time_rounding.empty())
        wish["max_time_rounding"] = order_.window.max_time_rounding;
    return wish;
}

CreationMove CreationPlanner::answered(const seam::CallResult<seam::Found>& answer, Timestamp now) {
    if (answer)
        return record(decode_shown(*answer, lifecycle::Source::create), answer->sent_at, now);
    const auto& error = answer.error();
    const bool declined = is_refusal(error.code) || error.code == Errc::seam_rate_limited;
    auto move = declined || !was_sent(error) ? refused(error) : not_answered(error, now);
    move.effects.failed = error;
    return move;
}

// Where Seam is there (it cut the connection, or failed) its list may show the code at once. Where
// it was silent all the time, no caller waits as long again.
CreationMove CreationPlanner::not_answered(const seam::CallError& error, Timestamp now) {
    if (now - error.sent_at < options_.seam_timeout / 2) return search(error, false);
    return end_unclear(error, now);
}

CreationMove CreationPlanner::refused(const seam::CallError& error) {
    const bool final =
        was_sent(error) && (error.code == Errc::seam_refused || error.code == Errc::not_found);
    auto move = final ? decide(error) : free_key(error, "unavailable");
    move.effects.nothing_made = true;
    move.effects.lock_doubted = is_refusal(error.code);
    return move;
}

CreationMove CreationPlanner::search(seam::CallError why, bool may_create_again) {
    why_search_ = std::move(why);
    may_create_again_ = may_create_again;
    search_.emplace(
        LostOrder{order_.device_id, order_.name, requested_,
                  [is_another = options_.is_another, requested_at = requested_.requested_at](
                      const std::string& id, Duration clock_offset) {
                      return is_another(id, requested_at + clock_offset);
                  }});
    return move_to(step::ListCodes{});
}

CreationMove CreationPlanner::listed(SeamResult<std::vector<SeamsCode>> codes, Timestamp now) {
    if (!codes) return end_unclear(codes.error(), now);
    return go_on_searching(search_->listed(std::move(*codes)), now);
}

CreationMove CreationPlanner::fetched(seam::CallResult<seam::Found> answer, Timestamp now) {
    return go_on_searching(search_->fetched(std::move(answer)), now);
}

CreationMove CreationPlanner::go_on_searching(LostCodeSearch::Next next, Timestamp now) {
    return std::visit(
        Overloaded{[](LostCodeSearch::Fetch& fetch) {
                       return move_to(step::FetchCode{std::move(fetch.access_code_id)});
                   },
                   [this, now](const SeamResult<Traces>& traces) { return found(traces, now); }},
        next);
}

CreationMove CreationPlanner::found(const SeamResult<Traces>& traces, Timestamp now) {
    if (!traces) return end_unclear(traces.error(), now);
    if (const auto& code = traces->code) return record(code->event, now, now);
    if (!traces->doubtful.empty()) return end_unclear(why_search_, now, traces->doubtful);
    if (!may_create_again_ || now < settled_at()) return end_unclear(why_search_, now);
    unresolved_ = requested_;
    return move_to(step::CheckOrder{});
}

CreationMove CreationPlanner::record(Result<lifecycle::Event> event, Timestamp sent_at,
                                     Timestamp now) {
    if (!event) {
        auto error = seam::local_error(Errc::seam_unreachable, event.error().detail);
        error.sent_at = sent_at;
        return end_unclear(std::move(error), now);
    }
    // What Seam's answer leaves out is what it was asked for.
    if (event->device_id.empty()) event->device_id = order_.device_id;
    if (!event->step) event->step = lifecycle::LifecycleStep::created;
    event->external_id = order_.external_id;
    set_if_absent(event->facts.starts_at, requested_.starts_at);
    set_if_absent(event->facts.ends_at, requested_.ends_at);
    if (order_.name) set_if_absent(event->facts.name, *order_.name);
    made_id_ = event->access_code_id;
    return move_to(step::Record{std::move(*event)});
}

// Where it is not recorded the code exists all the same; the webhook, the backfill or a repeat of
// the order bring it in.
CreationMove CreationPlanner::recorded(const Result<void>& recorded, Timestamp now) {
    if (!recorded) return end_unclear(seam::local_error(recorded.error()), now);
    return move_to(step::ReadCode{made_id_});
}

CreationMove CreationPlanner::read(Result<lifecycle::AccessCode> code, Timestamp now) {
    if (!code) return end_unclear(seam::local_error(code.error()), now, made_id_);
    Made made{std::move(*code), requested_};
    auto move = decide(made);
    move.effects.made = std::move(made);
    return move;
}

// A repeat gets the answer of a code that was made, also after a restart. Where it cannot be kept
// it is given all the same: it is true, and a repeat comes to the same code by way of its mark.
CreationMove CreationPlanner::decide(const Decided& decided) {
    auto answer = options_.render(decided);
    if (!std::holds_alternative<Made>(decided)) {
        const char* const outcome =
            std::holds_alternative<OrderCheck>(decided) ? "rule_violated" : "refused";
        return free_key(Answered{std::move(answer), false}, outcome);
    }
    step::End end{Answered{answer, false}, "created"};
    if (!options_.has_key) return move_to(std::move(end));
    end_ = std::move(end);
    return move_to(step::KeepAnswer{std::move(answer)});
}

// Nothing came of this attempt. What an earlier one may have left at Seam is still looked for when
// the order is repeated.
CreationMove CreationPlanner::free_key(Ending ending, std::string_view outcome) {
    if (!options_.has_key) return end_with(std::move(ending), outcome);
    end_ = step::End{std::move(ending), outcome};
    return move_to(step::FreeKey{unresolved_});
}

CreationMove CreationPlanner::key_released() {
    return move_to(*std::exchange(end_, std::nullopt));
}

CreationMove CreationPlanner::end_unclear(seam::CallError why, Timestamp now,
                                          std::string access_code_id) const {
    const auto wait = std::max<Duration>(settled_at() - now, std::chrono::seconds{5});
    auto move = end_with(Unclear{why, wait}, "unclear");
    move.effects.unclear = UnclearReport{std::move(why), std::move(access_code_id)};
    return move;
}

Timestamp CreationPlanner::settled_at() const {
    return requested_.requested_at + options_.settled_after;
}

}  // namespace oracode::devices
