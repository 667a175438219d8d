// SPDX-License-Identifier: Apache-2.0
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/lambda_callback.h>
#include <assay/training/data/shuffle.h>
#include <assay/training/optimizers/sgd.h>
#include <assay/training/trainer.h>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using callbacks::LambdaCallback;
using ::testing::HasSubstr;

const Verbosity kSilent = Verbosity::kSilent;

losses::SparseCategoricalCrossentropy logits_loss() {
  return losses::SparseCategoricalCrossentropy({.from_logits = true});
}

TEST(Trainer, LearnsAndMeasures) {
  Trainer trainer(testing::small_net());
  trainer.compile({.optimizer = R"({"class_name": "adam", "config": {"learning_rate": 0.01}})",
                   .loss = logits_loss(),
                   .metrics = {"accuracy", "ce"}});
  const auto train = testing::blobs(90, 1);
  const auto history =
      trainer.fit(train, {.epochs = 20, .validation = train, .seed = 3, .verbose = kSilent});
  EXPECT_EQ(history.epochs().size(), 20u);
  EXPECT_EQ(history.names(), (std::vector<std::string>{"loss", "accuracy", "ce", "val_loss",
                                                       "val_accuracy", "val_ce"}));
  EXPECT_LT(history["loss"].back(), history["loss"].front());
  EXPECT_GT(history["val_accuracy"].back(), 0.8);
  const auto logs = trainer.evaluate(train);
  EXPECT_EQ(logs.at("loss"), history["val_loss"].back());
  const auto predictions = trainer.predict(train.tensors().x);
  EXPECT_EQ(predictions.sizes(), (std::vector<std::int64_t>{90, 3}));
  EXPECT_FALSE(predictions.requires_grad());
  const auto hits = predictions.argmax(1).eq(train.tensors().y).to(at::kDouble).mean();
  EXPECT_NEAR(hits.item<double>(), logs.at("accuracy"), 1e-6);
}

// What fit does, written out with LibTorch.
TEST(Trainer, FitIsTheLoopThatOneWouldWrite) {
  const auto data = testing::blobs(20);
  auto net = testing::small_net(5, 0);
  auto twin = testing::small_net(5, 0);
  Trainer trainer(net);
  trainer.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = logits_loss()});
  const auto history =
      trainer.fit(data, {.epochs = 2, .batch_size = 8, .seed = 4, .verbose = kSilent});

  torch::optim::SGD sgd(twin->parameters(), torch::optim::SGDOptions(0.1));
  std::vector<double> losses;
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    const auto order = torch::tensor(permutation(20, 4, static_cast<std::uint64_t>(epoch)));
    double total = 0;
    for (const auto& rows : order.split(8)) {
      const auto loss = torch::nn::functional::cross_entropy(
          twin->forward(data.tensors().x.index({rows})), data.tensors().y.index({rows}));
      sgd.zero_grad();
      loss.backward();
      sgd.step();
      total += loss.item<double>() * static_cast<double>(rows.numel());
    }
    losses.push_back(total / 20);
  }
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(history["loss"][i], losses[i], 1e-6);
  for (std::size_t i = 0; i < net->parameters().size(); ++i) {
    EXPECT_TRUE(testing::near(net->parameters()[i], twin->parameters()[i], 1e-5, 1e-6));
  }
}

TEST(Trainer, TakesTensorsModulesAndWeights) {
  const auto data = testing::blobs(12);
  auto linear = std::make_shared<torch::nn::LinearImpl>(4, 3);
  Trainer trainer(linear);
  trainer.compile({.optimizer = "sgd",
                   .loss = logits_loss(),
                   .metrics = {"acc"},
                   .weighted_metrics = {"accuracy"}});
  auto weight = torch::zeros({12});
  weight.slice(0, 0, 6).fill_(1);
  const auto logs =
      trainer.evaluate({data.tensors().x, data.tensors().y, weight}, {.batch_size = 5});
  const auto half =
      trainer.evaluate({data.tensors().x.slice(0, 0, 6), data.tensors().y.slice(0, 0, 6)});
  EXPECT_NEAR(logs.at("accuracy"), half.at("acc"), 1e-7);
  EXPECT_NO_THROW(trainer.fit({data.tensors().x, data.tensors().y}, {.verbose = kSilent}));
}

TEST(Data, KeepsADatasetThatIsATemporary) {
  Data data;
  data = testing::blobs(7);
  EXPECT_EQ(data.dataset()->size(), 7);
  const auto kept = testing::blobs(5);
  EXPECT_EQ(Data(kept).dataset().get(), &kept);
}

