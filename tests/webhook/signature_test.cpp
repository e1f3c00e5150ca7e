#include "webhook/signature.hpp"

#include <fstream>
#include <map>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/paths.hpp"

namespace oracode::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Header {
    std::string name;
    std::string value;
};

constexpr std::string_view secret_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view other_secret_text = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
constexpr std::int64_t sent_at = 1'772'463'600;
constexpr std::string_view sent_at_text = "1772463600";
constexpr std::string_view id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
constexpr std::string_view body = R"({"event_id":"e1"})";

Timestamp at(std::int64_t second) {
    return Timestamp{seconds{second}};
}

Verifier verifier_of(const std::vector<std::string_view>& texts, Duration tolerance = minutes{5}) {
    std::vector<Secret> secrets;
    for (const auto text : texts) secrets.push_back(Secret::parse(text).value());
    return {secrets, tolerance};
}

std::string signed_with(std::string_view secret, std::string_view timestamp = sent_at_text) {
    return sign(Secret::parse(secret).value(), id, timestamp, body);
}

std::optional<Refusal> judge(std::string_view signature, std::string_view timestamp = sent_at_text,
                             Timestamp now = at(sent_at)) {
    auto verifier = verifier_of({secret_text});
    return verifier.verify({id, timestamp, signature}, body, now).refusal;
}

boost::json::object vectors_file() {
    std::ifstream file(test::data_path("seam/signature-vectors.json"));
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str()).as_object();
}

const std::map<std::string, Refusal, std::less<>> refused_vectors{
    {"too old by 1 s", Refusal::stale},
    {"too new by 1 s", Refusal::future},
    {"one byte of the body changed", Refusal::no_match},
    {"another message id", Refusal::no_match},
    {"another timestamp inside the tolerance", Refusal::no_match},
    {"signed with an unknown secret", Refusal::no_match},
    {"right signature under an unknown version", Refusal::unusable_signature},
    {"signature without a version", Refusal::unusable_signature},
    {"truncated signature", Refusal::unusable_signature},
    {"empty signature after the version", Refusal::unusable_signature},
    {"signature is not base64", Refusal::unusable_signature},
    {"no id header", Refusal::missing_header},
    {"no timestamp header", Refusal::missing_header},
    {"no signature header", Refusal::missing_header},
    {"timestamp header is \"\"", Refusal::missing_header},
    {"timestamp header is \"now\"", Refusal::malformed_timestamp},
    {"timestamp header is \"1772463600abc\"", Refusal::malformed_timestamp},
    {"timestamp header is \"1772463600.0\"", Refusal::malformed_timestamp},
    {"timestamp header is \"-1772463600\"", Refusal::malformed_timestamp},
    {"timestamp header is \"99999999999999999999\"", Refusal::malformed_timestamp},
    {"timestamp header is \" 1772463600x\"", Refusal::malformed_timestamp},
};

// Made with npm's svix; see the file's `source`.
TEST(Signature, AgreesWithSvixOnEveryVector) {
    const auto file = vectors_file();
    const auto& vectors = file.at("vectors").as_array();
    ASSERT_EQ(vectors.size(), 30U);
    for (const auto& value : vectors) {
        const auto& vector = value.as_object();
        const std::string title(vector.at("name").as_string());
        SCOPED_TRACE(title);
        std::vector<Secret> secrets;
        for (const auto& text : vector.at("secrets").as_array())
            secrets.push_back(Secret::parse(text.as_string()).value());
        std::vector<Header> headers{{"Host", "example.com"}};
        for (const auto& header : vector.at("headers").as_object())
            headers.push_back({header.key(), std::string(header.value().as_string())});

        Verifier verifier{secrets, minutes{5}};
        const auto verdict =
            verifier.verify(signature_headers(headers), vector.at("body").as_string(),
                            at(vector.at("now").as_int64()));

        EXPECT_EQ(verdict.accepted(), vector.at("accept").as_bool());
        const auto expected = refused_vectors.find(title);
        if (expected == refused_vectors.end()) {
            EXPECT_EQ(verdict.refusal, std::nullopt);
            EXPECT_EQ(verdict.slot, secrets.size() - 1);
            EXPECT_EQ(verdict.message_id, id);
        } else {
            EXPECT_EQ(verdict.refusal, expected->second);
        }
    }
}

