#include "core/result.hpp"

namespace oracode {

std::string_view name(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::rule_violated:
            return "rule_violated";
        case Errc::unauthenticated:
            return "unauthenticated";
        case Errc::forbidden:
            return "forbidden";
        case Errc::overloaded:
            return "overloaded";
        case Errc::store_unavailable:
            return "store_unavailable";
        case Errc::seam_unreachable:
            return "seam_unreachable";
        case Errc::seam_refused:
            return "seam_refused";
        case Errc::seam_rate_limited:
            return "seam_rate_limited";
    }
    return "unnamed";
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    throw std::logic_error(std::string(name(error.code)) + ": " + error.detail + " (unchecked at " +
                           where.to_string() + ")");
}

}  // namespace oracode
