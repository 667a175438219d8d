// SPDX-License-Identifier: Apache-2.0
// Training in several processes is that of one process: losses, gradients, steps, what is measured,
// what is saved.
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/tests/distributed/ranks/ranks.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/training/testing/blobs.h>
#include <assay/training/callbacks/lambda_callback.h>
#include <assay/training/optimizers.h>
#include <assay/training/trainer.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace assay::training {
namespace {

using assay::testing::near;
using assay::testing::ranks;
using assay::testing::rows_by_rank;
using assay::testing::same_bits;
using assay::testing::value_error;
using callbacks::LambdaCallback;
using ::testing::AllOf;
using ::testing::HasSubstr;

const Verbosity kSilent = Verbosity::kSilent;

std::shared_ptr<distributed::Group> group() {
  return {std::shared_ptr<distributed::Group>(), &ranks()};
}

at::Tensor drawn(at::IntArrayRef shape, std::uint64_t seed) {
  return at::randn(shape, at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat);
}

Batch rows_of(const Batch& all, const std::vector<std::int64_t>& rows) {
  const auto index = torch::tensor(rows, torch::kLong);
  const auto part = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.index_select(0, index) : tensor;
  };
  return {part(all.x), part(all.y), part(all.sample_weight)};
}

std::vector<at::Tensor> parameters_of(Trainer& trainer) {
  return assay::testing::copies(trainer.model().module().parameters());
}

void expect_near(const std::vector<at::Tensor>& actual, const std::vector<at::Tensor>& expected,
                 double rtol = 1e-4, double atol = 1e-6) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(near(actual[i], expected[i], rtol, atol)) << i;
  }
}

/// All ranks have the same parameters, to the last bit.
void expect_alike(Trainer& trainer) {
  for (const auto& own : parameters_of(trainer)) {
    auto first = own.clone();
    ranks().broadcast({first}, "comparing");
    EXPECT_TRUE(same_bits(own, first));
  }
}

std::filesystem::path shared_folder() {
  const auto path = std::filesystem::temp_directory_path() /
                    ("assay_ranks_" + std::to_string(ranks().environment().master_port));
  if (ranks().is_first()) std::filesystem::create_directories(path);
  ranks().barrier("making a folder");
  return path;
}

// Waits for a file of another rank, for at most 20 s.
bool appears(const std::filesystem::path& path) {
  for (int i = 0; i < 20000 && !std::filesystem::exists(path); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::filesystem::exists(path);
}

// ---- losses: one step of SGD with rate 1 is the gradient --------------------------------------

struct LossCase {
  std::string name;
  Json loss;
  bool weighted;
};

std::vector<LossCase> loss_cases() {
  std::vector<LossCase> cases;
  for (const auto* reduction : {"sum", "mean", "mean_with_sample_weight"}) {
    for (const bool weighted : {false, true}) {
      const std::string name = std::string(reduction) + (weighted ? ", weighted" : "");
      cases.push_back({"MeanSquaredError " + name,
                       {{"class_name", "MeanSquaredError"}, {"config", {{"reduction", reduction}}}},
                       weighted});
      cases.push_back(
          {"ignore_class " + name,
           {{"class_name", "SparseCategoricalCrossentropy"},
            {"config", {{"from_logits", true}, {"ignore_class", 1}, {"reduction", reduction}}}},
           weighted});
    }
  }
  return cases;
}

TEST(Losses, HaveTheGradientOfOneProcess) {
  constexpr std::int64_t kRows = 13;
  for (const auto& test : loss_cases()) {
    for (int cut = 0; cut < assay::testing::kCuts; ++cut) {
      ASSAY_TRACE(test.name << ", cut " << cut);
      Batch all{drawn({kRows, 4}, 1)};
      const bool classes = test.loss["class_name"] == "SparseCategoricalCrossentropy";
      all.y = classes ? (drawn({kRows}, 2) * 10).to(at::kLong).abs() % 3 : drawn({kRows, 3}, 2);
      if (test.weighted) all.sample_weight = drawn({kRows}, 3).abs();

      Trainer alone(assay::testing::small_net(5, 0));
      Trainer together(assay::testing::small_net(5, 0));
      together.distribute(group());
      for (auto* trainer : {&alone, &together}) {
        trainer->compile({.optimizer = optimizers::SGD({.learning_rate = 1}), .loss = test.loss});
      }
      alone.train_on_batch(all.x, all.y, all.sample_weight);
      const auto own = rows_of(all, rows_by_rank(kRows, cut)[ranks().rank()]);
      together.train_on_batch(own.x, own.y, own.sample_weight);
      expect_near(parameters_of(together), parameters_of(alone), 1e-4, 1e-5);
      expect_alike(together);
    }
  }
}

TEST(Losses, SeveralAreEachDividedByTheirOwn) {
  Batch all{drawn({9, 4}, 1), drawn({9, 3}, 2), drawn({9}, 3).abs()};
  const CompileOptions options{
      .optimizer = optimizers::SGD({.learning_rate = 1}),
      .loss = {R"({"class_name": "MeanSquaredError",
                   "config": {"reduction": "mean_with_sample_weight"}})",
               R"({"class_name": "MeanAbsoluteError", "config": {"reduction": "sum"}})", "huber"},
      .loss_weights = {1, 0.1, 2}};
  Trainer alone(assay::testing::small_net(5, 0));
  alone.compile(options);
  Trainer together(assay::testing::small_net(5, 0));
  together.distribute(group());
  together.compile(options);
  alone.train_on_batch(all.x, all.y, all.sample_weight);
  const auto own = rows_of(all, rows_by_rank(9, 3)[ranks().rank()]);
  together.train_on_batch(own.x, own.y, own.sample_weight);
  expect_near(parameters_of(together), parameters_of(alone), 1e-4, 1e-5);
}

