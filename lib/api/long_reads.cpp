#include "api/long_reads.hpp"

#include <boost/asio/post.hpp>

#include "api/errors.hpp"
#include "logging/log.hpp"

namespace oracode::api {

LongReads::LongReads(const std::string& database) : reader_(database) {}
LongReads::~LongReads() {
    stop();
}

void LongReads::run(Read read, std::string request_id, http::Reply reply) {
    if (waiting_.fetch_add(1) >= max_waiting) {
        waiting_.fetch_sub(1);
        return reply.send(problem(Error{Errc::overloaded, "too many long reads"}, request_id));
    }
    boost::asio::post(thread_, [this, read = std::move(read), reply = std::move(reply)]() mutable {
        waiting_.fetch_sub(1);
        try {
            reply.send(read(reader_));
        } catch (const std::exception& error) {
            log::error(
                "api.read_failed",
                {{"error", std::string_view{error.what()}}});  // the unsent Reply answers 500
        }
    });
}

void LongReads::stop() {
    thread_.join();
}

}  // namespace oracode::api
