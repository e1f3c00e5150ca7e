// HTTP on one connection by hand: what a session does with a conversation, without its socket.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/conversation.hpp"

namespace oracode::test {

using http::Body;
using http::BodyBudget;
using http::Conversation;
using http::HeadContext;
using http::Limits;
using http::Response;

using Act = Conversation::Act;
using Wait = Conversation::Wait;

inline const std::string get = "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
inline const std::string post = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

class Talk {
public:
    explicit Talk(bool encrypted = false) : conversation_(limits, &bodies_, encrypted) {}

    // As much of `bytes` as is read, in pieces of `step`. Returns the rest.
    std::string_view feed(std::string_view bytes, std::size_t step = 4096) {
        while (!bytes.empty() && conversation_.next() == Act::read) {
            const auto space = conversation_.space();
            const auto size = std::min({bytes.size(), space.size(), step});
            std::memcpy(space.data(), bytes.data(), size);
            conversation_.advance(size);
            bytes.remove_prefix(size);
        }
        return bytes;
    }
    // All that is to be written now.
    std::string written(std::size_t step = 4096) {
        std::string text;
        while (conversation_.next() == Act::write) {
            const std::string piece{conversation_.output().substr(0, step)};
            text += piece;
            conversation_.advance(piece.size());
        }
        return text;
    }
    unsigned answer(Response response = {.body = "ok"}, bool unread = false) {
        return conversation_.answer(std::move(response), head, unread);
    }
    unsigned stream(std::unique_ptr<Body> body, std::optional<std::uint64_t> length = {}) {
        auto context = head;
        context.length = length;
        return conversation_.stream({}, std::move(body), context, false);
    }
    Talk& handled(const std::string& request = get) {
        feed(request);
        conversation_.begin_handling();
        return *this;
    }
    Talk& answered() {
        handled().answer();
        written();
        return *this;
    }
    Conversation* operator->() { return &conversation_; }

    const Limits limits;
    const HeadContext head{.date = "today", .request_id = "r-1"};

private:
    BodyBudget bodies_{limits};
    Conversation conversation_;
};

inline std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

inline bool closes(const std::string& answer) {
    return answer.find("Connection: close\r\n") != std::string::npos;
}

// Says its pieces, then `last`.
class Pieces final : public Body {
public:
    explicit Pieces(std::vector<std::string> pieces, State last = State::end, bool endless = false)
        : pieces_(std::move(pieces)), last_(last), endless_(endless) {}

    State next(std::string& out) override {
        if (said_ == pieces_.size()) return last_;
        out += pieces_[said_++];
        return State::more;
    }
    [[nodiscard]] bool endless() const override { return endless_; }

private:
    const std::vector<std::string> pieces_;
    const State last_;
    const bool endless_;
    std::size_t said_ = 0;
};

inline std::unique_ptr<Body> pieces(std::vector<std::string> pieces,
                                    Body::State last = Body::State::end, bool endless = false) {
    return std::make_unique<Pieces>(std::move(pieces), last, endless);
}

// All of a streamed answer up to where it waits or is complete.
inline std::string streamed(Talk& talk) {
    auto text = talk.written();
    while (talk->next() == Act::pull) {
        talk->pull();
        text += talk.written();
    }
    return text;
}

}  // namespace oracode::test
