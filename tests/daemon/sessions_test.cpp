// Whole TLS sessions of right and broken deliveries, and requests of the API, against the real
// daemon: it stays up, takes what is authentic, and keeps nothing else. Each session follows from
// its seed, which ORACODE_SEED=N plays alone; `tests/soak sessions [MINUTES]` plays as many as
// there is time for.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "seam/decode.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/mutations.hpp"
#include "support/soak_time.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

// What was signed, and what is known of it: an answer is not always heard.
struct Sent {
    std::string code;
    json::value body;  // null: garbage
    bool acknowledged = false;
    bool only_refused = false;
};

struct Counts {
    std::uint64_t sessions = 0;
    std::uint64_t requests = 0;
    std::map<int, std::uint64_t> answers;

    [[nodiscard]] std::string text() const {
        auto line = fmt::format("{} sessions, {} requests", sessions, requests);
        for (const auto& [status, times] : answers) line += fmt::format(", {}: {}", status, times);
        return line;
    }
};

class Sessions : public testing::Test {
protected:
    static constexpr int codes = 40;

    Sessions() : daemon_({.webhook = "", .sections = "", .tls = true}) { daemon_.start(); }

    void play(std::uint64_t seed);
    void finish();

    Counts counts_;

private:
    struct Delivery {
        std::string id;
        std::string bytes;
    };

    // No mutation makes one of another.
    std::string fresh_id(Random& random) {
        return fmt::format("{}-{}-{:016x}", seed_, ++number_, random.number());
    }
    Delivery delivery(Random& random);
    void deliver_right(Random& random);
    void deliver_twice(Random& random);
    void deliver_broken(Random& random);
    void deliver_smuggled(Random& random);
    void deliver_garbage(Random& random);
    void ask_api(Random& random);
    std::vector<int> answers_to(HttpClient client, Random& random, const std::string& bytes);
    HttpClient webhook() {
        auto client = HttpClient::tcp(daemon_.webhook_port());
        client.start_tls();
        return client;
    }
    void check_stored();
    void check_code(const std::string& code, std::set<std::string>& stored);

    Daemon daemon_;
    std::map<std::string, Sent> sent_;  // by event_id
    std::uint64_t seed_ = 0;
    int number_ = 0;  // of the delivery in its session
};

Sessions::Delivery Sessions::delivery(Random& random) {
    const auto id = fresh_id(random);
    const std::string type = random.pick({"created", "set_on_device", "changed", "deleted",
                                          "delay_in_setting_on_device", "failed_to_set_on_device"});
    const auto code = fmt::format("code-{}", random.below(codes));
    const auto at =
        fmt::format("2026-03-02T15:{:02}:{:02}.000Z", random.below(60), random.below(60));
    const auto body = event_json({"access_code." + type, code, id, at});
    sent_[id].code = code;
    sent_[id].body = json::parse(body);
    return {id, as_text(signed_delivery(body))};
}

// Sends `bytes` whole or in pieces, says that this was all, and hears what comes back.
std::vector<int> Sessions::answers_to(HttpClient client, Random& random, const std::string& bytes) {
    std::string_view rest = bytes;
    const auto step = random.chance(60) ? rest.size() + 1 : 1 + random.below(rest.size() + 1);
    while (!rest.empty()) {
        client.send(rest.substr(0, step));
        rest.remove_prefix(std::min(rest.size(), step));
    }
    ++counts_.requests;
    std::vector<int> statuses;
    if (random.chance(3)) {
        client.vanish();
        return statuses;
    }
    client.shut_down_sending();
    try {
        for (;;) {
            const auto answer = client.receive();
            if (answer.status == 100) continue;  // a mutation had asked for it
            statuses.push_back(answer.status);
            ++counts_.answers[answer.status];
            EXPECT_NE(answer.status, 500) << "ORACODE_SEED=" << seed_ << answer.body;
        }
    } catch (const std::runtime_error&) {  // no more comes
    }
    return statuses;
}

void Sessions::deliver_right(Random& random) {
    auto client = webhook();
    const auto times = 1 + random.below(3);
    for (std::size_t i = 0; i < times; ++i) {
        const auto [id, bytes] = delivery(random);
        if (random.chance(20)) {
            client.send(bytes.substr(0, bytes.size() / 2));
            client.send(bytes.substr(bytes.size() / 2));
        } else {
            client.send(bytes);
        }
        const auto status = client.receive().status;
        ++counts_.requests;
        ++counts_.answers[status];
        EXPECT_EQ(status, 204) << "ORACODE_SEED=" << seed_;
        sent_[id].acknowledged = true;
    }
}

void Sessions::deliver_twice(Random& random) {
    const auto [id, bytes] = delivery(random);
    const auto statuses = answers_to(webhook(), random, bytes + bytes);
    for (const auto status : statuses) EXPECT_EQ(status, 204) << "ORACODE_SEED=" << seed_;
    if (!statuses.empty()) sent_[id].acknowledged = true;
}

void Sessions::deliver_broken(Random& random) {
    auto [id, bytes] = delivery(random);
    mutate(random, bytes);
    const auto statuses = answers_to(webhook(), random, bytes);
    const auto accepted = std::ranges::count(statuses, 204);
    EXPECT_LE(accepted, 1) << "ORACODE_SEED=" << seed_;
    sent_[id].acknowledged = accepted > 0;
    sent_[id].only_refused = accepted == 0 && !statuses.empty();
}

