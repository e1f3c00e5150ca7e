#include "http/shard.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <malloc.h>

#include "http/session.hpp"

namespace oracode::http {
namespace {

using std::chrono::steady_clock;

// So many connections leave holes behind that are worth giving back: when they go, and when they
// come, for a handshake takes ten times as much memory as the connection does afterwards.
constexpr std::size_t crowd = 256;
constexpr std::chrono::seconds quiet_before_trim{1};

// Often enough that a deadline is late by an eighth at most, seldom enough to cost nothing.
std::chrono::milliseconds sweep_interval(const Limits& limits) {
    const auto shortest = std::min({limits.handshake, limits.header, limits.body, limits.idle,
                                    limits.write, limits.shutdown, limits.drain});
    return std::clamp<std::chrono::milliseconds>(shortest / 8, std::chrono::milliseconds{5},
                                                 std::chrono::seconds{1});
}

}  // namespace

Shard::Shard(boost::asio::io_context& context, Handler handler, const Dependencies& deps)
    : context_(context),
      handler_(std::move(handler)),
      limits_(deps.limits),
      clock_(deps.clock),
      credentials_(deps.credentials),
      bodies_(deps.bodies),
      observer_(deps.observer),
      trusted_proxies_(deps.trusted_proxies),
      sweep_interval_(sweep_interval(deps.limits)),
      sweeper_(context),
      trimmer_(context),
      id_prefix_(fmt::format("{:08x}-", std::random_device{}())) {}

void Shard::adopt(Accepted accepted) {
    boost::asio::post(context_,
                      [self = shared_from_this(), accepted = std::move(accepted)]() mutable {
                          self->begin(std::move(accepted));
                      });
}

void Shard::begin(Accepted accepted) {
    if (aborted_) return;
    try {
        auto connection = credentials_ ? credentials_->connection() : tls::Connection{};
        std::make_shared<Session>(shared_from_this(), std::move(accepted), std::move(connection))
            ->start();
    } catch (const boost::system::system_error& failure) {
        observer_->accept_failed(
            failure.code());  // the kernel has no room to watch another descriptor
    } catch (const std::bad_alloc&) {
        observer_->accept_failed(std::make_error_code(std::errc::not_enough_memory));
    }
}

void Shard::add(Member& session) {
    sessions_.push_back(session);
    most_count_ = std::max(most_count_, ++count_);
    if (++begun_ - begun_at_trim_ >= crowd) trim_soon();
    observer_->connection_opened();
    sweep_if_needed();
}

void Shard::park(Member& session) {
    session.unlink();
    parked_.push_back(session);
}

void Shard::unpark(Member& session) {
    session.unlink();
    sessions_.push_back(session);
    sweep_if_needed();
}

// `act` may make its session leave its list; no other does.
template <class Act>
void Shard::each(Act act) {
    for (auto* members : {&sessions_, &parked_})
        for (auto next = members->begin(); next != members->end();) act(*next++);
}

// Thousands that rest cost nothing; only at the end of a drain they have a deadline too.
void Shard::sweep_if_needed() {
    if (sweeping_) return;
    if (!sessions_.empty() || (draining_ && count_ > 0)) schedule_sweep();
}

void Shard::remove(Member& session) {
    session.unlink();
    --count_;
    observer_->connection_closed();
    if (most_count_ >= crowd && count_ <= most_count_ / 4) trim_soon();
    if (count_ > 0) return;
    sweeper_.cancel();  // nothing to watch: the thread sleeps until the next connection
    report_if_drained();
}

void Shard::schedule_sweep() {
    sweeper_.expires_after(sweep_interval_);
    sweeper_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
        self->sweeping_ = false;
        self->sweep();
        self->sweep_if_needed();
    });
    sweeping_ = true;  // last: what throws must not look like a sweep under way
}

void Shard::sweep() {
    const auto now = steady_clock::now();
    if (now >= drain_deadline_) return each([](Member& session) { session.cut(); });
    for (auto next = sessions_.begin(); next != sessions_.end();) {
        auto& session = *next++;  // it may leave the list, no other does
        if (now < session.deadline()) continue;
        try {
            session.expire(now);
        } catch (const std::bad_alloc&) {
            session.cut();
        }
    }
}

void Shard::body_released() {
    if (!bodies_->subsided()) return;
    boost::asio::post(context_, [self = shared_from_this()] { self->trim_soon(); });
}

// The allocator keeps what was freed between other allocations: after 2,000 bodies that were half
// sent the process stayed at 595 MB. A trim takes milliseconds, so it waits until no more of the
// crowd come.
void Shard::trim_soon() {
    if (draining_ || std::exchange(trimming_, true)) return;
    most_count_ = count_;
    begun_at_trim_ = begun_;
    trimmer_.expires_after(quiet_before_trim);
    trimmer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->trimming_ = false;
        if (error) return;
        if (self->begun_ - self->begun_at_trim_ >= crowd) return self->trim_soon();
        self->begun_at_trim_ = self->begun_;
        ::malloc_trim(0);
    });
}

void Shard::drain(std::function<void()> drained) {
    boost::asio::post(context_,
                      [self = shared_from_this(), drained = std::move(drained)]() mutable {
                          self->draining_ = true;
                          self->drained_ = std::move(drained);
                          self->drain_deadline_ = steady_clock::now() + self->limits_.drain;
                          self->each([](Member& session) { session.drain(); });
                          self->sweep_if_needed();
                          self->report_if_drained();
                      });
}

void Shard::abort() {
    boost::asio::post(context_, [self = shared_from_this()] {
        self->draining_ = self->aborted_ = true;
        self->each([](Member& session) { session.cut(); });
        self->report_if_drained();
    });
}

void Shard::report_if_drained() {
    if (!draining_ || count_ > 0 || !drained_) return;
    trimmer_.cancel();
    std::exchange(drained_, nullptr)();
}

std::string_view Shard::date() {
    const auto now = clock_();
    if (const auto second = std::chrono::floor<std::chrono::seconds>(now);
        second != dated_ || date_.empty()) {
        date_ = format_http_date(now);
        dated_ = second;
    }
    return date_;
}

void Shard::next_request_id(std::string& id) {
    std::array<char, 16> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), ++last_id_, 16).ptr;
    id.assign(id_prefix_);
    id.append(digits.data(), end);
}

}  // namespace oracode::http
