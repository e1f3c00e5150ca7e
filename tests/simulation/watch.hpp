// Holds the daemon to its promises at every moment of a simulation: looks at a code whenever
// something about it changed, at Seam or in the store, and when the moment comes at which what is
// wrong now would have lasted too long. What cannot be known while Seam cannot be asked is allowed
// for explicitly.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "lifecycle/access_code.hpp"
#include "simulation/code_at_seam.hpp"

namespace oracode::test {

struct WatchOptions {
    Duration backfill{};
    Duration discover{};
};

class Watch {
public:
    // `again(when, id)`: the watch wants to look at that code then.
    Watch(WatchOptions options, std::function<void(Timestamp, const std::string&)> again)
        : options_(options), again_(std::move(again)) {}

    // `held`: what the store has of the code; `clock`: the daemon's own at `now`.
    void look(const CodeAtSeam& code, const AccessCode* held, Timestamp now, Timestamp clock);

    // From now on nothing can be learned about the code (empty: about any) / it can again.
    void trouble_begins(Timestamp now, const std::string& id);
    void trouble_ends(Timestamp now, const std::string& id);

    // The first promise that was broken, for people; empty: none.
    [[nodiscard]] const std::string& broken() const { return broken_; }

private:
    static constexpr std::size_t promises = 6;
    struct Fault {
        std::string what;
        Duration allowed{};
        Timestamp at_the_earliest = Timestamp::min();  // from when on it counts
    };
    struct Standing {
        std::array<std::optional<Timestamp>, promises> wrong_since{};
        std::optional<Timestamp> alive_since;
        std::optional<Timestamp> reported_since_alive;
        std::optional<Timestamp> next;
    };
    using Faults = std::array<std::optional<Fault>, promises>;

    [[nodiscard]] Faults faults(const CodeAtSeam& code, const AccessCode* held, Timestamp now,
                                Timestamp clock, const Standing& standing) const;
    [[nodiscard]] Fault unknown(std::string what, const Standing& standing) const;
    void notice_life(Standing& standing, const CodeAtSeam& code, Timestamp now) const;
    void look_at_edges(const CodeAtSeam& code, Timestamp now);
    [[nodiscard]] Timestamp clear_since(const std::string& id) const;

    WatchOptions options_;
    std::function<void(Timestamp, const std::string&)> again_;
    std::map<std::string, Standing> standings_;
    std::map<std::string, Timestamp> trouble_from_;  // open ones, by code; "" is everything
    std::map<std::string, Timestamp> clear_from_;    // when the last one ended
    Timestamp events_lost_before_ = Timestamp::min();
    std::string broken_;
};

}  // namespace oracode::test
