// Logs what becomes of access codes: each change of a status, each end, each alert, each code that
// becomes overdue. Owned by App; works on its control thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/time.hpp"
#include "logging/outage.hpp"
#include "store/reader.hpp"
#include "store/store_options.hpp"

namespace oracode::daemon {

class CodeLog {
public:
    // `grace`: how long after the expected moment a code counts as overdue. Reads the running
    // store's `database`. Throws StoreError.
    CodeLog(boost::asio::io_context& context, Clock now, Duration grace,
            const std::string& database)
        : context_(context),
          timer_(context),
          now_(std::move(now)),
          grace_(grace),
          reader_(std::in_place, database) {}

    // Any thread, after each commit; leaves the formatting to the control thread.
    void committed(const store::Commit& commit);

    // Begins to look for overdue codes.
    void start();
    void stop();

private:
    using Wait = std::pair<std::string, Timestamp>;  // of a code, for what it expects by then

    [[nodiscard]] Duration pause() const;
    void look();
    void look_at(Timestamp at);
    void log_overdue(const store::CodePage& overdue);

    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    const Clock now_;
    const Duration grace_;
    std::optional<store::Reader> reader_;
    std::optional<Timestamp> next_look_;
    std::set<Wait> known_;
    bool more_known_ = false;
    log::Outage reading_{"overdue.unreadable", "overdue.readable"};
};

}  // namespace oracode::daemon