TEST(Trainer, OneBatchAtATime) {
  Trainer trainer(testing::small_net());
  trainer.compile({.optimizer = "sgd", .loss = logits_loss(), .metrics = {"accuracy"}});
  const auto data = testing::blobs(10);
  const auto& [x, y, unused] = data.tensors();
  const auto before = testing::copies(trainer.model().module().parameters());
  const auto tested = trainer.test_on_batch(x, y);
  EXPECT_TRUE(testing::same_bits(before, trainer.model().module().parameters()));
  EXPECT_TRUE(tested.find("accuracy"));
  trainer.reset_metrics();
  trainer.train_on_batch(x, y);
  EXPECT_FALSE(testing::same_bits(before, trainer.model().module().parameters()));
  EXPECT_EQ(trainer.position().updates, 1);
}

TEST(Trainer, ValidatesTheLastRowsEveryFewEpochsWithTheWeightsOfThen) {
  const auto data = testing::blobs(20);
  const auto x = data.tensors().x.slice(0, 15);
  const auto y = data.tensors().y.slice(0, 15);
  auto net = testing::small_net();
  Trainer trainer(net);
  trainer.compile({.optimizer = R"({"class_name": "sgd", "config": {"learning_rate": 0.1}})",
                   .loss = logits_loss()});
  std::vector<double> of_weights;
  const LambdaCallback measure({.on_epoch_end = [&](std::int64_t, Logs&) {
    const torch::NoGradGuard no_grad;
    net->eval();
    of_weights.push_back(logits_loss()(y, net->forward(x)).item<double>());
  }});
  const auto history = trainer.fit(data, {.epochs = 7,
                                          .callbacks = {measure},
                                          .verbose = kSilent,
                                          .validation_split = 0.25,
                                          .validation_freq = 3});
  ASSERT_EQ(history.epochs().size(), 7U);
  for (std::size_t epoch = 0; epoch < 7; ++epoch) {
    const auto& logs = history.epochs()[epoch].logs;
    EXPECT_TRUE(logs.find("loss"));
    const auto measured = logs.find("val_loss");
    ASSERT_EQ(measured.has_value(), epoch == 2 || epoch == 5) << epoch;
    if (measured) EXPECT_NEAR(*measured, of_weights[epoch], 1e-6) << epoch;
  }
  EXPECT_EQ(history["val_loss"].size(), 2U);
  EXPECT_NE(of_weights[2], of_weights[5]);
}

