// Whatever something that is asked in Seam's place answers: it is sorted into an answer or an error
// whose texts are short and fit into a log line, and every endpoint takes or refuses it once.
#include <charconv>

#include <boost/json.hpp>

#include "input.hpp"
#include "seam/client_api.hpp"
#include "seam/decode.hpp"
#include "seam/decode_device.hpp"

namespace {

using namespace oracode;
using fuzz::require;

// Lines: status, Retry-After, request id, Date; what follows is the body.
seam::RawAnswer answer_of(std::string_view text) {
    const auto lines = fuzz::lines_of(text, 5);
    seam::RawAnswer raw;
    std::from_chars(lines[0].data(), lines[0].data() + lines[0].size(), raw.status);
    raw.retry_after = lines[1];
    raw.seam_request_id = lines[2];
    raw.date = lines[3];
    if (!lines[4].empty())
        raw.body = text.substr(static_cast<std::size_t>(lines[4].data() - text.data()));
    return raw;
}

class OneAnswer final : public seam::Caller {
public:
    explicit OneAnswer(const seam::CallResult<seam::Answer>& answer) : answer_(answer) {}

    void get(const std::string&, const Query&, Done done) override { done(answer_); }
    void post(const std::string&, const boost::json::object&, Done done) override { done(answer_); }
    void ask(const std::string&, const boost::json::object&, Done done) override { done(answer_); }

private:
    const seam::CallResult<seam::Answer>& answer_;
};

void check(const seam::CallError& error) {
    require(error.error_message.size() <= seam::longest_message);
    require(error.error_type.size() <= 128 && error.seam_request_id.size() <= 128);
    require(!fuzz::has_control_characters(seam::describe(error)));
    if (error.retry_after)
        require(*error.retry_after >= Duration{0} &&
                *error.retry_after <= seam::longest_retry_after);
    const bool by_seam = error.code == Errc::unauthenticated || error.code == Errc::forbidden ||
                         error.code == Errc::not_found;
    if (by_seam) require(error.answered && !error.error_type.empty());
}

void read_everything(seam::Api& api, bool answered) {
    unsigned times = 0;
    const auto take_page = [&](const seam::CallResult<seam::ListPage>& page) {
        ++times;
        if (!page) return check(page.error());
        require(answered && (!page->next_page_cursor || !page->next_page_cursor->empty()));
        for (const auto& item : page->items) {
            static_cast<void>(
                seam::decode_access_code(item, page->sent_at, lifecycle::Source::poll));
            static_cast<void>(
                seam::decode_listed_event(item, page->sent_at, lifecycle::Source::backfill));
            static_cast<void>(seam::decode_device(item));
        }
    };
    const auto take_object = [&](const seam::CallResult<seam::Found>& found) {
        ++times;
        if (!found) return check(found.error());
        require(answered);
        static_cast<void>(
            seam::decode_access_code(found->object, found->sent_at, lifecycle::Source::poll));
    };
    api.list_access_codes({}, take_page);
    api.list_events({}, take_page);
    api.list_devices({}, take_page);
    api.list_webhooks(take_page);
    api.get_access_code("a", take_object);
    api.get_device("a", take_object);
    api.get_workspace(take_object);
    api.create_access_code({}, take_object);
    require(times == 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto raw = answer_of(fuzz::text_of(data, size));
    const auto answer = seam::classify(raw, fuzz::now, fuzz::now);
    if (answer)
        require(answer->status >= 200 && answer->status < 300);
    else
        check(answer.error());
    OneAnswer caller(answer);
    seam::Api api(caller);
    read_everything(api, answer.has_value());
    return 0;
}
