#include "http/tls.hpp"

#include <ctime>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/files.hpp"

namespace oracode::http::tls {
namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Error invalid(std::string detail) {
    return {Errc::invalid_argument, std::move(detail)};
}

std::string openssl_reason() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    return reason != nullptr ? reason : "unknown reason";
}

Result<std::string> read_pem(const std::string& path) {
    if (path.empty()) return invalid("no file given for the certificate or private key");
    auto text = read_file(path);
    if (!text) return invalid(fmt::format("{}: {}", path, text.error().detail));
    return text;
}

Owned<BIO> memory(const std::string& text) {
    Owned<BIO> bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    if (!bio) throw std::bad_alloc{};
    return bio;
}

// OpenSSL would ask on the terminal of a daemon for the passphrase of an encrypted key.
int refuse_passphrase(char*, int, int, void*) {
    return -1;
}

Timestamp instant(const ASN1_TIME* time) {
    std::tm deps{};
    if (ASN1_TIME_to_tm(time, &deps) != 1) return {};
    return std::chrono::time_point_cast<Duration>(
        std::chrono::system_clock::from_time_t(timegm(&deps)));
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Context configured() {
    Context context{SSL_CTX_new(TLS_server_method())};
    if (!context) throw std::bad_alloc{};
    auto* const raw = context.get();
    static constexpr unsigned char session_id_context[] = "oracoded";
    const bool done =
        SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
        SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") == 1 &&
        // Mozilla's order: the first is the cheapest, and strong enough for any of them.
        SSL_CTX_set_ciphersuites(
            raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") ==
            1 &&
        SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") == 1 &&
        SSL_CTX_set_session_id_context(raw, session_id_context, sizeof session_id_context - 1) == 1;
    if (!done) throw std::runtime_error("OpenSSL refused the TLS settings: " + openssl_reason());
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Tickets resume without a server-side cache, which would grow with every client.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);  // each costs a handshake a fortieth
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
    return context;
}

Result<Timestamp> use_certificate(SSL_CTX* context, const std::string& path) {
    const auto text = read_pem(path);
    if (!text) return text.error();
    const auto bio = memory(*text);
    const Owned<X509> leaf{PEM_read_bio_X509_AUX(bio.get(), nullptr, refuse_passphrase, nullptr)};
    if (!leaf)
        return invalid(fmt::format("{}: no PEM certificate in it ({})", path, openssl_reason()));
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return invalid(fmt::format("{}: unusable certificate ({})", path, openssl_reason()));
    for (;;) {
        Owned<X509> next{PEM_read_bio_X509(bio.get(), nullptr, refuse_passphrase, nullptr)};
        if (!next) break;
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return invalid(fmt::format("{}: unusable chain ({})", path, openssl_reason()));
        static_cast<void>(next.release());
    }
    const auto end = ERR_peek_last_error();
    if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
        return invalid(fmt::format("{}: damaged chain ({})", path, openssl_reason()));
    ERR_clear_error();
    return instant(X509_get0_notAfter(leaf.get()));
}

Result<void> use_key(SSL_CTX* context, const Files& files) {
    const auto text = read_pem(files.private_key);
    if (!text) return text.error();
    const auto bio = memory(*text);
    const Owned<EVP_PKEY> key{
        PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, nullptr)};
    if (!key)
        return invalid(fmt::format("{}: no unencrypted PEM private key in it ({})",
                                   files.private_key, openssl_reason()));
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return invalid(fmt::format("{} is not the key of the certificate in {} ({})",
                                   files.private_key, files.certificate, openssl_reason()));
    return {};
}

}  // namespace

void FreeConnection::operator()(ssl_st* connection) const noexcept {
    SSL_free(connection);
}
void FreeContext::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

Result<std::shared_ptr<Credentials>> Credentials::load(const Files& files) {
    ERR_clear_error();
    auto context = configured();
    const auto not_after = use_certificate(context.get(), files.certificate);
    if (!not_after) return not_after.error();
    if (const auto used = use_key(context.get(), files); !used) return used.error();
    std::shared_ptr<Credentials> credentials{new Credentials};
    credentials->pair_ = {std::move(context), *not_after};
    return credentials;
}

void Credentials::adopt(Credentials&& fresh) {
    auto pair = std::move(fresh.pair_);
    const std::lock_guard lock(mutex_);
    std::swap(pair_, pair);
}

Connection Credentials::connection() const {
    const std::lock_guard lock(mutex_);
    Connection connection{SSL_new(pair_.context.get())};
    if (!connection) throw std::bad_alloc{};
    SSL_set_accept_state(connection.get());
    return connection;
}

Timestamp Credentials::not_after() const {
    const std::lock_guard lock(mutex_);
    return pair_.not_after;
}

}  // namespace oracode::http::tls
