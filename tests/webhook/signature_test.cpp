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
    secrets.reserve(texts.size());
    for (const auto text : texts) secrets.push_back(Secret::parse(text).value());
    return {secrets, tolerance};
}

std::string signed_with(std::string_view secret, std::string_view timestamp = sent_at_text) {
    return sign(Secret::parse(secret).value(), id, timestamp, body);
}

std::optional<SignatureError> verify_signature(std::string_view signature,
                                               std::string_view timestamp = sent_at_text,
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

const std::map<std::string, SignatureError, std::less<>> refused_vectors{
    {"too old by 1 s", SignatureError::stale},
    {"too new by 1 s", SignatureError::future},
    {"one byte of the body changed", SignatureError::no_match},
    {"another message id", SignatureError::no_match},
    {"another timestamp inside the tolerance", SignatureError::no_match},
    {"signed with an unknown secret", SignatureError::no_match},
    {"right signature under an unknown version", SignatureError::unusable_signature},
    {"signature without a version", SignatureError::unusable_signature},
    {"truncated signature", SignatureError::unusable_signature},
    {"empty signature after the version", SignatureError::unusable_signature},
    {"signature is not base64", SignatureError::unusable_signature},
    {"no id header", SignatureError::missing_header},
    {"no timestamp header", SignatureError::missing_header},
    {"no signature header", SignatureError::missing_header},
    {"timestamp header is \"\"", SignatureError::missing_header},
    {"timestamp header is \"now\"", SignatureError::malformed_timestamp},
    {"timestamp header is \"1772463600abc\"", SignatureError::malformed_timestamp},
    {"timestamp header is \"1772463600.0\"", SignatureError::malformed_timestamp},
    {"timestamp header is \"-1772463600\"", SignatureError::malformed_timestamp},
    {"timestamp header is \"99999999999999999999\"", SignatureError::malformed_timestamp},
    {"timestamp header is \" 1772463600x\"", SignatureError::malformed_timestamp},
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
        const auto verification =
            verifier.verify(signature_headers(headers), vector.at("body").as_string(),
                            at(vector.at("now").as_int64()));

        EXPECT_EQ(verification.accepted(), vector.at("accept").as_bool());
        const auto expected = refused_vectors.find(title);
        if (expected == refused_vectors.end()) {
            EXPECT_EQ(verification.refusal, std::nullopt);
            EXPECT_EQ(verification.slot, secrets.size() - 1);
            EXPECT_EQ(verification.message_id, id);
        } else {
            EXPECT_EQ(verification.refusal, expected->second);
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
              SignatureError::no_match);
}

TEST(Verifier, TakesTheToleranceOnBothSidesToTheSecond) {
    const auto signature = signed_with(secret_text);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at + 300)), std::nullopt);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at + 300) + milliseconds{999}),
              std::nullopt);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at + 301)), SignatureError::stale);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at - 300)), std::nullopt);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at - 300) - milliseconds{1}),
              SignatureError::future);
    EXPECT_EQ(verify_signature(signature, sent_at_text, at(sent_at - 301)), SignatureError::future);
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
        EXPECT_EQ(verify_signature(signed_with(secret_text, text), text),
                  SignatureError::malformed_timestamp)
            << text;
    EXPECT_EQ(verify_signature(signed_with(secret_text, "0"), "0"), SignatureError::stale);
    EXPECT_EQ(
        verify_signature(signed_with(secret_text, "9223372036854775807"), "9223372036854775807"),
        SignatureError::future);
}

// The text of the header is what was signed, not the number it means.
TEST(Verifier, SignsTheTimestampAsSent) {
    EXPECT_EQ(verify_signature(signed_with(secret_text, "001772463600"), "001772463600"),
              std::nullopt);
    EXPECT_EQ(verify_signature(signed_with(secret_text), "001772463600"), SignatureError::no_match);
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
    EXPECT_EQ(refusal({}), SignatureError::missing_header);
    EXPECT_EQ(refusal({"", sent_at_text, signature}), SignatureError::missing_header);
    EXPECT_EQ(refusal({id, "", signature}), SignatureError::missing_header);
    EXPECT_EQ(refusal({id, sent_at_text, ""}), SignatureError::missing_header);
}

TEST(Verifier, FindsTheRightSignatureAmongOthers) {
    const auto right = signed_with(secret_text);
    const std::string wrong = "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const std::vector headers{right + ' ' + wrong,       wrong + ' ' + right, "v1a,abc " + right,
                              "v2,x  " + right,          ' ' + right,         right + ' ',
                              "v1 v1, , v1,%% " + right, right + ' ' + right};
    for (const auto& header : headers) EXPECT_EQ(verify_signature(header), std::nullopt) << header;
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
        EXPECT_EQ(verify_signature(spelling), SignatureError::unusable_signature) << spelling;
}

TEST(Verifier, RefusesASignatureThatDiffersInOneBit) {
    const auto right = signed_with(secret_text);
    for (std::size_t i = 3; i < right.size() - 2; ++i) {
        auto wrong = right;
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        EXPECT_TRUE(verify_signature(wrong).has_value()) << i;
    }
}

TEST(Verifier, LooksAtSixteenSignatures) {
    const auto right = signed_with(secret_text);
    std::string fifteen;
    for (int i = 0; i < 15; ++i) fifteen += "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= ";
    EXPECT_EQ(verify_signature(fifteen + right), std::nullopt);
    EXPECT_EQ(verify_signature(fifteen + right + ' ' + fifteen), std::nullopt);
    EXPECT_EQ(
        verify_signature(fifteen + "v1,AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= " + right),
        SignatureError::no_match);
}

TEST(SignatureError, Is400WhereNothingCouldBeJudgedAnd401OtherwiseWithANameOfItsOwn) {
    const std::map<SignatureError, unsigned> statuses{{SignatureError::missing_header, 400},
                                                      {SignatureError::malformed_timestamp, 400},
                                                      {SignatureError::stale, 401},
                                                      {SignatureError::future, 401},
                                                      {SignatureError::unusable_signature, 401},
                                                      {SignatureError::no_match, 401}};
    std::map<std::string_view, SignatureError> names;
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

TEST(SignatureHeaders, HaveAllTheirNamesInTheList) {
    std::vector<HeaderRole> roles;
    for (const auto name : signature_header_names) {
        const auto role = role_of(name);
        EXPECT_NE(role.field, nullptr) << name;
        for (const auto& other : roles)
            EXPECT_FALSE(other.family == role.family && other.field == role.field) << name;
        roles.push_back(role);
    }
    EXPECT_EQ(roles.size(), 6U) << "two families of three";
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
