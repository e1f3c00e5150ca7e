#include "http/request_reader.hpp"

#include <boost/beast/http/error.hpp>

#include "core/text.hpp"
#include "net/url.hpp"

namespace oracode::http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kept = 4UL * 1024;  // capacity that stays between requests
constexpr std::size_t first_reserve = 16UL * 1024;

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// RFC 9110's tchar: what a method can begin with. Anything else (a TLS hello, binary) is answered
// at once.
bool token_char(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
}

}  // namespace

RequestReader::Parser::Parser(RequestReader& reader) : reader_(reader) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(reader.limits_->max_header + 1));
    body_limit(reader.limits_->max_body);
}

void RequestReader::Parser::on_request_impl(beast::http::verb, beast_view method, beast_view target,
                                            int version, error_code&) {
    reader_.request_.method = view(method);
    reader_.request_.target = view(target);
    reader_.http10_ = version == 10;
}

void RequestReader::Parser::on_field_impl(beast::http::field, beast_view name, beast_view value,
                                          error_code&) {
    // Trailers come by here too; they have not been through the gate and must not become headers.
    if (!head_done_) reader_.headers_.push_back({view(name), view(value)});
}

void RequestReader::Parser::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                              error_code&) {
    // A declared length is only a claim.
    reader_.reserve_body(std::min<std::size_t>(length.value_or(0), first_reserve));
}

std::size_t RequestReader::Parser::on_body_impl(beast_view bytes, error_code&) {
    reader_.append_body(view(bytes));
    return bytes.size();
}

std::size_t RequestReader::Parser::on_chunk_body_impl(std::uint64_t, beast_view bytes,
                                                      error_code&) {
    reader_.append_body(view(bytes));
    return bytes.size();
}

void RequestReader::reserve_body(std::size_t bytes) {
    bytes = std::max(bytes, body_.capacity());
    no_room_ = no_room_ || !share_.grow_to(head_.size() + bytes);
    if (!no_room_) body_.reserve(bytes);
}

void RequestReader::append_body(std::string_view bytes) {
    const auto size = body_.size() + bytes.size();
    if (size > body_.capacity()) reserve_body(2 * size);
    if (!no_room_) body_.append(bytes);
}

std::size_t RequestReader::take(std::string_view input) {
    std::size_t taken = 0;
    if (stage_ == Stage::head) taken = take_head(input);
    if (stage_ == Stage::body && !refusal_ && taken < input.size())
        taken += take_body(input.substr(taken));
    return taken;
}

std::size_t RequestReader::take_head(std::string_view input) {
    std::size_t skipped = 0;
    if (search_.scanned == 0 && !input.empty()) {
        // RFC 9112 2.2: one empty line before a request is the tail of a sloppy client's last one.
        if (input.front() == '\r' && !blank_skipped_) {
            if (input.size() == 1) return 0;
            if (input[1] == '\n') {
                blank_skipped_ = true;
                skipped = 2;
                input.remove_prefix(skipped);
            }
        }
        if (!input.empty() && !token_char(input.front())) {
            refuse(400, "malformed_head");
            return skipped;
        }
    }
    find_head_end(input, search_);
    if (search_.broken) {
        refuse(400, "bare_line_feed");
        return skipped;
    }
    if (search_.end == 0) {
        if (input.size() > limits_->max_header)
            refuse(431, "head_too_large");
        else if (!share_.grow_to(input.size()))
            refuse(503, "too_many_bodies");
        return skipped;
    }
    head_.assign(input.data(), search_.end);
    refusal_ = gate(head_, *limits_);
    if (refusal_) return skipped + search_.end;

    parser_.emplace(*this);
    error_code error;
    parser_->put(boost::asio::const_buffer(head_.data(), head_.size()), error);
    request_.headers = headers_;
    if (error == beast::http::error::body_limit)
        refuse(413, "body_too_large");
    else if ((error && error != beast::http::error::need_more) || !parser_->is_header_done() ||
             !split_target())
        refuse(400, "malformed_head");
    else if (no_room_)
        refuse(503, "too_many_bodies");
    else if (parser_->is_done())
        finish();
    else
        stage_ = Stage::body;
    if (!refusal_) note_expectation();
    return skipped + search_.end;
}

std::size_t RequestReader::take_body(std::string_view input) {
    continue_wanted_ = false;
    // Whatever is left of a chunked body ends with "0\r\n\r\n". Beast asserts on a last chunk of
    // fewer bytes than that.
    constexpr std::size_t last_chunk = 5;
    if (parser_->chunked() && input.size() < last_chunk) return 0;
    error_code error;
    const auto before = body_.size();
    const auto taken = parser_->put(boost::asio::const_buffer(input.data(), input.size()), error);
    if (!no_room_) overhead_ += taken - (body_.size() - before);
    refusal_ = body_refusal(input.size() - taken, error);
    if (!refusal_ && parser_->is_done()) finish();
    return taken;
}

// `left` bytes are of a chunk header or trailer whose end has not come.
std::optional<Rejection> RequestReader::body_refusal(std::size_t left,
                                                     const error_code& error) const {
    if (error == beast::http::error::body_limit) return Rejection{413, "body_too_large"};
    if (no_room_) return Rejection{503, "too_many_bodies"};
    // One-byte chunks with extensions of 15 kB kept a thread busy for as long as they came.
    if (overhead_ > limits_->max_header + limits_->max_body)
        return Rejection{400, "chunk_overhead"};
    if (parser_->is_done()) return std::nullopt;
    const bool broken = error && error != beast::http::error::need_more;
    if (broken || left > limits_->max_header) return Rejection{400, "malformed_body"};
    return std::nullopt;
}

// Fills path and query. False: a target that no resource of ours can have.
bool RequestReader::split_target() {
    auto target = request_.target;
    if (target == "*") {
        request_.path = target;
        return request_.method == "OPTIONS";
    }
    if (!target.starts_with('/')) {
        const auto url = net::split_http_url(target);
        if (!url) return false;
        target = url->target;
    }
    if (target.find('#') != std::string_view::npos) return false;
    const auto mark = target.find('?');
    request_.path = target.substr(0, mark);
    request_.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    if (request_.path.empty()) request_.path = "/";
    return true;
}

void RequestReader::note_expectation() {
    const auto expectation = request_.header("Expect");
    if (!expectation || http10_) return;
    if (!iequals(*expectation, "100-continue"))
        refuse(417, "expectation");
    else
        continue_wanted_ = stage_ == Stage::body;
}

bool RequestReader::continue_wanted() {
    return std::exchange(continue_wanted_, false);
}

void RequestReader::finish() {
    stage_ = Stage::complete;
    request_.body = body_;
}

void RequestReader::reset() {
    stage_ = Stage::head;
    refusal_.reset();
    search_ = {};
    headers_.clear();
    parser_.reset();
    request_ = {};
    http10_ = false;
    blank_skipped_ = false;
    continue_wanted_ = false;
    body_.clear();
    if (body_.capacity() > kept) body_.shrink_to_fit();
    if (head_.capacity() > kept) std::string{}.swap(head_);
    share_.release();
    overhead_ = 0;
    no_room_ = false;
}

}  // namespace oracode::http
