// The built binary, as a shell runs it, against a server that answers as oracoded's API does.
#include <cstdlib>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/version.hpp"
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
    std::string target;
    ScriptedServer server([&](const Seen& request) {
        target = request.target;
        return Scripted{.body = code_text};
    });
    const auto outcome = run("--api " + server.url() + " show 'code/1'");
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(target, "/v1/access_codes/code%2F1");
    EXPECT_EQ(outcome.out,
              "Access code  code-1\n"
              "Name         Gast\n"
              "Device       lock-1\n"
              "Status       set\n"
              "Since        2026-03-02 15:00:07 UTC (webhook)\n"
              "Ready        yes\n"
              "Window       2026-03-05 15:00:00 UTC to 2026-03-08 03:00:00 UTC\n"
              "Warnings     slow: It took long.\n"
              "Created      -\n"
              "Updated      2026-03-02 15:00:07 UTC (version 3)\n");
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

TEST_F(Oracodectl, ListsPageAfterPageUpToItsLimit) {
    std::vector<std::string> targets;
    ScriptedServer server([&](const Seen& request) {
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
    const std::string row =
        "code-1       set     2026-03-02 15:00:07 UTC  2026-03-05 15:00:00 UTC  2026-03-08 "
        "03:00:00 UTC  ready  Gast  "
        "lock-1\n";
    EXPECT_EQ(outcome.out,
              "ACCESS CODE  STATUS  SINCE                    STARTS                   ENDS"
              "                     NOTE   NAME  DEVICE\n" +
                  row + row + row + row);
    EXPECT_HAS(outcome.err, "--cursor n/2");

    const auto merged = json::parse(run("--json --api " + server.url() + " list --limit 4").out);
    EXPECT_EQ(merged.at("access_codes").as_array().size(), 4U);
    EXPECT_EQ(merged.at("next_cursor"), "n/2");
}

TEST_F(Oracodectl, ToldOfNoCodesItSaysSo) {
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
    std::string target;
    ScriptedServer server([&](const Seen& request) {
        target = request.target;
        return Scripted{.body = R"({"access_code_id":"code-1","transitions":[
            {"from":null,"to":"unset","at":"2026-03-02T15:00:00.000Z","recorded_at":"2026-03-02T15:00:01.000Z",
             "source":"webhook","event_id":"e1","event_type":"access_code.created"},
            {"from":"unset","to":"set","at":"2026-03-02T15:00:07.000Z","recorded_at":"2026-03-02T15:00:08.000Z",
             "source":"poll","event_id":null,"event_type":null}],
            "events":[{"event_id":"e1","event_type":"access_code.created","occurred_at":"2026-03-02T15:00:00.000Z",
             "source":"webhook"}]})"};
    });
    const std::string steps =
        "AT                       FROM   TO     SOURCE   RECORDED                 EVENT\n"
        "2026-03-02 15:00:00 UTC  -      unset  webhook  2026-03-02 15:00:01 UTC  "
        "access_code.created\n"
        "2026-03-02 15:00:07 UTC  unset  set    poll     2026-03-02 15:00:08 UTC  -\n";
    EXPECT_EQ(run("--api " + server.url() + " history code-1").out, steps);
    EXPECT_EQ(target, "/v1/access_codes/code-1/history");
    EXPECT_EQ(run("--api " + server.url() + " history code-1 --events").out,
              steps +
                  "\nOCCURRED                 EVENT                SOURCE   EVENT ID\n"
                  "2026-03-02 15:00:00 UTC  access_code.created  webhook  e1\n");
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
