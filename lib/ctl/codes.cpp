#include "ctl/codes.hpp"

#include <boost/json.hpp>

#include "ctl/daemon_client.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    return or_dash(member_text(object, name));
}

constexpr std::size_t guest_width = 16;
constexpr std::size_t lock_width = 14;

// The instants of one code, on the clock of its lock.
class Times {
public:
    Times(const json::object& access_code, LockNames& locks)
        : Times(member_text(access_code, "device_id"), locks) {}
    Times(std::string device_id, LockNames& locks)
        : device_id_(std::move(device_id)), locks_(locks) {}

    [[nodiscard]] std::string of(const json::object& object, std::string_view name,
                                 TimeForm form = TimeForm::full) const {
        return or_dash(locks_.time(device_id_, member_text(object, name), form));
    }

private:
    std::string device_id_;
    LockNames& locks_;
};

Cell status_of(const json::object& object, std::string_view name) {
    auto text = text_of(object, name);
    const auto hue = hue_of_status(text);
    return {std::move(text), hue};
}

// One line for each entry of `errors` and the like: its code, then its message.
void add_entries(Table& table, const json::object& access_code, std::string_view name,
                 const char* label, std::string_view code_name, Hue hue) {
    const auto& entries = member_array(access_code, name);
    const char* heading = label;
    for (const auto& entry : entries) {
        const auto& object = object_in(entry);
        std::string text = member_text(object, code_name);
        const auto message = member_text(object, "message");
        if (!message.empty()) text += text.empty() ? message : ": " + message;
        table.add({heading, {text.empty() ? json::serialize(entry) : text, hue}});
        heading = "";
    }
}

std::string window_of(const json::object& access_code, const Times& times) {
    const auto from = member_text(access_code, "starts_at");
    const auto to = member_text(access_code, "ends_at");
    if (from.empty() && to.empty()) return "not known yet";
    return times.of(access_code, "starts_at") + " to " + times.of(access_code, "ends_at");
}

void add_polling(Table& table, const json::object& access_code, const Times& times) {
    if (member_true(access_code, "overdue")) table.add({"Overdue", {"yes", Hue::red}});
    for (const auto& [name, label] : {std::pair{"expected_by", "Step expected by"},
                                      std::pair{"last_polled_at", "Last asked Seam"},
                                      std::pair{"next_poll_at", "Asks Seam next"}}) {
        if (!member_text(access_code, name).empty())
            table.add({label, times.of(access_code, name)});
    }
}

// Nearly every type begins alike.
std::string event_of(const json::object& object) {
    auto type = text_of(object, "event_type");
    constexpr std::string_view common = "access_code.";
    if (type.starts_with(common)) type.erase(0, common.size());
    return type;
}

}  // namespace

std::string guest_cell(const json::object& object) {
    return shortened(member_text(object, "name"), guest_width);
}

std::string lock_cell(const std::string& name, const std::string& device_id) {
    return shortened(name.empty() ? device_id : name, lock_width);
}

Hue hue_of_status(std::string_view status) {
    if (status == "set") return Hue::green;
    if (status == "setting") return Hue::yellow;
    if (status == "removing") return Hue::magenta;
    if (status == "unknown") return Hue::red;
    return Hue::plain;
}

Cell remark(const json::object& access_code) {
    const auto& ended = member_object(access_code, "ended");
    if (!ended.empty()) return {or_dash(member_text(ended, "reason")), Hue::faint};
    const auto errors = member_array(access_code, "errors").size();
    if (member_true(access_code, "overdue")) return {"overdue", Hue::red};
    if (errors > 0)
        return {std::to_string(errors) + (errors == 1 ? " error" : " errors"), Hue::red};
    if (member_true(access_code, "ready")) return {"ready", Hue::green};
    return "";
}

Table table_of_codes(const json::array& access_codes, LockNames& locks) {
    Table table({"GUEST", "LOCK", "STARTS", "ENDS", "STATUS", "NOTE"});
    for (const auto& value : access_codes) {
        const auto& code = object_in(value);
        const auto device_id = member_text(code, "device_id");
        const Times times(device_id, locks);
        table.add({guest_cell(code), lock_cell(locks.name(device_id), device_id),
                   times.of(code, "starts_at", TimeForm::minute),
                   times.of(code, "ends_at", TimeForm::minute), status_of(code, "status"),
                   remark(code)});
        table.add_below(text_of(code, "access_code_id"));
    }
    return table;
}

Table table_of_code(const json::object& code, LockNames& locks) {
    const Times times(code, locks);
    Table table;
    table.add({"Access code", text_of(code, "access_code_id")});
    table.add({"Name", text_of(code, "name")});
    const auto device_id = member_text(code, "device_id");
    const auto lock = locks.name(device_id);
    if (!lock.empty()) table.add({"Lock", lock});
    table.add({"Device", or_dash(device_id)});
    if (const auto reference = member_text(code, "external_id"); !reference.empty())
        table.add({"External id", reference});
    table.add({"Status", status_of(code, "status")});
    table.add(
        {"Since", times.of(code, "status_since") + " (" + text_of(code, "status_source") + ")"});
    const bool ready = member_true(code, "ready");
    table.add({"Ready", {ready ? "yes" : "no", ready ? Hue::green : Hue::plain}});
    table.add({"Window", window_of(code, times)});
    if (code.contains("code")) table.add({"PIN", text_of(code, "code")});
    const auto& ended = member_object(code, "ended");
    if (!ended.empty())
        table.add({"Ended", text_of(ended, "reason") + " at " + times.of(ended, "at")});
    add_polling(table, code, times);
    add_entries(table, code, "errors", "Errors", "error_code", Hue::red);
    add_entries(table, code, "warnings", "Warnings", "warning_code", Hue::yellow);
    add_entries(table, code, "pending_mutations", "Pending", "mutation_code", Hue::plain);
    table.add({"Created", times.of(code, "created_at")});
    table.add(
        {"Updated", times.of(code, "updated_at") + " (version " + text_of(code, "version") + ")"});
    return table;
}

Table table_of_transitions(const json::array& transitions, const std::string& device_id,
                           LockNames& locks) {
    const Times times(device_id, locks);
    Table table({"AT", "FROM", "TO", "SOURCE", "EVENT"});
    for (const auto& value : transitions) {
        const auto& step = object_in(value);
        table.add({times.of(step, "at", TimeForm::second), status_of(step, "from"),
                   status_of(step, "to"), text_of(step, "source"), event_of(step)});
    }
    return table;
}

Table table_of_events(const json::array& events, const std::string& device_id, LockNames& locks) {
    const Times times(device_id, locks);
    Table table({"OCCURRED", "SOURCE", "EVENT"});
    for (const auto& value : events) {
        const auto& event = object_in(value);
        table.add({times.of(event, "occurred_at", TimeForm::second), text_of(event, "source"),
                   event_of(event)});
        table.add_below(text_of(event, "event_id"));
    }
    return table;
}

}  // namespace oracode::ctl
