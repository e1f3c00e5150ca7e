#include "settings/load.hpp"

#include <chrono>

#include "settings/load_text.hpp"

namespace oracode {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Settings, WithoutAFileDefaultsAndEnvironmentAreEnough) {
    settings::Sources sources;
    sources.environment = {{"SEAM_WEBHOOK_SECRET", secret_of_24_bytes},
                           {"ORACODED_WEBHOOK_TLS", "false"}};
    settings::Settings expected;
    expected.webhook.secrets = {secret_of_24_bytes};
    expected.webhook.tls = false;
    EXPECT_EQ(loaded(sources).settings, expected);
}

TEST(Settings, EveryKeyCanStandInTheFile) {
    const test::TemporaryFolder folder;
    const auto pem = folder.write("a.pem", "PEM");
    const auto settings = settings_of(
        "[webhook]\nlisten = '[::]:9443'\npath = '/hook'\ncertificate = '" + pem +
        "'\nprivate_key = '" + pem + "'\nsecrets = ['" + secret_of_24_bytes +
        "', 'C2FVsBQIhrscChlQIMV+b5sSYspob7oD']\n"
        "timestamp_tolerance = '90s'\nmax_body = '1MiB'\nmax_connections = 10\n"
        "max_connections_per_address = 5\ntrusted_proxies = ['10.0.0.0/8', '::1']\n"
        "[api]\nlisten = 'unix:/run/a.sock'\ncertificate = '" +
        pem + "'\nprivate_key = '" + pem +
        "'\ntokens = ['ops:0123456789abcdef', 'desk:fedcba9876543210:read']\nsocket_mode = '0600'\n"
        "socket_group = 'root'\nmax_connections = 7\n"
        "[metrics]\nlisten = '0.0.0.0:9464'\n"
        "[seam]\nendpoint = 'http://127.0.0.1:3020'\napi_key = 'seam_abc'\nworkspace_id = "
        "'w-1'\nca_file = '" +
        pem +
        "'\ntimeout = '5s'\n"
        "[poll]\ngrace = '1s'\nretry_min = '100ms'\nretry_max = '2s'\nbatch = "
        "5\nrequests_per_minute = 600\n"
        "backfill = '1h'\n"
        "[store]\ndatabase = '/data/o.db'\nhistory = '30d'\n"
        "[oracode]\nmax_codes_per_device = 50\n"
        "[log]\nlevel = 'debug'\nformat = 'json'\n");

    settings::Settings expected;
    expected.webhook = {
        {"::", 9443}, "/hook", pem,
        pem,          false,   {secret_of_24_bytes, "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"},
        "",           90s,     1U << 20,
        10,           5,       {*net::Network::parse("10.0.0.0/8"), *net::Network::parse("::1")}};
    expected.api = {net::UnixPath{"/run/a.sock"},
                    pem,
                    pem,
                    {{"ops", "0123456789abcdef", true}, {"desk", "fedcba9876543210", false}},
                    "",
                    0600,
                    "root",
                    7};
    expected.metrics = {net::TcpAddress{"0.0.0.0", 9464}};
    expected.seam = {{net::Transport::plain, "127.0.0.1", 3020}, "seam_abc", "", "w-1", pem, 5s};
    expected.poll = {1s, 100ms, 2s, 5, 600, 1h};
    expected.store = {"/data/o.db", std::chrono::days{30}};
    expected.oracode = {50};
    expected.log = {log::Level::debug, log::Format::json};
    EXPECT_EQ(settings, expected);
}

TEST(Settings, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
    auto sources = sources_with("poll.batch = 1\npoll.grace = '1s'\npoll.backfill = '1h'",
                                {{"ORACODED_POLL_BATCH", "2"}, {"ORACODED_POLL_GRACE", "2s"}});
    sources.flags.push_back({"poll.batch", "3"});
    const auto poll = loaded(sources).settings.poll;
    EXPECT_EQ(poll.batch, 3U);
    EXPECT_EQ(poll.grace, 2s);
    EXPECT_EQ(poll.backfill, 1h);
    EXPECT_EQ(poll.retry_min, 30s);
}

TEST(Settings, EveryKeyHasAVariable) {
    for (const auto& key : settings::describe_keys()) {
        auto sources = sources_with("");
        sources.flags.clear();
        sources.environment[key.variable] = "\x01";  // which no key accepts
        EXPECT_THAT(problems_of(sources),
                    testing::Contains(StartsWith(key.variable + ": " + key.key + ": must be ")))
            << key.variable;
    }
}

