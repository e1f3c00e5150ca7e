// What a caller may ask the daemon to do about a code: track it, ask Seam about it now, leave it
// alone. One per I/O thread, used on that thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/access.hpp"
#include "api/representation.hpp"
#include "http/router.hpp"
#include "store/reader.hpp"

namespace oracode::store {
class Store;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class Tracking {
public:
    struct Dependencies {
        store::Reader& reader;  // this thread's
        store::Store& store;
        poller::Poller& poller;
        const Access& access;
        Clock now;
        Duration grace{};
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Tracking(Dependencies deps) : deps_(std::move(deps)) {}

    void add_to(http::Router& router);

private:
    // What a caller wants, while the answer is on its way.
    struct Wish {
        std::string id;  // of the code
        std::string by;  // the caller's name, for the log
        std::string request_id;
        std::shared_ptr<http::Reply> reply;
        std::optional<std::string> external_id = {};  // to be kept with the code
    };
    // Asks Seam, then answers with the code as it is known after that; 201 where it was not known
    // before.
    void ask(Wish wish, lifecycle::Source source);
    void set_tracked(Wish wish, bool tracked);
    void track(const http::Request& request, Wish wish);
    // Keeps the caller's reference, if there is one, and answers with the code.
    void refer_and_show(const Wish& wish, unsigned status);
    static void note(std::string_view event, const Wish& wish);
    [[nodiscard]] http::Response refusal(const Error& error, std::string_view request_id) const;
    [[nodiscard]] http::Response show(std::string_view id, unsigned status,
                                      std::string_view request_id);
    // The caller's name when it may write; else it has been answered.
    std::optional<std::string> may_write(const http::Request& request, http::Reply& reply);

    Dependencies deps_;
};

}  // namespace oracode::api
