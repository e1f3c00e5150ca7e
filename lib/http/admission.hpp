// Counts the connections of one listener against its caps. Shared by the listener and its sessions;
// any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "http/limits.hpp"
#include "http/observer.hpp"
#include "http/peer.hpp"

namespace oracode::http {

class Turnstile;

// One counted connection. Gives its place back when destroyed.
class Admission {
public:
    Admission() = default;
    Admission(Admission&& other) noexcept = default;
    Admission& operator=(Admission&& other) noexcept;
    ~Admission() { release(); }

    void release();

    // A place within this one, for the client that a trusted proxy's request is from: it counts
    // towards the client's own address. No place where that address has all of its own already.
    [[nodiscard]] std::optional<Admission> of_client(const Peer& client) const;

private:
    friend class Turnstile;
    enum class Counts { in_all, by_address, both };
    Admission(std::shared_ptr<Turnstile> turnstile, const Peer& peer, Counts counts)
        : turnstile_(std::move(turnstile)), key_(peer.key), counts_(counts) {}

    std::shared_ptr<Turnstile> turnstile_;
    std::array<std::uint8_t, 16> key_{};
    Counts counts_ = Counts::in_all;
};

class Turnstile : public std::enable_shared_from_this<Turnstile> {
public:
    explicit Turnstile(const Limits& limits)
        : max_(limits.max_connections), max_per_address_(limits.max_connections_per_address) {}

    struct Verdict {
        std::optional<Admission> admission;
        Observer::Cap cap{};  // which one stood in the way, where there is no admission
    };
    // Exact: with `max` places taken the next is refused, and each place given back admits one.
    [[nodiscard]] Verdict admit(const Peer& peer);

private:
    friend class Admission;
    using Key = std::array<std::uint8_t, 16>;
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    [[nodiscard]] std::optional<Admission> admit_client(const Peer& client);
    bool enter(const Key& key);
    void leave(const Key& key, Admission::Counts counts);

    const std::size_t max_;
    const std::size_t max_per_address_;
    std::mutex mutex_;
    std::size_t total_ = 0;
    std::unordered_map<Key, std::size_t, Hash> by_address_;
};

}  // namespace oracode::http
