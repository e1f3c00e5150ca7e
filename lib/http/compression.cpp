#include "http/compression.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

#include <zlib.h>

#include "core/text.hpp"

namespace oracode::http {
namespace {

// Whether the parameters of an entry, "gzip;q=0", leave it acceptable.
bool is_wanted(std::string_view parameters) {
    const auto q = parameters.find_first_of("qQ");
    const auto equals = parameters.find('=');
    if (q == std::string_view::npos || equals == std::string_view::npos) return true;
    return trim(parameters.substr(equals + 1)).find_first_of("123456789") != std::string_view::npos;
}

class Deflater {
public:
    explicit Deflater(Effort effort) {
        constexpr int largest_window = 15;
        constexpr int as_gzip = 16;
        constexpr int usual_memory = 8;
        const int level = effort == Effort::once ? Z_BEST_SPEED : Z_BEST_COMPRESSION;
        if (deflateInit2(&stream_, level, Z_DEFLATED, largest_window + as_gzip, usual_memory,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    std::string run(std::string_view text) {
        std::string out(deflateBound(&stream_, text.size()), '\0');
        // zlib reads through a pointer to bytes that are not constant, and does not write there.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        stream_.avail_in = static_cast<uInt>(text.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        if (deflate(&stream_, Z_FINISH) != Z_STREAM_END)
            throw std::logic_error("deflate did not finish");
        out.resize(stream_.total_out);
        return out;
    }

private:
    z_stream stream_{};
};

}  // namespace

bool accepts_gzip(const Request& request) {
    auto listed = request.header("Accept-Encoding").value_or("");
    bool any = false;
    while (!listed.empty()) {
        const auto end = std::min(listed.find(','), listed.size());
        const auto entry = listed.substr(0, end);
        listed.remove_prefix(std::min(end + 1, listed.size()));
        const auto semicolon = std::min(entry.find(';'), entry.size());
        const auto coding = trim(entry.substr(0, semicolon));
        const bool wanted = is_wanted(entry.substr(semicolon));
        if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) return wanted;
        if (coding == "*") any = wanted;
    }
    return any;
}

std::string gzip(std::string_view text, Effort effort) {
    if (text.size() > std::numeric_limits<uInt>::max() / 2)
        throw std::length_error("too long to be compressed in one piece");
    return Deflater(effort).run(text);
}

void encode(Response& response, bool takes_gzip) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!takes_gzip || response.body.size() < worth_compressing) return;
    response.body = gzip(response.body, Effort::once);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace oracode::http
