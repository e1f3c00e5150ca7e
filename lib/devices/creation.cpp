#include "devices/creation.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "devices/lost_code.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "seam/decode.hpp"
#include "store/store.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;

seam::CallError store_error(const Error& error) {
    seam::CallError converted;
    converted.code = error.code;
    converted.detail = error.detail;
    return converted;
}

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
void set_if_absent(Facts::Maybe<T>& fact, const T& value) {
    if (!fact || !*fact) fact.emplace(value);
}

}  // namespace

Creation::Creation(CreationDependencies& deps, Order order, std::string key, Render render,
                   Done done)
    : deps_(deps),
      order_(std::move(order)),
      key_(std::move(key)),
      digest_(digest(order_)),
      render_(std::move(render)),
      done_(std::move(done)) {}

// An earlier attempt with this key may have got as far as asking Seam.
void Creation::start() {
    if (deps_.api == nullptr) return end(no_api_key(), "unavailable");
    if (key_.empty()) return check_order();
    const auto stored = deps_.orders.order(key_, deps_.now());
    if (!stored) return end(store_error(stored.error()), "unavailable");
    if (!*stored) return check_order();
    if (!(*stored)->requested) return check_order();
    requested_ = *(*stored)->requested;
    if (!(*stored)->access_code_id.empty()) return conclude((*stored)->access_code_id);
    seam::CallError why;
    why.detail = "an earlier attempt got no answer of Seam's";
    search(why, true);
}

void Creation::check_order() {
    deps_.checker.check(order_, OrderChecker::Purpose::create,
                        [self = shared_from_this()](SeamResult<OrderCheck> checked) {
                            self->on_checked(std::move(checked));
                        });
}

void Creation::on_checked(SeamResult<OrderCheck> checked) {
    if (!checked) {
        if (checked.error().code == Errc::not_found) return decide(checked.error());
        return end(checked.error(), "unavailable");
    }
    const auto& verdict = checked->verdict;
    if (only_too_fast(verdict)) {
        const auto wait =
            deps_.rate_limit.wait(order_.device_id, userlevel::creations_per_minute, deps_.now());
        return end(TooFast{std::move(*checked), wait}, "too_fast");
    }
    if (!verdict.ok() || !verdict.match) return decide(std::move(*checked));
    ask(verdict.match->window);
}

// The key is marked before Seam is asked: whatever happens then, a repeat knows of it.
void Creation::ask(userlevel::Window window) {
    window_ = std::move(window);
    requested_ = {window_.starts_at, window_.ends_at, deps_.now()};
    if (key_.empty()) return send();
    deps_.store.update_keys([key = key_, digest = digest_, requested = requested_](
                                store::IdempotencyKeys& keys,
                                Timestamp now) { return keys.ask(key, digest, requested, now); },
                            deps_.context,
                            [self = shared_from_this()](const Result<bool>& marked) {
                                if (!marked)
                                    return self->end(store_error(marked.error()), "unavailable");
                                self->send();
                            });
}

void Creation::send() {
    json::object wish{{"device_id", order_.device_id},
                      {"starts_at", window_.local_starts_at},
                      {"ends_at", window_.local_ends_at},
                      {"is_offline_access_code", true}};
    if (order_.name) wish["name"] = *order_.name;
    if (!order_.window.max_time_rounding.empty())
        wish["max_time_rounding"] = order_.window.max_time_rounding;
    deps_.rate_limit.note(order_.device_id, deps_.now());
    deps_.api->create_access_code(
        wish, [self = shared_from_this()](seam::CallResult<seam::Found> answer) {
            if (answer) return self->record(answer->object, answer->sent_at);
            const auto& error = answer.error();
            self->tell(log::Level::warn, "creation.failed", {}, error);
            const bool answered = is_refusal(error.code) || error.code == Errc::seam_rate_limited;
            if (!was_sent(error) || answered) return self->refused(error);
            self->unclear(error);
        });
}

// Nothing was made.
void Creation::refused(const seam::CallError& error) {
    deps_.rate_limit.take_back(order_.device_id);
    if (is_refusal(error.code)) deps_.directory.distrust(order_.device_id);
    if (was_sent(error) && (error.code == Errc::seam_refused || error.code == Errc::not_found))
        return decide(error);
    free_key_and_end(error, "unavailable");
}

// Where Seam is there (it cut the connection, or failed) its list may tell at once. Where it was
// silent all the time, no caller waits as long again.
void Creation::unclear(const seam::CallError& error) {
    if (deps_.now() - error.sent_at < deps_.seam_timeout / 2) return search(error, false);
    end_unclear(error);
}

void Creation::search(const seam::CallError& why, bool may_create_again) {
    LostOrder lost{order_.device_id, order_.name, requested_,
                   [this](const std::string& id, Duration clock_offset) {
                       return is_another(id, clock_offset);
                   }};
    find_lost_code(*deps_.api, std::move(lost),
                   [self = shared_from_this(), why, may_create_again](SeamResult<Traces> traces) {
                       if (!traces) return self->end_unclear(traces.error());
                       if (const auto& code = traces->code)
                           return self->record(code->object, code->event.occurred_at);
                       if (!traces->doubtful.empty())
                           return self->end_unclear(why, traces->doubtful);
                       const auto settled =
                           self->requested_.requested_at + self->deps_.settled_after;
                       if (!may_create_again || self->deps_.now() < settled)
                           return self->end_unclear(why);
                       self->unresolved_ = self->requested_;
                       self->check_order();
                   });
}

