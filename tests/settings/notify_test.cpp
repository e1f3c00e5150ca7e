// The [[notify]] tables of the configuration file.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "settings/load_text.hpp"

namespace oracode {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string webhook_target(const std::string& more = "") {
    return "[[notify]]\nname = \"pms\"\nurl = \"https://pms.example/hook?key=abc\"\nsecret = \"" +
           secret_of_24_bytes + "\"\n" + more;
}

TEST(NotifySettings, ReadsTargetsWithTheirDefaults) {
    const auto settings = settings_of(
        webhook_target() +
        "[[notify]]\nname = \"phone-1\"\nurl = \"https://ntfy.sh/topic\"\nformat = \"ntfy\"\n"
        "types = [\"alert.opened\", \"access_code.changed\"]\n");
    ASSERT_EQ(settings.notify.size(), 2U);
    const auto& pms = settings.notify[0];
    EXPECT_EQ(pms.name, "pms");
    ASSERT_TRUE(pms.url);
    EXPECT_EQ(pms.url->host, "pms.example");
    EXPECT_EQ(pms.url->target, "/hook?key=abc");
    EXPECT_EQ(pms.format, NotificationFormat::webhook);
    EXPECT_EQ(pms.secret, secret_of_24_bytes);
    EXPECT_THAT(pms.types,
                ElementsAre(NotificationType::alert_opened, NotificationType::alert_closed));
    EXPECT_EQ(settings.notify[1].format, NotificationFormat::ntfy);
    EXPECT_THAT(settings.notify[1].types,
                ElementsAre(NotificationType::alert_opened, NotificationType::access_code_changed));
}

TEST(NotifySettings, ReadsAddressAndSecretFromFilesThatAReloadWatches) {
    const test::TemporaryFolder folder;
    const auto url = folder.write("url", "https://hooks.slack.example/T0/secret\n");
    const auto secret = folder.write("secret", secret_of_24_bytes + "\n");
    for (const auto& file : {url, secret}) ::chmod(file.c_str(), 0600);
    const auto read = loaded(sources_with("[[notify]]\nname = \"a\"\nurl_file = \"" + url +
                                          "\"\nsecret_file = \"" + secret + "\"\n"));
    ASSERT_EQ(read.settings.notify.size(), 1U);
    EXPECT_EQ(read.settings.notify[0].url->target, "/T0/secret");
    EXPECT_EQ(read.settings.notify[0].secret, secret_of_24_bytes);
    EXPECT_THAT(read.files_read, AllOf(Contains(url), Contains(secret)));
    EXPECT_THAT(texts(read.warnings), Not(Contains(HasSubstr("notify"))));
}

struct Mistake {
    std::string toml;
    std::string problem;
};

TEST(NotifySettings, NamesFileLineAndKeyOfEachMistake) {
    const std::string file = "/etc/oracoded/test.toml:";
    const std::vector<Mistake> mistakes{
        {webhook_target("colour = 1\n"), "5: notify.colour: there is no key of this name"},
        {webhook_target("format = \"xml\"\n"), "5: notify.format: must be webhook, ntfy or slack"},
        {webhook_target("types = [\"alert.opened\", \"alert\"]\n"),
         "5: notify.types: must be alert.opened, alert.closed or access_code.changed"},
        {webhook_target("types = []\n"), "5: notify.types: is empty"},
        {webhook_target("url_file = \"x\"\n"), "5: notify.url_file: and notify.url exclude"},
        {"[[notify]]\nname = \"a\"\nurl = \"https://a.example\"\n", "1: notify.secret: is missing"},
        {"[[notify]]\nname = \"a\"\nformat = \"slack\"\n", "1: notify.url: is missing"},
        {"\n[[notify]]\nformat = \"slack\"\nurl = \"https://a.example\"\n",
         "2: notify.name: is missing"},
        {"[[notify]]\nname = \"A b\"\nformat = \"slack\"\nurl = \"https://a.example\"\n",
         "2: notify.name: must be 1 to 40 of the characters"},
        {webhook_target() + webhook_target(), "6: notify.name: two targets have the name \"pms\""},
        {"[notify]\nname = \"a\"\n", "1: notify: must be written [[notify]]"},
        {"notify = 1\n", "1: notify: must be written [[notify]]"},
        {"[[webhook]]\npath = \"/a\"\n", "1: webhook: must be a section"},
    };
    for (const auto& [toml, problem] : mistakes)
        EXPECT_THAT(problems_of(toml), ElementsAre(HasSubstr(file + problem))) << toml;
}

TEST(NotifySettings, AWrongAddressIsNotRepeated) {
    for (const auto* url : {"ftp://host/hidden", "https://user:hidden@host/", "https:///hidden",
                            "unix:/run/hidden", "https://host/hidden path", "hidden"}) {
        const auto problems = problems_of("[[notify]]\nname = \"a\"\nformat = \"ntfy\"\nurl = \"" +
                                          std::string(url) + "\"\n");
        EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr(":4: notify.url: must be an https://"),
                                                Not(HasSubstr("hidden")))))
            << url;
    }
    EXPECT_THAT(
        problems_of("[[notify]]\nname = \"a\"\nurl = \"https://a.example\"\n"
                    "secret = \"hidden\"\n"),
        ElementsAre(AllOf(HasSubstr(":4: notify.secret: must be"), Not(HasSubstr("hidden")))));
}

TEST(NotifySettings, WarnsOfPlainHttpBeyondThisMachine) {
    const auto warnings = [](const std::string& url) {
        return texts(loaded(sources_with("[[notify]]\nname = \"a\"\nformat = \"ntfy\"\nurl = \"" +
                                         url + "\"\n"))
                         .warnings);
    };
    EXPECT_THAT(warnings("http://ntfy.example/topic"),
                ElementsAre(HasSubstr(":4: notify.url: is plain http")));
    EXPECT_THAT(warnings("http://127.0.0.1:2586/topic"), IsEmpty());
    EXPECT_THAT(warnings("https://ntfy.example/topic"), IsEmpty());
}

TEST(NotifySettings, NeedNoRestart) {
    const auto one = settings_of(webhook_target());
    const auto none = settings_of("");
    EXPECT_NE(one, none);
    EXPECT_THAT(settings::keys_needing_restart(one, none), IsEmpty());
}

}  // namespace
}  // namespace oracode
