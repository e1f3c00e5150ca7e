#include "api/digest.hpp"

#include <stdexcept>

#include <openssl/evp.h>

namespace oracode::api {

Digest sha256(std::string_view text) {
    Digest out{};
    if (EVP_Digest(text.data(), text.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return out;
}

std::string base64(const Digest& digest) {
    std::array<unsigned char, 45> text{};  // four letters for each three bytes begun, and a NUL
    const auto length =
        EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return {text.begin(), text.begin() + length};
}

}  // namespace oracode::api
