// Seam as a simulation needs it: the truth about some codes over a few days, the events that tell
// of it, and the answers of its API. Everything follows from the seed; time moves only by
// `advance`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "lifecycle/access_code.hpp"
#include "poller/backfill.hpp"

namespace oracode::test {

// What a person at Seam's console would see of a code.
struct Truth {
    std::string name;
    Status status = Status::unset;
    Timestamp created_at;
    Timestamp starts_at;
    Timestamp ends_at;
    Timestamp silent_change_at;  // the last change that no event announced
    bool exists = false;
    bool gone = false;       // removed or deleted for good
    bool not_found = false;  // and `get` says so with a 404
};

class SimulatedSeam {
public:
    SimulatedSeam(std::uint64_t seed, Timestamp start, Duration length);

    // The next moment at which something happens by itself.
    [[nodiscard]] std::optional<Timestamp> next_change() const;
    void advance(Timestamp now);
    // Events that came up since the last call, to be delivered.
    [[nodiscard]] std::vector<boost::json::object> take_events();

    // As the API answers now. Lists leave out what real ones leave out.
    [[nodiscard]] boost::json::array list_access_codes(std::span<const std::string> ids);
    [[nodiscard]] std::optional<boost::json::object> access_code(const std::string& id) const;
    [[nodiscard]] boost::json::array list_events(const poller::Window& window);

    [[nodiscard]] const std::map<std::string, Truth>& truths() const { return truths_; }

    static constexpr std::size_t events_page = 20;  // small, so that windows have to be split

private:
    enum class Step {
        created,
        scheduled,
        programming,
        delayed,
        failed,
        set,
        reverted,
        renamed,
        extended,
        disconnected,
        connected,
        removing,
        removed,
        deleted
    };
    struct Happening {
        Timestamp at;
        Step step;
        std::string id;
    };

    void write_life(const std::string& id, Timestamp start, Duration length);
    void happen(const Happening& happening);
    void emit(std::string_view type, const std::string& id, Timestamp at,
              boost::json::object more = {});
    [[nodiscard]] boost::json::object object_of(const std::string& id, bool in_list) const;
    std::uint64_t pick(std::uint64_t count) { return random_() % count; }
    Duration within(Duration span) {
        return Duration{static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(span.count())))};
    }

    std::mt19937_64 random_;
    std::vector<Happening> future_;  // the next one last
    std::map<std::string, Truth> truths_;
    std::map<std::string, Status> before_disconnect_;
    std::vector<std::pair<Timestamp, boost::json::object>> events_;
    std::size_t told_ = 0;
    std::uint64_t numbered_ = 0;
};

}  // namespace oracode::test
