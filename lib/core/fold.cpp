#include "core/fold.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/text.hpp"

namespace oracode {
namespace {

// What the letters of a block become, in their order; "." stays as it is. From Unicode 15's
// decompositions and lower case, with those that have none (ø, ł, đ, ß, æ, þ …) as they are written
// where a keyboard lacks them.
struct Block {
    std::uint32_t first;
    std::string_view letters;
};
constexpr std::array blocks{
    // Latin-1, Latin Extended-A and -B
    Block{0xC0,
          "a a a a a a ae c e e e e i i i i d n o o o o o . o u u u u y th ss a a a a a a ae "
          "c e e e e i i i i d n o o o o o . o u u u u y th y a a a a a a c c c c c c c c d "
          "d d d e e e e e e e e e e g g g g g g g g h h h h i i i i i i i i i i ij ij j j k "
          "k k l l l l l l l· l· l l n n n n n n ʼn n n o o o o o o oe oe r r r r r r s s s "
          "s s s s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s . ɓ ƃ . ƅ . "
          "ɔ ƈ . ɖ ɗ ƌ . . ǝ e ɛ ƒ . ɠ ɣ . ɩ ɨ ƙ . . . ɯ ɲ . ɵ o o ƣ . ƥ . ʀ ƨ . ʃ . . ƭ . ʈ "
          "u u ʊ ʋ ƴ . ƶ . ʒ ƹ . . . ƽ . . . . . . . dz dz dz lj lj lj nj nj nj a a i i o o "
          "u u u u u u u u u u . a a a a ae ae ǥ . g g k k o o o o ʒ ʒ j dz dz dz g g ƕ ƿ n "
          "n a a ae ae o o a a a a e e e e i i i i o o o o r r r r u u u u s s t t ȝ . h h ƞ "
          ". ȣ . ȥ . a a e e o o o o o o o o y y . . . . . . ⱥ ȼ . ƚ ⱦ . . ɂ . ƀ ʉ ʌ ɇ . ɉ . "
          "ɋ . ɍ . ɏ . "},
    // Greek, Cyrillic
    Block{0x386,
          "α . ε η ι . ο . υ ω ι α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ . σ τ υ φ χ ψ ω ι υ α ε η "
          "ι υ . . . . . . . . . . . . . . . . . σ . . . . . . . ι υ ο υ ω ϗ β θ υ υ υ φ π . "
          "ϙ . ϛ . ϝ . ϟ . ϡ . ϣ . ϥ . ϧ . ϩ . ϫ . ϭ . ϯ . κ ρ σ . θ ε . ϸ . σ ϻ . . ͻ ͼ ͽ е "
          "е ђ г є ѕ і і ј љ њ ћ к и у џ а б в г д е ж з и и к л м н о п р с т у ф х ц ч ш щ "
          "ъ ы ь э ю я . . . . . . . . . и . . . . . . . . . . . . . . . . . . . . . . е е . "
          "г . . . і . . . . к и у . "},
    // Latin Extended Additional
    Block{0x1E00,
          "a a b b b b b b c c d d d d d d d d d d e e e e e e e e e e f f g g h h h h h h h "
          "h h h i i i i k k k k k k l l l l l l l l m m m m m m n n n n n n n n o o o o o o "
          "o o p p p p r r r r r r r r s s s s s s s s s s t t t t t t t t u u u u u u u u u "
          "u v v v v w w w w w w w w w w x x x x y y z z z z z z h t w y aʾ s . . ss . a a a "
          "a a a a a a a a a a a a a a a a a a a a a e e e e e e e e e e e e e e e e i i i i "
          "o o o o o o o o o o o o o o o o o o o o o o o o u u u u u u u u u u u u u u y y y "
          "y y y y y ỻ . ỽ . ỿ . "},
};

using Folds = std::vector<std::string_view>;

Folds split(std::string_view letters) {
    Folds folds;
    while (!letters.empty()) {
        const auto end = letters.find(' ');
        folds.push_back(letters.substr(0, end));
        letters.remove_prefix(end + 1);
    }
    return folds;
}

// Empty where the letter stays as it is.
std::string_view fold_of(std::uint32_t letter) {
    static const std::array tables{split(blocks[0].letters), split(blocks[1].letters),
                                   split(blocks[2].letters)};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (letter < blocks.at(i).first) break;
        const auto at = letter - blocks.at(i).first;
        if (at >= tables.at(i).size()) continue;
        const auto fold = tables.at(i)[at];
        return fold == "." ? std::string_view{} : fold;
    }
    return {};
}

// The length of the UTF-8 sequence that begins `text`, and its letter; 1 and 0 for what is none.
std::pair<std::size_t, std::uint32_t> letter_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC2 ? 2 : 1;
    if (length == 1 || length > text.size()) return {1, 0};
    std::uint32_t letter = byte(0) & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues_character(text[i])) return {1, 0};
        letter = letter << 6 | (byte(i) & 0x3FU);
    }
    return {length, letter};
}

constexpr bool combines(std::uint32_t letter) {
    return letter >= 0x300 && letter <= 0x36F;
}

}  // namespace

std::string folded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char first = text.front();
        if (static_cast<unsigned char>(first) < 0x80) {
            out += first >= 'A' && first <= 'Z' ? static_cast<char>(first + 32) : first;
            text.remove_prefix(1);
            continue;
        }
        const auto [length, letter] = letter_of(text);
        const auto fold = fold_of(letter);
        if (!fold.empty())
            out += fold;
        else if (!combines(letter))
            out += text.substr(0, length);
        text.remove_prefix(length);
    }
    return out;
}

bool has_all_words(std::string_view folded_words, std::string_view folded_text) {
    bool any = false;
    while (!folded_words.empty()) {
        const auto end = std::min(folded_words.find(' '), folded_words.size());
        const auto word = folded_words.substr(0, end);
        folded_words.remove_prefix(std::min(end + 1, folded_words.size()));
        if (word.empty()) continue;
        if (folded_text.find(word) == std::string_view::npos) return false;
        any = true;
    }
    return any;
}

}  // namespace oracode
