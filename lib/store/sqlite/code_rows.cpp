#include "store/sqlite/code_rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace oracode::store {
namespace {

// Beyond it the oldest are forgotten; the events' own uniqueness remains.
constexpr std::size_t max_fingerprints = 256;

constexpr std::size_t facts = 21;
constexpr std::size_t facts_of_0_1_0 = 11;  // the first of them
constexpr std::uint8_t never_stated = 0xff;

// Numbers are kept with the least byte first, whatever the machine.
void put_integer(std::string& out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t take_integer(std::string_view& in, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes && i < in.size(); ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[i])) << (8 * i);
    in.remove_prefix(std::min(bytes, in.size()));
    return value;
}

// An instant and `bits` bits beside it in eight bytes: the years that RFC 3339 can write take 49.
std::uint64_t join(Timestamp at, unsigned beside, unsigned bits) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count()) << bits | beside;
}

Timestamp instant_of(std::uint64_t joined, unsigned bits) {
    return Timestamp{Duration{static_cast<std::int64_t>(joined) >> bits}};
}

template <class Code>
auto stamps_of(Code& code) {
    return std::array<decltype(&code.name.stamp), facts>{&code.name.stamp,
                                                         &code.code.stamp,
                                                         &code.type.stamp,
                                                         &code.is_offline_access_code.stamp,
                                                         &code.starts_at.stamp,
                                                         &code.ends_at.stamp,
                                                         &code.created_at.stamp,
                                                         &code.errors.stamp,
                                                         &code.warnings.stamp,
                                                         &code.pending_mutations.stamp,
                                                         &code.dormakaba_oracode_metadata.stamp,
                                                         &code.is_waiting_for_code_assignment.stamp,
                                                         &code.is_scheduled_on_device.stamp,
                                                         &code.managed.stamp,
                                                         &code.altered,
                                                         &code.event_errors.stamp,
                                                         &code.event_warnings.stamp,
                                                         &code.starts_at.denied[0],
                                                         &code.starts_at.denied[1],
                                                         &code.ends_at.denied[0],
                                                         &code.ends_at.denied[1]};
}

// Most facts were stated together: the distinct stamps once, preceded by which of them each fact
// has. Empty when nothing was stated.
std::string pack_stamps(const lifecycle::AccessCode& code) {
    std::string which;
    std::string distinct;
    std::array<lifecycle::Stamp, facts> seen;
    std::size_t count = 0;
    for (const auto* stamp : stamps_of(code)) {
        if (*stamp == lifecycle::Stamp{}) {
            which += static_cast<char>(never_stated);
            continue;
        }
        const auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
        const auto found = std::find(seen.begin(), end, *stamp);
        which += static_cast<char>(found - seen.begin());
        if (found != end) continue;
        seen.at(count++) = *stamp;
        put_integer(distinct, join(stamp->at, stamp->by_object ? 1 : 0, 1), 8);
    }
    return count == 0 ? std::string{} : which + distinct;
}

// How many facts begin a packed list: what follows them takes eight bytes each.
std::size_t facts_in(std::string_view packed) {
    return packed.size() % 8 == facts_of_0_1_0 % 8 ? facts_of_0_1_0 : facts;
}
static_assert(facts % 8 != facts_of_0_1_0 % 8);

void unpack_stamps(std::string_view packed, lifecycle::AccessCode& code) {
    const auto count = facts_in(packed);
    if (packed.size() < count) return;
    const auto distinct = packed.substr(count);
    std::size_t fact = 0;
    for (auto* stamp : stamps_of(code)) {
        if (fact == count) break;
        const auto which = static_cast<std::uint8_t>(packed[fact++]);
        if (which == never_stated) continue;
        auto at = distinct.substr(std::min(distinct.size(), std::size_t{which} * 8));
        const auto joined = take_integer(at, 8);
        *stamp = lifecycle::Stamp{instant_of(joined, 1), (joined & 1) != 0};
    }
    if (count == facts) return;
    // 0.1.0 took a single "none" for the truth.
    for (auto* edge : {&code.starts_at, &code.ends_at}) {
        if (!edge->value) edge->denied[0] = std::exchange(edge->stamp, lifecycle::Stamp{});
    }
}

