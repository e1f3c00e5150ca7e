#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "lifecycle/access_code.hpp"

namespace oracode {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, obstacle_count> obstacle_names{
    "ended",    "not_set", "no_window", "not_started", "error",
    "changing", "no_pin",  "missing",   "unmanaged",   "altered"};

constexpr std::string_view modified_externally = "code_modified_external_to_seam";

// Calls `take` with each object of the JSON array `text`.
template <class Take>
void each_object(std::string_view text, Take&& take) {
    if (text.empty() || text == "[]") return;
    boost::system::error_code error;
    const auto list = json::parse(text, error);
    if (error || !list.is_array()) return;
    for (const auto& entry : list.get_array()) {
        if (const auto* object = entry.if_object()) take(*object);
    }
}

bool says(const json::object& object, std::string_view key, std::string_view text) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() && value->get_string() == text;
}

bool is_true(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

bool about_the_code(const json::object& error) {
    return is_true(error, "is_access_code_error") ||
           !(is_true(error, "is_device_error") || is_true(error, "is_connected_account_error") ||
             is_true(error, "is_bridge_error"));
}

bool changes_the_code(const json::object& mutation) {
    return says(mutation, "mutation_code", "updating_code") ||
           says(mutation, "mutation_code", "updating_time_frame") ||
           says(mutation, "mutation_code", "deleting");
}

void add_those_of_the_window(const AccessCode& code, Timestamp now, Obstacles& obstacles) {
    const auto& starts_at = code.starts_at.value;
    const auto& ends_at = code.ends_at.value;
    if (code.ended || (ends_at && now >= *ends_at)) obstacles.add(Obstacle::ended);
    const bool stated = code.starts_at.stated() && code.ends_at.stated();
    if (!stated && code.type.value != "ongoing") obstacles.add(Obstacle::no_window);
    if (starts_at && now < *starts_at) obstacles.add(Obstacle::not_started);
}

void add_what_seam_complains_of(const AccessCode& code, Obstacles& obstacles) {
    each_object(visible_errors(code), [&](const json::object& error) {
        if (about_the_code(error)) obstacles.add(Obstacle::error);
        if (says(error, "error_code", modified_externally)) obstacles.add(Obstacle::altered);
    });
    each_object(visible_warnings(code), [&](const json::object& warning) {
        if (says(warning, "warning_code", "being_deleted")) obstacles.add(Obstacle::changing);
        if (says(warning, "warning_code", modified_externally)) obstacles.add(Obstacle::altered);
    });
    if (!code.pending_mutations.value) return;
    each_object(*code.pending_mutations.value, [&](const json::object& mutation) {
        if (changes_the_code(mutation)) obstacles.add(Obstacle::changing);
    });
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

}  // namespace oracode
