// A store with alerts, as their tests use it.
#pragma once

#include <string>
#include <vector>

#include "tests/store/fixture.hpp"

namespace oracode::test {

class AlertTest : public StoreTest {
protected:
    void SetUp() override { open(); }

    // A code whose stay begins an hour after the clock's first instant and lasts another.
    [[nodiscard]] lifecycle::Event stay(const std::string& id,
                                        lifecycle::LifecycleStep step) const {
        auto event = make_event("", id, step, 0);
        event.source = lifecycle::Source::poll;
        event.facts.starts_at = std::optional{start};
        event.facts.ends_at = std::optional{start + std::chrono::hours{1}};
        return event;
    }
    store::BatchOutcome record_all(store::StatementBatch batch) {
        return wait<store::BatchOutcome>([&](auto& home, auto done) {
                   store_->record_all(std::move(batch), home, std::move(done));
               })
            .value();
    }
    // True: there is more to look at.
    bool look() {
        return wait<bool>(
                   [&](auto& home, auto done) { store_->look_at_alerts(home, std::move(done)); })
            .value();
    }
    void look_at_all() {
        while (look()) {
        }
    }
    void set_daemon(std::vector<store::DaemonAlert> found) {
        EXPECT_TRUE(wait<bool>([&](auto& home, auto done) {
            store_->set_daemon_alerts(std::move(found), home, std::move(done));
        }));
    }
    bool set_tracked(const std::string& id, bool tracked) {
        return wait<bool>([&](auto& home, auto done) {
                   store_->set_tracked(id, tracked, home, std::move(done));
               })
            .value();
    }
    [[nodiscard]] std::vector<store::Alert> alerts(const store::AlertFilter& filter = {
                                                       .limit = 1000}) const {
        return store::Reader(path()).alerts(filter).value().alerts;
    }
    // "kind code open|closed", the newest first.
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const auto& alert : alerts())
            all.push_back(std::string(name(alert.kind)) + " " + alert.access_code_id +
                          (alert.closed_at ? " closed" : " open"));
        return all;
    }

    const Timestamp first = at(1'000'000);
    const Timestamp start = first + std::chrono::hours{1};
};

}  // namespace oracode::test
