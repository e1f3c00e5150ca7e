// wait: until a code has the status that is needed.
#include <algorithm>
#include <ostream>
#include <thread>

#include <boost/json.hpp>

#include "core/text.hpp"
#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "lifecycle/access_code.hpp"
#include "net/url.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

// In one request: often enough that the terminal shows what has happened meanwhile.
constexpr auto longest_request = std::chrono::seconds{20};
constexpr auto pause_after_failure = std::chrono::seconds{1};

std::vector<std::string> words_of(std::string_view list) {
    const auto parts = parts_of(list, ",");
    std::vector<std::string> words(parts.begin(), parts.end());
    if (words.back().empty()) words.pop_back();  // behind a last comma
    return words;
}

std::string check_wanted(const std::string& value) {
    const auto words = words_of(value);
    for (const auto& word : words) {
        if (word != "ended" && !lifecycle::parse_status(word))
            return "'" + word + "' is none of unset, setting, set, removing, unknown, ended";
    }
    return words.empty() ? "say what to wait for" : "";
}

// Shows people what they wait for, whenever it changes.
class Progress {
public:
    Progress(const Arguments& arguments, Session& session)
        : id_(arguments.text("ID")),
          wanted_(arguments.text("--for")),
          session_(session),
          locks_(session) {}

    void show(const json::object& code) {
        auto text = id_ + " is " + member_text(code, "status") + " since " +
                    locks_.time(member_text(code, "device_id"), member_text(code, "status_since"),
                                TimeForm::full);
        const auto note = remark(code);
        if (!note.text.empty()) text += " (" + note.text + ")";
        say(text + "; waiting for " + wanted_);
    }
    void show(const Failure& failure) { say(std::string(failure.what()) + "; trying again"); }

private:
    void say(const std::string& text) {
        if (session_.json() || text == said_) return;
        session_.err << printable(text) << '\n' << std::flush;
        said_ = text;
    }

    std::string id_;
    std::string wanted_;
    std::string said_;
    Session& session_;
    LockNames locks_;
};

class Waiter {
public:
    Waiter(const Arguments& arguments, Session& session)
        : wanted_(words_of(arguments.text("--for"))),
          until_(steady_clock::now() +
                 parse_duration(arguments.text_or("--timeout", "5m")).value()),
          path_(code_path(arguments)),
          api_(session.api(longest_request + std::chrono::seconds{10})),
          progress_(arguments, session),
          session_(session) {}

    ExitCode run() {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::seconds>(until_ - steady_clock::now());
            const auto most = seen_ ? in_one_request() : std::chrono::seconds{0};
            const auto seconds = std::clamp(left, std::chrono::seconds{0}, most).count();
            try {
                if (const auto exit = ask(seconds)) return *exit;
            } catch (const Failure& failure) {
                if (failure.exit != ExitCode::unavailable) throw;
                if (steady_clock::now() >= until_) throw;
                progress_.show(failure);
                std::this_thread::sleep_until(
                    std::min(steady_clock::now() + pause_after_failure, until_));
            }
        }
    }

private:
    // Within the time that the global options give an answer.
    [[nodiscard]] std::chrono::seconds in_one_request() const {
        if (!session_.global.has("--timeout")) return longest_request;
        const auto half = std::chrono::floor<std::chrono::seconds>(session_.timeout() / 2);
        return std::clamp(half, std::chrono::seconds{0}, longest_request);
    }
    // How it ended, or nothing while it goes on.
    std::optional<ExitCode> ask(std::int64_t seconds) {
        // A code that has ended without it will hardly ever get there.
        std::string query = "?wait_for=ended";
        for (const auto& word : wanted_) query += "," + word;
        const auto answer = api_->fetch(path_ + query + "&wait=" + std::to_string(seconds));
        const auto code = parse_object(answer);
        const auto* end = code.if_contains("ended");
        const bool ended = end != nullptr && !end->is_null();
        const auto status = member_text(code, "status");
        const bool reached = std::ranges::any_of(wanted_, [&](const auto& word) {
            return word == status || (word == "ended" && ended);
        });
        if (reached) {
            print_code(answer, session_);
            return ExitCode::success;
        }
        if (ended) return stop(answer, ExitCode::negative, "it has ended, " + remark(code).text);
        progress_.show(code);
        seen_ = true;
        if (steady_clock::now() < until_) return std::nullopt;
        return stop(answer, ExitCode::timed_out, "not reached in time: it is " + status);
    }

    ExitCode stop(const HttpAnswer& answer, ExitCode exit, const std::string& why) {
        if (session_.json()) session_.out << answer.body << '\n';
        session_.err << "oracodectl: " << printable(why) << '\n';
        return exit;
    }

    std::vector<std::string> wanted_;
    steady_clock::time_point until_;
    std::string path_;
    std::unique_ptr<DaemonClient> api_;
    Progress progress_;
    Session& session_;
    bool seen_ = false;  // people see what they wait for before the first long request
};

ExitCode run_wait(const Arguments& arguments, Session& session) {
    return Waiter(arguments, session).run();
}

}  // namespace

Command wait_command() {
    return {
        .name = "wait",
        .help =
            "Wait until an access code has a status; exit code 75 when it has not in time, "
            "1 when it ended otherwise",
        .example = "oracodectl wait 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10 --for set --timeout 5m",
        .options = {access_code_id(),
                    {.name = "--for",
                     .value = "STATUS[,STATUS...]",
                     .help = "unset, setting, set, removing, unknown or ended",
                     .required = true,
                     .check = check_wanted,
                     .words = "unset|setting|set|removing|unknown|ended",
                     .list = true},
                    {.name = "--timeout",
                     .value = "DURATION",
                     .help = "how long to wait (default 5m)",
                     .check = check_duration}},
        .run = run_wait};
}

}  // namespace oracode::ctl
