// The built binary, as a shell runs it, against a server that answers as oracoded's API does.
#include <cstdlib>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"
#include "webhook/signature.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;
using test::Certificate;
using test::contents;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;

constexpr const char* code_text =
    R"({"access_code_id":"code-1","device_id":"lock-1","name":"Gast","status":"set",)"
    R"("status_since":"2026-03-02T15:00:07.000Z","status_source":"webhook","ready":true,"overdue":false,)"
    R"("starts_at":"2026-03-05T15:00:00.000Z","ends_at":"2026-03-08T03:00:00.000Z","ended":null,)"
    R"("errors":[],"warnings":[{"warning_code":"slow","message":"It took long."}],"pending_mutations":[],)"
    R"("created_at":null,"updated_at":"2026-03-02T15:00:07.100Z","version":3})";

class Oracodectl : public testing::Test {
protected:
    struct Outcome {
        int exit = -1;
        std::string out;
        std::string err;
    };

    // `arguments` as a shell reads them. In UTC, and with nothing of our own environment that
    // oracodectl would read.
    Outcome run(const std::string& arguments, const std::string& environment = "") const {
        const std::string command =
            "env -u ORACODECTL_API -u ORACODECTL_TOKEN_FILE -u SEAM_WEBHOOK_SECRET TZ=UTC " +
            environment + " '" + test::oracodectl() + "' " + arguments + " >'" + file("out") +
            "' 2>'" + file("err") + "' </dev/null";
        ScriptedServer::synchronize();
        const int status = std::system(command.c_str());
        ScriptedServer::synchronize();
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(file("out")),
                contents(file("err"))};
    }

    std::string file(const std::string& name) const { return folder_ / name; }
    std::string file_with(const std::string& name, const std::string& text) const {
        return folder_.write(name, text);
    }

private:
    test::TemporaryFolder folder_;
};

#define EXPECT_HAS(text, words) EXPECT_NE(text.find(words), std::string::npos) << text

TEST_F(Oracodectl, AnswersHelpAndVersion) {
    const auto help = run("--help");
    EXPECT_EQ(help.exit, 0);
    for (const auto* command : {"status", "list", "show", "history", "simulate"})
        EXPECT_HAS(help.out, command);
    EXPECT_EQ(run("simulate --help").exit, 0);
    const auto version = run("--version");
    EXPECT_EQ(version.exit, 0);
    EXPECT_EQ(version.out, "oracodectl " ORACODE_VERSION "\n");
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
    EXPECT_EQ(run("--token-file /nowhere/token status").exit, 66);
    EXPECT_EQ(run("--token-file /tmp status").exit, 66);
    EXPECT_EQ(run("--token-file " + file_with("empty", "\n") + " status").exit, 65);
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

class Simulate : public Oracodectl {
protected:
    static constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // Takes deliveries as a listener does, answering `status`.
    Scripted listen(const Seen& request) {
        deliveries_.push_back(request);
        return {.status = status_};
    }

    std::string command(const std::string& url) const {
        return "simulate --url " + url + "/webhooks/seam --secret-file " + secret_file_ + " ";
    }

    bool genuine(const Seen& delivery) const {
        const std::vector<webhook::Secret> secrets{webhook::Secret::parse(secret).value()};
        webhook::Verifier verifier(secrets, std::chrono::minutes{5});
        webhook::SignatureHeaders headers;
        headers.id = delivery.headers.at("svix-id");
        headers.timestamp = delivery.headers.at("svix-timestamp");
        headers.signature = delivery.headers.at("svix-signature");
        const auto now =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        return verifier.verify(headers, delivery.body, now).accepted();
    }

    std::vector<std::string> types() const {
        std::vector<std::string> types;
        for (const auto& delivery : deliveries_)
            types.push_back(
                json::value_to<std::string>(json::parse(delivery.body).at("event_type")));
        return types;
    }

    std::vector<Seen> deliveries_;
    unsigned status_ = 204;
    std::string secret_file_ = file_with("secret", std::string(secret) + "\n");
};

TEST_F(Simulate, DeliversASignedLifecycleOverTls) {
    const Certificate certificate;
    ScriptedServer server([this](const Seen& request) { return listen(request); }, &certificate);
    const auto outcome = run(command(server.url()) + "--code code-1 --device lock-1 --ca " +
                             certificate.certificate());
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(types(), (std::vector<std::string>{
                           "access_code.created", "access_code.scheduled_on_device",
                           "access_code.delay_in_setting_on_device", "access_code.set_on_device"}));
    for (const auto& delivery : deliveries_) {
        EXPECT_EQ(delivery.method, "POST");
        EXPECT_EQ(delivery.target, "/webhooks/seam");
        EXPECT_TRUE(genuine(delivery));
        EXPECT_EQ(json::parse(delivery.body).at("access_code_id"), "code-1");
        EXPECT_EQ(json::parse(delivery.body).at("device_id"), "lock-1");
        EXPECT_HAS(outcome.out, delivery.headers.at("svix-id") + "  204  ");
    }
}

TEST_F(Simulate, ChecksTheCertificateUnlessToldNotTo) {
    const Certificate certificate;
    ScriptedServer server([this](const Seen& request) { return listen(request); }, &certificate);
    EXPECT_EQ(run(command(server.url())).exit, 69);
    EXPECT_TRUE(deliveries_.empty());
    EXPECT_EQ(run(command(server.url()) + "--insecure").exit, 0);
    EXPECT_EQ(deliveries_.size(), 4U);
    EXPECT_EQ(run(command(server.url()) + "--insecure --ca " + certificate.certificate()).exit, 64);
}

TEST_F(Simulate, StopsAtTheFirstRefusal) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    const std::pair<unsigned, int> rows[] = {{401, 1}, {404, 1}, {413, 1}, {302, 1}, {503, 69}};
    for (const auto& [status, code] : rows) {
        deliveries_.clear();
        status_ = status;
        const auto outcome = run(command(server.url()));
        EXPECT_EQ(outcome.exit, code) << status;
        EXPECT_HAS(outcome.err, "not accepted");
        EXPECT_EQ(deliveries_.size(), 1U);
    }
    status_ = 202;
    EXPECT_EQ(run(command(server.url())).exit, 0);
}

