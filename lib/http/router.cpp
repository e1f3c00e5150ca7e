#include "http/router.hpp"

#include <algorithm>
#include <cassert>
#include <span>
#include <stdexcept>

#include <boost/url/pct_string_view.hpp>

#include "http/problem.hpp"

namespace oracode::http {
namespace {

// nullopt: no valid percent-encoding, or a NUL in disguise.
std::optional<std::string> decode(std::string_view text) {
    const auto encoded = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!encoded) return std::nullopt;
    auto decoded = encoded->decode();
    if (std::ranges::find(decoded, '\0') != decoded.end()) return std::nullopt;
    return decoded;
}

}  // namespace

std::string_view PathParameters::operator[](std::string_view name) const {
    const auto end = parameters_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto found =
        std::find_if(parameters_.begin(), end, [&](const auto& p) { return p.name == name; });
    assert(found != end);
    return found != end ? found->value : std::string_view{};
}

void Router::add(std::string_view method, std::string_view pattern, Route route) {
    const auto path = split(pattern);
    if (!path) throw std::invalid_argument("no route pattern: " + std::string(pattern));
    auto resource = std::ranges::find(resources_, pattern, &Resource::pattern);
    if (resource == resources_.end()) {
        Resource made{.pattern = std::string(pattern), .segments = {}, .routes = {}, .allow = {}};
        std::size_t parameters = 0;
        for (const auto segment : std::span(path->segments).first(path->count)) {
            const bool parameter =
                segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
            parameters += parameter ? 1 : 0;
            made.segments.push_back(
                {std::string(parameter ? segment.substr(1, segment.size() - 2) : segment),
                 parameter});
        }
        if (parameters > PathParameters::most)
            throw std::invalid_argument("too many parameters: " + made.pattern);
        resource = resources_.insert(resources_.end(), std::move(made));
    }
    const auto same = [&](const auto& known) { return known.first == method; };
    if (std::ranges::any_of(resource->routes, same))
        throw std::invalid_argument("route added twice: " + std::string(pattern));
    resource->routes.emplace_back(method, std::move(route));
    resource->allow = allow(*resource);
}

std::string Router::allow(const Resource& resource) const {
    std::string text;
    const auto say = [&](std::string_view method) {
        if (!text.empty()) text += ", ";
        text += method;
    };
    for (const auto& [method, route] : resource.routes) {
        say(method);
        if (method == "GET") say("HEAD");
    }
    if (options_ == Options::answered) say("OPTIONS");
    return text;
}

std::optional<Router::Path> Router::split(std::string_view path) {
    if (!path.starts_with('/')) return std::nullopt;
    Path result;
    path.remove_prefix(1);
    for (;;) {
        if (result.count == most_segments) return std::nullopt;
        const auto slash = path.find('/');
        result.segments[result.count++] = path.substr(0, slash);
        if (slash == std::string_view::npos) return result;
        path.remove_prefix(slash + 1);
    }
}

Router::PathMatch Router::match(const Resource& resource, const Path& path,
                                PathParameters& parameters) {
    if (resource.segments.size() != path.count) return PathMatch::no;
    parameters.count_ = 0;
    for (std::size_t i = 0; i < path.count; ++i) {
        const auto& expected = resource.segments[i];
        const auto sent = path.segments[i];
        const bool encoded = sent.find('%') != std::string_view::npos;
        if (!encoded && !expected.parameter) {
            if (sent != expected.text) return PathMatch::no;
            continue;
        }
        if (sent.empty()) return PathMatch::no;
        auto decoded = encoded ? decode(sent) : std::string{};
        if (!decoded) return PathMatch::broken;
        if (!expected.parameter) {
            if (*decoded != expected.text) return PathMatch::no;
            continue;
        }
        auto& parameter = parameters.parameters_[parameters.count_++];
        parameter.name = expected.text;
        parameter.decoded = std::move(*decoded);
        parameter.value = encoded ? std::string_view{parameter.decoded} : sent;
    }
    return PathMatch::yes;
}

void Router::operator()(const Request& request, Reply reply) const {
    if (request.path == "*")
        return answer_allow(204, "GET, HEAD, POST, PUT, DELETE, OPTIONS", request,
                            std::move(reply));
    if (const auto path = split(request.path)) {
        PathParameters parameters;
        for (const auto& resource : resources_) {
            switch (match(resource, *path, parameters)) {
                case PathMatch::no:
                    continue;
                case PathMatch::broken:
                    return reply.send(refusal(400, request));
                case PathMatch::yes:
                    reply.matched(resource.pattern);
                    return dispatch(resource, request, parameters, std::move(reply));
            }
        }
    }
    const bool printable =
        std::ranges::all_of(request.path, [](char c) { return c > ' ' && c < 127; });
    const auto at = printable ? " at " + std::string(request.path.substr(0, 200)) : std::string{};
    reply.send(refusal(404, request, "There is nothing" + at + "."));
}

void Router::dispatch(const Resource& resource, const Request& request,
                      const PathParameters& parameters, Reply reply) const {
    const auto serve = [&](std::string_view method) {
        const auto found = std::ranges::find_if(
            resource.routes, [&](const auto& route) { return route.first == method; });
        if (found == resource.routes.end()) return false;
        found->second(request, parameters, std::move(reply));
        return true;
    };
    if (serve(request.method)) return;
    if (request.method == "HEAD" && serve("GET")) return;
    const bool answers_options = request.method == "OPTIONS" && options_ == Options::answered;
    answer_allow(answers_options ? 204 : 405, resource.allow, request, std::move(reply));
}

Response Router::refusal(unsigned status, const Request& request, std::string_view detail) const {
    if (refused_) refused_(status);
    return problem(status, request.request_id, detail);
}

void Router::answer_allow(unsigned status, const std::string& allow, const Request& request,
                          Reply reply) const {
    Response response;
    response.status = status;
    if (status >= 400) response = refusal(status, request);
    response.headers.emplace_back("Allow", allow);
    reply.send(std::move(response));
}

}  // namespace oracode::http
