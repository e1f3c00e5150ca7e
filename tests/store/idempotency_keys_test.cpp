// What the store keeps for making codes.
#include "store/order_reader.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using std::chrono::hours;

class Orders : public StoreTest {
protected:
    Orders() { open(); }

    // Calls one of the store's verbs and waits for its answer.
    template <class... Arguments>
    bool write(void (store::Store::*verb)(Arguments...), auto&&... values) {
        auto& asking = home();
        std::optional<Result<bool>> answer;
        ((*store_).*verb)(std::forward<decltype(values)>(values)..., asking,
                          [&](Result<bool> result) { answer = result; });
        asking.run();
        return answer.value().value();
    }
    bool keep(const std::string& id, std::int64_t seconds, const std::string& object) {
        return write(&store::Store::put_lock_snapshots,
                     std::vector<store::StoredDevice>{{id, at(seconds), object}}, std::nullopt);
    }
    std::optional<store::StoredOrder> order(const std::string& key) {
        return store::OrderReader(path()).order(key, now_.load()).value();
    }
};

TEST_F(Orders, KeepTheLatestShowingOfALock) {
    const std::string id = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    keep(id, 10, "ten");
    keep(id, 9, "nine");
    EXPECT_EQ(store::OrderReader(path()).device(id)->object, "ten");
    keep(id, 11, "eleven");
    reopen();
    const auto kept = store::OrderReader(path()).device(id);
    EXPECT_EQ(kept->object, "eleven");
    EXPECT_EQ(kept->device_id, id);
    EXPECT_EQ(kept->fetched_at, at(11));
    EXPECT_TRUE(write(&store::Store::forget_lock, id));
    EXPECT_EQ(store::OrderReader(path()).device(id).error().code, Errc::not_found);
}

TEST_F(Orders, ForgetLocksThatTheWholeListDoesNotShow) {
    keep("old", 5, "{}");
    keep("young", 10, "{}");
    write(&store::Store::put_lock_snapshots, std::vector<store::StoredDevice>{}, at(10));
    EXPECT_FALSE(store::OrderReader(path()).device("old"));
    EXPECT_TRUE(store::OrderReader(path()).device("young"));
}

TEST_F(Orders, NameEachLockOnceKeptOrKnownByItsCodes) {
    const std::string uuid = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    keep("device1", 1, "{}");
    keep(uuid, 1, "{}");
    keep("a lock", 1, "{}");
    for (int i = 0; i < 5; ++i)
        record(make_event("e" + std::to_string(i), "c" + std::to_string(i),
                          lifecycle::LifecycleStep::set, i));
    auto other = make_event("e9", "c9", lifecycle::LifecycleStep::set, 9);
    other.device_id = "device2";
    record(other);
    store::OrderReader names(path());
    const std::vector<std::string> all{"a lock", "device1", "device2", uuid};
    EXPECT_EQ(names.device_ids("", 10).value(), all);
    std::vector<std::string> paged;
    for (std::string after;;) {
        const auto page = names.device_ids(after, 1).value();
        if (page.empty()) break;
        paged.push_back(after = page.front());
    }
    EXPECT_EQ(paged, all);
}

TEST_F(Orders, CountTheCodesOfALock) {
    record(make_event("e1", "c1", lifecycle::LifecycleStep::set, 1));
    record(make_event("e2", "c2", lifecycle::LifecycleStep::set, 1));
    record(make_event("e3", "c3", lifecycle::LifecycleStep::setting, 1));
    record(make_event("e4", "c4", lifecycle::LifecycleStep::deleted, 1));
    auto other = make_event("e5", "c5", lifecycle::LifecycleStep::set, 1);
    other.device_id = "device2";
    record(other);
    store::OrderReader counting(path());
    const auto counts = counting.count_codes("device1").value();
    EXPECT_EQ(counts.ended, 1);
    EXPECT_EQ(counts.of(lifecycle::Status::set), 2);
    EXPECT_EQ(counts.of(lifecycle::Status::setting), 1);
    EXPECT_EQ(counts.of(lifecycle::Status::unset), 0);
    auto live = counting.live_codes("device1").value();
    std::sort(live.begin(), live.end());
    EXPECT_EQ(live, (std::vector<std::string>{"c1", "c2", "c3"}));
    EXPECT_EQ(counting.count_codes("nowhere").value(), lifecycle::CodeCounts{});
}

TEST_F(Orders, RememberHowFarAnOrderCame) {
    EXPECT_EQ(order("key"), std::nullopt);
    const store::OrderedCode code{at(100), at(200), at(50)};
    write(&store::Store::reserve_key, store::OrderKey{"key", "digest"}, code);
    auto found = order("key").value();
    EXPECT_EQ(found.digest, "digest");
    EXPECT_EQ(found.requested, code);
    EXPECT_EQ(found.access_code_id, "");
    EXPECT_EQ(found.answer, std::nullopt);

    auto& asking = home();
    store_->record_made(make_event("", "made1", lifecycle::LifecycleStep::unset, 60), "key", asking,
                        [](const auto&) {});
    asking.run();
    EXPECT_EQ(order("key")->access_code_id, "made1");
    EXPECT_EQ(find("made1").status, lifecycle::Status::unset);

    const store::OrderAnswer answer{201, "/there", "{}"};
    write(&store::Store::finish_key, store::OrderKey{"key", "digest"}, answer);
    reopen();
    found = order("key").value();
    EXPECT_EQ(found.answer, answer);
    EXPECT_EQ(found.access_code_id, "made1");
    EXPECT_EQ(found.requested, code);
}

TEST_F(Orders, ForgetKeysAfterADayAndWhatCameToNothingAtOnce) {
    const store::OrderAnswer answer{201, "/there", "{}"};
    const auto keep_answer = [&](const char* key) {
        write(&store::Store::finish_key, store::OrderKey{key, "d"}, answer);
    };
    keep_answer("key");
    now_ = now_.load() + hours{24};
    EXPECT_TRUE(order("key"));
    now_ = now_.load() + std::chrono::milliseconds{1};
    EXPECT_FALSE(order("key")) << "before anything was purged";
    keep_answer("other");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM orders"), "1");
    write(&store::Store::release_key, "other");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM orders"), "0");
}

}  // namespace
}  // namespace oracode::test
