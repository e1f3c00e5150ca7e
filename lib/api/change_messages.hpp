// Changes as messages of an event stream. Pure.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "api/representation.hpp"
#include "store/reader.hpp"

namespace oracode::api {

// `id:` is the change's number, `data:` its object on one line.
void append_message(std::string& out, const store::Change& change);

// The stream does not reach back to where it was to go on: what was behind `after` and before
// `oldest` is not kept any more (or, where `oldest` is the smaller, was never heard of here). An
// event of the name `gap`; its id lets a client that comes back go on behind it.
void append_gap_message(std::string& out, std::int64_t after, std::int64_t oldest);
[[nodiscard]] boost::json::object gap_json(std::int64_t after, std::int64_t oldest);

}  // namespace oracode::api
