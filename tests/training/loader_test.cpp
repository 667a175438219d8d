// SPDX-License-Identifier: Apache-2.0
// The order of batches: what it depends on, and what not.
#include <assay/tests/testing/check.h>
#include <assay/training/data/dataset.h>
#include <assay/training/data/loader.h>
#include <assay/training/data/shuffle.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>

namespace assay::training {
namespace {

using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Sample i is the number i.
std::shared_ptr<const Dataset> numbers(std::int64_t size) {
  return std::make_shared<TensorDataset>(at::arange(size, at::kLong));
}

std::vector<std::int64_t> values(const at::Tensor& x) {
  return {x.const_data_ptr<std::int64_t>(), x.const_data_ptr<std::int64_t>() + x.numel()};
}

std::vector<std::vector<std::int64_t>> batches_of(Epoch epoch) {
  std::vector<std::vector<std::int64_t>> batches;
  for (const auto& batch : epoch) batches.push_back(values(batch.x));
  return batches;
}

// The reference sequence of the generator's authors.
TEST(SplitMix64, GivesThePublishedNumbers) {
  SplitMix64 numbers(1234567);
  EXPECT_EQ(numbers.next(), 6457827717110365317U);
  EXPECT_EQ(numbers.next(), 3203168211198807973U);
  EXPECT_EQ(numbers.next(), 9817491932198370423U);
  EXPECT_EQ(numbers.next(), 4593380528125082431U);
  EXPECT_EQ(numbers.next(), 16408922859458223821U);
  EXPECT_EQ(SplitMix64(0).next(), 0xE220A8397B1DCDAFU);
}

TEST(SplitMix64, BoundedNumbersAreEvenlySpread) {
  SplitMix64 numbers(7);
  std::vector<int> counts(6);
  constexpr int kDraws = 600'000;
  for (int i = 0; i < kDraws; ++i) ++counts[numbers.below(6)];
  // Six standard deviations of a binomial count.
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, 6 * std::sqrt(kDraws * 5.0 / 36));
  EXPECT_EQ(SplitMix64(1).below(1), 0U);
}

// Written down once, from an implementation in Python: what a seed stands for never changes.
TEST(Permutation, IsTheSameForever) {
  EXPECT_THAT(permutation(10, 0, 0), ElementsAre(2, 3, 5, 0, 8, 9, 1, 6, 7, 4));
  EXPECT_THAT(permutation(10, 42, 3), ElementsAre(9, 0, 1, 3, 4, 5, 6, 8, 2, 7));
}

TEST(Permutation, HoldsEachNumberOnce) {
  for (const std::int64_t size : {0, 1, 2, 3, 100, 1000}) {
    auto order = permutation(size, 5, 1);
    std::sort(order.begin(), order.end());
    std::vector<std::int64_t> all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
}

TEST(Permutation, DiffersBySeedAndStream) {
  std::set<std::vector<std::int64_t>> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      EXPECT_TRUE(seen.insert(permutation(50, seed, stream)).second) << seed << " " << stream;
    }
  }
}

TEST(Permutation, PutsEachNumberAnywhereEquallyOften) {
  constexpr int kOrders = 24'000;
  std::map<std::vector<std::int64_t>, int> counts;
  for (int i = 0; i < kOrders; ++i) ++counts[permutation(4, 9, static_cast<std::uint64_t>(i))];
  EXPECT_EQ(counts.size(), 24U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 6 * std::sqrt(1000.0));
}

TEST(Loader, GivesEachSampleOnceInAnEpoch) {
  const Loader loader(numbers(10), {.batch_size = 4, .seed = 1});
  EXPECT_EQ(loader.batches(), 3);
  const auto batches = batches_of(loader.epoch(0));
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[2].size(), 2U);
  std::vector<std::int64_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  EXPECT_EQ(all, permutation(10, 1, 0));
}

TEST(Loader, LeavesTheLastBatchOutWhereAsked) {
  const Loader loader(numbers(10), {.batch_size = 4, .drop_last = true});
  EXPECT_EQ(loader.batches(), 2);
  EXPECT_EQ(batches_of(loader.epoch(0)).size(), 2U);
}

TEST(Loader, KeepsTheOrderWithoutShuffling) {
  const Loader loader(numbers(5), {.batch_size = 2, .shuffle = false});
  for (const std::int64_t epoch : {0, 3}) {
    EXPECT_THAT(batches_of(loader.epoch(epoch)),
                ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4)));
  }
}

TEST(Loader, OrderDependsOnSeedAndEpochAlone) {
  const auto order = [](std::uint64_t seed, std::int64_t epoch, std::int64_t threads = 0) {
    return batches_of(
        Loader(numbers(100), {.batch_size = 7, .seed = seed, .threads = threads}).epoch(epoch));
  };
  const auto first = order(1, 0);
  torch::manual_seed(99);
  at::rand({5});
  EXPECT_EQ(order(1, 0), first);
  EXPECT_NE(order(2, 0), first);
  EXPECT_NE(order(1, 1), first);
  for (const std::int64_t threads : {1, 2, 5, 20}) EXPECT_EQ(order(1, 0, threads), first);
}

TEST(Loader, StartsAtAnyBatch) {
  for (const std::int64_t threads : {0, 2}) {
    const Loader loader(numbers(20), {.batch_size = 3, .seed = 4, .threads = threads});
    const auto whole = batches_of(loader.epoch(2));
    for (std::int64_t first = 0; first <= loader.batches(); ++first) {
      const std::vector rest(whole.begin() + first, whole.end());
      EXPECT_EQ(batches_of(loader.epoch(2, first)), rest);
    }
  }
}

