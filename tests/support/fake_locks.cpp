#include "support/fake_locks.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/time.hpp"
#include "support/paths.hpp"

namespace oracode::test {

namespace json = boost::json;

struct FakeLocks::State {
    FakeAnswer get_device(const FakeCall& call);
    FakeAnswer list_devices();
    FakeAnswer create(const FakeCall& call);
    FakeAnswer list_codes(const FakeCall& call);
    FakeAnswer get_code(const FakeCall& call);

    mutable std::mutex mutex;
    std::map<std::string, json::object> locks;
    std::vector<json::object> wishes;
    std::vector<json::object> codes;
    std::function<void()> while_making;
    std::string pin;  // of codes that are made
    std::size_t page_size = 1000;
    bool lose_answer = false;
};

namespace {

FakeAnswer answer_with(const char* name, json::value value) {
    return {.body = json::serialize(json::object{{"ok", true}, {name, std::move(value)}})};
}

// As Seam gives instants: UTC with milliseconds.
json::value as_utc(const json::value& text) {
    const auto at = parse_rfc3339(text.as_string());
    return at ? json::value(format_rfc3339(*at)) : json::value();
}

}  // namespace

FakeAnswer FakeLocks::State::get_device(const FakeCall& call) {
    const std::scoped_lock lock(mutex);
    const auto ids = call.all("device_id");
    const auto found = locks.find(ids.empty() ? "" : ids.front());
    if (found == locks.end()) return fake_error(404, "device_not_found", "no such device");
    return answer_with("device", found->second);
}

FakeAnswer FakeLocks::State::list_devices() {
    const std::scoped_lock lock(mutex);
    json::array all;
    for (const auto& [id, device] : locks) all.push_back(device);
    return answer_with("devices", std::move(all));
}

FakeAnswer FakeLocks::State::create(const FakeCall& call) {
    std::function<void()> act;
    json::object code;
    bool lost = false;
    {
        const std::scoped_lock lock(mutex);
        const auto wish = json::parse(call.body).as_object();
        wishes.push_back(wish);
        code = {{"access_code_id", "made" + std::to_string(wishes.size())},
                {"device_id", wish.at("device_id")},
                {"workspace_id", "workspace1"},
                {"connected_account_id", "account1"},
                {"name", wish.contains("name") ? wish.at("name") : json::value()},
                {"code", pin.empty() ? json::value() : json::value(pin)},
                {"type", "time_bound"},
                {"status", "unset"},
                {"is_offline_access_code", true},
                {"starts_at", as_utc(wish.at("starts_at"))},
                {"ends_at", as_utc(wish.at("ends_at"))},
                {"errors", json::array{}},
                {"warnings", json::array{}},
                {"pending_mutations", json::array{}}};
        codes.push_back(code);
        act = while_making;
        lost = std::exchange(lose_answer, false);
    }
    if (act) act();
    auto answer = answer_with("access_code", std::move(code));
    if (lost) answer.conduct = Conduct::close_unanswered;
    return answer;
}

FakeAnswer FakeLocks::State::list_codes(const FakeCall& call) {
    const std::scoped_lock lock(mutex);
    const auto ids = call.all("access_code_ids");
    const auto device = call.all("device_id");
    const auto cursor = call.all("page_cursor");
    std::vector<json::object> wanted;
    for (const auto& code : codes) {
        const auto id = std::string(code.at("access_code_id").as_string());
        const auto on = std::string(code.at("device_id").as_string());
        if (std::ranges::count(ids, id) != 0 || std::ranges::count(device, on) != 0)
            wanted.push_back(code);
    }
    const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor.front());
    const auto to = std::min(from + page_size, wanted.size());
    json::array page;
    for (auto i = from; i < to; ++i) page.push_back(wanted[i]);
    const bool more = to < wanted.size();
    json::object body{{"ok", true}, {"access_codes", std::move(page)}};
    body["pagination"] = {{"has_next_page", more},
                          {"next_page_cursor", more ? json::value(std::to_string(to)) : nullptr}};
    return {.body = json::serialize(body)};
}

FakeAnswer FakeLocks::State::get_code(const FakeCall& call) {
    const std::scoped_lock lock(mutex);
    for (const auto& code : codes) {
        if (call.all("access_code_id").front() == code.at("access_code_id").as_string())
            return answer_with("access_code", code);
    }
    return fake_error(404, "access_code_not_found", "gone");
}

json::object sample_lock() {
    std::ifstream in(data_path("seam/devices/oracode_door.json"));
    auto lock = json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
    lock["device_id"] = "lock1";
    return lock;
}

json::object& metadata_of(json::object& lock) {
    return lock["properties"].as_object()["dormakaba_oracode_metadata"].as_object();
}

json::object time_slot(const std::string& name, const std::string& check_in,
                       const std::string& check_out) {
    const std::string zone = ":00[America/Los_Angeles]";
    return {
        {"name", name}, {"check_in_time", check_in + zone}, {"check_out_time", check_out + zone}};
}

FakeLocks::FakeLocks(FakeSeam& seam) : seam_(seam), state_(std::make_shared<State>()) {
    seam.respond("/devices/get",
                 [s = state_](const FakeCall& call) { return s->get_device(call); });
    seam.respond("/devices/list", [s = state_](const FakeCall&) { return s->list_devices(); });
    seam.respond("/access_codes/create",
                 [s = state_](const FakeCall& call) { return s->create(call); });
    seam.respond("/access_codes/list",
                 [s = state_](const FakeCall& call) { return s->list_codes(call); });
    seam.respond("/access_codes/get",
                 [s = state_](const FakeCall& call) { return s->get_code(call); });
}

void FakeLocks::put(const json::object& lock) {
    const std::scoped_lock guard(state_->mutex);
    state_->locks[std::string(lock.at("device_id").as_string())] = lock;
}

void FakeLocks::remove(const std::string& device_id) {
    const std::scoped_lock lock(state_->mutex);
    state_->locks.erase(device_id);
}

void FakeLocks::add_code(const json::object& code) {
    const std::scoped_lock lock(state_->mutex);
    std::erase_if(state_->codes, [&](const json::object& known) {
        return known.at("access_code_id") == code.at("access_code_id");
    });
    state_->codes.push_back(code);
}

void FakeLocks::while_making(std::function<void()> act) {
    const std::scoped_lock lock(state_->mutex);
    state_->while_making = std::move(act);
}

void FakeLocks::set_pin(const std::string& pin) {
    const std::scoped_lock lock(state_->mutex);
    state_->pin = pin;
}

void FakeLocks::lose_next_answer() {
    const std::scoped_lock lock(state_->mutex);
    state_->lose_answer = true;
}

std::vector<json::object> FakeLocks::wishes() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->wishes;
}

std::vector<json::object> FakeLocks::codes() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->codes;
}

std::size_t FakeLocks::requests_to(const std::string& path) const {
    const auto calls = seam_.calls();
    return static_cast<std::size_t>(
        std::ranges::count_if(calls, [&](const FakeCall& call) { return call.path == path; }));
}

void FakeLocks::page_size(std::size_t size) {
    const std::scoped_lock lock(state_->mutex);
    state_->page_size = size;
}

}  // namespace oracode::test
