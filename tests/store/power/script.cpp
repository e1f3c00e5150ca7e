#include "tests/store/power/script.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using lifecycle::LifecycleStep;
using Promised = StoryTeller::Promised;
using Home = boost::asio::io_context;

// Calls `promised` where the answer is no refusal.
auto when_done(Promised promised) {
    return [promised = std::move(promised)](const auto& answer) {
        if (answer) promised();
    };
}

}  // namespace

std::string Script::body() {
    const auto size = below(20) == 0 ? 30'000 : 20 + below(3'000);
    return R"({"code":"4711)" + std::string(static_cast<std::size_t>(size), 'x') + "\"}";
}

StoryTeller::Work Script::event() {
    constexpr std::array steps{LifecycleStep::unset, LifecycleStep::setting, LifecycleStep::set,
                               LifecycleStep::set, LifecycleStep::unknown};
    const auto number = next_++;
    const bool other = below(5) == 0;
    auto event = make_event("event " + std::to_string(number),
                            (other ? "other " : "code ") + std::to_string(below(other ? 4 : 12)),
                            steps.at(static_cast<std::size_t>(below(steps.size()))),
                            number + below(50) - 25);
    if (other) event.connected_account_id = "account2";
    if (!other && below(20) == 0) event.step = LifecycleStep::removed;
    if (below(4) == 0) {
        event.facts.starts_at = std::optional{teller_.now + std::chrono::minutes{below(60)}};
        event.facts.ends_at = std::optional{teller_.now + std::chrono::hours{30}};
    }
    sent_.push_back(event);
    return teller_.delivery(event, body());
}

StoryTeller::Work Script::again() {
    return teller_.delivery(sent_[static_cast<std::size_t>(below(static_cast<int>(sent_.size())))],
                            "{}");
}

StoryTeller::Work Script::answer_of_seam() {
    store::StatementBatch batch;
    for (int i = 0; i < 3; ++i) {
        auto answer = make_event("", "polled " + std::to_string(below(5)), LifecycleStep::set, 0);
        answer.source = lifecycle::Source::poll;
        answer.occurred_at = teller_.now;
        answer.facts.starts_at = std::optional{teller_.now};
        answer.facts.name = std::optional{"name " + std::to_string(below(100))};
        batch.statements.push_back({std::move(answer), {}});
    }
    batch.requested_at = teller_.now;
    return [batch](store::Store& store, Home& home, Promised promised) {
        store.record_all(batch, home, when_done(std::move(promised)));
    };
}

StoryTeller::Work Script::quarantined() {
    store::Quarantined item{"not readable", "message " + std::to_string(below(100)), body()};
    return [item](store::Store& store, Home& home, Promised promised) {
        store.quarantine(item, home, when_done(std::move(promised)));
    };
}

StoryTeller::Work Script::alert_of_the_daemon() {
    store::DaemonAlert found{lifecycle::AlertKind::disk, std::nullopt};
    if (below(2) == 0) found.cause = "It is nearly full.";
    return [found](store::Store& store, Home& home, Promised promised) {
        store.set_daemon_alerts({found}, home, when_done(std::move(promised)));
    };
}

StoryTeller::Work Script::anything() {
    switch (sent_.empty() ? 0 : below(16)) {
        case 10:
        case 11:
            return again();
        case 12:
            return answer_of_seam();
        case 13:
            return quarantined();
        case 14:
            return alert_of_the_daemon();
        case 15:
            return [](store::Store& store, Home& home, Promised promised) {
                store.take_changes_to_notify(home, when_done(std::move(promised)));
            };
        default:
            return event();
    }
}

void Script::deliver(int rounds) {
    constexpr std::array sizes{1, 1, 2, 5, 9};
    for (int i = 0; i < rounds; ++i) {
        std::vector<StoryTeller::Work> works;
        const auto size = sizes.at(static_cast<std::size_t>(below(sizes.size())));
        for (int j = 0; j < size; ++j) works.push_back(anything());
        teller_.round(works);
        teller_.now += std::chrono::seconds{7};
    }
    teller_.round({[](store::Store& store, Home& home, Promised promised) {
        store.look_at_alerts(home, when_done(std::move(promised)));
    }});
}

void Script::have_targets_of_notifications() {
    teller_.round({[](store::Store& store, Home& home, Promised promised) {
        store.set_notification_targets(
            {{"pms", {notification_types.begin(), notification_types.end()}}}, home,
            when_done(std::move(promised)));
    }});
}

void Script::lose_an_account() {
    auto lost = disconnected("event " + std::to_string(next_), "account2", next_);
    ++next_;
    teller_.round({teller_.delivery(std::move(lost), "{}")});
}

void Script::live_and_end(const std::string& code) {
    std::vector<StoryTeller::Work> works;
    for (const auto step : {LifecycleStep::created, LifecycleStep::set, LifecycleStep::removed}) {
        const auto number = next_++;
        works.push_back(teller_.delivery(
            make_event("event " + std::to_string(number), code, step, number), body()));
    }
    teller_.round(works);
}

bool Script::purge(Duration pins, Duration history) {
    store::Purged purged;
    teller_.round({[&](store::Store& store, Home& home, Promised promised) {
        store.purge({.history = history, .pins = pins}, home,
                    [&purged, promised = std::move(promised)](auto done) {
                        if (!done) return;
                        purged = *done;
                        promised();
                    });
    }});
    if (purged.pins + purged.codes + purged.events + purged.quarantined > 0)
        teller_.wait_for_empty_log();
    return purged.more;
}

}  // namespace oracode::test
