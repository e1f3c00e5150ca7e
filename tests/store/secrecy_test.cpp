// What is left of a PIN in the files once it was purged: not a byte.
#include <thread>

#include <fmt/format.h>

#include "store/copy.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::days day{1};
constexpr std::string_view pin_mark = "73519428";  // each PIN begins with it

class PinsInTheFile : public StoreTest {
protected:
    void SetUp() override { open(); }

    static std::string pin(int code, int place) {
        return fmt::format("{}{:04}{:02}", pin_mark, code, place);
    }

    // One in every place in which Seam has them; bodies short, and long enough for pages of their
    // own.
    void tell_of(int number) {
        const auto id = "code" + std::to_string(number);
        const std::string padding(static_cast<std::size_t>(number % 7) * 1'500, 'x');
        const auto p = [number](int place) { return pin(number, place); };
        auto set = make_event(id + "-set", id, lifecycle::LifecycleStep::set, number);
        set.facts.code = p(1);
        set.facts.pending_mutations =
            fmt::format(R"([{{"mutation_code":"updating_code","to":{{"code":"{}"}}}}])", p(2));
        const auto modified = [](const std::string& pin) {
            return fmt::format(
                R"([{{"error_code":"x","modified_fields":[{{"field":"code","to":"{}"}}]}}])", pin);
        };
        set.facts.errors = modified(p(3));
        set.facts.warnings = modified(p(4));
        set.facts.dormakaba_oracode_metadata = fmt::format(R"({{"code":"{}"}})", p(5));
        ASSERT_TRUE(record(set, fmt::format(R"({{"code":"{}","x":"{}"}})", p(1), padding)));
        ASSERT_TRUE(record(
            make_event(id + "-changed", id, lifecycle::LifecycleStep::set, number + 1),
            fmt::format(
                R"({{"changed_properties":[{{"property":"code","from":"{}","to":"{}"}}],"x":"{}"}})",
                p(6), p(7), padding)));
        ASSERT_TRUE(
            quarantine({"no event", id, fmt::format(R"({{"code":"{}","x":"{}")", p(8), padding)}));
        auto account = disconnected(id + "-account", "account" + id, number);
        ASSERT_TRUE(record(account, fmt::format(R"({{"to":{{"code":"{}"}}}})", p(9))));
    }
    void end(int number) {
        const auto id = "code" + std::to_string(number);
        ASSERT_TRUE(
            record(make_event(id + "-end", id, lifecycle::LifecycleStep::removed, number + 2),
                   fmt::format(R"({{"code":"{}"}})", pin(number, 1))));
    }
    void purge_all() {
        for (bool more = true; more;)
            more = purge({.history = 400 * day, .pins = 7 * day}).value().more;
    }
    [[nodiscard]] static std::size_t pins_in(const std::string& file) {
        if (!std::filesystem::exists(file)) return 0;
        const auto bytes = test::contents(file);
        std::size_t count = 0;
        for (auto at = bytes.find(pin_mark); at != std::string::npos;
             at = bytes.find(pin_mark, at + 1))
            ++count;
        return count;
    }
};

TEST_F(PinsInTheFile, AreGoneByteByByteAfterThePurge) {
    constexpr int codes = 300;
    for (int i = 0; i < codes; ++i) tell_of(i);
    for (int i = codes; i-- > 0;) end(i);
    ASSERT_GT(pins_in(path()) + pins_in(path() + "-wal"), 0U);
    now_ = now_.load() + 7 * day;
    purge_all();
    // In its own time: the log is emptied in a quiet moment.
    for (int i = 0; i < 200 && pins_in(path() + "-wal") > 0; ++i) std::this_thread::sleep_for(20ms);
    EXPECT_EQ(pins_in(path() + "-wal"), 0U);
    EXPECT_EQ(pins_in(path()), 0U);
    close();
    EXPECT_EQ(pins_in(path()), 0U);
}

TEST_F(PinsInTheFile, AreNotInACopyEither) {
    for (int i = 0; i < 10; ++i) {
        tell_of(i);
        end(i);
    }
    now_ = now_.load() + 7 * day;
    purge_all();
    store::DatabaseCopy copy(path());
    ASSERT_TRUE(copy.make());
    std::string bytes;
    while (bytes.size() < copy.size()) bytes += copy.read(bytes.size(), 1U << 20U);
    EXPECT_EQ(bytes.find(pin_mark), std::string::npos);
}

TEST_F(PinsInTheFile, OfLivingCodesStay) {
    tell_of(1);
    tell_of(2);
    end(1);
    now_ = now_.load() + 7 * day;
    purge_all();
    EXPECT_EQ(find("code1").code.value, std::nullopt);
    EXPECT_EQ(find("code2").code.value, pin(2, 1));
}

// An older release knew fewer places, and marked the code as done.
TEST_F(PinsInTheFile, ThatAnOlderReleaseLeftBehindGoAsWell) {
    tell_of(1);
    end(1);
    close();
    sql(path(), "UPDATE access_codes SET pins_from = NULL");
    open();
    now_ = now_.load() + 7 * day;
    purge_all();
    close();
    EXPECT_EQ(pins_in(path()), 0U);
}

}  // namespace
}  // namespace oracode::test
