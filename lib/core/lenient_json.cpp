#include "core/lenient_json.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "core/text.hpp"

namespace oracode {
namespace {

namespace json = boost::json;

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view escaped_replacement = "\\ufffd";

// The length of the well-formed UTF-8 character at the start of `text`; 0: none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i, unsigned from = 0x80, unsigned to = 0xBF) {
        return byte(i) >= from && byte(i) <= to;
    };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned from = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned to = first == 0xED ? 0x9F : 0xBF;
        return continues(1, from, to) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned from = first == 0xF0 ? 0x90 : 0x80;
        const unsigned to = first == 0xF4 ? 0x8F : 0xBF;
        return continues(1, from, to) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

// The code unit of a `\uXXXX` at the start of `text`; 0x10000: there is none.
unsigned escaped_unit(std::string_view text) {
    constexpr unsigned none = 0x10000;
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return none;
    unsigned unit = 0;
    for (const char c : text.substr(2, 4)) {
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return none;
        const auto digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        unit = unit * 16 + static_cast<unsigned>(digit);
    }
    return unit;
}

class Mender {
public:
    Mender(std::string_view text, std::size_t max_depth)
        : rest_(without_byte_order_mark(text)), max_depth_(max_depth) {
        out_.reserve(text.size());
    }

    std::string run() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '"') {
                text();
            } else if (c == '[' || c == '{') {
                if (++depth_ == max_depth_ + 1) emit("null");
                take(1);
            } else if (c == ']' || c == '}') {
                take(1);
                if (depth_ > 0) --depth_;
            } else {
                take(1);
            }
        }
        return std::move(out_);
    }

private:
    [[nodiscard]] bool too_deep() const { return depth_ > max_depth_; }
    void emit(std::string_view what) { out_ += what; }
    void take(std::size_t length) {
        if (!too_deep()) emit(rest_.substr(0, length));
        rest_.remove_prefix(std::min(length, rest_.size()));
    }
    void replace(std::size_t length, std::string_view with) {
        if (!too_deep()) emit(with);
        rest_.remove_prefix(std::min(length, rest_.size()));
    }

    // From one quotation mark to the other.
    void text() {
        take(1);
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\')
                escape();
            else if (static_cast<unsigned char>(rest_.front()) < 0x20)
                replace(1, " ");
            else if (const auto length = utf8_length(rest_); length > 0)
                take(length);
            else
                replace(1, replacement);
        }
        take(1);
    }

    void escape() {
        const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
        const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };
        const auto unit = escaped_unit(rest_);
        if (unit > 0xFFFF) return take(2);
        if (is_high(unit) && is_low(escaped_unit(rest_.substr(6)))) return take(12);
        if (is_high(unit) || is_low(unit)) return replace(6, escaped_replacement);
        take(6);
    }

    std::string_view rest_;
    std::size_t max_depth_;
    std::size_t depth_ = 0;
    std::string out_;
};

// Boost.JSON takes a number beyond a double for infinity, and writes it as what is not JSON.
void replace_infinities(json::value& value) {
    if (const auto* number = value.if_double()) {
        if (!std::isfinite(*number)) value = nullptr;
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) replace_infinities(member.value());
    } else if (auto* array = value.if_array()) {
        for (auto& element : *array) replace_infinities(element);
    }
}

}  // namespace

std::string mend_json(std::string_view text, std::size_t max_depth) {
    return Mender(text, max_depth).run();
}

json::value parse_lenient_json(std::string_view text, boost::system::error_code& error,
                               json::storage_ptr storage, std::size_t max_depth, bool* mended) {
    json::parse_options options;
    options.max_depth = max_depth;
    auto parsed = json::parse(text, error, storage, options);
    if (mended != nullptr) *mended = false;
    if (!error) {
        replace_infinities(parsed);
        return parsed;
    }
    const auto second = mend_json(text, max_depth);
    if (second == text) return parsed;
    parsed = json::parse(second, error, std::move(storage), options);
    if (mended != nullptr) *mended = !error;
    replace_infinities(parsed);
    return parsed;
}

}  // namespace oracode