// Whether the code came of another order, or was there before this one.
bool Creation::is_another(const std::string& access_code_id, Duration clock_offset) const {
    const auto known = deps_.reader.find(access_code_id);
    if (!known) return false;
    const auto earliest = requested_.requested_at + clock_offset - clock_difference;
    const auto& created_at = known->created_at.value;
    if (created_at && *created_at < earliest) return true;
    return std::ranges::any_of(known->observations, [earliest](const Observation& seen) {
        return seen.source == Source::create || seen.at < earliest;
    });
}

void Creation::record(const json::object& object, Timestamp sent_at) {
    auto event = seam::decode_access_code(object, sent_at, Source::create);
    if (!event) {
        seam::CallError error;
        error.detail = event.error().detail;
        error.sent_at = sent_at;
        return end_unclear(error);
    }
    // What Seam's answer leaves out is what it was asked for.
    if (event->device_id.empty()) event->device_id = order_.device_id;
    if (!event->step) event->step = LifecycleStep::created;
    event->external_id = order_.external_id;
    set_if_absent(event->facts.starts_at, requested_.starts_at);
    set_if_absent(event->facts.ends_at, requested_.ends_at);
    if (order_.name) set_if_absent(event->facts.name, *order_.name);
    const auto id = event->access_code_id;
    deps_.store.record_made(std::move(*event), key_, deps_.context,
                            [self = shared_from_this(), id](const Result<Recorded>& recorded) {
                                // The code exists; the webhook, the backfill or a repeat of the
                                // order bring it in.
                                if (!recorded)
                                    return self->end_unclear(store_error(recorded.error()));
                                if (recorded->transition)
                                    self->deps_.metrics.transition(*recorded->transition);
                                self->conclude(id);
                            });
}

void Creation::conclude(const std::string& access_code_id) {
    auto code = deps_.reader.find(access_code_id);
    if (!code) return end_unclear(store_error(code.error()), access_code_id);
    Made made{std::move(*code), requested_};
    const auto event = [](const std::optional<Timestamp>& at) {
        return at ? format_rfc3339(*at) : std::string("none");
    };
    log::info("creation.made", {{"access_code_id", access_code_id},
                                {"device_id", order_.device_id},
                                {"starts_at", event(made.code.starts_at.value)},
                                {"ends_at", event(made.code.ends_at.value)},
                                {"request_id", order_.request_id}});
    if (has_other_window(made))
        log::warn("creation.other_window", {{"access_code_id", access_code_id},
                                            {"device_id", order_.device_id},
                                            {"asked_starts_at", requested_.starts_at},
                                            {"asked_ends_at", requested_.ends_at},
                                            {"starts_at", event(made.code.starts_at.value)},
                                            {"ends_at", event(made.code.ends_at.value)},
                                            {"request_id", order_.request_id}});
    decide(std::move(made));
}

// A repeat gets the answer of a code that was made, also after a restart. Where it cannot be kept
// it is given all the same: it is true, and a repeat comes to the same code by way of its mark.
void Creation::decide(const Decided& decided) {
    auto answer = render_(decided);
    if (!std::holds_alternative<Made>(decided)) {
        const char* const outcome =
            std::holds_alternative<OrderCheck>(decided) ? "rule_violated" : "refused";
        return free_key_and_end(Answered{std::move(answer), false}, outcome);
    }
    if (key_.empty()) return end(Answered{std::move(answer), false}, "created");
    deps_.store.update_keys(
        [key = key_, digest = digest_, answer](store::IdempotencyKeys& keys, Timestamp now) {
            return keys.answer(key, digest, answer, now);
        },
        deps_.context,
        [self = shared_from_this(), answer](const Result<bool>&) {
            self->end(Answered{answer, false}, "created");
        });
}

// Nothing came of this attempt. What an earlier one may have left at Seam is still looked for when
// the order is repeated.
void Creation::free_key_and_end(Ending ending, std::string_view outcome) {
    if (key_.empty()) return end(std::move(ending), outcome);
    deps_.store.update_keys(
        [key = key_, digest = digest_, earlier = unresolved_](store::IdempotencyKeys& keys,
                                                              Timestamp now) {
            return earlier ? keys.ask(key, digest, *earlier, now) : keys.drop(key);
        },
        deps_.context,
        [self = shared_from_this(), ending = std::move(ending), outcome](const Result<bool>&) {
            self->end(ending, outcome);
        });
}

// `access_code_id`: of the code that may be the order's, where there is one.
void Creation::end_unclear(const seam::CallError& why, const std::string& access_code_id) {
    tell(log::Level::error, "creation.unclear", access_code_id, why);
    const auto settled = requested_.requested_at + deps_.settled_after;
    const auto wait = std::max<Duration>(settled - deps_.now(), std::chrono::seconds{5});
    end(Unclear{why, wait}, "unclear");
}

// Names what a person needs to look it up at Seam; never a PIN.
void Creation::tell(log::Level level, std::string_view event, std::string_view access_code_id,
                    const seam::CallError& error) const {
    log::write(level, event,
               {{"device_id", order_.device_id},
                {"access_code_id", access_code_id.empty() ? "unknown" : access_code_id},
                {"starts_at", requested_.starts_at},
                {"ends_at", requested_.ends_at},
                {"error", seam::describe(error)},
                {"seam_request_id", error.seam_request_id},
                {"request_id", order_.request_id}});
}

void Creation::end(Ending ending, std::string_view outcome) {
    deps_.metrics.ordered(outcome);
    done_(std::move(ending));
}

}  // namespace oracode::devices
