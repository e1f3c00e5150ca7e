#include "ctl/event_stream.hpp"

namespace oracode::ctl {

void EventStream::take(std::string_view bytes,
                       const std::function<void(const StreamMessage&)>& on_message) {
    for (const char c : bytes) {
        const bool second_half = c == '\n' && after_return_;
        after_return_ = c == '\r';
        if (second_half) continue;
        if (c != '\n' && c != '\r') {
            line_ += c;
            continue;
        }
        take_line(line_, on_message);
        line_.clear();
    }
}

void EventStream::take_line(std::string_view line,
                            const std::function<void(const StreamMessage&)>& on_message) {
    if (line.empty()) {
        last_id_ = id_;
        if (has_data_) {
            message_.data.pop_back();
            on_message(message_);
        }
        message_ = {};
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") message_.event = value;
    if (name == "id") id_ = value;
    if (name == "data") {
        message_.data.append(value).push_back('\n');
        has_data_ = true;
    }
}

void EventStream::reset() {
    line_.clear();
    message_ = {};
    after_return_ = has_data_ = false;
    id_ = last_id_;
}

}  // namespace oracode::ctl
