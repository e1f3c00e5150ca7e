// /v1/access_codes: what is known of the codes. One per I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/access_code_json.hpp"
#include "api/long_reads.hpp"
#include "http/router.hpp"
#include "store/reader.hpp"

namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class Codes {
public:
    struct Parts {
        Reader& reader;  // this thread's
        LongReads& long_reads;
        const Access& access;
        const poller::Poller& poller;
        Clock now;
        Duration grace{};
    };
    // What the parts refer to outlives this and every request it has begun.
    explicit Codes(Parts parts) : parts_(std::move(parts)) {}

    void add_to(http::Router& router);

private:
    [[nodiscard]] View view(bool include_code) const;
    void show(const http::Request& request, std::string_view id, http::Reply reply);
    void list(const http::Request& request, http::Reply reply);
    void history(const http::Request& request, std::string_view id, http::Reply reply);

    Parts parts_;
};

}  // namespace oracode::api
