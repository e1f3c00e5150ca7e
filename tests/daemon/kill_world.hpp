// All that goes on around a daemon that is killed again and again: who delivers to it, what Seam
// shows it, who follows its changes and who is notified, each with what it has seen.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/time.hpp"
#include "ctl/event_stream.hpp"
#include "ctl/failure.hpp"
#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_seam.hpp"
#include "support/scripted_server.hpp"
#include "webhook/message_id.hpp"

namespace oracode::test {

constexpr unsigned codes_of_world = 40;

inline Timestamp wall_clock() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// What went wrong, in sentences. Any thread.
class Complaints {
public:
    void add(std::string sentence) {
        const std::lock_guard lock(mutex_);
        if (sentences_.size() < 10) sentences_.push_back(std::move(sentence));
    }
    [[nodiscard]] std::string all() const {
        const std::lock_guard lock(mutex_);
        return fmt::format("{}", fmt::join(sentences_, "\n"));
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> sentences_;
};

// Everything that Seam has to deliver, and what the answers were. Any thread.
class Deliveries {
public:
    struct Delivery {
        std::size_t number = 0;
        std::string event_id{};  // empty: authentic, and not usable
        std::string message_id{};
        std::string body{};
        bool lost = false;    // never delivered: only Seam's list of events has it
        bool listed = false;  // that list has it
        std::string created_at{};
        bool acknowledged = false;
    };

    explicit Deliveries(Complaints& complaints) : complaints_(complaints) {}

    // One that was never delivered before.
    Delivery fresh(std::mt19937_64& random) {
        constexpr const char* types[] = {
            "access_code.created", "access_code.delay_in_setting_on_device",
            "access_code.set_on_device", "access_code.removed_from_device"};
        Delivery made;
        made.message_id = webhook::fresh_message_id();
        if (random() % 12 == 0) {
            made.body = R"({"what":")" + ctl::fresh_uuid() + "\"}";
        } else {
            made.event_id = ctl::fresh_uuid();
            made.created_at = format_rfc3339(wall_clock());
            made.body =
                event_json({types[random() % 4], "code" + std::to_string(random() % codes_of_world),
                            made.event_id, made.created_at});
            made.lost = random() % 20 == 0;
            made.listed = made.lost || random() % 10 == 0;
        }
        const std::lock_guard lock(mutex_);
        made.number = all_.size();
        all_.push_back(made);
        return made;
    }
    // One of those delivered before, whatever came of it.
    Delivery again(std::mt19937_64& random) {
        {
            const std::lock_guard lock(mutex_);
            for (int tries = 0; !all_.empty() && tries < 20; ++tries) {
                const auto& chosen = all_[random() % all_.size()];
                if (!chosen.lost) return chosen;
            }
        }
        return fresh(random);
    }
    // 503 is right where the daemon was told to end.
    void answered(const Delivery& delivery, unsigned status, bool ending) {
        const auto wanted = delivery.event_id.empty() ? 202U : 204U;
        if (status != wanted && !(ending && status == 503))
            complaints_.add(fmt::format("{} answered {}", delivery.body, status));
        if (status != wanted) return;
        const std::lock_guard lock(mutex_);
        all_[delivery.number].acknowledged = true;
    }
    [[nodiscard]] std::vector<Delivery> all() const {
        const std::lock_guard lock(mutex_);
        return all_;
    }

private:
    Complaints& complaints_;
    mutable std::mutex mutex_;
    std::vector<Delivery> all_;
};

// Delivers until the daemon is gone.
inline void deliver_until_gone(const Daemon& daemon, Deliveries& deliveries, std::uint64_t seed,
                               std::atomic<int>& acknowledged, const std::atomic<bool>& ending) {
    std::mt19937_64 random(seed);
    const auto client = daemon.webhook_client();
    while (true) {
        const auto delivery =
            random() % 4 == 0 ? deliveries.again(random) : deliveries.fresh(random);
        if (delivery.lost) continue;
        const auto now = std::chrono::floor<std::chrono::seconds>(wall_clock());
        try {
            // The client repeats a request whose kept connection broke, as Svix does.
            const auto answer = client->exchange(signed_delivery(delivery.body, delivery.message_id,
                                                                 now.time_since_epoch().count()));
            deliveries.answered(delivery, answer.status, ending);
            ++acknowledged;
        } catch (const ctl::Failure&) {
            return;
        }
    }
}

// Seam shows each code in another state at each look, and lists the events of `deliveries` that are
// listed. Its object outlives it.
class SeamOfWorld {
public:
    explicit SeamOfWorld(const Deliveries& deliveries) {
        seam_.respond("/access_codes/list", [this](const FakeCall& call) {
            std::string objects;
            for (const auto& id : call.all("access_code_ids"))
                objects += (objects.empty() ? "" : ",") + object(id);
            return FakeAnswer{.body = R"({"access_codes":[)" + objects +
                                      R"(],"pagination":{"has_next_page":false},"ok":true})"};
        });
        seam_.respond("/access_codes/get", [this](const FakeCall& call) {
            return FakeAnswer{.body = R"({"access_code":)" + object(call.all("access_code_id")[0]) +
                                      R"(,"ok":true})"};
        });
        seam_.respond("/events/list", [&deliveries](const FakeCall& call) {
            const auto between = call.all("between");
            const auto from = between.empty() ? call.all("since")[0] : between[0];
            const auto to = between.empty() ? "9999" : between[1];
            const auto limit = std::stoul(call.all("limit")[0]);
            std::vector<std::string> found;
            for (const auto& one : deliveries.all())
                if (one.listed && one.created_at > from && one.created_at < to &&
                    found.size() < limit)
                    found.push_back(one.body);
            return FakeAnswer{
                .body = fmt::format(R"({{"events":[{}],"ok":true}})", fmt::join(found, ","))};
        });
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[],"ok":true})"});
    }
    // From now on it shows the same at each look.
    void rest() { resting_ = true; }
    [[nodiscard]] const FakeSeam& server() const { return seam_; }

