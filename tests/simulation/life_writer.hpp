// Writes what will happen to the codes, their lock and their account, from the seed: bookings of an
// ordinary hotel, and everything that has been seen to go wrong with them.
#pragma once

#include <string>

#include "simulation/simulated_seam.hpp"

namespace oracode::test {

class LifeWriter {
public:
    LifeWriter(SimulatedSeam& seam, Timestamp start, Duration length)
        : seam_(seam), start_(start), length_(length) {}

    void write();

private:
    using Act = std::function<void(CodeState&)>;

    void write_code(std::size_t number);
    void write_setting(const std::string& id);
    void write_disturbances(const std::string& id);
    void write_new_window(const std::string& id, Timestamp at);
    void write_absence(const std::string& id, Timestamp at);
    void write_unmanaged(const std::string& id, Timestamp at, Timestamp back);
    void write_kind(CodeAtSeam& code, bool old);
    void write_end(const std::string& id);
    void write_late_extension(const std::string& id, Timestamp at);
    void write_account();
    void write_lock();
    void write_burst(Timestamp at);

    // At `at`: changes a code that lives then, and tells of it by an event (empty: silently).
    void alter(Timestamp at, const std::string& id, Act act, std::string event = {},
               std::optional<Fault> fault = {});
    // Notes the fault when it has happened to the code.
    void note(Fault fault) { seam_.tally_.note(fault); }
    // From there on Seam registers the code, unless something came in between.
    void program(Timestamp at, const std::string& id);
    void set(Timestamp at, const std::string& id, bool reported);
    // The event's name, or nothing where this Seam keeps silent about some things.
    [[nodiscard]] std::string or_silent(std::string event);
    [[nodiscard]] bool one_in(std::uint64_t count) { return seam_.pick(count) == 0; }
    [[nodiscard]] Timestamp during_stay(const CodeAtSeam& code);

    SimulatedSeam& seam_;
    Timestamp start_;
    Duration length_;
};

}  // namespace oracode::test
