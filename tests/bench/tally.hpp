// What a measurement saw: answers by status, latencies, CPU time of those who took part. One
// thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace oracode::bench {

using Moment = std::chrono::steady_clock::time_point;

// The latency below which `share` of the sorted values lie.
inline std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

struct Cpu {
    double user_s = 0;
    double system_s = 0;
};

struct ThreadCpu {
    std::string name;
    Cpu cpu;
};

// CPU time by thread of a running process, and what it made the disk write.
struct ProcessUse {
    std::map<std::string, ThreadCpu> threads;  // by thread id
    std::uint64_t disk_bytes = 0;

    // A process that cannot be read (it ended, or is not ours) used nothing.
    static ProcessUse of(long pid) {
        ProcessUse use;
        const std::string folder = fmt::format("/proc/{}/task", pid);
        if (DIR* tasks = opendir(folder.c_str())) {
            while (const dirent* entry = readdir(tasks))
                if (entry->d_name[0] != '.') use.add_thread(folder, entry->d_name);
            closedir(tasks);
        }
        std::ifstream io{fmt::format("/proc/{}/io", pid)};
        for (std::string key; io >> key;)
            if (key == "write_bytes:") io >> use.disk_bytes;
        return use;
    }

private:
    void add_thread(const std::string& folder, const std::string& id) {
        std::ifstream file{folder + "/" + id + "/stat"};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto open = text.find('(');
        const auto close = text.rfind(')');
        if (close == std::string::npos) return;
        unsigned long long user = 0;
        unsigned long long system = 0;
        // proc(5): after the name come state and ten fields, then utime and stime in clock ticks.
        if (std::sscanf(text.c_str() + close + 1,
                        " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu", &user,
                        &system) != 2)
            return;
        const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
        const Cpu cpu{static_cast<double>(user) / tick, static_cast<double>(system) / tick};
        threads[id] = ThreadCpu{text.substr(open + 1, close - open - 1), cpu};
    }
};

inline Cpu own_cpu() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    const auto seconds = [](const timeval& value) {
        return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
    };
    return {seconds(use.ru_utime), seconds(use.ru_stime)};
}

// Seconds of CPU time spent on the whole machine since it was started.
inline double machine_cpu_s() {
    std::ifstream file{"/proc/stat"};
    std::string cpu;
    // proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
    std::array<double, 8> ticks{};
    file >> cpu;
    for (double& value : ticks) file >> value;
    const double busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
    return busy / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Tally {
public:
    explicit Tally(std::vector<long> watched) : watched_(std::move(watched)) {
        samples_.reserve(1 << 20);
    }

    // The measured window begins: what was answered before counts, but is not timed.
    void open_window(Moment now) {
        begin_ = end_ = now;
        open_ = true;
        own_begin_ = own_cpu();
        machine_begin_s_ = machine_cpu_s();
        for (const long pid : watched_) use_begin_.push_back(ProcessUse::of(pid));
    }
    void close_window(Moment now) {
        end_ = now;
        open_ = false;
        own_end_ = own_cpu();
        machine_end_s_ = machine_cpu_s();
        for (const long pid : watched_) use_end_.push_back(ProcessUse::of(pid));
    }
    [[nodiscard]] bool window_open() const { return open_; }

    void answered(int status, std::size_t bytes, Moment sent, Moment now) {
        ++by_status_[static_cast<std::size_t>(status) % by_status_.size()];
        bytes_ += bytes;
        if (!open_) return;
        using std::chrono::duration_cast;
        samples_.push_back({static_cast<std::uint32_t>(
                                duration_cast<std::chrono::milliseconds>(now - begin_).count()),
                            static_cast<std::uint32_t>(
                                duration_cast<std::chrono::microseconds>(now - sent).count())});
    }
    // An open loop's request went out, which it could have done at `could`: the rest is what the
    // generator itself adds.
    void sent(Moment could, Moment now) {
        if (!open_) return;
        using std::chrono::duration_cast;
        sent_late_us_.push_back(static_cast<std::uint32_t>(
            duration_cast<std::chrono::microseconds>(now - could).count()));
    }
    // An open loop's request that no connection was free for, long after it was due.
    void not_sent() { ++not_sent_; }
    // A request that got no answer that could be understood.
    void failed(const std::string& why) {
        ++failures_[why];
        ++failed_;
    }
    void reconnected() { ++reconnects_; }

    [[nodiscard]] std::uint64_t failed() const { return failed_; }
    [[nodiscard]] std::uint64_t not_sent_count() const { return not_sent_; }
    [[nodiscard]] std::uint64_t answers(int status) const {
        return by_status_[static_cast<std::size_t>(status)];
    }
    [[nodiscard]] std::uint64_t answers() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : by_status_) sum += count;
        return sum;
    }
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(end_ - begin_).count();
    }
    [[nodiscard]] double rate() const {
        return seconds() > 0 ? static_cast<double>(samples_.size()) / seconds() : 0;
    }

    // The members of a JSON object, without its braces.
    [[nodiscard]] std::string json() const {
        std::vector<std::uint32_t> sorted;
        sorted.reserve(samples_.size());
        for (const Sample& sample : samples_) sorted.push_back(sample.latency_us);
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::uint32_t> late = sent_late_us_;
        std::sort(late.begin(), late.end());
        const auto worst = std::max_element(
            samples_.begin(), samples_.end(),
            [](const Sample& a, const Sample& b) { return a.latency_us < b.latency_us; });
        const std::uint64_t all = answers();
        return fmt::format(
            R"("seconds":{:.3f},"timed":{},"rate":{:.1f},"p50_us":{},"p99_us":{},"p999_us":{},)"
            R"("max_us":{},"max_at_s":{:.3f},"answers":{},"answer_bytes":{:.1f},"reconnects":{},)"
            R"("failures":{},"not_sent":{},"sent_late_p50_us":{},"sent_late_p99_us":{},)"
            R"("generator":{},"machine_cpu_s":{:.3f},"servers":[{}],"by_second":[{}])",
            seconds(), samples_.size(), rate(), percentile(sorted, 0.5), percentile(sorted, 0.99),
            percentile(sorted, 0.999), sorted.empty() ? 0 : sorted.back(),
            worst == samples_.end() ? 0 : worst->at_ms / 1e3, statuses_json(),
            all ? static_cast<double>(bytes_) / static_cast<double>(all) : 0, reconnects_,
            failures_json(), not_sent_, percentile(late, 0.5), percentile(late, 0.99),
            cpu_json("load", own_begin_, own_end_), machine_end_s_ - machine_begin_s_,
            servers_json(), by_second_json());
    }

