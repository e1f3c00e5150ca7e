#include <algorithm>
#include <array>

#include "lifecycle/access_code.hpp"
#include "lifecycle/seam_words.hpp"

namespace oracode::lifecycle {
namespace {

constexpr std::array<std::string_view, obstacle_count> obstacle_names{
    "ended",    "not_set", "no_window", "not_started", "error",
    "changing", "no_pin",  "missing",   "unmanaged",   "altered"};

void add_those_of_the_window(const AccessCode& code, Timestamp now, Obstacles& obstacles) {
    const auto& starts_at = code.starts_at.value;
    const auto& ends_at = code.ends_at.value;
    if (code.ended || (ends_at && now >= *ends_at)) obstacles.add(Obstacle::ended);
    const bool stated = code.starts_at.stated() && code.ends_at.stated();
    if (!stated && code.type.value != "ongoing") obstacles.add(Obstacle::no_window);
    if (starts_at && now < *starts_at) obstacles.add(Obstacle::not_started);
}

void add_what_seam_complains_of(const AccessCode& code, Obstacles& obstacles) {
    const auto found = seam_words::complaints(visible_errors(code), visible_warnings(code));
    if (found.of_the_code) obstacles.add(Obstacle::error);
    if (found.altered) obstacles.add(Obstacle::altered);
    const auto& mutations = code.pending_mutations.value;
    if (found.being_deleted || (mutations && seam_words::change_is_pending(*mutations)))
        obstacles.add(Obstacle::changing);
}

}  // namespace

std::string_view name(Obstacle obstacle) {
    return obstacle_names.at(static_cast<std::size_t>(obstacle));
}

std::vector<Obstacle> Obstacles::list() const {
    std::vector<Obstacle> all;
    for (std::size_t i = 0; i < obstacle_count; ++i) {
        if (has(static_cast<Obstacle>(i))) all.push_back(static_cast<Obstacle>(i));
    }
    return all;
}

Obstacles not_ready(const AccessCode& code, Timestamp now) {
    Obstacles obstacles;
    add_those_of_the_window(code, now, obstacles);
    if (code.status != Status::set) obstacles.add(Obstacle::not_set);
    if (code.is_waiting_for_code_assignment.value == true) obstacles.add(Obstacle::no_pin);
    if (!code.missing_looks.empty()) obstacles.add(Obstacle::missing);
    if (!code.managed.value) obstacles.add(Obstacle::unmanaged);
    if (code.altered > code.managed.stamp) obstacles.add(Obstacle::altered);
    add_what_seam_complains_of(code, obstacles);
    return obstacles;
}

std::optional<Timestamp> missing_since(const AccessCode& code) {
    if (code.missing_looks.empty()) return std::nullopt;
    return code.missing_looks.front();
}

}  // namespace oracode::lifecycle
