// What the memory of the real program comes to while clients send halves, and afterwards.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

std::size_t resident_kib(pid_t process) {
    std::size_t size = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/" + std::to_string(process) + "/statm") >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

// 2,000 half-sent bodies took 0.1.0 from 16 to 595 MB, and there it stayed.
TEST(MemoryOfDaemon, IsBoundedAndGivenBackWhenTheBodiesAreGone) {
    Daemon::Options options;
    options.program = oracoded_without_sanitizer();
    options.webhook = "max_connections_per_address = 4096\n";
    if (options.program.empty()) GTEST_SKIP() << "the sanitizers keep what was freed";
    Daemon daemon(options);
    daemon.start();
    const auto used = [&] { return resident_kib(daemon.process().pid()); };
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", "event1"})), 204U);
    const auto before = used();
    // What is allocated last stays, so that the allocator gives nothing back of its own accord.
    std::vector<HttpClient> last;
    {
        std::vector<HttpClient> halves;
        for (int i = 0; i < 800; ++i) {
            halves.push_back(HttpClient::tcp(daemon.webhook_port()));
            halves.back()
                .send("POST /webhooks/seam HTTP/1.1\r\nHost: a\r\nContent-Length: 250000\r\n\r\n")
                .send(std::string(30'000, 'x'));
        }
        EXPECT_TRUE(eventually([&] { return used() > before + 20'000; }));
        EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code2", "event2"})), 204U);
        EXPECT_LT(used(), before + 110'000);
        last.assign(std::make_move_iterator(halves.end() - 8),
                    std::make_move_iterator(halves.end()));
    }
    EXPECT_TRUE(eventually([&] { return used() < before + 8'000; }))
        << before << " KiB became " << used();
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
