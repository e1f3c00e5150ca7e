#include "devices/creation.hpp"

#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "store/store.hpp"

namespace oracode::devices {
namespace {

template <class T>
Result<void> without_value(const Result<T>& result) {
    if (!result) return result.error();
    return {};
}

bool is_another(store::Reader& reader, const std::string& access_code_id, Timestamp requested_at) {
    const auto known = reader.find(access_code_id);
    return known && is_of_another_order(*known, requested_at);
}

}  // namespace

Creation::Creation(CreationDependencies& deps, Order order, std::string key, Render render,
                   Done done)
    : deps_(deps),
      key_(std::move(key)),
      digest_(digest(order)),
      done_(std::move(done)),
      planner_(std::move(order), {.has_key = !key_.empty(),
                                  .render = std::move(render),
                                  .is_another =
                                      [&deps](const std::string& id, Timestamp requested_at) {
                                          return is_another(deps.reader, id, requested_at);
                                      },
                                  .seam_timeout = deps.seam_timeout,
                                  .settled_after = deps.settled_after}) {}

void Creation::start() {
    if (deps_.api == nullptr) return go_on({step::End{no_api_key(), "unavailable"}, {}});
    if (key_.empty()) return go_on(planner_.begin(std::nullopt));
    go_on(planner_.begin(deps_.orders.order(key_, deps_.now())));
}

void Creation::go_on(CreationMove move) {
    note(move.effects);
    std::visit([this](auto& step) { take(step); }, move.step);
}

void Creation::note(const CreationEffects& effects) const {
    const auto& device_id = planner_.order().device_id;
    if (effects.failed) report(log::Level::warn, "creation.failed", {}, *effects.failed);
    if (effects.unclear)
        report(log::Level::error, "creation.unclear", effects.unclear->access_code_id,
               effects.unclear->why);
    if (effects.made) report(*effects.made);
    if (effects.nothing_made) deps_.rate_limit.take_back(device_id);
    if (effects.lock_doubted) deps_.directory.distrust(device_id);
}

void Creation::take(step::CheckOrder) {
    deps_.checker.check(planner_.order(), OrderChecker::Purpose::create,
                        [self = shared_from_this()](SeamResult<OrderCheck> checked) {
                            const auto now = self->deps_.now();
                            const auto pause =
                                self->deps_.rate_limit.wait(self->planner_.order().device_id,
                                                            userlevel::creations_per_minute, now);
                            self->go_on(self->planner_.checked(std::move(checked), pause, now));
                        });
}

void Creation::take(const step::MarkKey& mark) {
    deps_.store.reserve_key({key_, digest_}, mark.requested, deps_.context,
                            [self = shared_from_this()](const Result<bool>& marked) {
                                self->go_on(self->planner_.key_marked(without_value(marked)));
                            });
}

void Creation::take(const step::AskSeam& ask) {
    deps_.rate_limit.note(planner_.order().device_id, deps_.now());
    deps_.api->create_access_code(
        ask.wish, [self = shared_from_this()](const seam::CallResult<seam::Found>& answer) {
            self->go_on(self->planner_.answered(answer, self->deps_.now()));
        });
}

void Creation::take(step::ListCodes) {
    list_codes(*deps_.api, planner_.order().device_id, lifecycle::Source::create,
               [self = shared_from_this()](SeamResult<std::vector<SeamsCode>> codes) {
                   self->go_on(self->planner_.listed(std::move(codes), self->deps_.now()));
               });
}

void Creation::take(const step::FetchCode& fetch) {
    deps_.api->get_access_code(
        fetch.access_code_id, [self = shared_from_this()](seam::CallResult<seam::Found> answer) {
            self->go_on(self->planner_.fetched(std::move(answer), self->deps_.now()));
        });
}

void Creation::take(step::Record& record) {
    deps_.store.record_made(
        std::move(record.event), key_, deps_.context,
        [self = shared_from_this()](const Result<store::Recorded>& recorded) {
            self->go_on(self->planner_.recorded(without_value(recorded), self->deps_.now()));
        });
}

void Creation::take(const step::ReadCode& read) {
    go_on(planner_.read(deps_.reader.find(read.access_code_id), deps_.now()));
}

void Creation::take(const step::KeepAnswer& keep) {
    deps_.store.finish_key({key_, digest_}, keep.answer, deps_.context,
                           [self = shared_from_this()](const Result<bool>&) {
                               self->go_on(self->planner_.key_released());
                           });
}

void Creation::take(const step::FreeKey& free) {
    auto freed = [self = shared_from_this()](const Result<bool>&) {
        self->go_on(self->planner_.key_released());
    };
    if (free.earlier)
        deps_.store.reserve_key({key_, digest_}, *free.earlier, deps_.context, std::move(freed));
    else
        deps_.store.release_key(key_, deps_.context, std::move(freed));
}

void Creation::take(step::End& end) {
    deps_.metrics.ordered(end.outcome);
    done_(std::move(end.ending));
}

void Creation::report(const Made& made) const {
    const auto& order = planner_.order();
    const auto instant = [](const std::optional<Timestamp>& at) {
        return at ? format_rfc3339(*at) : std::string("none");
    };
    log::info("creation.made", {{"access_code_id", made.code.access_code_id},
                                {"device_id", order.device_id},
                                {"starts_at", instant(made.code.starts_at.value)},
                                {"ends_at", instant(made.code.ends_at.value)},
                                {"request_id", order.request_id}});
    if (has_other_window(made))
        log::warn("creation.other_window", {{"access_code_id", made.code.access_code_id},
                                            {"device_id", order.device_id},
                                            {"asked_starts_at", made.requested.starts_at},
                                            {"asked_ends_at", made.requested.ends_at},
                                            {"starts_at", instant(made.code.starts_at.value)},
                                            {"ends_at", instant(made.code.ends_at.value)},
                                            {"request_id", order.request_id}});
}

// Names what a person needs to look it up at Seam; never a PIN.
void Creation::report(log::Level level, std::string_view event, std::string_view access_code_id,
                      const seam::CallError& error) const {
    const auto& order = planner_.order();
    const auto& requested = planner_.requested();
    log::write(level, event,
               {{"device_id", order.device_id},
                {"access_code_id", access_code_id.empty() ? "unknown" : access_code_id},
                {"starts_at", requested.starts_at},
                {"ends_at", requested.ends_at},
                {"error", seam::describe(error)},
                {"seam_request_id", error.seam_request_id},
                {"request_id", order.request_id}});
}

}  // namespace oracode::devices
