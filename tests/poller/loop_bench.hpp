// The real poll loop under a virtual clock, with a Seam and a store that a test writes down.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "poller/poll_loop.hpp"
#include "poller/shown_code.hpp"

namespace oracode::poller {

class LoopBench : private SeamPort, private StorePort, private Alarm, private PollObserver {
public:
    using Seam = std::function<seam::CallResult<Shown>(const Request&)>;
    struct Known {
        store::DueCode code;
        std::optional<Timestamp> next_poll_at;
    };

    // Answers what no test speaks of: the workspace "w", no events, no devices, no codes.
    LoopBench() {
        options.discover = Duration{0};
        seam = [this](const Request& request) { return usual(request); };
    }

    void start() {
        loop.emplace(PollLoop::Dependencies{*this, *this, *this, *this, [this] { return now; },
                                            options, lifecycle::AlertPolicy{}, [] { return 0.5; }});
        loop->set_key(true);
        turn();
    }
    // Lets time pass; requests take `exchange`.
    void run_for(Duration span) {
        const auto end = now + span;
        turn();
        while (alarm && *alarm <= end) {
            now = std::max(now, *alarm);
            alarm.reset();
            loop->look();
            turn();
        }
        now = std::max(now, end);
    }

    static Shown showing(boost::json::array items) { return {std::move(items), {}}; }
    static boost::json::object object(const std::string& id) { return poller::object(id); }
    static seam::CallError error(unsigned status, const std::string& body) {
        seam::RawAnswer raw;
        raw.status = status;
        raw.body = body;
        return seam::classify(raw, {}, {}).error();
    }
    static seam::CallError not_found() {
        return error(404, R"({"ok":false,"error":{"type":"access_code_not_found"}})");
    }
    seam::CallResult<Shown> usual(const Request& request) const {
        if (std::holds_alternative<GetWorkspace>(request))
            return showing({boost::json::object{{"workspace_id", workspace}}});
        if (std::holds_alternative<GetCode>(request)) return not_found();
        if (const auto* list = std::get_if<ListCodes>(&request)) {
            boost::json::array all;
            for (const auto& code : list->codes)
                if (!hidden.contains(code.access_code_id))
                    all.push_back(object(code.access_code_id));
            return showing(std::move(all));
        }
        return showing({});
    }
    // A code that is due now and asked for again after `again`.
    void add(const std::string& id, const std::string& of = "w",
             std::optional<Timestamp> starts_at = {}) {
        codes[id] = {{id, false, starts_at, of, true}, now};
    }
    template <class T>
    std::vector<T> asked() const {
        std::vector<T> found;
        for (const auto& request : requests)
            if (const auto* one = std::get_if<T>(&request)) found.push_back(*one);
        return found;
    }
    std::size_t missing(const std::string& id) const {
        std::size_t count = 0;
        for (const auto& statement : recorded)
            if (statement.event.access_code_id == id &&
                statement.event.presence == lifecycle::Presence::missing)
                ++count;
        return count;
    }

    PlannerOptions options;
    Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");
    Duration exchange = std::chrono::milliseconds{100};
    Duration again = std::chrono::minutes{15};
    Duration seams_clock{0};  // Seam's clock minus ours, told by its Date header
    std::string workspace = "w";
    std::map<std::string, bool> hidden;  // from lists
    Seam seam;
    std::map<std::string, Known> codes;
    std::vector<std::string> live;  // those of them that the look at all codes comes to
    std::vector<Request> requests;
    std::vector<Statement> recorded;
    std::vector<std::string> postponed;
    std::optional<Timestamp> backfill;
    std::optional<Timestamp> start_of_a_code;  // that was not looked at for alerts
    bool takes_looks = true;                   // the store
    bool hold_answers = false;                 // Seam takes its time
    std::vector<Timestamp> alert_looks;
    std::vector<seam::BreakerState> breakers;
    std::optional<PollLoop> loop;
    std::optional<Timestamp> alarm;

private:
    void turn() {
        while (pending && !hold_answers) {
            const auto [request, done] = *std::exchange(pending, std::nullopt);
            auto answer = seam(request);
            const auto sent_at = now;
            now += exchange;
            const auto date =
                std::chrono::floor<std::chrono::seconds>(sent_at + exchange / 2 + seams_clock);
            if (answer) {
                answer->sent_at = sent_at;
                answer->received_at = now;
                answer->seam_date = date;
                done(std::move(answer));
            } else {
                auto failure = answer.error();
                failure.sent_at = sent_at;
                done(failure);
            }
        }
    }

    void send(const Request& request, Done done) override {
        requests.push_back(request);
        pending.emplace(request, std::move(done));
    }
    std::vector<store::DueCode> due(Timestamp at, std::size_t limit) override {
        std::vector<store::DueCode> found;
        for (const auto& [id, known] : codes)
            if (known.next_poll_at && *known.next_poll_at <= at && found.size() < limit)
                found.push_back(known.code);
        return found;
    }
    std::optional<Timestamp> next_due(Timestamp /*now*/) override {
        std::optional<Timestamp> first;
        for (const auto& [id, known] : codes)
            if (known.next_poll_at && (!first || *known.next_poll_at < *first))
                first = known.next_poll_at;
        return first;
    }
    store::LiveCodes live_codes(std::int64_t after, std::size_t limit) override {
        store::LiveCodes page{{}, after};
        for (; static_cast<std::size_t>(page.last) < live.size() && page.codes.size() < limit;
             ++page.last)
            page.codes.push_back(codes.at(live[static_cast<std::size_t>(page.last)]).code);
        return page;
    }
    std::optional<store::DueCode> find(std::string_view id) override {
        const auto found = codes.find(std::string(id));
        return found == codes.end() ? std::nullopt : std::optional{found->second.code};
    }
    std::vector<std::string> expired(Timestamp, std::size_t) override { return {}; }
    std::optional<Timestamp> next_end() override { return std::nullopt; }
    std::optional<Timestamp> next_start() override { return start_of_a_code; }
    std::optional<Timestamp> events_known_to() override { return backfill; }
    void put_off(const std::string& id) {
        if (const auto found = codes.find(id); found != codes.end())
            found->second.next_poll_at = now + again;
    }
    void record_all(store::StatementBatch batch, Kept done) override {
        store::BatchOutcome outcome;
        outcome.complete = true;
        for (auto& statement : batch.statements) {
            put_off(statement.event.access_code_id);
            recorded.push_back(std::move(statement));
            outcome.recorded.emplace_back(store::Recorded{});
        }
        for (auto& id : batch.unanswered) {
            put_off(id);
            postponed.push_back(std::move(id));
        }
        if (batch.backfilled_to) backfill = batch.backfilled_to;
        done(outcome);
    }
    void look_at_alerts(std::function<void(const Result<bool>&)> done) override {
        alert_looks.push_back(now);
        if (!takes_looks) return done(Error{Errc::store_unavailable, "the disk is full"});
        if (start_of_a_code && *start_of_a_code - lifecycle::AlertPolicy{}.before <= now)
            start_of_a_code.reset();
        done(false);
    }
    void set(std::optional<Timestamp> at) override { alarm = at; }
    void breaker_changed(seam::BreakerState state) override { breakers.push_back(state); }

    std::optional<std::pair<Request, Done>> pending;
};

}  // namespace oracode::poller
