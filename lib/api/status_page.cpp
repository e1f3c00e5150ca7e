#include "api/status_page.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "api/conditional.hpp"
#include "core/base64.hpp"
#include "core/sha256.hpp"

namespace oracode::api {
namespace {

std::string_view page_file(std::string_view name) {
    const auto files = page_files();
    const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
    if (found == files.end()) throw std::logic_error("no such file of the page");
    return found->text;
}

// How index.html names another file, and what takes the name's place.
struct Reference {
    std::string_view begin;
    std::string_view end;
    std::string_view open;
    std::string_view close;
};
constexpr Reference style{R"(<link rel="stylesheet" href=")", R"(">)", "<style>", "</style>"};
constexpr Reference script{R"(<script src=")", R"("></script>)", "<script>", "</script>"};

// Puts each file that `page` refers to in the place of its reference. Returns the texts' hashes as
// a Content-Security-Policy lists them.
std::string put_in(std::string& page, const Reference& reference) {
    std::string hashes;
    for (std::size_t at = 0; (at = page.find(reference.begin, at)) != std::string::npos;) {
        const auto name_at = at + reference.begin.size();
        const auto name_end = page.find(reference.end, name_at);
        const auto text = page_file(page.substr(name_at, name_end - name_at));
        hashes += fmt::format(" 'sha256-{}'", base64(sha256(text)));
        const auto element = fmt::format("{}{}{}", reference.open, text, reference.close);
        page.replace(at, name_end + reference.end.size() - at, element);
        at += element.size();
    }
    return hashes;
}

StaticDocument joined() {
    std::string page{page_file("index.html")};
    const auto styles = put_in(page, style);
    const auto scripts = put_in(page, script);
    // Nothing but the texts above runs, only this daemon is asked, and no text from outside can be
    // turned into markup.
    auto policy = fmt::format(
        "default-src 'none'; style-src{}; script-src{}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
        styles, scripts);
    return {"text/html; charset=utf-8",
            std::move(page),
            {{"Content-Security-Policy", std::move(policy)},
             {"X-Content-Type-Options", "nosniff"},
             {"Referrer-Policy", "no-referrer"},
             {"Cross-Origin-Opener-Policy", "same-origin"},
             {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"}}};
}

}  // namespace

void add_status_page_to(http::Router& router) {
    router.add("GET", "/",
               [](const http::Request& request, const http::PathParameters&, http::Reply reply) {
                   static const auto page = joined();  // made at the first request
                   reply.send(page.answer(request));
               });
}

}  // namespace oracode::api