TEST(Trainer, EpochsHaveTheStepsThatWereAsked) {
  const auto data = testing::blobs(20);
  Trainer trainer(testing::small_net());
  trainer.compile({.optimizer = "sgd", .loss = logits_loss()});
  std::vector<std::int64_t> epochs;
  std::int64_t batches = 0;
  trainer.fit(data,
              {.epochs = 5,
               .batch_size = 4,
               .callbacks = {LambdaCallback(
                   {.on_epoch_begin = [&](std::int64_t epoch) { epochs.push_back(epoch); },
                    .on_train_batch_end = [&](std::int64_t, const BatchLogs&) { ++batches; }})},
               .verbose = kSilent,
               .initial_epoch = 3,
               .steps_per_epoch = 2});
  EXPECT_EQ(epochs, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(batches, 4);
}

TEST(Trainer, ClassWeightsAreSampleWeights) {
  const auto data = testing::blobs(12);
  const auto train = [&](const Data& data, const std::map<std::int64_t, double>& class_weight) {
    auto net = testing::small_net(2, 0);
    Trainer trainer(net);
    trainer.compile({.optimizer = "sgd", .loss = logits_loss()});
    trainer.fit(data, {.seed = 1, .verbose = kSilent, .class_weight = class_weight});
    return net->parameters();
  };
  const auto& [x, y, unused] = data.tensors();
  const auto weight = torch::where(y.eq(1), 5.0, 1.0).to(at::kFloat);
  const auto expected = train({x, y, weight}, {});
  EXPECT_TRUE(testing::same_bits(train({x, y}, {{1, 5.0}}), expected));
  EXPECT_FALSE(testing::same_bits(train({x, y}, {}), expected));
}

TEST(Trainer, ClassWeightsReadOneHotLabelsAndReachWeightedMetricsAlone) {
  const auto data = testing::blobs(12);
  const auto train = [](const Data& data, const std::map<std::int64_t, double>& class_weight) {
    Trainer trainer(testing::small_net(2, 0));
    trainer.compile({.optimizer = R"({"class_name": "sgd", "config": {"learning_rate": 0.0}})",
                     .loss = losses::CategoricalCrossentropy({.from_logits = true}),
                     .metrics = {"ce"},
                     .weighted_metrics = {"ce"}});
    return trainer.fit(
        data, {.validation = data, .seed = 1, .verbose = kSilent, .class_weight = class_weight});
  };
  const auto& [x, y, unused] = data.tensors();
  const auto labels = torch::one_hot(y, 3).to(at::kFloat);
  const auto weight = torch::where(y.eq(1), 5.0, 1.0).to(at::kFloat);
  const auto plain = train({x, labels}, {});
  const auto weighted = train({x, labels}, {{1, 5.0}});
  const auto by_samples = train({x, labels, weight}, {});
  for (const auto* name : {"loss", "ce", "weighted_ce"}) {
    EXPECT_EQ(weighted[name], by_samples[name]) << name;
  }
  EXPECT_NE(weighted["loss"], plain["loss"]);
  EXPECT_NE(weighted["weighted_ce"], plain["weighted_ce"]);
  EXPECT_EQ(weighted["ce"], plain["ce"]);
  // Validation knows no class weights, as in Keras.
  EXPECT_EQ(weighted["val_loss"], plain["val_loss"]);
}

TEST(Trainer, AveragesAccumulatedGradients) {
  const auto data = testing::blobs(16);
  const auto train = [&](const char* optimizer, std::int64_t batch_size) {
    auto net = testing::small_net(2, 0);
    Trainer trainer(net);
    trainer.compile({.optimizer = optimizer, .loss = logits_loss()});
    trainer.fit(data, {.epochs = 2, .batch_size = batch_size, .seed = 1, .verbose = kSilent});
    EXPECT_EQ(trainer.position().updates, 4);
    return net->parameters();
  };
  const auto whole = train("sgd", 8);
  const auto halves =
      train(R"({"class_name": "sgd", "config": {"gradient_accumulation_steps": 2}})", 4);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_TRUE(testing::near(whole[i], halves[i], 1e-5, 1e-6));
  }
}

TEST(Trainer, StepCanBeReplaced) {
  const auto data = testing::blobs(10);
  const auto& [x, y, unused] = data.tensors();
  auto net = testing::small_net(2, 0);
  auto twin = testing::small_net(2, 0);
  Trainer trainer(net);
  Trainer other(twin);
  for (auto* each : {&trainer, &other}) {
    each->compile({.optimizer = "sgd", .loss = logits_loss(), .metrics = {"accuracy"}});
  }
  int steps = 0;
  trainer.set_train_step([&](Trainer& self, const Batch& batch) -> StepOutput {
    ++steps;
    auto y_pred = self.model()(batch.x + 0.01);
    auto loss = self.compute_loss(batch, y_pred);
    self.minimize(loss.total);
    return {y_pred, loss};
  });
  trainer.fit(data, {.batch_size = 5, .seed = 1, .verbose = kSilent});
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(trainer.position().updates, 2);
  other.fit({x + 0.01, y}, {.batch_size = 5, .seed = 1, .verbose = kSilent});
  EXPECT_TRUE(testing::same_bits(net->parameters(), twin->parameters()));
  trainer.train_on_batch(x, y);
  other.train_on_batch(x + 0.01, y);
  EXPECT_EQ(steps, 3);
  EXPECT_TRUE(testing::same_bits(net->parameters(), twin->parameters()));
}

TEST(Trainer, FollowsASchedule) {
  Trainer trainer(testing::small_net());
  trainer.compile({.optimizer = R"({"class_name": "sgd", "config": {"learning_rate":
      {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 0.1,
       "decay_steps": 1, "decay_rate": 0.5}}}})",
                   .loss = logits_loss()});
  trainer.fit(testing::blobs(12), {.batch_size = 4, .verbose = kSilent});
  EXPECT_DOUBLE_EQ(trainer.learning_rate(), 0.1 / 8);
  EXPECT_DOUBLE_EQ(optimizers::learning_rate(trainer.optimizer()), 0.1 / 4);
  EXPECT_THAT(testing::value_error([&] { trainer.set_learning_rate(1); }), HasSubstr("schedule"));
}

