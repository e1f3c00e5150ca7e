#include "support/tls_certificate.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace oracode::test {
namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr long day = 24L * 60 * 60;

void check(bool good) {
    if (!good) throw std::runtime_error("OpenSSL refused to make a test certificate");
}

template <class Write>
std::string pem(Write write) {
    const Owned<BIO> memory{BIO_new(BIO_s_mem())};
    check(write(memory.get()) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value)};
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

struct Subject {
    const char* name;
    const char* alternatives;  // null: an authority
    long from;                 // seconds from now
    long until;
};

// Signed by `issuer` with `issuer_key`, or by itself where those are null.
Owned<X509> make(const Subject& subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
    Owned<X509> made{X509_new()};
    auto* const certificate = made.get();
    check(certificate != nullptr);
    X509_set_version(certificate, 2);
    std::int64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial & 0x7fffffffffff);
    X509_gmtime_adj(X509_getm_notBefore(certificate), subject.from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), subject.until);
    X509_set_pubkey(certificate, key);
    auto* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject.name), -1, -1, 0);
    auto* const signer = issuer ? issuer : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    if (subject.alternatives)
        extend(certificate, signer, NID_subject_alt_name, subject.alternatives);
    else
        extend(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    check(X509_sign(certificate, issuer_key ? issuer_key : key, EVP_sha256()) > 0);
    return made;
}

std::string text_of(X509* certificate) {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string text_of(EVP_PKEY* key) {
    return pem([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

}  // namespace

PemPair make_certificate(const std::string& common_name, std::chrono::hours lifetime,
                         KeyKind kind) {
    const Owned<EVP_PKEY> key{kind == KeyKind::p256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048)};
    check(key != nullptr);
    const Subject subject{common_name.c_str(), "DNS:localhost,IP:127.0.0.1,IP:::1", -60,
                          std::chrono::seconds{lifetime}.count()};
    return {text_of(make(subject, key.get(), nullptr, nullptr).get()), text_of(key.get())};
}

std::string encrypt_key(const std::string& private_key, const std::string& passphrase) {
    const Owned<BIO> in{BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size()))};
    const Owned<EVP_PKEY> key{PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
    check(key != nullptr);
    return pem([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key.get(), EVP_aes_128_cbc(), passphrase.data(),
                                             static_cast<int>(passphrase.size()), nullptr, nullptr);
    });
}

FakeIdentity make_fake_identity(FakeCertificate kind) {
    const Owned<EVP_PKEY> authority_key{EVP_EC_gen("P-256")};
    const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
    check(authority_key && key);
    const auto authority =
        make({"Test authority", nullptr, -2 * day, day}, authority_key.get(), nullptr, nullptr);
    Subject subject{"localhost", "DNS:localhost,DNS:connect.seam.test,IP:127.0.0.1,IP:::1", -60,
                    day};
    if (kind == FakeCertificate::other_name) subject.alternatives = "DNS:elsewhere.test";
    if (kind == FakeCertificate::expired) {
        subject.from = -2 * day;
        subject.until = -day;
    }
    const bool own = kind == FakeCertificate::self_signed;
    const auto certificate = make(subject, key.get(), own ? nullptr : authority.get(),
                                  own ? nullptr : authority_key.get());
    return {text_of(authority.get()), text_of(certificate.get()), text_of(key.get())};
}

}  // namespace oracode::test
