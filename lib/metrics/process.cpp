#include "metrics/process.hpp"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "metrics/metrics.hpp"

namespace oracode::metrics {
namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

enum class Memory { all, resident };

// proc(5): the first two numbers of statm, in pages.
double memory(Memory which) {
    std::ifstream file("/proc/self/statm");
    double all = 0;
    double resident = 0;
    file >> all >> resident;
    return (which == Memory::all ? all : resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
    std::error_code error;
    std::filesystem::directory_iterator entries("/proc/self/fd", error);
    double count = 0;
    for (const auto end = std::filesystem::directory_iterator{}; !error && entries != end;
         entries.increment(error))
        ++count;
    return count > 0 ? count - 1 : 0;  // less the one that reads
}

double most_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void add_process_metrics(Metrics& metrics, Timestamp started) {
    metrics.counter("process_cpu_seconds_total", "Processor time spent, in user and system mode.",
                    cpu_seconds);
    metrics.gauge("process_resident_memory_bytes", "Resident memory.",
                  [] { return memory(Memory::resident); });
    metrics.gauge("process_virtual_memory_bytes", "Virtual memory.",
                  [] { return memory(Memory::all); });
    metrics.gauge("process_open_fds", "Open file descriptors.", open_descriptors);
    metrics.gauge("process_max_fds", "Most file descriptors that may be open.", most_descriptors);
    const auto since = std::chrono::duration<double>(started.time_since_epoch()).count();
    metrics.gauge("process_start_time_seconds", "When the process started.",
                  [since] { return since; });
}

}  // namespace oracode::metrics
