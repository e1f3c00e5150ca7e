// The built binary, as a shell runs it, against a server that answers as oracoded's API does.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/version.hpp"
#include "ctl/table.hpp"
#include "tests/ctl/oracodectl_fixture.hpp"
#include "webhook/signature.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr const char* code_text =
    R"({"access_code_id":"code-1","device_id":"lock-1","name":"Gast","status":"set",)"
    R"("status_since":"2026-03-02T15:00:07.000Z","status_source":"webhook","ready":true,"overdue":false,)"
    R"("starts_at":"2026-03-05T15:00:00.000Z","ends_at":"2026-03-08T03:00:00.000Z","ended":null,)"
    R"("errors":[],"warnings":[{"warning_code":"slow","message":"It took long."}],"pending_mutations":[],)"
    R"("created_at":null,"updated_at":"2026-03-02T15:00:07.100Z","version":3})";

constexpr const char* locks_text =
    R"({"devices":[{"device_id":"lock-1","name":"Suite 1","iana_timezone":"America/Los_Angeles"}],)"
    R"("next_cursor":null})";

// The locks, and to every other question `body`.
ScriptedServer::Handler with_locks(std::string body, std::vector<std::string>* targets = nullptr) {
    return [body = std::move(body), targets](const Seen& request) {
        if (targets != nullptr) targets->push_back(request.target);
        const bool locks = request.target.starts_with("/v1/devices?");
        return Scripted{.body = locks ? locks_text : body};
    };
}

std::string this_year() {
    return format_rfc3339(
               std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()))
        .substr(0, 4);
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns(line));
    return widest;
}

class Oracodectl : public OracodectlTest {};

TEST_F(Oracodectl, AnswersHelpAndVersion) {
    const auto help = run("--help");
    EXPECT_EQ(help.exit, 0);
    for (const auto* command : {"status", "list", "show", "history", "simulate"})
        EXPECT_HAS(help.out, command);
    EXPECT_EQ(run("simulate --help").exit, 0);
    const auto answer = run("--version");
    EXPECT_EQ(answer.exit, 0);
    EXPECT_EQ(answer.out, "oracodectl " + std::string(version()) + "\n");
}

TEST_F(Oracodectl, HelpOfEachCommandHasAnExampleOfItsOwnOptions) {
    const auto completion = run("completion fish").out;
    std::istringstream lines(completion);
    std::size_t commands = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find("__fish_use_subcommand -a ");
        if (at == std::string::npos) continue;
        ++commands;
        const auto name = line.substr(at + 25, line.find(' ', at + 25) - at - 25);
        const auto help = run(name + " --help").out;
        const auto example = help.find("Example:\n  oracodectl " + name);
        ASSERT_NE(example, std::string::npos) << help;
        std::istringstream words(help.substr(example));
        for (std::string word; words >> word;) {
            if (!word.starts_with("--") || word == "--json") continue;
            EXPECT_NE(help.substr(0, example).find("  " + word), std::string::npos) << help;
        }
    }
    EXPECT_GT(commands, 15U);
}

TEST_F(Oracodectl, HelpTellsDefaultsAndUnits) {
    EXPECT_HAS(run("--help").out, "300ms, 30s, 5m, 2h (default 10s)");
    EXPECT_HAS(run("arrivals --help").out, "(default 24h)");
    EXPECT_HAS(run("watch --help").out, "(default: go on until Ctrl-C)");
    EXPECT_HAS(run("backup --help").out, "(default: one file, nothing is removed)");
}

TEST_F(Oracodectl, RefusesWhatItDoesNotUnderstand) {
    for (const auto* arguments :
         {"", "frobnicate", "show", "show a b", "list --limit 0", "list --limit x",
          "list --limit -1", "list --color", "--api ftp://host status", "--api nonsense status",
          "--timeout 5 status", "simulate", "simulate --url https://localhost",
          "simulate --url nonsense --secret-file x",
          "simulate --url https://localhost --secret-file x --events set",
          "simulate --url https://localhost --secret-file x --events created,",
          "simulate --url https://localhost --secret-file x --interval soon"}) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.exit, 64) << arguments;
        EXPECT_EQ(outcome.out, "") << arguments;
        EXPECT_NE(outcome.err, "") << arguments;
    }
}

TEST_F(Oracodectl, SaysThatTheDaemonCannotBeReached) {
    for (const auto* command : {"status", "list", "show a", "history a"}) {
        const auto outcome = run(std::string("--api http://127.0.0.1:1 ") + command);
        EXPECT_EQ(outcome.exit, 69) << command;
        EXPECT_HAS(outcome.err, "http://127.0.0.1:1");
        EXPECT_HAS(outcome.err, "is oracoded running");
        EXPECT_EQ(outcome.out, "");
    }
}

