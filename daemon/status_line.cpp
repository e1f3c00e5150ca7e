#include "daemon/status_line.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {

StatusLine::StatusLine(boost::asio::io_context& context, Parts parts)
    : parts_(std::move(parts)), context_(context), timer_(context) {
    if (!supervision::is_managed()) return;
    reader_.emplace(parts_.database);
    told_to_anybody_ = true;
}

std::string StatusLine::text() {
    std::string text = "Receiving webhooks";
    if (!reader_) return text;
    if (const auto counts = reader_->counts(parts_.now() - parts_.grace)) {
        std::int64_t live = 0;
        for (const auto codes : counts->live) live += codes;
        text += fmt::format("; {} codes tracked", live);
        if (counts->overdue > 0) text += fmt::format(", {} overdue", counts->overdue);
    }
    const auto last = parts_.metrics.last_webhook();
    text += last ? "; last webhook " + format_rfc3339(*last) : "; no webhook yet";
    if (const auto trouble = parts_.poller.trouble()) text += "; " + *trouble;
    return text;
}

void StatusLine::changed() {
    if (!told_to_anybody_ || planned_.exchange(true)) return;
    boost::asio::post(context_, [this] {
        timer_.expires_after(std::chrono::seconds{1});
        timer_.async_wait([this](const boost::system::error_code& error) {
            planned_ = false;
            if (error || !told_to_anybody_) return;
            auto now = text();
            if (now == told_) return;
            supervision::tell_status(now);
            told_ = std::move(now);
        });
    });
}

}  // namespace oracode::daemon