std::string pack_instants(const std::vector<Timestamp>& instants) {
    std::string packed;
    for (const auto at : instants) put_integer(packed, join(at, 0, 0), 8);
    return packed;
}

std::vector<Timestamp> unpack_instants(std::string_view packed) {
    std::vector<Timestamp> instants;
    while (packed.size() >= 8) instants.push_back(instant_of(take_integer(packed, 8), 0));
    return instants;
}

std::string pack_observations(const std::vector<lifecycle::Observation>& observations) {
    std::string packed;
    packed.reserve(observations.size() * 8);
    for (const auto& o : observations) {
        const auto beside = static_cast<unsigned>(o.step) << 4 | static_cast<unsigned>(o.source);
        put_integer(packed, join(o.at, beside, 8), 8);
    }
    return packed;
}

std::vector<lifecycle::Observation> unpack_observations(std::string_view packed) {
    std::vector<lifecycle::Observation> observations;
    observations.reserve(packed.size() / 8);
    while (packed.size() >= 8) {
        const auto joined = take_integer(packed, 8);
        observations.push_back({instant_of(joined, 8),
                                static_cast<lifecycle::LifecycleStep>(joined >> 4 & 15),
                                static_cast<lifecycle::Source>(joined & 15)});
    }
    return observations;
}

// Reads the columns one after the other.
class Cursor {
public:
    explicit Cursor(const Rows& rows) : rows_(rows) {}

    std::int64_t integer() { return rows_.integer(column_++); }
    std::string id() { return read_id(rows_, column_++); }
    Timestamp instant() { return rows_.instant(column_++); }
    std::optional<Timestamp> maybe_instant() { return rows_.maybe_instant(column_++); }
    std::optional<std::string> maybe_text() { return rows_.maybe_text(column_++); }
    std::string_view bytes() { return rows_.bytes(column_++); }
    template <class T>
    T word() {
        return rows_.word<T>(column_++);
    }
    template <class T>
    std::optional<T> maybe_word() {
        const int column = column_++;
        return rows_.is_null(column) ? std::nullopt : std::optional{rows_.word<T>(column)};
    }

private:
    const Rows& rows_;
    int column_ = 0;
};

void decode(const Rows& rows, CodeRow& row) {
    Cursor at(rows);
    auto& code = row.code;
    row.code_no = at.integer();
    code.access_code_id = at.id();
    code.device_id = at.id();
    code.workspace_id = at.id();
    code.connected_account_id = at.id();
    code.status = at.word<lifecycle::Status>();
    const auto ended_reason = at.maybe_word<lifecycle::EndReason>();
    const auto ended_at = at.instant();
    if (ended_reason) code.ended = lifecycle::Ended{*ended_reason, ended_at};
    code.next_poll_at = at.maybe_instant();
    code.status_since = at.instant();
    code.status_source = at.word<lifecycle::Source>();
    code.starts_at.value = at.maybe_instant();
    code.ends_at.value = at.maybe_instant();
    code.created_at.value = at.maybe_instant();
    code.refetch = at.integer() != 0;
    code.expected_by = at.maybe_instant();
    code.last_polled_at = at.maybe_instant();
    code.clock_at = at.maybe_instant();
    code.polls_without_news = at.word<std::int32_t>();
    code.tracked = at.integer() != 0;
    code.version = at.integer();
    code.updated_at = at.instant();
    row.last_event = at.integer();
    row.last_change = at.integer();
    code.is_offline_access_code.value = at.maybe_word<bool>();
    code.name.value = at.maybe_text();
    code.code.value = at.maybe_text();
    code.type.value = at.maybe_text();
    code.errors.value = at.maybe_text();
    code.warnings.value = at.maybe_text();
    code.pending_mutations.value = at.maybe_text();
    code.dormakaba_oracode_metadata.value = at.maybe_text();
    code.is_waiting_for_code_assignment.value = at.maybe_word<bool>();
    code.is_scheduled_on_device.value = at.maybe_word<bool>();
    code.managed.value = at.maybe_word<bool>().value_or(true);
    code.event_errors.value = at.maybe_text();
    code.event_warnings.value = at.maybe_text();
    code.external_id = at.maybe_text();
    code.missing_looks = unpack_instants(at.bytes());
    row.open_alerts = static_cast<unsigned>(at.integer());
    unpack_stamps(at.bytes(), code);
    code.observations = unpack_observations(at.bytes());
    row.due_from = at.maybe_instant();
    row.awaited_by = at.maybe_instant();
    row.ended_since = at.maybe_instant();
    row.pins_from = at.maybe_word<std::int64_t>();
    row.event_fingerprints = at.bytes();
}

