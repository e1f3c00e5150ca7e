// One file descriptor, closed by its last holder. A resource that moves; any thread.
#pragma once

#include <utility>

#include <unistd.h>

namespace oracode::net {

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.take()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = other.take();
        }
        return *this;
    }
    ~Descriptor() { reset(); }

    [[nodiscard]] int number() const { return number_; }
    // Another owner closes it from here on.
    [[nodiscard]] int take() { return std::exchange(number_, -1); }
    void reset() {
        if (const int number = take(); number >= 0) ::close(number);
    }

private:
    int number_;
};

}  // namespace oracode::net
