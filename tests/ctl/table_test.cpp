#include "ctl/table.hpp"

#include <cstdlib>
#include <ctime>
#include <sstream>

#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

std::string printed(const Table& table, bool colour) {
    std::ostringstream out;
    table.print(out, colour);
    return out.str();
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
    Table table({"ID", "STATUS", "NOTE"});
    table.add({"a", "set", "ready"});
    table.add({"a-long-id", "unset", ""});
    EXPECT_EQ(printed(table, false),
              "ID         STATUS  NOTE\n"
              "a          set     ready\n"
              "a-long-id  unset\n");
}

TEST(Table, CountsLettersNotBytes) {
    Table table;
    table.add({"Gäste", "x"});
    table.add({"Guest", "y"});
    EXPECT_EQ(printed(table, false), "Gäste  x\nGuest  y\n");
}

TEST(Table, ColoursWithoutMovingColumns) {
    Table table;
    table.add({{"set", Hue::green}, "x"});
    table.add({"setting", "y"});
    EXPECT_EQ(printed(table, true), "\x1b[32mset\x1b[0m      x\nsetting  y\n");
    EXPECT_EQ(printed(table, false), "set      x\nsetting  y\n");
}

TEST(Table, LetsNoNameSteerTheTerminal) {
    Table table;
    table.add({"a\x1b[31m\nb\tc\x7f",
               "\xC2\x9B"
               "31m"});
    EXPECT_EQ(printed(table, true), "a?[31m?b?c?  ?31m\n");
}

TEST(Table, GoesOnInALineBelowWhereTheScreenEnds) {
    Table table({"CHECK", "DETAIL"});
    table.add({"store",
               "the disk that holds the database is full, and so nothing more can be kept "
               "until there is room"});
    table.add_below("an id");
    table.add({"seam", "ok"});
    EXPECT_EQ(printed(table, false),
              "CHECK  DETAIL\n"
              "store  the disk that holds the database is full, and so nothing more can be kept\n"
              "       until there is room\n"
              "  an id\n"
              "seam   ok\n");
}

TEST(Table, ShortensByCharactersNotBytes) {
    EXPECT_EQ(shortened("Søren Ångström", 5), "Søre…");
    EXPECT_EQ(shortened("Søren", 5), "Søren");
    EXPECT_EQ(shortened("", 5), "-");
}

class InTimeZone : public testing::Test {
protected:
    void SetUp() override {
        setenv("TZ", "America/Los_Angeles", 1);
        tzset();
    }
    void TearDown() override {
        unsetenv("TZ");
        tzset();
    }
};

TEST_F(InTimeZone, InstantsAreLocal) {
    EXPECT_EQ(local_time(parse_rfc3339("2026-03-05T15:00:07.999Z").value()),
              "2026-03-05 07:00:07 PST");
    EXPECT_EQ(local_time("2026-07-05T15:00:00.000Z"), "2026-07-05 08:00:00 PDT");
    EXPECT_EQ(local_time("1969-12-31T23:59:59.999Z"), "1969-12-31 15:59:59 PST");
    EXPECT_EQ(local_time("soon"), "soon");
}

}  // namespace
}  // namespace oracode::ctl