// Gives the parameters their values in the order of their numbers.
class Filler {
public:
    explicit Filler(Statement& statement) : statement_(statement) {}

    template <class T>
    Filler& operator<<(const T& value) {
        statement_.bind(++parameter_, value);
        return *this;
    }

private:
    Statement& statement_;
    int parameter_ = 0;
};

}  // namespace

CodeRow decode_row(const Rows& rows) {
    CodeRow row;
    decode(rows, row);
    return row;
}

lifecycle::AccessCode decode_code(const Rows& rows) {
    return decode_row(rows).code;
}

BoundCode::BoundCode(Statement& statement, const CodeRow& row)
    : access_code_id_(row.code.access_code_id),
      device_id_(row.code.device_id),
      workspace_id_(row.code.workspace_id),
      connected_account_id_(row.code.connected_account_id),
      stamps_(pack_stamps(row.code)),
      observations_(pack_observations(row.code.observations)),
      missing_looks_(pack_instants(row.code.missing_looks)) {
    const auto& code = row.code;
    const auto missing_looks =
        missing_looks_.empty() ? std::nullopt : std::optional{Blob{missing_looks_}};
    Filler fill(statement);
    fill << unless_zero(row.code_no) << access_code_id_ << device_id_ << workspace_id_
         << connected_account_id_ << code.status;
    if (code.ended) {
        fill << code.ended->reason << code.ended->at;
    } else {
        fill << nullptr << nullptr;
    }
    fill << code.next_poll_at << code.status_since << code.status_source << code.starts_at.value
         << code.ends_at.value << code.created_at.value << code.refetch << code.expected_by
         << code.last_polled_at << code.clock_at << code.polls_without_news << code.tracked
         << code.version << code.updated_at << unless_zero(row.last_event)
         << unless_zero(row.last_change) << code.is_offline_access_code.value << code.name.value
         << code.code.value << code.type.value << code.errors.value << code.warnings.value
         << code.pending_mutations.value << code.dormakaba_oracode_metadata.value
         << code.is_waiting_for_code_assignment.value
         << code.is_scheduled_on_device.value
         // NULL as long as nothing else was stated, as in most rows.
         << (code.managed.value ? std::nullopt : std::optional{false}) << code.event_errors.value
         << code.event_warnings.value << code.external_id << missing_looks
         << unless_zero(row.open_alerts) << Blob{stamps_} << Blob{observations_} << row.due_from
         << row.awaited_by << row.ended_since << row.pins_from << Blob{row.event_fingerprints};
}

std::uint32_t fingerprint_of(std::string_view event_id) {
    std::uint32_t fingerprint = 2166136261U;  // FNV-1a
    for (const char c : event_id)
        fingerprint = (fingerprint ^ static_cast<unsigned char>(c)) * 16777619U;
    return fingerprint;
}

bool has_fingerprint(std::string_view event_fingerprints, std::uint32_t fingerprint) {
    while (event_fingerprints.size() >= 4) {
        if (take_integer(event_fingerprints, 4) == fingerprint) return true;
    }
    return false;
}

void add_fingerprint(std::string& event_fingerprints, std::uint32_t fingerprint) {
    if (event_fingerprints.size() >= max_fingerprints * 4) event_fingerprints.erase(0, 4);
    put_integer(event_fingerprints, fingerprint, 4);
}

}  // namespace oracode::store
