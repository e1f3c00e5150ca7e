// Texts as people search for them: without regard to case and accents. Pure.
#pragma once

#include <string>
#include <string_view>

namespace oracode {

// UTF-8 in lower case and without accents, Latin letters that decompose into nothing written as
// usual: "Martínez" and "MARTINEZ" give "martinez", "Søren" gives "soren", "Weiß" gives "weiss".
// Latin, Greek and Cyrillic; other letters and broken UTF-8 stay.
[[nodiscard]] std::string folded(std::string_view text);

// Whether each of the words, separated by spaces, is part of the text, in whatever order. False
// where there is no word. Both folded.
[[nodiscard]] bool has_all_words(std::string_view folded_words, std::string_view folded_text);

}  // namespace oracode
