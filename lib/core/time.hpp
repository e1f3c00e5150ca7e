// Instants as the daemon keeps them: milliseconds since the epoch, UTC. Pure; nothing here reads a
// clock.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oracode {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

// Where code that serves requests takes `now` from; only `main` makes one that reads the machine's
// clock. May be called from any thread.
using Clock = std::function<Timestamp()>;

// An RFC 3339 instant, `Z` or numeric offset required, any number of fraction digits (cut to
// milliseconds). nullopt for anything else, dates that do not exist and leap seconds other than a
// clamped `:60` included.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

// "2026-03-05T15:00:00.000Z". Years outside 0000-9999 cannot be written and are clamped.
[[nodiscard]] std::string format_rfc3339(Timestamp at);
void append_rfc3339(std::string& out, Timestamp at);

// "Thu, 05 Mar 2026 15:00:00 GMT", as HTTP's Date wants it.
[[nodiscard]] std::string format_http_date(Timestamp at);

// `300ms`, `30s`, `5m`, `2h`, `7d`: a non-negative integer and one unit. nullopt for anything else
// or overflow.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(Duration duration);

// `512`, `64KiB`, `2MiB`, `1GiB`: bytes. nullopt for anything else or overflow.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);

}  // namespace oracode
