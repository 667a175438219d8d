// SPDX-License-Identifier: Apache-2.0
// Optimizers: Keras's updates, LibTorch's classes, configurations, state, bad options.
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/operators.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/optimizers/adam.h>
#include <assay/training/optimizers/adamw.h>
#include <assay/training/optimizers/registry.h>
#include <assay/training/optimizers/sgd.h>
#include <assay/training/optimizers/state.h>
#include <assay/training/optimizers/weight_averages.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::training::optimizers {
namespace {

using assay::testing::copies;
using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::HasSubstr;

Json golden() { return Json::parse(testing::read_test_file("golden_optimizers.json")); }

at::Tensor tensor_of(const Json& values) {
  if (!values[0].is_array()) {
    return at::tensor(values.get<std::vector<double>>(), at::kDouble);
  }
  std::vector<at::Tensor> rows;
  for (const auto& row : values) rows.push_back(tensor_of(row));
  return at::stack(rows);
}

std::vector<at::Tensor> tensors_of(const Json& list) {
  std::vector<at::Tensor> tensors;
  for (const auto& values : list) tensors.push_back(tensor_of(values));
  return tensors;
}

std::vector<at::Tensor> as_parameters(std::vector<at::Tensor> tensors) {
  for (auto& tensor : tensors) tensor.requires_grad_(true);
  return tensors;
}

void set_gradients(std::vector<at::Tensor>& parameters, const std::vector<at::Tensor>& gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].mutable_grad() = gradients[i].clone();
  }
}

// A few updates with gradients that the step number decides.
void update(torch::optim::Optimizer& optimizer, std::vector<at::Tensor>& parameters, int from,
            int to) {
  for (int step = from; step < to; ++step) {
    for (auto& parameter : parameters) {
      const auto steps = at::arange(parameter.numel(), parameter.options().requires_grad(false));
      parameter.mutable_grad() = (steps * 0.7 + step).sin().reshape(parameter.sizes());
    }
    optimizer.step();
  }
}

std::vector<at::Tensor> float_parameters() {
  const auto values = at::arange(12, at::kFloat).sin();
  return as_parameters({values.slice(0, 0, 8).clone().reshape({2, 4}), values.slice(0, 8).clone()});
}

// Configurations that between them use every part of every state.
const std::vector<std::string>& configurations() {
  static const std::vector<std::string> list = {
      "sgd",
      R"({"class_name": "SGD", "config": {"momentum": 0.9}})",
      "adam",
      R"({"class_name": "Adam", "config": {"amsgrad": true}})",
      R"({"class_name": "AdamW", "config": {"amsgrad": true}})",
      "rmsprop",
      R"({"class_name": "RMSprop", "config": {"momentum": 0.5, "centered": true}})",
      "adagrad",
      R"({"class_name": "Adam", "config": {"use_ema": true, "ema_overwrite_frequency": 2}})",
      R"({"class_name": "SGD", "config": {"use_ema": true, "ema_momentum": 0.5}})",
  };
  return list;
}

std::string error_of(const std::string& json) {
  return value_error([&] { get(json); });
}

TEST(Optimizers, UpdateAsKerasDoes) {
  for (const auto& test : golden()) {
    ASSAY_TRACE(test["optimizer"].dump());
    const auto optimizer = get(test["optimizer"]);
    auto parameters = as_parameters(tensors_of(test["start"]));
    const auto updater = optimizer->make(parameters);
    for (std::size_t step = 0; step < test["gradients"].size(); ++step) {
      set_gradients(parameters, tensors_of(test["gradients"][step]));
      set_learning_rate(*updater, optimizer->learning_rate()(static_cast<std::int64_t>(step)));
      updater->step();
      const auto expected = tensors_of(test["parameters"][step]);
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        // Keras rounds some of its numbers, but no tensor, to float32.
        EXPECT_TRUE(near(parameters[i].detach(), expected[i], 1e-7, 1e-8)) << "step " << step;
      }
    }
    finalize_weights(*updater);
    const auto final = tensors_of(test["final"]);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      EXPECT_TRUE(near(parameters[i].detach(), final[i], 1e-7, 1e-8)) << "at the end";
    }
  }
}

