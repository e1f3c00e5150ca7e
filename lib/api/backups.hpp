// /v1/backup: a copy of the database, made and sent while deliveries go on. One at a time, on a
// thread of its own. Owned by the daemon's App and shared by the I/O threads; any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/access.hpp"
#include "async/loop_thread.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Backups {
public:
    // `access` outlives this and every request it has begun.
    Backups(std::string database, const Access& access, Clock now);
    ~Backups();

    void add_to(http::Router& router);
    // When no client is left: ends the thread.
    void stop();

private:
    class Job;
    class FileBody;

    void send(const http::Request& request, http::Reply reply);

    const std::string database_;
    const Access& access_;
    const Clock now_;
    std::shared_ptr<std::atomic<bool>> busy_ = std::make_shared<std::atomic<bool>>(false);
    async::LoopThread thread_{"backups"};
};

}  // namespace oracode::api
