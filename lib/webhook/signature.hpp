// Who sent this delivery: Standard Webhooks signatures (Svix) over the raw body, HMAC-SHA256.
// Values and one Verifier per I/O thread; nothing here is shared between threads, does I/O or reads
// a clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

struct evp_mac_ctx_st;

namespace oracode::webhook {

// Overwrites memory so that the compiler cannot leave it out.
void erase_from_memory(void* data, std::size_t size) noexcept;

// Memory that is overwritten before it is given back.
template <class T>
struct ErasingAllocator {
    using value_type = T;

    ErasingAllocator() = default;
    template <class U>
    explicit ErasingAllocator(const ErasingAllocator<U>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t n) { return std::allocator<T>{}.allocate(n); }
    void deallocate(T* data, std::size_t n) noexcept {
        erase_from_memory(data, n * sizeof(T));
        std::allocator<T>{}.deallocate(data, n);
    }
    friend bool operator==(const ErasingAllocator&, const ErasingAllocator&) { return true; }
};

// The key that signs the deliveries of one endpoint. A value; every copy erases itself.
class Secret {
public:
    // `whsec_` and base64 with padding, as Seam shows it; the prefix may be missing. Fails with
    // Errc::invalid_argument on anything else; the error's text never repeats the input.
    [[nodiscard]] static Result<Secret> parse(std::string_view text);

    [[nodiscard]] std::span<const unsigned char> bytes() const { return bytes_; }

private:
    using Bytes = std::vector<unsigned char, ErasingAllocator<unsigned char>>;
    explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}

    Bytes bytes_;
};

// The three headers of one family, as sent.
struct SignatureHeaders {
    std::optional<std::string_view> id;
    std::optional<std::string_view> timestamp;
    std::optional<std::string_view> signature;

    [[nodiscard]] bool complete() const {
        return id && timestamp && signature && !id->empty() && !timestamp->empty() &&
               !signature->empty();
    }
    friend bool operator==(const SignatureHeaders&, const SignatureHeaders&) = default;
};

// All headers that are looked at. A delivery that has one of them twice must not get here: two
// readers could verify two different deliveries.
inline constexpr std::array<std::string_view, 6> signature_header_names{
    "svix-id",    "svix-timestamp",    "svix-signature",
    "webhook-id", "webhook-timestamp", "webhook-signature"};

// Finds the three headers among anything that has `name` and `value`. The families are never mixed:
// Svix's own names count where all three were sent, else `webhook-*` where that is complete. Of
// repeated headers the first counts.
template <class Headers>
[[nodiscard]] SignatureHeaders signature_headers(const Headers& headers);

enum class SignatureError : std::uint8_t {
    missing_header,       // one of the three is absent or empty
    malformed_timestamp,  // not a plain run of digits that fits 64 bits
    stale,                // older than the tolerance
    future,               // ahead of our clock by more than the tolerance
    unusable_signature,   // no `v1` signature of the right form in the header
    no_match,             // no signature was made with a secret of ours
};

[[nodiscard]] std::string_view name(SignatureError refusal);

// 400 for a delivery that carries no signature to verify, 401 for one that failed.
[[nodiscard]] unsigned http_status(SignatureError refusal);

struct Verification {
    std::optional<SignatureError> refusal;
    std::size_t slot =
        0;  // which secret of the Verifier matched, counted from 0; meaningless when refused
    std::string_view
        message_id;   // a view into the headers; the sender's, so untrusted when refused
    Duration skew{};  // our clock minus the timestamp; 0 where there is no readable timestamp

    [[nodiscard]] bool accepted() const { return !refusal; }
};

// Signatures of one header that are looked at; further ones are ignored.
inline constexpr std::size_t max_signatures = 16;

// Verifies deliveries. Not thread-safe, for it reuses its contexts: each I/O thread has its own.
class Verifier {
public:
    // Accepts what any of `secrets` signed, at most `tolerance` (cut to whole seconds, inclusive)
    // away from the clock on either side. The secrets need not outlive the constructor. Without
    // secrets nothing is accepted.
    Verifier(std::span<const Secret> secrets, Duration tolerance);

    // Time does not depend on how much of a signature is right nor on which secret made it: all
    // secrets are always tried. Throws std::runtime_error when OpenSSL cannot compute (out of
    // memory).
    [[nodiscard]] Verification verify(const SignatureHeaders& headers, std::string_view body,
                                      Timestamp now);

private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const noexcept;
    };
    using Context = std::unique_ptr<evp_mac_ctx_st, Free>;
    friend std::string sign(const Secret&, std::string_view, std::string_view, std::string_view);
    static Context keyed(const Secret& secret);

    std::vector<Context> keyed_;
    std::chrono::seconds tolerance_;
};

// The signature header of a delivery, `v1,…`. `timestamp` is the text of its header: whole seconds
// since the epoch.
[[nodiscard]] std::string sign(const Secret& secret, std::string_view id,
                               std::string_view timestamp, std::string_view body);

// What a header name has to do with signatures.
struct HeaderRole {
    enum class Family : std::uint8_t { svix, webhook } family{};
    std::optional<std::string_view> SignatureHeaders::*field = nullptr;  // null: nothing
};
[[nodiscard]] HeaderRole role_of(std::string_view header_name);

template <class Headers>
SignatureHeaders signature_headers(const Headers& headers) {
    SignatureHeaders svix;
    SignatureHeaders webhook;
    for (const auto& header : headers) {
        const auto role = role_of(header.name);
        if (role.field == nullptr) continue;
        // Named first: g++ 12 takes `(a ? x : y).*field` as a copy.
        SignatureHeaders& found = role.family == HeaderRole::Family::svix ? svix : webhook;
        auto& slot = found.*role.field;
        if (!slot) slot = header.value;
    }
    return webhook.complete() && !svix.complete() ? webhook : svix;
}

}  // namespace oracode::webhook
