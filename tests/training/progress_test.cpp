// SPDX-License-Identifier: Apache-2.0
#include <assay/training/progress.h>

#include <sstream>

namespace assay::training {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Progress::Clock::time_point kStart{std::chrono::seconds(1000)};
const Logs kLogs = {{"loss", 0.21131}, {"accuracy", 0.9377}};

TEST(Progress, WritesOneLineWhereOutputIsNoTerminal) {
  std::ostringstream out;
  Progress progress(out, {.steps = 10, .label = "Epoch 3/10"}, kStart);
  progress.update(5, kLogs, kStart + milliseconds(500));
  EXPECT_EQ(out.str(), "");
  progress.finish(10, kLogs, kStart + milliseconds(2000));
  EXPECT_EQ(out.str(), "Epoch 3/10  10/10  2.0s  200.0 ms/step  loss 0.2113  accuracy 0.9377\n");
}

TEST(Progress, DrawsABarWithSpeedAndTimeLeft) {
  std::ostringstream out;
  Progress progress(out, {.steps = 100, .bar = true, .width = 200}, kStart);
  progress.update(50, kLogs, kStart + milliseconds(5000));
  EXPECT_THAT(out.str(), StartsWith("\r\033[K"));
  EXPECT_THAT(out.str(), HasSubstr(" 50/100 ━━━━━━━━━━──────────  100.0 ms/step  5s left  loss"));
  progress.finish(100, kLogs, kStart + milliseconds(10000));
  EXPECT_THAT(out.str(), HasSubstr("100/100 ━━━━━━━━━━━━━━━━━━━━  10.0s  "));
  EXPECT_THAT(out.str(), EndsWith("\n"));
}

TEST(Progress, FitsTheTerminal) {
  std::ostringstream out;
  Progress progress(out, {.steps = 100, .bar = true, .width = 40}, kStart);
  progress.update(50, kLogs, kStart + milliseconds(5000));
  const auto line = out.str().substr(std::string("\r\033[K").size());
  EXPECT_EQ(columns_of(line), 39u);
}

TEST(Progress, IsDueTenTimesASecondAndAtTheEnd) {
  std::ostringstream out;
  Progress progress(out, {.steps = 100, .bar = true, .width = 80}, kStart);
  EXPECT_FALSE(progress.due(1, kStart + milliseconds(50)));
  EXPECT_TRUE(progress.due(1, kStart + milliseconds(150)));
  EXPECT_TRUE(progress.due(100, kStart + milliseconds(1)));
  progress.update(1, kLogs, kStart + milliseconds(150));
  EXPECT_FALSE(progress.due(2, kStart + milliseconds(200)));
  const Progress line(out, {.steps = 100}, kStart);
  EXPECT_FALSE(line.due(100, kStart + milliseconds(500)));
}

TEST(Progress, LeavesNoHalfLineBehind) {
  std::ostringstream out;
  Progress progress(out, {.steps = 100, .bar = true, .width = 80}, kStart);
  progress.abandon();
  EXPECT_EQ(out.str(), "");
  progress.update(1, kLogs, kStart + milliseconds(150));
  progress.abandon();
  EXPECT_THAT(out.str(), EndsWith("\n"));
}

TEST(Progress, CountsFromWhereAnEpochGoesOn) {
  std::ostringstream out;
  Progress progress(out, {.steps = 100, .first_step = 90, .label = "Epoch 1/1"}, kStart);
  progress.finish(100, {}, kStart + milliseconds(1000));
  EXPECT_THAT(out.str(), HasSubstr("100.0 ms/step"));
}

TEST(Progress, ShowsTimesAndValues) {
  EXPECT_EQ(shown_seconds(0.00085), "850 us");
  EXPECT_EQ(shown_seconds(0.0041), "4.1 ms");
  EXPECT_EQ(shown_seconds(12.34), "12.3s");
  EXPECT_EQ(shown_seconds(245), "4m 05s");
  EXPECT_EQ(shown_seconds(7620), "2h 07m");
  EXPECT_EQ(shown_time_left(11.2), "12s left");
  EXPECT_EQ(shown_time_left(3720), "1h 02m left");
  EXPECT_EQ(shown_logs({{"a", 0}, {"b", 1.5e-7}, {"c", 12345678}, {"d", -0.25}}),
            "a 0.0000  b 1.5000e-07  c 1.2346e+07  d -0.2500");
  EXPECT_EQ(shown_logs({{"a", std::numeric_limits<double>::quiet_NaN()}}), "a nan");
}

}  // namespace
}  // namespace assay::training
