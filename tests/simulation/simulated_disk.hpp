// The disk of a simulated world: files in memory where there is such a file system, as the
// simulation is about order and not about disks.
#pragma once

#include <string>

namespace oracode::test {

// While one lives, SQLite takes no locks against other processes, of which there are none: they
// were a third of a simulation's time. Locks between the connections of this process stay.
class SimulatedDisk {
public:
    // Puts an empty database of the present schema at `path`.
    explicit SimulatedDisk(std::string path);
    ~SimulatedDisk();
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    void remove() const;

    std::string path_;
};

}  // namespace oracode::test
