// What Seam's numbers become in our answers. Pure; any thread.
#pragma once

#include <boost/json/fwd.hpp>

namespace oracode::representation {

// JSON knows numbers of any size, programs do not: `1e400` is read as infinity, and written again
// it is `1e99999`, which strict clients refuse together with the whole answer. Such a number
// becomes null, wherever it is in `value`.
void replace_infinities(boost::json::value& value);

}  // namespace oracode::representation