TEST(Optimizers, ConfigurationsAreKeras) {
  for (const auto& test : golden()) {
    const auto optimizer = get(test["optimizer"]);
    EXPECT_EQ(optimizer->get_config(), test["optimizer"]["config"]);
    const auto serialized = serialize(*optimizer);
    EXPECT_EQ(serialized["module"], "keras.optimizers");
    EXPECT_EQ(serialized["class_name"], test["optimizer"]["class_name"]);
    EXPECT_EQ(serialize(*get(serialized)), serialized);
  }
}

TEST(Optimizers, EachIsInTheGoldenFile) {
  std::set<std::string> tested;
  for (const auto& test : golden()) tested.insert(test["optimizer"]["class_name"]);
  for (const auto& name : registry().names()) EXPECT_TRUE(tested.contains(name)) << name;
}

TEST(Optimizers, HaveKerasNames) {
  EXPECT_EQ(get("sgd")->class_name(), "SGD");
  EXPECT_EQ(get("adam")->class_name(), "Adam");
  EXPECT_EQ(get("adamw")->class_name(), "AdamW");
  EXPECT_EQ(get("rmsprop")->class_name(), "RMSprop");
  EXPECT_EQ(get("adagrad")->class_name(), "Adagrad");
}

TEST(Optimizers, AreLibTorchs) {
  const auto make = [](const char* name) { return get(name)->make(float_parameters()); };
  EXPECT_NE(dynamic_cast<torch::optim::SGD*>(make("sgd").get()), nullptr);
  EXPECT_NE(dynamic_cast<torch::optim::Adam*>(make("adam").get()), nullptr);
  EXPECT_NE(dynamic_cast<torch::optim::AdamW*>(make("adamw").get()), nullptr);
  EXPECT_NE(dynamic_cast<torch::optim::RMSprop*>(make("rmsprop").get()), nullptr);
  EXPECT_NE(dynamic_cast<torch::optim::Adagrad*>(make("adagrad").get()), nullptr);
}

TEST(Optimizers, AgreeWithLibTorchWhereTheFormulasDo) {
  // Without epsilon, and with a learning rate that stays, only rounding differs.
  auto ours = float_parameters();
  auto theirs = float_parameters();
  const auto adam =
      get(R"({"class_name": "Adam", "config": {"epsilon": 0, "learning_rate": 0.01}})")->make(ours);
  torch::optim::Adam reference(theirs, torch::optim::AdamOptions(0.01).eps(0));
  update(*adam, ours, 0, 20);
  update(reference, theirs, 0, 20);
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_TRUE(near(ours[i], theirs[i], 1e-5, 1e-6));

  ours = float_parameters();
  theirs = float_parameters();
  const auto sgd = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}).make(ours);
  torch::optim::SGD sgd_reference(theirs,
                                  torch::optim::SGDOptions(0.1).momentum(0.9).nesterov(true));
  update(*sgd, ours, 0, 20);
  update(sgd_reference, theirs, 0, 20);
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_TRUE(near(ours[i], theirs[i], 1e-5, 1e-6));
}

