// What a caller may ask the daemon to do about a code: track it, ask Seam about it now, leave it
// alone. One per I/O thread, used on that thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/access.hpp"
#include "api/access_code_json.hpp"
#include "http/router.hpp"
#include "store/reader.hpp"

namespace oracode {
class Store;
namespace poller {
class Poller;
}
}  // namespace oracode

namespace oracode::api {

class Tracking {
public:
    struct Parts {
        Reader& reader;  // this thread's
        Store& store;
        poller::Poller& poller;
        const Access& access;
        Clock now;
        Duration grace{};
    };
    // What the parts refer to outlives this and every request it has begun.
    explicit Tracking(Parts parts) : parts_(std::move(parts)) {}

    void add_to(http::Router& router);

private:
    // A request that has been admitted, while the answer is on its way.
    struct Asked {
        std::string id;  // of the code
        std::string request_id;
        std::shared_ptr<http::Reply> reply;
        std::optional<std::string> external_id = {};  // to be kept with the code
    };
    // Asks Seam, then answers with the code as it is known after that; 201 where it was not known
    // before.
    void ask(Asked asked, Source source);
    void set_tracked(Asked asked, bool tracked);
    // Keeps the caller's reference, if there is one, and answers with the code.
    void refer_and_show(const Asked& asked, unsigned status);
    void track(const http::Request& request, std::string id, http::Reply reply);
    [[nodiscard]] static http::Response refusal(const Error& error, std::string_view request_id);
    [[nodiscard]] http::Response show(std::string_view id, unsigned status,
                                      std::string_view request_id);
    // True when the caller may write; else it has been answered.
    bool admitted(const http::Request& request, http::Reply& reply);

    Parts parts_;
};

}  // namespace oracode::api
