// What the queries of lists, waits and the feed ask for, and where their pages go on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "http/query.hpp"
#include "store/reader.hpp"

namespace oracode::api {

// An error is a sentence for the client that says which parameter is wrong, and why.
template <class T>
using Parsed = boost::system::result<T, std::string>;

// The cursor of a list that is in the order of a number, and the number again; nullopt for what is
// not a cursor of this list. Clients hand them back as they are.
inline constexpr char codes_list = 'c';
inline constexpr char alerts_list = 'n';
inline constexpr char quarantine_list = 'q';
[[nodiscard]] std::string cursor_text(char list, std::int64_t position);
[[nodiscard]] std::optional<std::int64_t> parse_cursor(char list, std::string_view text);

// The same for the list of arrivals.
[[nodiscard]] std::string cursor_text(const store::ArrivalPosition& position);
[[nodiscard]] std::optional<store::ArrivalPosition> parse_arrival_cursor(std::string_view text);

// Each reads all parameters of its list that it knows, absent ones being the default.
[[nodiscard]] Parsed<store::Filter> parse_code_filter(const http::Query& query, Timestamp now,
                                                      Duration grace);
[[nodiscard]] Parsed<store::ArrivalFilter> parse_arrival_filter(const http::Query& query,
                                                                Timestamp now);
[[nodiscard]] Parsed<store::AlertFilter> parse_alert_filter(const http::Query& query);

// What a request waits for, and how long at most.
struct Wanted {
    std::vector<lifecycle::Status> statuses;
    bool ended = false;
    Duration at_most{};

    [[nodiscard]] bool met(const lifecycle::AccessCode& code) const;
};

// `wait_for` and `wait`; nullopt: the request does not wait.
[[nodiscard]] Parsed<std::optional<Wanted>> parse_wanted(const http::Query& query);

// Where the feed of changes goes on: a client that comes back says so by a header, whatever its
// address says. nullopt: neither says anything.
[[nodiscard]] Parsed<std::optional<std::int64_t>> parse_after(
    std::optional<std::string_view> last_event_id, const http::Query& query);

}  // namespace oracode::api
