// A planner to be asked and answered by hand: no loop, no store, no clock.
#pragma once

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "poller/planner.hpp"
#include "poller/shown_code.hpp"

namespace oracode::poller {

using namespace std::chrono_literals;
namespace json = boost::json;

inline const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

// A store with codes that the test puts there.
class WrittenAgenda final : public Agenda {
public:
    std::vector<store::DueCode> due(Timestamp, std::size_t limit) override {
        auto codes = due_codes;
        if (codes.size() > limit) codes.resize(limit);
        return codes;
    }
    std::optional<Timestamp> next_due(Timestamp /*now*/) override { return next_due_at; }
    store::LiveCodes live_codes(std::int64_t after, std::size_t limit) override {
        store::LiveCodes page{{}, after};
        for (; static_cast<std::size_t>(page.last) < live.size() && page.codes.size() < limit;
             ++page.last)
            page.codes.push_back(live[static_cast<std::size_t>(page.last)]);
        return page;
    }
    std::optional<store::DueCode> find(std::string_view id) override {
        const auto found = std::ranges::find(live, id, &store::DueCode::access_code_id);
        return found == live.end() ? std::nullopt : std::optional{*found};
    }

    std::vector<store::DueCode> due_codes;
    std::vector<store::DueCode> live;
    std::optional<Timestamp> next_due_at;
};

inline store::DueCode code(std::string id, std::string workspace = "w") {
    return {.access_code_id = std::move(id), .workspace_id = std::move(workspace)};
}

inline Shown showing(json::array items, std::optional<std::string> next_page = {}) {
    return {.items = std::move(items), .sent_at = now, .next_page_cursor = std::move(next_page)};
}

inline seam::CallError error_of(Errc code, unsigned status, std::string type = {}) {
    seam::CallError error;
    error.code = code;
    error.status = status;
    error.error_type = std::move(type);
    error.sent_at = now;
    error.answered = status != 0;
    return error;
}

class Planning : public testing::Test {
protected:
    Planning() {
        options_.discover = Duration{0};
        options_.requests_per_minute = 6000;
    }

    // A planner that knows its workspace and has no events to fetch before `options_` say so.
    Planner& settled() {
        planner_.emplace(options_, now, now, [] { return 0.5; });
        answer<GetWorkspace>(showing({json::object{{"workspace_id", "w"}}}));
        answer<ListEvents>(showing({}));
        return *planner_;
    }
    // What is asked next, which has to be a T.
    template <class T>
    T asked(Timestamp at = now) {
        const auto request = planner_->next(at, agenda_);
        if (!request || !std::holds_alternative<T>(*request))
            throw std::runtime_error(request ? std::string(name(*request)) : "nothing is asked");
        return std::get<T>(*request);
    }
    template <class T>
    Effects answer(const seam::CallResult<Shown>& shown, Timestamp at = now) {
        const auto request = asked<T>(at);
        return planner_->interpret(request, shown, at, agenda_);
    }
    static std::vector<std::string> ids(const std::vector<store::DueCode>& codes) {
        std::vector<std::string> found;
        found.reserve(codes.size());
        for (const auto& each : codes) found.push_back(each.access_code_id);
        return found;
    }

    PlannerOptions options_;
    WrittenAgenda agenda_;
    std::optional<Planner> planner_;
};

using Ids = std::vector<std::string>;

}  // namespace oracode::poller
