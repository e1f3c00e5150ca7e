#include "representation/finite_json.hpp"

#include <cmath>

#include <boost/json.hpp>

namespace oracode::representation {

void replace_infinities(boost::json::value& value) {
    if (const auto* number = value.if_double()) {
        if (!std::isfinite(*number)) value = nullptr;
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) replace_infinities(member.value());
    } else if (auto* array = value.if_array()) {
        for (auto& element : *array) replace_infinities(element);
    }
}

}  // namespace oracode::representation
