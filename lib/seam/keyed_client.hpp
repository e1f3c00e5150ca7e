// A Client from the moment there is an API key: the authorities that a client trusts take a
// megabyte. Owned by what asks Seam; used on the one thread that runs its executor, and destroyed
// before it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/time.hpp"
#include "seam/client.hpp"
#include "seam/client_api.hpp"

namespace oracode::seam {

class KeyedClient {
public:
    // `made` is called once, with what lives as long as this: at once where `options` hold a key.
    // Throws std::invalid_argument where an option cannot be used.
    KeyedClient(boost::asio::any_io_executor executor, ClientOptions options, Clock clock,
                std::function<void(Api&)> made);

    // For what is sent from now on. Where the key is taken away (empty), the client refuses every
    // call; one that cannot be used changes nothing, is logged, and gives false.
    bool set_api_key(const std::string& key);

    // As Client's; nothing where there never was a key.
    void shutdown();
    [[nodiscard]] Api* api() { return api_.get(); }

private:
    void make();

    boost::asio::any_io_executor executor_;
    ClientOptions options_;
    Clock clock_;
    std::function<void(Api&)> made_;
    std::unique_ptr<Client> client_;
    std::unique_ptr<Api> api_;
};

}  // namespace oracode::seam
