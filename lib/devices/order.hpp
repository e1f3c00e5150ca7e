// What a caller wants a code for, and how that can end. Plain values; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "lifecycle/access_code.hpp"
#include "seam/client_answer.hpp"
#include "seam/decode_device.hpp"
#include "store/stored_order.hpp"
#include "userlevel/match.hpp"

namespace oracode::devices {

struct Order {
    std::string device_id;
    std::optional<std::string> name;
    userlevel::WindowRequest window;
    std::optional<std::string> external_id = {};  // the caller's own reference, kept with the code
    std::string request_id = {};  // of the one who orders, for log lines; no part of the digest
};

// The same for orders that want the same, however they were written; 64 hex digits.
[[nodiscard]] std::string digest(const Order& order);

// A lock as Seam showed it, and when.
struct LockSnapshot {
    seam::Device device;
    Timestamp fetched_at;
    bool just_fetched = false;  // for the one who gets it
};

// An error of Seam's or on the way to it; moreover with Errc::store_unavailable where the disk
// refuses.
template <class T>
using SeamResult = seam::CallResult<T>;

// What the Oracode rules say of an order, and by which snapshot of the lock.
struct OrderCheck {
    userlevel::Verdict verdict;
    LockSnapshot lock;
};

// A code as it was made, and what Seam was asked for.
struct Made {
    lifecycle::AccessCode code;
    store::OrderedCode requested;
};
// Whether Seam shows another window than it was asked for.
[[nodiscard]] bool has_other_window(const Made& made);

// The endings that say all there is to say: the code, rules that were broken, or Seam's refusal. A
// repeat of the order with the same Idempotency-Key gets the code again; a refusal leaves the key
// free.
using Decided = std::variant<Made, OrderCheck, seam::CallError>;
// Writes down a decided ending as the answer to give. Called on the DeviceService's thread.
using Render = std::function<store::OrderAnswer(const Decided&)>;

struct Answered {
    store::OrderAnswer answer;
    bool repeated = false;  // it was given before
};
// All rules kept, but the lock has had its ten codes of this minute.
struct TooFast {
    OrderCheck checked;
    Duration retry_after{};
};
// Seam was asked, but whether it made the code is not known.
struct Unclear {
    seam::CallError why;
    Duration retry_after{};
};
enum class KeyConflict { other_order, still_running };

// How an order ends. A CallError here means that nothing was made and that it may be repeated.
using Ending = std::variant<Answered, TooFast, Unclear, seam::CallError, KeyConflict>;

}  // namespace oracode::devices
