#include "lifecycle/apply.hpp"

#include <algorithm>
#include <utility>

#include "lifecycle/observations.hpp"
#include "lifecycle/schedule.hpp"
#include "lifecycle/seam_words.hpp"

namespace oracode::lifecycle {
namespace {

std::optional<Status> status_of(LifecycleStep step) {
    switch (step) {
        case LifecycleStep::seen:
        case LifecycleStep::unknown:
            return Status::unknown;
        case LifecycleStep::created:
        case LifecycleStep::unset:
        case LifecycleStep::planned:
            return Status::unset;
        case LifecycleStep::setting:
            return Status::setting;
        case LifecycleStep::set:
            return Status::set;
        case LifecycleStep::removing:
            return Status::removing;
        case LifecycleStep::removed:
        case LifecycleStep::deleted:
            return std::nullopt;
    }
    return std::nullopt;
}

// What ended a code, while its statements are read.
enum class Proof : std::uint8_t { event, look };

// Seam's object is the arbiter: only it brings back a code that has ended, and only into a window
// that was not over yet. A removed code may stay readable as unset, so that this alone takes no
// event back; it does where a look had not found the code, or where Seam plans to create it.
bool revives(const Observation& o, Proof ended_by, const AccessCode& code) {
    if (!shows_the_object(o.source) || o.step == LifecycleStep::unknown || is_baseline(o.step))
        return false;
    if (o.step == LifecycleStep::unset && ended_by == Proof::event) return false;
    const auto& ends_at = code.ends_at.value;
    return !(ends_at && o.at >= *ends_at);
}

// What an object says that is unset: whether Seam will still create the code.
LifecycleStep step_of(const Event& event) {
    const auto step = event.step.value_or(LifecycleStep::seen);
    if (step != LifecycleStep::unset || !shows_the_object(event.source)) return step;
    const auto& pending = event.facts.pending_mutations;
    const bool planned = pending && *pending && seam_words::creation_is_pending(**pending);
    return planned ? LifecycleStep::planned : step;
}

// The account was lost before the code was made: that says nothing of the code.
bool precedes_the_code(const Observation& o, const AccessCode& code) {
    return o.step == LifecycleStep::unknown && !shows_the_object(o.source) &&
           code.created_at.value && o.at < *code.created_at.value;
}

struct Reading {
    std::optional<Status> status;
    Timestamp since;
    Source source{};
    std::optional<Ended> ended;
    Proof ended_by{};

