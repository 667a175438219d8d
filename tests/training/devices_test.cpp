// SPDX-License-Identifier: Apache-2.0
// Training away from the CPU: the host waits for the device once per report, not once per step.
#include <assay/losses.h>
#include <assay/tests/testing/accelerator.h>
#include <assay/tests/testing/check.h>
#include <assay/training/optimizers.h>
#include <assay/training/trainer.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using assay::testing::HostWaits;

// Two layers, made on a device: Module::to cannot bring parameters to this one.
struct Net : torch::nn::Module {
  explicit Net(const at::Device& device) {
    for (const auto& [name, size] : {std::pair("first", 4), std::pair("second", 16)}) {
      const auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t(size));
      const auto weight = at::randn({size, size == 4 ? 16 : 3}, generator, at::kFloat) / size;
      register_parameter(name, weight.to(device));
    }
  }
  at::Tensor forward(const at::Tensor& x) {
    const auto weights = parameters();
    return x.matmul(weights[0]).relu().matmul(weights[1]);
  }
};

struct Case {
  std::string name;
  CompileOptions compile;
  FitOptions fit = {};

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

CompileOptions classified(const OptimizerArgument& optimizer = "sgd") {
  return {.optimizer = optimizer,
          .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
          .metrics = {"accuracy", "crossentropy",
                      R"({"class_name": "SparseTopKCategoricalAccuracy", "config": {"k": 2}})"},
          .weighted_metrics = {"accuracy"}};
}

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const auto* name : {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad"}) {
    list.push_back({name, classified(name)});
  }
  const auto configured = [&](const std::string& name, const char* optimizer) {
    list.push_back({name, classified(optimizer)});
  };
  configured("clipnorm", R"({"class_name": "SGD", "config": {"clipnorm": 0.1}})");
  configured("global_clipnorm", R"({"class_name": "SGD", "config": {"global_clipnorm": 0.1}})");
  configured("clipvalue", R"({"class_name": "SGD", "config": {"clipvalue": 0.1}})");
  configured("momentum", R"({"class_name": "SGD", "config": {"momentum": 0.9, "nesterov": true}})");
  configured("accumulation",
             R"({"class_name": "Adam", "config": {"gradient_accumulation_steps": 2}})");
  configured("averages", R"({"class_name": "Adam", "config": {"use_ema": true}})");
  configured("schedule", R"({"class_name": "SGD", "config": {"learning_rate":
                             {"class_name": "CosineDecay",
                              "config": {"initial_learning_rate": 0.1, "decay_steps": 9}}}})");
  auto several = classified();
  several.loss = {
      losses::SparseCategoricalCrossentropy({.from_logits = true}),
      losses::SparseCategoricalCrossentropy(
          {.from_logits = true, .ignore_class = 0, .reduction = Reduction::kMeanWithSampleWeight})};
  several.loss_weights = {1, 0.5};
  list.push_back({"several losses", several});
  list.push_back({"class weights", classified(), {.class_weight = {{0, 2.0}, {1, 0.5}}}});
  return list;
}

class OnDevice : public ::testing::TestWithParam<Case> {
 protected:
  static Trainer compiled(const at::Device& device) {
    Trainer trainer(std::make_shared<Net>(device));
    trainer.compile(GetParam().compile);
    return trainer;
  }

  static FitOptions options(std::int64_t batch_size) {
    auto options = GetParam().fit;
    options.batch_size = batch_size;
    options.epochs = 2;
    options.validation = testing::blobs(24, 2);
    options.validation_batch_size = batch_size;
    options.shuffle = false;
    options.seed = 1;
    options.verbose = Verbosity::kSilent;
    return options;
  }

  static std::vector<std::string> waits(std::int64_t batch_size) {
    auto trainer = compiled(testing::accelerator());
    const HostWaits waits;
    trainer.fit(testing::blobs(48), options(batch_size));
    return waits.seen();
  }
};

TEST_P(OnDevice, WaitsOncePerReport) {
  // Two epochs, each with a report of the training and one of the validation.
  const std::vector<std::string> reports(4, "aten::copy_");
  EXPECT_EQ(waits(24), reports);
  EXPECT_EQ(waits(3), reports);
}

TEST_P(OnDevice, TrainsAsOnTheCPU) {
  auto on_cpu = compiled(at::kCPU);
  auto on_device = compiled(testing::accelerator());
  const auto expected = on_cpu.fit(testing::blobs(48), options(8));
  const auto actual = on_device.fit(testing::blobs(48), options(8));
  ASSERT_EQ(actual.names(), expected.names());
  for (const auto& name : expected.names()) {
    for (std::size_t i = 0; i < expected[name].size(); ++i) {
      EXPECT_NEAR(actual[name][i], expected[name][i], 1e-5) << name << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, OnDevice, ::testing::ValuesIn(cases()), [](const auto& info) {
  auto name = info.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace assay::training