TEST_F(Oracodectl, ShowsACodeToPeople) {
    std::vector<std::string> targets;
    ScriptedServer server(with_locks(code_text, &targets));
    const auto outcome = run("--api " + server.url() + " show 'code/1'");
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(targets.at(0), "/v1/access_codes/code%2F1");
    EXPECT_EQ(outcome.out,
              "Access code  code-1\n"
              "Name         Gast\n"
              "Lock         Suite 1\n"
              "Device       lock-1\n"
              "Status       set\n"
              "Since        2026-03-02 07:00:07 -08:00 (webhook)\n"
              "Ready        yes\n"
              "Window       2026-03-05 07:00:00 -08:00 to 2026-03-07 19:00:00 -08:00\n"
              "Warnings     slow: It took long.\n"
              "Created      -\n"
              "Updated      2026-03-02 07:00:07 -08:00 (version 3)\n");
    const auto utc = run("--api " + server.url() + " show 'code/1' --utc");
    EXPECT_HAS(utc.out, "Window       2026-03-05 15:00:00 UTC to 2026-03-08 03:00:00 UTC\n");
}

TEST_F(Oracodectl, GivesProgramsTheJsonAsItCame) {
    std::string target;
    ScriptedServer server([&](const Seen& request) {
        target = request.target;
        return Scripted{.body = code_text};
    });
    const auto outcome = run("show code-1 --include-code --json", "ORACODECTL_API=" + server.url());
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(outcome.out, std::string(code_text) + "\n");
    EXPECT_EQ(target, "/v1/access_codes/code-1?include=code");
}

TEST_F(Oracodectl, TurnsRefusalsIntoExitCodesAndTheDaemonsWords) {
    const std::pair<unsigned, int> rows[] = {{400, 64}, {401, 77}, {403, 77}, {404, 1},
                                             {429, 69}, {500, 69}, {503, 69}, {302, 76}};
    for (const auto& [status, code] : rows) {
        ScriptedServer server([status = status](const Seen&) {
            return Scripted{.status = status,
                            .body = R"({"title":"No","detail":"because of this"})"};
        });
        const auto outcome = run("--api " + server.url() + " show code-1");
        EXPECT_EQ(outcome.exit, code) << status;
        EXPECT_HAS(outcome.err, "because of this");
        EXPECT_EQ(outcome.out, "");
    }
}

TEST_F(Oracodectl, DoesNotTakeJustAnyAnswerForOracodeds) {
    for (const auto* body : {"<html>", "", "[]", "null"}) {
        ScriptedServer server([body](const Seen&) { return Scripted{.body = body}; });
        EXPECT_EQ(run("--api " + server.url() + " show code-1").exit, 76) << body;
    }
}

TEST_F(Oracodectl, ShowsItsToken) {
    std::string authorization;
    ScriptedServer server([&](const Seen& request) {
        authorization = request.headers.contains("authorization")
                            ? request.headers.at("authorization")
                            : "none";
        return Scripted{.body = code_text};
    });
    EXPECT_EQ(run("--api " + server.url() + " show code-1").exit, 0);
    EXPECT_EQ(authorization, "none");
    const auto token = file_with("token", "# for the front desk\n  sesame  \n");
    EXPECT_EQ(run("--api " + server.url() + " --token-file " + token + " show code-1").exit, 0);
    EXPECT_EQ(authorization, "Bearer sesame");
    EXPECT_EQ(run("--api " + server.url() + " show code-1", "ORACODECTL_TOKEN=open").exit, 0);
    EXPECT_EQ(authorization, "Bearer open");
    EXPECT_EQ(run("--token-file /nowhere/token status").exit, 66);
    EXPECT_EQ(run("--token-file /tmp status").exit, 66);
    EXPECT_EQ(run("--token-file " + file_with("empty", "\n") + " status").exit, 65);
}

