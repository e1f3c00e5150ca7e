#include "webhook/receiver.hpp"

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "http/problem.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "seam/decode.hpp"
#include "store/store.hpp"

namespace oracode::webhook {
namespace {

http::Response empty(unsigned status) {
    http::Response response;
    response.status = status;
    return response;
}

}  // namespace

Receiver::Receiver(Verifier verifier, store::Store& store, metrics::Metrics& metrics, Clock now)
    : verifier_(std::move(verifier)),
      store_(store),
      metrics_(metrics),
      now_(std::move(now)),
      random_(std::random_device{}()) {}

void Receiver::receive(const http::Request& request, http::Reply reply) {
    const auto now = now_();
    const auto verification =
        verifier_.verify(signature_headers(request.headers), request.body, now);
    if (verification.refusal) return refuse(verification, request, std::move(reply));
    request.mark_authentic();
    metrics_.webhook_matched_secret(verification.slot);
    keep(verification, request, std::move(reply), now);
}

void Receiver::refuse(const Verification& verification, const http::Request& request,
                      http::Reply reply) {
    const auto refusal = *verification.refusal;
    const auto status = http_status(refusal);
    metrics_.webhook_answered(status, name(refusal));
    const bool by_time = refusal == SignatureError::stale || refusal == SignatureError::future;
    // The amount separates a clock that is wrong from a delivery that was kept back.
    const auto off = std::chrono::duration_cast<std::chrono::seconds>(verification.skew).count();
    const auto skew = fmt::format("{} s {}", std::abs(off), off < 0 ? "ahead" : "old");
    log::warn_of_many(
        "webhook.refused", name(refusal),
        {{"status", status},
         {"reason", name(refusal)},
         {"timestamp", by_time ? std::string_view{skew} : std::string_view{"not judged"}},
         {"peer", request.peer},
         {"request_id", request.request_id}});
    // Which part did not hold is for the operator's log, not for the sender.
    reply.send(status == 400
                   ? http::problem(400, "malformed-signature", "The delivery is not signed", "",
                                   request.request_id)
                   : http::problem(401, "signature-refused", "The signature was not accepted", "",
                                   request.request_id));
}

void Receiver::keep(const Verification& verification, const http::Request& request,
                    http::Reply reply, Timestamp now) {
    std::string mended;
    auto event = seam::decode_event(request.body, now, lifecycle::Source::webhook, &mended);
    if (!event)
        return put_aside(event.error().detail, verification.message_id, request, std::move(reply));
    // Where the event does not tell when it was made, no one knows how late it is.
    std::optional<Duration> lag;
    if (event->created_at != Timestamp{}) lag = now - event->created_at;
    metrics_.webhook_timing(lag, verification.skew, now);

    auto& home = reply.context();
    auto payload = mended.empty() ? std::string(request.body) : std::move(mended);
    store_.record(
        std::move(*event), std::move(payload), home,
        [this, reply = std::move(reply),
         request_id = request.request_id](const Result<store::Recorded>& recorded) mutable {
            if (!recorded) {
                metrics_.webhook_answered(503, name(recorded.error().code));
                return reply.send(unavailable(request_id));
            }
            if (recorded->duplicate) metrics_.webhook_duplicate();
            metrics_.webhook_answered(204, recorded->duplicate ? "duplicate" : "accepted");
            reply.send(empty(204));
        });
}

void Receiver::put_aside(std::string_view reason, std::string_view message_id,
                         const http::Request& request, http::Reply reply) {
    log::warn("webhook.quarantined", {{"reason", reason},
                                      {"message_id", message_id},
                                      {"size", request.body.size()},
                                      {"peer", request.peer}});
    store::Quarantined item{std::string(reason), std::string(message_id),
                            std::string(request.body)};
    auto& home = reply.context();
    store_.quarantine(std::move(item), home,
                      [this, reply = std::move(reply),
                       request_id = request.request_id](const Result<std::int64_t>& kept) mutable {
                          const unsigned status = kept ? 202 : 503;
                          metrics_.webhook_answered(status,
                                                    kept ? "quarantined" : name(kept.error().code));
                          reply.send(kept ? empty(202) : unavailable(request_id));
                      });
}

http::Response Receiver::unavailable(std::string_view request_id) {
    auto response = http::problem(503, "unavailable", "The event could not be kept",
                                  "Deliver it again.", request_id);
    // Spread, so that a queue that overflowed is not hit by all senders in the same second again.
    response.headers.emplace_back("Retry-After", std::to_string(2 + random_() % 9));
    return response;
}

}  // namespace oracode::webhook
