#include "http/forwarded.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "net/address.hpp"

namespace oracode::http {
namespace {

// The parts of `text` between `separator`s that stand outside of quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> deps;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] != separator || quoted) continue;
        deps.push_back(trim(text.substr(begin, i - begin), blanks));
        begin = i + 1;
    }
    deps.push_back(trim(text.substr(begin), blanks));
    return deps;
}

// Of all headers of this name, in their order: one list (RFC 9110, 5.3).
std::vector<std::string_view> entries(std::span<const Header> headers, std::string_view name) {
    std::vector<std::string_view> all;
    for (const auto& header : headers) {
        if (!iequals(header.name, name)) continue;
        const auto deps = split(header.value, ',');
        all.insert(all.end(), deps.begin(), deps.end());
    }
    return all;
}

// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
std::optional<net::Peer> parse_node(std::string_view text) {
    const auto parts = net::split_host_and_port(text);
    return parts ? net::parse_peer(parts->host) : std::nullopt;
}

// The node of `for=` in one entry of Forwarded; empty where there is none.
std::string_view for_of(std::string_view entry) {
    for (const auto pair : split(entry, ';')) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos ||
            !iequals(trim(pair.substr(0, equals), blanks), "for"))
            continue;
        auto node = trim(pair.substr(equals + 1), blanks);
        if (node.size() >= 2 && node.front() == '"' && node.back() == '"')
            node = node.substr(1, node.size() - 2);
        return node;
    }
    return {};
}

}  // namespace

std::optional<net::Peer> forwarded_client(std::span<const Header> headers,
                                          const TrustedProxies& trusted) {
    auto nodes = entries(headers, "X-Forwarded-For");
    if (nodes.empty()) {
        nodes = entries(headers, "Forwarded");
        std::ranges::transform(nodes, nodes.begin(), for_of);
    }
    std::optional<net::Peer> client;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        auto peer = parse_node(*node);
        if (!peer) break;
        client = std::move(peer);
        if (!trusted(*client)) break;
    }
    return client;
}

}  // namespace oracode::http
