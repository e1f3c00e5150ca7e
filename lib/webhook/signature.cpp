#include "webhook/signature.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace oracode::webhook {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t mac_size = 32;
constexpr std::size_t mac_base64 = base64_length(mac_size);

using Mac = std::array<unsigned char, mac_size>;

// The name that Svix's and Standard Webhooks' texts share behind their prefix.
constexpr std::string_view svix_prefix = "svix-";
constexpr std::string_view webhook_prefix = "webhook-";

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_any_case(std::string_view text, std::string_view lower_case) {
    return text.size() >= lower_case.size() &&
           std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                      [](char expected, char c) { return expected == lower(c); });
}

std::optional<std::int64_t> plain_integer(std::string_view text) {
    if (text.starts_with('-')) return std::nullopt;
    return parse_number<std::int64_t>(text);
}

// The `v1` signatures of a header, decoded once: the text is public, only the comparison must take
// constant time.
struct Candidates {
    explicit Candidates(std::string_view header) {
        while (!header.empty() && count < max_signatures) {
            const auto end = std::min(header.find(' '), header.size());
            take(header.substr(0, end));
            header.remove_prefix(std::min(end + 1, header.size()));
        }
    }

    // Constant time in the secrets: no candidate ends the comparison.
    [[nodiscard]] bool contain(const Mac& expected) const {
        unsigned matches = 0;
        for (std::size_t i = 0; i < count; ++i)
            matches |= static_cast<unsigned>(
                CRYPTO_memcmp(macs[i].data(), expected.data(), mac_size) == 0);
        return matches != 0;
    }

    std::size_t count = 0;

private:
    void take(std::string_view signature) {
        if (!signature.starts_with("v1,")) return;
        signature.remove_prefix(3);
        if (signature.size() != mac_base64) return;
        std::array<unsigned char, mac_base64 / 4 * 3> decoded;
        if (decode_base64(signature, decoded) != mac_size) return;
        std::copy_n(decoded.begin(), mac_size, macs[count].begin());
        ++count;
    }

    std::array<Mac, max_signatures> macs;  // only the first `count` are set
};

void require(int ok) {
    if (ok != 1) throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
}

// Without a key the context starts again under the key it has; that is a fifth of the price of
// keying it.
void authenticate(EVP_MAC_CTX* context, std::string_view id, std::string_view timestamp,
                  std::string_view body, Mac& out) {
    require(EVP_MAC_init(context, nullptr, 0, nullptr));
    for (const auto part : {id, std::string_view{"."}, timestamp, std::string_view{"."}, body})
        require(EVP_MAC_update(context, as_bytes(part), part.size()));
    std::size_t size = 0;
    require(EVP_MAC_final(context, out.data(), &size, out.size()));
}

}  // namespace

void erase_from_memory(void* data, std::size_t size) noexcept {
    OPENSSL_cleanse(data, size);
}

Result<Secret> Secret::parse(std::string_view text) {
    if (text.starts_with("whpk_"))
        return Error{Errc::invalid_argument,
                     "a public key (whpk_); the webhook's secret (whsec_) is needed"};
    if (text.starts_with(secret_prefix)) text.remove_prefix(secret_prefix.size());
    if (text.empty()) return Error{Errc::invalid_argument, "the secret is empty"};
    Bytes bytes(text.size() / 4 * 3);
    const auto size = decode_base64(text, bytes);
    if (!size) return Error{Errc::invalid_argument, "the secret is not whsec_ followed by base64"};
    bytes.resize(*size);
    return Secret(std::move(bytes));
}

