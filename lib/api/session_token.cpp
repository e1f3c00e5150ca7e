#include "api/session_token.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/text.hpp"

namespace oracode::api {
namespace {

using std::chrono::seconds;

std::string code_of(const Digest& token, std::string_view seconds_text) {
    const auto text = fmt::format("oracoded session 1 {}", seconds_text);
    Digest code{};
    auto length = static_cast<unsigned>(code.size());
    if (HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(),
             &length) == nullptr)
        throw std::runtime_error("OpenSSL has no HMAC");
    return hex(code);
}

std::string seconds_text(Timestamp at) {
    return fmt::format("{:x}", std::chrono::floor<seconds>(at).time_since_epoch().count());
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> cookie_in(std::string_view header) {
    while (!header.empty()) {
        const auto end = header.find(';');
        const auto pair = trimmed(header.substr(0, end));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == session_cookie)
            return pair.substr(equals + 1);
        if (end == std::string_view::npos) break;
        header.remove_prefix(end + 1);
    }
    return std::nullopt;
}

}  // namespace

std::string session_token(const Digest& token, Timestamp until) {
    const auto text = seconds_text(until);
    return text + "." + code_of(token, text);
}

std::optional<Timestamp> session_end(std::string_view value, Timestamp now) {
    constexpr std::size_t longest = 10;  // digits, for thousands of years
    const auto text = value.substr(0, value.find('.'));
    const auto count = parse_number<std::int64_t>(text, 16);
    if (!count || *count < 0 || text.size() > longest) return std::nullopt;
    const Timestamp until{seconds{*count}};
    return until > now ? std::optional(until) : std::nullopt;
}

bool is_session_of(std::string_view value, const Digest& token, Timestamp until) {
    const auto wanted = session_token(token, until);
    return value.size() == wanted.size() &&
           CRYPTO_memcmp(value.data(), wanted.data(), wanted.size()) == 0;
}

std::optional<std::string_view> presented_session(const http::Request& request) {
    for (const auto& header : request.headers) {
        if (!iequals(header.name, "Cookie")) continue;
        if (const auto value = cookie_in(header.value)) return value;
    }
    return std::nullopt;
}

bool is_from_own_page(const http::Request& request) {
    const bool changes = request.method != "GET" && request.method != "HEAD";
    // The browser's own word, which a proxy that replaces Host does not falsify.
    if (const auto site = request.header("Sec-Fetch-Site"))
        return *site == "same-origin" || (*site == "none" && !changes);
    const auto origin = request.header("Origin");
    if (!origin) return !changes;
    const auto authority = origin->find("://");
    return authority != std::string_view::npos &&
           origin->substr(authority + 3) == request.header("Host").value_or("");
}

}  // namespace oracode::api