TEST(Signature, IsWhatSvixMakes) {
    EXPECT_EQ(sign(Secret::parse(secret_text).value(), id, sent_at_text, "{}"),
              "v1,TqaRSBISBeg2Ft5NihwcatqcNS3lbHAyfrdQY510eHA=");
}

TEST(Signature, CoversEveryByteOfTheBody) {
    std::string every_byte;
    for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
    const auto secret = Secret::parse(secret_text).value();
    Verifier verifier{{&secret, 1}, minutes{5}};
    for (const std::string& sent : {std::string{}, every_byte, std::string(300'000, 'x')}) {
        const auto signature = sign(secret, id, sent_at_text, sent);
        EXPECT_TRUE(verifier.verify({id, sent_at_text, signature}, sent, at(sent_at)).accepted());
        EXPECT_FALSE(
            verifier.verify({id, sent_at_text, signature}, sent + '\n', at(sent_at)).accepted());
    }
}

// The context is reused: nothing of one delivery may reach the next.
TEST(Verifier, JudgesEachDeliveryAlone) {
    auto verifier = verifier_of({other_secret_text, secret_text});
    const auto signature = signed_with(secret_text);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(
            verifier.verify({id, sent_at_text, signature}, "another body", at(sent_at)).accepted());
        EXPECT_FALSE(
            verifier.verify({std::nullopt, sent_at_text, signature}, body, at(sent_at)).accepted());
        EXPECT_TRUE(verifier.verify({id, sent_at_text, signature}, body, at(sent_at)).accepted());
    }
}

TEST(Verifier, TellsWhichSecretMatched) {
    auto verifier = verifier_of({secret_text, other_secret_text, secret_text});
    const auto first = signed_with(secret_text);
    const auto second = signed_with(other_secret_text);
    EXPECT_EQ(verifier.verify({id, sent_at_text, first}, body, at(sent_at)).slot, 0U);
    EXPECT_EQ(verifier.verify({id, sent_at_text, second}, body, at(sent_at)).slot, 1U);
    EXPECT_EQ(verifier.verify({id, sent_at_text, second + ' ' + first}, body, at(sent_at)).slot,
              0U);
}

TEST(Verifier, AcceptsNothingWithoutASecret) {
    auto verifier = verifier_of({});
    const auto signature = signed_with(secret_text);
    EXPECT_EQ(verifier.verify({id, sent_at_text, signature}, body, at(sent_at)).refusal,
              Refusal::no_match);
}

TEST(Verifier, TakesTheToleranceOnBothSidesToTheSecond) {
    const auto signature = signed_with(secret_text);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at + 300)), std::nullopt);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at + 300) + milliseconds{999}), std::nullopt);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at + 301)), Refusal::stale);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at - 300)), std::nullopt);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at - 300) - milliseconds{1}), Refusal::future);
    EXPECT_EQ(judge(signature, sent_at_text, at(sent_at - 301)), Refusal::future);
}

TEST(Verifier, TakesItsToleranceFromTheConstructor) {
    const auto signature = signed_with(secret_text);
    auto verifier = verifier_of({secret_text}, seconds{10});
    EXPECT_TRUE(verifier.verify({id, sent_at_text, signature}, body, at(sent_at + 10)).accepted());
    EXPECT_FALSE(verifier.verify({id, sent_at_text, signature}, body, at(sent_at + 11)).accepted());
}

TEST(Verifier, ReadsOnlyPlainIntegers) {
    for (const auto* text :
         {"+1772463600", "-0", " 1772463600", "1772463600 ", "1772463600\t", "0x69A5A5F0", "1.7e9",
          "1772463600,1772463600", "9223372036854775808", "\xD9\xA1", "1_000", "-"})
        EXPECT_EQ(judge(signed_with(secret_text, text), text), Refusal::malformed_timestamp)
            << text;
    EXPECT_EQ(judge(signed_with(secret_text, "0"), "0"), Refusal::stale);
    EXPECT_EQ(judge(signed_with(secret_text, "9223372036854775807"), "9223372036854775807"),
              Refusal::future);
}

// The text of the header is what was signed, not the number it means.
TEST(Verifier, SignsTheTimestampAsSent) {
    EXPECT_EQ(judge(signed_with(secret_text, "001772463600"), "001772463600"), std::nullopt);
    EXPECT_EQ(judge(signed_with(secret_text), "001772463600"), Refusal::no_match);
}

