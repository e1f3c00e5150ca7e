#include "api/backups.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "http/problem.hpp"
#include "logging/log.hpp"
#include "store/copy.hpp"

namespace oracode::api {
namespace {

constexpr std::size_t piece_size = 64UL * 1024;

// "oracoded-20260305T150000Z.db"
std::string file_name(Timestamp now) {
    std::string name = "oracoded-";
    for (const char c : format_rfc3339(now).substr(0, 19))
        if (c != '-' && c != ':') name += c;
    return name + "Z.db";
}

http::Response unavailable(std::string_view title, std::string_view detail,
                           std::string_view request_id) {
    auto response = http::problem(503, "unavailable", title, detail, request_id);
    response.headers.emplace_back("Retry-After", "30");
    return response;
}

}  // namespace

// One backup from the request to the last byte; the next may begin when it goes.
class Backups::Job {
public:
    Job(const std::string& database, std::shared_ptr<std::atomic<bool>> busy)
        : copy(database), busy_(std::move(busy)) {}
    ~Job() { *busy_ = false; }

    store::DatabaseCopy copy;

private:
    const std::shared_ptr<std::atomic<bool>> busy_;
};

// Reads ahead by one piece, on the backups' thread.
class Backups::FileBody final : public http::Body {
public:
    FileBody(std::shared_ptr<Job> job, boost::asio::io_context& thread,
             boost::asio::io_context& home, http::Waker waker)
        : state_(std::make_shared<State_>()), job_(std::move(job)), thread_(thread), home_(home) {
        state_->waker = std::move(waker);
        fetch();
    }

    State next(std::string& out) override {
        if (!state_->arrived) return State::waiting;
        if (state_->piece.empty()) return State::broken;
        out = std::exchange(state_->piece, {});
        state_->arrived = false;
        if (offset_ >= job_->copy.size()) return State::end;
        fetch();
        return State::more;
    }

private:
    // Outlives the body where a read is under way.
    struct State_ {
        http::Waker waker;
        std::string piece;
        bool arrived = false;
    };

    void fetch() {
        const auto offset = std::exchange(
            offset_, std::min<std::uint64_t>(offset_ + piece_size, job_->copy.size()));
        boost::asio::post(thread_, [state = state_, job = job_, offset, &home = home_] {
            auto piece = job->copy.read(offset, piece_size);
            boost::asio::post(home, [state, piece = std::move(piece)]() mutable {
                state->piece = std::move(piece);
                state->arrived = true;
                state->waker.wake();
            });
        });
    }

    const std::shared_ptr<State_> state_;
    const std::shared_ptr<Job> job_;
    boost::asio::io_context& thread_;
    boost::asio::io_context& home_;
    std::uint64_t offset_ = 0;
};

Backups::Backups(std::string database, const Access& access, Clock now)
    : database_(std::move(database)), access_(access), now_(std::move(now)) {
    thread_.start();
}

Backups::~Backups() {
    stop();
}

void Backups::stop() {
    thread_.finish();
    thread_.join();
}

void Backups::add_to(http::Router& router) {
    router.add("GET", "/v1/backup",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { send(request, std::move(reply)); });
}

void Backups::send(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(access_, request, {}, Permission::write);
    if (!authorized) return reply.send(http::Response(authorized.error()));
    http::Response head;
    head.content_type = "application/vnd.sqlite3";
    head.headers.emplace_back("Cache-Control", "no-store");
    head.headers.emplace_back("Content-Disposition",
                              "attachment; filename=\"" + file_name(now_()) + "\"");
    // Nothing is copied to learn a length.
    if (request.method == "HEAD") return reply.send(std::move(head));
    if (busy_->exchange(true))
        return reply.send(unavailable("A backup is under way", "One at a time; try again later.",
                                      request.request_id));
    auto job = std::make_shared<Job>(database_, busy_);
    auto& home = reply.context();
    // Neither a client that has gone nor the end of the daemon waits for a copy.
    reply.watch([weak = std::weak_ptr(job)](http::Interruption) {
        if (const auto running = weak.lock()) running->copy.cancel();
    });
    auto held = std::make_shared<http::Reply>(std::move(reply));
    boost::asio::post(thread_.context(), [this, job, held, &home, head = std::move(head),
                                          request_id = std::string(request.request_id)]() mutable {
        auto made = job->copy.make();
        if (!made) log::error("api.backup_failed", {{"error", made.error().detail}});
        boost::asio::post(home, [this, job = std::move(job), held = std::move(held), &home,
                                 head = std::move(head), request_id = std::move(request_id),
                                 failed = !made]() mutable {
            if (failed)
                return held->send(unavailable("The backup could not be made", "", request_id));
            const auto size = job->copy.size();
            auto body =
                std::make_unique<FileBody>(std::move(job), thread_.context(), home, held->waker());
            held->stream(std::move(head), std::move(body), size);
        });
    });
}

}  // namespace oracode::api
