// When and how the way between the daemon and Seam, or the daemon itself, fails in a simulated
// week. Follows from the seed.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/simulated_seam.hpp"

namespace oracode::test {

struct Trouble {
    enum class Kind {
        silence,      // requests time out
        rate_limit,   // 429
        key_refused,  // 401 in Seam's own form
        gateway,      // HTML, 404s of a proxy
        other_key,    // the key of another workspace
        one_code,     // 403 as soon as one code is asked about
        daemon_down,  // it does not run
        clock,        // of the daemon: hours ahead or behind
        seam_clock,   // minutes ahead or behind
        codes_lost,   // Seam itself finds no code
        no_events     // Seam refuses every list of events
    };
    static constexpr std::size_t kinds = 11;
    Timestamp from;
    Timestamp to;
    Kind kind{};
    std::string code;      // one_code
    Duration clock_off{};  // clock, seam_clock
};

// The troubles of a simulation, one after the other, with time to recover in between. Those of the
// clock are short; one in four of the others is longer than the events are fetched back.
[[nodiscard]] std::vector<Trouble> write_troubles(std::mt19937_64& random, Timestamp start,
                                                  Duration length, Duration backfill, int count);

// The answer that a trouble gives instead of Seam's; nullopt: Seam's own.
[[nodiscard]] std::optional<SeamAnswer> answer_in(const Trouble& trouble, std::string_view body,
                                                  std::mt19937_64& random, FaultTally& tally);
// A single answer of something between the daemon and Seam.
[[nodiscard]] SeamAnswer stray_answer(std::mt19937_64& random, FaultTally& tally);

}  // namespace oracode::test
