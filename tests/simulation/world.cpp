#include "simulation/world.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "simulation/promises.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration timeout = 30s;  // seam.timeout

bool traced() {
    static const bool wanted = std::getenv("ORACODE_TRACE") != nullptr;
    return wanted;
}

// Whether only a look can tell what the event is about; the others state it themselves.
bool wants_a_look(const Webhook& webhook) {
    constexpr std::array stating{"access_code.set_on_device", "access_code.removed_from_device",
                                 "access_code.deleted", "access_code.delay_in_setting_on_device",
                                 "access_code.failed_to_set_on_device"};
    return !webhook.code_id.empty() &&
           std::find(stating.begin(), stating.end(), webhook.type) == stating.end();
}

// What cannot be learned meanwhile; nullopt: all can.
std::optional<std::string> subject_of(const Trouble& trouble) {
    switch (trouble.kind) {
        case Trouble::Kind::seam_clock:
            return std::nullopt;
        case Trouble::Kind::codes_lost:
            return Watch::lost_codes;
        case Trouble::Kind::no_events:
            return Watch::event_lists;
        case Trouble::Kind::one_code:
            return trouble.code;
        default:
            return Watch::everything;
    }
}

}  // namespace

WorldOptions contrary(std::uint64_t seed, Duration length) {
    std::mt19937_64 random(seed * 3 + 2);
    const auto one_in = [&](std::uint64_t count) { return random() % count == 0; };
    WorldOptions world;
    world.length = length;
    world.planner.requests_per_minute = 30;
    world.planner.batch = 3;
    world.planner.events_page = one_in(4) ? 500 : 20;
    world.planner.backfill = 6h;
    world.planner.discover = 8h;
    auto& seam = world.seam;
    seam.codes = one_in(4) ? 6 + random() % 6 : 2 + random() % 4;
    if (one_in(2)) seam.page = 1 + random() % 3;
    if (one_in(2)) seam.stale = 0.1;
    seam.lag = 8s;
    if (one_in(2)) seam.left_out = 0.1;
    if (one_in(2)) seam.slim = 0.5;
    if (one_in(4)) seam.no_start = 0.02;
    if (one_in(3)) seam.ahead = 2min;
    seam.silent = one_in(2);
    if (one_in(8)) seam.burst = one_in(4) ? 700 : 60;
    seam.dense = one_in(2);
    if (!one_in(4)) world.dropped = one_in(4) ? 1 : 0.25;
    if (one_in(2)) world.doubled = world.delayed = 0.2;
    if (one_in(2)) world.crashes = 0.003;
    if (one_in(2)) world.strays = 0.03;
    world.troubles = static_cast<int>(random() % 4);
    if (one_in(3)) world.clock_off = Duration{static_cast<std::int64_t>(random() % 40'000)} - 20s;
    if (one_in(3)) world.clock_drift = 1e-4;
    return world;
}

World::World(std::uint64_t seed, WorldOptions options, std::string path)
    : random_(seed * 2 + 1),
      options_(options),
      disk_(std::move(path)),
      seam_(seed * 2, start, options_.length, options_.seam, tally_),
      watch_({options_.planner.backfill, options_.planner.discover,
              [this](const std::string& id) { return most_are_missing(id); },
              [this](const std::string& id) { return others_known(id).empty(); },
              [this](Timestamp when, const std::string& id) { to_look_at_.emplace(when, id); }}) {
    troubles_ = write_troubles(random_, start, options_.length, options_.planner.backfill,
                               options_.troubles);
    for (const auto& trouble : troubles_) {
        at(trouble.from, [this, &trouble] { begin(trouble); });
        at(trouble.to, [this, &trouble] { end(trouble); });
    }
    note_clock();
    boot();
    at(start, [this] { seam_moves(); });
}

Duration World::within(Duration span) {
    return Duration{
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(span.count()))};
}

void World::at(Timestamp when, std::function<void()> act) {
    agenda_.emplace(when, std::move(act));
}

Timestamp World::clock() const {
    const auto drift = std::chrono::duration_cast<Duration>((now_ - start) * options_.clock_drift);
    const bool wrong = trouble_ && trouble_->kind == Trouble::Kind::clock;
    return now_ + options_.clock_off + drift + (wrong ? trouble_->clock_off : Duration{});
}

void World::run() {
    const auto end = start + options_.length + promises::unknown_silent(options_.planner.discover);
    while (broken().empty()) {
        const auto look = to_look_at_.empty() ? end : to_look_at_.begin()->first;
        const auto act = agenda_.empty() ? end : agenda_.begin()->first;
        if (std::min(look, act) >= end) return;
        if (act <= look) {
            auto next = agenda_.extract(agenda_.begin());
            now_ = std::max(now_, act);
            next.mapped()();
        } else {
            now_ = std::max(now_, look);
            look_at(to_look_at_.extract(to_look_at_.begin()).value().second);
        }
        dead_.clear();
    }
}

Surroundings World::surroundings() {
    Surroundings out;
    out.clock = [this] { return clock(); };
    out.later = [this](Duration after, std::function<void()> act) {
        at(now_ + after, [this, act = std::move(act), daemon = std::weak_ptr(alive_)] {
            if (!daemon.expired()) act();
        });
    };
    out.call = [this](const std::string& path, const std::string& body, auto done) {
        call(path, body, std::move(done));
    };
    out.written = [this](const std::string& id) {
        if (!id.empty()) return written(id);
        look_at_all();
    };
    out.crashes = [this] {
        const bool crash = chance(options_.crashes);
        if (crash) {
            tally_.note(Fault::crash);
            down();
            boot();
        }
        return crash;
    };
    out.random = [this] { return std::uniform_real_distribution<>(0, 1)(random_); };
    return out;
}

// The daemon starts, for the first time or after a crash: only the database knows of before.
void World::boot() {
    minute_.clear();
    booted_at_ = now_;
    trace("boot", "");
    alive_ = std::make_shared<bool>(true);
    daemon_ = std::make_unique<SimulatedDaemon>(surroundings(), options_.planner, disk_.path());
    daemon_->start();
    watch_.started(now_);
}

// It may be called from within the daemon, which lies there until its last function has returned.
void World::down() {
    if (!daemon_) return;
    received_.clear();
    alive_.reset();
    daemon_->die();
    dead_.push_back(std::move(daemon_));
}

void World::seam_moves() {
    seam_.advance(now_);
    for (const auto& webhook : seam_.take_events()) {
        ++events_;
        trace("event", webhook.body);
        if (chance(options_.dropped)) {
            tally_.note(Fault::webhook_lost);
            continue;
        }
        deliver(webhook);
        if (!chance(options_.doubled)) continue;
        tally_.note(Fault::webhook_doubled);
        deliver(webhook);
    }
    for (const auto& id : seam_.take_changed()) look_at(id);
    if (const auto next = seam_.next_change()) at(*next, [this] { seam_moves(); });
}

void World::deliver(const Webhook& webhook) {
    const bool late = chance(options_.delayed);
    if (late) tally_.note(Fault::webhook_late);
    at(now_ + (late ? within(28h) : within(5s)), [this, webhook] { attempt(webhook, 0); });
}

void World::attempt(const Webhook& webhook, std::size_t tries) {
    if (daemon_) {
        trace("webhook", webhook.body);
        if (wants_a_look(webhook)) received_.emplace(webhook.code_id, webhook.at);
        return daemon_->receive(webhook.body);
    }
    constexpr std::array<Duration, 7> again{5s, 5min, 30min, 2h, 5h, 10h, 10h};
    if (tries == again.size()) return;
    at(now_ + again.at(tries), [this, webhook, tries] { attempt(webhook, tries + 1); });
}

void World::written(const std::string& id) {
    const auto [first, last] = received_.equal_range(id);
    for (auto webhook = first; webhook != last; ++webhook)
        watch_.note_report(id, webhook->second, now_);
    received_.erase(first, last);
    look_at(id);
}

void World::begin(const Trouble& trouble) {
    trouble_ = &trouble;
    trace("trouble", fmt::format("{} {} until {}", static_cast<int>(trouble.kind), trouble.code,
                                 format_rfc3339(trouble.to)));
    note(trouble);
    if (const auto about = subject_of(trouble)) watch_.trouble_begins(now_, *about);
    if (trouble.kind == Trouble::Kind::clock) look_at_all();
    if (trouble.kind == Trouble::Kind::seam_clock) seam_.set_clock(trouble.clock_off);
    if (trouble.kind == Trouble::Kind::codes_lost) seam_.lose_codes(true);
    if (trouble.kind == Trouble::Kind::no_events) seam_.refuse_event_lists(true);
    if (trouble.kind == Trouble::Kind::daemon_down) down();
    if (trouble.kind == Trouble::Kind::other_key) {
        key_workspace_ = "workspace2";
        if (daemon_) daemon_->key_changed();
    }
}

void World::end(const Trouble& trouble) {
    trouble_ = nullptr;
    if (trouble.kind == Trouble::Kind::clock) {
        minute_.clear();
        look_at_all();
    }
    seam_.set_clock({});
    seam_.lose_codes(false);
    seam_.refuse_event_lists(false);
    if (const auto about = subject_of(trouble)) watch_.trouble_ends(now_, *about);
    if (trouble.kind == Trouble::Kind::daemon_down) boot();
    if (trouble.kind == Trouble::Kind::other_key || trouble.kind == Trouble::Kind::key_refused) {
        key_workspace_ = "workspace1";
        if (daemon_) daemon_->key_changed();
    }
}

// Those whose effect nothing else notices.
void World::note(const Trouble& trouble) {
    // No budget counts the seconds that a clock which is set passes over.
    if (trouble.kind == Trouble::Kind::clock) minute_.clear();
    const bool ahead = trouble.clock_off > Duration{};
    if (trouble.kind == Trouble::Kind::clock)
        tally_.note(ahead ? Fault::daemon_clock_steps_ahead : Fault::daemon_clock_steps_back);
    if (trouble.kind == Trouble::Kind::seam_clock)
        tally_.note(ahead ? Fault::seam_clock_ahead : Fault::seam_clock_behind);
    const bool out = trouble.kind == Trouble::Kind::silence ||
                     trouble.kind == Trouble::Kind::gateway ||
                     trouble.kind == Trouble::Kind::daemon_down;
    if (out) tally_.note(Fault::outage);
    if (out && trouble.to - trouble.from > options_.planner.backfill)
        tally_.note(Fault::outage_longer_than_backfill);
}

void World::note_clock() {
    if (options_.clock_off != Duration{}) tally_.note(Fault::daemon_clock_off);
    if (options_.clock_drift != 0) tally_.note(Fault::daemon_clock_drifts);
}

void World::call(const std::string& path, const std::string& body,
                 std::function<void(SeamAnswer)> done) {
    note_request();
    // Seam looks at its truth somewhere between the request and its answer.
    at(now_ + 10ms + within(1s),
       [this, path, body, done = std::move(done), daemon = std::weak_ptr(alive_)] {
           if (daemon.expired()) return;
           auto given = answer(path, body);
           if (traced())
               trace("asked", fmt::format("{} {}: {} {}", path, body, given.status, given.body));
           if (given.date.empty()) given.date = format_http_date(seam_.clock(now_));
           const auto delay = given.status == 0 ? timeout : within(1s);
           at(now_ + delay, [given = std::move(given), done, daemon] {
               if (!daemon.expired()) done(given);
           });
       });
}

SeamAnswer World::answer(const std::string& path, const std::string& body) {
    if (trouble_) {
        if (auto instead = answer_in(*trouble_, body, random_, tally_)) return *instead;
    }
    if (chance(options_.strays)) return stray_answer(random_, tally_);
    return seam_.post(path, body, key_workspace_, now_);
}

void World::trace(std::string_view what, const std::string& text) const {
    if (traced()) fmt::print("{} {:<8} {}\n", format_rfc3339(now_), what, text);
}

// The codes that the daemon could ask for to learn whether Seam finds any.
std::vector<const CodeAtSeam*> World::others_known(const std::string& id) {
    std::vector<const CodeAtSeam*> others;
    for (const auto& [other, code] : seam_.codes()) {
        if (other == id || code.workspace_id != "workspace1" || !daemon_) continue;
        const auto* const held = daemon_->held(other);
        if (held && !held->ended) others.push_back(&code);
    }
    return others;
}

// Ended codes are looked for too, but not to be found says nothing of the others.
bool World::most_are_missing(const std::string& id) {
    const auto others = others_known(id);
    const auto found =
        std::ranges::count_if(others, [](const CodeAtSeam* code) { return code->now().exists; });
    if (!others.empty() && 2 * found <= std::ssize(others)) return true;
    // A daemon that has started again does not know what it saw before.
    const auto from = now_ - booted_at_ < 1min ? Timestamp::min() : booted_at_;
    return seam_.most_are_missing(now_, from, [&](const std::string& missing) {
        const auto* const held = daemon_ ? daemon_->held(missing) : nullptr;
        return held != nullptr && (!held->ended || missing == id);
    });
}

void World::note_request() {
    ++requests_;
    minute_.push_back(now_);
    // The daemon's minute may be a little shorter than a true one.
    while (minute_.front() <= now_ - 59'900ms) minute_.pop_front();
    if (minute_.size() > options_.planner.requests_per_minute && overspent_.empty())
        overspent_ =
            fmt::format("{} requests within a minute at {}", minute_.size(), format_rfc3339(now_));
}

void World::look_at(const std::string& id) {
    const auto code = seam_.codes().find(id);
    if (code == seam_.codes().end()) return;
    if (!daemon_) return;
    const auto* const held = daemon_->held(id);
    if (held)
        if (traced())
            trace("held", fmt::format("{} {} ended {} ready {} next {} | {} exists {}", id,
                                      name(held->status), held->ended.has_value(),
                                      lifecycle::ready(*held, clock()),
                                      format_rfc3339(held->next_poll_at.value_or(Timestamp{})),
                                      code->second.now().status, code->second.now().exists));
    watch_.look(code->second,
                {held, held ? daemon_->open_alerts(id) : std::set<lifecycle::AlertKind>{}, clock()},
                now_);
}

void World::look_at_all() {
    for (const auto& [id, code] : seam_.codes()) look_at(id);
}

std::string World::broken() const {
    if (!watch_.broken().empty()) return watch_.broken();
    return overspent_.empty() ? seam_.misuse() : overspent_;
}

}  // namespace oracode::test
