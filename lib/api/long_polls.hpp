// Requests of one I/O thread that wait for a change of a code. They cost memory and nothing else
// until a change of their own code is committed, their time is over, or their client goes. Used on
// that thread only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "api/change_feed.hpp"
#include "core/time.hpp"
#include "http/message.hpp"

namespace oracode::api {

class LongPolls {
public:
    // What there is to answer: nothing yet, unless it is the `last` time of asking.
    using Look = std::function<std::optional<http::Response>(bool last)>;

    // Both outlive this and every request that waits. `context` is this thread's.
    LongPolls(ChangeFeed& feed, boost::asio::io_context& context);
    ~LongPolls();
    LongPolls(const LongPolls&) = delete;
    LongPolls& operator=(const LongPolls&) = delete;

    // Answers with what `look` gives: at once where it gives something, else after a commit that
    // changed the code, and after `at_most` or when the daemon is to end in any case.
    void wait(std::string access_code_id, Duration at_most, Look look, http::Reply reply);

private:
    struct Waiter;
    using Number = std::uint64_t;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void on_batch(const ChangeBatch& batch);
    void look_at_due();
    // Answers if there is an answer.
    void look(Number number, bool last);
    [[nodiscard]] std::unique_ptr<Waiter> take(Number number);

    ChangeFeed& feed_;
    boost::asio::io_context& context_;
    Number last_number_ = 0;
    std::unordered_map<Number, std::unique_ptr<Waiter>> waiters_;
    std::unordered_map<std::string, std::unordered_set<Number>, Hash, std::equal_to<>> by_code_;
    std::deque<Number> due_;  // their code has changed
    std::optional<ChangeFeed::Subscription> subscription_;
};

}  // namespace oracode::api