// Gradients that lie otherwise than their parameter are for LibTorch's operators.
TEST(Optimizers, AdamUpdatesInOnePassWhatLiesAlike) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    for (const bool amsgrad : {false, true}) {
      const auto rows = at::arange(77 * 300, dtype).sin().reshape({77, 300});
      const auto columns = rows.t().contiguous().t();
      auto alike = as_parameters({rows.clone(), columns.clone()});
      auto unlike = as_parameters({rows.clone()});
      const Adam adam({.amsgrad = amsgrad});
      const auto one_pass = adam.make(alike);
      const auto operators = adam.make(unlike);
      for (int step = 0; step < 5; ++step) {
        const auto gradient = (rows * (step + 1)).cos();
        const auto by_columns = gradient.t().contiguous().t();
        set_gradients(alike, {gradient, by_columns});
        set_gradients(unlike, {by_columns});
        const auto called = [](torch::optim::Optimizer& optimizer) {
          return assay::testing::operators_called([&] { optimizer.step(); });
        };
        EXPECT_FALSE(called(*one_pass).contains("aten::addcdiv_"));
        EXPECT_TRUE(called(*operators).contains("aten::addcdiv_"));
      }
      const double rounding = dtype == at::kFloat ? 1e-6 : 1e-15;
      EXPECT_TRUE(same_bits(alike[1].contiguous(), alike[0]));
      EXPECT_TRUE(near(unlike[0], alike[0], rounding, rounding));
      EXPECT_EQ(alike[0]._version(), unlike[0]._version());
    }
  }
}

TEST(Optimizers, LeaveParametersWithoutAGradientAlone) {
  for (const auto& name : configurations()) {
    ASSAY_TRACE(name);
    auto parameters = float_parameters();
    const auto before = copies(parameters);
    const auto updater = get(name)->make(parameters);
    parameters[0].mutable_grad() = at::ones_like(parameters[0]);
    updater->step();
    EXPECT_FALSE(parameters[0].equal(before[0]));
    EXPECT_TRUE(same_bits(parameters[1].detach(), before[1].detach()));
  }
}

TEST(Optimizers, EvaluateTheClosureWithGradients) {
  auto parameters = float_parameters();
  const auto updater = SGD({.learning_rate = 0.1}).make(parameters);
  const auto before = copies(parameters);
  const auto loss = updater->step([&] {
    auto value = parameters[0].sum() + parameters[1].sum();
    value.backward();
    return value;
  });
  EXPECT_TRUE(loss.defined());
  EXPECT_TRUE(near(parameters[0].detach(), before[0].detach() - 0.1));
}

TEST(Optimizers, UpdateInEveryFloatingType) {
  for (const auto dtype : {at::kDouble, at::kFloat, at::kBFloat16, at::kHalf}) {
    for (const auto& name : configurations()) {
      auto parameters = as_parameters({at::ones({3}, dtype)});
      update(*get(name)->make(parameters), parameters, 0, 3);
      EXPECT_TRUE(parameters[0].isfinite().all().item<bool>()) << name << " " << dtype;
      EXPECT_EQ(parameters[0].scalar_type(), dtype);
    }
  }
}

TEST(Clipping, KeepsSmallGradientsAndCutsLargeOnes) {
  // With a learning rate of 1 the update is the gradient.
  const auto step = [](SGDOptions options, const std::vector<at::Tensor>& gradients) {
    options.learning_rate = 1.0;
    auto parameters = as_parameters({at::zeros({2}), at::zeros({2})});
    const auto updater = SGD(options).make(parameters);
    set_gradients(parameters, gradients);
    updater->step();
    return std::vector<at::Tensor>{-parameters[0].detach(), -parameters[1].detach()};
  };
  const auto large = at::tensor({3.0F, 4.0F});
  const auto small = at::tensor({0.3F, 0.4F});

  auto clipped = step({.clipnorm = 0.5}, {large, small});
  EXPECT_TRUE(near(clipped[0], at::tensor({0.3F, 0.4F}), 1e-6));
  EXPECT_TRUE(near(clipped[1], small, 1e-6));
  clipped = step({.clipvalue = 0.35}, {large, small});
  EXPECT_TRUE(near(clipped[0], at::tensor({0.35F, 0.35F}), 1e-6));
  EXPECT_TRUE(near(clipped[1], at::tensor({0.3F, 0.35F}), 1e-6));
  const double norm = std::sqrt(25.25);
  clipped = step({.global_clipnorm = 1.0}, {large, small});
  EXPECT_TRUE(near(clipped[0], large / norm, 1e-6));
  EXPECT_TRUE(near(clipped[1], small / norm, 1e-6));
  clipped = step({.global_clipnorm = 100.0}, {large, small});
  EXPECT_TRUE(near(clipped[0], large, 1e-6));

  clipped = step({.global_clipnorm = 1.0}, {at::tensor({INFINITY, 0.0F}), small});
  EXPECT_TRUE(clipped[1].isnan().all().item<bool>());
  clipped = step({.clipnorm = 1.0}, {at::zeros({2}), small});
  EXPECT_TRUE(near(clipped[0], at::zeros({2})));
}