private:
    std::string object(const std::string& id) {
        constexpr const char* states[] = {"setting", "set", "unset"};
        const auto* state = states[resting_ ? 1 : looks_++ % 3];
        return fmt::format(
            R"({{"access_code_id":"{}","device_id":"device1","workspace_id":"{}","connected_account_id":"account1",)"
            R"("name":"Guest","code":"123456","type":"time_bound","status":"{}","is_offline_access_code":true,)"
            R"("created_at":"2026-03-01T00:00:00.000Z","starts_at":"2026-03-01T15:00:00.000Z",)"
            R"("ends_at":"2036-03-08T03:00:00.000Z","errors":[],"warnings":[],"pending_mutations":[]}})",
            id, fake_workspace, state);
    }

    std::atomic<unsigned> looks_ = 0;
    std::atomic<bool> resting_ = false;
    FakeSeam seam_;
};

// The changes by their numbers, as JSON.
using Changes = std::map<std::int64_t, std::string>;

// Follows the stream of changes over all restarts. One thread follows at a time.
class Follower {
public:
    explicit Follower(Complaints& complaints) : complaints_(complaints) {}

    void follow_until_gone(const Daemon& daemon) {
        const auto client = daemon.api_client();
        ctl::HttpRequest request;
        request.target = "/v1/changes?after=0";
        request.headers = {{"Accept", "text/event-stream"}};
        if (!stream_.last_id().empty())
            request.headers.emplace_back("Last-Event-ID", stream_.last_id());
        const ctl::HttpReceiver receiver{
            [](const ctl::HttpAnswer& head) { return head.status == 200; },
            [this](std::string_view piece) {
                stream_.take(piece, [this](const ctl::StreamMessage& message) { hear(message); });
                return true;
            }};
        try {
            client->stream(request, std::chrono::seconds{60}, receiver);
        } catch (const ctl::Failure&) {  // as it was killed
        }
        stream_.reset();
    }
    [[nodiscard]] Changes seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

private:
    void hear(const ctl::StreamMessage& message) {
        if (message.event == "gap") return complaints_.add("a gap in the stream: " + message.data);
        const auto change = boost::json::parse(message.data);
        const auto seq = change.at("seq").as_int64();
        const std::lock_guard lock(mutex_);
        if (seq != (seen_.empty() ? 1 : seen_.rbegin()->first + 1))
            complaints_.add("the stream went on with " + message.data);
        seen_[seq] = serialize(change);
    }

    Complaints& complaints_;
    ctl::EventStream stream_;
    mutable std::mutex mutex_;
    Changes seen_;
};

// A target of [[notify]] that takes each change, some at the second attempt only.
class Notified {
public:
    explicit Notified(Complaints& complaints) : complaints_(complaints) {}

    [[nodiscard]] std::string url() const { return server_.url() + "/changes"; }
    void never_refuse() { refusing_ = false; }
    // What was taken.
    [[nodiscard]] Changes taken() const {
        const std::lock_guard lock(mutex_);
        return taken_;
    }
    // How many came more than once.
    [[nodiscard]] int repeated() const { return repeated_; }

private:
    Scripted take(const Seen& seen) {
        const auto& id = seen.headers.at("webhook-id");
        const auto data = boost::json::parse(seen.body).at("data");
        const auto seq = data.at("seq").as_int64();
        const std::lock_guard lock(mutex_);
        const auto [first, is_new] = ids_.emplace(seq, id);
        if (first->second != id)
            complaints_.add(fmt::format("change {} under {} and {}", seq, first->second, id));
        if (is_new && refusing_ && ++count_ % 50 == 0) return {.status = 500};
        if (const auto [before, is_first] = taken_.emplace(seq, serialize(data)); !is_first) {
            ++repeated_;
            if (before->second != serialize(data))
                complaints_.add("another content the second time: " + seen.body);
        }
        return {.status = 204};
    }

    Complaints& complaints_;
    std::atomic<bool> refusing_ = true;
    std::atomic<int> repeated_ = 0;
    mutable std::mutex mutex_;
    std::map<std::int64_t, std::string> ids_;
    int count_ = 0;
    Changes taken_;
    ScriptedServer server_{[this](const Seen& seen) { return take(seen); }};
};

}  // namespace oracode::test
