// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <assay/core/parallel_for.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace assay {
namespace {

class ParallelFor : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(2); }
  void TearDown() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

using Ranges = std::multiset<std::pair<std::int64_t, std::int64_t>>;

Ranges ranges_of(std::int64_t begin, std::int64_t end, std::int64_t grain) {
  std::mutex mutex;
  Ranges ranges;
  parallel_for(begin, end, grain, [&](std::int64_t first, std::int64_t last) {
    const std::lock_guard lock(mutex);
    ranges.emplace(first, last);
  });
  return ranges;
}

TEST_F(ParallelFor, RangesAreTheWholeOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    at::set_num_threads(threads);
    for (const std::int64_t end : {5, 6, 7, 8, 100, 1001}) {
      auto next = std::int64_t{5};
      for (const auto& [first, last] : ranges_of(5, end, 3)) {
        EXPECT_EQ(first, next);
        EXPECT_TRUE(last - first >= 3 || (first == 5 && last == end)) << first << ' ' << last;
        next = last;
      }
      EXPECT_EQ(next, end);
    }
  }
}

TEST_F(ParallelFor, NothingIsCalledForNoIndex) { EXPECT_TRUE(ranges_of(3, 3, 1).empty()); }

TEST_F(ParallelFor, RunsOnSeveralThreadsAtOnce) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::set<std::thread::id> threads;
  parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
    std::unique_lock lock(mutex);
    threads.insert(std::this_thread::get_id());
    arrived.notify_all();
    arrived.wait_for(lock, std::chrono::seconds(60), [&] { return threads.size() == 2; });
  });
  EXPECT_EQ(threads.size(), 2U);
}

TEST_F(ParallelFor, WithinAnotherRegionIsSerial) {
  std::mutex mutex;
  Ranges inner;
  parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
    const auto ranges = ranges_of(0, 100, 1);
    const std::lock_guard lock(mutex);
    inner.insert(ranges.begin(), ranges.end());
  });
  EXPECT_EQ(inner, (Ranges{{0, 100}, {0, 100}}));
}

TEST_F(ParallelFor, AnExceptionOfARangeIsThrownHere) {
  EXPECT_THROW(parallel_for(0, 2, 1,
                            [](std::int64_t first, std::int64_t) {
                              if (first == 1) throw std::runtime_error("range 1");
                            }),
               std::runtime_error);
  EXPECT_EQ(ranges_of(0, 2, 1).size(), 2U);
}

}  // namespace
}  // namespace assay
