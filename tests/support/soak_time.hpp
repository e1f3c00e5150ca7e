// How long a long proof goes on, and from which seed, as tests/soak says.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace oracode::test {

struct SoakTime {
    std::chrono::minutes length;
    std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + length;
    std::uint64_t first_seed = 1'000'000;

    [[nodiscard]] bool is_over() const { return std::chrono::steady_clock::now() >= end; }
};

// nullopt: this is no soak.
[[nodiscard]] inline std::optional<SoakTime> soak_time() {
    const char* const minutes = std::getenv("ORACODE_SOAK_MINUTES");
    if (minutes == nullptr) return std::nullopt;
    SoakTime time{std::chrono::minutes{std::strtol(minutes, nullptr, 10)}};
    if (const char* const from = std::getenv("ORACODE_SOAK_SEED"))
        time.first_seed = std::strtoull(from, nullptr, 10);
    return time;
}

}  // namespace oracode::test
