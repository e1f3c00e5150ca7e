// What /readyz says: every condition of being useful, looked at for the request, with its age. Only
// the write to the disk is shared by those who ask within a second: any caller may ask, and it
// costs a sync. Shared by the I/O threads; any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "http/message.hpp"
#include "supervision/liveness.hpp"

namespace oracode::store {
class Store;
}

namespace oracode::api {

// What a look at one condition found.
struct Finding {
    std::optional<std::string> trouble;      // why it does not hold, for people; nullopt: it holds
    std::optional<Timestamp> established{};  // when it last did; nullopt: just now, if it holds
    boost::json::object more{};              // shown beside it
};

struct Check {
    std::string name;
    std::function<Finding()> look;  // must not block
    bool essential = true;          // false: shown, but deliveries are taken all the same
};

class Readiness {
public:
    // What `deps` refers to outlives this and every request it has begun.
    struct Dependencies {
        store::Store& store;                    // whether a write reaches the disk
        const supervision::Liveness& liveness;  // whether threads get on
        std::vector<std::string> essential;     // those of them without which no delivery is taken
        std::vector<Check> checks;
        Clock now;
    };
    explicit Readiness(Dependencies deps);
    ~Readiness();

    // More to look at, before the first request.
    void add(std::vector<Check> checks);

    // 200 where all essential checks hold, else 503, with every check by name. Within `patience`,
    // whatever is stuck.
    void answer(http::Reply reply);

    static constexpr std::chrono::seconds patience{2};
    static constexpr std::chrono::seconds probe_shared_for{1};

private:
    struct Round;

    using Moment = supervision::Moment;
    // The last write to the disk, and the one under way.
    struct Probe {
        std::optional<Moment> began{};  // nullopt: none is under way
        std::optional<Moment> answered{};
        Finding finding{};
    };

    void probe_if_due(boost::asio::io_context& home, Moment now);
    [[nodiscard]] std::optional<Finding> probed(Moment began) const;
    void wait(const std::shared_ptr<Round>& round);
    void finish(Round& round);
    [[nodiscard]] boost::json::object show(const std::string& name, const Finding& finding,
                                           Timestamp now);

    Dependencies deps_;
    mutable std::mutex mutex_;
    Probe probe_;
    std::map<std::string, Timestamp, std::less<>> established_;  // by check
};

}  // namespace oracode::api
