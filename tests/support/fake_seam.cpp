#include "support/fake_seam.hpp"

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <unistd.h>

#include "support/fake_seam_schema.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

ssl::context make_context(const FakeIdentity& identity) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(identity.certificate));
    context.use_private_key(asio::buffer(identity.private_key), ssl::context::pem);
    return context;
}

FakeCall as_call(const http::request<http::string_body>& request) {
    FakeCall call;
    call.method = std::string(request.method_string());
    const auto url = boost::urls::parse_origin_form(request.target());
    if (url) {
        call.path = url->path();
        for (const auto& param : url->params()) call.query.emplace_back(param.key, param.value);
    }
    for (const auto& field : request)
        call.headers[boost::to_lower_copy(std::string(field.name_string()))] =
            std::string(field.value());
    call.body = request.body();
    return call;
}

http::response<http::string_body> as_response(const FakeAnswer& answer) {
    http::response<http::string_body> response;
    response.version(11);
    response.result(answer.status);
    response.set(http::field::content_type, "application/json");
    response.set("seam-request-id", "request-1");
    for (const auto& [name, value] : answer.headers) response.set(name, value);
    response.body() = answer.body;
    response.prepare_payload();
    return response;
}

}  // namespace

struct FakeSeam::State {
    explicit State(Options with)
        : options(with),
          identity(make_fake_identity(options.certificate)),
          context(make_context(identity)),
          ca_file(folder.write("ca.pem", identity.authority)),
          acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}) {}

    struct Session;
    void accept();
    FakeAnswer note(const FakeCall& call);

    Options options;
    FakeIdentity identity;
    ssl::context context;
    TemporaryFolder folder;
    std::string ca_file;
    asio::io_context io;
    tcp::acceptor acceptor;
    std::set<std::shared_ptr<Session>> sessions;  // the server's thread only
    std::thread thread;

    mutable std::mutex mutex;
    mutable std::condition_variable called;
    std::map<std::string, Handler> standing;
    std::map<std::string, std::deque<FakeAnswer>> single;
    std::vector<FakeCall> calls;
    std::size_t connections = 0;
};

struct FakeSeam::State::Session : std::enable_shared_from_this<Session> {
    Session(State& of, tcp::socket socket, std::size_t which)
        : server(of), plain(std::move(socket)), number(which) {
        if (server.options.tls) tls.emplace(plain, server.context);
    }

    void start() {
        if (!tls) return read();
        tls->async_handshake(ssl::stream_base::server,
                             [self = shared_from_this()](error_code error) {
                                 if (error) return self->close();
                                 self->read();
                             });
    }
    void close() {
        plain.close();
        server.sessions.erase(shared_from_this());
    }
    template <class Use>
    void with_stream(Use use) {
        if (tls)
            use(*tls);
        else
            use(plain);
    }
    void read() {
        request = {};
        with_stream([this](auto& stream) {
            http::async_read(stream, buffer, request,
                             [self = shared_from_this()](error_code error, std::size_t) {
                                 if (error) return self->close();
                                 self->answer();
                             });
        });
    }
    void answer() {
        auto call = as_call(request);
        call.connection = number;
        if (tls) {
            const char* const name =
                SSL_get_servername(tls->native_handle(), TLSEXT_NAMETYPE_host_name);
            call.server_name = name ? name : "";
        }
        const auto made = server.note(call);
        if (made.conduct == Conduct::hang) return;
        if (made.conduct == Conduct::close_unanswered) return close();
        const auto response = as_response(made);
        std::ostringstream text;
        text << response;
        out = made.conduct == Conduct::raw ? made.body : std::move(text).str();
        if (made.conduct == Conduct::close_midway) out.resize(out.size() - made.body.size() / 2);
        const bool keep = made.conduct == Conduct::answer && response.keep_alive();
        with_stream([this, keep](auto& stream) {
            asio::async_write(stream, asio::buffer(out),
                              [self = shared_from_this(), keep](error_code error, std::size_t) {
                                  if (error || !keep) return self->close();
                                  self->read();
                              });
        });
    }

    State& server;
    beast::tcp_stream plain;
    std::optional<ssl::stream<beast::tcp_stream&>> tls;
    std::size_t number;
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    std::string out;
};

