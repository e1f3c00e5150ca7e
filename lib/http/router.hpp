// Which handler answers which method and path. Filled while the daemon starts; then only read, from
// any thread.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace oracode::http {

// What the `{name}` parts of a pattern stood for, percent-decoded. Valid during the handler's call
// only.
class PathParameters {
public:
    // Of a name that the pattern has.
    [[nodiscard]] std::string_view operator[](std::string_view name) const;

private:
    friend class Router;
    static constexpr std::size_t most = 4;
    struct Parameter {
        std::string_view name;
        std::string_view value;
        std::string decoded;  // what `value` views, where anything had to be decoded
    };
    std::array<Parameter, most> parameters_;
    std::size_t count_ = 0;
};

class Router {
public:
    using Route = std::function<void(const Request&, const PathParameters&, Reply)>;
    enum class Options {
        answered,  // OPTIONS of a known path: 204 with Allow
        refused,   // 405 like any other method that is not registered
    };

    explicit Router(Options options = Options::answered) : options_(options) {}

    // `pattern` is a path of literal segments and `{name}` segments, which take any one non-empty
    // segment; the first pattern added that fits a path decides. GET answers HEAD too. Throws
    // std::invalid_argument for a pattern that is not a path or a method added twice: both are
    // bugs.
    void add(std::string_view method, std::string_view pattern, Route route);

    // Calls `notify` with the status of each request that no route serves (400, 404, 405), on the
    // thread that serves it. Set before there are requests.
    void on_refusal(std::function<void(unsigned status)> notify) { refused_ = std::move(notify); }

    // Calls the route, or answers: 404 (no such path), 405 with Allow (path known, method not), 400
    // (broken percent-encoding).
    void operator()(const Request& request, Reply reply) const;

private:
    struct Segment {
        std::string text;  // the literal, or the parameter's name
        bool parameter;
    };
    struct Resource {
        std::string pattern;
        std::vector<Segment> segments;
        std::vector<std::pair<std::string, Route>> routes;
        std::string allow;
    };
    enum class PathMatch { no, yes, broken };

    static constexpr std::size_t most_segments = 8;
    struct Path {
        std::array<std::string_view, most_segments> segments;
        std::size_t count = 0;
    };

    static std::optional<Path> split(std::string_view path);
    static PathMatch match(const Resource& resource, const Path& path, PathParameters& parameters);
    [[nodiscard]] std::string allow(const Resource& resource) const;
    void dispatch(const Resource& resource, const Request& request,
                  const PathParameters& parameters, Reply reply) const;
    [[nodiscard]] Response refusal(unsigned status, const Request& request,
                                   std::string_view detail = {}) const;
    void answer_allow(unsigned status, const std::string& allow, const Request& request,
                      Reply reply) const;

    const Options options_;
    std::vector<Resource> resources_;
    std::function<void(unsigned)> refused_;
};

}  // namespace oracode::http
