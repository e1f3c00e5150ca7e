// One delivery from its raw bytes to its answer: verify, decode, make durable, then answer. One per
// I/O thread.
#pragma once

#include <random>
#include <string_view>

#include "core/time.hpp"
#include "http/message.hpp"
#include "webhook/signature.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}

namespace oracode::webhook {

class Receiver {
public:
    // `store` and `metrics` outlive the receiver and every delivery that it has begun.
    Receiver(Verifier verifier, store::Store& store, metrics::Metrics& metrics, Clock now);

    // Answers 204 once the event is durable (also when it was known), 202 when the body was put
    // into quarantine, 400 or 401 when the signature does not hold, and 503 with Retry-After when
    // the store cannot keep it.
    void receive(const http::Request& request, http::Reply reply);

    // New secrets or tolerance, for deliveries from now on. On the receiver's thread.
    void replace(Verifier verifier) { verifier_ = std::move(verifier); }

private:
    void refuse(const Verification& verification, const http::Request& request, http::Reply reply);
    void keep(const Verification& verification, const http::Request& request, http::Reply reply,
              Timestamp now);
    void put_aside(std::string_view reason, std::string_view message_id,
                   const http::Request& request, http::Reply reply);
    [[nodiscard]] http::Response unavailable(std::string_view request_id);

    Verifier verifier_;
    store::Store& store_;
    metrics::Metrics& metrics_;
    Clock now_;
    std::minstd_rand random_;
};

}  // namespace oracode::webhook
