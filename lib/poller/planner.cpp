#include "poller/planner.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <boost/json.hpp>

#include "core/match.hpp"
#include "seam/decode.hpp"

namespace oracode::poller {
namespace {

namespace json = boost::json;

std::optional<Timestamp> earlier(std::optional<Timestamp> a, std::optional<Timestamp> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

// Whether the object told all that a code's schedule needs.
bool tells_details(const Event& shown) {
    const auto& type = shown.facts.type;
    if (!type || !*type) return false;
    return **type == "ongoing" || shown.facts.ends_at.has_value();
}

}  // namespace

std::string_view name(const Request& request) {
    return std::visit(Match{[](const ListCodes&) { return "/access_codes/list"; },
                            [](const GetCode&) { return "/access_codes/get"; },
                            [](const ListEvents&) { return "/events/list"; }},
                      request);
}

Planner::Planner(PlannerOptions options, Timestamp now, std::optional<Timestamp> known_to,
                 std::function<double()> random)
    : options_(options),
      budget_(options.requests_per_minute),
      breaker_(options.breaker, std::move(random)),
      known_to_(known_to),
      next_backfill_(now) {}

Timestamp Planner::allowed_at(Timestamp now) {
    return std::max(breaker_.next_allowed(now), budget_.next_allowed(now));
}

std::optional<Request> Planner::next(Timestamp now, Agenda& agenda) {
    wake_at_.reset();
    begin_backfill_if_due(now);
    if (const auto allowed = allowed_at(now); allowed > now) {
        wake_at_ = allowed;
        return std::nullopt;
    }
    auto request = choose(now, agenda);
    if (!request) {
        wake_at_ = earlier(agenda.next_due(), next_backfill_);
        return std::nullopt;
    }
    if (!breaker_.admit(now) || !budget_.take(now)) {
        wake_at_ = now + Duration{1};
        return std::nullopt;
    }
    return request;
}

void Planner::begin_backfill_if_due(Timestamp now) {
    if (backfill_.next() || now < next_backfill_) return;
    // Being away is noticed late, and being back too: by an interval, and by the pause after a
    // refused key.
    const auto slack = options_.backfill_interval + options_.breaker.bad_key_interval * 5 / 4 +
                       options_.backfill_overlap;
    const auto from = known_to_ ? std::max(*known_to_ - options_.backfill_overlap,
                                           now - options_.backfill - slack)
                                : now - options_.backfill;
    backfill_.begin({from, now});
    next_backfill_ = now + options_.backfill_interval;
}

std::optional<Request> Planner::choose(Timestamp now, Agenda& agenda) {
    if (!asked_.empty()) return asked_.front();
    if (!gets_.empty()) return gets_.front();
    events_first_ = !events_first_;
    const auto window = backfill_.next();
    if (window && events_first_) return ListEvents{*window};
    if (auto codes = choose_codes(now, agenda)) return codes;
    if (window) return ListEvents{*window};
    return std::nullopt;
}

std::optional<Request> Planner::choose_codes(Timestamp now, Agenda& agenda) {
    if (auto due = agenda.due(now, options_.batch); !due.empty()) return ListCodes{std::move(due)};
    // What happened while nobody listened is in the events first; the codes are compared after
    // them.
    if (!sweeping_ || backfill_.next()) return std::nullopt;
    auto live = agenda.live_codes(swept_, options_.batch);
    if (live.codes.empty()) {
        sweeping_ = false;
        return std::nullopt;
    }
    const auto from = std::exchange(swept_, live.last);
    return ListCodes{std::move(live.codes), from};
}

Effects Planner::digest(const Request& request, const seam::CallResult<Shown>& answer,
                        Timestamp now) {
    Effects effects;
    if (std::holds_alternative<GetCode>(request)) forget(std::get<GetCode>(request));
    if (!answer) {
        digest_failure(request, answer.error(), now, effects);
        return effects;
    }
    effects.breaker_changed = breaker_.record(seam::Outcome::answered, now);
    last_success_ = now;
    std::visit(Match{[&](const ListCodes& asked) { digest_list(asked, *answer, effects); },
                     [&](const GetCode& asked) { digest_get(asked, *answer, effects); },
                     [&](const ListEvents&) { digest_events(*answer, now, effects); }},
               request);
    return effects;
}

void Planner::forget(const GetCode& code) {
    for (auto* queue : {&asked_, &gets_})
        std::erase_if(*queue, [&](const GetCode& other) {
            return other.access_code_id == code.access_code_id;
        });
}

void Planner::begin_again(std::optional<Timestamp> known_to, Timestamp now) {
    backfill_ = Backfill{};
    known_to_ = known_to;
    next_backfill_ = now;
}

void Planner::digest_failure(const Request& request, const seam::CallError& error, Timestamp now,
                             Effects& effects) {
    if (const auto outcome = seam::outcome_of(error.code))
        effects.breaker_changed = breaker_.record(*outcome, now);
    if (error.code == Errc::seam_rate_limited)
        budget_.punish(now, error.retry_after.value_or(options_.rate_limit_pause));
    const bool about_the_request = error.code == Errc::not_found ||
                                   error.code == Errc::seam_refused ||
                                   error.code == Errc::invalid_argument;
    if (const auto* get = std::get_if<GetCode>(&request)) {
        if (get->source == Source::track) return;
        if (error.code == Errc::not_found) {
            Statement gone;
            gone.event.source = get->source;
            gone.event.access_code_id = get->access_code_id;
            gone.event.occurred_at = error.sent_at;
            gone.event.news = News::deleted;
            effects.statements.push_back(std::move(gone));
        } else if (about_the_request) {
            effects.unanswered.push_back(get->access_code_id);
        } else {
            gets_.push_back(*get);  // asked again when the breaker and the budget allow
        }
    } else if (const auto* list = std::get_if<ListCodes>(&request)) {
        // One id that Seam does not take spoils a list; asked for singly, only that one fails.
        if (about_the_request) {
            for (const auto& code : list->codes) gets_.push_back({code.access_code_id});
        } else if (list->swept_from) {
            swept_ = *list->swept_from;
        }
    } else if (about_the_request) {
        // The stretch is asked for again at the next interval; until then the polls tell the truth.
        begin_again(known_to_, now + options_.backfill_interval);
    }
}

void Planner::digest_list(const ListCodes& asked, const Shown& answer, Effects& effects) {
    std::map<std::string, Event, std::less<>> shown;
    for (const auto& element : answer.items) {
        auto event = seam::decode_access_code(element, answer.sent_at, Source::poll);
        if (event) shown.insert_or_assign(event->access_code_id, std::move(*event));
    }
    for (const auto& code : asked.codes) {
        const auto found = shown.find(code.access_code_id);
        const bool told =
            found != shown.end() && (!code.details_missing || tells_details(found->second));
        if (!told) gets_.push_back({code.access_code_id});
        if (found != shown.end()) effects.statements.push_back({std::move(found->second), {}});
    }
}

void Planner::digest_get(const GetCode& asked, const Shown& answer, Effects& effects) {
    if (answer.items.size() == 1) {
        auto event = seam::decode_access_code(answer.items.front(), answer.sent_at, asked.source);
        if (event && event->access_code_id == asked.access_code_id)
            return effects.statements.push_back({std::move(*event), {}});
    }
    effects.unanswered.push_back(asked.access_code_id);
}

void Planner::digest_events(const Shown& answer, Timestamp now, Effects& effects) {
    for (const auto& element : answer.items) {
        auto event = seam::decode_listed_event(element, now, Source::backfill);
        if (event) effects.statements.push_back({std::move(*event), json::serialize(element)});
    }
    effects.events_lost = backfill_.answered(answer.items.size(), options_.events_page);
    if (const auto finished = backfill_.finished_to()) effects.backfilled_to = known_to_ = finished;
}

}  // namespace oracode::poller
