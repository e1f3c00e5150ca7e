// The part of Seam that knows locks and makes codes for them, played on a FakeSeam: what it made it
// lists. Owned by a test; the FakeSeam goes first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/fake_seam.hpp"

namespace oracode::test {

// Seam's sample of a lock: 07:00-19:00 and whole days, Los Angeles.
[[nodiscard]] boost::json::object sample_lock();
[[nodiscard]] boost::json::object& metadata_of(boost::json::object& lock);
[[nodiscard]] boost::json::object time_slot(const std::string& name, const std::string& check_in,
                                            const std::string& check_out);

class FakeLocks {
public:
    // Answers /devices/get, /devices/list, /access_codes/create, /access_codes/list and
    // /access_codes/get from now on.
    explicit FakeLocks(FakeSeam& seam);

    void put(const boost::json::object& lock);
    void remove(const std::string& device_id);
    // A code that someone else made, or what became of it.
    void add_code(const boost::json::object& code);
    // Called with each wish while the code is being made: after Seam has it, before Seam answers.
    void while_making(std::function<void()> act);

    // Codes made from now on have this PIN; without it they wait for one, as with Seam.
    void set_pin(const std::string& pin);

    // The next code is made, but the answer never comes: the connection ends instead.
    void lose_next_answer();

    // What Seam was asked to make, in order.
    [[nodiscard]] std::vector<boost::json::object> wishes() const;
    [[nodiscard]] std::vector<boost::json::object> codes() const;
    // How often the path was asked for.
    [[nodiscard]] std::size_t requests_to(const std::string& path) const;
    // Codes on one page of a list.
    void page_size(std::size_t size);

private:
    struct State;
    FakeSeam& seam_;
    std::shared_ptr<State> state_;
};

}  // namespace oracode::test