TEST(Settings, ListsInTheEnvironmentAreSeparatedByCommasOrNewlines) {
    const settings::Environment environment{
        {"ORACODED_API_TOKENS", " a:0123456789abcdef ,\n\nb:fedcba9876543210:read,"},
        {"ORACODED_WEBHOOK_TRUSTED_PROXIES", "10.0.0.0/8\n10.0.0.0/8"}};
    const auto settings = settings_of("", environment);
    EXPECT_THAT(settings.api.tokens, ElementsAre(settings::Token{"a", "0123456789abcdef", true},
                                                 settings::Token{"b", "fedcba9876543210", false}));
    EXPECT_THAT(settings.webhook.trusted_proxies, ElementsAre(*net::Network::parse("10.0.0.0/8")));
}

TEST(Settings, AnEmptyVariableCountsAsNotSet) {
    const auto settings =
        settings_of("poll.batch = 7", {{"ORACODED_POLL_BATCH", ""}, {"ORACODED_API_LISTEN", " "}});
    EXPECT_EQ(settings.poll.batch, 7U);
    EXPECT_EQ(settings.api, settings::ApiSettings{});
}

TEST(Settings, RelativePathsStartAtTheFilesFolder) {
    auto sources = sources_with("store.database = 'data/x.db'\napi.listen = 'unix:../a.sock'");
    auto settings = loaded(sources).settings;
    EXPECT_EQ(settings.store.database, "/etc/oracoded/data/x.db");
    EXPECT_EQ(settings.api.listen, net::ListenAddress{net::UnixPath{"/etc/a.sock"}});

    sources.environment["ORACODED_STORE_DATABASE"] = "data/x.db";
    EXPECT_EQ(loaded(sources).settings.store.database, "data/x.db");
}

TEST(Settings, SystemdsStateDirectoryHoldsTheDatabaseUnlessOneIsSet) {
    EXPECT_EQ(settings_of("", {{"STATE_DIRECTORY", "/var/lib/private/o:/second"}}).store.database,
              "/var/lib/private/o/oracoded.db");
    EXPECT_EQ(
        settings_of("store.database = '/x.db'", {{"STATE_DIRECTORY", "/var/lib/o"}}).store.database,
        "/x.db");
    EXPECT_EQ(settings_of("", {{"STATE_DIRECTORY", ""}}).store.database,
              "/var/lib/oracoded/oracoded.db");
}

TEST(Settings, EveryProblemOfEverySourceIsReportedAtOnceWithItsPlace) {
    auto sources = sources_with(
        "[webhook]\nmax_body = 'big'\nmax_bodi = '1KiB'\n\n[webhok]\npath = 'x'\n[poll]\nbatch = "
        "0\n",
        {{"ORACODED_LOG_LEVEL", "loud"}, {"ORACODED_POLL_BATCHES", "1"}});
    sources.flags.push_back({"poll.grace", "soon"});
    sources.flags.push_back({"pol.grace", "1s"});
    EXPECT_THAT(
        problems_of(sources),
        ElementsAre(
            StartsWith(
                "/etc/oracoded/test.toml:2: webhook.max_body: must be a size from 1B to 64MiB"),
            "/etc/oracoded/test.toml:3: webhook.max_bodi: there is no key of this name; did you "
            "mean "
            "webhook.max_body?",
            "/etc/oracoded/test.toml:5: webhok: there is no section of this name; did you mean "
            "webhook?",
            "/etc/oracoded/test.toml:8: poll.batch: must be a whole number from 1 to 1000, not "
            "\"0\"",
            "ORACODED_POLL_BATCHES: there is no key for this variable; did you mean "
            "ORACODED_POLL_BATCH?",
            "ORACODED_LOG_LEVEL: log.level: must be trace, debug, info, warn or error, not "
            "\"loud\"",
            "command line: pol.grace: there is no key of this name; did you mean poll.grace?",
            StartsWith("command line: poll.grace: must be a duration from 0s to 7d")));
}

TEST(Settings, AMisspeltKeyIsNamedBeforeWhatComesOfIt) {
    auto sources = sources_with("[webhook]\ntls = false\nsecret = ['x']\n");
    sources.environment.erase("SEAM_WEBHOOK_SECRET");
    EXPECT_THAT(
        problems_of(sources),
        ElementsAre("/etc/oracoded/test.toml:3: webhook.secret: there is no key of this name; did "
                    "you mean webhook.secrets?",
                    StartsWith("/etc/oracoded/test.toml: webhook.secrets: there is no signing")));
    const auto refused = settings::load(sources);
    ASSERT_FALSE(refused);
    EXPECT_THAT(to_string(refused.error()),
                StartsWith("/etc/oracoded/test.toml:3: webhook.secret: there is no key"));
}