TEST(Verifier, TellsTheSkewOfTheClocks) {
    auto verifier = verifier_of({secret_text});
    const auto signature = signed_with(secret_text);
    const auto skew = [&](Timestamp now) {
        return verifier.verify({id, sent_at_text, signature}, body, now).skew;
    };
    EXPECT_EQ(skew(at(sent_at) + milliseconds{1'500}), milliseconds{1'500});
    EXPECT_EQ(skew(at(sent_at - 2)), milliseconds{-2'000});
    EXPECT_EQ(skew(at(sent_at + 3'600)), milliseconds{3'600'000});
}

TEST(Verifier, TreatsAnEmptyHeaderAsMissing) {
    auto verifier = verifier_of({secret_text});
    const auto signature = signed_with(secret_text);
    const auto refusal = [&](const SignatureHeaders& headers) {
        return verifier.verify(headers, body, at(sent_at)).refusal;
    };
    EXPECT_EQ(refusal({}), Refusal::missing_header);
    EXPECT_EQ(refusal({"", sent_at_text, signature}), Refusal::missing_header);
    EXPECT_EQ(refusal({id, "", signature}), Refusal::missing_header);
    EXPECT_EQ(refusal({id, sent_at_text, ""}), Refusal::missing_header);
}

TEST(Verifier, FindsTheRightSignatureAmongOthers) {
    const auto right = signed_with(secret_text);
    const std::string wrong = "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    for (const auto& header :
         {right + ' ' + wrong, wrong + ' ' + right, "v1a,abc " + right, "v2,x  " + right,
          ' ' + right, right + ' ', "v1 v1, , v1,%% " + right, right + ' ' + right})
        EXPECT_EQ(judge(header), std::nullopt) << header;
}

TEST(Verifier, RefusesEveryOtherSpellingOfTheRightSignature) {
    const auto right = signed_with(secret_text);
    const auto base64 = right.substr(3);
    auto stray_bits =
        base64;  // the last character before '=' carries two bits that decode to nothing
    ++stray_bits[42];
    auto url_safe = base64;
    for (char& c : url_safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
    std::vector<std::string> spellings{"V1," + base64,     "v1;" + base64,
                                       "v01," + base64,    "v1," + base64.substr(0, 43),
                                       "v1," + stray_bits, "v1," + base64 + "=",
                                       "v1,=" + base64,    "v1,\t" + base64.substr(0, 43),
                                       "v1,v1," + base64,  "v1=" + base64,
                                       right + ',' + right};
    if (url_safe != base64) spellings.push_back("v1," + url_safe);
    for (const auto& spelling : spellings)
        EXPECT_EQ(judge(spelling), Refusal::unusable_signature) << spelling;
}

TEST(Verifier, RefusesASignatureThatDiffersInOneBit) {
    const auto right = signed_with(secret_text);
    for (std::size_t i = 3; i < right.size() - 2; ++i) {
        auto wrong = right;
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        EXPECT_TRUE(judge(wrong).has_value()) << i;
    }
}

TEST(Verifier, LooksAtSixteenSignatures) {
    const auto right = signed_with(secret_text);
    std::string fifteen;
    for (int i = 0; i < 15; ++i) fifteen += "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= ";
    EXPECT_EQ(judge(fifteen + right), std::nullopt);
    EXPECT_EQ(judge(fifteen + right + ' ' + fifteen), std::nullopt);
    EXPECT_EQ(judge(fifteen + "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= " + right),
              Refusal::no_match);
}

TEST(Refusal, Is400WhereNothingCouldBeJudgedAnd401OtherwiseWithANameOfItsOwn) {
    const std::map<Refusal, unsigned> statuses{{Refusal::missing_header, 400},
                                               {Refusal::malformed_timestamp, 400},
                                               {Refusal::stale, 401},
                                               {Refusal::future, 401},
                                               {Refusal::unusable_signature, 401},
                                               {Refusal::no_match, 401}};
    std::map<std::string_view, Refusal> names;
    for (const auto& [refusal, status] : statuses) {
        EXPECT_EQ(http_status(refusal), status);
        names.emplace(name(refusal), refusal);
    }
    EXPECT_EQ(names.size(), statuses.size());
}

TEST(SignatureHeaders, AreFoundInAnyCase) {
    const std::vector<Header> headers{
        {"SVIX-ID", "a"}, {"Svix-Timestamp", "b"}, {"svix-SIGNATURE", "c"}};
    EXPECT_EQ(signature_headers(headers), (SignatureHeaders{"a", "b", "c"}));
}

TEST(SignatureHeaders, OfTheTwoFamiliesAreNeverMixed) {
    const std::vector<Header> both{{"webhook-id", "w"},
                                   {"webhook-timestamp", "w"},
                                   {"webhook-signature", "w"},
                                   {"svix-id", "s"},
                                   {"svix-timestamp", "s"}};
    EXPECT_EQ(signature_headers(both), (SignatureHeaders{"w", "w", "w"}))
        << "what is complete counts";
    auto whole = both;
    whole.push_back({"svix-signature", "s"});
    EXPECT_EQ(signature_headers(whole), (SignatureHeaders{"s", "s", "s"}));
    const std::vector<Header> neither{{"webhook-id", "w"}, {"svix-timestamp", "s"}};
    EXPECT_FALSE(signature_headers(neither).complete());
    const std::vector<Header> standard{
        {"webhook-signature", "c"}, {"webhook-id", "a"}, {"webhook-timestamp", "b"}};
    EXPECT_EQ(signature_headers(standard), (SignatureHeaders{"a", "b", "c"}));
}

TEST(SignatureHeaders, AreNotFoundUnderOtherNames) {
    const std::vector<Header> others{
        {"svix", "x"},      {"svix-", "x"},          {"svix-ids", "x"}, {"x-svix-id", "x"},
        {"svix_id", "x"},   {"webhook-i", "x"},      {"", "x"},         {"id", "x"},
        {"webhookid", "x"}, {"svix-signature2", "x"}};
    EXPECT_EQ(signature_headers(others), SignatureHeaders{});
}

TEST(SignatureHeaders, CountTheFirstOfRepeatedOnes) {
    const std::vector<Header> repeated{{"svix-id", "first"}, {"svix-id", "second"}};
    EXPECT_EQ(signature_headers(repeated).id, "first");
}

TEST(Secret, IsBase64WithOrWithoutItsPrefix) {
    const auto with = Secret::parse("whsec_AAECAwQ=").value();
    const auto without = Secret::parse("AAECAwQ=").value();
    const std::vector<unsigned char> expected{0, 1, 2, 3, 4};
    EXPECT_TRUE(std::ranges::equal(with.bytes(), expected));
    EXPECT_TRUE(std::ranges::equal(without.bytes(), expected));
    EXPECT_EQ(Secret::parse("whsec_AA==").value().bytes().size(), 1U);
    EXPECT_EQ(Secret::parse(std::string(1'024, 'A')).value().bytes().size(), 768U);
}

TEST(Secret, RefusesAnythingElseWithoutRepeatingIt) {
    for (const std::string& text :
         {std::string{}, std::string{"whsec_"}, std::string{"whsec_whsec_MfKQ"},
          std::string{"whsec_MfKQ9"}, std::string{"whsec_MfKQ "}, std::string{" whsec_MfKQ"},
          std::string{"whsec_MfKQ\n"}, std::string{"whsec_Mf KQ9r8"}, std::string{"whsec_===="},
          std::string{"whsec_A==="}, std::string{"whsec_AB=="}, std::string{"whsec_M=KQ"},
          std::string{"whsec_Mf-_"}, std::string{"WHSEC_MfKQ"}, std::string{"whpk_MfKQ9r8G"},
          std::string{"whsec_MfKQ\0fKQ", 14}, std::string{"whsec_\xC3\xA4\xC3\xA4"},
          std::string(1'028, 'A')}) {
        const auto parsed = Secret::parse(text);
        ASSERT_FALSE(parsed.has_value()) << text;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
        EXPECT_EQ(parsed.error().detail.find("MfKQ"), std::string::npos) << parsed.error().detail;
    }
}

TEST(Secret, CanBeCopiedAndMoved) {
    auto original = Secret::parse(secret_text).value();
    const Secret copy = original;
    const Secret moved = std::move(original);
    EXPECT_TRUE(std::ranges::equal(copy.bytes(), moved.bytes()));
    EXPECT_EQ(sign(copy, id, sent_at_text, body), sign(moved, id, sent_at_text, body));
}

TEST(EraseFromMemory, LeavesZeros) {
    std::string key = "a key";
    erase_from_memory(key.data(), key.size());
    EXPECT_EQ(key, std::string(5, '\0'));
}

}  // namespace
}  // namespace oracode::webhook
