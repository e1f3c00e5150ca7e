#include "support/http_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "webhook/signature.hpp"

namespace oracode::test {

HttpServer::HttpServer(Setup setup)
    : files_{(scratch_ / "certificate.pem").string(), (scratch_ / "key.pem").string()} {
    if (setup.tls) {
        const auto pair = make_certificate("first", std::chrono::hours{24});
        write_file(files_.certificate, pair.certificate);
        write_file(files_.private_key, pair.private_key);
        credentials_ = http::tls::Credentials::load(files_).value();
    }
    http::Listener::Dependencies deps;
    for (std::size_t i = 0; i < setup.threads; ++i) {
        contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
        deps.contexts.push_back(contexts_.back().get());
        deps.handlers.push_back(setup.handler);
    }
    deps.sockets.push_back(net::ListeningSocket::open(setup.address).value());
    deps.limits = setup.limits;
    deps.limits.single_headers = {webhook::signature_header_names, "signature_headers"};
    deps.credentials = credentials_;
    deps.clock = [] { return parse_rfc3339("2026-03-05T15:00:00Z").value(); };
    deps.observer = &recorder_;
    deps.trusted_proxies = setup.trusted_proxies;
    listener_ = std::make_unique<http::Listener>(std::move(deps));
    if (setup.started) listener_->start();
    for (const auto& context : contexts_) {
        threads_.emplace_back([&context = *context] {
            const auto work = boost::asio::make_work_guard(context);
            context.run();
        });
    }
}

HttpServer::~HttpServer() {
    for (const auto& context : contexts_) context->stop();
    for (auto& thread : threads_) thread.join();
    listener_.reset();
    contexts_.clear();
}

HttpClient HttpServer::connect() {
    auto client = HttpClient::tcp(port());
    if (credentials_) client.start_tls();
    return client;
}

std::future<void> HttpServer::stop() {
    auto promise = std::make_shared<std::promise<void>>();
    auto future = promise->get_future();
    listener_->stop([promise] { promise->set_value(); });
    return future;
}

void echo(const http::Request& request, http::Reply reply) {
    http::Response response;
    response.content_type = "text/plain";
    response.body = std::string(request.method) + " " + std::string(request.path) + " " +
                    std::string(request.query) + " " + std::string(request.body);
    reply.send(std::move(response));
}

}  // namespace oracode::test
