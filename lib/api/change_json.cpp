#include "api/change_json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/access_code_json.hpp"

namespace oracode::api {

namespace json = boost::json;

json::object to_json(const store::Change& change) {
    json::object out;
    out.reserve(12);
    out["seq"] = change.seq;
    out["access_code_id"] = change.access_code_id;
    out["device_id"] = change.device_id.empty() ? json::value() : json::value(change.device_id);
    for (auto& [name, value] : to_json(change.transition)) out[name] = value;
    out["ready"] = change.ready;
    out["external_id"] = change.external_id ? json::value(*change.external_id) : json::value();
    return out;
}

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
