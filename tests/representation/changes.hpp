// A change of a code, for the tests of its forms.
#pragma once

#include "store/reader.hpp"

namespace oracode::test {

inline store::Change change() {
    store::Change made;
    made.seq = 42;
    made.access_code_id = "code1";
    made.device_id = "device1";
    made.transition.to = lifecycle::Status::set;
    made.ready = true;
    return made;
}

}  // namespace oracode::test