HeaderRole role_of(std::string_view header_name) {
    HeaderRole role;
    if (starts_with_any_case(header_name, svix_prefix)) {
        role.family = HeaderRole::Family::svix;
        header_name.remove_prefix(svix_prefix.size());
    } else if (starts_with_any_case(header_name, webhook_prefix)) {
        role.family = HeaderRole::Family::webhook;
        header_name.remove_prefix(webhook_prefix.size());
    } else {
        return role;
    }
    const auto is = [&](std::string_view rest) {
        return header_name.size() == rest.size() && starts_with_any_case(header_name, rest);
    };
    if (is("id")) role.field = &SignatureHeaders::id;
    if (is("timestamp")) role.field = &SignatureHeaders::timestamp;
    if (is("signature")) role.field = &SignatureHeaders::signature;
    return role;
}

std::string_view name(SignatureError refusal) {
    switch (refusal) {
        case SignatureError::missing_header:
            return "missing_header";
        case SignatureError::malformed_timestamp:
            return "malformed_timestamp";
        case SignatureError::stale:
            return "stale";
        case SignatureError::future:
            return "future";
        case SignatureError::unusable_signature:
            return "unusable_signature";
        case SignatureError::no_match:
            return "no_match";
    }
    return "unnamed";
}

unsigned http_status(SignatureError refusal) {
    switch (refusal) {
        case SignatureError::missing_header:
        case SignatureError::malformed_timestamp:
            return 400;
        case SignatureError::stale:
        case SignatureError::future:
        case SignatureError::unusable_signature:
        case SignatureError::no_match:
            return 401;
    }
    return 401;
}

void Verifier::Free::operator()(evp_mac_ctx_st* context) const noexcept {
    EVP_MAC_CTX_free(context);
}

Verifier::Context Verifier::keyed(const Secret& secret) {
    static const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
    Context context{hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr};
    if (!context) throw std::runtime_error("OpenSSL offers no HMAC");
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const auto key = secret.bytes();
    require(EVP_MAC_init(context.get(), key.data(), key.size(), parameters.data()));
    return context;
}

Verifier::Verifier(std::span<const Secret> secrets, Duration tolerance)
    : tolerance_(std::chrono::floor<std::chrono::seconds>(tolerance)) {
    keyed_.reserve(secrets.size());
    for (const auto& secret : secrets) keyed_.push_back(keyed(secret));
}

Verification Verifier::verify(const SignatureHeaders& headers, std::string_view body,
                              Timestamp now) {
    Verification verification;
    const auto refuse = [&](SignatureError refusal) {
        verification.refusal = refusal;
        return verification;
    };
    if (!headers.complete()) return refuse(SignatureError::missing_header);
    verification.message_id = *headers.id;

    const auto timestamp = plain_integer(*headers.timestamp);
    if (!timestamp) return refuse(SignatureError::malformed_timestamp);
    // Svix compares whole seconds, and so a delivery is good until the end of its last second.
    const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    constexpr std::int64_t far_future =
        1'000'000'000'000;  // keeps the milliseconds of the skew inside 64 bits
    verification.skew =
        now.time_since_epoch() - std::chrono::seconds{std::min(*timestamp, far_future)};
    if (*timestamp < (second - tolerance_).count()) return refuse(SignatureError::stale);
    if (*timestamp > (second + tolerance_).count()) return refuse(SignatureError::future);

    const Candidates candidates{*headers.signature};
    if (candidates.count == 0) return refuse(SignatureError::unusable_signature);
    bool matched = false;
    Mac expected;
    for (std::size_t slot = 0; slot < keyed_.size(); ++slot) {
        authenticate(keyed_[slot].get(), *headers.id, *headers.timestamp, body, expected);
        if (!candidates.contain(expected) || matched) continue;
        matched = true;
        verification.slot = slot;
    }
    erase_from_memory(expected.data(), expected.size());
    if (!matched) return refuse(SignatureError::no_match);
    return verification;
}

std::string sign(const Secret& secret, std::string_view id, std::string_view timestamp,
                 std::string_view body) {
    Mac mac;
    authenticate(Verifier::keyed(secret).get(), id, timestamp, body, mac);
    return "v1," + base64(mac);
}

}  // namespace oracode::webhook
