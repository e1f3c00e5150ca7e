#include "poller/api_port.hpp"

#include <utility>

#include "core/overloaded.hpp"

namespace oracode::poller {
namespace {

constexpr unsigned discovery_page = 500;  // objects asked for at once

Shown shown(seam::ListPage&& page) {
    return {std::move(page.items), page.sent_at,          page.received_at,
            page.seam_date,        page.next_page_cursor, std::move(page.seam_request_id)};
}

Shown shown(seam::Found&& found) {
    return {boost::json::array{std::move(found.object)},
            found.sent_at,
            found.received_at,
            found.seam_date,
            std::nullopt,
            std::move(found.seam_request_id)};
}

}  // namespace

void ApiPort::send(const Request& request, Done done) {
    const auto answered = [done = std::move(done)](auto answer) {
        if (!answer) return done(answer.error());
        done(shown(std::move(*answer)));
    };
    std::visit(Overloaded{[&](const GetWorkspace&) { api_->get_workspace(answered); },
                          [&](const ListCodes& list) {
                              seam::AccessCodeQuery query;
                              for (const auto& code : list.codes)
                                  query.access_code_ids.push_back(code.access_code_id);
                              query.page_cursor = list.cursor;
                              api_->list_access_codes(query, answered);
                          },
                          [&](const GetCode& get) {
                              if (get.unmanaged)
                                  api_->get_unmanaged_access_code(get.access_code_id, answered);
                              else
                                  api_->get_access_code(get.access_code_id, answered);
                          },
                          [&](const ListEvents& list) {
                              seam::EventQuery query;
                              query.since = list.window.from;
                              query.until = list.window.to;
                              query.limit = static_cast<unsigned>(events_page_);
                              api_->list_events(query, answered);
                          },
                          [&](const ListDevices& list) {
                              seam::DeviceQuery query;
                              query.limit = discovery_page;
                              query.page_cursor = list.cursor;
                              api_->list_devices(query, answered);
                          },
                          [&](const ListLockCodes& list) {
                              seam::AccessCodeQuery query;
                              query.device_id = list.device_id;
                              query.limit = discovery_page;
                              query.page_cursor = list.cursor;
                              api_->list_access_codes(query, answered);
                          }},
               request);
}

}  // namespace oracode::poller
