#include "lifecycle/apply.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace oracode {
namespace {

bool is_baseline(News news) {
    return news == News::seen || news == News::created;
}

// The order in which statements are believed, the last word last.
bool before(const Observation& a, const Observation& b) {
    const auto key = [](const Observation& o) {
        const auto era =
            is_baseline(o.news) ? static_cast<int>(o.news) : static_cast<int>(News::unknown);
        return std::tuple{era, o.at, shows_the_object(o.source), o.news, o.source};
    };
    return key(a) < key(b);
}

std::optional<Status> told_status(News news) {
    switch (news) {
        case News::seen:
        case News::unknown:
            return Status::unknown;
        case News::created:
        case News::unset:
            return Status::unset;
        case News::setting:
            return Status::setting;
        case News::set:
            return Status::set;
        case News::removing:
            return Status::removing;
        case News::removed:
        case News::deleted:
            return std::nullopt;
    }
    return std::nullopt;
}

// Seam's object is the arbiter: only it brings back a code that an event has ended.
bool revives(const Observation& o) {
    return shows_the_object(o.source) &&
           (o.news == News::setting || o.news == News::set || o.news == News::removing);
}

// Keeps the list bounded. What goes first is a statement that only repeated its predecessor:
// without it the reading below comes out the same unless another statement arrives later that falls
// right between the two.
void shorten(std::vector<Observation>& observations) {
    if (observations.size() <= max_observations) return;
    const auto repeated = std::adjacent_find(
        observations.begin(), observations.end(),
        [](const Observation& a, const Observation& b) { return a.news == b.news; });
    if (repeated != observations.end()) {
        observations.erase(repeated + 1);
    } else {
        observations.erase(std::find_if(observations.begin(), observations.end(),
                                        [](const Observation& o) { return !is_baseline(o.news); }));
    }
}

void observe(std::vector<Observation>& observations, const Observation& news) {
    const auto place = std::lower_bound(observations.begin(), observations.end(), news, before);
    if (place != observations.end() && *place == news) return;
    if (is_baseline(news.news)) {
        // Of several sightings the earliest holds; the baseline stands first, so a later one has it
        // before itself.
        if (place != observations.begin() && std::prev(place)->news == news.news) return;
        const auto inserted = observations.insert(place, news);
        const auto rest = inserted + 1;
        if (rest != observations.end() && rest->news == news.news) observations.erase(rest);
        return;
    }
    observations.insert(place, news);
    shorten(observations);
}

struct Reading {
    std::optional<Status> status;
    Timestamp since;
    Source source{};
    std::optional<Ended> ended;

    void take(Status told, const Observation& o) {
        if (status == told) return;
        status = told;
        since = o.at;
        source = o.source;
    }
};

Reading read(const AccessCode& code) {
    Reading reading;
    for (const auto& o : code.observations) {
        if (const auto told = told_status(o.news)) {
            if (reading.ended && !revives(o)) continue;
            reading.ended.reset();
            reading.take(*told, o);
        } else if (!reading.ended) {
            reading.take(Status::unset, o);
            reading.ended =
                Ended{o.news == News::removed ? EndReason::removed : EndReason::deleted, o.at};
        }
    }
    const auto& ends_at = code.ends_at.value;
    const bool over = ends_at && code.clock_at && *code.clock_at >= *ends_at;
    if (over && (!reading.ended || reading.ended->at > *ends_at)) {
        reading =
            Reading{Status::unset, *ends_at, Source::clock, Ended{EndReason::expired, *ends_at}};
    }
    return reading;
}

void merge_identity(AccessCode& code, const Event& event) {
    // Ids never change; should Seam contradict itself, the greater one wins in any order of
    // arrival.
    const auto merge = [](std::string& mine, const std::string& told) {
        if (told > mine) mine = told;
    };
    merge(code.access_code_id, event.access_code_id);
    merge(code.device_id, event.device_id);
    merge(code.workspace_id, event.workspace_id);
    merge(code.connected_account_id, event.connected_account_id);
}

void merge_facts(AccessCode& code, const Facts& facts, Stamp stamp) {
    const auto merge = [stamp](auto& mine, const auto& told) {
        if (told) mine.merge(*told, stamp);
    };
    merge(code.name, facts.name);
    merge(code.code, facts.code);
    merge(code.type, facts.type);
    merge(code.is_offline_access_code, facts.is_offline_access_code);
    merge(code.starts_at, facts.starts_at);
    merge(code.ends_at, facts.ends_at);
    merge(code.created_at, facts.created_at);
    merge(code.errors, facts.errors);
    merge(code.warnings, facts.warnings);
    merge(code.pending_mutations, facts.pending_mutations);
    merge(code.dormakaba_oracode_metadata, facts.dormakaba_oracode_metadata);
}

void note_polling(AccessCode& code, const Event& event, bool changed) {
    if (event.source == Source::clock) return;
    const bool asked_for = std::exchange(
        code.refetch, event.refetch || (code.refetch && !shows_the_object(event.source)));
    if (!shows_the_object(event.source)) {
        code.polls_without_news = 0;
        return;
    }
    code.last_polled_at =
        std::max(code.last_polled_at.value_or(event.occurred_at), event.occurred_at);
    code.polls_without_news = changed || asked_for ? 0 : code.polls_without_news + 1;
}

}  // namespace

std::optional<Transition> apply(AccessCode& code, const Event& event, Timestamp now) {
    const auto from = code.version == 0 ? std::nullopt : std::optional{code.status};
    const auto ended_before = code.ended;

    merge_identity(code, event);
    merge_facts(code, event.facts, Stamp{event.occurred_at, shows_the_object(event.source)});
    if (event.source == Source::clock) {
        code.clock_at = std::max(code.clock_at.value_or(event.occurred_at), event.occurred_at);
    } else {
        observe(code.observations,
                {event.occurred_at, event.news.value_or(News::seen), event.source});
    }
    const auto reading = read(code);
    code.status = reading.status.value_or(Status::unknown);
    code.status_since = reading.since;
    code.status_source = reading.source;
    code.ended = reading.ended;

    const bool changed = from != code.status || ended_before != code.ended;
    note_polling(code, event, changed);
    ++code.version;
    code.updated_at = now;
    if (!changed) return std::nullopt;
    return Transition{from,
                      code.status,
                      code.ended ? code.ended->at : code.status_since,
                      now,
                      event.source,
                      event.event_id,
                      event.event_type};
}

}  // namespace oracode
