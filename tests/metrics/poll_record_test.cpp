#include "metrics/poll_record.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp noon = *parse_rfc3339("2026-03-05T12:00:00Z");

TEST(PollRecord, CountsAnswersAndFailuresOfEachMinute) {
    metrics::PollRecord record;
    record.note(true, noon);
    record.note(true, noon + seconds{59});
    record.note(false, noon + seconds{59});
    record.note(false, noon + minutes{3});
    EXPECT_EQ(record.report(noon + minutes{3}),
              (std::vector<metrics::PollRecord::Minute>{{noon, 2, 1}, {noon + minutes{3}, 0, 1}}));
}

TEST(PollRecord, ForgetsWhatIsAnHourOld) {
    metrics::PollRecord record;
    record.note(true, noon);
    EXPECT_EQ(record.report(noon + minutes{59}).size(), 1U);
    EXPECT_TRUE(record.report(noon + minutes{60}).empty());
    record.note(false, noon + minutes{60});  // takes the place of noon
    EXPECT_EQ(record.report(noon + minutes{60}),
              (std::vector<metrics::PollRecord::Minute>{{noon + minutes{60}, 0, 1}}));
}

}  // namespace
}  // namespace oracode
