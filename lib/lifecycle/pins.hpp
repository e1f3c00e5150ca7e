// What is a PIN in what Seam sends: the one place that decides, for answers, quarantine and the
// purge alike. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oracode {

// `json` with null in the place of every PIN, and not another byte changed; nullopt where there is
// none. By Seam's schema and by its form, at any depth, PINs are the value of a member named `code`
// and all values of an object whose `property` or `field` is "code" (changed_properties,
// modified_fields); `error_code` and alike are none. A text that itself contains such JSON is
// hidden as a whole. Takes any bytes: what is not JSON, or ends in the middle, is read as far as it
// has the form.
[[nodiscard]] std::optional<std::string> without_pins(std::string_view json);

}  // namespace oracode
