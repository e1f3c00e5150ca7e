// JSON as other programs write it: good JSON is left as it is, mending it once is enough, and what
// was mended is read.
#include <boost/json.hpp>

#include "core/lenient_json.hpp"
#include "core/text.hpp"
#include "input.hpp"

using namespace oracode;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto mended = mend_json(text);
    // Of several byte order marks one is taken off each time.
    require(mend_json(mended) == mended || mended.starts_with("\xEF\xBB\xBF"));

    boost::system::error_code error;
    bool was_mended = false;
    const auto lenient = parse_lenient_json(text, error, {}, max_json_depth, &was_mended);
    boost::json::parse_options options;
    options.max_depth = max_json_depth;
    boost::system::error_code strict_error;
    const auto strict = boost::json::parse(text, strict_error, {}, options);
    if (!strict_error) {
        require(!error && !was_mended);
        boost::system::error_code too_large;  // "Infinity" is not JSON
        static_cast<void>(
            boost::json::parse(boost::json::serialize(strict), too_large, {}, options));
        require(too_large || strict == lenient);
        // A text that is read without help is not one that would be changed.
        require(mended == text);
    } else if (!error) {
        require(was_mended && parse_lenient_json(mended, strict_error) == lenient);
    }
    if (!error)
        require(boost::json::parse(boost::json::serialize(lenient), {}, options) == lenient);
    return 0;
}
