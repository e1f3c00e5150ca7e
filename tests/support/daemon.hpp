// The real oracoded, run by a test in a folder of its own: plain listeners on free ports unless
// told otherwise.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctl/http_client.hpp"
#include "support/process.hpp"

namespace oracode::test {

inline constexpr const char* daemon_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class Daemon {
public:
    struct Options {
        std::string webhook;   // more lines of the section
        std::string api{};     // likewise
        std::string store{};   // likewise
        std::string sections;  // more sections
        std::string log_format = "text";
        bool tls = false;
        std::map<std::string, std::string> environment{};
        std::vector<int> descriptors{};  // passed as systemd does it: LISTEN_FDS, LISTEN_PID
        std::string program{};           // empty: the one under test
        bool failing_disk = false;       // break_disk can be called
        // Without listen, secrets, certificate: the environment has them.
        bool bare = false;
    };

    explicit Daemon(Options options);
    Daemon() : Daemon(Options{}) {}

    // Another self-signed pair into the files that it serves with.
    void put_certificate(std::chrono::hours lifetime) const;

    // Starts it and waits until it serves. Throws with its output when it does not.
    void start();
    // Starts it and returns: what is done to it next may come before it serves.
    void launch();
    // The program of the next start, in place of the one of the options.
    void use(std::string program) { options_.program = std::move(program); }
    // Its disk fails from now on, as tests/support/preload/failing_disk.cpp says: "sync" once,
    // "write" or "read" until it is mended.
    void break_disk(const std::string& what) const;
    void mend_disk(const std::string& what) const;

    // SIGTERM; its exit code.
    int stop();
    // SIGKILL.
    void kill();

    [[nodiscard]] Process& process() { return *process_; }
    // All it has logged, of every run.
    [[nodiscard]] std::string log() const { return contents(folder_ / "log"); }
    [[nodiscard]] std::string log_of_this_run() const;
    [[nodiscard]] std::string database() const { return (folder_ / "oracoded.db").string(); }
    [[nodiscard]] std::string config() const { return (folder_ / "oracoded.toml").string(); }
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
    [[nodiscard]] unsigned short webhook_port() const { return webhook_port_; }
    [[nodiscard]] unsigned short api_port() const { return api_port_; }

    // A client of the one listener or the other; each thread takes its own.
    [[nodiscard]] std::unique_ptr<ctl::HttpClient> webhook_client() const;
    [[nodiscard]] std::unique_ptr<ctl::HttpClient> api_client() const;

    // Delivers `body`, signed, and returns the answer's status.
    unsigned deliver(const std::string& body);
    ctl::HttpAnswer get(const std::string& target);

private:
    [[nodiscard]] unsigned short logged_port(const std::string& listener) const;

    TemporaryFolder folder_;
    Options options_;
    bool tls_;
    std::optional<Process> process_;
    std::uintmax_t log_seen_ = 0;  // bytes of the runs before
    unsigned short webhook_port_ = 0;
    unsigned short api_port_ = 0;
};

// A delivery of `body` as Svix sends it, signed now.
[[nodiscard]] ctl::HttpRequest signed_delivery(const std::string& body);
[[nodiscard]] ctl::HttpRequest signed_delivery(const std::string& body,
                                               const std::string& message_id,
                                               std::int64_t timestamp);

// Its bytes, head and body, for a client that takes bytes.
[[nodiscard]] std::string as_text(const ctl::HttpRequest& request);

// The JSON of an event of `type` ("access_code.set_on_device") about `access_code_id`.
struct EventText {
    std::string type;
    std::string access_code_id;
    std::string event_id;
    std::string occurred_at = "2026-03-02T15:00:00.000Z";
    std::string more{};  // further members: `"code":"1234",`
};
[[nodiscard]] std::string event_json(const EventText& event);

}  // namespace oracode::test