TEST_F(Simulate, DuplicatesRepeatMessageAndEventUnderAFreshSignature) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    EXPECT_EQ(run(command(server.url()) + "--events created,set_on_device --duplicates").exit, 0);
    ASSERT_EQ(deliveries_.size(), 4U);
    for (const std::size_t i : {0U, 2U}) {
        EXPECT_EQ(deliveries_[i].headers.at("svix-id"), deliveries_[i + 1].headers.at("svix-id"));
        EXPECT_EQ(deliveries_[i].body, deliveries_[i + 1].body);
    }
    EXPECT_NE(deliveries_[0].headers.at("svix-id"), deliveries_[2].headers.at("svix-id"));
    for (const auto& delivery : deliveries_) EXPECT_TRUE(genuine(delivery));
}

TEST_F(Simulate, ShuffledItStillDeliversEverythingOnce) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    EXPECT_EQ(run(command(server.url()) + "--shuffle --interval 1ms").exit, 0);
    auto sorted = types();
    std::ranges::sort(sorted);
    EXPECT_EQ(sorted, (std::vector<std::string>{
                          "access_code.created", "access_code.delay_in_setting_on_device",
                          "access_code.scheduled_on_device", "access_code.set_on_device"}));
}

TEST_F(Simulate, TakesTheSecretFromTheEnvironmentAndNeverRepeatsIt) {
    ScriptedServer server([this](const Seen& request) { return listen(request); });
    const std::string url = "simulate --json --url " + server.url() + "/webhooks/seam";
    const auto outcome = run(url, std::string("SEAM_WEBHOOK_SECRET=") + secret);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(deliveries_.size(), 4U);
    std::istringstream lines(outcome.out);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        EXPECT_EQ(json::parse(line).at("status"), 204);
    EXPECT_EQ(count, 4U);

    const auto bad = run(url, "SEAM_WEBHOOK_SECRET=whsec_not*base64");
    EXPECT_EQ(bad.exit, 65);
    EXPECT_EQ(bad.err.find("not*base64"), std::string::npos) << bad.err;
    EXPECT_EQ(run(url + " --secret-file /nowhere/secret").exit, 66);
}

}  // namespace
}  // namespace oracode::ctl
