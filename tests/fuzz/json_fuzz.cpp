// JSON as other programs write it: good JSON is left as it is, mending it once is enough, and what
// was mended is read.
#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "core/lenient_json.hpp"
#include "core/text.hpp"
#include "input.hpp"

using namespace oracode;
using fuzz::require;
namespace json = boost::json;

namespace {

// The same but for the last bits of doubles: Boost.JSON 1.81 reads numbers of many digits not to
// the last bit, so what it has written it may read as a neighbour.
bool is_alike(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number())
        return a == b || std::abs(a.to_number<double>() - b.to_number<double>()) <=
                             1e-15 * std::abs(a.to_number<double>());
    if (a.is_array() && b.is_array())
        return std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(),
                          b.get_array().end(), is_alike);
    if (!a.is_object() || !b.is_object()) return a == b;
    const auto& of_b = b.get_object();
    return a.get_object().size() == of_b.size() &&
           std::all_of(a.get_object().begin(), a.get_object().end(), [&](const auto& member) {
               const auto* other = of_b.if_contains(member.key());
               return other != nullptr && is_alike(member.value(), *other);
           });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto mended = mend_json(text);
    // Of several byte order marks one is taken off each time.
    require(mend_json(mended) == mended || mended.starts_with("\xEF\xBB\xBF"));

    boost::system::error_code error;
    bool was_mended = false;
    const auto lenient = parse_lenient_json(text, error, {}, max_json_depth, &was_mended);
    json::parse_options options;
    options.max_depth = max_json_depth;
    boost::system::error_code strict_error;
    const auto strict = json::parse(text, strict_error, {}, options);
    if (!strict_error) {
        require(!error && !was_mended);
        boost::system::error_code too_large;  // "Infinity" is not JSON
        static_cast<void>(json::parse(json::serialize(strict), too_large, {}, options));
        require(too_large || strict == lenient);
        // A text that is read without help is not one that would be changed.
        require(mended == text);
    } else if (!error) {
        require(was_mended && parse_lenient_json(mended, strict_error) == lenient);
    }
    if (!error) require(is_alike(json::parse(json::serialize(lenient), {}, options), lenient));
    return 0;
}
