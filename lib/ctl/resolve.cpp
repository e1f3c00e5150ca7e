#include "ctl/resolve.hpp"

#include <future>
#include <thread>

#include <boost/asio/io_context.hpp>

namespace oracode::ctl {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

Result<Endpoints> resolve(const std::string& host, std::uint16_t port,
                          std::chrono::steady_clock::time_point deadline) {
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(host, error);
    if (!error) return Endpoints{{ip, port}};

    std::promise<Result<Endpoints>> promise;
    auto answer = promise.get_future();
    std::thread([host, port, promise = std::move(promise)]() mutable {
        boost::asio::io_context context;
        tcp::resolver resolver(context);
        boost::system::error_code failed;
        Endpoints endpoints;
        for (const auto& entry : resolver.resolve(host, std::to_string(port), failed))
            endpoints.push_back(entry.endpoint());
        if (failed) {
            promise.set_value(Error{Errc::invalid_argument, failed.message()});
        } else {
            promise.set_value(std::move(endpoints));
        }
    }).detach();
    if (answer.wait_until(deadline) != std::future_status::ready)
        return Error{Errc::overloaded, "the name server did not answer in time"};
    return answer.get();
}

}  // namespace oracode::ctl
