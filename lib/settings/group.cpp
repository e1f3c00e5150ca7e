#include "settings/group.hpp"

#include <array>
#include <charconv>

#include <grp.h>

namespace oracode::settings {

std::optional<unsigned> find_group(const std::string& name) {
    group found{};
    group* result = nullptr;
    std::array<char, 16UL * 1024> memory{};
    if (::getgrnam_r(name.c_str(), &found, memory.data(), memory.size(), &result) == 0 &&
        result != nullptr)
        return found.gr_gid;
    unsigned number = 0;
    const auto* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

}  // namespace oracode::settings
