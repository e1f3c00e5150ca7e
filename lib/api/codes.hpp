// /v1/access_codes: what is known of the codes. One per I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/answer_cache.hpp"
#include "api/list_query.hpp"
#include "api/long_polls.hpp"
#include "api/long_reads.hpp"
#include "api/representation.hpp"
#include "http/router.hpp"
#include "store/reader.hpp"

namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class Codes {
public:
    struct Dependencies {
        store::Reader& reader;  // this thread's
        const store::CodeRevisions& revisions;
        AnswerCache& answers;
        LongPolls& long_polls;  // this thread's
        LongReads& long_reads;
        const Access& access;
        const poller::Poller& poller;
        Clock now;
        Duration grace{};
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Codes(Dependencies deps) : deps_(std::move(deps)) {}

    void add_to(http::Router& router);

private:
    [[nodiscard]] View view(bool include_code) const;
    void show(const http::Request& request, std::string_view id, http::Reply reply);
    [[nodiscard]] http::Response kept_response(const http::Request& request, std::string_view id);
    void wait(Wanted wanted, const http::Request& request, std::string_view id, bool include_code,
              http::Reply reply);
    [[nodiscard]] http::Response response(const lifecycle::AccessCode& code,
                                          const http::Request& request, bool include_code) const;
    void list(const http::Request& request, http::Reply reply);
    void history(const http::Request& request, std::string_view id, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
