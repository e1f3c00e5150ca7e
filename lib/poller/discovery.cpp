#include "poller/discovery.hpp"

#include <algorithm>

#include <boost/json/value.hpp>

#include "seam/decode_device.hpp"

namespace oracode::poller {

void Discovery::begin_if_due(Timestamp now) {
    if (interval_ == Duration{0}) return;
    next_at_ = std::min(next_at_, now + interval_);
    if (now < next_at_ || next()) return;
    begin_again(now);
}

void Discovery::begin_again(Timestamp now) {
    if (interval_ == Duration{0}) return;
    listing_devices_ = true;
    cursor_.reset();
    pages_ = 0;
    locks_.clear();
    next_at_ = now + interval_;
}

std::optional<Request> Discovery::next() const {
    if (listing_devices_) return ListDevices{cursor_};
    if (!locks_.empty()) return ListLockCodes{locks_.front(), cursor_};
    return std::nullopt;
}

std::optional<Timestamp> Discovery::next_at() const {
    return interval_ == Duration{0} ? std::nullopt : std::optional{next_at_};
}

void Discovery::devices_shown(const Shown& answer) {
    if (!listing_devices_) return;
    for (const auto& item : answer.items) {
        const auto device = seam::decode_device(item);
        if (!device) continue;
        if (device->is_oracode || device->lock.can_program_offline_access_codes == true)
            locks_.push_back(device->lock.device_id);
    }
    const bool more = answer.next_page_cursor && answer.next_page_cursor != cursor_;
    listing_devices_ = more && ++pages_ < most_pages;
    cursor_ = listing_devices_ ? answer.next_page_cursor : std::nullopt;
    if (!listing_devices_) pages_ = 0;
}

void Discovery::codes_shown(const Shown& answer) {
    if (listing_devices_ || locks_.empty()) return;
    const bool more = answer.next_page_cursor && answer.next_page_cursor != cursor_;
    if (more && ++pages_ < most_pages) {
        cursor_ = answer.next_page_cursor;
        return;
    }
    refused();
}

void Discovery::again_at(Timestamp at) {
    if (interval_ != Duration{0}) next_at_ = std::min(next_at_, at);
}

void Discovery::refused() {
    cursor_.reset();
    pages_ = 0;
    if (listing_devices_)
        listing_devices_ = false;
    else if (!locks_.empty())
        locks_.pop_front();
}

}  // namespace oracode::poller