TEST(Losses, WithMasksHaveTheGradientOfOneProcess) {
  constexpr std::int64_t kRows = 13;
  const Batch all{drawn({kRows, 4}, 1), drawn({kRows, 3}, 2), drawn({kRows}, 3).abs()};
  const auto mask_of = [](const Batch& batch) { return batch.x.select(1, 0) > 0; };
  for (const auto* reduction : {"sum", "mean", "mean_with_sample_weight"}) {
    const auto loss = losses::get(
        Json{{"class_name", "MeanSquaredError"}, {"config", {{"reduction", reduction}}}});
    const auto whole = [&](Trainer& trainer, const Batch& batch) -> StepOutput {
      auto y_pred = trainer.model()(batch.x);
      auto total = (*loss)(batch.y, y_pred, batch.sample_weight, mask_of(batch));
      trainer.minimize(total);
      return {y_pred, {.total = total, .parts = {total}}};
    };
    // A loss of one's own is minimised by its shares.
    const auto share = [&](Trainer& trainer, const Batch& batch) -> StepOutput {
      auto y_pred = trainer.model()(batch.x);
      WeightedSum part{at::zeros({}).requires_grad_(), at::zeros({}, at::kDouble)};
      if (batch.x.size(0) > 0) {
        part = loss->forward_sum(batch.y, y_pred, batch.sample_weight, mask_of(batch));
      }
      auto total = part.sum;
      if (loss->reduction() != Reduction::kSum) {
        auto divisor = part.divisor.reshape({1}).clone();
        ranks().all_reduce(divisor, distributed::Combine::kSum, "adding up divisors");
        total = total / divisor.item<double>();
      }
      trainer.minimize(total);
      return {y_pred, {.total = total, .parts = {total}, .rows = kRows}};
    };
    for (int cut = 0; cut < assay::testing::kCuts; ++cut) {
      ASSAY_TRACE(reduction << ", cut " << cut);
      Trainer alone(assay::testing::small_net(5, 0));
      Trainer together(assay::testing::small_net(5, 0));
      together.distribute(group());
      for (auto* trainer : {&alone, &together}) {
        trainer->compile({.optimizer = optimizers::SGD({.learning_rate = 1}), .loss = "mse"});
      }
      alone.set_train_step(whole);
      together.set_train_step(share);
      alone.train_on_batch(all.x, all.y, all.sample_weight);
      const auto own = rows_of(all, rows_by_rank(kRows, cut)[ranks().rank()]);
      together.train_on_batch(own.x, own.y, own.sample_weight);
      expect_near(parameters_of(together), parameters_of(alone), 1e-4, 1e-5);
      expect_alike(together);
    }
  }
}