// One request in the body of another, or behind it.
void Sessions::deliver_smuggled(Random& random) {
    auto [outer, bytes] = delivery(random);
    auto [inner, hidden] = delivery(random);
    if (random.chance(50)) mutate(random, hidden);
    if (random.chance(50))
        bytes.insert(random.below(bytes.size()), hidden);
    else
        bytes += hidden;
    if (random.chance(50)) mutate(random, bytes);
    const auto statuses = answers_to(webhook(), random, bytes);
    EXPECT_LE(std::ranges::count(statuses, 204), 2) << "ORACODE_SEED=" << seed_;
    // Which of the two was taken is not told.
    const bool none = !statuses.empty() && std::ranges::count(statuses, 204) == 0;
    sent_[outer].only_refused = none;
    sent_[inner].only_refused = none;
}

// Authentic, whatever it is: stored, put aside, or too large.
void Sessions::deliver_garbage(Random& random) {
    const auto id = fresh_id(random);
    auto body =
        event_json({"access_code.set_on_device", fmt::format("code-{}", random.below(codes)), id,
                    "2026-03-02T15:00:00.000Z"});
    if (random.chance(90)) mutate(random, body);
    if (random.chance(1)) body.resize(300'000, ' ');
    const auto event = seam::decode_event(body, {}, lifecycle::Source::webhook);
    if (event) sent_[event->event_id].code = event->access_code_id;
    for (const auto status : answers_to(webhook(), random, as_text(signed_delivery(body)))) {
        if (body.size() > 256UL * 1024) {
            EXPECT_EQ(status, 413) << "ORACODE_SEED=" << seed_;
        } else {
            EXPECT_EQ(status, event ? 204 : 202) << "ORACODE_SEED=" << seed_ << body;
        }
        if (event) sent_[event->event_id].acknowledged = status == 204;
    }
}

void Sessions::ask_api(Random& random) {
    auto request = api_request(random, codes);
    if (random.chance(60)) mutate(random, request);
    for (const auto status : answers_to(HttpClient::tcp(daemon_.api_port()), random, request)) {
        EXPECT_TRUE(status >= 200 && (status < 500 || status == 503))
            << "ORACODE_SEED=" << seed_ << ": " << status;
    }
}

void Sessions::play(std::uint64_t seed) {
    seed_ = seed;
    number_ = 0;
    Random random(seed);
    ++counts_.sessions;
    const auto kind = random.below(100);
    if (kind < 15) return deliver_right(random);
    if (kind < 20) return deliver_twice(random);
    if (kind < 50) return deliver_broken(random);
    if (kind < 60) return deliver_smuggled(random);
    if (kind < 80) return deliver_garbage(random);
    ask_api(random);
}

// What a code's history tells was signed, to the letter.
void Sessions::check_code(const std::string& code, std::set<std::string>& stored) {
    const auto answer = daemon_.get("/v1/access_codes/" + code + "/history");
    if (answer.status == 404) return;
    ASSERT_EQ(answer.status, 200U);
    const auto history = json::parse(answer.body, {}, {.max_depth = 100});
    for (const auto& event : history.at("events").as_array()) {
        const std::string id(event.at("event_id").as_string());
        stored.insert(id);
        const auto signed_one = sent_.find(id);
        ASSERT_NE(signed_one, sent_.end()) << "nobody signed " << id;
        EXPECT_FALSE(signed_one->second.only_refused) << "refused and kept: " << id;
        if (!signed_one->second.body.is_null()) {
            EXPECT_EQ(event.at("payload"), signed_one->second.body);
        }
    }
}

void Sessions::check_stored() {
    std::set<std::string> stored;
    std::set<std::string> known;
    for (int i = 0; i < codes; ++i) {
        known.insert(fmt::format("code-{}", i));
        check_code(fmt::format("code-{}", i), stored);
    }
    for (const auto& [id, sent] : sent_) {
        const bool shown = sent.acknowledged && known.contains(sent.code);
        EXPECT_TRUE(!shown || stored.contains(id)) << "lost: " << id;
    }
    EXPECT_TRUE(counts_.sessions < 100 || !stored.empty());
}

void Sessions::finish() {
    EXPECT_EQ(daemon_.process().exit_code(), std::nullopt) << daemon_.log();
    check_stored();
    EXPECT_EQ(daemon_.stop(), 0);
    const auto log = daemon_.log();
    for (const auto* report : {"Sanitizer", "runtime error:", "terminate called"})
        EXPECT_EQ(log.find(report), std::string::npos) << log.substr(log.find(report), 3'000);
    std::cout << "sessions: " << counts_.text() << '\n';
}

TEST_F(Sessions, OfRightAndBrokenDeliveriesLeaveOnlyWhatIsAuthentic) {
    if (const char* const one = std::getenv("ORACODE_SEED")) {
        play(std::strtoull(one, nullptr, 10));
        return finish();
    }
    const auto soak = soak_time();
    const auto until = soak ? soak->end : steady_clock::now() + std::chrono::seconds{10};
    const auto first = soak ? soak->first_seed : 1;
    auto seed = first;
    while (steady_clock::now() < until && !HasFailure()) play(seed++);
    finish();
    std::cout << fmt::format("sessions: seeds {} to {}\n", first, seed - 1);
}

}  // namespace
}  // namespace oracode::test
