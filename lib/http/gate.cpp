#include "http/gate.hpp"

#include <algorithm>
#include <cstdint>

#include "core/text.hpp"

namespace oracode::http {
namespace {

constexpr std::string_view line_end = "\r\n";

constexpr Rejection head_too_large{431, "head_too_large"};
constexpr Rejection too_many_fields{431, "too_many_fields"};
constexpr Rejection malformed{400, "malformed_head"};
constexpr Rejection folded{400, "folded_header"};
constexpr Rejection bad_host{400, "host"};
constexpr Rejection bad_length{400, "content_length"};
constexpr Rejection bad_coding{400, "transfer_encoding"};

bool digits_only(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// reg-name, IP literal and port of RFC 3986; a comma would be a list, '@' and '/' would make
// another authority of it.
bool host_like(std::string_view text) {
    constexpr std::string_view marks = "-._~!$&'()*+;=:[]%";
    return std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

// The header lines that decide where a message ends and whose it is.
class Framing {
public:
    explicit Framing(const Limits::SingleHeaders& single) : single_(single) {}

    std::optional<Rejection> take(std::string_view name, std::string_view value) {
        switch (name.size()) {
            case 4:
                if (iequals(name, "host")) return take_host(value);
                break;
            case 14:
                if (iequals(name, "content-length")) {
                    if (++lengths_ > 1 || !digits_only(value)) return bad_length;
                    return std::nullopt;
                }
                break;
            case 17:
                if (iequals(name, "transfer-encoding")) {
                    if (++codings_ > 1 || !iequals(value, "chunked")) return bad_coding;
                    return std::nullopt;
                }
                break;
            default:
                break;
        }
        return take_single(name);
    }

    [[nodiscard]] std::optional<Rejection> check(bool http10) const {
        if (codings_ > 0 && (http10 || lengths_ > 0)) return bad_coding;
        if (hosts_ == 0 && !http10) return bad_host;
        return std::nullopt;
    }

private:
    std::optional<Rejection> take_host(std::string_view value) {
        if (++hosts_ > 1 || !host_like(value)) return bad_host;
        return std::nullopt;
    }

    std::optional<Rejection> take_single(std::string_view name) {
        std::uint64_t bit = 1;
        for (const auto& single : single_.names) {
            if (iequals(single, name)) {
                if ((seen_ & bit) != 0) return Rejection{400, single_.reason, single};
                seen_ |= bit;
            }
            bit <<= 1;
        }
        return std::nullopt;
    }

    const Limits::SingleHeaders& single_;
    std::uint64_t seen_ = 0;  // one bit for each of single_.names
    unsigned hosts_ = 0;
    unsigned lengths_ = 0;
    unsigned codings_ = 0;
};

}  // namespace

std::optional<Rejection> gate(std::string_view head, const Limits& limits) {
    if (head.size() > limits.max_header) return head_too_large;
    const auto request_line = head.substr(0, head.find(line_end));
    if (request_line.size() == head.size()) return malformed;
    const bool http10 = request_line.ends_with("HTTP/1.0");

    Framing framing{limits.single_headers};
    std::size_t fields = 0;
    for (auto rest = head.substr(request_line.size() + line_end.size());;) {
        const auto end = rest.find(line_end);
        if (end == std::string_view::npos) return malformed;
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end + line_end.size());
        if (line.empty()) return rest.empty() ? framing.check(http10) : malformed;
        if (line.front() == ' ' || line.front() == '\t') return folded;
        if (++fields > limits.max_fields) return too_many_fields;
        const auto colon = line.find(':');
        if (colon == 0 || colon == std::string_view::npos) return malformed;
        if (auto refusal =
                framing.take(line.substr(0, colon), trim(line.substr(colon + 1), blanks)))
            return refusal;
    }
}

void find_head_end(std::string_view input, HeadSearch& search) {
    for (;;) {
        const auto lf = input.find('\n', search.scanned);
        if (lf == std::string_view::npos) {
            search.scanned = input.size();
            return;
        }
        search.scanned = lf + 1;
        if (lf == 0 || input[lf - 1] != '\r') {
            search.broken = true;
            return;
        }
        if (lf >= 3 && input[lf - 2] == '\n') {
            search.end = lf + 1;
            return;
        }
    }
}

}  // namespace oracode::http
