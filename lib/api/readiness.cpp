#include "api/readiness.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "api/errors.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

// A thread answers as soon as it has done what came before.
constexpr std::chrono::milliseconds between_looks{5};

}  // namespace

// One request under way. Of the thread of its reply.
struct Readiness::Round {
    Round(http::Reply asked, steady_clock::time_point now)
        : reply(std::move(asked)),
          deadline(reply->context(), now + patience),
          pause(reply->context()),
          began(now) {}

    std::optional<http::Reply> reply;  // until it is answered
    boost::asio::steady_timer deadline;
    boost::asio::steady_timer pause;
    steady_clock::time_point began;
    std::optional<Finding> store;
};

Readiness::Readiness(Parts parts) : parts_(std::move(parts)) {}
Readiness::~Readiness() = default;

void Readiness::answer(http::Reply reply) {
    auto& home = reply.context();
    const auto round = std::make_shared<Round>(std::move(reply), steady_clock::now());
    parts_.vitals.ask();
    round->deadline.async_wait([this, round](const boost::system::error_code& error) {
        if (!error) finish(*round);
    });
    // Only a write that reached the disk shows that the next delivery can be kept.
    parts_.store.probe(home, [this, round](const Result<Timestamp>& written) {
        Finding finding;
        if (!written) finding.trouble = "a write did not reach the disk";
        round->store = std::move(finding);
        wait_for_threads(round);
    });
}

void Readiness::wait_for_threads(const std::shared_ptr<Round>& round) {
    if (!round->reply) return;
    if (parts_.vitals.silent_since(round->began).empty()) return finish(*round);
    round->pause.expires_after(between_looks);
    round->pause.async_wait([this, round](const boost::system::error_code& error) {
        if (!error) wait_for_threads(round);
    });
}

void Readiness::finish(Round& round) {
    if (!round.reply) return;
    round.deadline.cancel();
    const auto now = parts_.now();
    json::object checks;
    bool ready = true;
    const auto add = [&](const std::string& name, const Finding& finding, bool essential) {
        ready = ready && (!finding.trouble || !essential);
        checks[name] = show(name, finding, now);
    };
    add("store", round.store.value_or(Finding{"the writer does not answer"}), true);
    const auto silent = parts_.vitals.silent_since(round.began);
    for (const auto& part : parts_.vitals.parts()) {
        Finding finding;
        if (std::ranges::find(silent, part.name) != silent.end())
            finding.trouble = "the thread does not answer";
        add(part.name, finding,
            std::ranges::find(parts_.essential, part.name) != parts_.essential.end());
    }
    for (const auto& check : parts_.checks) add(check.name, check.look(), check.essential);
    const json::object body{{"status", ready ? "ready" : "not ready"},
                            {"checks", std::move(checks)}};
    auto reply = std::move(*round.reply);
    round.reply.reset();
    reply.send(json_response(ready ? 200 : 503, json::serialize(body)));
}

json::object Readiness::show(const std::string& name, const Finding& finding, Timestamp now) {
    json::object out{{"ok", !finding.trouble}};
    if (finding.trouble) out["why"] = *finding.trouble;
    std::optional<Timestamp> established = finding.established;
    {
        const std::lock_guard lock(mutex_);
        if (!finding.trouble && !established) established_[name] = now;
        const auto known = established_.find(name);
        if (!established && known != established_.end()) established = known->second;
    }
    if (established) {
        out["age_s"] = std::chrono::floor<std::chrono::seconds>(now - *established).count();
    } else {
        out["age_s"] = nullptr;
    }
    for (const auto& [key, value] : finding.more) out[key] = value;
    return out;
}

}  // namespace oracode::api