TEST_F(Oracodectl, FindsTheTokenThatIsInstalledHere) {
    std::string authorization;
    ScriptedServer server([&](const Seen& request) {
        const auto sent = request.headers.find("authorization");
        authorization = sent == request.headers.end() ? "none" : sent->second;
        return Scripted{.body = code_text};
    });
    const auto shown = [&](const std::string& environment) {
        EXPECT_EQ(run("--api " + server.url() + " show code-1", environment).exit, 0);
        return authorization;
    };
    const auto tokens = file_with("tokens", "# team\nwall:first-token:read\ndesk:second-token\n");
    EXPECT_EQ(shown("ORACODED_API_TOKENS_FILE=" + tokens), "Bearer second-token")
        << "the first that may write";
    EXPECT_EQ(shown("ORACODED_API_TOKENS=wall:only-token:read"), "Bearer only-token");
    const auto config = file_with("oracoded.toml", "[api]\ntokens_file = \"tokens\"\n");
    EXPECT_EQ(shown("ORACODECTL_CONFIG=" + config), "Bearer second-token");
    const auto inline_config =
        file_with("inline.toml", "[api]\ntokens = [\"a:in-the-file:read\"]\n");
    EXPECT_EQ(shown("ORACODECTL_CONFIG=" + inline_config), "Bearer in-the-file");
    EXPECT_EQ(shown("ORACODECTL_CONFIG=/nowhere"), "none");
}

TEST_F(Oracodectl, ShowsFiguresAsPeopleWriteThem) {
    ScriptedServer server([](const Seen&) {
        return Scripted{
            .body =
                R"({"status":"ready","checks":{"disk":{"ok":true,"age_s":12,"free_bytes":81604378624},)"
                R"("certificate":{"ok":true,"age_s":1.2226E1,"expires_in_s":2505600}}})"};
    });
    const auto status = run("--api " + server.url() + " status");
    EXPECT_EQ(status.exit, 0) << status.err;
    EXPECT_HAS(status.out, "76 GiB free");
    EXPECT_HAS(status.out, "expires in 29 days");
    EXPECT_EQ(status.out.find("E1"), std::string::npos) << status.out;
}

TEST_F(Oracodectl, AsksWhereTheConfigurationSaysThatTheApiIs) {
    ScriptedServer server([](const Seen&) { return Scripted{.body = code_text}; });
    const auto configured = [&](const std::string& listen) {
        return "ORACODECTL_CONFIG=" +
               file_with("oracoded.toml", "[api]\nlisten = \"" + listen + "\"\n");
    };
    const auto address = server.url().substr(server.url().find("//") + 2);
    EXPECT_EQ(run("show code-1", configured(address)).exit, 0);
    const auto outcome = run("--api http://127.0.0.1:1 show code-1", configured(address));
    EXPECT_EQ(outcome.exit, 69) << "what is said goes before what is installed";
    EXPECT_HAS(run("show code-1", configured("0.0.0.0:1")).err, "http://127.0.0.1:8080");
    EXPECT_HAS(run("show code-1", configured("unix:api.sock")).err, "unix:" + file("api.sock"));
}

TEST_F(Oracodectl, ListsPageAfterPageUpToItsLimit) {
    std::vector<std::string> targets;
    ScriptedServer server([&](const Seen& request) {
        if (request.target.starts_with("/v1/devices?")) return Scripted{.body = locks_text};
        targets.push_back(request.target);
        const bool second = request.target.find("cursor=n%2F1") != std::string::npos;
        return Scripted{.body = std::string(R"({"access_codes":[)") + code_text + "," + code_text +
                                R"(],"next_cursor":)" + (second ? "\"n/2\"" : "\"n/1\"") + "}"};
    });
    const auto outcome =
        run("--api " + server.url() + " list --status set,setting --device 'lock 1' --limit 4");
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(
        targets,
        (std::vector<std::string>{
            "/v1/access_codes?limit=4&status=set%2Csetting&device_id=lock%201",
            "/v1/access_codes?limit=2&status=set%2Csetting&device_id=lock%201&cursor=n%2F1"}));
    // Of another year than this one the year is shown, and not the time.
    const std::string row =
        "Gast   Suite 1  2026-03-05  2026-03-07  set     ready\n"
        "  code-1\n";
    if (this_year() != "2026") {
        EXPECT_EQ(outcome.out,
                  "GUEST  LOCK     STARTS      ENDS        STATUS  NOTE\n" + row + row + row + row);
    }
    EXPECT_HAS(outcome.out, "\n  code-1\n");
    EXPECT_HAS(outcome.err, "--cursor n/2");

    const auto merged = json::parse(run("--json --api " + server.url() + " list --limit 4").out);
    EXPECT_EQ(merged.at("access_codes").as_array().size(), 4U);
    EXPECT_EQ(merged.at("next_cursor"), "n/2");
}

