#include "api/list_query.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/api_request.hpp"
#include "core/text.hpp"

namespace oracode::api {
namespace {

constexpr Duration longest_within = std::chrono::days{366};

std::string unknown_cursor() {
    return "cursor is not one that this daemon gave";
}

// False when the query has `name` and it is neither true nor false.
bool read_flag(const http::Query& query, std::string_view name, std::optional<bool>& flag) {
    const auto text = query.find(name);
    if (!text) return true;
    flag = *text == "true";
    return *flag || *text == "false";
}

std::string flag_rule(std::string_view name) {
    return std::string(name) + " takes true or false";
}

// A comma list of statuses; nullopt where one of them is not a status.
std::optional<std::vector<lifecycle::Status>> parse_statuses(std::string_view text) {
    std::vector<lifecycle::Status> statuses;
    for (const auto word : parts_of(text, ",")) {
        const auto status = lifecycle::parse_status(word);
        if (!status) return std::nullopt;
        statuses.push_back(*status);
    }
    return statuses;
}

}  // namespace

std::string cursor_text(char list, std::int64_t position) {
    return fmt::format("{}{:x}", list, position);
}

std::optional<std::int64_t> parse_cursor(char list, std::string_view text) {
    if (!text.starts_with(list)) return std::nullopt;
    const auto position = parse_number<std::int64_t>(text.substr(1), 16);
    return position && *position >= 0 ? position : std::nullopt;
}

std::string cursor_text(const store::ArrivalPosition& position) {
    return fmt::format("a{:x}.{:x}", position.starts_at.time_since_epoch().count(),
                       position.code_no);
}

std::optional<store::ArrivalPosition> parse_arrival_cursor(std::string_view text) {
    const auto dot = text.find('.');
    if (!text.starts_with('a') || dot == std::string_view::npos) return std::nullopt;
    const auto starts_at = parse_number<std::int64_t>(text.substr(1, dot - 1), 16);
    const auto code_no = parse_number<std::int64_t>(text.substr(dot + 1), 16);
    if (!starts_at || !code_no) return std::nullopt;
    return store::ArrivalPosition{Timestamp{Duration{*starts_at}}, *code_no};
}

Parsed<store::Filter> parse_code_filter(const http::Query& query, Timestamp now, Duration grace) {
    store::Filter filter;
    if (const auto text = query.find("status")) {
        auto statuses = parse_statuses(*text);
        if (!statuses)
            return std::string(
                "status takes a comma list of unset, setting, set, removing, unknown");
        filter.statuses = std::move(*statuses);
    }
    if (const auto text = query.find("device_id")) filter.device_id = std::string(*text);
    if (const auto text = query.find("external_id")) filter.external_id = std::string(*text);
    if (const auto text = query.find("search")) {
        if (text->empty()) return std::string("search takes part of a name, or an id");
        filter.search = std::string(*text);
    }
    for (const auto& [name, answer] :
         {std::pair{"overdue", &filter.overdue}, std::pair{"ready", &filter.ready},
          std::pair{"ended", &filter.ended}}) {
        if (!read_flag(query, name, *answer)) return flag_rule(name);
    }
    for (const auto& [name, at] : {std::pair{"starts_before", &filter.starts_before},
                                   std::pair{"starts_after", &filter.starts_after},
                                   std::pair{"updated_since", &filter.updated_since}}) {
        const auto text = query.find(name);
        if (!text) continue;
        *at = parse_rfc3339(*text);
        if (!*at)
            return std::string(name) +
                   " takes an instant like 2026-03-05T15:00:00Z (a + is "
                   "written %2B)";
    }
    filter.overdue_at = now - grace;
    filter.ready_at = now;
    const auto limit = parse_limit(query);
    if (!limit) return std::string(limit_rule);
    filter.limit = *limit;
    if (const auto text = query.find("cursor")) {
        const auto after = parse_cursor(codes_list, *text);
        if (!after) return unknown_cursor();
        filter.after = *after;
    }
    return filter;
}

Parsed<store::ArrivalFilter> parse_arrival_filter(const http::Query& query, Timestamp now) {
    store::ArrivalFilter filter;
    const auto within = parse_duration(query.find("within").value_or("24h"));
    if (!within || *within > longest_within)
        return std::string("within takes a duration like 90m, 24h or 7d, of a year at most");
    filter.starts_by = now + *within;
    filter.ready_at = now;
    if (!read_flag(query, "ready", filter.ready)) return flag_rule("ready");
    if (const auto text = query.find("device_id")) filter.device_id = std::string(*text);
    const auto limit = parse_limit(query);
    if (!limit) return std::string(limit_rule);
    filter.limit = *limit;
    if (const auto text = query.find("cursor")) {
        filter.after = parse_arrival_cursor(*text);
        if (!filter.after) return unknown_cursor();
    }
    return filter;
}

Parsed<store::AlertFilter> parse_alert_filter(const http::Query& query) {
    store::AlertFilter filter;
    if (!read_flag(query, "open", filter.open)) return flag_rule("open");
    if (const auto text = query.find("kind")) {
        filter.kind = lifecycle::parse_alert_kind(*text);
        if (!filter.kind) return fmt::format("kind {:?} is not one of the kinds of alerts", *text);
    }
    if (const auto text = query.find("access_code_id")) filter.access_code_id = std::string(*text);
    const auto limit = parse_limit(query);
    if (!limit) return std::string(limit_rule);
    filter.limit = *limit;
    if (const auto text = query.find("cursor")) {
        const auto before = parse_cursor(alerts_list, *text);
        if (!before) return unknown_cursor();
        filter.before = *before;
    }
    return filter;
}

Parsed<std::optional<Wanted>> parse_wanted(const http::Query& query) {
    const auto names = query.find("wait_for");
    const auto seconds = query.find("wait");
    if (!names && !seconds) return std::optional<Wanted>{};
    if (!names) return std::string("wait goes with wait_for, which says what for");
    Wanted wanted;
    for (const auto word : parts_of(*names, ",")) {
        if (const auto status = lifecycle::parse_status(word))
            wanted.statuses.push_back(*status);
        else if (word == "ended")
            wanted.ended = true;
        else
            return std::string(
                "wait_for takes a comma list of unset, setting, set, removing, unknown, ended");
    }
    constexpr std::int64_t longest = 60;
    const auto number = parse_number<std::int64_t>(seconds.value_or("30"));
    if (!number || *number < 0 || *number > longest)
        return std::string("wait takes a number of seconds from 0 to 60");
    wanted.at_most = std::chrono::seconds{*number};
    return std::optional(std::move(wanted));
}

bool Wanted::met(const lifecycle::AccessCode& code) const {
    return (ended && code.ended) || std::ranges::find(statuses, code.status) != statuses.end();
}

Parsed<std::optional<std::int64_t>> parse_after(std::optional<std::string_view> last_event_id,
                                                const http::Query& query) {
    auto text = query.find("after");
    std::string_view name = "after";
    if (last_event_id && !last_event_id->empty()) {
        text = last_event_id;
        name = "Last-Event-ID";
    }
    if (!text) return std::optional<std::int64_t>{};
    const auto after = parse_number<std::int64_t>(*text);
    if (!after || *after < 0)
        return std::string(name) + " takes the number of a change, or 0 for the beginning";
    return after;
}

}  // namespace oracode::api
