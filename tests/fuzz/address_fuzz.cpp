// Who is at the other end: X-Forwarded-For, Forwarded, Host and addresses of the settings. What a
// client puts in front of the last proxy's word changes nothing.
#include <algorithm>
#include <vector>

#include "client/proxy.hpp"
#include "http/forwarded.hpp"
#include "http/host_name.hpp"
#include "input.hpp"
#include "net/address.hpp"
#include "net/peer.hpp"
#include "net/url.hpp"

namespace {

using namespace oracode;
using fuzz::require;

bool is_proxy(const net::Peer& peer) {
    return peer.address.starts_with("10.") || peer.local;
}

std::string address_of(const std::vector<http::Header>& headers) {
    const auto client = http::forwarded_client(headers, is_proxy);
    if (!client) return {};
    const auto again = net::parse_peer(client->address);
    require(again && again->address == client->address && again->key == client->key);
    return client->address;
}

// A header's value stands behind "x:" (X-Forwarded-For) or "f:" (Forwarded).
void check_forwarded(const std::vector<std::string_view>& lines) {
    std::vector<http::Header> headers;
    for (const auto line : lines) {
        if (line.starts_with("x:")) headers.push_back({"X-Forwarded-For", line.substr(2)});
        if (line.starts_with("f:")) headers.push_back({"Forwarded", line.substr(2)});
    }
    const auto client = address_of(headers);
    const auto peer = net::parse_peer(client);
    if (!peer || is_proxy(*peer)) return;
    const bool by_x = std::ranges::any_of(
        headers, [](const auto& header) { return header.name == "X-Forwarded-For"; });
    auto forged = headers;
    forged.insert(forged.begin(),
                  by_x ? http::Header{"x-forwarded-for", "203.0.113.9, 10.0.0.1"}
                       : http::Header{"forwarded", "for=203.0.113.9, for=\"[2001:db8::9]:1\""});
    require(address_of(forged) == client);
}

void check_addresses(std::string_view text) {
    if (const auto address = net::parse_listen_address(text, "/base"))
        require(net::parse_listen_address(net::to_string(*address), "/base") == address);
    if (const auto network = net::Network::parse(text)) {
        const auto end = text.find('/');
        boost::system::error_code error;
        const auto first = boost::asio::ip::make_address(std::string(text.substr(0, end)), error);
        require(!error && network->contains(first));
    }
    static_cast<void>(net::split_host_and_port(text));
    static_cast<void>(http::names_this_machine(text));
}

void check_urls(std::string_view text) {
    if (const auto url = net::parse_url(text)) {
        if (url->transport == net::Transport::unix_socket) {
            require(!url->socket.empty());
        } else {
            const auto again = net::parse_url(url->display() + url->target);
            require(again.has_value() && *again == *url);
        }
        static_cast<void>(client::proxy_for(*url, "http://proxy:3128", text));
    }
    const net::Url seam{.host = "connect.getseam.com"};
    if (const auto proxy = client::proxy_for(seam, text, ""); proxy && *proxy)
        require(!(*proxy)->host.empty() && (*proxy)->port != 0);
    static_cast<void>(net::parse_server_url(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto lines = fuzz::lines_of(text);
    check_forwarded(lines);
    check_addresses(lines.front());
    check_urls(lines.front());
    return 0;
}
