// The loop's requests as calls of Seam's API. Owned by the Poller; used on the client's thread.
#pragma once

#include "poller/ports.hpp"
#include "seam/client_api.hpp"

namespace oracode::poller {

class ApiPort final : public SeamPort {
public:
    // `events_page`: how many events to ask for at once.
    explicit ApiPort(std::size_t events_page) : events_page_(events_page) {}

    // The API to call from now on; it outlives this. Nothing may be sent without one.
    void use(seam::Api& api) { api_ = &api; }

    void send(const Request& request, Done done) override;

private:
    seam::Api* api_ = nullptr;
    std::size_t events_page_;
};

}  // namespace oracode::poller
