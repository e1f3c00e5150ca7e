// A Sender with its store, and servers that take what it sends.
#pragma once

#include <functional>
#include <list>
#include <mutex>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "metrics/metrics.hpp"
#include "notify/sender.hpp"
#include "store/fixture.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"
#include "webhook/signature.hpp"

namespace oracode::test {

namespace json = boost::json;
using namespace std::chrono_literals;
using enum NotificationType;
using notify::Sender;
using notify::Target;
using testing::ElementsAre;
using testing::HasSubstr;
using State = notify::Planner::State;

inline const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

inline Target target(const std::string& name, const std::string& url) {
    return {.name = name,
            .url = net::parse_url(url).value(),
            .format = NotificationFormat::webhook,
            .secret = secret,
            .types = {access_code_changed}};
}

// Takes what is sent, and answers with `status` unless `script` says otherwise.
class Receiver {
public:
    explicit Receiver(ScriptedServer::Handler script, const Certificate* certificate = nullptr)
        : server_(
              [this, script = std::move(script)](const Seen& seen) {
                  auto answer = script(seen);
                  const std::lock_guard lock(mutex_);
                  seen_.push_back(seen);
                  return answer;
              },
              certificate) {}
    explicit Receiver(unsigned status)
        : Receiver([status](const Seen&) { return Scripted{.status = status}; }) {}

    [[nodiscard]] std::string url(const std::string& path = "/hook?key=hidden") const {
        return server_.url() + path;
    }
    [[nodiscard]] std::vector<Seen> seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    ScriptedServer server_;
};

inline std::string code_of(const Seen& seen) {
    return json::value_to<std::string>(json::parse(seen.body).at("data").at("access_code_id"));
}
inline std::string to_of(const Seen& seen) {
    return json::value_to<std::string>(json::parse(seen.body).at("data").at("to"));
}

class SenderTest : public StoreTest {
protected:
    ~SenderTest() override { stop(); }

    void start(const std::vector<Target>& targets, notify::WayOut way = {}) {
        store::StoreCallbacks callbacks;
        callbacks.committed = [this](const store::Commit& commit) {
            if (on_commit_) on_commit_(commit);
            if (auto* sender = committed_.load()) sender->committed(commit);
        };
        open(options(), std::move(callbacks));
        sender_.emplace(Sender::Dependencies{.store = *store_,
                                             .metrics = metrics_,
                                             .now = [this] { return now_.load(); },
                                             .way = std::move(way)},
                        targets);
        committed_ = &*sender_;
        sender_->start();
    }
    void stop() {
        if (sender_) sender_->stop();
        if (store_) store_->stop();
        committed_ = nullptr;
        sender_.reset();
        close();
    }
    void change(const std::string& code, int seconds, lifecycle::LifecycleStep step) {
        ASSERT_TRUE(record(make_event(code + std::to_string(seconds), code, step, seconds)));
    }
    // The clock goes on, and the sender looks at it.
    void pass(Duration time) {
        now_ = now_.load() + time;
        store::Commit commit;
        commit.last_change = store_->last_change();
        commit.notified = true;
        sender_->committed(commit);
    }
    [[nodiscard]] std::string row(const std::string& column) const {
        return sql(path(), "SELECT " + column + " FROM notifications ORDER BY id LIMIT 1");
    }
    bool settled_attempts(int attempts) {
        return eventually([&] { return row("attempts") == std::to_string(attempts); });
    }
    [[nodiscard]] notify::Planner::Health health(const std::string& name) const {
        return sender_->states().at(name).health;
    }
    [[nodiscard]] Result<notify::TestResult> try_out(const std::string& name) {
        auto& home = homes_.emplace_back();
        const auto guard = boost::asio::make_work_guard(home);
        std::optional<Result<notify::TestResult>> result;
        sender_->test(name, home, [&](Result<notify::TestResult> came) {
            result = std::move(came);
            home.stop();
        });
        home.run_for(20s);
        return result ? *result : Error{Errc::overloaded, "no answer"};
    }

    metrics::Metrics metrics_;
    std::function<void(const store::Commit&)> on_commit_;  // on the store's thread
    std::list<boost::asio::io_context> homes_;  // the sender may still be about to leave one
    std::atomic<Sender*> committed_ = nullptr;
    std::optional<Sender> sender_;
};

}  // namespace oracode::test
