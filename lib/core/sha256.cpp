#include "core/sha256.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace oracode {

Digest sha256(std::initializer_list<std::string_view> parts) {
    // To look the algorithm up and to make a context costs several times what hashing a token does.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
        EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    Digest digest{};
    const auto add = [&](std::string_view part) {
        return EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    };
    const bool done = context != nullptr && algorithm != nullptr &&
                      EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1 &&
                      std::ranges::all_of(parts, add) &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
    if (!done) throw std::runtime_error("SHA-256 is not available");
    return digest;
}

std::string hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

}  // namespace oracode
