#include "api/change_messages.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace oracode::api {

namespace json = boost::json;

void append_message(std::string& out, const store::Change& change) {
    out += fmt::format("id: {}\ndata: ", change.seq);
    out += json::serialize(to_json(change));
    out += "\n\n";
}

json::object gap_json(std::int64_t after, std::int64_t oldest) {
    return {{"after", after}, {"oldest", oldest}};
}

void append_gap_message(std::string& out, std::int64_t after, std::int64_t oldest) {
    out += fmt::format("event: gap\nid: {}\ndata: {}\n\n", oldest - 1,
                       json::serialize(gap_json(after, oldest)));
}

}  // namespace oracode::api
