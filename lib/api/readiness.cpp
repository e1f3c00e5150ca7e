#include "api/readiness.hpp"

#include <algorithm>
#include <iterator>

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
// The thread that a probe's answer goes to may be the one that is stuck: then another one asks.
constexpr std::chrono::milliseconds probe_given_up{500};

}  // namespace

// One request under way. Of the thread of its reply.
struct Readiness::Round {
    Round(http::Reply to_answer, steady_clock::time_point now)
        : reply(std::move(to_answer)),
          deadline(reply->context(), now + patience),
          pause(reply->context()),
          began(now) {}

    std::optional<http::Reply> reply;  // until it is answered
    boost::asio::steady_timer deadline;
    boost::asio::steady_timer pause;
    steady_clock::time_point began;
};

Readiness::Readiness(Dependencies deps) : deps_(std::move(deps)) {}
Readiness::~Readiness() = default;

void Readiness::add(std::vector<Check> checks) {
    std::ranges::move(checks, std::back_inserter(deps_.checks));
}

void Readiness::answer(http::Reply reply) {
    auto& home = reply.context();
    const auto round = std::make_shared<Round>(std::move(reply), steady_clock::now());
    deps_.liveness.ask();
    round->deadline.async_wait([this, round](const boost::system::error_code& error) {
        if (!error) finish(*round);
    });
    probe_if_due(home, round->began);
    wait(round);
}

// Only a write that reached the disk shows that the next delivery can be kept.
void Readiness::probe_if_due(boost::asio::io_context& home, Moment now) {
    {
        const std::lock_guard lock(mutex_);
        if (probe_.began && now - *probe_.began < probe_given_up) return;
        if (probe_.answered && now - *probe_.answered < probe_shared_for) return;
        probe_.began = now;
    }
    deps_.store.probe(home, [this](const Result<Timestamp>& written) {
        const std::lock_guard lock(mutex_);
        probe_.began.reset();
        probe_.answered = steady_clock::now();
        probe_.finding = {};
        if (!written) probe_.finding.trouble = "a write did not reach the disk";
    });
}

// What the disk said to a caller who asked at `began`, or shortly before.
std::optional<Finding> Readiness::probed(Moment began) const {
    const std::lock_guard lock(mutex_);
    if (!probe_.answered || began - *probe_.answered >= probe_shared_for) return std::nullopt;
    return probe_.finding;
}

void Readiness::wait(const std::shared_ptr<Round>& round) {
    if (!round->reply) return;
    if (probed(round->began) && deps_.liveness.silent_since(round->began).empty())
        return finish(*round);
    round->pause.expires_after(between_looks);
    round->pause.async_wait([this, round](const boost::system::error_code& error) {
        if (!error) wait(round);
    });
}

void Readiness::finish(Round& round) {
    if (!round.reply) return;
    round.deadline.cancel();
    const auto now = deps_.now();
    json::object checks;
    bool ready = true;
    const auto add = [&](const std::string& name, const Finding& finding, bool essential) {
        ready = ready && (!finding.trouble || !essential);
        checks[name] = show(name, finding, now);
    };
    add("store", probed(round.began).value_or(Finding{"the writer does not answer"}), true);
    const auto silent = deps_.liveness.silent_since(round.began);
    for (const auto& part : deps_.liveness.parts()) {
        Finding finding;
        if (std::ranges::find(silent, part.name) != silent.end())
            finding.trouble = "the thread does not answer";
        add(part.name, finding,
            std::ranges::find(deps_.essential, part.name) != deps_.essential.end());
    }
    for (const auto& check : deps_.checks) add(check.name, check.look(), check.essential);
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
