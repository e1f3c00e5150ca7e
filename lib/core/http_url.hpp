// An http or https URL, taken apart. By hand, for Boost.URL 1.81 takes 127.0.0.1.nip.io for the
// host 127.0.0.1, the port 65537 for 1, and may read past the end of a view. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace oracode {

struct SplitUrl {
    bool tls = false;
    std::string_view userinfo;  // before '@', percent-encoded; may be a secret
    std::string host;           // in lower case, an IPv6 address without its brackets
    std::uint16_t port = 0;     // the scheme's own where the URL names none
    std::string_view target;    // path, query and fragment, all as they stand; may be empty
};

// `http[s]://[user@]HOST[:PORT][/PATH][?QUERY][#FRAGMENT]`; the views are into `text`. Fails with
// Errc::invalid_argument; the detail says what is wrong and does not repeat the URL.
[[nodiscard]] Result<SplitUrl> split_http_url(std::string_view text);

// Whether `host` is this machine to itself: `localhost`, 127/8, ::1 and ::ffff:127/104.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace oracode
