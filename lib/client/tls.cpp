#include "client/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>
#include <openssl/x509v3.h>

namespace oracode::client {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<std::shared_ptr<ssl::context>> make_tls_context(const Trust& trust) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_compression);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    if (trust.any_certificate) {
        context->set_verify_mode(ssl::verify_none);
        return context;
    }
    context->set_verify_mode(ssl::verify_peer);
    error_code error;
    if (trust.ca_file.empty())
        context->set_default_verify_paths(error);
    else
        context->load_verify_file(trust.ca_file, error);
    if (error)
        return Error{
            Errc::invalid_argument,
            fmt::format("certificate authorities {}: {}",
                        trust.ca_file.empty() ? "of the system" : trust.ca_file, error.message())};
    if (!trust.ca_file.empty())
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()),
                                    X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

bool expect_name(SSL* session, const std::string& host) {
    auto* const checks = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1;
    return SSL_set_tlsext_host_name(session, host.c_str()) == 1 &&
           SSL_set1_host(session, host.c_str()) == 1;
}

std::string certificate_refusal(SSL* session) {
    const auto verdict = SSL_get_verify_result(session);
    return verdict == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verdict);
}

}  // namespace oracode::client