private:
    struct Sample {
        std::uint32_t at_ms;  // since the window opened
        std::uint32_t latency_us;
    };

    static std::string cpu_json(std::string_view name, const Cpu& from, const Cpu& to) {
        return fmt::format(R"({{"name":"{}","user_s":{:.3f},"system_s":{:.3f}}})", name,
                           to.user_s - from.user_s, to.system_s - from.system_s);
    }

    [[nodiscard]] std::string statuses_json() const {
        std::string text;
        for (std::size_t status = 0; status < by_status_.size(); ++status)
            if (by_status_[status] != 0)
                text += fmt::format(R"({}"{}":{})", text.empty() ? "" : ",", status,
                                    by_status_[status]);
        return "{" + text + "}";
    }

    [[nodiscard]] std::string failures_json() const {
        std::string text;
        for (const auto& [why, count] : failures_)
            text += fmt::format(R"({}"{}":{})", text.empty() ? "" : ",", why, count);
        return "{" + text + "}";
    }

    [[nodiscard]] std::string servers_json() const {
        std::string text;
        for (std::size_t i = 0; i < use_end_.size(); ++i) {
            std::string threads;
            for (const auto& [id, thread] : use_end_[i].threads) {
                const auto before = use_begin_[i].threads.find(id);
                const Cpu from = before == use_begin_[i].threads.end() ? Cpu{} : before->second.cpu;
                threads += (threads.empty() ? "" : ",") + cpu_json(thread.name, from, thread.cpu);
            }
            text += fmt::format(R"({}{{"pid":{},"disk_bytes":{},"threads":[{}]}})",
                                text.empty() ? "" : ",", watched_[i],
                                use_end_[i].disk_bytes - use_begin_[i].disk_bytes, threads);
        }
        return text;
    }

    // One entry a second: a stall of the server is a second with a high maximum.
    [[nodiscard]] std::string by_second_json() const {
        std::map<std::uint32_t, std::vector<std::uint32_t>> seconds_of;
        for (const Sample& sample : samples_)
            seconds_of[sample.at_ms / 1000].push_back(sample.latency_us);
        std::string text;
        for (auto& [second, latencies] : seconds_of) {
            std::sort(latencies.begin(), latencies.end());
            text += fmt::format(
                R"({}{{"second":{},"answered":{},"p50_us":{},"p999_us":{},"max_us":{}}})",
                text.empty() ? "" : ",", second, latencies.size(), percentile(latencies, 0.5),
                percentile(latencies, 0.999), latencies.back());
        }
        return text;
    }

    std::vector<long> watched_;
    std::vector<ProcessUse> use_begin_;
    std::vector<ProcessUse> use_end_;
    Cpu own_begin_;
    Cpu own_end_;
    double machine_begin_s_ = 0;
    double machine_end_s_ = 0;
    Moment begin_;
    Moment end_;
    bool open_ = false;
    std::vector<Sample> samples_;
    std::vector<std::uint32_t> sent_late_us_;
    std::vector<std::uint64_t> by_status_ = std::vector<std::uint64_t>(1000);
    std::map<std::string, std::uint64_t> failures_;
    std::uint64_t failed_ = 0;
    std::uint64_t not_sent_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t reconnects_ = 0;
};

}  // namespace oracode::bench
