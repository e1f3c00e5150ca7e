// Turns arriving bytes into one Request after another: framing gate, Beast's parser, body limit. No
// I/O, no clock. Owned by a session and reused, so that a request costs no allocation once its
// buffers have grown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "http/body_budget.hpp"
#include "http/gate.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"

namespace oracode::http {

class RequestReader {
public:
    enum class Stage { head, body, complete };

    // `bodies`, where there is one, is what this request and others hold together: one for which
    // there is no room is refused with 503.
    explicit RequestReader(const Limits& limits, BodyBudget* bodies = nullptr)
        : limits_(&limits), share_(bodies) {}

    // Takes what it can use of `input` and returns how many bytes that was; the rest is to be
    // offered again, with more behind it. Does not go past the end of the request. After a refusal
    // nothing more may be offered: where the next request would start is unknown.
    std::size_t take(std::string_view input);

    [[nodiscard]] const std::optional<Rejection>& refusal() const { return refusal_; }
    [[nodiscard]] Stage stage() const { return stage_; }
    // `Expect: 100-continue` was sent and nothing of the body has come yet. True once.
    [[nodiscard]] bool continue_wanted();
    // Valid once the stage is past `head`.
    [[nodiscard]] bool keep_alive() const {
        return parser_ && parser_->is_header_done() && parser_->keep_alive();
    }
    [[nodiscard]] bool http10() const { return http10_; }
    [[nodiscard]] bool head_only() const { return request_.method == "HEAD"; }
    // All but what only the session knows. Views into this reader, valid until reset().
    [[nodiscard]] Request& request() { return request_; }

    // Ready for the next request; keeps only the memory that an ordinary one needs.
    void reset();

private:
    using Beast = boost::beast::http::basic_parser<true>;
    using error_code = boost::beast::error_code;
    using beast_view = boost::beast::string_view;

    class Parser final : public Beast {
    public:
        explicit Parser(RequestReader& reader);

    private:
        void on_request_impl(boost::beast::http::verb, beast_view method, beast_view target,
                             int version, error_code&) override;
        void on_response_impl(int, beast_view, int, error_code&) override {}
        void on_field_impl(boost::beast::http::field, beast_view name, beast_view value,
                           error_code&) override;
        void on_header_impl(error_code&) override { head_done_ = true; }
        void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override;
        std::size_t on_body_impl(beast_view bytes, error_code&) override;
        void on_chunk_header_impl(std::uint64_t, beast_view, error_code&) override {}
        std::size_t on_chunk_body_impl(std::uint64_t, beast_view bytes, error_code&) override;
        void on_finish_impl(error_code&) override {}

        RequestReader& reader_;
        bool head_done_ = false;
    };

    std::size_t take_head(std::string_view input);
    std::size_t take_body(std::string_view input);
    void reserve_body(std::size_t bytes);
    void append_body(std::string_view bytes);
    [[nodiscard]] std::optional<Rejection> body_refusal(std::size_t left,
                                                        const error_code& error) const;
    bool split_target();
    void note_expectation();
    void refuse(unsigned status, std::string_view reason) { refusal_ = Rejection{status, reason}; }
    void finish();

    const Limits* limits_;
    Stage stage_ = Stage::head;
    std::optional<Rejection> refusal_;
    HeadSearch search_;
    std::string head_;
    std::string body_;
    BodyBudget::Share share_;
    std::size_t overhead_ = 0;  // bytes of chunk headers and trailers
    bool no_room_ = false;
    std::vector<Header> headers_;
    std::optional<Parser> parser_;
    Request request_;
    bool http10_ = false;
    bool blank_skipped_ = false;
    bool continue_wanted_ = false;
};

}  // namespace oracode::http