TEST(Trainer, SeedDecidesTheOrder) {
  const auto data = testing::blobs(30);
  const auto train = [&](std::optional<std::uint64_t> seed) {
    auto net = testing::small_net(2, 0);
    Trainer trainer(net);
    trainer.compile({.optimizer = "sgd", .loss = logits_loss()});
    trainer.fit(data, {.batch_size = 4, .seed = seed, .verbose = kSilent});
    return net->parameters();
  };
  EXPECT_TRUE(testing::same_bits(train(1), train(1)));
  EXPECT_FALSE(testing::same_bits(train(1), train(2)));
  // Without one it comes from LibTorch's generator, which small_net seeds.
  EXPECT_TRUE(testing::same_bits(train({}), train({})));
}

TEST(Trainer, RefusesWrongArgumentsBeforeAnythingChanges) {
  const auto data = testing::blobs(12);
  auto net = testing::small_net();
  Trainer trainer(net);
  EXPECT_THAT(testing::value_error([&] { trainer.fit(data); }), HasSubstr("call compile first"));
  trainer.compile({.optimizer = "sgd", .loss = logits_loss()});
  const auto before = testing::copies(net->parameters());
  const auto error = [&](FitOptions options) {
    options.verbose = kSilent;
    return testing::value_error([&] { trainer.fit(data, options); });
  };
  EXPECT_THAT(error({.epochs = -1}), HasSubstr("epochs must be at least 0, got -1"));
  EXPECT_THAT(error({.batch_size = 0}), HasSubstr("batch_size"));
  EXPECT_THAT(error({.validation = data, .validation_split = 0.5}), HasSubstr("not both"));
  EXPECT_THAT(error({.validation_split = 1}), HasSubstr("validation_split"));
  EXPECT_THAT(error({.steps_per_epoch = 9}), HasSubstr("steps_per_epoch is 9"));
  EXPECT_THAT(error({.validation_freq = 0}), HasSubstr("validation_freq"));
  EXPECT_THAT(error({.callbacks = {"early"}}), HasSubstr("unknown callback"));
  EXPECT_THAT(error({.class_weight = {{0, -1.0}}}), HasSubstr("class_weight"));
  EXPECT_THAT(testing::value_error([&] { trainer.fit(Data()); }), HasSubstr("missing"));
  EXPECT_THAT(testing::value_error([&] { trainer.evaluate(data, {.steps = 9}); }),
              HasSubstr("steps"));
  EXPECT_THAT(
      testing::value_error([&] { trainer.fit(Data(data.tensors().x), {.verbose = kSilent}); }),
      HasSubstr("no labels"));
  EXPECT_TRUE(testing::same_bits(before, net->parameters()));
  EXPECT_THAT(testing::value_error([&] { trainer.compile({.optimizer = "adm", .loss = "mse"}); }),
              HasSubstr("Did you mean 'Adam'?"));
}

TEST(Trainer, SummaryCountsParameters) {
  Trainer trainer(testing::small_net());
  const auto text = trainer.summary();
  EXPECT_THAT(text, HasSubstr("0.weight"));
  EXPECT_THAT(text, HasSubstr("[16, 4]"));
  EXPECT_THAT(text, HasSubstr("Trained: 131, not trained: 0"));
}

TEST(Trainer, SummaryShowsLayersBuffersAndWhatIsNotTrained) {
  torch::nn::Linear frozen(64, 32);
  frozen->weight.set_requires_grad(false);
  const torch::nn::Sequential net(frozen, torch::nn::BatchNorm1d(32));
  const auto text = Trainer(net).summary();
  EXPECT_THAT(text, HasSubstr("(1): torch::nn::BatchNorm1d(32"));
  EXPECT_THAT(text, HasSubstr("2,048"));
  EXPECT_THAT(text, HasSubstr("1.running_mean (buffer)"));
  EXPECT_THAT(text, HasSubstr("Trained: 96, not trained: 2,113"));
}

TEST(Trainer, WeightsGoToAFileAndBack) {
  const testing::Folder folder;
  Trainer trainer(testing::small_net(1));
  trainer.save_weights(folder / "weights.safetensors");
  Trainer other(testing::small_net(2));
  other.load_weights(folder / "weights.safetensors");
  EXPECT_TRUE(testing::same_bits(trainer.model().module().parameters(),
                                 other.model().module().parameters()));
  Trainer smaller(std::make_shared<torch::nn::LinearImpl>(4, 3));
  const auto before = testing::copies(smaller.model().module().parameters());
  EXPECT_THAT(testing::value_error([&] { smaller.load_weights(folder / "weights.safetensors"); }),
              HasSubstr("weights.safetensors: the model's 'weight' is not in the file"));
  EXPECT_TRUE(testing::same_bits(before, smaller.model().module().parameters()));
}

}  // namespace
}  // namespace assay::training