void FakeSeam::State::accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
        if (error) return;
        std::size_t number = 0;
        {
            const std::scoped_lock lock(mutex);
            number = ++connections;
        }
        const auto session = std::make_shared<Session>(*this, std::move(socket), number);
        sessions.insert(session);
        session->start();
        accept();
    });
}

FakeAnswer FakeSeam::State::note(const FakeCall& call) {
    Handler handler;
    {
        const std::scoped_lock lock(mutex);
        calls.push_back(call);
        called.notify_all();
        auto& queue = single[call.path];
        if (!queue.empty()) {
            auto answer = std::move(queue.front());
            queue.pop_front();
            return answer;
        }
        const auto found = standing.find(call.path);
        if (found != standing.end()) handler = found->second;
    }
    if (handler) return handler(call);
    return fake_error(404, "route_not_found", "no such route");
}

std::vector<std::string> FakeCall::all(const std::string& key) const {
    std::vector<std::string> found;
    for (const auto& [name, value] : query)
        if (name == key) found.push_back(value);
    boost::system::error_code malformed;
    const auto json = boost::json::parse(body, malformed);
    const auto* object = malformed ? nullptr : json.if_object();
    const auto* member = object != nullptr ? object->if_contains(key) : nullptr;
    if (member == nullptr) return found;
    const auto text = [](const boost::json::value& value) {
        return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    };
    if (const auto* array = member->if_array())
        for (const auto& value : *array) found.push_back(text(value));
    else
        found.push_back(text(*member));
    return found;
}

FakeAnswer fake_error(unsigned status, const std::string& type, const std::string& message) {
    FakeAnswer answer;
    answer.status = status;
    answer.body = boost::json::serialize(
        boost::json::value{{"ok", false}, {"error", {{"type", type}, {"message", message}}}});
    return answer;
}

FakeSeam::FakeSeam() : FakeSeam(Options{}) {}

FakeSeam::FakeSeam(Options options) : state_(std::make_shared<State>(options)) {
    always("/workspaces/get", {.body = std::string(R"({"workspace":{"workspace_id":")") +
                                       fake_workspace + R"("},"ok":true})"});
    always("/devices/list", {.body = R"({"devices":[],"ok":true})"});
    always("/access_codes/unmanaged/get",
           fake_error(404, "access_code_not_found", "There is no such unmanaged code."));
    state_->accept();
    state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

FakeSeam::~FakeSeam() {
    state_->io.stop();
    state_->thread.join();
    state_->sessions.clear();
}

std::string FakeSeam::url() const {
    return (state_->options.tls ? "https://localhost:" : "http://127.0.0.1:") +
           std::to_string(port());
}

std::uint16_t FakeSeam::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::string FakeSeam::ca_file() const {
    return state_->ca_file;
}

void FakeSeam::always(const std::string& path, FakeAnswer answer) {
    respond(path, [answer = std::move(answer)](const FakeCall&) { return answer; });
}

void FakeSeam::respond(const std::string& path, Handler handler) {
    const std::scoped_lock lock(state_->mutex);
    state_->standing[path] = std::move(handler);
}

void FakeSeam::once(const std::string& path, FakeAnswer answer) {
    const std::scoped_lock lock(state_->mutex);
    state_->single[path].push_back(std::move(answer));
}

std::vector<FakeCall> FakeSeam::calls() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->calls;
}

std::size_t FakeSeam::connections() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->connections;
}

bool FakeSeam::wait_for_calls(std::size_t count, std::chrono::milliseconds patience) const {
    std::unique_lock lock(state_->mutex);
    return state_->called.wait_for(lock, patience, [&] { return state_->calls.size() >= count; });
}

void FakeSeam::close_connections() {
    std::promise<void> closed;
    asio::post(state_->io, [&] {
        const auto sessions = state_->sessions;
        for (const auto& session : sessions) session->close();
        closed.set_value();
    });
    closed.get_future().wait();
}

std::vector<std::string> FakeSeam::violations() const {
    std::vector<std::string> all;
    for (const auto& call : calls()) {
        for (auto& violation : violations_of(call.method, call.path, call.query, call.body))
            all.push_back(std::move(violation));
    }
    return all;
}

}  // namespace oracode::test
