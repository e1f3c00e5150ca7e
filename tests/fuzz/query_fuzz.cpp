// Queries, cursors and Last-Event-ID: what is taken is within its bounds and means the same when it
// is written again; what is not is refused with a sentence.
#include <array>

#include "api/list_query.hpp"
#include "input.hpp"
#include "net/url.hpp"

namespace {

using namespace oracode;
using fuzz::require;

constexpr std::array<std::string_view, 20> names{
    "status", "device_id",      "external_id",  "overdue",       "ready",
    "ended",  "starts_before",  "starts_after", "updated_since", "search",
    "limit",  "cursor",         "include",      "within",        "open",
    "kind",   "access_code_id", "wait_for",     "wait",          "after"};

Result<http::Query> parse(std::string_view text) {
    return http::Query::parse(
        text, {"status...", "device_id",      "external_id",  "overdue",       "ready",
               "ended",     "starts_before",  "starts_after", "updated_since", "search",
               "limit",     "cursor",         "include",      "within",        "open",
               "kind",      "access_code_id", "wait_for",     "wait",          "after"});
}

void require_same_again(const http::Query& query) {
    std::string text;
    for (const auto name : names) {
        if (const auto value = query.find(name))
            text += std::string(name) + '=' + net::percent_encode(*value) + '&';
    }
    const auto again = parse(text);
    require(again.has_value());
    for (const auto name : names) require(again->find(name) == query.find(name));
}

template <class T>
void require_sentence(const api::Parsed<T>& parsed) {
    if (!parsed) require(!parsed.error().empty() && parsed.error().size() < 100'000);
}

void check_cursors(std::string_view text) {
    for (const char list : {api::codes_list, api::alerts_list, api::quarantine_list}) {
        const auto position = api::parse_cursor(list, text);
        if (!position) continue;
        require(*position >= 0 && text.front() == list);
        require(api::parse_cursor(list, api::cursor_text(list, *position)) == position);
    }
    const auto arrival = api::parse_arrival_cursor(text);
    if (!arrival) return;
    const auto again = api::parse_arrival_cursor(api::cursor_text(*arrival));
    require(again && again->starts_at == arrival->starts_at && again->code_no == arrival->code_no);
}

}  // namespace

// The first line is the query, the second Last-Event-ID.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = fuzz::lines_of(fuzz::text_of(data, size), 2);
    const auto query = parse(lines[0]);
    if (!query) {
        require(query.error().code == Errc::invalid_argument);
        require(!fuzz::has_control_characters(query.error().detail));
        return 0;
    }
    require_same_again(*query);
    if (const auto cursor = query->find("cursor")) check_cursors(*cursor);
    const auto codes = api::parse_code_filter(*query, fuzz::now, std::chrono::minutes{2});
    require_sentence(codes);
    if (codes) require(codes->limit >= 1 && codes->limit <= 1000 && codes->after >= 0);
    const auto arrivals = api::parse_arrival_filter(*query, fuzz::now);
    require_sentence(arrivals);
    if (arrivals)
        require(arrivals->starts_by >= fuzz::now && arrivals->limit >= 1 &&
                arrivals->limit <= 1000);
    require_sentence(api::parse_alert_filter(*query));
    const auto wanted = api::parse_wanted(*query);
    require_sentence(wanted);
    if (wanted && *wanted) require((*wanted)->at_most <= std::chrono::seconds{60});
    const auto after = api::parse_after(lines[1], *query);
    require_sentence(after);
    if (after && *after) require(**after >= 0);
    return 0;
}
