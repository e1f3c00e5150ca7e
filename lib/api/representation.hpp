// The forms of `representation` beside those that the API alone has.
#pragma once

#include "representation/access_code_json.hpp"
#include "representation/alert_json.hpp"
#include "representation/change_json.hpp"
#include "representation/or_null.hpp"

namespace oracode::api {

using representation::etag;
using representation::json_or_null;
using representation::payload_json;
using representation::text_or_null;
using representation::to_json;
using representation::View;

}  // namespace oracode::api
