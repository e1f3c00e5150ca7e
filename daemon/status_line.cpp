#include "daemon/status_line.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {

StatusLine::StatusLine(boost::asio::io_context& context, Dependencies deps)
    : deps_(std::move(deps)), context_(context), timer_(context) {
    if (!supervision::is_managed()) return;
    reader_.emplace(deps_.database);
    active_ = true;
}

std::string StatusLine::text() {
    std::string text = "Receiving webhooks";
    if (!reader_) return text;
    if (const auto counts = reader_->counts(deps_.now() - deps_.grace)) {
        std::int64_t live = 0;
        for (const auto codes : counts->live) live += codes;
        text += fmt::format("; {} codes tracked", live);
        if (counts->overdue > 0) text += fmt::format(", {} overdue", counts->overdue);
    }
    const auto last = deps_.metrics.last_webhook();
    text += last ? "; last webhook " + format_rfc3339(*last) : "; no webhook yet";
    if (const auto trouble = deps_.poller.trouble()) text += "; " + *trouble;
    return text;
}

void StatusLine::changed() {
    if (!active_ || planned_.exchange(true)) return;
    boost::asio::post(context_, [this] {
        timer_.expires_after(std::chrono::seconds{1});
        timer_.async_wait([this](const boost::system::error_code& error) {
            planned_ = false;
            if (error || !active_) return;
            auto now = text();
            if (now == last_sent_) return;
            supervision::notify_status(now);
            last_sent_ = std::move(now);
        });
    });
}

}  // namespace oracode::daemon
