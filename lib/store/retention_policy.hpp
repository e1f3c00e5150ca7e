// How long things are kept, and what was deleted after that. Plain values; any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "core/time.hpp"

namespace oracode::store {

// Counted from the moment at which we heard of the end of their code (or of them, where they belong
// to none).
struct RetentionPolicy {
    Duration history{};
    Duration pins{};
};

struct Purged {
    std::size_t codes = 0;
    std::size_t events = 0;
    std::size_t changes = 0;
    std::size_t quarantined = 0;
    std::size_t notifications = 0;
    std::size_t pins = 0;  // codes, and bodies of no code, out of which the PINs were taken
    bool more = false;     // there is more to do at once
    std::optional<Timestamp> next{};  // when there will be, of what is stored now

    friend bool operator==(const Purged&, const Purged&) = default;
};

}  // namespace oracode::store
