#include "settings/group.hpp"

#include <array>

#include <grp.h>

#include "core/text.hpp"

namespace oracode::settings {

std::optional<unsigned> find_group(const std::string& name) {
    group found{};
    group* result = nullptr;
    std::array<char, 16UL * 1024> memory{};
    if (::getgrnam_r(name.c_str(), &found, memory.data(), memory.size(), &result) == 0 &&
        result != nullptr)
        return found.gr_gid;
    return parse_number<unsigned>(name);
}

}  // namespace oracode::settings
