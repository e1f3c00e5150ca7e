// What follows a failed sync of the write-ahead log.
#pragma once

#include <string>

namespace oracode::store {

// Writes the log at `path` over itself and syncs it. A sync that fails leaves pages that the kernel
// takes for clean and the disk never got: read, they look well, and no later sync brings them to
// the disk. Copied into the database like this, a power cut in the middle of it would leave parts
// of a transaction there and nothing in the log to complete it. Who reads the log meanwhile is not
// disturbed; nobody may write to it. Throws StoreError.
void write_log_again(const std::string& path);

}  // namespace oracode::store
