// How much is logged and in which shape. Values; usable from any thread.
#pragma once

#include <optional>
#include <string_view>

namespace oracode::log {

enum class Level { trace, debug, info, warn, error };
enum class Format {
    text,  // `2026-03-05T15:00:00.000Z info  webhook.accepted status=204`
    json,  // one object a line
};

[[nodiscard]] std::string_view name(Level level);
[[nodiscard]] std::string_view name(Format format);

// The exact lower-case names; nullopt for anything else.
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);
[[nodiscard]] std::optional<Format> parse_format(std::string_view text);

}  // namespace oracode::log
