#include "lifecycle/pins.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "core/text.hpp"

namespace oracode::lifecycle {
namespace {

constexpr std::string_view blank = " \t\r\n";
constexpr std::string_view structure = "{}[],:\"";
// Deeper ones share the last container: their members are judged all the same.
constexpr std::size_t deepest = 1'024;

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool quoted = false;  // within a text for people
};

// Shorter ones are in every other sentence.
constexpr std::size_t shortest_quoted = 4;
constexpr std::string_view escaped_digit = "\\u003";

// Whether the number at `at` is not part of a longer one.
bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
    const bool goes_on = at + size < text.size() && is_digit(text[at + size]);
    return !goes_on && (at == 0 || !is_digit(text[at - 1]));
}

bool may_be_quoted(std::string_view pin) {
    return pin.size() >= shortest_quoted && std::ranges::all_of(pin, is_digit);
}

// The text that a token stands for, where `token` is one; else the token, freed of blanks and of
// the quotation marks that some programs write.
std::string meaning_of(std::string_view token) {
    if (token.starts_with('"') && token.find('\\') != std::string_view::npos) {
        boost::system::error_code error;
        const auto value = boost::json::parse(token, error);
        if (!error && value.is_string()) return std::string(value.get_string());
    }
    const auto begin = token.find_first_not_of(" \t\r\n\"'");
    if (begin == std::string_view::npos) return {};
    return std::string(token.substr(begin, token.find_last_not_of(" \t\r\n\"'") - begin + 1));
}

// Walks through the tokens with a stack of its own: bodies come from outside, however deep.
class PinFinder {
public:
    PinFinder(std::string_view json, std::span<const std::string> known)
        : json_(json), open_(1), known_(known.begin(), known.end()) {}

    // The places of the PINs, in ascending order, none within another.
    std::vector<Range> find() {
        while ((at_ = json_.find_first_not_of(blank, at_)) != std::string_view::npos) step();
        at_ = json_.size();
        while (open_.size() > 1) close();
        finish(open_.back());
        for (const auto& pin : pins_)
            known_.push_back(meaning_of(json_.substr(pin.begin, pin.end - pin.begin)));
        std::erase_if(known_, [](const std::string& pin) { return !may_be_quoted(pin); });
        for (const auto& text : texts_) find_quoted(text);
        std::ranges::sort(pins_, {}, &Range::begin);
        std::vector<Range> outermost;
        for (const auto& pin : pins_)
            if (outermost.empty() || pin.begin >= outermost.back().end) outermost.push_back(pin);
        return outermost;
    }

    [[nodiscard]] const std::vector<std::string>& known() const { return known_; }

private:
    struct Container {
        std::size_t begin = 0;
        std::optional<std::string> key{};  // of the value that comes next
        bool about_the_pin = false;        // "property": "code"
        std::vector<Range> values{};       // of its other members
    };

    void step() {
        switch (json_[at_]) {
            case '{':
            case '[':
                return open();
            case '}':
            case ']':
                ++at_;
                return close();
            case ',':
            case ':':
                if (json_[at_] == ',') open_.back().key.reset();
                ++at_;
                return;
            default:
                return take_scalar();
        }
    }

    void open() {
        if (open_.size() == deepest)
            ++beyond_;
        else
            open_.push_back({.begin = at_});
        ++at_;
    }

    void close() {
        if (beyond_ > 0) {
            --beyond_;
            return;
        }
        if (open_.size() == 1) return;
        auto closed = std::move(open_.back());
        open_.pop_back();
        finish(closed);
        take_value({closed.begin, at_});
    }

    void finish(const Container& container) {
        if (container.about_the_pin)
            pins_.insert(pins_.end(), container.values.begin(), container.values.end());
    }

    void take_scalar() {
        const auto begin = at_;
        at_ = json_[at_] == '"' ? end_of_text()
                                : std::min(json_.find_first_of(structure, at_), json_.size());
        const auto next = std::min(json_.find_first_not_of(blank, at_), json_.size());
        if (next < json_.size() && json_[next] == ':') {
            open_.back().key = meaning_of(json_.substr(begin, at_ - begin));
            at_ = next + 1;
            return;
        }
        const auto last = json_.substr(begin, at_ - begin).find_last_not_of(blank);
        take_value({begin, begin + last + 1});
    }

    // Behind the text that begins here with its quotation mark.
    [[nodiscard]] std::size_t end_of_text() const {
        auto end = at_ + 1;
        while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
        return std::min(end + 1, json_.size());
    }

    void take_value(Range range) {
        auto& container = open_.back();
        const auto key = std::exchange(container.key, std::nullopt);
        const auto value = json_.substr(range.begin, range.end - range.begin);
        if (value == "null" || value == "true" || value == "false") return;
        const bool nested = value.starts_with('"') && holds_json_with_pins(value);
        if (key == "code" || nested) pins_.push_back(range);
        if (!key) return;
        if (value.starts_with('"') && key->ends_with("message")) texts_.push_back(range);
        if (key == "property" || key == "field")
            container.about_the_pin = container.about_the_pin || meaning_of(value) == "code";
        else
            container.values.push_back(range);
    }

    void find_quoted(Range text) {
        // Digits written as escapes: the PIN has no place of its own in there.
        const auto token = json_.substr(text.begin, text.end - text.begin);
        if (token.find(escaped_digit) != std::string_view::npos && quotes_any(meaning_of(token)))
            return pins_.push_back(text);
        for (const auto& pin : known_) {
            auto at = json_.find(pin, text.begin);
            for (; at < text.end; at = json_.find(pin, at + pin.size()))
                if (stands_alone(json_, at, pin.size()))
                    pins_.push_back({at, at + pin.size(), true});
        }
    }

    [[nodiscard]] bool quotes_any(std::string_view text) const {
        for (const auto& pin : known_) {
            auto at = text.find(pin);
            for (; at != std::string_view::npos; at = text.find(pin, at + pin.size()))
                if (stands_alone(text, at, pin.size())) return true;
        }
        return false;
    }

    static bool holds_json_with_pins(std::string_view text) {
        return text.find(R"(\"code\")") != std::string_view::npos;
    }

    std::string_view json_;
    std::size_t at_ = 0;
    std::vector<Container> open_;  // the first is the text as a whole
    std::size_t beyond_ = 0;       // open ones deeper than `deepest`
    std::vector<Range> pins_;
    std::vector<Range> texts_;  // for people
    std::vector<std::string> known_;
};

}  // namespace

std::optional<std::string> without_pins(std::string_view json, std::span<const std::string> known) {
    const auto pins = PinFinder(json, known).find();
    if (pins.empty()) return std::nullopt;
    std::string out;
    std::size_t copied = 0;
    for (const auto& pin : pins) {
        out.append(json.substr(copied, pin.begin - copied)).append(pin.quoted ? "****" : "null");
        copied = pin.end;
    }
    return out.append(json.substr(copied));
}

void add_pins(std::vector<std::string>& known, std::string_view json) {
    PinFinder finder(json, known);
    static_cast<void>(finder.find());
    known = finder.known();
    std::ranges::sort(known);
    known.erase(std::unique(known.begin(), known.end()), known.end());
}

}  // namespace oracode::lifecycle
