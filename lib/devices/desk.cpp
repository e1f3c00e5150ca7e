#include "devices/desk.hpp"

#include <stdexcept>

#include <boost/asio/post.hpp>
#include <pthread.h>

#include "async/run_guarded.hpp"
#include "logging/log.hpp"
#include "store/store.hpp"

namespace oracode::devices {
namespace {

constexpr std::size_t seam_connections = 4;
constexpr std::size_t longest_queue = 32;  // orders that wait for one lock

seam::CallError error_of(Errc code, std::string detail) {
    seam::CallError error;
    error.code = code;
    error.detail = std::move(detail);
    return error;
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

Desk::Desk(Parts parts)
    : parts_(std::move(parts)),
      reader_(parts_.store.path()),
      orders_(parts_.store.path()),
      directory_({parts_.store, orders_, context_, parts_.now, parts_.fresh}),
      judge_({directory_, orders_, pace_, parts_.now, parts_.max_codes_per_device}),
      tools_{parts_.store,
             reader_,
             orders_,
             directory_,
             judge_,
             pace_,
             parts_.metrics,
             context_,
             parts_.now,
             parts_.client.timeout,
             parts_.settled_after} {
    parts_.client.connections = seam_connections;
    make_client_if_needed();
}

Desk::~Desk() {
    stop();
}

// Only with a key: the authorities that a client trusts take a megabyte. Where the key is taken
// away again, the client says so.
void Desk::make_client_if_needed() {
    if (client_ || parts_.client.api_key.empty()) return;
    auto client = seam::Client::make(context_.get_executor(), parts_.client, parts_.now);
    if (!client) throw std::invalid_argument(client.error().detail);
    client_ = std::move(*client);
    api_ = std::make_unique<seam::Api>(*client_);
    directory_.use(api_.get());
    judge_.use(api_.get());
    tools_.api = api_.get();
}

void Desk::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "desk");
        async::run_guarded(context_, [](std::string_view why) {
            log::error("thread.handler_failed", {{"thread", "desk"}, {"error", why}});
        });
    });
}

void Desk::stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] {
        if (client_) client_->shutdown();
        guard_.reset();
    });
    thread_.join();
}

void Desk::set_api_key(std::string key) {
    boost::asio::post(context_, [this, key = std::move(key)]() mutable {
        try {
            parts_.client.api_key = key;
            make_client_if_needed();
        } catch (const std::invalid_argument& error) {
            return log::error("seam.unusable", {{"error", std::string_view{error.what()}}});
        }
        if (!client_) return;
        if (const auto done = client_->set_api_key(std::move(key)); !done)
            log::error("seam.key_unusable", {{"error", done.error().detail}});
    });
}

void Desk::check(Order order, boost::asio::io_context& home,
                 std::function<void(Asked<Judgement>)> done) {
    auto answer = at_home(home, std::move(done));
    boost::asio::post(context_,
                      [this, order = std::move(order), answer = std::move(answer)]() mutable {
                          judge_.judge(order, Judge::Purpose::check, std::move(answer));
                      });
}

void Desk::create(Order order, std::string key, boost::asio::io_context& home, Render render,
                  std::function<void(Ending)> done) {
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
        auto creation = std::make_shared<Creation>(tools_, std::move(order), std::move(key),
                                                   std::move(render), ended);
        take_turn(device_id, {parts_.now(), std::move(creation), std::move(ended)});
    });
}

// How an order ends that is not to be carried out.
std::optional<Ending> Desk::known_ending(const Order& order, const std::string& key) {
    const auto turns = turns_.find(order.device_id);
    if (turns != turns_.end() && turns->second.size() > longest_queue)
        return error_of(Errc::overloaded, "too many orders wait for this lock");
    if (key.empty()) return std::nullopt;
    const auto wanted = digest(order);
    if (const auto running = running_.find(key); running != running_.end())
        return running->second == wanted ? KeyConflict::still_running : KeyConflict::other_order;
    auto stored = orders_.order(key, parts_.now());
    if (!stored) return error_of(stored.error().code, stored.error().detail);
    if (!*stored) return std::nullopt;
    if ((*stored)->digest != wanted) return KeyConflict::other_order;
    if (!(*stored)->answer) return std::nullopt;
    return Answered{std::move(*(*stored)->answer), true};
}

void Desk::take_turn(const std::string& device_id, Waiting waiting) {
    auto& turns = turns_[device_id];
    turns.push_back(std::move(waiting));
    if (turns.size() == 1) begin_turn(device_id);
}

void Desk::begin_turn(const std::string& device_id) {
    auto& next = turns_.at(device_id).front();
    // Whoever waited longer than a request lasts may have gone, and cannot take a code back.
    if (parts_.now() - next.since > parts_.client.timeout) {
        const auto done = next.done;
        return done(error_of(Errc::overloaded, "waited too long behind other orders"));
    }
    const auto creation = next.creation;
    creation->start();
}

void Desk::end_turn(const std::string& device_id) {
    const auto turns = turns_.find(device_id);
    turns->second.pop_front();
    if (turns->second.empty()) {
        turns_.erase(turns);
    } else {
        boost::asio::post(context_, [this, device_id] { begin_turn(device_id); });
    }
}

void Desk::show(std::string device_id, boost::asio::io_context& home,
                std::function<void(Asked<LockView>)> done) {
    auto answer = at_home(home, std::move(done));
    boost::asio::post(context_, [this, id = std::move(device_id),
                                 answer = std::move(answer)]() mutable {
        directory_.find(id, [this, id, answer = std::move(answer)](Asked<Showing> shown) mutable {
            if (shown) return answer(view(id, std::move(*shown)));
            const auto without = view(id, std::nullopt);
            // Its codes make it known, even if Seam does not show it.
            if (!without || without->codes != CodeCounts{}) return answer(without);
            answer(shown.error());
        });
    });
}

Asked<LockView> Desk::view(const std::string& device_id, std::optional<Showing> shown) {
    auto codes = orders_.count_codes(device_id);
    if (!codes) return error_of(codes.error().code, codes.error().detail);
    return LockView{device_id, std::move(shown), *codes};
}

void Desk::list(std::string after, std::size_t limit, boost::asio::io_context& home,
                std::function<void(Asked<LockPage>)> done) {
    auto answer = at_home(home, std::move(done));
    const auto tell = [this, after = std::move(after), limit, answer]() mutable {
        // One more than asked for tells whether there is a next page.
        auto ids = orders_.device_ids(after, limit + 1);
        if (!ids) return answer(error_of(ids.error().code, ids.error().detail));
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
    boost::asio::post(context_, [this, tell] { directory_.refresh_all(tell); });
}

}  // namespace oracode::devices
