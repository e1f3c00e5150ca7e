// The one table of all keys: name, member, kind of value, help. Internal to settings; immutable, so
// any thread may read it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/given.hpp"
#include "settings/load.hpp"

namespace oracode::settings {

struct Key {
    KeyDescription description;
    std::string alternative;  // the key that says the same in another way
    bool hidden = false;      // what it was set to is not to be repeated in a problem
    // Puts what is given into the settings, which stay as they are where there is a fault.
    std::function<std::vector<Fault>(Settings&, const Given&, bool hidden)> take;
    std::function<bool(const Settings&, const Settings&)> same;
};

// A key of the [[notify]] tables; it has no variable and no flag.
struct TargetKey {
    std::string name;  // in the table
    KeyDescription description;
    bool hidden = false;  // as in Key
    std::function<std::vector<Fault>(NotifyTarget&, const Given&, bool hidden)> take;
};

[[nodiscard]] std::span<const Key> all_keys();
[[nodiscard]] std::span<const TargetKey> all_target_keys();
[[nodiscard]] const TargetKey* find_target_key(std::string_view name);
[[nodiscard]] const Key* find_key(std::string_view name);
[[nodiscard]] const Key* find_variable(std::string_view variable);
[[nodiscard]] bool is_section(std::string_view name);

}  // namespace oracode::settings
