// What a look at Seam put right that no event had reported. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

enum class Correction : std::uint8_t {
    status,   // other than by the step to `setting`, which no event announces
    window,   // a start or an end that was known
    errors,   // those of Seam came or went
    pin,      // one that was known
    missing,  // it was not found for the first time
    found,    // it was missing
    ended,
    revived,  // it had ended
    managed   // by Seam, or not any more
};
inline constexpr std::size_t correction_count = 9;

[[nodiscard]] std::string_view name(Correction correction);

// By Correction: whether it was made.
using Corrections = std::array<bool, correction_count>;

// What the answer that led from `before` to `after` corrected. What an event had announced
// (`before` was to be fetched) is not a correction, except that a code is missing, found or alive.
[[nodiscard]] Corrections corrections(const AccessCode& before, const AccessCode& after);

}  // namespace oracode::lifecycle