TEST(Losses, OfNoWeightAtAllChangeNothing) {
  Trainer together(assay::testing::small_net(5, 0));
  together.distribute(group());
  together.compile({.optimizer = optimizers::SGD({.learning_rate = 1}),
                    .loss = R"({"class_name": "MeanSquaredError",
                                "config": {"reduction": "mean_with_sample_weight"}})"});
  const auto before = parameters_of(together);
  together.train_on_batch(drawn({4, 4}, 1), drawn({4, 3}, 2), torch::zeros({4}));
  EXPECT_TRUE(same_bits(parameters_of(together), before));
}

// ---- fit and evaluate ---------------------------------------------------------------------------

CompileOptions usual(std::optional<std::int64_t> accumulate = std::nullopt) {
  return {.optimizer =
              optimizers::Adam({.learning_rate = 0.01, .gradient_accumulation_steps = accumulate}),
          .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
          .metrics = {"accuracy", "ce"},
          .weighted_metrics = {"accuracy"}};
}

// 33 rows in batches of 8: the last batch has 1, of which all ranks but one have none.
std::shared_ptr<TensorDataset> weighted_blobs(std::int64_t rows = 33) {
  const auto all = assay::testing::blobs(rows, 1).tensors();
  return std::make_shared<TensorDataset>(all.x, all.y, drawn({rows}, 9).abs());
}

void expect_same_history(const History& actual, const History& expected) {
  ASSERT_EQ(actual.names(), expected.names());
  ASSERT_EQ(actual.epochs().size(), expected.epochs().size());
  for (const auto& name : expected.names()) {
    for (std::size_t i = 0; i < expected.epochs().size(); ++i) {
      if (name == "accuracy" || name == "val_accuracy") {
        EXPECT_EQ(actual[name][i], expected[name][i]) << name << " " << i;
      } else {
        EXPECT_NEAR(actual[name][i], expected[name][i], 1e-4) << name << " " << i;
      }
    }
  }
}

class Fit : public ::testing::TestWithParam<std::optional<std::int64_t>> {};

