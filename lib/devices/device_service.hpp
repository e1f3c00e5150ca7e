// Where codes are ordered and locks asked about: a thread with a Seam client of its own, so that
// neither the polls nor their budget hold up a receptionist. Orders for one lock take turns. Owned
// by App.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "async/loop_thread.hpp"
#include "devices/creation.hpp"
#include "devices/creation_rate_limit.hpp"
#include "devices/directory.hpp"
#include "devices/order.hpp"
#include "devices/order_checker.hpp"
#include "seam/keyed_client.hpp"
#include "store/order_reader.hpp"
#include "store/reader.hpp"

namespace oracode::devices {

// A lock with the codes on it that the daemon knows.
struct LockView {
    std::string device_id;
    std::optional<LockSnapshot> snapshot;  // nullopt: Seam has not shown it
    lifecycle::CodeCounts codes;
};

struct LockPage {
    std::vector<LockView> locks;
    std::string next;  // the `after` of the next page; empty: this was the last
};

class DeviceService {
public:
    struct Dependencies {
        store::Store& store;
        metrics::Metrics& metrics;
        Clock now;
        seam::ClientOptions client;  // without an api_key Seam is not asked
        std::size_t max_codes_per_device = 0;
        Duration fresh = std::chrono::minutes{10};  // how old a lock's data may be
        Duration settled_after = std::chrono::minutes{2};
    };
    // Opens Readers on the running store. Throws StoreError, and std::invalid_argument where a
    // client option cannot be used. What `deps` refers to outlives this.
    explicit DeviceService(Dependencies deps);
    ~DeviceService();
    DeviceService(const DeviceService&) = delete;
    DeviceService& operator=(const DeviceService&) = delete;

    void start();
    // Ends what is under way, which gets its answer, and the thread.
    void stop();

    // Any thread, as all that follow; each calls `done` on `home`.
    void check(Order order, boost::asio::io_context& home,
               std::function<void(SeamResult<OrderCheck>)> done);
    // `key`: the Idempotency-Key, or empty. `render` is called on the DeviceService's thread.
    void create(Order order, std::string key, boost::asio::io_context& home, Render render,
                std::function<void(Ending)> done);
    // Fails with Errc::not_found where neither Seam nor the store knows the lock.
    void show(std::string device_id, boost::asio::io_context& home,
              std::function<void(SeamResult<LockView>)> done);
    // Up to `limit` locks behind `after` (empty: from the first). Fails only where the store does.
    void list(std::string after, std::size_t limit, boost::asio::io_context& home,
              std::function<void(SeamResult<LockPage>)> done);

    // For the watchdog, which asks whether the thread gets on.
    [[nodiscard]] async::LoopThread& thread() { return thread_; }

    void set_api_key(std::string key);
    [[nodiscard]] std::size_t max_codes_per_device() const { return deps_.max_codes_per_device; }

private:
    struct QueuedCreation {
        Timestamp since;
        std::shared_ptr<Creation> creation;
        Creation::Done done;
    };

    [[nodiscard]] std::optional<Ending> known_ending(const Order& order, const std::string& key);
    void take_turn(const std::string& device_id, QueuedCreation queued);
    void begin_turn(const std::string& device_id);
    void end_turn(const std::string& device_id);
    [[nodiscard]] SeamResult<LockView> view(const std::string& device_id,
                                            std::optional<LockSnapshot> snapshot);

    Dependencies deps_;
    async::LoopThread thread_{"devices"};
    boost::asio::io_context& context_ = thread_.context();
    store::Reader reader_;
    store::OrderReader orders_;
    CreationRateLimit rate_limit_;
    Directory directory_;
    OrderChecker checker_;
    CreationDependencies creation_deps_;
    seam::KeyedClient seam_;
    std::map<std::string, std::string> running_;  // key to digest
    std::map<std::string, std::deque<QueuedCreation>>
        turns_;  // by lock; the first one is under way
};

}  // namespace oracode::devices