TEST(Loader, PartsMakeUpEachBatch) {
  for (const std::int64_t parts : {1, 2, 3, 7}) {
    LoaderOptions options{.batch_size = 5, .seed = 3};
    const auto whole = batches_of(Loader(numbers(13), options).epoch(1));
    std::vector<std::vector<std::int64_t>> together(whole.size());
    for (std::int64_t number = 0; number < parts; ++number) {
      options.part = {.number = number, .parts = parts};
      const auto batches = batches_of(Loader(numbers(13), options).epoch(1));
      ASSERT_EQ(batches.size(), whole.size());
      for (std::size_t i = 0; i < whole.size(); ++i) {
        together[i].insert(together[i].end(), batches[i].begin(), batches[i].end());
        EXPECT_LE(std::ssize(batches[i]), (std::ssize(whole[i]) + parts - 1) / parts);
      }
    }
    EXPECT_EQ(together, whole) << parts << " parts";
  }
}

TEST(Loader, GivesNothingAfterTheEnd) {
  for (const std::int64_t threads : {0, 2}) {
    auto epoch = Loader(numbers(2), {.batch_size = 2, .threads = threads}).epoch(0);
    EXPECT_TRUE(epoch.next().has_value());
    EXPECT_FALSE(epoch.next().has_value());
    EXPECT_FALSE(epoch.next().has_value());
  }
}

// Reads slowly where told, counts what is read, fails for one sample.
class Watched final : public Dataset {
 public:
  std::int64_t size() const override { return 40; }
  Batch rows(const std::vector<std::int64_t>& indices) const override {
    const auto running = ++running_;
    auto most = most_running.load();
    while (running > most && !most_running.compare_exchange_weak(most, running)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(indices[0] % 3 == 0 ? 6 : 1));
    ++read;
    --running_;
    if (indices[0] == failing) throw std::runtime_error("cannot read 20");
    return {at::tensor(indices, at::kLong)};
  }

  std::int64_t failing = -1;
  mutable std::atomic<int> read = 0;
  mutable std::atomic<int> most_running = 0;

 private:
  mutable std::atomic<int> running_ = 0;
};

TEST(Prefetching, KeepsTheOrderWhereReadsTakeDifferentTimes) {
  const Loader loader(std::make_shared<Watched>(),
                      {.batch_size = 1, .shuffle = false, .threads = 4, .prefetch = 6});
  std::int64_t expected = 0;
  for (const auto& batch : loader.epoch(0)) EXPECT_EQ(batch.x.item<std::int64_t>(), expected++);
  EXPECT_EQ(expected, 40);
}

TEST(Prefetching, ReadsAtOnceButNotFarAhead) {
  const auto dataset = std::make_shared<Watched>();
  auto epoch =
      Loader(dataset, {.batch_size = 1, .shuffle = false, .threads = 3, .prefetch = 5}).epoch(0);
  epoch.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(dataset->read, 6);
  EXPECT_GT(dataset->most_running, 1);
  EXPECT_LE(dataset->most_running, 3);
}

TEST(Prefetching, ErrorsComeWithTheirBatch) {
  for (const std::int64_t threads : {0, 3}) {
    const auto dataset = std::make_shared<Watched>();
    dataset->failing = 20;
    auto epoch = Loader(dataset, {.batch_size = 1, .shuffle = false, .threads = threads}).epoch(0);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(epoch.next()->x.item<std::int64_t>(), i);
    EXPECT_THROW(epoch.next(), std::runtime_error);
    EXPECT_EQ(epoch.next()->x.item<std::int64_t>(), 21);
  }
}

TEST(Prefetching, EndsWithTheEpoch) {
  const auto dataset = std::make_shared<Watched>();
  {
    auto epoch = Loader(dataset, {.batch_size = 1, .threads = 3}).epoch(0);
    epoch.next();
  }
  const int read = dataset->read;
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(dataset->read, read);
}

TEST(Prefetching, RecordsNoGradients) {
  const auto dataset = std::make_shared<TensorDataset>(at::ones({4}).requires_grad_(true));
  for (const std::int64_t threads : {0, 1}) {
    auto epoch = Loader(dataset, {.threads = threads}).epoch(0);
    EXPECT_FALSE(epoch.next()->x.requires_grad());
  }
}

TEST(Loader, RefusesBadArguments) {
  EXPECT_THAT(value_error([] { Loader(nullptr); }), HasSubstr("no dataset"));
  EXPECT_THAT(value_error([] { Loader(numbers(0)); }), HasSubstr("the dataset is empty"));
  EXPECT_THAT(value_error([] { Loader(numbers(3), {.batch_size = 0}); }),
              HasSubstr("batch_size is 0"));
  EXPECT_THAT(value_error([] { Loader(numbers(3), {.threads = -1}); }), HasSubstr("threads is -1"));
  EXPECT_THAT(value_error([] { Loader(numbers(3), {.prefetch = 0}); }), HasSubstr("prefetch is 0"));
  EXPECT_THAT(value_error([] { Loader(numbers(3), {.batch_size = 4, .drop_last = true}); }),
              HasSubstr("drop_last leaves no batch: there are 3 samples, batch_size is 4"));
  EXPECT_THAT(value_error([] { Loader(numbers(3), {.part = {.number = 2, .parts = 2}}); }),
              HasSubstr("part is 2 of 2"));
  const Loader loader(numbers(3), {.batch_size = 2});
  EXPECT_THAT(value_error([&] { loader.epoch(-1); }), HasSubstr("epoch is -1"));
  EXPECT_THAT(value_error([&] { loader.epoch(0, 3); }), HasSubstr("the first batch is 3"));
}

}  // namespace
}  // namespace assay::training