TEST(Settings, WhatKubernetesSetsForAServiceIsNoSettingButATypoIsRefused) {
    for (const auto* variable :
         {"ORACODED_SERVICE_HOST", "ORACODED_SERVICE_PORT", "ORACODED_SERVICE_PORT_WEBHOOK",
          "ORACODED_PORT_8443_TCP", "ORACODED_PORT_8443_TCP_PROTO", "ORACODED_PORT_8443_TCP_PORT",
          "ORACODED_PORT_8443_TCP_ADDR", "ORACODED_PORT_53_UDP_ADDR",
          "ORACODED_WEBHOOK_SERVICE_HOST", "ORACODED_API_PORT_8080_TCP_ADDR"})
        EXPECT_THAT(problems_of("", {{variable, "10.96.0.12"}}), IsEmpty()) << variable;
    EXPECT_THAT(problems_of("", {{"ORACODED_PORT", "tcp://10.96.0.12:8443"}}), IsEmpty());
    for (const auto* variable :
         {"ORACODED_PORT", "ORACODED_API_PORT", "ORACODED_WEBHOOK_LISTN", "ORACODED_SERVICE",
          "ORACODED_PORT_8443", "ORACODED_PORT_TCP", "ORACODED_PORT_8443_TCP_NAME"})
        EXPECT_THAT(problems_of("", {{variable, "8443"}}), testing::SizeIs(1)) << variable;
}

TEST(Settings, ABadValueIsRefusedEvenWhereItIsOverridden) {
    EXPECT_THAT(problems_of("poll.batch = 0", {{"ORACODED_POLL_BATCH", "5"}}),
                ElementsAre(StartsWith("/etc/oracoded/test.toml:1: poll.batch: must be")));
}

struct Wrong {
    std::string line;  // of TOML
    std::string problem;
};

TEST(Settings, ValuesOfTheWrongKindAreRefused) {
    for (const auto& [line, problem] : std::vector<Wrong>{
             {"webhook.tls = 'false'",
              "webhook.tls: must be true or false; it is written as a text in quotes"},
             {"webhook.tls = 0", "webhook.tls: must be true or false; it is written as a number"},
             {"poll.batch = '5'",
              "poll.batch: must be a whole number from 1 to 1000; it is written as a text"},
             {"poll.batch = 5.0",
              "poll.batch: must be a whole number from 1 to 1000; it is written as a value of"},
             {"poll.grace = 30", "poll.grace: must be a duration from 0s to 7d, such as"},
             {"poll.grace = ['1s']", "poll.grace: must be a duration"},
             {"poll.grace = 07:00:00", "poll.grace: must be a duration"},
             {"webhook.path = true", "webhook.path: must be a path"},
             {"api.socket_mode = 0o660",
              "api.socket_mode: must be a file mode in octal, such as \"0660\""},
             {"webhook.trusted_proxies = '::1'",
              "webhook.trusted_proxies: must be an array of texts"},
             {"webhook.trusted_proxies = [1]",
              "webhook.trusted_proxies: must be an address or a block"},
             {"webhook.trusted_proxies = [['::1']]",
              "webhook.trusted_proxies: must be an address or a block"},
             {"poll.batch.size = 1", "poll.batch: must be a whole number"},
             {"poll = 1", "poll: must be a section: [poll]"},
             {"[[poll]]", "poll: must be a section: [poll]"},
             {"polls = 1",
              "polls: stands outside of all sections, and there is no key of this name; did you "
              "mean"},
             {"[nothing]", "nothing: there is no section of this name"},
         })
        EXPECT_THAT(problems_of(line),
                    ElementsAre(StartsWith("/etc/oracoded/test.toml:1: " + problem)))
            << line;
}

TEST(Settings, ValuesOutOfRangeOrMalformedAreRefused) {
    for (const std::string line : {"webhook.listen = 'example.com:1'",
                                   "webhook.listen = 'unix:/x'",
                                   "webhook.listen = '0.0.0.0:65536'",
                                   "webhook.path = ''",
                                   "webhook.path = 'hook'",
                                   "webhook.path = '/a b'",
                                   "webhook.path = '/a?b'",
                                   "webhook.path = '/%41'",
                                   "webhook.timestamp_tolerance = '0s'",
                                   "webhook.timestamp_tolerance = '25h'",
                                   "webhook.timestamp_tolerance = '5 m'",
                                   "webhook.timestamp_tolerance = '-5m'",
                                   "webhook.max_body = '0B'",
                                   "webhook.max_body = '65MiB'",
                                   "webhook.max_body = '64kb'",
                                   "webhook.max_body = -1",
                                   "webhook.max_connections = 0",
                                   "webhook.max_connections = 1000001",
                                   "webhook.max_connections_per_address = 0",
                                   "webhook.trusted_proxies = ['10.0.0.1/8']",
                                   "api.listen = ''",
                                   "api.listen = 'unix:'",
                                   "api.socket_mode = '8'",
                                   "api.socket_mode = '0888'",
                                   "api.socket_mode = '1777'",
                                   "api.socket_group = 'a b'",
                                   "api.max_connections = 0",
                                   "metrics.listen = '9464'",
                                   "seam.timeout = '0s'",
                                   "seam.timeout = '11m'",
                                   "seam.workspace_id = 'a b'",
                                   "seam.workspace_id = \"a\\r\\nb\"",
                                   "poll.grace = '8d'",
                                   "poll.retry_min = '0s'",
                                   "poll.retry_max = '8d'",
                                   "poll.batch = 1001",
                                   "poll.requests_per_minute = 0",
                                   "poll.backfill = '91d'",
                                   "store.database = ''",
                                   "store.database = '/var/lib/'",
                                   "store.database = \"a\\nb\"",
                                   "store.history = '0s'",
                                   "oracode.max_codes_per_device = -1",
                                   "log.level = 'INFO'",
                                   "log.level = ''",
                                   "log.format = 'xml'"}) {
        const auto key = line.substr(0, line.find(' '));
        EXPECT_THAT(problems_of(line),
                    ElementsAre(StartsWith("/etc/oracoded/test.toml:1: " + key + ": must be ")))
            << line;
    }
}

