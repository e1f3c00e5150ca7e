#include "support/tls_certificate.hpp"

#include <cstdlib>
#include <fstream>
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

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

void check(bool good) {
    if (!good) throw std::runtime_error("OpenSSL refused to make a test certificate");
}

}  // namespace

ScratchDirectory::ScratchDirectory() {
    auto name = (std::filesystem::temp_directory_path() / "oracode-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
    path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

PemPair make_certificate(const std::string& common_name, std::chrono::hours lifetime) {
    const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
    const Owned<X509> certificate{X509_new()};
    check(key && certificate);
    X509_set_version(certificate.get(), 2);
    std::int64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial & 0x7fffffffffff);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds{lifetime}.count());
    X509_set_pubkey(certificate.get(), key.get());
    auto* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(certificate.get(), subject);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate.get(), certificate.get(), nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> names{X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name,
                                                          "DNS:localhost,IP:127.0.0.1,IP:::1")};
    check(names && X509_add_ext(certificate.get(), names.get(), -1) == 1);
    check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const Owned<BIO> certificate_text{BIO_new(BIO_s_mem())};
    const Owned<BIO> key_text{BIO_new(BIO_s_mem())};
    check(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
    check(PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                   nullptr) == 1);
    return {text_of(certificate_text.get()), text_of(key_text.get())};
}

std::string encrypt_key(const std::string& private_key, const std::string& passphrase) {
    const Owned<BIO> in{BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size()))};
    const Owned<EVP_PKEY> key{PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
    const Owned<BIO> out{BIO_new(BIO_s_mem())};
    check(key && PEM_write_bio_PKCS8PrivateKey(
                     out.get(), key.get(), EVP_aes_128_cbc(), passphrase.data(),
                     static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
    return text_of(out.get());
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace oracode::test