TEST(WeightDecay, IsDecoupledFromTheGradient) {
  auto parameters = as_parameters({at::full({2}, 2.0)});
  const auto updater = Adam({.learning_rate = 0.1, .weight_decay = 0.5}).make(parameters);
  parameters[0].mutable_grad() = at::zeros({2});
  updater->step();
  // 2 - 0.1 * 0.5 * 2; the gradient of 0 moves nothing.
  EXPECT_TRUE(near(parameters[0].detach(), at::full({2}, 1.9), 1e-6));
}

TEST(Make, RefusesBadParameters) {
  const SGD sgd;
  EXPECT_THAT(value_error([&] { sgd.make({}); }), HasSubstr("no parameters"));
  EXPECT_THAT(value_error([&] { sgd.make({at::Tensor()}); }), HasSubstr("undefined"));
  EXPECT_THAT(value_error([&] { sgd.make({at::ones({2}, at::kLong)}); }),
              HasSubstr("int64 [2]; expected a real floating type"));
  const auto leaf = at::ones({2}).requires_grad_(true);
  EXPECT_THAT(value_error([&] { sgd.make({leaf * 2}); }), HasSubstr("expected a leaf"));
  EXPECT_THAT(value_error([&] {
                sgd.make({leaf, leaf});
              }),
              HasSubstr("parameter 1 is given twice"));
}

TEST(Step, RefusesSparseGradients) {
  auto parameters = as_parameters({at::ones({3})});
  const auto updater = SGD().make(parameters);
  parameters[0].mutable_grad() = at::ones({3}).to_sparse();
  EXPECT_THAT(value_error([&] { updater->step(); }), HasSubstr("sparse gradient"));
}

TEST(Optimizers, RefuseBadOptions) {
  EXPECT_THAT(error_of("adan"), HasSubstr("unknown optimizer \"adan\". Did you mean 'Adam'?"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam", "config": {"learning_rate": -1}})"),
              HasSubstr("Adam.learning_rate: must be a number of at least 0, or a schedule"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam", "config": {"learning_rate": [1]}})"),
              HasSubstr("Adam.learning_rate: expected a number, or a schedule"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam", "config": {"beta_1": 1}})"),
              HasSubstr("Adam.beta_1: must be a number in [0, 1)"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam", "config": {"lr": 1}})"), HasSubstr("unknown key"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam",
                           "config": {"learning_rate": {"class_name": "CosineDekay"}}})"),
              HasSubstr("Adam.learning_rate: unknown schedule"));
  EXPECT_THAT(error_of(R"({"class_name": "Adam",
                           "config": {"learning_rate": {"class_name": "CosineDecay"}}})"),
              HasSubstr("Adam.learning_rate: CosineDecay.initial_learning_rate"));
  EXPECT_THAT(error_of(R"({"class_name": "SGD", "config": {"clipnorm": 1, "clipvalue": 1}})"),
              HasSubstr("2 of clipnorm, clipvalue and global_clipnorm are given"));
  EXPECT_THAT(error_of(R"({"class_name": "SGD", "config": {"ema_overwrite_frequency": 0}})"),
              HasSubstr("SGD.ema_overwrite_frequency: must be an integer of at least 1"));
  EXPECT_THAT(error_of(R"({"class_name": "SGD", "config": {"loss_scale_factor": 2}})"),
              HasSubstr("SGD.loss_scale_factor: must be null"));
  EXPECT_THAT(error_of(R"({"class_name": "SGD", "config": {"gradient_accumulation_steps": 1}})"),
              HasSubstr("must be an integer of at least 2, or null"));
  EXPECT_THAT(error_of(R"({"class_name": "AdamW", "config": {"weight_decay": null}})"),
              HasSubstr("AdamW.weight_decay: must be a number, got null"));
  EXPECT_THAT(value_error([] { SGD({.momentum = 2}); }), HasSubstr("SGD.momentum"));
}

