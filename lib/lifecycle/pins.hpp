// What is a PIN in what Seam sends: the one place that decides, for answers, quarantine and the
// purge alike. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oracode::lifecycle {

// `json` with null in the place of every PIN, and not another byte changed; nullopt where there is
// none. By Seam's schema and by its form, at any depth, PINs are the value of a member named `code`
// and all values of an object whose `property` or `field` is "code" (changed_properties,
// modified_fields); `error_code` and alike are none. A text that itself contains such JSON is
// hidden as a whole. In the texts for people (members whose name ends in `message`) a PIN of this
// JSON, or one of `known`, becomes "****" where it stands as a number of its own; one that is known
// from neither looks like any other number. Takes any bytes: what is not JSON, or ends in
// the middle, is read as far as it has the form.
[[nodiscard]] std::optional<std::string> without_pins(std::string_view json,
                                                      std::span<const std::string> known = {});

// Adds the PINs in `json` that a text for people may quote (four digits and more) to `known`, each
// once.
void add_pins(std::vector<std::string>& known, std::string_view json);

}  // namespace oracode::lifecycle
