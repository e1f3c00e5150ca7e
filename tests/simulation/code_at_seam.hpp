// One access code as Seam keeps it, with its past, since a replica that lags behind shows an
// earlier state. Deliberately free of the product's enumerations and decoders: what Seam says is
// JSON text, and whether the PIN opens the door is decided here a second time, from Seam's
// documentation.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "core/time.hpp"

namespace oracode::test {

struct CodeState {
    bool exists = false;   // Seam shows it
    bool removed = false;  // from the registry, for all that Seam may still show it
    bool managed = true;
    std::string status = "unset";
    std::string name = "Guest";
    Timestamp starts_at;
    std::optional<Timestamp> ends_at;  // none: an ongoing code
    bool waits_for_pin = false;
    bool code_error = false;
    bool device_error = false;
    bool altered = false;  // by someone outside Seam
    std::string pending;   // a mutation_code; empty: none

    friend bool operator==(const CodeState&, const CodeState&) = default;
};

// Whether the guest who enters the PIN at `now` gets in, as far as Seam's object tells.
[[nodiscard]] bool opens_the_door(const CodeState& state, Timestamp now);
// Neither removed nor past its end.
[[nodiscard]] bool alive(const CodeState& state, Timestamp now);

struct CodeAtSeam {
    std::string id;
    std::string device_id = "device1";
    std::string workspace_id = "workspace1";
    std::string account_id = "account1";
    bool offline = true;
    bool ongoing = false;
    bool scheduled_on_device = false;
    // How long before its start Seam plans to create it, as the object tells while it is unset.
    std::optional<Duration> deferred;
    Timestamp created_at;
    Duration shows_after{};  // how long after `created` reads begin to find it
    // Rising by instant; the last one is the present.
    std::vector<std::pair<Timestamp, CodeState>> states{{Timestamp::min(), CodeState{}}};
    // The last event that named this code; the epoch's beginning where there was none.
    Timestamp reported_at = Timestamp::min();

    [[nodiscard]] const CodeState& now() const { return states.back().second; }
    // As a replica shows it that has heard of nothing after `instant`.
    [[nodiscard]] const CodeState& at(Timestamp instant) const;
    // The object of /access_codes/get, or of the unmanaged one.
    [[nodiscard]] boost::json::object object(const CodeState& state) const;
    // It has been there from its creation on.
    [[nodiscard]] bool never_gone() const;
    // Since when `holds(state)` has been what it is now.
    template <class Holds>
    [[nodiscard]] Timestamp since(Holds holds) const {
        const bool present = holds(now());
        auto from = states.size() - 1;
        while (from > 0 && holds(states[from - 1].second) == present) --from;
        return states[from].first;
    }
};

}  // namespace oracode::test