TEST(Settings, TheEdgesOfRangesAreAccepted) {
    for (const std::string line : {"webhook.listen = '[::]:0'",
                                   "webhook.path = '/'",
                                   "webhook.timestamp_tolerance = '1s'",
                                   "webhook.timestamp_tolerance = '1d'",
                                   "webhook.max_body = 1",
                                   "webhook.max_body = '64MiB'",
                                   "webhook.max_connections = 1000000",
                                   "api.socket_mode = '777'",
                                   "api.socket_mode = '0000'",
                                   "metrics.listen = ''",
                                   "seam.timeout = '10m'",
                                   "poll.grace = '0s'",
                                   "poll.retry_min = '10ms'",
                                   "poll.batch = 1000",
                                   "poll.backfill = '0s'",
                                   "store.history = '1s'",
                                   "oracode.max_codes_per_device = 0",
                                   "log.level = 'trace'",
                                   "webhook = {}",
                                   "[poll]"})
        EXPECT_THAT(problems_of(line), IsEmpty()) << line;
}

TEST(Settings, TextThatIsNotTomlIsOneProblemWithItsLine) {
    EXPECT_THAT(problems_of("[poll]\nbatch = \n"),
                ElementsAre(StartsWith("/etc/oracoded/test.toml:2: this is not TOML: ")));
    EXPECT_THAT(problems_of("[poll]\nbatch = 1\nbatch = 2\n"),
                ElementsAre(StartsWith("/etc/oracoded/test.toml:3: this is not TOML: ")));
}

TEST(Settings, AFileThatCannotBeReadIsAProblem) {
    const test::TemporaryFolder folder;
    settings::Sources sources;
    sources.file = folder.path() / "absent.toml";
    EXPECT_THAT(problems_of(sources),
                ElementsAre(sources.file->native() +
                            ": the file cannot be read: No such file or directory"));
    sources.file = folder.path();
    EXPECT_THAT(problems_of(sources),
                ElementsAre(sources.file->native() + ": the file cannot be read: Is a directory"));
}

TEST(Settings, TheFileIsReadFromDisk) {
    const test::TemporaryFolder folder;
    auto sources = sources_with("");
    sources.text.reset();
    sources.file = folder.write("oracoded.toml", "\xEF\xBB\xBF[poll]\r\nbatch = 9\r\n");
    const auto result = loaded(sources);
    EXPECT_EQ(result.settings.poll.batch, 9U);
    EXPECT_THAT(result.files_read, ElementsAre(*sources.file));
}

TEST(Settings, TheEnvironmentIsTakenApartAtTheFirstEqualsSign) {
    const char* variables[] = {"A=1", "B=x=y", "C=", "noise", "=odd", nullptr};
    EXPECT_EQ(settings::environment_from(variables),
              (settings::Environment{{"A", "1"}, {"B", "x=y"}, {"C", ""}}));
}

TEST(Settings, ChangesThatWaitForARestartAreNamed) {
    const settings::Settings running;
    settings::Settings other = running;
    other.log.level = log::Level::debug;
    other.webhook.secrets = {secret_of_24_bytes};
    other.api.tokens = {{"a", "0123456789abcdef", true}};
    EXPECT_THAT(settings::keys_needing_restart(running, other), IsEmpty());
    other.poll.batch = 5;
    other.webhook.listen.port = 1;
    EXPECT_THAT(settings::keys_needing_restart(running, other),
                ElementsAre("webhook.listen", "poll.batch"));
}

}  // namespace
}  // namespace oracode
