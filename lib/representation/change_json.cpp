#include "representation/change_json.hpp"

#include "representation/access_code_json.hpp"
#include "representation/or_null.hpp"

namespace oracode::representation {

namespace json = boost::json;

json::object to_json(const store::Change& change) {
    json::object out;
    out.reserve(12);
    out["seq"] = change.seq;
    out["access_code_id"] = change.access_code_id;
    out["device_id"] = text_or_null(change.device_id);
    for (auto& [name, value] : to_json(change.transition)) out[name] = value;
    out["ready"] = change.ready;
    out["external_id"] = json_or_null(change.external_id);
    return out;
}

}  // namespace oracode::representation
