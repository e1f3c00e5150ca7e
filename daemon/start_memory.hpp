// The memory that starting took and serving does not need.
#pragma once

namespace oracode::daemon {

// Gives it back to the system: free pages of the allocator, and pages of the program and its
// libraries that were mapped while they were linked and set up. Those that are needed again are
// mapped again, without a look at the disk as long as the system has them in its cache.
void give_back_memory_of_start();

}  // namespace oracode::daemon
