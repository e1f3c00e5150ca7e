// A notification before it has a format. Pure. No PIN is ever in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "representation/access_code_json.hpp"
#include "representation/alert_json.hpp"
#include "representation/change_json.hpp"

namespace oracode::notify {

// How much a person's phone is to make of it.
enum class Urgency : std::uint8_t { trouble, relief, information };

struct Message {
    std::string id;    // the same at each attempt
    std::string type;  // "alert.opened"
    Timestamp at;      // when it happened
    boost::json::object data;
    std::string title;  // ASCII, one line
    std::string text;   // for people
    Urgency urgency{};
};

// The same without what only the outbox knows: `id` and `at`.
// `code`: that of the alert, if it is of one.
[[nodiscard]] Message alert_message(NotificationType type, const store::Alert& alert,
                                    const std::optional<lifecycle::AccessCode>& code,
                                    const representation::View& view);
[[nodiscard]] Message change_message(const store::Change& change,
                                     const std::optional<lifecycle::AccessCode>& code);
// Of no alert and no change: for trying a target out.
[[nodiscard]] Message test_message(std::string_view target);

// "Ada Lovelace, lock 0f3a…, 2026-03-05T15:00:00.000Z to …": what of it is known.
[[nodiscard]] std::string in_words(const lifecycle::AccessCode& code);

}  // namespace oracode::notify
