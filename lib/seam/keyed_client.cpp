#include "seam/keyed_client.hpp"

#include <stdexcept>
#include <utility>

#include "logging/log.hpp"

namespace oracode::seam {

KeyedClient::KeyedClient(boost::asio::any_io_executor executor, ClientOptions options, Clock clock,
                         std::function<void(Api&)> made)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      clock_(std::move(clock)),
      made_(std::move(made)) {
    if (!options_.api_key.empty()) make();
}

void KeyedClient::make() {
    auto client = Client::make(executor_, options_, clock_);
    if (!client) throw std::invalid_argument(client.error().detail);
    client_ = std::move(*client);
    api_ = std::make_unique<Api>(*client_);
    made_(*api_);
}

bool KeyedClient::set_api_key(const std::string& key) {
    options_.api_key = key;
    if (client_) {
        const auto done = client_->set_api_key(key);
        if (!done) log::error("seam.key_unusable", {{"error", done.error().detail}});
        return done.has_value();
    }
    if (key.empty()) return true;
    try {
        make();
        return true;
    } catch (const std::invalid_argument& error) {
        log::error("seam.unusable", {{"error", std::string_view{error.what()}}});
        return false;
    }
}

void KeyedClient::shutdown() {
    if (client_) client_->shutdown();
}

}  // namespace oracode::seam
