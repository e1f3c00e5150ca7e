#include "logging/level.hpp"

namespace oracode::log {

std::string_view name(Level level) {
    switch (level) {
        case Level::trace:
            return "trace";
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "unnamed";
}

std::string_view name(Format format) {
    switch (format) {
        case Format::text:
            return "text";
        case Format::json:
            return "json";
    }
    return "unnamed";
}

std::optional<Level> parse_level(std::string_view text) {
    for (const auto level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error})
        if (text == name(level)) return level;
    return std::nullopt;
}

std::optional<Format> parse_format(std::string_view text) {
    for (const auto format : {Format::text, Format::json})
        if (text == name(format)) return format;
    return std::nullopt;
}

}  // namespace oracode::log
