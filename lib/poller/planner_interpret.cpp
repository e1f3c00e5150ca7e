// What follows from Seam's answers.
#include <algorithm>
#include <map>
#include <utility>

#include <boost/json.hpp>

#include "core/overloaded.hpp"
#include "poller/planner.hpp"
#include "seam/decode.hpp"
#include "seam/event_types.hpp"

namespace oracode::poller {
namespace {

namespace json = boost::json;

constexpr Duration stranger_retry = std::chrono::minutes{1};
// What Seam's answer about its workspace says of the key holds this long.
constexpr Duration key_believed = std::chrono::minutes{10};

bool is_ongoing(const lifecycle::Event& shown) {
    const auto& type = shown.facts.type;
    return type && *type == "ongoing";
}

// Whether a list's object holds all that a code's schedule needs. Where an ongoing code has no
// start, but one is known, a list may have left it out.
bool tells_details(const lifecycle::Event& shown, bool start_known) {
    const auto& facts = shown.facts;
    if (!facts.type || !*facts.type) return false;
    if (is_ongoing(shown)) return facts.starts_at || !start_known;
    return facts.starts_at && facts.ends_at;
}

// The whole object of an ongoing code leaves out what the code does not have.
void state_absent_window(lifecycle::Event& shown) {
    if (!is_ongoing(shown)) return;
    for (auto* edge : {&shown.facts.starts_at, &shown.facts.ends_at})
        if (!*edge) edge->emplace(std::nullopt);
}

// What a failure says of the request that met it.
enum class Fault {
    passing,   // the same may be answered later
    refused,   // Seam does not take this request
    unusable,  // an answer, but not one to this request, or a stranger's
};

Fault fault_of(const seam::CallError& error) {
    if (error.code == Errc::invalid_argument) return Fault::refused;
    if (error.code == Errc::seam_rate_limited || error.code == Errc::unauthenticated ||
        error.code == Errc::overloaded)
        return Fault::passing;
    if (error.status == 404 || (error.status >= 200 && error.status < 300)) return Fault::unusable;
    if (error.status < 400 || error.status >= 500) return Fault::passing;
    return error.answered ? Fault::refused : Fault::unusable;
}

// A 404 may also say that there is no such device or workspace.
bool speaks_of_a_code(std::string_view error_type) {
    return error_type.find("access_code") != std::string_view::npos || error_type == "not_found" ||
           error_type == "object_not_found";
}

// Some codes or locks, not all that the key may see.
bool forbids_codes(const Request& request, const seam::CallError& error) {
    return error.code == Errc::forbidden && (std::holds_alternative<ListCodes>(request) ||
                                             std::holds_alternative<GetCode>(request) ||
                                             std::holds_alternative<ListLockCodes>(request));
}

bool is_offline(const lifecycle::Event& shown) {
    const auto& offline = shown.facts.is_offline_access_code;
    if (offline && *offline) return **offline;
    const auto& metadata = shown.facts.dormakaba_oracode_metadata;
    return metadata && *metadata;
}

}  // namespace

Effects Planner::interpret(const Request& request, const seam::CallResult<Shown>& answer,
                           Timestamp now, Agenda& agenda) {
    Effects effects;
    if (const auto* list = std::get_if<ListCodes>(&request)) {
        if (!std::exchange(continuing_, std::nullopt) && list->queued) lists_.pop_front();
    }
    if (!answer) {
        interpret_failure(request, answer.error(), now, agenda, effects);
        return effects;
    }
    effects.breaker_changed = breaker_.record(seam::Outcome::answered, now);
    unusable_ = 0;
    refusals_ = 0;
    last_success_ = now;
    std::visit(
        Overloaded{
            [&](const GetWorkspace&) { interpret_workspace(*answer, now); },
            [&](const ListCodes& requested) { interpret_list(requested, *answer, now, effects); },
            [&](const GetCode& requested) { interpret_get(requested, *answer, now, effects); },
            [&](const ListEvents&) { interpret_events(*answer, now, effects); },
            [&](const ListDevices&) { discovery_.devices_shown(*answer); },
            [&](const ListLockCodes&) { interpret_lock(*answer, now, agenda, effects); }},
        request);
    return effects;
}

// An answer speaks of the moment at which it was asked for: by Seam's clock, which stamps events
// too, for what it says of the code; by ours for what was recorded before it, and for the next
// poll.
lifecycle::Event Planner::stamped(lifecycle::Event event, Timestamp sent_at) const {
    event.occurred_at = event.created_at = sent_at + clock_offset_;
    event.requested_at = sent_at;
    return event;
}

void Planner::interpret_failure(const Request& request, const seam::CallError& error, Timestamp now,
                                Agenda& agenda, Effects& effects) {
    if (const auto outcome = seam::outcome_of(error))
        note_outcome(*outcome, forbids_codes(request, error), now, effects);
    if (std::holds_alternative<GetWorkspace>(request)) key_doubted_ = false;
    if (error.code == Errc::seam_rate_limited)
        budget_.punish(now, error.retry_after.value_or(options_.rate_limit_pause));
    const auto fault = fault_of(error);
    if (fault == Fault::unusable && error.code != Errc::not_found)
        ++unusable_;
    else if (error.answered)
        unusable_ = 0;
    std::visit(Overloaded{[&](const GetWorkspace&) {
                              // A key may be refused everywhere: other requests find out too.
                              workspace_again_at_ =
                                  now + (fault == Fault::passing    ? stranger_retry
                                         : fault == Fault::unusable ? pause_after(error)
                                                                    : options_.backfill_interval);
                          },
                          [&](const ListCodes& list) { fail(list, error, effects); },
                          [&](const GetCode& get) { fail(get, error, now, agenda, effects); },
                          [&](const ListEvents&) {
                              if (fault != Fault::passing)
                                  begin_again(known_to_, now + pause_after(error));
                          },
                          [&](const ListDevices&) { fail_discovery(error, now); },
                          [&](const ListLockCodes&) { fail_discovery(error, now); }},
               request);
}

// A refusal of particular codes may be about these alone. The workspace, which every key may see,
// shows whether it is about the key: one persistent refusal must not hold up all other codes.
void Planner::note_outcome(seam::Outcome outcome, bool of_codes, Timestamp now, Effects& effects) {
    const auto state = breaker_.state(now);
    const auto enough = options_.breaker.failures_to_open;
    if (outcome == seam::Outcome::key_refused && state != seam::BreakerState::bad_key) {
        if (of_codes) {
            if (++refusals_ >= enough && now >= key_proven_at_ + key_believed && !key_doubted_) {
                key_doubted_ = true;
                workspace_again_at_ = now;
            }
            if (state == seam::BreakerState::closed) return;
            outcome = seam::Outcome::answered;  // Seam is there, or it would not refuse
        } else if (key_doubted_) {              // the workspace is refused too
            for (unsigned i = 1; i < enough; ++i) static_cast<void>(breaker_.record(outcome, now));
        }
    }
    effects.breaker_changed = breaker_.record(outcome, now);
}

// What Seam itself refuses is asked for again at the next interval; until then the polls tell the
// truth. A stranger's answer says nothing: Seam is asked again soon, and ever more seldom.
Duration Planner::pause_after(const seam::CallError& error) const {
    if (error.code != Errc::seam_unreachable) return options_.backfill_interval;
    return std::min<Duration>(stranger_retry * (1U << std::min(unusable_, 6U)),
                              options_.backfill_interval);
}

// A stranger's answer must not put off for a day what it kept from Seam.
void Planner::fail_discovery(const seam::CallError& error, Timestamp now) {
    const auto fault = fault_of(error);
    if (fault == Fault::passing) return;
    discovery_.refused();
    if (fault == Fault::unusable) discovery_.again_at(now + pause_after(error));
}

void Planner::fail(const ListCodes& list, const seam::CallError& error, Effects& effects) {
    const auto fault = fault_of(error);
    if (fault == Fault::passing) {
        if (list.queued)
            lists_.push_front(list);
        else if (list.swept_from)
            swept_ = *list.swept_from;
        return;
    }
    // Where no answer can be used, asking for fewer makes it no better.
    if (error.status == 404 || unusable_ >= options_.breaker.failures_to_open) {
        for (const auto& code : list.codes) effects.unanswered.push_back(code.access_code_id);
        return;
    }
    // One id that Seam does not take, one object that cannot be read spoils a list.
    if (list.codes.size() == 1) return get_later(list.codes.front());
    const auto middle = list.codes.begin() + static_cast<std::ptrdiff_t>(list.codes.size() / 2);
    lists_.push_front({.codes = {middle, list.codes.end()}, .queued = true});
    lists_.push_front({.codes = {list.codes.begin(), middle}, .queued = true});
}

void Planner::fail(const GetCode& get, const seam::CallError& error, Timestamp now, Agenda& agenda,
                   Effects& effects) {
    if (error.code == Errc::not_found && speaks_of_a_code(error.error_type))
        return not_found(get, error, now, agenda, effects);
    const bool again = fault_of(error) == Fault::passing && error.code != Errc::unauthenticated &&
                       get.source != lifecycle::Source::track;
    forget(get.access_code_id);
    effects.settled = Settled{get.access_code_id, seam::to_error(error)};
    if (again)
        gets_.add(get);  // when the breaker and the budget allow
    else if (!get.discovered && get.source != lifecycle::Source::track)
        effects.unanswered.push_back(get.access_code_id);
}

void Planner::not_found(const GetCode& get, const seam::CallError& error, Timestamp now,
                        Agenda& agenda, Effects& effects) {
    forget(get.access_code_id);
    if (!get.other_unknown) {
        confirming_ = get;
        confirming_->unmanaged = !get.unmanaged;
        confirming_->other_unknown = true;
        return;
    }
    effects.settled = Settled{get.access_code_id, seam::to_error(error)};
    if (get.discovered || get.source == lifecycle::Source::track) return;
    const bool proven = !key_workspace_.empty() && get.workspace_id == key_workspace_;
    // An ended code is asked for because it may live again: not to be found says nothing new.
    if ((proven || key_workspace_.empty()) && !get.ended) missing_.missing(get.access_code_id, now);
    if (!proven || !counts_as_missing(get, now, agenda))
        return effects.unanswered.push_back(get.access_code_id);
    lifecycle::Event missing;
    missing.source = get.source;
    missing.access_code_id = get.access_code_id;
    missing.workspace_id = get.workspace_id;
    missing.presence = lifecycle::Presence::missing;
    effects.statements.push_back({stamped(std::move(missing), error.sent_at), {}});
}

// A Seam that finds no code at all proves nothing about one. The first look that does not find a
// code is reported as it is; one that may end it needs a look at others beside it, where there are
// any. Without such a look an ended code is not left alone yet.
bool Planner::counts_as_missing(const GetCode& get, Timestamp now, Agenda& agenda) {
    if (missing_.suspected(now) > 0) return false;
    if (!get.missing && !get.ended) return true;
    if (missing_.witnessed(get.access_code_id, now)) return true;
    return !call_witnesses(get.access_code_id, now, agenda) && !get.ended;
}

void Planner::interpret_list(const ListCodes& requested, const Shown& answer, Timestamp now,
                             Effects& effects) {
    std::map<std::string, lifecycle::Event, std::less<>> shown;
    for (const auto& element : answer.items) {
        auto event = seam::decode_access_code(element, answer.sent_at, lifecycle::Source::poll);
        if (event) shown.insert_or_assign(event->access_code_id, std::move(*event));
    }
    auto rest = requested;
    const bool more = answer.next_page_cursor && answer.next_page_cursor != requested.cursor &&
                      requested.pages < most_pages;
    for (const auto& code : requested.codes) {
        const auto found = shown.find(code.access_code_id);
        if (found == shown.end()) {
            if (!more && !rest.shown.contains(code.access_code_id)) get_later(code);
            continue;
        }
        rest.shown.insert(code.access_code_id);
        missing_.found(code.access_code_id, now);
        auto& event = found->second;
        event.partial = !tells_details(event, code.starts_at.has_value());
        if (event.partial) get_later(code);
        effects.statements.push_back({stamped(std::move(event), answer.sent_at), {}});
        shown.erase(found);
    }
    if (!more) return;
    rest.cursor = answer.next_page_cursor;
    ++rest.pages;
    continuing_ = std::move(rest);
}

void Planner::interpret_get(const GetCode& requested, const Shown& answer, Timestamp now,
                            Effects& effects) {
    forget(requested.access_code_id);
    effects.settled = Settled{requested.access_code_id, {}};
    if (answer.items.size() == 1) {
        auto event =
            seam::decode_access_code(answer.items.front(), answer.sent_at, requested.source);
        if (event && event->access_code_id == requested.access_code_id) {
            missing_.found(requested.access_code_id, now);
            if (requested.unmanaged) event->presence = lifecycle::Presence::unmanaged;
            state_absent_window(*event);
            if (requested.discovered && !is_offline(*event)) return;
            return effects.statements.push_back({stamped(std::move(*event), answer.sent_at), {}});
        }
    }
    if (!requested.discovered) effects.unanswered.push_back(requested.access_code_id);
}

void Planner::interpret_events(const Shown& answer, Timestamp now, Effects& effects) {
    for (const auto& element : answer.items) {
        auto event = seam::decode_listed_event(element, now, lifecycle::Source::backfill);
        // No filter was asked for, so that types that are not known yet come along; most say
        // nothing.
        if (event && seam::is_of_interest(event->event_type))
            effects.statements.push_back({std::move(*event), json::serialize(element)});
    }
    unsure_of_events_ = unsure_of_events_ || key_workspace_.empty();
    effects.events_lost = backfill_.answered(answer.items.size(), options_.events_page);
    const auto finished = backfill_.finished_to();
    if (!finished) return;
    // Never beyond the present, by Seam's clock and by ours: the stretch may have been begun while
    // ours was ahead, or by an offset that holds no longer.
    effects.backfilled_to = known_to_ = std::min({*finished, now, now + clock_offset_});
}

void Planner::interpret_lock(const Shown& answer, Timestamp now, Agenda& agenda, Effects& effects) {
    for (const auto& element : answer.items) {
        auto event = seam::decode_access_code(element, answer.sent_at, lifecycle::Source::poll);
        if (!event) continue;
        const auto known = agenda.find(event->access_code_id);
        const auto& ends_at = event->facts.ends_at;
        const bool over = ends_at && *ends_at && **ends_at <= now + clock_offset_;
        const auto& offline = event->facts.is_offline_access_code;
        if (known) {
            missing_.found(event->access_code_id, now);
            event->partial = !tells_details(*event, known->starts_at.has_value());
            effects.statements.push_back({stamped(std::move(*event), answer.sent_at), {}});
        } else if (!over && offline && *offline == true) {
            effects.statements.push_back({stamped(std::move(*event), answer.sent_at), {}});
        } else if (!over && !(offline && *offline == false)) {
            // A list may leave the flag out.
            gets_.add({.access_code_id = event->access_code_id,
                       .source = lifecycle::Source::poll,
                       .starts_at = event->facts.starts_at.value_or(std::nullopt),
                       .discovered = true});
        }
    }
    discovery_.codes_shown(answer);
}

void Planner::interpret_workspace(const Shown& answer, Timestamp now) {
    workspace_again_at_ = now + options_.backfill_interval;
    key_doubted_ = false;
    key_proven_at_ = now;
    const auto* object = answer.items.size() == 1 ? answer.items.front().if_object() : nullptr;
    const auto* id = object != nullptr ? object->if_contains("workspace_id") : nullptr;
    const auto* text = id != nullptr ? id->if_string() : nullptr;
    if (text == nullptr || text->empty()) return;
    workspace_wanted_ = false;
    key_workspace_ = std::string(text->data(), text->size());
    const bool changed = !former_workspace_.empty() && former_workspace_ != key_workspace_;
    // They may have been those of another workspace.
    if (std::exchange(unsure_of_events_, false) || changed) begin_again(std::nullopt, now);
    if (!changed) return;
    // What the former key could not see is looked at by this one.
    foreign_workspace_.clear();
    missing_.clear();
    sweeping_ = true;
    swept_ = 0;
    discovery_.begin_again(now);
}

}  // namespace oracode::poller
