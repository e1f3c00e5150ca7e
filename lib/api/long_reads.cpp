#include "api/long_reads.hpp"

#include "api/errors.hpp"
#include "logging/log.hpp"

namespace oracode::api {

LongReads::LongReads(const std::string& database) : reader_(database) {}
LongReads::~LongReads() {
    stop();
}

bool LongReads::enter() {
    if (waiting_.fetch_add(1) < max_waiting) return true;
    leave();
    return false;
}

void LongReads::run(Read read, std::string request_id, http::Reply reply) {
    if (!enter())
        return reply.send(problem(Error{Errc::overloaded, "too many long reads"}, request_id));
    boost::asio::post(thread_, [this, read = std::move(read), reply = std::move(reply)]() mutable {
        leave();
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
