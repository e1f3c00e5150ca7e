#include "http/compression.hpp"

#include <array>

#include <gtest/gtest.h>
#include <zlib.h>

namespace oracode::http {
namespace {

bool accepted(std::string_view value) {
    const std::array headers{Header{"accept-encoding", value}};
    Request request;
    request.headers = headers;
    return accepts_gzip(request);
}

std::string unzipped(const std::string& text, std::size_t length) {
    std::string out(length + 1, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK) << "gzip alone, with its checksum";
    auto in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers)
        if (known == name) return value;
    return {};
}

TEST(Compression, IsForWhoAsksForIt) {
    for (const auto* value :
         {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "br;q=1.0, gzip;q=0.001", "x-gzip", "*",
          "identity;q=0, *", "gzip, *;q=0"})
        EXPECT_TRUE(accepted(value)) << value;
    for (const auto* value : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "gzip;q=0, *",
                              "*;q=0", "gzipped", "deflate"})
        EXPECT_FALSE(accepted(value)) << value;
    EXPECT_FALSE(accepts_gzip(Request{})) << "without the header";
}

TEST(Compression, GivesBackEveryByte) {
    std::string text;
    for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i * 7919) + ' ';
    for (const auto effort : {Effort::once, Effort::kept}) {
        const auto packed = gzip(text, effort);
        EXPECT_LT(packed.size(), text.size());
        EXPECT_EQ(unzipped(packed, text.size()), text);
    }
    EXPECT_EQ(unzipped(gzip("", Effort::once), 0), "");
}

TEST(Compression, EncodesWhatIsWorthItAndSaysOfAllThatItDepends) {
    const std::string large(worth_compressing, 'x');
    Response response;
    response.body = large;
    encode(response, true);
    EXPECT_EQ(header_of(response, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(response, "Vary"), "Accept-Encoding");
    EXPECT_EQ(unzipped(response.body, large.size()), large);

    for (const auto& [body, takes_gzip] :
         {std::pair{large, false}, std::pair{large.substr(1), true}}) {
        Response plain;
        plain.body = body;
        encode(plain, takes_gzip);
        EXPECT_EQ(plain.body, body);
        EXPECT_EQ(header_of(plain, "Content-Encoding"), "");
        EXPECT_EQ(header_of(plain, "Vary"), "Accept-Encoding");
    }
}

}  // namespace
}  // namespace oracode::http
