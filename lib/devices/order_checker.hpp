// Checks orders against the Oracode rules, with all that has to be asked for it: the lock, and the
// codes on it where their number is limited. Owned by the DeviceService, on its thread.
#pragma once

#include <cstddef>
#include <functional>

#include "devices/creation_rate_limit.hpp"
#include "devices/directory.hpp"
#include "devices/order.hpp"

namespace oracode::devices {

class OrderChecker {
public:
    struct Dependencies {
        Directory& directory;
        store::OrderReader& reader;
        CreationRateLimit& rate_limit;
        Clock now;
        std::size_t max_codes = 0;  // oracode.max_codes_per_device; 0: no limit
    };
    explicit OrderChecker(Dependencies deps) : deps_(std::move(deps)) {}

    // Until then there is no API key.
    void use(seam::Api* api) { api_ = api; }

    enum class Purpose {
        check,   // whether it could be made
        create,  // whether it may be made now: Seam's ten a minute count, too
    };
    // A verdict against the order that follows from the lock's data is only given on data that Seam
    // was asked for after the order came, if Seam answers.
    void check(const Order& order, Purpose purpose,
               std::function<void(SeamResult<OrderCheck>)> done);

private:
    struct Case;

    void count_codes(const std::shared_ptr<Case>& open);
    void weigh(const std::shared_ptr<Case>& open);
    [[nodiscard]] userlevel::Verdict verdict_on(const Case& open);

    Dependencies deps_;
    seam::Api* api_ = nullptr;
};

}  // namespace oracode::devices
