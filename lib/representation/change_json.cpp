#include "representation/change_json.hpp"

#include "representation/access_code_json.hpp"

namespace oracode::representation {

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

}  // namespace oracode::representation
