#include "devices/code_list.hpp"

#include <memory>

#include "seam/clock_offset.hpp"
#include "seam/decode.hpp"

namespace oracode::devices {
namespace {

// Far beyond what a lock holds: a list that goes on is a mistake of Seam's.
constexpr int most_pages = 100;

// What was seen so far proves nothing about the rest.
seam::CallError endless(const seam::ListPage& page) {
    seam::CallError error;
    error.detail = "the list of the lock's codes does not end";
    error.seam_request_id = page.seam_request_id;
    error.sent_at = page.sent_at;
    return error;
}

class Listing : public std::enable_shared_from_this<Listing> {
public:
    Listing(seam::Api& api, std::string device_id, lifecycle::Source source,
            std::function<void(SeamResult<std::vector<SeamsCode>>)> done)
        : api_(api), source_(source), done_(std::move(done)) {
        query_.device_id = std::move(device_id);
    }

    void ask() {
        api_.list_access_codes(query_,
                               [self = shared_from_this()](seam::CallResult<seam::ListPage> page) {
                                   self->answered(std::move(page));
                               });
    }

private:
    void answered(seam::CallResult<seam::ListPage> page) {
        if (!page) return done_(page.error());
        const AnswerTimes times{page->sent_at, page->received_at, page->seam_date};
        for (const auto& item : page->items) {
            auto event = decode_shown(item, times, source_);
            if (!event || (!event->device_id.empty() && event->device_id != query_.device_id))
                continue;
            codes_.push_back({std::move(*event)});
        }
        if (!page->next_page_cursor) return done_(std::move(codes_));
        if (++pages_ >= most_pages) return done_(endless(*page));
        query_.page_cursor = std::move(page->next_page_cursor);
        ask();
    }

    seam::Api& api_;
    lifecycle::Source source_;
    seam::AccessCodeQuery query_;
    std::function<void(SeamResult<std::vector<SeamsCode>>)> done_;
    std::vector<SeamsCode> codes_;
    int pages_ = 0;
};

}  // namespace

void list_codes(seam::Api& api, const std::string& device_id, lifecycle::Source source,
                std::function<void(SeamResult<std::vector<SeamsCode>>)> done) {
    std::make_shared<Listing>(api, device_id, source, std::move(done))->ask();
}

Result<lifecycle::Event> decode_shown(const boost::json::value& object, const AnswerTimes& times,
                                      lifecycle::Source source) {
    const auto offset =
        seam::ClockOffset::correction_by(times.seam_date, times.sent_at, times.received_at);
    auto event = seam::decode_access_code(object, times.sent_at + offset, source);
    if (event) event->requested_at = times.sent_at;
    return event;
}

Result<lifecycle::Event> decode_shown(const seam::Found& found, lifecycle::Source source) {
    return decode_shown(found.object, {found.sent_at, found.received_at, found.seam_date}, source);
}

bool is_live(const SeamsCode& code, Timestamp now) {
    const auto& ends_at = code.event.facts.ends_at;
    return !ends_at || !*ends_at || **ends_at > now;
}

}  // namespace oracode::devices
