// Seam as the daemon sees it from outside: paths and JSON texts in; a status, a body and a Date
// out, and webhooks' bodies on their own. Behind it lies the truth about the codes. It shares none
// of the program's assumptions, types or decoders. Everything follows from the seed; time moves
// only by `advance`.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "simulation/code_at_seam.hpp"
#include "simulation/fault_tally.hpp"

namespace oracode::test {

// What crosses the wire; status 0: no answer.
struct SeamAnswer {
    unsigned status = 200;
    std::string body;
    std::string date;
    std::string retry_after = {};
};

// An event on its way to the daemon.
struct Webhook {
    std::string body;
    std::string type;
    std::string code_id;  // empty: of a device or an account
    Timestamp at;         // when it was sent
};

// How large and how contrary a Seam is.
struct SeamTemper {
    std::size_t codes = 4;
    std::size_t page = 55'000;  // access codes shown at once
    double stale = 0;           // share of the reads answered by a replica that lags
    Duration lag{};             // by at most this
    double left_out = 0;        // of a list by ids: a code that exists is not in it
    double slim = 0;            // codes whose lists lack window and kind
    double no_start = 0;        // of the gets: `starts_at` null once
    Duration ahead{};           // `occurred_at` later than the moment by at most this
    bool silent = false;        // changes and codes that no event tells of
    std::size_t burst = 0;      // events within one second, once
    bool dense = false;         // those events within some microseconds
};

class SimulatedSeam {
public:
    SimulatedSeam(std::uint64_t seed, Timestamp start, Duration length, SeamTemper temper,
                  FaultTally& tally);

    // The next moment at which something happens by itself.
    [[nodiscard]] std::optional<Timestamp> next_change() const;
    void advance(Timestamp now);
    // The events since the last call, to be delivered, and the codes that changed.
    [[nodiscard]] std::vector<Webhook> take_events();
    [[nodiscard]] std::set<std::string> take_changed();

    // As the API answers at `now` to a POST of a JSON body with a key of that workspace.
    [[nodiscard]] SeamAnswer post(std::string_view path, std::string_view body,
                                  const std::string& workspace_id, Timestamp now);

    [[nodiscard]] const std::map<std::string, CodeAtSeam>& codes() const { return codes_; }
    // Seam's own clock: of its Date header and of what it writes into events.
    [[nodiscard]] Timestamp clock(Timestamp now) const { return now + clock_off_; }
    void set_clock(Duration off) { clock_off_ = off; }
    // A replica that has lost every code answers, in Seam's own words.
    void lose_codes(bool lost) { codes_lost_ = lost; }
    void refuse_event_lists(bool refuse) { events_refused_ = refuse; }
    // Whether most of the codes that were looked at lately were not found, three at the least,
    // by the looks since `from`; `counts`: whether a missing one does.
    [[nodiscard]] bool most_are_missing(
        Timestamp now, Timestamp from, const std::function<bool(const std::string&)>& counts) const;

    // Requests that a real Seam would not know; empty: none.
    [[nodiscard]] const std::string& misuse() const { return misuse_; }

private:
    friend class LifeWriter;
    using Microseconds = std::chrono::sys_time<std::chrono::microseconds>;
    using ListedEvent = std::pair<const Microseconds, boost::json::object>;
    struct EventRange {
        Microseconds after;
        Microseconds before;
        std::string workspace_id;
    };

    void plan(Timestamp at, std::function<void(Timestamp)> act);
    void change(const std::string& id, Timestamp at, const std::function<void(CodeState&)>& act);
    // Tells of a code; Seam writes the event down `after` it happened, by default at random.
    void emit(std::string_view type, const std::string& id, Timestamp at,
              boost::json::object more = {}, std::optional<std::chrono::microseconds> after = {});
    void emit_for_account_or_device(std::string_view type, std::string_view device_id,
                                    Timestamp at);
    void add_event(std::string_view type, boost::json::object event, Timestamp at,
                   std::chrono::microseconds after);

    [[nodiscard]] SeamAnswer get_code(const boost::json::object& asked, bool managed,
                                      const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_codes(const boost::json::object& asked, bool managed,
                                        const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_events(const boost::json::object& asked,
                                         const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_devices(const std::string& workspace_id);
    [[nodiscard]] const CodeState& seen(const CodeAtSeam& code, Timestamp now);
    [[nodiscard]] bool is_listed(const ListedEvent& listed, const EventRange& range, Timestamp now);
    void note_look(const CodeAtSeam& code, bool found, Timestamp now);

    std::uint64_t pick(std::uint64_t count) { return random_() % count; }
    bool chance(double probability) {
        return std::uniform_real_distribution<>(0, 1)(random_) < probability;
    }
    Duration within(Duration span);

    std::mt19937_64 random_;
    SeamTemper temper_;
    std::multimap<Timestamp, std::function<void(Timestamp)>> future_;
    std::map<std::string, CodeAtSeam> codes_;
    std::set<std::string> unmanaged_devices_;
    std::set<std::string> changed_;
    std::multimap<Microseconds, boost::json::object> events_;  // by their `created_at`
    std::vector<Webhook> to_deliver_;
    FaultTally& tally_;
    Duration clock_off_{};
    std::set<std::string> start_left_out_;  // of the last answer about that code
    bool codes_lost_ = false;
    bool events_refused_ = false;
    std::map<std::string, std::pair<Timestamp, bool>>
        looks_;  // the last of each code, and if found
    std::uint64_t numbered_ = 0;
    std::string misuse_;
};

}  // namespace oracode::test
