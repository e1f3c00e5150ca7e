// Counts the connections of one listener against its caps, and says whose place a newcomer gets.
// Shared by the listener and its sessions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "http/limits.hpp"
#include "http/observer.hpp"
#include "net/peer.hpp"

namespace oracode::http {

class ConnectionLimiter;

// One counted connection. Gives its slot back when destroyed. Used by one thread at a time.
class ConnectionSlot {
public:
    ConnectionSlot() = default;
    ConnectionSlot(ConnectionSlot&& other) noexcept = default;
    ConnectionSlot& operator=(ConnectionSlot&& other) noexcept;
    ~ConnectionSlot() { release(); }

    void release();

    // Until secure(), the place goes to a newcomer when all are taken and this one has been on
    // offer for the longest. `evict` is then called, once, on the newcomer's thread; it must not
    // block, and the connection has to end soon, as it is not counted any more.
    void offer(std::function<void()> evict);
    // Keeps the place. False: it is gone already.
    bool secure();

    // A place within this one, for the client that a trusted proxy's request is from: it counts
    // towards the client's own address. No place where that address has all of its own already.
    [[nodiscard]] std::optional<ConnectionSlot> for_client(const net::Peer& client) const;

private:
    friend class ConnectionLimiter;
    enum class Counts { in_all, by_address, both };
    // Guarded by the turnstile's mutex.
    struct Offer : boost::intrusive::list_base_hook<> {
        std::array<std::uint8_t, 16> key;
        Counts counts;
        bool taken = false;
        std::function<void()> evict;
    };
    ConnectionSlot(std::shared_ptr<ConnectionLimiter> limiter, const net::Peer& peer, Counts counts)
        : limiter_(std::move(limiter)), key_(peer.key), counts_(counts) {}

    std::shared_ptr<ConnectionLimiter> limiter_;
    std::array<std::uint8_t, 16> key_{};
    Counts counts_ = Counts::in_all;
    std::unique_ptr<Offer> offer_;
};

class ConnectionLimiter : public std::enable_shared_from_this<ConnectionLimiter> {
public:
    explicit ConnectionLimiter(const Limits& limits)
        : max_(limits.max_connections),
          // One as high as all is none, so that it must not keep a newcomer from another's place:
          // whoever calls the API on this machine has one address.
          max_per_address_(limits.max_connections_per_address < max_
                               ? limits.max_connections_per_address
                               : std::numeric_limits<std::size_t>::max()) {}

    struct Decision {
        std::optional<ConnectionSlot> slot;
        Observer::Cap cap{};   // which one stood in the way, where no slot was given
        bool evicted = false;  // another connection made room
    };
    // Exact: with `max` places taken and none on offer the next is refused, and each place given
    // back admits one. An address that has all of its own places takes no other's.
    [[nodiscard]] Decision acquire(const net::Peer& peer);

private:
    friend class ConnectionSlot;
    using Key = std::array<std::uint8_t, 16>;
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    [[nodiscard]] std::optional<ConnectionSlot> acquire_for_client(const net::Peer& client);
    bool enter(const Key& key);
    void leave(const Key& key, ConnectionSlot::Counts counts);
    void leave_address(const Key& key);
    std::function<void()> take_oldest_offer();

    const std::size_t max_;
    const std::size_t max_per_address_;
    std::mutex mutex_;
    std::size_t total_ = 0;
    std::unordered_map<Key, std::size_t, Hash> by_address_;
    boost::intrusive::list<ConnectionSlot::Offer> offers_;  // the oldest first
};

}  // namespace oracode::http
