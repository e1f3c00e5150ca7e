// Seam's endpoints by name, as far as this daemon needs them, over a Client. Owned by App; used on
// the Client's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/time.hpp"
#include "seam/client.hpp"

namespace oracode::seam {

// One object as Seam shows it.
struct Found {
    boost::json::object object;
    std::string seam_request_id;
    Timestamp sent_at{};  // what `object` states is no older
    Timestamp received_at{};
    std::optional<Timestamp> seam_date;  // the answer's Date header
};

// A list, or a page of one.
struct ListPage {
    boost::json::array items;
    std::optional<std::string> next_page_cursor;  // none: this was the last page
    std::string seam_request_id;
    Timestamp sent_at{};
    Timestamp received_at{};
    std::optional<Timestamp> seam_date;
};

// Which access codes: those named by `access_code_ids`, or all of `device_id`. Seam may answer with
// others, too.
struct AccessCodeQuery {
    std::vector<std::string> access_code_ids;
    std::string device_id;
    std::optional<unsigned> limit;
    std::optional<std::string> page_cursor;
};

// Events by their `created_at`: from `since` on, or between `since` and `until`, which Seam leaves
// out both. Seam's limit is 500.
struct EventQuery {
    std::chrono::sys_time<std::chrono::microseconds> since{};
    std::optional<std::chrono::sys_time<std::chrono::microseconds>> until;
    std::vector<std::string> event_types;  // empty: all
    std::optional<unsigned> limit;
};

struct DeviceQuery {
    std::vector<std::string> device_ids;  // empty: all
    std::optional<unsigned> limit;
    std::optional<std::string> page_cursor;
};

// Each call ends as Client's do; moreover with Errc::seam_unreachable, marked `answered`, where an
// answer is JSON but lacks what was asked for. Lists go by POST: ids make long URLs.
class Api {
public:
    using FoundDone = std::function<void(CallResult<Found>)>;
    using PageDone = std::function<void(CallResult<ListPage>)>;

    explicit Api(Caller& caller) : caller_(caller) {}

    void list_access_codes(const AccessCodeQuery& query, PageDone done);
    void get_access_code(const std::string& access_code_id, FoundDone done);
    // Knows the codes that Seam does not manage, which the others do not show.
    void get_unmanaged_access_code(const std::string& access_code_id, FoundDone done);
    // The workspace of the key.
    void get_workspace(FoundDone done);
    // `order` as `/access_codes/create` wants it. Sent once only; where the error is
    // seam_unreachable the code may exist all the same.
    void create_access_code(const boost::json::object& order, FoundDone done);
    void list_events(const EventQuery& query, PageDone done);
    void get_device(const std::string& device_id, FoundDone done);
    void list_devices(const DeviceQuery& query, PageDone done);
    void list_webhooks(PageDone done);
    // The answer holds the endpoint's secret. Empty `event_types` means Seam's default, all.
    void create_webhook(const std::string& url, const std::vector<std::string>& event_types,
                        FoundDone done);

private:
    Caller& caller_;
};

}  // namespace oracode::seam
