#include "devices/directory.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "core/lenient_json.hpp"
#include "logging/log.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;

constexpr Duration quiet_after_failure = std::chrono::seconds{5};
constexpr Duration rate_limit_pause = std::chrono::seconds{30};  // after a 429 that names no time
constexpr int most_pages = 1000;  // a list that goes on is a mistake of Seam's

}  // namespace

// Seam's list of devices on its way, page after page.
struct Directory::Listing {
    seam::DeviceQuery query;
    Timestamp began;
    int pages = 0;
    std::vector<store::StoredDevice> locks;
};

seam::CallError no_api_key() {
    return seam::local_error(Errc::unauthenticated, "no Seam API key is configured");
}

Directory::Directory(Dependencies deps)
    : deps_(std::move(deps)), budget_(deps_.requests_per_minute) {}

Result<LockSnapshot> Directory::kept(const std::string& device_id) {
    const auto stored = deps_.reader.device(device_id);
    if (!stored) return stored.error();
    boost::system::error_code malformed;
    const auto object = parse_lenient_json(stored->object, malformed);
    if (malformed) return Error{Errc::not_found, "what is kept cannot be read"};
    auto device = seam::decode_device(object);
    if (!device) return Error{Errc::not_found, "what is kept cannot be read"};
    return LockSnapshot{std::move(*device), stored->fetched_at, false};
}

void Directory::find(const std::string& device_id, Done done) {
    auto known = kept(device_id);
    const auto now = deps_.now();
    if (known) {
        const bool young = known->fetched_at <= now && now - known->fetched_at < deps_.fresh &&
                           !distrusted_.contains(device_id);
        if (young || now < quiet_until_)
            return boost::asio::post(
                deps_.context, [done = std::move(done), snapshot = std::move(*known)]() mutable {
                    done(std::move(snapshot));
                });
    }
    fetch(device_id, [known = std::move(known),
                      done = std::move(done)](SeamResult<LockSnapshot> snapshot) mutable {
        if (snapshot || !known || snapshot.error().code == Errc::not_found)
            return done(std::move(snapshot));
        done(std::move(*known));
    });
}

std::optional<seam::CallError> Directory::hindrance() {
    if (api_ == nullptr) return no_api_key();
    const auto now = deps_.now();
    if (budget_.take(now)) return std::nullopt;
    auto error = seam::local_error(Errc::seam_rate_limited, "locks are asked for too often");
    error.retry_after = budget_.next_allowed(now) - now;
    return error;
}

void Directory::fetch(const std::string& device_id, Done done) {
    auto& waiting = waiting_[device_id];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    if (auto error = hindrance())
        return boost::asio::post(deps_.context, [this, device_id, error = std::move(*error)] {
            answer_waiting(device_id, error);
        });
    api_->get_device(device_id, [this, device_id](seam::CallResult<seam::Found> answer) {
        fetched(device_id, std::move(answer));
    });
}

void Directory::fetched(const std::string& device_id, seam::CallResult<seam::Found> answer) {
    const auto when_kept = [this, device_id](SeamResult<LockSnapshot> snapshot) {
        return [this, device_id, snapshot = std::move(snapshot)](const Result<bool>&) {
            // Where it could not be kept it is passed on all the same.
            answer_waiting(device_id, snapshot);
        };
    };
    if (!answer) {
        note_failure(answer.error());
        if (answer.error().code != Errc::not_found)
            return answer_waiting(device_id, answer.error());
        return deps_.store.forget_lock(device_id, deps_.context, when_kept(answer.error()));
    }
    auto device = seam::decode_device(answer->object);
    if (!device || device->lock.device_id != device_id) {
        seam::CallError error;
        error.detail = "an answer without the device that was asked for";
        error.seam_request_id = answer->seam_request_id;
        error.sent_at = answer->sent_at;
        return answer_waiting(device_id, error);
    }
    distrusted_.erase(device_id);
    store::StoredDevice stored{device_id, answer->sent_at, seam::excerpt(answer->object)};
    deps_.store.put_lock_snapshots(
        {std::move(stored)}, std::nullopt, deps_.context,
        when_kept(LockSnapshot{std::move(*device), answer->sent_at, true}));
}

void Directory::answer_waiting(const std::string& device_id,
                               const SeamResult<LockSnapshot>& snapshot) {
    const auto found = waiting_.find(device_id);
    if (found == waiting_.end()) return;
    const auto waiting = std::move(found->second);
    waiting_.erase(found);
    for (const auto& done : waiting) done(snapshot);
}

void Directory::note_failure(const seam::CallError& error) {
    const auto now = deps_.now();
    if (error.code == Errc::not_found) return;  // an answer like any other
    log::warn("devices.not_fetched", {{"error", seam::describe(error)}});
    if (error.code == Errc::seam_unreachable) quiet_until_ = now + quiet_after_failure;
    if (error.code == Errc::seam_rate_limited)
        budget_.punish(now, error.retry_after.value_or(rate_limit_pause));
}

void Directory::refresh_all(std::function<void()> done) {
    const auto now = deps_.now();
    const bool young = listed_at_ && *listed_at_ <= now && now - *listed_at_ < deps_.fresh;
    const bool running = !waiting_for_list_.empty();
    if (!running && (young || now < quiet_until_ || hindrance()))
        return boost::asio::post(deps_.context, std::move(done));
    waiting_for_list_.push_back(std::move(done));
    if (running) return;
    auto listing = std::make_shared<Listing>();
    listing->began = now;
    ask_for_page(listing);
}

void Directory::ask_for_page(const std::shared_ptr<Listing>& listing) {
    api_->list_devices(listing->query, [this, listing](seam::CallResult<seam::ListPage> page) {
        listed(listing, std::move(page));
    });
}

void Directory::listed(const std::shared_ptr<Listing>& listing,
                       seam::CallResult<seam::ListPage> page) {
    if (!page) {
        note_failure(page.error());
        return finish_listing(*listing, false);
    }
    for (const auto& item : page->items) {
        const auto device = seam::decode_device(item);
        if (!device || !device->is_oracode) continue;
        listing->locks.push_back(
            {device->lock.device_id, page->sent_at, seam::excerpt(item.get_object())});
    }
    if (!page->next_page_cursor) return finish_listing(*listing, true);
    if (++listing->pages >= most_pages) return finish_listing(*listing, false);
    listing->query.page_cursor = std::move(page->next_page_cursor);
    ask_for_page(listing);
}

// One transaction keeps all: a list of a thousand locks is one commit.
void Directory::finish_listing(const Listing& listing, bool complete) {
    if (complete) listed_at_ = listing.began;
    const auto complete_since = complete ? std::optional{listing.began} : std::nullopt;
    deps_.store.put_lock_snapshots(listing.locks, complete_since, deps_.context,
                                   [this](const Result<bool>&) {
                                       const auto waiting = std::exchange(waiting_for_list_, {});
                                       for (const auto& done : waiting) done();
                                   });
}

}  // namespace oracode::devices
