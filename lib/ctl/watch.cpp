// watch: every transition as it happens.
#include <map>
#include <ostream>
#include <thread>

#include <boost/json.hpp>

#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/event_stream.hpp"
#include "ctl/lock_names.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

// The daemon says every 15 s that it is still there.
constexpr auto longest_silence = std::chrono::seconds{45};
constexpr auto pause = std::chrono::seconds{2};

std::string padded(std::string text, std::size_t width) {
    const auto taken = columns(text);
    if (taken < width) text.append(width - taken, ' ');
    return text;
}

class Watcher {
public:
    Watcher(const Arguments& arguments, Session& session)
        : session_(session), api_(session.api()), locks_(session) {
        if (const auto limit = arguments.find("--limit")) left_ = std::stoul(*limit);
        if (const auto after = arguments.find("--after")) first_query_ = "?after=" + *after;
    }

    ExitCode run() {
        for (;;) {
            try {
                listen();
                if (over()) return ExitCode::success;
                note("the stream ended");
            } catch (const Failure& failure) {
                if (!connected_ || failure.exit != ExitCode::unavailable) throw;
                note(failure.what());
            }
            stream_.reset();
            std::this_thread::sleep_for(pause);
        }
    }

private:
    void listen() {
        std::vector<std::pair<std::string, std::string>> headers{{"Accept", "text/event-stream"}};
        if (!stream_.last_id().empty()) headers.emplace_back("Last-Event-ID", stream_.last_id());
        HttpAnswer refusal;
        const HttpReceiver receiver{
            [&](const HttpAnswer& head) {
                refusal = head;
                if (head.status == 200 && !connected_) note("watching; Ctrl-C ends it");
                if (head.status == 200 && lost_) note("connected again");
                lost_ = false;
                connected_ = connected_ || head.status == 200;
                return true;
            },
            [&](std::string_view piece) {
                if (refusal.status != 200)
                    refusal.body += piece;
                else
                    stream_.take(piece, [this](const StreamMessage& message) { show(message); });
                return !over();
            }};
        api_->stream("/v1/changes" + first_query_, std::move(headers), longest_silence, receiver);
        if (refusal.status != 200) api_->fail(refusal);
        lost_ = true;
    }

    void show(const StreamMessage& message) {
        if (over()) return;
        if (message.event == "gap") {
            if (session_.json())
                session_.out << R"({"gap":)" << message.data << "}\n" << std::flush;
            note("some changes are no longer kept: the history does not reach back so far");
            return;
        }
        if (session_.json())
            session_.out << message.data << '\n';
        else
            print(message.data);
        session_.out.flush();
        if (left_) --*left_;
    }

    void print(const std::string& data) {
        boost::system::error_code error;
        const auto value = json::parse(data, error);
        if (error || !value.is_object())
            throw Failure(ExitCode::protocol,
                          "a change is not a JSON object; is this oracoded's API?");
        const auto& change = value.get_object();
        const auto painted_status = [&](const char* name, std::size_t width) {
            auto text = printable(member_text(change, name));
            if (text.empty())
                text.push_back('-');  // g++ 12 misreads an assignment here (bug 105651)
            const auto hue = hue_of_status(text);
            return painted(padded(std::move(text), width), hue, session_.colour);
        };
        const auto id = member_text(change, "access_code_id");
        const auto device_id = member_text(change, "device_id");
        session_.out << padded(locks_.time(device_id, member_text(change, "at"), TimeForm::second),
                               20)
                     << "  " << padded(printable(shortened(guest(id), 16)), 16) << "  "
                     << padded(printable(lock_cell(locks_.name(device_id), device_id)), 14) << "  "
                     << painted_status("from", 8) << " -> " << painted_status("to", 8) << '\n'
                     << "  " << painted(printable(id), Hue::faint, session_.colour) << "  "
                     << printable(member_text(change, "source"))
                     << (member_true(change, "ready")
                             ? "  " + painted("ready", Hue::green, session_.colour)
                             : std::string())
                     << '\n';
    }

    // Asked for on another connection than the stream's. A name often comes after the first change,
    // and then stays.
    std::string guest(const std::string& id) {
        auto& name = guests_[id];
        if (!name.empty()) return name;
        try {
            if (!questions_) questions_ = session_.api();
            const auto answer = questions_->get("/v1/access_codes/" + net::percent_encode(id));
            if (answer.status == 200) name = member_text(parse_object(answer), "name");
        } catch (const Failure&) {
            questions_.reset();
        }
        return name;
    }

    void note(const std::string& text) {
        if (!session_.json()) session_.err << "oracodectl: " << printable(text) << '\n';
    }

    [[nodiscard]] bool over() const { return (left_ && *left_ == 0) || !session_.out.good(); }

    Session& session_;
    std::unique_ptr<DaemonClient> api_;
    std::unique_ptr<DaemonClient> questions_;
    LockNames locks_;
    std::map<std::string, std::string, std::less<>> guests_;  // the name, by the code's id
    std::string first_query_;
    std::optional<std::size_t> left_;
    EventStream stream_;
    bool connected_ = false;
    bool lost_ = false;
};

std::string check_number(const std::string& value) {
    const bool digits =
        !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    return digits ? "" : "'" + value + "' is not a number of a change";
}

ExitCode run_watch(const Arguments& arguments, Session& session) {
    return Watcher(arguments, session).run();
}

}  // namespace

Command watch_command() {
    return {.name = "watch",
            .help = "Show every change of a status as it happens; with --json one object a line",
            .example = "oracodectl watch --json",
            .options = {{.name = "--after",
                         .value = "N",
                         .help = "begin behind change N; 0 for all that is kept (default: now)",
                         .check = check_number},
                        {.name = "--limit",
                         .value = "N",
                         .help = "end after so many changes (default: go on until Ctrl-C)",
                         .check = check_count}},
            .run = run_watch};
}

}  // namespace oracode::ctl
