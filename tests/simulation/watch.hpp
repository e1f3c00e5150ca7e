// Holds the daemon to its promises at every moment of a simulation: looks at a code whenever
// something about it changed, at Seam or in the store, and when the moment comes at which what is
// wrong now would have lasted too long. Seam's object is the judge. What cannot be known while Seam
// cannot be asked is allowed for explicitly.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "lifecycle/access_code.hpp"
#include "lifecycle/alert.hpp"
#include "simulation/code_at_seam.hpp"

namespace oracode::test {

struct WatchOptions {
    Duration backfill{};
    Duration discover{};
    // Whether so many codes are missing at Seam that this one may not end for it.
    std::function<bool(const std::string&)> most_are_missing;
    // Whether the daemon knows no other code that has not ended, so that none can be asked for.
    std::function<bool(const std::string&)> is_alone;
    // The watch wants to look at that code then.
    std::function<void(Timestamp, const std::string&)> again;
};

class Watch {
public:
    explicit Watch(WatchOptions options) : options_(std::move(options)) {}

    // What the store has of a code, and how the daemon's clock stands.
    struct Held {
        const lifecycle::AccessCode* code = nullptr;  // null: nothing
        std::set<lifecycle::AlertKind> open_alerts;
        Timestamp clock;
    };
    void look(const CodeAtSeam& code, const Held& held, Timestamp now);
    // The daemon has started.
    void started(Timestamp now);
    // An event about the code that only a look can settle, sent at `sent_at`, is durable.
    void note_report(const std::string& id, Timestamp sent_at, Timestamp now);

    // What a trouble is about, beside single codes.
    static constexpr const char* everything = "";
    static constexpr const char* event_lists = "/events/list";
    static constexpr const char* lost_codes = "/access_codes";
    // From now on nothing can be learned about the code, or about one of these / it can again.
    void trouble_begins(Timestamp now, const std::string& about);
    void trouble_ends(Timestamp now, const std::string& about);

    // The first promise that was broken, for people; empty: none.
    [[nodiscard]] const std::string& broken() const { return broken_; }

    // How long each promise was at most not kept, by its name and what is allowed.
    using Longest = std::map<std::pair<std::string, Duration>, Duration>;
    [[nodiscard]] const Longest& longest() const { return longest_; }

private:
    enum Promise : std::uint8_t {
        known,
        alive_not_ended,
        not_ready_falsely,
        ready_noticed,
        status_right,
        overdue_noticed,
        report_believed,
        gone_noticed,
        no_false_end,
        alert_opened,
        alert_closed,
    };
    static constexpr std::size_t promises = alert_closed + 1;
    struct Wrong {
        std::string what;
        Duration allowed{};
        Timestamp at_the_earliest = Timestamp::min();  // from when on it counts
    };
    struct Since {
        Timestamp at;
        Timestamp counted_from = Timestamp::max();
        Duration allowed{};
    };
    struct Standing {
        std::array<std::optional<Since>, promises> wrong_since{};
        std::optional<Timestamp> alive_since;
        std::optional<Timestamp> reported_since_alive;
        std::optional<Timestamp> start_known_since;
        Timestamp reported_sent = Timestamp::min();
        Timestamp reported_at = Timestamp::min();
        bool over = false;             // it counts as ended
        bool ended = false;            // it counts as removed or deleted
        bool ended_excusably = false;  // while it was gone, after its end, or as below
        bool given_up = false;  // Seam did not find it, and there was no other code to ask for
    };
    using Wrongs = std::array<std::optional<Wrong>, promises>;
    struct Sight {
        const CodeAtSeam& code;
        const lifecycle::AccessCode* held;
        Timestamp now;
        Timestamp clock;
        const std::set<lifecycle::AlertKind>& open_alerts;
    };

    [[nodiscard]] Wrongs wrongs(const Sight& sight, const Standing& standing) const;
    void about_its_life(const Sight& sight, const Standing& standing, Wrongs& out) const;
    static void about_its_alerts(const Sight& sight, Wrongs& out);
    void about_its_state(const Sight& sight, const Standing& standing, Wrongs& out) const;
    [[nodiscard]] Wrong unknown(std::string what, const Standing& standing) const;
    void notice_life(Standing& standing, const CodeAtSeam& code, Timestamp now) const;
    void notice_end(Standing& standing, const Sight& sight);
    void judge(const Sight& sight, std::size_t promise, Since& since, const Wrong& wrong);
    void measure(const std::string& id, std::size_t promise, const Since& since, Timestamp now);
    void look_at_edges(const Sight& sight);
    [[nodiscard]] Timestamp clear_since(const std::string& id) const;
    [[nodiscard]] Timestamp clear_since(const std::string& id, std::size_t promise) const;
    [[nodiscard]] bool in_trouble(const std::string& about) const {
        return trouble_from_.contains(about);
    }

    WatchOptions options_;
    std::map<std::string, Standing> standings_;
    std::map<std::string, Timestamp> trouble_from_;  // open ones, by what they are about
    std::map<std::string, Timestamp> clear_from_;    // when the last one ended
    Timestamp started_at_ = Timestamp::min();        // the daemon
    Timestamp events_lost_before_ = Timestamp::min();
    Longest longest_;
    std::string broken_;
};

}  // namespace oracode::test
