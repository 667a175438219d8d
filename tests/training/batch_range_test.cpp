// SPDX-License-Identifier: Apache-2.0
// Training on whatever gives batches: torch::data loaders, lists, views.
#include <assay/losses.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/lambda_callback.h>
#include <assay/training/trainer.h>
#include <torch/data.h>

#include <iterator>
#include <list>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using callbacks::LambdaCallback;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const auto kData = testing::blobs(20);
const Verbosity kSilent = Verbosity::kSilent;

using Pairs = std::vector<std::pair<at::Tensor, at::Tensor>>;

Pairs pairs_of(std::int64_t batch_size) {
  Pairs pairs;
  const auto x = kData.tensors().x.split(batch_size);
  const auto y = kData.tensors().y.split(batch_size);
  for (std::size_t i = 0; i < x.size(); ++i) pairs.emplace_back(x[i], y[i]);
  return pairs;
}

Trainer compiled(const torch::nn::Sequential& net) {
  Trainer trainer(net);
  trainer.compile({.optimizer = "sgd",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
  return trainer;
}

std::vector<at::Tensor> weights_after(const Data& data, FitOptions options = {}) {
  auto net = testing::small_net(3, 0);
  auto trainer = compiled(net);
  options.epochs = 2;
  options.batch_size = 8;
  options.shuffle = false;
  options.verbose = kSilent;
  trainer.fit(data, options);
  return testing::copies(net->parameters());
}

// LibTorch's dataset of the same rows.
class Rows : public torch::data::datasets::Dataset<Rows> {
 public:
  torch::data::Example<> get(std::size_t index) override {
    const auto i = static_cast<std::int64_t>(index);
    return {kData.tensors().x[i], kData.tensors().y[i]};
  }
  torch::optional<std::size_t> size() const override { return 20; }
};

// A range with a sentinel; it notes what was read.
struct Counted {
  struct Iterator {
    const std::pair<at::Tensor, at::Tensor>& operator*() const {
      range->seen.push_back(i);
      return range->pairs[static_cast<std::size_t>(i)];
    }
    Iterator& operator++() {
      ++i;
      return *this;
    }
    bool operator==(std::default_sentinel_t) const {
      return i == static_cast<int>(range->pairs.size());
    }
    Counted* range;
    int i = 0;
  };
  Iterator begin() { return {this}; }
  std::default_sentinel_t end() { return {}; }

  const Pairs& pairs;
  std::vector<int>& seen;
};

TEST(BatchRange, TrainsAsTheSameRowsOfADataset) {
  const auto expected = weights_after(kData);
  auto pairs = pairs_of(8);
  EXPECT_TRUE(testing::same_bits(weights_after(pairs), expected));
  std::list<std::tuple<at::Tensor, at::Tensor, at::Tensor>> tuples;
  for (const auto& [x, y] : pairs) tuples.emplace_back(x, y, at::ones({x.size(0)}));
  EXPECT_TRUE(testing::same_bits(weights_after(tuples), expected));
  const std::vector<Batch> batches = {{pairs[0].first, pairs[0].second},
                                      {pairs[1].first, pairs[1].second},
                                      {pairs[2].first, pairs[2].second}};
  EXPECT_TRUE(testing::same_bits(weights_after(batches), expected));
  std::vector<int> seen;
  Counted counted{pairs, seen};
  EXPECT_TRUE(testing::same_bits(weights_after(counted), expected));
}

TEST(BatchRange, TakesLoadersOfTorchData) {
  const auto expected = weights_after(kData);
  const auto stacked = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(
      Rows().map(torch::data::transforms::Stack<>()), 8);
  EXPECT_TRUE(testing::same_bits(weights_after(*stacked), expected));
  const auto single = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(
      Rows(), torch::data::DataLoaderOptions(8).workers(2));
  EXPECT_TRUE(testing::same_bits(weights_after(*single), expected));
}

TEST(BatchRange, IsEvaluatedValidatedOnAndPredicted) {
  auto pairs = pairs_of(6);
  auto trainer = compiled(testing::small_net(3, 0));
  const auto history = trainer.fit(pairs, {.epochs = 2, .validation = pairs, .verbose = kSilent});
  const auto logs = trainer.evaluate(pairs);
  EXPECT_EQ(logs.at("loss"), history["val_loss"].back());
  EXPECT_EQ(logs.at("loss"), trainer.evaluate(kData, {.batch_size = 6}).at("loss"));
  EXPECT_TRUE(trainer.predict(pairs).equal(trainer.predict(kData.tensors().x, {.batch_size = 6})));
  EXPECT_EQ(trainer.evaluate(pairs, {.steps = 2}).at("loss"),
            trainer.evaluate(kData, {.batch_size = 6, .steps = 2}).at("loss"));
  EXPECT_EQ(trainer.predict(pairs, {.steps = 1}).size(0), 6);
}

// As Keras does with a generator.
TEST(BatchRange, WithStepsGoesOnWhereTheLastEpochStopped) {
  const auto pairs = pairs_of(8);
  std::vector<int> seen;
  Counted counted{pairs, seen};
  auto trainer = compiled(testing::small_net());
  trainer.fit(counted, {.epochs = 2, .verbose = kSilent, .steps_per_epoch = 2});
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 0));
}

