#include "core/base64.hpp"

#include <array>
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace oracode {
namespace {

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string text(base64_length(bytes.size()) + 1, '\0');  // EVP writes a closing zero
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       as_bytes(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string base64(std::span<const unsigned char> bytes) {
    return base64(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// OpenSSL's decoder is laxer (blanks, '=' anywhere, stray bits), so its result is spelled again.
std::optional<std::size_t> decode_base64(std::string_view text, std::span<unsigned char> out) {
    const std::size_t padded = text.size() / 4 * 3;
    if (text.empty() || text.size() % 4 != 0 || text.size() > longest_base64 || out.size() < padded)
        return std::nullopt;
    if (EVP_DecodeBlock(out.data(), as_bytes(text), static_cast<int>(text.size())) !=
        static_cast<int>(padded))
        return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::size_t size = padded - padding;
    std::array<unsigned char, longest_base64 + 1> again;
    EVP_EncodeBlock(again.data(), out.data(), static_cast<int>(size));
    const bool canonical = std::memcmp(again.data(), text.data(), text.size()) == 0;
    OPENSSL_cleanse(again.data(), text.size());
    if (!canonical) return std::nullopt;
    return size;
}

}  // namespace oracode
