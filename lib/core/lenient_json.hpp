// JSON as other people's programs write it. Pure; may be called from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace oracode {

inline constexpr std::size_t max_json_depth = 64;

// Parses `text` as RFC 8259 has it; where that fails, once more with what a single bad member can
// bring along mended: half of a surrogate pair and bytes that are not UTF-8 become U+FFFD, control
// characters within a text a space, what is nested deeper than `max_depth` null. A number too large
// for a double becomes null in any case. `error` is set for all else. `mended`, where given, says
// whether that was needed.
[[nodiscard]] boost::json::value parse_lenient_json(std::string_view text,
                                                    boost::system::error_code& error,
                                                    boost::json::storage_ptr storage = {},
                                                    std::size_t max_depth = max_json_depth,
                                                    bool* mended = nullptr);

// `text` mended so. What is not JSON otherwise stays none.
[[nodiscard]] std::string mend_json(std::string_view text, std::size_t max_depth = max_json_depth);

}  // namespace oracode
