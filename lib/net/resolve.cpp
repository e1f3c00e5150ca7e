#include "net/resolve.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/thread.hpp"

namespace oracode::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What a look-up's thread shares with the loop. While `open`, the executor's context is alive; the
// thread must not touch it otherwise.
struct Mailbox {
    std::mutex mutex;
    bool open = true;
};

void close(Mailbox& mailbox) {
    const std::scoped_lock lock(mailbox.mutex);
    mailbox.open = false;
}

}  // namespace

struct Resolver::State : std::enable_shared_from_this<State> {
    struct Query {
        std::shared_ptr<Mailbox> mailbox;
        std::unique_ptr<asio::steady_timer> timer;
        Done done;
    };

    State(asio::any_io_executor on, Lookup by) : executor(std::move(on)), lookup(std::move(by)) {}

    void start_thread(std::uint64_t id, const std::shared_ptr<Mailbox>& mailbox,
                      const std::string& host, std::uint16_t port);
    void finish(std::uint64_t id, error_code error, Addresses addresses);
    void finish_later(std::uint64_t id, error_code error, Addresses addresses);

    asio::any_io_executor executor;
    Lookup lookup;
    std::map<std::uint64_t, Query> queries;
    std::uint64_t last_id = 0;
    std::shared_ptr<std::atomic<int>> running = std::make_shared<std::atomic<int>>(0);
};

void Resolver::State::start_thread(std::uint64_t id, const std::shared_ptr<Mailbox>& mailbox,
                                   const std::string& host, std::uint16_t port) {
    auto work = [weak = weak_from_this(), mailbox, id, host, port, lookup_by = lookup,
                 on = executor, count = running] {
        error_code error;
        Addresses addresses;
        try {
            addresses = lookup_by(host, port, error);
        } catch (const std::exception&) {
            error = asio::error::no_recovery;
        }
        --*count;
        if (!error && addresses.empty()) error = asio::error::host_not_found;
        const std::scoped_lock lock(mailbox->mutex);
        if (!mailbox->open) return;
        asio::post(on, [weak, id, error, found = std::move(addresses)]() mutable {
            if (const auto state = weak.lock()) state->finish(id, error, std::move(found));
        });
    };
    ++*running;
    try {
        oracode::start_thread("resolver", std::move(work)).detach();
    } catch (const ThreadFailure&) {
        --*running;
        finish_later(id, asio::error::try_again, {});
    }
}

void Resolver::State::finish(std::uint64_t id, error_code error, Addresses addresses) {
    const auto found = queries.find(id);
    if (found == queries.end()) return;
    const auto query = std::move(found->second);
    queries.erase(found);
    close(*query.mailbox);
    query.timer->cancel();
    query.done(error, std::move(addresses));
}

void Resolver::State::finish_later(std::uint64_t id, error_code error, Addresses addresses) {
    asio::post(executor,
               [state = shared_from_this(), id, error, found = std::move(addresses)]() mutable {
                   state->finish(id, error, std::move(found));
               });
}

Lookup system_lookup() {
    return [](const std::string& host, std::uint16_t port, error_code& error) {
        asio::io_context own;
        asio::ip::tcp::resolver resolver(own);
        const auto results = resolver.resolve(
            host, std::to_string(port),
            asio::ip::tcp::resolver::address_configured | asio::ip::tcp::resolver::numeric_service,
            error);
        Addresses addresses;
        for (const auto& result : results) addresses.push_back(result.endpoint());
        return addresses;
    };
}

Resolver::Resolver(asio::any_io_executor executor, Lookup lookup)
    : state_(std::make_shared<State>(std::move(executor), std::move(lookup))) {}

Resolver::~Resolver() {
    for (auto& [id, query] : state_->queries) close(*query.mailbox);
    state_->queries.clear();
}

void Resolver::resolve(const std::string& host, std::uint16_t port,
                       std::chrono::steady_clock::time_point deadline, Done done) {
    const auto id = ++state_->last_id;
    auto& query = state_->queries[id];
    query.mailbox = std::make_shared<Mailbox>();
    query.timer = std::make_unique<asio::steady_timer>(state_->executor, deadline);
    query.done = std::move(done);
    query.timer->async_wait([weak = state_->weak_from_this(), id](error_code error) {
        const auto state = weak.lock();
        if (state && !error) state->finish(id, asio::error::timed_out, {});
    });
    error_code not_literal;
    const auto literal = asio::ip::make_address(host, not_literal);
    if (!not_literal)
        state_->finish_later(id, {}, {{literal, port}});
    else if (*state_->running >= most_lookups)
        state_->finish_later(id, asio::error::try_again, {});
    else
        state_->start_thread(id, query.mailbox, host, port);
}

void Resolver::cancel() {
    for (auto& [id, query] : state_->queries) {
        close(*query.mailbox);
        query.timer->cancel();
        asio::post(state_->executor,
                   [done = std::move(query.done)] { done(asio::error::operation_aborted, {}); });
    }
    state_->queries.clear();
}

}  // namespace oracode::net
