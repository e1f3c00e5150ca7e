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

namespace oracode::test {

// What crosses the wire; status 0: no answer.
struct SeamAnswer {
    unsigned status = 200;
    std::string body;
    std::string date;
    std::string retry_after = {};
};

// How large and how contrary a Seam is.
struct SeamTemper {
    std::size_t codes = 4;
    std::size_t page = 55'000;            // access codes shown at once
    double stale = 0;                     // share of the reads answered by a replica that lags
    Duration lag{};                       // by at most this
    double left_out = 0;                  // of a list by ids: a code that exists is not in it
    double slim = 0;                      // codes whose lists lack window and kind
    double no_start = 0;                  // of the gets: `starts_at` null once
    Duration ahead{};                     // `occurred_at` later than the moment by at most this
    bool silent = false;                  // changes and codes that no event tells of
    std::string refused_event_type = {};  // /events/list answers 400 to it
    std::size_t burst = 0;                // events within one second, once
};

class SimulatedSeam {
public:
    SimulatedSeam(std::uint64_t seed, Timestamp start, Duration length, SeamTemper temper);

    // The next moment at which something happens by itself.
    [[nodiscard]] std::optional<Timestamp> next_change() const;
    void advance(Timestamp now);
    // Bodies of the events since the last call, to be delivered, and the codes that changed.
    [[nodiscard]] std::vector<std::string> take_events();
    [[nodiscard]] std::set<std::string> take_changed();

    // As the API answers at `now` to a POST of a JSON body with a key of that workspace.
    [[nodiscard]] SeamAnswer post(std::string_view path, std::string_view body,
                                  const std::string& workspace_id, Timestamp now);

    [[nodiscard]] const std::map<std::string, CodeAtSeam>& codes() const { return codes_; }
    // Requests that a real Seam would not know; empty: none.
    [[nodiscard]] const std::string& misuse() const { return misuse_; }

private:
    friend class LifeWriter;
    using Microseconds = std::chrono::sys_time<std::chrono::microseconds>;
    struct ListedEvent {
        Microseconds created_at;
        boost::json::object event;
    };

    void plan(Timestamp at, std::function<void(Timestamp)> act);
    void change(const std::string& id, Timestamp at, const std::function<void(CodeState&)>& act);
    void emit(std::string_view type, const std::string& id, Timestamp at,
              boost::json::object more = {});
    void emit_beneath(std::string_view type, std::string_view device_id, Timestamp at);
    void add_event(std::string_view type, boost::json::object event, Timestamp at);

    [[nodiscard]] SeamAnswer get_code(const boost::json::object& asked, bool managed,
                                      const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_codes(const boost::json::object& asked, bool managed,
                                        const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_events(const boost::json::object& asked,
                                         const std::string& workspace_id, Timestamp now);
    [[nodiscard]] SeamAnswer list_devices(const std::string& workspace_id);
    [[nodiscard]] const CodeState& seen(const CodeAtSeam& code, Timestamp now);

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
    std::vector<ListedEvent> events_;
    std::size_t delivered_ = 0;
    std::uint64_t numbered_ = 0;
    std::string misuse_;
};

}  // namespace oracode::test