TEST(LearningRate, IsSetForAllGroups) {
  auto parameters = float_parameters();
  const auto updater = SGD({.learning_rate = 0.5}).make(parameters);
  EXPECT_EQ(learning_rate(*updater), 0.5);
  set_learning_rate(*updater, 0.25);
  EXPECT_EQ(learning_rate(*updater), 0.25);
  EXPECT_THAT(value_error([&] { set_learning_rate(*updater, -1); }), HasSubstr("learning_rate"));
  EXPECT_THAT(value_error([&] { set_learning_rate(*updater, NAN); }), HasSubstr("learning_rate"));
  EXPECT_EQ(learning_rate(*updater), 0.25);
}

// State.

OptimizerState copied(const OptimizerState& state) {
  OptimizerState copy{{}, Json::parse(state.scalars.dump())};
  for (const auto& [name, tensor] : state.tensors) copy.tensors.push_back({name, tensor.clone()});
  return copy;
}

TEST(OptimizerState, RestoredGoesOnBitForBit) {
  for (const auto& name : configurations()) {
    ASSAY_TRACE(name);
    auto whole = float_parameters();
    const auto never_stopped = get(name)->make(whole);
    update(*never_stopped, whole, 0, 5);
    set_learning_rate(*never_stopped, 0.0123);

    const auto saved = copied(optimizer_state(*never_stopped));
    auto resumed = as_parameters({whole[0].detach().clone(), whole[1].detach().clone()});
    const auto fresh = get(name)->make(resumed);
    load_optimizer_state(*fresh, saved);
    EXPECT_EQ(learning_rate(*fresh), 0.0123);

    update(*never_stopped, whole, 5, 12);
    update(*fresh, resumed, 5, 12);
    EXPECT_TRUE(same_bits(copies(resumed), copies(whole)));
    const auto left = optimizer_state(*never_stopped);
    const auto right = optimizer_state(*fresh);
    EXPECT_EQ(left.scalars, right.scalars);
    ASSERT_EQ(left.tensors.size(), right.tensors.size());
    for (std::size_t i = 0; i < left.tensors.size(); ++i) {
      EXPECT_EQ(left.tensors[i].name, right.tensors[i].name);
      EXPECT_TRUE(same_bits(left.tensors[i].tensor, right.tensors[i].tensor));
    }
  }
}

TEST(OptimizerState, IsThatOfLibTorchsOwnOptimizersToo) {
  auto parameters = float_parameters();
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(0.1));
  update(adam, parameters, 0, 3);
  const auto state = optimizer_state(adam);
  EXPECT_EQ(state.scalars.dump(),
            R"({"class_name":"Adam","learning_rates":[0.1],"states":[{"step":3},{"step":3}]})");
  ASSERT_EQ(state.tensors.size(), 4U);
  EXPECT_EQ(state.tensors[0].name, "0.exp_avg");
  EXPECT_EQ(state.tensors[3].name, "1.exp_avg_sq");

  auto copy = float_parameters();
  const auto ours = Adam({.learning_rate = 0.1}).make(copy);
  load_optimizer_state(*ours, state);
  EXPECT_TRUE(same_bits(optimizer_state(*ours).tensors[3].tensor, state.tensors[3].tensor));
}

