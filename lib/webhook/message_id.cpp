#include "webhook/message_id.hpp"

#include <random>
#include <string_view>

namespace oracode::webhook {

std::string fresh_message_id() {
    constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::random_device random;
    std::uniform_int_distribution<std::size_t> letter(0, alphabet.size() - 1);
    std::string id = "msg_";
    for (int i = 0; i < 27; ++i) id += alphabet[letter(random)];
    return id;
}

}  // namespace oracode::webhook
