#include "daemon/code_log.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "logging/log.hpp"
#include "store/error.hpp"

namespace oracode::daemon {
namespace {

// More are overdue at once only where all events are missing: one line stands for those.
constexpr std::size_t most_overdue = 1'000;
// A burst of deliveries is looked at once.
constexpr std::chrono::seconds look_after_commit{1};
// The machine's clock may be set meanwhile.
constexpr std::chrono::minutes longest_sleep{1};
constexpr std::chrono::minutes pause_after_failure{1};

std::string text_of(const std::optional<Timestamp>& at, std::string_view none) {
    return at ? format_rfc3339(*at) : std::string(none);
}

void log_change(const store::CodeChange& change) {
    const auto& made = change.transition;
    if (made.from != made.to)
        log::info("access_code.status",
                  {{"access_code_id", change.access_code_id},
                   {"device_id", change.device_id},
                   {"from", made.from ? name(*made.from) : "none"},
                   {"to", name(made.to)},
                   {"at", made.at},
                   {"source", name(made.source)},
                   {"event_id", made.event_id.empty() ? "-" : made.event_id}});
    if (change.ended)
        log::info("access_code.ended", {{"access_code_id", change.access_code_id},
                                        {"device_id", change.device_id},
                                        {"reason", name(change.ended->reason)},
                                        {"at", change.ended->at},
                                        {"source", name(made.source)}});
    else if (made.from == made.to)
        log::info("access_code.lives_again", {{"access_code_id", change.access_code_id},
                                              {"device_id", change.device_id},
                                              {"source", name(made.source)}});
}

void log_alert(const store::AlertChange& change) {
    const auto& alert = change.alert;
    log::write(change.opened ? log::Level::warn : log::Level::info,
               change.opened ? "alert.opened" : "alert.closed",
               {{"alert", alert.id},
                {"kind", name(alert.kind)},
                {"access_code_id", alert.access_code_id.empty() ? "-" : alert.access_code_id},
                {"device_id", alert.device_id.empty() ? "-" : alert.device_id},
                {"detail", alert.detail}});
}

}  // namespace

void CodeLog::committed(const store::Commit& commit) {
    if (commit.changes.empty() && commit.alerts.empty()) return;
    boost::asio::post(context_, [this, changes = commit.changes, alerts = commit.alerts] {
        for (const auto& change : changes) log_change(change);
        for (const auto& alert : alerts) log_alert(alert);
        if (reader_ && !changes.empty()) look_at(now_() + pause());
    });
}

void CodeLog::start() {
    look();
}

void CodeLog::stop() {
    reader_.reset();
    timer_.cancel();
}

// Where one line stands for all there is no haste.
Duration CodeLog::pause() const {
    return more_known_ ? longest_sleep : look_after_commit;
}

void CodeLog::look_at(Timestamp at) {
    if (next_look_ && *next_look_ <= at) return;
    next_look_ = at;
    timer_.expires_after(std::max(at - now_(), Duration{1}));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) look();
    });
}

void CodeLog::look() {
    next_look_.reset();
    if (!reader_) return;
    const auto now = now_();
    try {
        store::Filter filter;
        filter.overdue = true;
        filter.overdue_at = now - grace_;
        filter.limit = most_overdue;
        const auto overdue = reader_->list(filter);
        if (!overdue) throw store::StoreError(store::StoreError::Kind::io, overdue.error().detail);
        log_overdue(*overdue);
        const auto next = reader_->next_expected(now - grace_);
        reading_.over();
        const auto soonest = now + pause();
        look_at(next ? std::clamp(*next + grace_, soonest, now + longest_sleep)
                     : now + longest_sleep);
    } catch (const std::exception& failure) {
        reading_.failed(failure.what());
        look_at(now + pause_after_failure);
    }
}

void CodeLog::log_overdue(const store::CodePage& overdue) {
    std::set<Wait> known;
    for (const auto& code : overdue.codes) {
        Wait wait{code.access_code_id, *code.expected_by};
        if (!known_.contains(wait))
            log::warn("access_code.overdue",
                      {{"access_code_id", code.access_code_id},
                       {"device_id", code.device_id},
                       {"status", name(code.status)},
                       {"expected_by", *code.expected_by},
                       {"starts_at", text_of(code.starts_at.value, "unknown")},
                       {"last_polled_at", text_of(code.last_polled_at, "never")}});
        known.insert(std::move(wait));
    }
    known_ = std::move(known);
    const bool more = overdue.next.has_value();
    if (more && !more_known_)
        log::warn("access_code.many_overdue",
                  {{"more_than", most_overdue}, {"remedy", "GET /v1/access_codes?overdue=true"}});
    more_known_ = more;
}

}  // namespace oracode::daemon
