// Codes that are to be asked for singly, the most urgent first. Pure; owned by the Planner.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "poller/request.hpp"

namespace oracode::poller {

class GetQueue {
public:
    // A code that waits already stays as it is. Beyond `most_waiting` the least urgent gives way:
    // it is due in the store all the same and comes again.
    void add(GetCode code);
    void remove(std::string_view access_code_id);
    void clear();

    // As in the store's list of due codes: the one whose stay begins nearest to `now`; one whose
    // start is not known goes before all.
    [[nodiscard]] std::optional<GetCode> next(Timestamp now) const;
    [[nodiscard]] bool contains(std::string_view access_code_id) const {
        return places_.contains(access_code_id);
    }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

    static constexpr std::size_t most_waiting = 2000;

private:
    using Place = std::pair<Timestamp, std::string>;

    std::map<Place, GetCode> waiting_;
    std::map<std::string, Place, std::less<>> places_;
};

}  // namespace oracode::poller
