#include "support/fake_seam_schema.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/json.hpp>

#include "core/time.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

const json::object& schema() {
    static const json::value parsed = [] {
        std::ifstream in(data_path("seam/openapi-subset.json"));
        return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    }();
    return parsed.as_object();
}

const json::value* at(const json::value* value, std::string_view key) {
    const auto* const object = value ? value->if_object() : nullptr;
    return object ? object->if_contains(key) : nullptr;
}

std::string text_at(const json::value& value, std::string_view key) {
    const auto* const found = at(&value, key);
    return found && found->is_string() ? std::string(found->get_string()) : std::string{};
}

bool fits(const json::value& value, const json::value& wanted);

bool fits_text(const json::string& text, const json::value& wanted) {
    if (text_at(wanted, "format") == "date-time" && !parse_rfc3339(text)) return false;
    const auto* const shortest = at(&wanted, "minLength");
    return !shortest || text.size() >= shortest->to_number<std::size_t>();
}

bool fits_array(const json::array& array, const json::value& wanted) {
    const auto* const fewest = at(&wanted, "minItems");
    const auto* const most = at(&wanted, "maxItems");
    if (fewest && array.size() < fewest->to_number<std::size_t>()) return false;
    if (most && array.size() > most->to_number<std::size_t>()) return false;
    const auto* const items = at(&wanted, "items");
    return !items ||
           std::ranges::all_of(array, [&](const auto& item) { return fits(item, *items); });
}

bool fits(const json::value& value, const json::value& wanted) {
    if (const auto* const choices = at(&wanted, "oneOf"))
        return std::ranges::any_of(choices->as_array(),
                                   [&](const auto& choice) { return fits(value, choice); });
    if (const auto* const words = at(&wanted, "enum")) {
        const auto& known = words->as_array();
        if (std::find(known.begin(), known.end(), value) == known.end()) return false;
    }
    const auto type = text_at(wanted, "type");
    if (type == "string") return value.is_string() && fits_text(value.get_string(), wanted);
    if (type == "number" || type == "integer") return value.is_number();
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array() && fits_array(value.get_array(), wanted);
    return true;
}

// A parameter's texts as the JSON that its schema speaks of.
json::value as_json(const std::vector<std::string>& texts, const json::value& wanted) {
    const auto type = text_at(wanted, "type");
    if (type == "array") return json::array(texts.begin(), texts.end());
    if (texts.size() != 1) return nullptr;
    const auto& text = texts.front();
    if (type != "number") return json::value(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return nullptr;
    return number;
}

void check_query(const json::value* parameters,
                 const std::vector<std::pair<std::string, std::string>>& query,
                 std::vector<std::string>& out) {
    std::map<std::string, std::vector<std::string>> given;
    for (const auto& [key, value] : query) given[key].push_back(value);
    for (const auto& [key, texts] : given) {
        const json::value* found = nullptr;
        if (parameters) {
            for (const auto& parameter : parameters->as_array())
                if (text_at(parameter, "name") == key) found = at(&parameter, "schema");
        }
        if (!found)
            out.push_back("unknown parameter " + key);
        else if (!fits(as_json(texts, *found), *found))
            out.push_back("parameter " + key + " is not as in the schema");
    }
}

void check_body(const json::value* wanted, const std::string& body, std::vector<std::string>& out) {
    boost::system::error_code malformed;
    const auto parsed = json::parse(body, malformed);
    if (malformed || !parsed.is_object()) {
        out.emplace_back("the body is not a JSON object");
        return;
    }
    const auto* const properties = at(wanted, "properties");
    for (const auto& [key, value] : parsed.get_object()) {
        const auto* const property = at(properties, key);
        if (!property)
            out.push_back("unknown member " + std::string(key));
        else if (!fits(value, *property))
            out.push_back("member " + std::string(key) + " is not as in the schema");
    }
    if (const auto* const required = at(wanted, "required")) {
        for (const auto& key : required->as_array())
            if (!parsed.get_object().contains(key.as_string()))
                out.push_back("missing member " + std::string(key.as_string()));
    }
}

}  // namespace

std::vector<std::string> violations_of(
    const std::string& method, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& query, const std::string& body) {
    std::vector<std::string> out;
    // The published subset has not this endpoint, which takes what its sibling takes.
    const auto* const known =
        at(schema().if_contains("paths"),
           path == "/access_codes/unmanaged/get" ? std::string{"/access_codes/get"} : path);
    const auto* const operation = at(known, boost::to_lower_copy(method));
    if (!operation) return {"unknown " + method + " " + path};
    check_query(at(operation, "parameters"), query, out);
    if (method == "POST")
        check_body(
            at(at(at(at(operation, "requestBody"), "content"), "application/json"), "schema"), body,
            out);
    else if (!body.empty())
        out.emplace_back("a body where none belongs");
    for (auto& violation : out) violation = method + " " + path + ": " + violation;
    return out;
}

}  // namespace oracode::test
