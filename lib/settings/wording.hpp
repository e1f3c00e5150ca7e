// How problems quote and suggest. Internal to settings; pure.
#pragma once

#include <string>
#include <string_view>

namespace oracode::settings {

// `text` in quotes, printable and short; what looks like a secret is not shown.
[[nodiscard]] std::string in_quotes(std::string_view text);

// "; did you mean webhook.max_body?" if something of that kind is near, else nothing.
[[nodiscard]] std::string suggest_key(std::string_view name);
[[nodiscard]] std::string suggest_variable(std::string_view name);
[[nodiscard]] std::string suggest_section(std::string_view name);

}  // namespace oracode::settings
