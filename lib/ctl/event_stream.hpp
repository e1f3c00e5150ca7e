// The messages of an event stream (text/event-stream, as the HTML standard has it), taken from its
// bytes as they come. A value without I/O.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace oracode::ctl {

struct StreamMessage {
    std::string event;  // empty: no name
    std::string data;
};

class EventStream {
public:
    // Takes the next bytes, cut anywhere, and calls `on_message` for each message that is complete.
    void take(std::string_view bytes, const std::function<void(const StreamMessage&)>& on_message);
    // The connection ended: half a message is none.
    void reset();

    // Of the last message that had one; where to go on.
    [[nodiscard]] const std::string& last_id() const { return last_id_; }

private:
    void take_line(std::string_view line,
                   const std::function<void(const StreamMessage&)>& on_message);

    std::string line_;
    bool after_return_ = false;
    bool has_data_ = false;
    StreamMessage message_;
    std::string id_;
    std::string last_id_;
};

}  // namespace oracode::ctl
