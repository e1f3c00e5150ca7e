#include "api/changes.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/change_messages.hpp"
#include "api/errors.hpp"
#include "api/list_query.hpp"
#include "api/long_reads.hpp"
#include "core/text.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

// The weight of one media range of an Accept header (RFC 9110, 12.4.2), 1 where none is given.
double weight(std::string_view range) {
    for (auto at = range.find(';'); at != std::string_view::npos; at = range.find(';')) {
        range.remove_prefix(at + 1);
        const auto parameter = trim(range.substr(0, range.find(';')), blanks);
        if (parameter.size() > 2 && (parameter.front() == 'q' || parameter.front() == 'Q') &&
            parameter[1] == '=')
            return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
    }
    return 1;
}

// Whether a stream is wanted: only where it is named, and not less than the document. Everybody
// else, also who takes anything, gets the document, which ends.
bool wants_stream(std::string_view accept) {
    double stream = 0;
    double document = 0;
    for (const auto range : parts_of(accept, ",")) {
        const auto type = trim(range.substr(0, range.find(';')), blanks);
        if (iequals(type, "text/event-stream")) stream = weight(range);
        if (iequals(type, "application/json")) document = weight(range);
    }
    return stream > 0 && stream >= document;
}

// Whether no change of this number was ever given out. What a reader sees of a commit may be ahead
// of what the writer has announced.
Result<bool> unheard_of(store::Reader& reader, std::int64_t number, std::int64_t announced) {
    if (number <= announced) return false;
    const auto there = reader.changes(number - 1, 1);
    if (!there) return there.error();
    return there->empty() || there->front().seq != number;
}

http::Response page_of(store::Reader& reader, std::int64_t after, std::int64_t announced,
                       std::size_t limit, std::string_view request_id) {
    const auto oldest = reader.oldest_change();
    if (!oldest) return problem(oldest.error(), request_id);
    const auto beyond = unheard_of(reader, after, announced);
    if (!beyond) return problem(beyond.error(), request_id);
    if (*beyond) {
        const json::object body{{"changes", json::array{}},
                                {"next_after", announced},
                                {"gap", gap_json(after, announced + 1)}};
        return json_response(200, json::serialize(body));
    }
    const auto changes = reader.changes(after, limit);
    if (!changes) return problem(changes.error(), request_id);
    json::array list;
    list.reserve(changes->size());
    for (const auto& change : *changes) list.push_back(to_json(change));
    json::object body{{"changes", std::move(list)},
                      {"next_after", changes->empty() ? after : changes->back().seq}};
    if (after < *oldest - 1) body["gap"] = gap_json(after, *oldest);
    return json_response(200, json::serialize(body));
}

}  // namespace

void Changes::add_to(http::Router& router) {
    router.add("GET", "/v1/changes",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { show(request, std::move(reply)); });
}

void Changes::show(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(access_, request, {"after", "limit"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto limit = parse_limit(authorized->query);
    if (!limit) return reply.send(bad_request(limit_rule, request.request_id));
    const auto after = parse_after(request.header("Last-Event-ID"), authorized->query);
    if (!after) return reply.send(bad_request(after.error(), request.request_id));
    if (wants_stream(request.header("Accept").value_or("")))
        return streams_.open(*after, std::move(reply));
    page(after->value_or(0), *limit, request, std::move(reply));
}

void Changes::page(std::int64_t after, std::size_t limit, const http::Request& request,
                   http::Reply reply) {
    std::string request_id{request.request_id};
    const auto announced = deps_.store.last_change();
    auto read = [after, announced, limit, request_id](store::Reader& reader) {
        auto response = page_of(reader, after, announced, limit, request_id);
        response.headers.emplace_back("Vary", "Accept");
        return response;
    };
    deps_.long_reads.run(std::move(read), LongReads::Asker::of(request), std::move(reply));
}

}  // namespace oracode::api
