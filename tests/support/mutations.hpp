// Requests made up from a seed, and what can go wrong with their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

namespace oracode::test {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }
    std::uint64_t number() { return engine_(); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    const char* pick(std::initializer_list<const char*> list) {
        return list.begin()[below(list.size())];
    }

private:
    std::mt19937_64 engine_;
};

// Changes `bytes` in one to three places: bits, bytes, cuts, repeats, line ends, headers.
void mutate(Random& random, std::string& bytes);

// A request of the API about one of so many codes, right or nearly so.
[[nodiscard]] std::string api_request(Random& random, std::size_t codes);

}  // namespace oracode::test
