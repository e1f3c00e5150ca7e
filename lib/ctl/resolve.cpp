#include "ctl/resolve.hpp"

#include <boost/asio/io_context.hpp>

#include "async/resolve.hpp"

namespace oracode::ctl {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

Result<Endpoints> resolve(const std::string& host, std::uint16_t port,
                          std::chrono::steady_clock::time_point deadline) {
    boost::asio::io_context context;
    async::Resolver resolver(context.get_executor());
    Result<Endpoints> answer = Error{Errc::overloaded, "the name server did not answer in time"};
    resolver.resolve(host, port, deadline,
                     [&](boost::system::error_code error, async::Addresses found) {
                         if (!error) answer = std::move(found);
                         if (error && error != boost::asio::error::timed_out)
                             answer = Error{Errc::invalid_argument, error.message()};
                     });
    context.run();
    return answer;
}

}  // namespace oracode::ctl
