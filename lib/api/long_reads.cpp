#include "api/long_reads.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "api/errors.hpp"
#include "http/compression.hpp"

namespace oracode::api {

LongReads::LongReads(std::string name, const std::string& database,
                     std::function<void()> before_each)
    : reader_(database), before_each_(std::move(before_each)), thread_(std::move(name)) {
    thread_.start();
}
LongReads::~LongReads() {
    stop();
}

bool LongReads::enter() {
    if (waiting_.fetch_add(1) < max_waiting) return true;
    leave();
    return false;
}

// Whatever was thrown: the database refused (the disk, damage), or holds what cannot be understood.
Error LongReads::refuse(const std::exception& failure) {
    reading_.failed(failure.what());
    return {Errc::store_unavailable, failure.what()};
}

LongReads::Asker LongReads::Asker::of(const http::Request& request) {
    return {std::string(request.request_id), http::accepts_gzip(request)};
}

void LongReads::run(Read read, Asker asker, http::Reply reply) {
    if (!enter())
        return reply.send(
            problem(Error{Errc::overloaded, "too many long reads"}, asker.request_id));
    const auto gone = std::make_shared<std::atomic<bool>>(false);
    reply.watch([gone](http::Interruption what) {
        if (what == http::Interruption::client_gone) *gone = true;
    });
    boost::asio::post(
        thread_.context(), [this, gone, read = std::move(read), asker = std::move(asker),
                            reply = std::move(reply)]() mutable {
            leave();
            if (*gone) return;
            auto response = guarded<http::Response>(
                [&read](store::Reader& reader) { return Result<http::Response>(read(reader)); });
            if (!response) return reply.send(problem(response.error(), asker.request_id));
            http::encode(*response, asker.takes_gzip);
            reply.send(std::move(*response));
        });
}

void LongReads::stop() {
    stopping_ = true;
    reader_.interrupt();
    thread_.finish();
    thread_.join();
}

}  // namespace oracode::api
