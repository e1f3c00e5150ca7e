#include "http/tls.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/temporary_folder.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::http::tls {
namespace {

using std::chrono::hours;
using test::make_certificate;
using test::write_file;

struct Setting {
    Setting() {
        write_file(files.certificate, pair.certificate);
        write_file(files.private_key, pair.private_key);
    }
    test::TemporaryFolder scratch;
    Files files{(scratch / "certificate.pem").string(), (scratch / "key.pem").string()};
    test::PemPair pair = make_certificate("a", hours{24});
    test::PemPair other = make_certificate("b", hours{48});
};

TEST(TlsCredentials, TellWhenTheCertificateExpires) {
    const Setting setting;
    const auto credentials = Credentials::load(setting.files);
    ASSERT_TRUE(credentials) << credentials.error().detail;
    const auto left = (*credentials)->not_after() -
                      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    EXPECT_GT(left, hours{23});
    EXPECT_LE(left, hours{24});
}

TEST(TlsCredentials, TakeAChainBehindTheLeaf) {
    const Setting setting;
    write_file(setting.files.certificate, setting.pair.certificate + setting.other.certificate);
    EXPECT_TRUE(Credentials::load(setting.files));
    write_file(setting.files.certificate,
               setting.pair.certificate + "-----BEGIN CERTIFICATE-----\ndamaged\n");
    EXPECT_FALSE(Credentials::load(setting.files));
}

TEST(TlsCredentials, NameTheFileThatIsWrong) {
    const Setting setting;
    struct Row {
        const char* says;
        std::string certificate;
        std::string key;
        const std::string* named;
    };
    const std::vector<Row> rows{
        {"garbage certificate", "garbage", setting.pair.private_key, &setting.files.certificate},
        {"empty certificate", "", setting.pair.private_key, &setting.files.certificate},
        {"key for a certificate", setting.pair.private_key, setting.pair.private_key,
         &setting.files.certificate},
        {"garbage key", setting.pair.certificate, "garbage", &setting.files.private_key},
        {"key of another certificate", setting.pair.certificate, setting.other.private_key,
         &setting.files.private_key},
        {"encrypted key", setting.pair.certificate,
         test::encrypt_key(setting.pair.private_key, "secret"), &setting.files.private_key},
    };
    for (const auto& row : rows) {
        write_file(setting.files.certificate, row.certificate);
        write_file(setting.files.private_key, row.key);
        const auto credentials = Credentials::load(setting.files);
        ASSERT_FALSE(credentials) << row.says;
        EXPECT_EQ(credentials.error().code, Errc::invalid_argument);
        EXPECT_NE(credentials.error().detail.find(*row.named), std::string::npos)
            << credentials.error().detail;
        EXPECT_EQ(credentials.error().detail.find("BEGIN"), std::string::npos);
    }
    const auto missing =
        Credentials::load({(setting.scratch / "nowhere.pem").string(), setting.files.private_key});
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().detail.find("No such file"), std::string::npos)
        << missing.error().detail;
    EXPECT_FALSE(Credentials::load({(setting.scratch / ".").string(), setting.files.private_key}));
    EXPECT_FALSE(Credentials::load({"", ""}));
}

TEST(TlsCredentials, ServeWithTheFreshPairOnceItIsAdopted) {
    const Setting setting;
    const auto credentials = Credentials::load(setting.files).value();
    const auto before = credentials->not_after();
    write_file(setting.files.certificate, setting.other.certificate);
    EXPECT_FALSE(Credentials::load(setting.files)) << "certificate and key are no pair";
    write_file(setting.files.private_key, setting.other.private_key);
    credentials->adopt(std::move(*Credentials::load(setting.files).value()));
    EXPECT_GT(credentials->not_after(), before + hours{23});
    EXPECT_TRUE(credentials->connection());
}

}  // namespace
}  // namespace oracode::http::tls
