// What to do next for one order, and what an outcome means. A code cannot be taken back, so the
// rule of every step is: never ask Seam for a second one while a first may exist. Pure but for what
// `is_another` reads; owned by Creation, used on one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "devices/lost_code.hpp"
#include "devices/order.hpp"

namespace oracode::devices {

// Each step is done by its owner, which then calls the planner's function of that name.
namespace step {

struct CheckOrder {};  // → checked
// The key is marked before Seam is asked: whatever happens then, a repeat knows of it.
struct MarkKey {  // → key_marked
    store::OrderedCode requested;
};
struct AskSeam {               // → answered
    boost::json::object wish;  // as `/access_codes/create` wants it
};
struct ListCodes {};  // → listed
struct FetchCode {    // → fetched
    std::string access_code_id;
};
struct Record {  // → recorded
    lifecycle::Event event;
};
struct ReadCode {  // → read
    std::string access_code_id;
};
struct KeepAnswer {  // → key_released
    store::OrderAnswer answer;
};
// `earlier`: an attempt whose code may yet show up; the key stays marked for it. → key_released
struct FreeKey {
    std::optional<store::OrderedCode> earlier;
};
struct End {
    Ending ending;
    std::string_view outcome;  // for the metric
};

}  // namespace step

using Step =
    std::variant<step::CheckOrder, step::MarkKey, step::AskSeam, step::ListCodes, step::FetchCode,
                 step::Record, step::ReadCode, step::KeepAnswer, step::FreeKey, step::End>;

// Whether a code exists is not known. `access_code_id`: of one that may be the order's, or empty.
struct UnclearReport {
    seam::CallError why;
    std::string access_code_id;
};

// What to note down before the step.
struct CreationEffects {
    std::optional<seam::CallError> failed;  // Seam's answer, or that there was none
    std::optional<UnclearReport> unclear;
    std::optional<Made> made;
    bool nothing_made = false;  // the creation noted for the lock's rate limit was none
    bool lock_doubted = false;  // Seam refused what fits by the lock's data
};

struct CreationMove {
    Step step;
    CreationEffects effects;
};

class CreationPlanner {
public:
    struct Options {
        bool has_key = false;  // an Idempotency-Key
        Render render;
        // Of a code that Seam lists: whether it came of another order than the one that was sent at
        // `requested_at`, or was there before it.
        std::function<bool(const std::string& access_code_id, Timestamp requested_at)> is_another;
        Duration seam_timeout{};
        Duration settled_after{};
    };
    CreationPlanner(Order order, Options options);

    // `stored`: what is remembered of the key; nullopt: nothing. The first call.
    [[nodiscard]] CreationMove begin(const Result<std::optional<store::StoredOrder>>& stored);
    // `pause`: how long the lock's rate limit makes the next creation wait.
    [[nodiscard]] CreationMove checked(SeamResult<OrderCheck> checked, Duration pause,
                                       Timestamp now);
    [[nodiscard]] CreationMove key_marked(const Result<void>& marked);
    [[nodiscard]] CreationMove answered(const seam::CallResult<seam::Found>& answer, Timestamp now);
    [[nodiscard]] CreationMove listed(SeamResult<std::vector<SeamsCode>> codes, Timestamp now);
    [[nodiscard]] CreationMove fetched(seam::CallResult<seam::Found> answer, Timestamp now);
    [[nodiscard]] CreationMove recorded(const Result<void>& recorded, Timestamp now);
    [[nodiscard]] CreationMove read(Result<lifecycle::AccessCode> code, Timestamp now);
    [[nodiscard]] CreationMove key_released();

    [[nodiscard]] const Order& order() const { return order_; }
    // What Seam was asked for, now or by an earlier attempt.
    [[nodiscard]] const store::OrderedCode& requested() const { return requested_; }

private:
    [[nodiscard]] CreationMove refused(const seam::CallError& error);
    [[nodiscard]] CreationMove not_answered(const seam::CallError& error, Timestamp now);
    [[nodiscard]] CreationMove search(seam::CallError why, bool may_create_again);
    [[nodiscard]] CreationMove go_on_searching(LostCodeSearch::Next next, Timestamp now);
    [[nodiscard]] CreationMove found(const SeamResult<Traces>& traces, Timestamp now);
    [[nodiscard]] CreationMove record(Result<lifecycle::Event> event, Timestamp sent_at,
                                      Timestamp now);
    [[nodiscard]] CreationMove decide(const Decided& decided);
    [[nodiscard]] CreationMove free_key(Ending ending, std::string_view outcome);
    [[nodiscard]] CreationMove end_unclear(seam::CallError why, Timestamp now,
                                           std::string access_code_id = {}) const;
    [[nodiscard]] boost::json::object wish() const;
    [[nodiscard]] Timestamp settled_at() const;

    Order order_;
    Options options_;
    store::OrderedCode requested_;
    std::optional<store::OrderedCode>
        unresolved_;            // an earlier attempt's, of which no code was found
    userlevel::Window window_;  // in the lock's own offset, for Seam
    std::optional<LostCodeSearch> search_;
    seam::CallError why_search_;
    bool may_create_again_ = false;
    std::string made_id_;
    std::optional<step::End> end_;  // once the key is released
};

}  // namespace oracode::devices
