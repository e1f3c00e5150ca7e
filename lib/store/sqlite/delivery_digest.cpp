#include "store/sqlite/delivery_digest.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace oracode::store {

std::array<char, 32> delivery_digest(const std::string& message_id, std::string_view body) {
    std::array<char, 32> digest{};
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    const bool done =
        context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
        // With the final NUL the two cannot be shifted against each other.
        EVP_DigestUpdate(context.get(), message_id.c_str(), message_id.size() + 1) == 1 &&
        EVP_DigestUpdate(context.get(), body.data(), body.size()) == 1 &&
        EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                           nullptr) == 1;
    if (!done) throw std::runtime_error("SHA-256 is not available");
    return digest;
}

}  // namespace oracode::store
