#include "devices/device_service.hpp"

#include <boost/asio/post.hpp>

#include "logging/log.hpp"
#include "store/store.hpp"

namespace oracode::devices {
namespace {

constexpr std::size_t seam_connections = 4;
constexpr std::size_t longest_queue = 32;  // orders that wait for one lock

seam::ClientOptions with_connections(seam::ClientOptions options) {
    options.connections = seam_connections;
    return options;
}

// `done`, to be called on `home`.
template <class T>
std::function<void(T)> at_home(boost::asio::io_context& home, std::function<void(T)> done) {
    return [&home, done = std::move(done)](T value) mutable {
        boost::asio::post(home, [done = std::move(done), value = std::move(value)]() mutable {
            done(std::move(value));
        });
    };
}

}  // namespace

DeviceService::DeviceService(Dependencies deps)
    : deps_(std::move(deps)),
      reader_(deps_.store.path()),
      orders_(deps_.store.path()),
      directory_({deps_.store, orders_, context_, deps_.now, deps_.fresh}),
      checker_({directory_, orders_, rate_limit_, deps_.now, deps_.max_codes_per_device}),
      creation_deps_{deps_.store,        reader_,       orders_,  directory_, checker_,
                     rate_limit_,        deps_.metrics, context_, deps_.now,  deps_.client.timeout,
                     deps_.settled_after},
      seam_(context_.get_executor(), with_connections(deps_.client), deps_.now,
            [this](seam::Api& api) {
                directory_.use(&api);
                checker_.use(&api);
                creation_deps_.api = &api;
            }) {}

DeviceService::~DeviceService() {
    stop();
}

void DeviceService::start() {
    thread_.start();
}

void DeviceService::stop() {
    thread_.stop([this] { seam_.shutdown(); });
}

void DeviceService::set_api_key(std::string key) {
    boost::asio::post(context_, [this, key = std::move(key)] { seam_.set_api_key(key); });
}

void DeviceService::check(Order order, boost::asio::io_context& home,
                          std::function<void(SeamResult<OrderCheck>)> done) {
    auto answer = at_home(home, std::move(done));
    boost::asio::post(context_,
                      [this, order = std::move(order), answer = std::move(answer)]() mutable {
                          checker_.check(order, OrderChecker::Purpose::check, std::move(answer));
                      });
}

void DeviceService::create(Order order, std::string key, boost::asio::io_context& home,
                           Render render, std::function<void(Ending)> done) {
    auto answer = at_home(home, std::move(done));
    boost::asio::post(context_, [this, order = std::move(order), key = std::move(key),
                                 render = std::move(render), answer = std::move(answer)]() mutable {
        if (auto known = known_ending(order, key)) return answer(std::move(*known));
        if (!key.empty()) running_.emplace(key, digest(order));
        const auto device_id = order.device_id;
        Creation::Done ended = [this, key, device_id, answer](Ending ending) mutable {
            running_.erase(key);
            answer(std::move(ending));
            end_turn(device_id);
        };
        auto creation = std::make_shared<Creation>(creation_deps_, std::move(order), std::move(key),
                                                   std::move(render), ended);
        take_turn(device_id, {deps_.now(), std::move(creation), std::move(ended)});
    });
}

// How an order ends that is not to be carried out.
std::optional<Ending> DeviceService::known_ending(const Order& order, const std::string& key) {
    const auto turns = turns_.find(order.device_id);
    if (turns != turns_.end() && turns->second.size() > longest_queue)
        return seam::local_error(Errc::overloaded, "too many orders wait for this lock");
    if (key.empty()) return std::nullopt;
    const auto wanted = digest(order);
    if (const auto running = running_.find(key); running != running_.end())
        return running->second == wanted ? KeyConflict::still_running : KeyConflict::other_order;
    auto stored = orders_.order(key, deps_.now());
    if (!stored) return seam::local_error(stored.error());
    if (!*stored) return std::nullopt;
    if ((*stored)->digest != wanted) return KeyConflict::other_order;
    if (!(*stored)->answer) return std::nullopt;
    return Answered{std::move(*(*stored)->answer), true};
}

void DeviceService::take_turn(const std::string& device_id, QueuedCreation queued) {
    auto& turns = turns_[device_id];
    turns.push_back(std::move(queued));
    if (turns.size() == 1) begin_turn(device_id);
}

void DeviceService::begin_turn(const std::string& device_id) {
    auto& next = turns_.at(device_id).front();
    // A caller that waited longer than a request lasts may have gone and cannot take a code back.
    if (deps_.now() - next.since > deps_.client.timeout) {
        const auto done = next.done;
        return done(seam::local_error(Errc::overloaded, "waited too long behind other orders"));
    }
    const auto creation = next.creation;
    creation->start();
}

void DeviceService::end_turn(const std::string& device_id) {
    const auto turns = turns_.find(device_id);
    turns->second.pop_front();
    if (turns->second.empty()) {
        turns_.erase(turns);
    } else {
        boost::asio::post(context_, [this, device_id] { begin_turn(device_id); });
    }
}

void DeviceService::show(std::string device_id, boost::asio::io_context& home,
                         std::function<void(SeamResult<LockView>)> done) {
    auto answer = at_home(home, std::move(done));
    boost::asio::post(context_, [this, id = std::move(device_id),
                                 answer = std::move(answer)]() mutable {
        directory_.find(
            id, [this, id, answer = std::move(answer)](SeamResult<LockSnapshot> snapshot) mutable {
                if (snapshot) return answer(view(id, std::move(*snapshot)));
                const auto without = view(id, std::nullopt);
                // Its codes make it known, even if Seam does not show it.
                if (!without || without->codes != lifecycle::CodeCounts{}) return answer(without);
                answer(snapshot.error());
            });
    });
}

SeamResult<LockView> DeviceService::view(const std::string& device_id,
                                         std::optional<LockSnapshot> snapshot) {
    auto codes = orders_.count_codes(device_id);
    if (!codes) return seam::local_error(codes.error());
    return LockView{device_id, std::move(snapshot), *codes};
}

void DeviceService::list(std::string after, std::size_t limit, boost::asio::io_context& home,
                         std::function<void(SeamResult<LockPage>)> done) {
    auto answer = at_home(home, std::move(done));
    const auto read_page = [this, after = std::move(after), limit, answer]() mutable {
        // One more than asked for shows whether there is a next page.
        auto ids = orders_.device_ids(after, limit + 1);
        if (!ids) return answer(seam::local_error(ids.error()));
        LockPage page;
        for (const auto& id : *ids) {
            if (page.locks.size() == limit) {
                page.next = page.locks.back().device_id;
                break;
            }
            auto kept = directory_.kept(id);
            auto lock = view(id, kept ? std::optional{std::move(*kept)} : std::nullopt);
            if (!lock) return answer(lock.error());
            page.locks.push_back(std::move(*lock));
        }
        answer(std::move(page));
    };
    boost::asio::post(context_, [this, read_page] { directory_.refresh_all(read_page); });
}

}  // namespace oracode::devices
