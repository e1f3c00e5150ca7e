#include "seam/client_answer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "core/lenient_json.hpp"
#include "core/text.hpp"

namespace oracode::seam {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_id = 128;

std::string text_at(const json::object& object, std::string_view key, std::size_t most) {
    const auto* const value = object.if_contains(key);
    const auto* const text = value ? value->if_string() : nullptr;
    return text ? bounded(*text, most) : std::string{};
}

// "access_code_not_found" and the like, but not that of a route.
bool says_not_found(std::string_view type) {
    return type.find("not_found") != std::string_view::npos &&
           type.find("route") == std::string_view::npos;
}

Errc code_of(unsigned status, const CallError& error) {
    const bool from_seam = !error.error_type.empty();
    if (status == 401) return from_seam ? Errc::unauthenticated : Errc::seam_unreachable;
    if (status == 403) return from_seam ? Errc::forbidden : Errc::seam_unreachable;
    if (status == 404)
        return says_not_found(error.error_type) ? Errc::not_found : Errc::seam_unreachable;
    if (status == 429) return Errc::seam_rate_limited;
    if (status >= 400 && status < 500) return Errc::seam_refused;
    return Errc::seam_unreachable;
}

std::string detail_of(unsigned status, const CallError& error) {
    if (status >= 300 && status < 400)
        return fmt::format("answer {}: redirects are not followed; is seam.endpoint right?",
                           status);
    const bool needs_form = status == 401 || status == 403 || status == 404;
    if (needs_form && error.code == Errc::seam_unreachable)
        return fmt::format("answer {}, but not of the form in which Seam says so", status);
    return fmt::format("answer {}", status);
}

// "Thu, 05 Mar 2026 15:00:00 GMT". The two older forms of RFC 9110 are no longer sent by anyone.
std::optional<Timestamp> parse_http_date(std::string_view text) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = months.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
    return parse_rfc3339(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1,
                                     text.substr(5, 2), text.substr(17, 8)));
}

}  // namespace

void throw_exception_from_error(const CallError& error, const boost::source_location& where) {
    throw std::logic_error(describe(error) + " (unchecked at " + where.to_string() + ")");
}

CallError local_error(Errc code, std::string detail) {
    CallError error;
    error.code = code;
    error.detail = std::move(detail);
    return error;
}

CallError local_error(const Error& error) {
    return local_error(error.code, error.detail);
}

std::string describe(const CallError& error) {
    auto text = error.detail;
    if (!error.error_type.empty()) text += fmt::format(", {}", error.error_type);
    if (!error.error_message.empty()) text += fmt::format(": {}", error.error_message);
    if (!error.seam_request_id.empty())
        text += fmt::format(" (seam-request-id {})", error.seam_request_id);
    return text;
}

Error to_error(const CallError& error) {
    return {error.code, describe(error)};
}

CallResult<Answer> classify(const RawAnswer& raw, Timestamp sent_at, Timestamp now) {
    boost::system::error_code malformed;
    auto body = raw.body.empty() ? json::value{} : parse_lenient_json(raw.body, malformed);
    const auto id = bounded(raw.seam_request_id, longest_id);
    const bool success = raw.status >= 200 && raw.status < 300;
    if (success && !malformed && (!raw.body.empty() || raw.status == 204))
        return Answer{raw.status, std::move(body), id, sent_at, now, parse_http_date(raw.date)};

    const auto* const object = malformed ? nullptr : body.if_object();
    CallError error;
    error.status = raw.status;
    error.seam_request_id = id;
    error.sent_at = sent_at;
    error.received_at = now;
    error.seam_date = parse_http_date(raw.date);
    error.retry_after = parse_retry_after(raw.retry_after, now);
    if (success) {
        error.answered = true;
        error.detail =
            fmt::format("answer {} of {} bytes that are not JSON", raw.status, raw.body.size());
        if (!raw.content_encoding.empty())
            error.detail += ", encoded though that was not asked for";
        return error;
    }
    if (object) {
        const auto* const error_member = object->if_contains("error");
        if (const auto* const inner = error_member ? error_member->if_object() : nullptr) {
            error.error_type = text_at(*inner, "type", longest_id);
            error.error_message = text_at(*inner, "message", longest_message);
        }
    }
    error.code = code_of(raw.status, error);
    error.detail = detail_of(raw.status, error);
    error.answered = !error.error_type.empty() && raw.status >= 400 && raw.status < 500;
    return error;
}

std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now) {
    if (text.empty()) return std::nullopt;
    if (std::ranges::all_of(text, is_digit)) {
        const auto seconds = parse_number<std::int64_t>(text);
        constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(longest_retry_after);
        if (!seconds || *seconds > most.count()) return longest_retry_after;  // or beyond 64 bits
        return std::chrono::seconds{*seconds};
    }
    const auto at = parse_http_date(text);
    if (!at) return std::nullopt;
    return std::clamp(*at - now, Duration{0}, longest_retry_after);
}

std::string bounded(std::string_view text, std::size_t most) {
    std::string out(whole_characters(text, most));
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return out;
}

}  // namespace oracode::seam
