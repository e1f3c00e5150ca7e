// Removal of PINs, judged by a second reading of what is left: nowhere in it stands a value that is
// a PIN by its place, and no text for people quotes one. All else is as it was.
#include <vector>

#include <boost/json.hpp>

#include "input.hpp"
#include "lifecycle/pins.hpp"
#include "representation/access_code_json.hpp"

namespace {

namespace json = boost::json;
using namespace oracode;
using fuzz::require;

bool is_pin_object(const json::object& object) {
    for (const auto* key : {"property", "field"}) {
        const auto* value = object.if_contains(key);
        if (value != nullptr && value->is_string() && value->get_string() == "code") return true;
    }
    return false;
}

bool hidden(const json::value& value) {
    return value.is_null() || value.is_bool();
}

// Walks through `value` and hands over each value that is a PIN by its place, and each text for
// people.
template <class Pin, class Text>
void walk(const json::value& value, const Pin& pin, const Text& text) {
    if (const auto* array = value.if_array())
        for (const auto& element : *array) walk(element, pin, text);
    const auto* object = value.if_object();
    if (object == nullptr) return;
    const bool about_the_pin = is_pin_object(*object);
    for (const auto& [key, member] : *object) {
        const bool names_it = key == "property" || key == "field";
        if (!hidden(member) && (key == "code" || (about_the_pin && !names_it)))
            pin(member);
        else if (std::string_view(key).ends_with("message") && member.is_string())
            text(std::string_view(member.get_string()));
        else
            walk(member, pin, text);
    }
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool quotes(std::string_view text, std::string_view pin) {
    for (auto at = text.find(pin); at != std::string_view::npos; at = text.find(pin, at + 1)) {
        const auto end = at + pin.size();
        if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end])))
            return true;
    }
    return false;
}

std::vector<std::string> pins_in(const json::value& value) {
    std::vector<std::string> pins;
    walk(
        value,
        [&](const json::value& pin) {
            const auto* text = pin.if_string();
            if (text == nullptr || text->size() < 4) return;
            if (std::ranges::all_of(*text, is_digit)) pins.emplace_back(*text);
        },
        [](std::string_view) {});
    return pins;
}

void require_without(const json::value& value, const std::vector<std::string>& pins) {
    walk(
        value, [](const json::value&) { require(false); },
        [&](std::string_view text) {
            for (const auto& pin : pins) require(!quotes(text, pin));
        });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto without = lifecycle::without_pins(text);
    if (without) require(*without != text);

    json::error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const auto before = json::parse(text, error, {}, options);
    if (error) return 0;
    const auto pins = pins_in(before);
    const auto after = json::parse(without ? *without : text, error, {}, options);
    require(!error && after.kind() == before.kind());
    require_without(after, pins);
    require(!without || !lifecycle::without_pins(*without));

    const auto payload = representation::payload_json(text, false);
    require(payload.is_null() || payload.is_object());
    require_without(payload, pins);

    // PINs that another body has told are in none of its texts for people either.
    std::vector<std::string> known;
    lifecycle::add_pins(known, text);
    for (const auto& pin : pins) require(std::ranges::find(known, pin) != known.end());
    const auto message = json::serialize(
        json::object{{"message", "PIN " + (pins.empty() ? "" : pins.front()) + "."}});
    const auto masked = lifecycle::without_pins(message, known);
    require(pins.empty() || (masked && masked->find(pins.front()) == std::string::npos));
    return 0;
}
