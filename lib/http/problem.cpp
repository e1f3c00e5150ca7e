#include "http/problem.hpp"

#include <iterator>

#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>

namespace oracode::http {
namespace {

// "Not found" for people, where the status line has "Not Found"; "URI" stays.
std::string title_of(std::string_view phrase) {
    std::string title(phrase);
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    for (std::size_t i = 1; i + 1 < title.size(); ++i)
        if (title[i - 1] == ' ' && upper(title[i]) && !upper(title[i + 1]))
            title[i] = static_cast<char>(title[i] - 'A' + 'a');
    return title;
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
    namespace beast = boost::beast::http;
    switch (status) {  // names that RFC 9110 changed since Beast's table
        case 413:
            return "Content Too Large";
        case 422:
            return "Unprocessable Content";
        default:
            break;
    }
    auto known = beast::int_to_status(status);
    if (known == beast::status::unknown) known = beast::int_to_status(status / 100 * 100);
    const auto phrase = beast::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

Response problem(unsigned status, std::string_view slug, std::string_view title,
                 std::string_view detail, std::string_view request_id,
                 boost::json::object members) {
    boost::json::object document;
    document["type"] = "/problems/" + std::string(slug);
    document["title"] = title;
    document["status"] = status;
    if (!detail.empty()) document["detail"] = detail;
    document["instance"] = request_id;
    document.insert(std::make_move_iterator(members.begin()),
                    std::make_move_iterator(members.end()));
    Response response;
    response.status = status;
    response.content_type = problem_type;
    response.body = boost::json::serialize(document);
    return response;
}

Response problem(unsigned status, std::string_view request_id, std::string_view detail) {
    const auto title = title_of(reason_phrase(status));
    std::string slug;
    for (const char c : title) {
        if (c >= 'A' && c <= 'Z')
            slug += static_cast<char>(c - 'A' + 'a');
        else if (c >= 'a' && c <= 'z')
            slug += c;
        else if (c == ' ' || c == '-')
            slug += '-';
    }
    return problem(status, slug, title, detail, request_id);
}

}  // namespace oracode::http
