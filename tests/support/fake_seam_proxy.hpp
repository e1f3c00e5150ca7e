// An HTTP proxy that knows CONNECT alone and leads every name to one port of this machine. Owned by
// a test, whose thread may call it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace oracode::test {

class FakeProxy {
public:
    // Answers CONNECT with `status`; where that is 200, it relays to 127.0.0.1:`port`.
    explicit FakeProxy(std::uint16_t port, unsigned status = 200);
    ~FakeProxy();
    FakeProxy(const FakeProxy&) = delete;
    FakeProxy& operator=(const FakeProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    // The heads it was sent, one for each connection, as they came.
    [[nodiscard]] std::vector<std::string> heads() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace oracode::test
