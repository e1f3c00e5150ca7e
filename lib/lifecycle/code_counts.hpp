// How many codes stand where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

struct CodeCounts {
    std::array<std::int64_t, 5> live{};  // by Status, of codes that have not ended
    std::int64_t ended = 0;
    std::int64_t overdue = 0;  // of the live ones

    [[nodiscard]] std::int64_t of(Status status) const {
        return live.at(static_cast<std::size_t>(status));
    }
    friend bool operator==(const CodeCounts&, const CodeCounts&) = default;
};

}  // namespace oracode::lifecycle
