// A disk that fails below the real oracoded, which loads this before the C library. FAILING_DISK
// names the database; a file beside it orders the fault for as long as it is there: `fault-sync`
// (one sync only), `fault-write`, both of the database itself, and `fault-read`, of its log too.
// `fault-thread` leaves the disk alone: no thread is made after so many as its text says, since the
// start of the process.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

const std::string& database() {
    static const std::string path = [] {
        const char* named = std::getenv("FAILING_DISK");
        return std::string(named != nullptr ? named : "");
    }();
    return path;
}

bool is(int file, const std::string& path) {
    struct stat opened {};
    struct stat there {};
    return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &there) == 0 &&
           opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

std::string order(const char* fault) {
    return database().substr(0, database().rfind('/') + 1) + fault;
}

bool is_ordered(const char* fault) {
    return !database().empty() && ::access(order(fault).c_str(), F_OK) == 0;
}

int sync_or_fail(long call, int file) {
    if (is_ordered("fault-sync") && is(file, database())) {
        ::unlink(order("fault-sync").c_str());
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(call, file));
}

}  // namespace

extern "C" int fdatasync(int file) {
    return sync_or_fail(SYS_fdatasync, file);
}
extern "C" int fsync(int file) {
    return sync_or_fail(SYS_fsync, file);
}
extern "C" ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
    if (is_ordered("fault-write") && is(file, database())) {
        errno = ENOSPC;
        return -1;
    }
    return ::syscall(SYS_pwrite64, file, data, size, offset);
}
extern "C" ssize_t pread64(int file, void* data, size_t size, off64_t offset) {
    if (is_ordered("fault-read") && (is(file, database()) || is(file, database() + "-wal"))) {
        errno = EIO;
        return -1;
    }
    return ::syscall(SYS_pread64, file, data, size, offset);
}
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*body)(void*), void* argument) {
    using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static const auto next = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
    static std::atomic<int> made{0};
    if (is_ordered("fault-thread")) {
        int most = 0;
        std::ifstream(order("fault-thread")) >> most;
        if (made >= most) return EAGAIN;
    }
    ++made;
    return next(thread, attributes, body, argument);
}