    void take(Status stated, const Observation& o) {
        if (status == stated) return;
        status = stated;
        since = o.at;
        source = o.source;
    }
};

// Three looks or more over half an hour agree: it is gone since the first of them.
std::optional<Timestamp> gone_since(const AccessCode& code) {
    const auto& looks = code.missing_looks;
    const bool proven = looks.size() >= missing_looks_for_an_end &&
                        looks.back() - looks.front() >= missing_span_for_an_end;
    return proven ? std::optional{looks.front()} : std::nullopt;
}

Reading read(const AccessCode& code) {
    Reading reading;
    for (const auto& o : code.observations) {
        if (precedes_the_code(o, code)) continue;
        if (const auto stated = status_of(o.step)) {
            if (reading.ended && !revives(o, reading.ended_by, code)) continue;
            reading.ended.reset();
            reading.take(*stated, o);
        } else if (!reading.ended) {
            reading.take(Status::unset, o);
            reading.ended = Ended{
                o.step == LifecycleStep::removed ? EndReason::removed : EndReason::deleted, o.at};
            reading.ended_by = shows_the_object(o.source) ? Proof::look : Proof::event;
        }
    }
    if (const auto gone = gone_since(code); gone && !reading.ended)
        reading = Reading{Status::unset, *gone, Source::poll, Ended{EndReason::deleted, *gone},
                          Proof::look};
    const auto& ends_at = code.ends_at.value;
    const bool over = ends_at && code.clock_at && *code.clock_at >= *ends_at;
    if (over && (!reading.ended || reading.ended->at > *ends_at)) {
        reading = Reading{Status::unset, *ends_at, Source::clock,
                          Ended{EndReason::expired, *ends_at}, Proof::event};
    }
    return reading;
}

void merge_identity(AccessCode& code, const Event& event) {
    // Ids never change; should Seam contradict itself, the greater one wins in any order of
    // arrival.
    const auto merge = [](std::string& mine, const std::string& stated) {
        if (stated > mine) mine = stated;
    };
    merge(code.access_code_id, event.access_code_id);
    merge(code.device_id, event.device_id);
    merge(code.workspace_id, event.workspace_id);
    merge(code.connected_account_id, event.connected_account_id);
}

void merge_facts(AccessCode& code, const Facts& facts, Stamp stamp) {
    const auto merge = [stamp](auto& mine, const auto& stated) {
        if (stated) mine.merge(*stated, stamp);
    };
    merge(code.name, facts.name);
    merge(code.code, facts.code);
    merge(code.type, facts.type);
    merge(code.is_offline_access_code, facts.is_offline_access_code);
    merge(code.starts_at, facts.starts_at);
    merge(code.ends_at, facts.ends_at);
    merge(stamp.by_object ? code.errors : code.event_errors, facts.errors);
    merge(stamp.by_object ? code.warnings : code.event_warnings, facts.warnings);
    merge(code.pending_mutations, facts.pending_mutations);
    merge(code.dormakaba_oracode_metadata, facts.dormakaba_oracode_metadata);
    merge(code.is_waiting_for_code_assignment, facts.is_waiting_for_code_assignment);
    merge(code.is_scheduled_on_device, facts.is_scheduled_on_device);
}

// A code can not be made in the future: the clock of the sender is ahead.
void merge_creation(AccessCode& code, const Facts& facts, Stamp stamp, Timestamp now) {
    if (!facts.created_at) return;
    const auto& stated = *facts.created_at;
    code.created_at.merge(stated ? std::optional{std::min(*stated, now)} : stated, stamp);
}

// What the type of an event says.
void merge_type(AccessCode& code, const Event& event, Stamp stamp) {
    if (event.event_type == "access_code.scheduled_on_device")
        code.is_scheduled_on_device.merge(true, stamp);
    if (event.event_type == "access_code.modified_external_to_seam")
        code.altered = std::max(code.altered, stamp);
}

void note_look(AccessCode& code, const Event& event, Stamp stamp) {
    if (!stamp.by_object) return;
    if (event.presence != Presence::missing)
        return code.managed.merge(event.presence != Presence::unmanaged, stamp);
    auto& looks = code.missing_looks;
    const auto place = std::lower_bound(looks.begin(), looks.end(), stamp.at);
    if (place == looks.end() || *place != stamp.at) looks.insert(place, stamp.at);
    // The first and the last decide; those between them only have to be some.
    constexpr std::size_t most = 16;
    if (looks.size() > most) looks.erase(looks.begin() + most / 2);
}

// Drops what a later object of Seam has overtaken.
void tidy(AccessCode& code) {
    const auto shown = code.managed.stamp;
    auto& looks = code.missing_looks;
    looks.erase(looks.begin(), std::upper_bound(looks.begin(), looks.end(), shown.at));
    const auto drop_if_older = [](auto& by_event, const auto& by_object) {
        if (by_event.stamp <= by_object.stamp) by_event = {};
    };
    drop_if_older(code.event_errors, code.errors);
    drop_if_older(code.event_warnings, code.warnings);
    if (code.altered <= shown) code.altered = Stamp{};
}

template <class Visit>
void each_stamp(AccessCode& code, Visit&& visit) {
    for (auto* edge : {&code.starts_at, &code.ends_at}) {
        visit(edge->stamp);
        for (auto& denial : edge->denied) visit(denial);
    }
    for (auto* fact :
         {&code.name, &code.code, &code.type, &code.errors, &code.warnings, &code.event_errors,
          &code.event_warnings, &code.pending_mutations, &code.dormakaba_oracode_metadata})
        visit(fact->stamp);
    for (auto* fact : {&code.is_offline_access_code, &code.is_waiting_for_code_assignment,
                       &code.is_scheduled_on_device})
        visit(fact->stamp);
    visit(code.created_at.stamp);
    visit(code.managed.stamp);
    visit(code.altered);
}

// Dates every statement later than `bound` to `latest`. True when there was one.
bool date_back(AccessCode& code, Timestamp bound, Timestamp latest) {
    bool any = false;
    const auto date = [&](Timestamp& at) {
        if (at <= bound) return;
        at = latest;
        any = true;
    };
    each_stamp(code, [&](Stamp& stamp) { date(stamp.at); });
    for (auto& look : code.missing_looks) date(look);
    for (auto& o : code.observations) date(o.at);
    if (!any) return false;
    auto& looks = code.missing_looks;
    std::sort(looks.begin(), looks.end());
    looks.erase(std::unique(looks.begin(), looks.end()), looks.end());
    sort_observations(code.observations);
    return true;
}

// What was recorded while the clock stood ahead, by `now`. Nothing of it is later than what comes
// now, but how old it is is unknown: Seam is to be asked.
void leave_the_future(AccessCode& code, const Event& event, Timestamp at, Timestamp now) {
    bool moved = date_back(code, now, event.source == Source::clock ? now : at - Duration{1});
    for (auto* instant : {&code.clock_at, &code.last_polled_at}) {
        if (!*instant || **instant <= now) continue;
        *instant = now;
        moved = true;
    }
    if (moved) code.refetch = true;
}

Timestamp requested_by_our_clock(const Event& event, Timestamp now) {
    return std::min(event.requested_at.value_or(event.occurred_at), now);
}

// Whether all that is known was recorded before Seam was asked.
bool requested_after_all_that_is_known(const AccessCode& code, const Event& event, Timestamp now) {
    if (code.version == 0 || !shows_the_object(event.source)) return false;
    return requested_by_our_clock(event, now) >= code.updated_at || code.updated_at > now;
}

// An event that speaks of a code as of one that lives, though it has ended.
bool speaks_of_an_ended_code(const AccessCode& code, const Event& event, Timestamp at) {
    return code.ended && at > code.ended->at && event.step != LifecycleStep::removed &&
           event.step != LifecycleStep::deleted;
}

// An end that may count as later than words that came after it, which nothing else would ever
// question: where its own clock is ahead, so that it occurred after Seam wrote it down, and where
// its webhook was lost, as what came meanwhile may count as of a receipt by a clock of ours that is
// behind. Or one that arrives after later words: those bring no code back by themselves.
bool is_doubtful_end(const AccessCode& code, const Event& event) {
    if (event.step != LifecycleStep::removed && event.step != LifecycleStep::deleted) return false;
    if (!code.ended || code.ended->reason == EndReason::expired) return false;
    const bool ahead = event.created_at != Timestamp{} && event.occurred_at > event.created_at;
    return ahead || event.source == Source::backfill || status_of(code.observations.back().step);
}

// What only Seam's object can settle after this statement.
bool wants_a_look(const AccessCode& code, const Event& event, Stamp stamp) {
    if (stamp.by_object) {
        const auto denied_now = [&](const WindowEdge& edge) {
            return edge.doubted() && edge.denied[0] == stamp;
        };
        return denied_now(code.starts_at) || denied_now(code.ends_at);
    }
    const bool errors_left =
        event.step == LifecycleStep::set && code.errors.value.value_or("[]") != "[]";
    return event.refetch || errors_left || speaks_of_an_ended_code(code, event, stamp.at) ||
           is_doubtful_end(code, event);
}

// Something spoke of an ended code, and Seam does not find it: several looks over some minutes have
// to agree, as Seam may have lost its codes just now.
bool contradicts_what_was_heard(const AccessCode& code, const Event& event) {
    constexpr int looks_to_agree = 4;  // with the backoff more than seven minutes
    return event.presence == Presence::missing && code.ended && code.refetch &&
           code.polls_without_news < looks_to_agree;
}

void note_polling(AccessCode& code, const Event& event, Stamp stamp, bool settles, bool changed,
                  Timestamp now) {
    if (event.source == Source::clock) return;
    // An answer so soon after an event may be a replica's that has not seen it.
    const bool too_soon = code.refetch && code.version > 0 && now - code.updated_at < replica_lag;
    const bool answered = stamp.by_object && settles && !too_soon && !event.partial &&
                          !contradicts_what_was_heard(code, event);
    const bool fetch_requested = std::exchange(
        code.refetch, wants_a_look(code, event, stamp) || (code.refetch && !answered));
    if (!stamp.by_object) {
        code.polls_without_news = 0;
        return;
    }
    if (event.partial) return;
    // By our clock, which says when it is due again.
    const auto requested_at = requested_by_our_clock(event, now);
    code.last_polled_at = std::max(code.last_polled_at.value_or(requested_at), requested_at);
    const bool awaited =
        details_missing(code) || (code.expected_by && stamp.at >= *code.expected_by);
    // Asked before the last event: it is due still, but not again at once.
    const bool in_vain = code.refetch && !answered;
    const bool step = changed || fetch_requested || !awaited;
    code.polls_without_news = step && !in_vain ? 0 : code.polls_without_news + 1;
}

}  // namespace

std::optional<Transition> apply(AccessCode& code, const Event& event, Timestamp now) {
    const auto from = code.version == 0 ? std::nullopt : std::optional{code.status};
    const auto ended_before = code.ended;

    // Nothing happens later than we hear of it.
    const auto at = std::min({event.occurred_at, event.requested_at.value_or(now), now});
    const Stamp stamp{at, shows_the_object(event.source)};
    leave_the_future(code, event, stamp.at, now);
    const bool settles = requested_after_all_that_is_known(code, event, now);
    if (settles) date_back(code, stamp.at - Duration{1}, stamp.at - Duration{1});

    merge_identity(code, event);
    merge_facts(code, event.facts, stamp);
    merge_creation(code, event.facts, stamp, now);
    merge_type(code, event, stamp);
    note_look(code, event, stamp);
    if (event.external_id) {
        code.external_id = event.external_id;
        if (code.external_id->empty()) code.external_id.reset();
    }
    tidy(code);
    if (event.source == Source::clock) {
        code.clock_at = std::max(code.clock_at.value_or(stamp.at), stamp.at);
    } else if (event.presence != Presence::missing) {
        observe(code.observations, {stamp.at, step_of(event), event.source});
    }
    const auto reading = read(code);
    code.status = reading.status.value_or(Status::unknown);
    code.status_since = reading.since;
    code.status_source = reading.source;
    code.ended = reading.ended;

    const bool changed = from != code.status || ended_before != code.ended;
    note_polling(code, event, stamp, settles, changed, now);
    // It may have ended while Seam was being asked.
    if (ended_before && !code.ended && stamp.by_object && !settles) code.refetch = true;
    ++code.version;
    // The whole object that follows is not a change of its own.
    if (changed || !event.partial) code.updated_at = now;
    if (!changed) return std::nullopt;
    return Transition{from,
                      code.status,
                      code.ended ? code.ended->at : code.status_since,
                      now,
                      event.source,
                      event.event_id,
                      event.event_type};
}

}  // namespace oracode::lifecycle
