// What Seam's errors, warnings and pending mutations mean for a code. Beside pins.* the one place
// of this module that knows Seam's member names and codes. Each takes a JSON array as Seam sent it;
// what is not one means nothing. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode::lifecycle::seam_words {

// The list without the entries that a successful setting of the code ends: trouble in setting it.
// That of its device, account or bridge stays, and so does the code's being switched off.
[[nodiscard]] std::string errors_outliving_setting(const std::string& errors);
[[nodiscard]] std::string warnings_outliving_setting(const std::string& warnings);

// The list without the errors of the code itself.
[[nodiscard]] std::string errors_of_others(const std::string& errors);

struct Complaints {
    bool of_the_code = false;    // an error that is not of the device, account or bridge alone
    bool being_deleted = false;  // a warning
    bool altered = false;        // outside Seam; an error or a warning
};
[[nodiscard]] Complaints complaints(std::string_view errors, std::string_view warnings);

// The `error_code`s of the errors of the code itself, a few at most: those of them that are words.
[[nodiscard]] std::vector<std::string> error_codes(std::string_view errors);

// Seam is about to change the code or its window, or to delete it.
[[nodiscard]] bool change_is_pending(std::string_view mutations);
// Seam will still create the code.
[[nodiscard]] bool creation_is_pending(std::string_view mutations);
// When Seam will start programming a code whose creation it has put off.
[[nodiscard]] std::optional<Timestamp> creation_deferred_to(std::string_view mutations);

}  // namespace oracode::lifecycle::seam_words
