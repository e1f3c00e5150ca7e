#include "simulation/troubles.hpp"

#include <array>

#include <fmt/format.h>

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

Duration within(std::mt19937_64& random, Duration span) {
    return Duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span.count()))};
}

constexpr std::string_view key_refusal =
    R"({"ok":false,"error":{"type":"unauthorized","message":"Invalid API key"}})";
constexpr std::string_view html = "<html><body><h1>Something went wrong</h1></body></html>";

SeamAnswer foreign_404(std::mt19937_64& random, FaultTally& tally) {
    tally.note(Fault::foreign_404);
    constexpr std::array<std::string_view, 5> bodies{
        R"({"message":"no Route matched with those values"})", "{}", R"({"error":"not found"})",
        R"({"error":{"message":"Cannot POST /access_codes/get"}})", html};
    return {404, std::string(bodies.at(random() % bodies.size())), {}};
}

}  // namespace

std::vector<Trouble> write_troubles(std::mt19937_64& random, Timestamp start, Duration length,
                                    Duration backfill, int count) {
    std::vector<Trouble> out;
    const auto slice = length / std::max(count, 1);
    for (int i = 0; i < count; ++i) {
        Trouble trouble;
        trouble.kind = static_cast<Trouble::Kind>(random() % Trouble::kinds);
        trouble.from = start + i * slice + within(random, slice / 2);
        const bool longer = random() % 4 == 0;
        auto lasts =
            longer ? backfill + within(random, backfill / 2) : within(random, backfill / 2);
        if (trouble.kind == Trouble::Kind::one_code)
            trouble.code = fmt::format("code{}", random() % 4);
        if (trouble.kind == Trouble::Kind::clock) {
            lasts = 2s + within(random, 3min);
            trouble.clock_off = within(random, 12h) - 6h;
        }
        // What Seam writes may lie behind what it has listed by less than backfills overlap.
        if (trouble.kind == Trouble::Kind::seam_clock)
            trouble.clock_off = within(random, 16min) - 8min;
        trouble.to = std::min(trouble.from + lasts, start + (i + 1) * slice);
        out.push_back(trouble);
    }
    return out;
}

std::optional<SeamAnswer> answer_in(const Trouble& trouble, std::string_view body,
                                    std::mt19937_64& random, FaultTally& tally) {
    switch (trouble.kind) {
        case Trouble::Kind::silence:
            tally.note(Fault::no_answer);
            return SeamAnswer{0, {}, {}};
        case Trouble::Kind::rate_limit: {
            tally.note(Fault::rate_limited);
            SeamAnswer answer{429, {}, {}};
            answer.body =
                R"({"ok":false,"error":{"type":"rate_limit_exceeded","message":"Slow down"}})";
            if (random() % 2 == 0) answer.retry_after = std::to_string(random() % 600);
            return answer;
        }
        case Trouble::Kind::key_refused:
            tally.note(Fault::key_refused_401);
            return SeamAnswer{401, std::string(key_refusal), {}};
        case Trouble::Kind::gateway:
            if (random() % 2 == 0) return foreign_404(random, tally);
            tally.note(Fault::gateway_502);
            return SeamAnswer{502, std::string(html), {}};
        case Trouble::Kind::one_code:
            if (body.find('"' + trouble.code + '"') == std::string_view::npos) return std::nullopt;
            tally.note(Fault::code_forbidden_403);
            return SeamAnswer{
                403,
                R"({"ok":false,"error":{"type":"forbidden","message":"Not allowed for this code"}})",
                {}};
        case Trouble::Kind::other_key:
            tally.note(Fault::key_of_another_workspace);
            return std::nullopt;
        case Trouble::Kind::daemon_down:
        case Trouble::Kind::clock:
        case Trouble::Kind::seam_clock:
        case Trouble::Kind::codes_lost:
        case Trouble::Kind::no_events:
            return std::nullopt;
    }
    return std::nullopt;
}

SeamAnswer stray_answer(std::mt19937_64& random, FaultTally& tally) {
    switch (random() % 5) {
        case 0:
            tally.note(Fault::foreign_401);
            return {401, std::string(html), {}};
        case 1:
            tally.note(Fault::foreign_403);
            return {403, std::string(html), {}};
        case 2:
            tally.note(Fault::no_answer);
            return {0, {}, {}};
        case 3:
            return {500, R"({"ok":false,"error":{"type":"internal_error","message":"Oops"}})", {}};
        default:
            return foreign_404(random, tally);
    }
}

}  // namespace oracode::test
