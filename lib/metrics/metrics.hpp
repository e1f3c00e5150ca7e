// Every metric of the daemon, named in one place. Owned by the daemon's App; any thread may count.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/code_counts.hpp"

namespace oracode {

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // One answered delivery. `reason` is one of a fixed set of words, never a text of the sender's.
    void webhook_answered(unsigned code, std::string_view reason);
    void webhook_duplicate();
    void webhook_matched_secret(std::size_t slot);
    // How old the delivery was when it came: by its payload, and how far its signed time stamp was
    // from our clock.
    void webhook_timing(Duration lag, Duration skew, Timestamp now);
    void committed(std::chrono::nanoseconds took, std::size_t rows);
    void transition(const Transition& made);
    void http_answered(std::string_view route, std::string_view method, unsigned code,
                       std::chrono::nanoseconds took);
    // One request to Seam; `status` 0: no answer came.
    void polled(std::string_view endpoint, unsigned status);
    // Events that the webhooks had missed.
    void backfilled(std::size_t events);
    // An order for a code ended; `outcome` is one of a fixed set of words.
    void ordered(std::string_view outcome);
    void connection_refused(std::string_view reason);
    void certificate_valid_until(Timestamp at);

    void access_codes(const CodeCounts& counts);

    // Values that are read when asked for; `read` is called on the thread that renders `text`.
    void gauge(const std::string& name, const std::string& help, std::function<double()> read);

    // Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace oracode