TEST(OptimizerState, KnowsWhatWasNeverUpdated) {
  auto parameters = float_parameters();
  const auto updater = Adam().make(parameters);
  parameters[1].mutable_grad() = at::ones_like(parameters[1]);
  updater->step();
  const auto state = copied(optimizer_state(*updater));
  EXPECT_EQ(state.scalars["states"].dump(), R"([null,{"step":1}])");

  update(*updater, parameters, 0, 3);
  load_optimizer_state(*updater, state);
  EXPECT_EQ(optimizer_state(*updater).scalars, state.scalars);
}

TEST(OptimizerState, ThatDoesNotFitChangesNothing) {
  auto parameters = float_parameters();
  const auto updater = Adam().make(parameters);
  update(*updater, parameters, 0, 3);
  const auto good = copied(optimizer_state(*updater));
  update(*updater, parameters, 3, 5);
  const auto before = copied(optimizer_state(*updater));

  const auto error_of_changed = [&](const std::function<void(OptimizerState&)>& change) {
    auto bad = copied(good);
    change(bad);
    auto message = value_error([&] { load_optimizer_state(*updater, bad); });
    const auto after = optimizer_state(*updater);
    EXPECT_EQ(after.scalars, before.scalars);
    for (std::size_t i = 0; i < after.tensors.size(); ++i) {
      EXPECT_TRUE(same_bits(after.tensors[i].tensor, before.tensors[i].tensor));
    }
    return message;
  };
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["class_name"] = "SGD"; }),
              HasSubstr("it is one of SGD; expected one of Adam"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["learning_rates"].push_back(1); }),
              HasSubstr("2 parameter groups; expected 1"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["learning_rates"][0] = -1; }),
              HasSubstr("learning_rates holds -1"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["states"].push_back(nullptr); }),
              HasSubstr("3 parameters; expected 2"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["states"][1] = Json::object(); }),
              HasSubstr("'step' is missing"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["states"][1]["step"] = 1.5; }),
              HasSubstr("states[1].step: expected an integer"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars["states"][1]["step"] = -1; }),
              HasSubstr("states[1].step: must be at least 0"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars.erase("states"); }),
              HasSubstr("'states' is missing"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.tensors.pop_back(); }),
              HasSubstr("the tensor '1.exp_avg_sq' is missing"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.tensors.push_back(s.tensors[0]); }),
              HasSubstr("the tensor '0.exp_avg' is there twice"));
  EXPECT_THAT(error_of_changed([](auto& s) {
                s.tensors.push_back({"0.max_exp_avg_sq", s.tensors[0].tensor});
              }),
              HasSubstr("'0.max_exp_avg_sq' belongs to no parameter"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.tensors[0].tensor = at::zeros({3}); }),
              HasSubstr("'0.exp_avg' is float32 [3]; expected float32 [2, 4]"));
  EXPECT_THAT(
      error_of_changed([](auto& s) { s.tensors[0].tensor = s.tensors[0].tensor.to(at::kDouble); }),
      HasSubstr("is float64 [2, 4]; expected float32 [2, 4]"));
  EXPECT_THAT(error_of_changed([](auto& s) { s.scalars = 5; }), HasSubstr("is missing in 5"));
}

TEST(OptimizerState, OfAnotherClassIsRefused) {
  auto parameters = float_parameters();
  torch::optim::LBFGS optimizer(parameters);
  EXPECT_THAT(value_error([&] { optimizer_state(optimizer); }),
              HasSubstr("torch::optim::LBFGS is unknown; expected SGD, Adam"));
}

TEST(OptimizerState, GoesThroughTorchSaveAsWell) {
  auto whole = float_parameters();
  const auto updater = Adam().make(whole);
  update(*updater, whole, 0, 3);
  std::stringstream stream;
  torch::save(*updater, stream);
  auto resumed = as_parameters({whole[0].detach().clone(), whole[1].detach().clone()});
  const auto fresh = Adam().make(resumed);
  torch::load(*fresh, stream);
  update(*updater, whole, 3, 6);
  update(*fresh, resumed, 3, 6);
  EXPECT_TRUE(same_bits(copies(resumed), copies(whole)));
}

}  // namespace
}  // namespace assay::training::optimizers
