#include "lifecycle/seam_words.hpp"

#include <boost/json.hpp>

#include "core/lenient_json.hpp"

namespace oracode::lifecycle::seam_words {
namespace {

namespace json = boost::json;

constexpr std::string_view modified_externally = "code_modified_external_to_seam";

std::optional<json::array> list_in(std::string_view text) {
    boost::system::error_code error;
    auto list = parse_lenient_json(text, error);
    if (error || !list.is_array()) return std::nullopt;
    return std::move(list.get_array());
}

// Calls `take` with each object of the JSON array `text`.
template <class Take>
void each_object(std::string_view text, Take&& take) {
    if (text.empty() || text == "[]") return;
    const auto list = list_in(text);
    if (!list) return;
    for (const auto& entry : *list) {
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

// Trouble of the device, account or bridge.
bool is_of_another(const json::object& error) {
    return is_true(error, "is_device_error") || is_true(error, "is_connected_account_error") ||
           is_true(error, "is_bridge_error");
}

bool is_of_the_code(const json::object& error) {
    return is_true(error, "is_access_code_error") || !is_of_another(error);
}

// Digits alone could be a PIN.
bool is_word(std::string_view text) {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && text.front() >= 'a' && text.front() <= 'z' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == text.npos;
}

// The objects of the JSON array `text` that `keep` lets pass, and what is not an object. A text
// that is not an array stays as it is.
template <class Keep>
std::string only(const std::string& text, Keep&& keep) {
    const auto list = list_in(text);
    if (!list) return text;
    json::array kept;
    for (const auto& entry : *list) {
        const auto* object = entry.if_object();
        if (object == nullptr || keep(*object)) kept.push_back(entry);
    }
    return json::serialize(kept);
}

}  // namespace

std::string errors_outliving_setting(const std::string& errors) {
    return only(errors, [](const json::object& error) {
        return is_of_another(error) || says(error, "error_code", "access_code_inactive");
    });
}

std::string warnings_outliving_setting(const std::string& warnings) {
    return only(warnings, [](const json::object& warning) {
        return !says(warning, "warning_code", "delay_in_setting_on_device");
    });
}

std::string errors_of_others(const std::string& errors) {
    return only(errors, is_of_another);
}

Complaints complaints(std::string_view errors, std::string_view warnings) {
    Complaints found;
    each_object(errors, [&](const json::object& error) {
        if (is_of_the_code(error)) found.of_the_code = true;
        if (says(error, "error_code", modified_externally)) found.altered = true;
    });
    each_object(warnings, [&](const json::object& warning) {
        if (says(warning, "warning_code", "being_deleted")) found.being_deleted = true;
        if (says(warning, "warning_code", modified_externally)) found.altered = true;
    });
    return found;
}

std::vector<std::string> error_codes(std::string_view errors) {
    constexpr std::size_t most = 3;
    std::vector<std::string> codes;
    each_object(errors, [&](const json::object& error) {
        const auto* code = error.if_contains("error_code");
        if (codes.size() == most || !is_of_the_code(error) || code == nullptr ||
            !code->is_string() || !is_word(code->get_string()))
            return;
        codes.emplace_back(code->get_string());
    });
    return codes;
}

bool change_is_pending(std::string_view mutations) {
    bool pending = false;
    each_object(mutations, [&](const json::object& mutation) {
        for (const auto* change : {"updating_code", "updating_time_frame", "deleting"})
            pending = pending || says(mutation, "mutation_code", change);
    });
    return pending;
}

bool creation_is_pending(std::string_view mutations) {
    return mutations.find("\"creating\"") != std::string_view::npos ||
           mutations.find("\"deferring_creation\"") != std::string_view::npos;
}

std::optional<Timestamp> creation_deferred_to(std::string_view mutations) {
    bool found = false;
    std::optional<Timestamp> until;
    each_object(mutations, [&](const json::object& mutation) {
        const auto* at = mutation.if_contains("scheduled_at");
        if (found || !says(mutation, "mutation_code", "deferring_creation") || at == nullptr ||
            !at->is_string())
            return;
        found = true;
        until = parse_rfc3339(at->get_string());
    });
    return until;
}

}  // namespace oracode::lifecycle::seam_words
