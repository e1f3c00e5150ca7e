#include "daemon/start_memory.hpp"

#include <cstdint>
#include <span>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace oracode::daemon {
namespace {

// Only what cannot be written, and so is the same in the file. A page that relocations have changed
// is in a segment that can.
int unmap_pages(dl_phdr_info* object, std::size_t, void*) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const auto begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
        const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_filesz;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader tells addresses as numbers.
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void give_back_memory_of_start() {
    ::malloc_trim(0);
    ::dl_iterate_phdr(unmap_pages, nullptr);
}

}  // namespace oracode::daemon