TEST_F(Oracodectl, TablesFitTheScreenAndShowTheLocksTime) {
    const auto year = this_year();
    json::object code = json::parse(code_text).as_object();
    code["access_code_id"] = "5f0c1a52-8f0e-4f6e-9a41-0c2f5d7e9b10";
    code["name"] = "Maximiliane Sch\xC3\xB6nfelder-Habsburg";
    code["starts_at"] = year + "-07-05T15:00:00.000Z";
    code["ends_at"] = year + "-07-08T19:00:00.000Z";
    code["overdue"] = true;
    const json::object list{{"access_codes", {code}}, {"next_cursor", nullptr}};
    ScriptedServer server(with_locks(json::serialize(list)));
    const auto local = run("--api " + server.url() + " list");
    EXPECT_LE(widest_line(local.out), 80U) << local.out;
    EXPECT_HAS(local.out, "07-05 08:00  07-08 12:00  set     overdue");
    EXPECT_HAS(local.out, "\n  5f0c1a52-8f0e-4f6e-9a41-0c2f5d7e9b10\n");
    EXPECT_HAS(run("--api " + server.url() + " list --utc").out, "07-05 15:00Z  07-08 19:00Z");
}

TEST_F(Oracodectl, ListTakesWordsAndReferences) {
    std::vector<std::string> targets;
    ScriptedServer server(with_locks(R"({"access_codes":[],"next_cursor":null})", &targets));
    EXPECT_EQ(run("--api " + server.url() + " list --search 'ada suite' --external-id R-7").exit,
              0);
    EXPECT_EQ(targets.at(0), "/v1/access_codes?limit=100&external_id=R-7&search=ada%20suite");
}

TEST_F(Oracodectl, SaysSoWhereThereAreNoCodes) {
    ScriptedServer server(
        [](const Seen&) { return Scripted{.body = R"({"access_codes":[],"next_cursor":null})"}; });
    const auto outcome = run("--api " + server.url() + " list");
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_HAS(outcome.err, "no access codes");
    EXPECT_EQ(run("--api " + server.url() + " list --json").out,
              "{\"access_codes\":[],\"next_cursor\":null}\n");
}

TEST_F(Oracodectl, TellsACodesHistory) {
    std::vector<std::string> targets;
    ScriptedServer server([&](const Seen& request) {
        targets.push_back(request.target);
        if (request.target.starts_with("/v1/devices?")) return Scripted{.body = locks_text};
        if (!request.target.ends_with("/history")) return Scripted{.body = code_text};
        return Scripted{.body = R"({"access_code_id":"code-1","transitions":[
            {"from":null,"to":"unset","at":"2026-03-02T15:00:00.000Z","recorded_at":"2026-03-02T15:00:01.000Z",
             "source":"webhook","event_id":"e1","event_type":"access_code.created"},
            {"from":"unset","to":"set","at":"2026-03-02T15:00:07.000Z","recorded_at":"2026-03-02T15:00:08.000Z",
             "source":"poll","event_id":null,"event_type":null}],
            "events":[{"event_id":"e1","event_type":"access_code.created","occurred_at":"2026-03-02T15:00:00.000Z",
             "source":"webhook"}]})"};
    });
    const std::string steps =
        "AT                   FROM   TO     SOURCE   EVENT\n"
        "2026-03-02 07:00:00  -      unset  webhook  created\n"
        "2026-03-02 07:00:07  unset  set    poll     -\n";
    EXPECT_EQ(run("--api " + server.url() + " history code-1").out, steps);
    EXPECT_EQ(targets.at(0), "/v1/access_codes/code-1/history");
    EXPECT_EQ(run("--api " + server.url() + " history code-1 --events").out,
              steps +
                  "\nOCCURRED             SOURCE   EVENT\n"
                  "2026-03-02 07:00:00  webhook  created\n"
                  "  e1\n");
    EXPECT_HAS(run("--api " + server.url() + " history code-1 --utc").out,
               "2026-03-02 15:00:07Z  unset");
}

TEST_F(Oracodectl, StatusTellsEachCheckAndExitsByReadiness) {
    ScriptedServer ready([](const Seen& request) {
        return request.target == "/readyz"
                   ? Scripted{.body =
                                  R"({"status":"ready","checks":{"store":{"ok":true,"age_ms":12}}})"}
                   : Scripted{.status = 404};
    });
    const auto good = run("--api " + ready.url() + " status");
    EXPECT_EQ(good.exit, 0) << good.err;
    EXPECT_EQ(good.out, "oracoded at " + ready.url() +
                            " is ready\nCHECK  STATE  DETAIL\nstore  ok     age_ms 12\n");

    ScriptedServer failing([](const Seen&) {
        return Scripted{.status = 503,
                        .body = R"({"checks":{"store":{"ok":false,"why":"disk full"}}})"};
    });
    const auto bad = run("--api " + failing.url() + " status");
    EXPECT_EQ(bad.exit, 69);
    EXPECT_HAS(bad.out, "is not ready");
    EXPECT_HAS(bad.out, "store  failed  disk full");
}

}  // namespace
}  // namespace oracode::ctl
