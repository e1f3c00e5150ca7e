#include "supervision/liveness.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace oracode::supervision {

void Liveness::add(std::string name, boost::asio::io_context& context) {
    const auto shown =
        std::make_shared<std::atomic<Moment::rep>>(Moment::min().time_since_epoch().count());
    parts_.push_back({std::move(name),
                      [shown, &context] {
                          boost::asio::post(context, [shown] {
                              shown->store(
                                  std::chrono::steady_clock::now().time_since_epoch().count());
                          });
                      },
                      [shown] { return Moment{Moment::duration{shown->load()}}; }});
}

void Liveness::ask() const {
    for (const auto& part : parts_) part.ask();
}

std::vector<std::string> Liveness::silent_since(Moment then) const {
    std::vector<std::string> silent;
    for (const auto& part : parts_)
        if (part.last_progress() < then) silent.push_back(part.name);
    return silent;
}

std::vector<std::string> Watchdog::look(Moment now) {
    auto silent = liveness_.silent_since(requested_at_);
    // Those that owe an answer are given time for it; asking them more often would pile up.
    if (silent.empty()) {
        requested_at_ = now;
        liveness_.ask();
    }
    return silent;
}

}  // namespace oracode::supervision