TEST(BatchRange, ResumesInItsMiddle) {
  auto pairs = pairs_of(4);
  for (const std::optional<std::int64_t> steps : {std::optional<std::int64_t>(), {3}}) {
    const auto train = [&](std::int64_t stop_after, const std::filesystem::path& checkpoint) {
      auto net = testing::small_net(3, 0);
      auto trainer = compiled(net);
      if (stop_after == 0) trainer.load_checkpoint(checkpoint);
      std::int64_t batches = 0;
      trainer.fit(pairs, {.epochs = 3,
                          .callbacks = {LambdaCallback({.on_train_batch_end =
                                                            [&](std::int64_t, const BatchLogs&) {
                                                              if (++batches == stop_after)
                                                                trainer.interrupt();
                                                            }})},
                          .verbose = kSilent,
                          .steps_per_epoch = steps});
      if (trainer.interrupted()) trainer.save_checkpoint(checkpoint);
      return testing::copies(net->parameters());
    };
    const testing::Folder folder;
    const auto whole = train(-1, "");
    for (const int cut : {1, 4, 7}) {
      train(cut, folder / "checkpoint.safetensors");
      EXPECT_TRUE(testing::same_bits(train(0, folder / "checkpoint.safetensors"), whole)) << cut;
    }
  }
}

TEST(BatchRange, RefusesWhatItCannotDo) {
  auto pairs = pairs_of(8);
  auto trainer = compiled(testing::small_net());
  EXPECT_THAT(testing::value_error(
                  [&] { trainer.fit(pairs, {.verbose = kSilent, .validation_split = 0.5}); }),
              HasSubstr("validation_split"));
  Pairs none;
  EXPECT_THAT(testing::value_error([&] { trainer.fit(none, {.verbose = kSilent}); }),
              HasSubstr("empty"));
  EXPECT_THAT(testing::value_error([&] { trainer.predict(none); }), HasSubstr("empty"));
  EXPECT_THAT(
      testing::value_error([&] { trainer.fit(none, {.verbose = kSilent, .steps_per_epoch = 2}); }),
      HasSubstr("empty"));
}

TEST(Fit, ValidatesOnTheFirstBatchesWhereAsked) {
  auto trainer = compiled(testing::small_net(3, 0));
  const auto history = trainer.fit(
      kData, {.batch_size = 4, .validation = kData, .verbose = kSilent, .validation_steps = 2});
  EXPECT_EQ(history["val_loss"].back(),
            trainer.evaluate(kData, {.batch_size = 4, .steps = 2}).at("loss"));
}

}  // namespace
}  // namespace assay::training