TEST_P(Fit, IsThatOfOneProcess) {
  FitOptions options{.epochs = 3,
                     .batch_size = 8,
                     .validation = weighted_blobs(21),
                     .seed = 4,
                     .verbose = kSilent,
                     .class_weight = {{0, 2.0}}};
  Trainer alone(assay::testing::small_net(5, 0));
  alone.compile(usual(GetParam()));
  Trainer together(assay::testing::small_net(5, 0));
  together.distribute(group());
  together.compile(usual(GetParam()));
  const auto expected = alone.fit(weighted_blobs(), options);
  const auto actual = together.fit(weighted_blobs(), options);
  expect_same_history(actual, expected);
  expect_near(parameters_of(together), parameters_of(alone), 1e-2, 1e-4);
  expect_alike(together);
  EXPECT_EQ(together.position().updates, alone.position().updates);

  const auto logs = together.evaluate(weighted_blobs(21), {.batch_size = 4});
  const auto alone_logs = alone.evaluate(weighted_blobs(21), {.batch_size = 4});
  EXPECT_EQ(logs.at("accuracy"), alone_logs.at("accuracy"));
  EXPECT_NEAR(logs.at("loss"), alone_logs.at("loss"), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Accumulation, Fit, ::testing::Values(std::nullopt, 3),
                         [](const auto& info) { return info.param ? "Every3" : "Every1"; });

// The step that is replaced, written out; some ranks have no rows of the last batch.
TEST(Step, OfOnesOwnIsThatOfOneProcess) {
  const FitOptions options{.epochs = 2, .batch_size = 8, .seed = 4, .verbose = kSilent};
  Trainer alone(assay::testing::small_net(5, 0));
  alone.compile(usual());
  Trainer together(assay::testing::small_net(5, 0));
  together.distribute(group());
  together.compile(usual());
  together.set_train_step([](Trainer& trainer, const Batch& batch) -> StepOutput {
    auto y_pred = trainer.model()(batch.x);
    auto loss = trainer.compute_loss(batch, y_pred);
    trainer.minimize(loss.total);
    return {y_pred, loss};
  });
  const auto expected = alone.fit(weighted_blobs(), options);
  expect_same_history(together.fit(weighted_blobs(), options), expected);
  expect_near(parameters_of(together), parameters_of(alone), 1e-2, 1e-4);
  expect_alike(together);
}

TEST(Accumulation, SumsNoGradientsInBetween) {
  const auto collectives = [](std::optional<std::int64_t> accumulate) {
    Trainer trainer(assay::testing::small_net(5, 0));
    trainer.distribute(group());
    trainer.compile(usual(accumulate));
    const auto data = assay::testing::blobs(16).tensors();
    const auto before = ranks().collectives();
    for (int i = 0; i < 4; ++i) trainer.train_on_batch(data.x, data.y);
    return ranks().collectives() - before;
  };
  // Each batch: what losses divide by. Each update: the gradients.
  EXPECT_EQ(collectives(std::nullopt), 4 + 4);
  EXPECT_EQ(collectives(4), 4 + 1);
}

// Collectives that one more batch of `fit` takes.
double collectives_of_a_batch(Reduction reduction, const std::vector<CallbackArgument>& callbacks) {
  constexpr std::int64_t kRows = 80;
  const auto with_batches = [&](std::int64_t batches) {
    Trainer trainer(assay::testing::small_net(5, 0));
    trainer.distribute(group());
    trainer.compile({.loss = losses::SparseCategoricalCrossentropy(
                         {.from_logits = true, .reduction = reduction})});
    const auto before = ranks().collectives();
    trainer.fit(
        weighted_blobs(kRows),
        {.batch_size = kRows / batches, .seed = 1, .callbacks = callbacks, .verbose = kSilent});
    return ranks().collectives() - before;
  };
  return static_cast<double>(with_batches(10) - with_batches(4)) / 6;
}

TEST(Collectives, OfABatchAreTheGradientsAloneWhereNothingElseCanDiffer) {
  const LambdaCallback at_epochs({.on_epoch_end = [](std::int64_t, Logs&) {}});
  const CallbackArgument loss_stops =
      R"({"class_name": "EarlyStopping", "config": {"monitor": "loss"}})";
  const LambdaCallback at_batches({.on_train_batch_end = [](std::int64_t, const BatchLogs&) {}});
  EXPECT_EQ(collectives_of_a_batch(Reduction::kSumOverBatchSize, {at_epochs, loss_stops}), 1);
  EXPECT_EQ(collectives_of_a_batch(Reduction::kSum, {}), 1);
  EXPECT_EQ(collectives_of_a_batch(Reduction::kMeanWithSampleWeight, {}), 2);
  EXPECT_EQ(collectives_of_a_batch(Reduction::kSumOverBatchSize, {at_batches}), 2);
}

TEST(Collectives, OfBuffersAreOneForAllTypes) {
  auto numbers = at::full({3}, ranks().rank(), at::kDouble);
  auto count = at::full({}, ranks().rank(), at::kLong);
  auto flag = at::full({1, 1}, ranks().rank() == 0, at::kBool);
  auto half = at::full({3, 2}, ranks().rank(), at::kHalf).t();
  auto none = at::zeros({0, 2});
  const auto before = ranks().collectives();
  ranks().broadcast({flag, half, none, numbers, count}, "testing");
  EXPECT_EQ(ranks().collectives(), before + 1);
  EXPECT_TRUE(numbers.eq(0).all().item<bool>() && half.eq(0).all().item<bool>());
  EXPECT_EQ(count.item<std::int64_t>(), 0);
  EXPECT_TRUE(flag.item<bool>());
}

TEST(Evaluation, SeesEverySampleOnce) {
  for (const std::int64_t rows : {1, 2, 5, 16, 23}) {
    ASSAY_TRACE(rows << " rows");
    // Sums of powers of two: they tell which samples were seen, and how often.
    const auto x = torch::zeros({rows, 4});
    const auto y = torch::pow(2.0, torch::arange(rows).to(at::kDouble)).view({rows, 1});
    Trainer counting(Model(std::make_shared<torch::nn::LinearImpl>(4, 1),
                           [](const at::Tensor& batch) { return batch.slice(1, 0, 1) * 0; }));
    counting.distribute(group());
    counting.compile({.loss = R"({"class_name": "MeanAbsoluteError",
                                  "config": {"dtype": "float64"}})"});
    const auto logs = counting.evaluate(Data(x, y), {.batch_size = 4});
    EXPECT_NEAR(logs.at("loss") * static_cast<double>(rows), std::pow(2.0, rows) - 1, 0.25);
  }
}

// ---- parameters and buffers ---------------------------------------------------------------------

struct Branches : torch::nn::Module {
  Branches() {
    torch::manual_seed(3);
    used = register_module("used", torch::nn::Linear(4, 3));
    unused = register_module("unused", torch::nn::Linear(4, 3));
    normalised = register_module("normalised", torch::nn::BatchNorm1d(3));
  }
  at::Tensor forward(const at::Tensor& x) { return normalised(used(x)); }

  torch::nn::Linear used = nullptr;
  torch::nn::Linear unused = nullptr;
  torch::nn::BatchNorm1d normalised = nullptr;
};

TEST(Parameters, ThatAreNotUsedStayAsTheyAre) {
  const auto net = std::make_shared<Branches>();
  const auto before = assay::testing::copies(net->unused->parameters());
  const auto used = assay::testing::copies(net->used->parameters());
  Trainer trainer(net);
  trainer.distribute(group());
  trainer.compile(
      {.optimizer = "sgd", .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  trainer.fit(assay::testing::blobs(48), {.batch_size = 24, .seed = 1, .verbose = kSilent});
  EXPECT_TRUE(same_bits(net->unused->parameters(), before));
  EXPECT_FALSE(same_bits(net->used->parameters(), used));
  EXPECT_FALSE(net->unused->weight.grad().defined());
  expect_alike(trainer);
}

// One of two layers, by the first feature's sign; a third is never used.
struct Choice : torch::nn::Module {
  Choice() {
    torch::manual_seed(3);
    for (const auto* name : {"one", "other", "never"}) {
      register_module(name, torch::nn::Linear(4, 3));
    }
  }
  at::Tensor forward(const at::Tensor& x) {
    const auto one = x.select(1, 0) > 0;
    auto y = at::zeros({x.size(0), 3});
    for (const auto& [name, rows] : {std::pair("one", one), std::pair("other", ~one)}) {
      if (!rows.any().item<bool>()) continue;
      const auto layer = named_children()[name]->as<torch::nn::Linear>();
      y = at::where(rows.unsqueeze(1), layer->forward(x), y);
    }
    return y;
  }
};

TEST(Parameters, ThatOnlySomeRanksUseHaveTheGradientOfOneProcess) {
  constexpr std::int64_t kRows = 12;
  for (int cut = 0; cut < assay::testing::kCuts; ++cut) {
    for (const auto every : {std::optional<std::int64_t>(), std::optional<std::int64_t>(2)}) {
      ASSAY_TRACE("cut " << cut << ", an update each " << every.value_or(1) << " batches");
      // Which layer a rank uses changes with the batch.
      Batch all{drawn({kRows, 4}, 1), drawn({kRows, 3}, 2)};
      const auto sign = at::where(at::arange(kRows) < kRows / 2, 1.0, -1.0);
      all.x.select(1, 0).copy_(sign);
      const auto own = rows_of(all, rows_by_rank(kRows, cut)[ranks().rank()]);
      const auto net = std::make_shared<Choice>();
      const auto net_alone = std::make_shared<Choice>();
      Trainer alone(net_alone);
      Trainer together(net);
      together.distribute(group());
      for (auto* trainer : {&alone, &together}) {
        trainer->compile(
            {.optimizer = optimizers::SGD(
                 {.learning_rate = 0.1, .weight_decay = 0.1, .gradient_accumulation_steps = every}),
             .loss = "mse"});
      }
      for (const double turn : {1.0, -1.0, -1.0, 1.0}) {
        alone.train_on_batch(all.x * turn, all.y);
        together.train_on_batch(own.x * turn, own.y);
      }
      expect_near(parameters_of(together), parameters_of(alone), 1e-4, 1e-5);
      expect_alike(together);
      const auto never = net->named_children()["never"]->parameters();
      EXPECT_TRUE(same_bits(never, net_alone->named_children()["never"]->parameters()));
      EXPECT_FALSE(never[0].grad().defined());
    }
  }
}

// ---- the exchange of gradients
// -------------------------------------------------------------------

// Rank 0 comes to the gradient of the first layer while no other rank has begun its backward pass:
// the sum over the last layers is then under way, and cannot be complete.
TEST(Exchange, OfTheLastLayersRunsWhileTheFirstOnesAreDifferentiated) {
  using torch::nn::Linear;
  torch::manual_seed(3);
  Linear first(4, 600);
  // What the reducer sends at once ends behind 1 MB.
  torch::nn::Sequential last(Linear(600, 600), Linear(600, 600), Linear(600, 3));
  auto parameters = first->parameters();
  const auto others = last->parameters();
  parameters.insert(parameters.end(), others.begin(), others.end());
  const auto reducer = ranks().reduce_gradients(parameters);

  const auto at_first_layer = shared_folder() / "at_the_first_layer";
  if (ranks().is_first()) std::filesystem::remove(at_first_layer);
  ranks().barrier("beginning");
  std::int64_t under_way = 0;
  bool first_has_gradient = true;
  auto hidden = first(drawn({5, 4}, 1));
  hidden.register_hook([&](const at::Tensor&) {
    under_way = reducer->take_count();
    first_has_gradient = first->weight.grad().defined();
    if (ranks().is_first()) std::ofstream(at_first_layer) << "there";
  });
  const auto loss = last->forward(hidden).square().mean();
  bool came = true;
  if (!ranks().is_first()) {
    came = appears(at_first_layer);
  }
  const auto before = ranks().collectives();
  ranks().backward(loss, *reducer, false);
  EXPECT_TRUE(came);
  EXPECT_FALSE(first_has_gradient);
  EXPECT_GE(under_way, 1);
  EXPECT_GE(ranks().collectives() - before, 1) << "sums after that of the last layers";
}

TEST(Buffers, AreThoseOfTheFirstProcess) {
  const auto net = std::make_shared<Branches>();
  Trainer trainer(net);
  trainer.distribute(group());
  trainer.compile(
      {.optimizer = "sgd", .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  trainer.fit(assay::testing::blobs(48), {.batch_size = 24, .seed = 1, .verbose = kSilent});
  for (const auto& buffer : net->buffers()) {
    auto first = buffer.clone();
    ranks().broadcast({first}, "comparing");
    EXPECT_TRUE(same_bits(buffer, first));
  }
  EXPECT_EQ(net->normalised->num_batches_tracked.item<std::int64_t>(), 2);
}

TEST(Parameters, ThatDifferAreAnErrorOnAll) {
  Trainer trainer(assay::testing::small_net(5, 0));
  if (ranks().rank() == 1) {
    const torch::NoGradGuard no_grad;
    trainer.model().module().named_parameters()["0.bias"][2] += 1e-6;
  }
  trainer.distribute(group());
  trainer.compile(usual());
  const auto message =
      value_error([&] { trainer.fit(assay::testing::blobs(12), {.seed = 1, .verbose = kSilent}); });
  EXPECT_THAT(message, AllOf(HasSubstr("0.bias"), HasSubstr("rank 1")));
}

TEST(Metrics, OfOtherShapesOnAnotherRankAreAnErrorThatNamesIt) {
  const auto last = ranks().size() - 1;
  const auto width = ranks().rank() == last ? 4 : 3;
  // Each rank finds the labels' number of classes by itself.
  Trainer trainer(
      Model(std::make_shared<torch::nn::LinearImpl>(4, 3), [width](const at::Tensor& x) {
        return at::sigmoid(x.slice(1, 0, 1) * 0.1).expand({x.size(0), width});
      }));
  trainer.distribute(group());
  trainer.compile({.loss = "mse", .metrics = {R"({"class_name": "F1Score", "config": {}})"}});
  EXPECT_THAT(value_error([&] {
                trainer.evaluate(Data(drawn({12, 4}, 1), at::ones({12, width})));
              }),
              AllOf(HasSubstr("'f1_score (variable 1 of "), HasSubstr("[3] on rank 0"),
                    HasSubstr("[4] on rank " + std::to_string(last))));
}

// ---- the course of training --------------------------------------------------------------------

TEST(Stopping, ByOneRankStopsAll) {
  Trainer trainer(assay::testing::small_net(5, 0));
  trainer.distribute(group());
  trainer.compile(usual());
  const LambdaCallback stop({.on_train_batch_end = [&](std::int64_t batch, const BatchLogs&) {
    if (batch == 1 && ranks().rank() == ranks().size() - 1) trainer.stop_training();
  }});
  const auto history = trainer.fit(
      assay::testing::blobs(90),
      {.epochs = 4, .batch_size = 10, .seed = 1, .callbacks = {stop}, .verbose = kSilent});
  EXPECT_EQ(history.epochs().size(), 1);
  EXPECT_EQ(trainer.position().batches, 2);
}

TEST(Interruption, OfOneRankInterruptsAllAtOneBatch) {
  Trainer trainer(assay::testing::small_net(5, 0));
  trainer.distribute(group());
  trainer.compile(usual());
  const LambdaCallback interrupt({.on_train_batch_end = [&](std::int64_t batch, const BatchLogs&) {
    if (batch == 3 && ranks().rank() == ranks().size() - 1) trainer.interrupt();
  }});
  trainer.fit(
      assay::testing::blobs(90),
      {.epochs = 4, .batch_size = 10, .seed = 1, .callbacks = {interrupt}, .verbose = kSilent});
  EXPECT_TRUE(trainer.interrupted());
  EXPECT_EQ(trainer.position().batch, 4);
}

// As a signal does it: between two callbacks.
class InterruptingDataset : public TensorDataset {
 public:
  InterruptingDataset(const Batch& all, std::function<void()> interrupt)
      : TensorDataset(all), interrupt_(std::move(interrupt)) {}
  Batch rows(const std::vector<std::int64_t>& indices) const override {
    if (++read_ == 4) interrupt_();
    return TensorDataset::rows(indices);
  }

 private:
  std::function<void()> interrupt_;
  mutable int read_ = 0;
};

TEST(Interruption, TravelsWithTheGradients) {
  Trainer trainer(assay::testing::small_net(5, 0));
  trainer.distribute(group());
  trainer.compile(usual());
  const auto data = std::make_shared<InterruptingDataset>(assay::testing::blobs(90).tensors(), [&] {
    if (ranks().rank() == ranks().size() - 1) trainer.interrupt();
  });
  trainer.fit(data, {.epochs = 4, .batch_size = 10, .seed = 1, .verbose = kSilent});
  EXPECT_TRUE(trainer.interrupted());
  EXPECT_EQ(trainer.position().batch, 4);
}

// A checkpoint in the middle of an epoch, between two batches of one update.
class Checkpoints : public ::testing::Test {
 protected:
  static FitOptions options() {
    return {.epochs = 3, .batch_size = 8, .seed = 4, .verbose = kSilent};
  }

  static void train(Trainer& trainer, const std::filesystem::path& save) {
    auto with = options();
    with.callbacks = {LambdaCallback({.on_train_batch_end = [&](std::int64_t, const BatchLogs&) {
      if (trainer.position().batches == 7) trainer.checkpoint_after_callbacks(save);
    }})};
    trainer.fit(weighted_blobs(), with);
  }
};

TEST_F(Checkpoints, GoOnBitForBitOnAsManyProcesses) {
  const auto path = shared_folder() / "same.safetensors";
  Trainer whole(assay::testing::small_net(5, 0.3));
  whole.distribute(group());
  whole.compile(usual(2));
  train(whole, path);
  ranks().barrier("saving");

  Trainer resumed(assay::testing::small_net(5, 0.3));
  resumed.distribute(group());
  resumed.compile(usual(2));
  resumed.load_checkpoint(path);
  EXPECT_EQ(resumed.position().batches, 7);
  const auto history = resumed.fit(weighted_blobs(), options());
  EXPECT_TRUE(same_bits(parameters_of(resumed), parameters_of(whole)));
  for (const auto& name : whole.history().names()) {
    EXPECT_EQ(history[name], whole.history()[name]) << name;
  }
}

TEST_F(Checkpoints, GoOnInOneProcess) {
  const auto path = shared_folder() / "other.safetensors";
  Trainer whole(assay::testing::small_net(5, 0));
  whole.distribute(group());
  whole.compile(usual(2));
  train(whole, path);
  ranks().barrier("saving");

  // Each rank on its own.
  Trainer alone(assay::testing::small_net(5, 0));
  alone.compile(usual(2));
  alone.load_checkpoint(path);
  const auto history = alone.fit(weighted_blobs(), options());
  expect_same_history(history, whole.history());
  expect_near(parameters_of(alone), parameters_of(whole), 1e-2, 1e-4);
}

TEST_F(Checkpoints, OfOneProcessGoOnInSeveral) {
  const auto path = shared_folder() / ("from_one.safetensors");
  Trainer alone(assay::testing::small_net(5, 0));
  alone.compile(usual(2));
  if (ranks().is_first()) {
    train(alone, path);
  } else {
    alone.fit(weighted_blobs(), options());
  }
  ranks().barrier("saving");

  Trainer together(assay::testing::small_net(5, 0));
  together.distribute(group());
  together.compile(usual(2));
  together.load_checkpoint(path);
  const auto history = together.fit(weighted_blobs(), options());
  expect_same_history(history, alone.history());
  expect_near(parameters_of(together), parameters_of(alone), 1e-2, 1e-4);
}

}  // namespace
}  // namespace assay::training
