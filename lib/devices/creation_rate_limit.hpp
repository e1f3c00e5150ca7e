// How many codes Seam was asked to make on each lock within the last minute: it takes ten. A value
// with an injected clock; its owner keeps it on one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "core/time.hpp"

namespace oracode::devices {

class CreationRateLimit {
public:
    // Seam was asked for a code.
    void note(const std::string& device_id, Timestamp now);
    // The code noted last was not made after all.
    void take_back(const std::string& device_id);

    [[nodiscard]] std::size_t within_a_minute(const std::string& device_id, Timestamp now);
    // How long until `most` codes a minute allow another one; zero where they do now.
    [[nodiscard]] Duration wait(const std::string& device_id, std::size_t most, Timestamp now);

private:
    void forget_old(Timestamp now);

    std::map<std::string, std::deque<Timestamp>> noted_;
};

}  // namespace oracode::devices
