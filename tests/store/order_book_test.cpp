// What the store keeps for making codes.
#include "store/order_book.hpp"

#include "store/order_reader.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::testing {
namespace {

using std::chrono::hours;
using store::OrderBook;

class Orders : public StoreTest {
protected:
    Orders() { open(); }

    template <class Act>
    bool book(Act act) {
        auto& asking = home();
        std::optional<Result<bool>> answer;
        store_->book(std::move(act), asking, [&](Result<bool> result) { answer = result; });
        asking.run();
        return answer.value().value();
    }
    bool keep(const std::string& id, std::int64_t seconds, const std::string& object) {
        return book([=](OrderBook& book, Timestamp) {
            return book.keep_device({id, at(seconds), object});
        });
    }
    std::optional<StoredOrder> order(const std::string& key) {
        return OrderReader(path()).order(key, now_.load()).value();
    }
};

TEST_F(Orders, KeepTheLatestShowingOfALock) {
    const std::string id = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    keep(id, 10, "ten");
    keep(id, 9, "nine");
    EXPECT_EQ(OrderReader(path()).device(id)->object, "ten");
    keep(id, 11, "eleven");
    reopen();
    const auto kept = OrderReader(path()).device(id);
    EXPECT_EQ(kept->object, "eleven");
    EXPECT_EQ(kept->device_id, id);
    EXPECT_EQ(kept->fetched_at, at(11));
    EXPECT_TRUE(book([=](OrderBook& book, Timestamp) { return book.forget_device(id); }));
    EXPECT_EQ(OrderReader(path()).device(id).error().code, Errc::not_found);
}

TEST_F(Orders, ForgetLocksThatTheWholeListDoesNotShow) {
    keep("old", 5, "{}");
    keep("young", 10, "{}");
    book([](OrderBook& book, Timestamp) { return book.forget_devices_before(at(10)); });
    EXPECT_FALSE(OrderReader(path()).device("old"));
    EXPECT_TRUE(OrderReader(path()).device("young"));
}

TEST_F(Orders, NameEachLockOnceKeptOrKnownByItsCodes) {
    const std::string uuid = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    keep("device1", 1, "{}");
    keep(uuid, 1, "{}");
    keep("a lock", 1, "{}");
    for (int i = 0; i < 5; ++i)
        record(told("e" + std::to_string(i), "c" + std::to_string(i), News::set, i));
    auto other = told("e9", "c9", News::set, 9);
    other.device_id = "device2";
    record(other);
    OrderReader names(path());
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
    record(told("e1", "c1", News::set, 1));
    record(told("e2", "c2", News::set, 1));
    record(told("e3", "c3", News::setting, 1));
    record(told("e4", "c4", News::deleted, 1));
    auto other = told("e5", "c5", News::set, 1);
    other.device_id = "device2";
    record(other);
    OrderReader counting(path());
    const auto counts = counting.count_codes("device1").value();
    EXPECT_EQ(counts.ended, 1);
    EXPECT_EQ(counts.of(Status::set), 2);
    EXPECT_EQ(counts.of(Status::setting), 1);
    EXPECT_EQ(counts.of(Status::unset), 0);
    auto live = counting.live_codes("device1").value();
    std::sort(live.begin(), live.end());
    EXPECT_EQ(live, (std::vector<std::string>{"c1", "c2", "c3"}));
    EXPECT_EQ(counting.count_codes("nowhere").value(), CodeCounts{});
}

TEST_F(Orders, RememberHowFarAnOrderCame) {
    EXPECT_EQ(order("key"), std::nullopt);
    const OrderedCode code{at(100), at(200), at(50)};
    book([=](OrderBook& book, Timestamp now) { return book.ask("key", "digest", code, now); });
    auto found = order("key").value();
    EXPECT_EQ(found.digest, "digest");
    EXPECT_EQ(found.asked, code);
    EXPECT_EQ(found.access_code_id, "");
    EXPECT_EQ(found.answer, std::nullopt);

    auto& asking = home();
    store_->record_made(told("", "made1", News::unset, 60), "key", asking, [](const auto&) {});
    asking.run();
    EXPECT_EQ(order("key")->access_code_id, "made1");
    EXPECT_EQ(find("made1").status, Status::unset);

    const OrderAnswer answer{201, "/there", "{}"};
    book([=](OrderBook& book, Timestamp now) { return book.answer("key", "digest", answer, now); });
    reopen();
    found = order("key").value();
    EXPECT_EQ(found.answer, answer);
    EXPECT_EQ(found.access_code_id, "made1");
    EXPECT_EQ(found.asked, code);
}

TEST_F(Orders, ForgetKeysAfterADayAndWhatCameToNothingAtOnce) {
    const OrderAnswer answer{422, "", "no"};
    const auto keep_answer = [&](const char* key) {
        book([=](OrderBook& book, Timestamp now) { return book.answer(key, "d", answer, now); });
    };
    keep_answer("key");
    now_ = now_.load() + hours{24};
    EXPECT_TRUE(order("key"));
    now_ = now_.load() + std::chrono::milliseconds{1};
    EXPECT_FALSE(order("key")) << "before anything was purged";
    keep_answer("other");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM orders"), "1");
    book([](OrderBook& book, Timestamp) { return book.drop("other"); });
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM orders"), "0");
}

}  // namespace
}  // namespace oracode::testing
