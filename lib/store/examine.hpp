// Looks at a database before it is opened. Any thread; blocks.
#pragma once

#include <string>

namespace oracode::store {

// Throws the StoreError that a Store would throw for `path`, as far as that can be seen without
// changing anything: no folder or file is made, no lock taken, nothing migrated. That another
// daemon works on the database is not an error here.
void examine_database(const std::string& path);

}  // namespace oracode::store
