// SPDX-License-Identifier: Apache-2.0
// Mixed precision: what is bfloat16, what stays float32, and that nothing of it stays behind.
#include <assay/losses.h>
#include <assay/tests/testing/check.h>
#include <assay/training/data/shuffle.h>
#include <assay/training/optimizers/sgd.h>
#include <assay/training/trainer.h>

#include <ATen/autocast_mode.h>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

losses::SparseCategoricalCrossentropy logits_loss() {
  return losses::SparseCategoricalCrossentropy({.from_logits = true});
}

// Notes the types of what its layers give.
struct WitnessImpl : torch::nn::Module {
  torch::Tensor forward(const torch::Tensor& x) {
    const auto hidden = first->forward(x);
    auto y = second->forward(hidden.relu());
    seen = {hidden.scalar_type(), y.scalar_type()};
    return y;
  }

  torch::nn::Linear first = register_module("first", torch::nn::Linear(4, 16));
  torch::nn::Linear second = register_module("second", torch::nn::Linear(16, 3));
  std::vector<at::ScalarType> seen;
};
TORCH_MODULE(Witness);

CompileOptions compile_options(const char* policy) {
  return {.optimizer = optimizers::SGD({.learning_rate = 0.1, .momentum = 0.9}),
          .loss = logits_loss(),
          .metrics = {"accuracy"},
          .dtype_policy = policy};
}

TEST(DtypePolicy, ProductsAreBfloat16AndTheRestIsFloat32) {
  Witness net;
  Trainer trainer(net);
  trainer.compile(compile_options("mixed_bfloat16"));
  std::vector<at::ScalarType> of_step;
  trainer.set_train_step([&](Trainer& self, const Batch& batch) -> StepOutput {
    auto y_pred = self.model()(batch.x);
    auto loss = self.compute_loss(batch, y_pred);
    self.minimize(loss.total);
    of_step = {y_pred.scalar_type(), loss.total.scalar_type()};
    return {y_pred, loss};
  });
  const auto data = testing::blobs(8);
  trainer.train_on_batch(data.tensors().x, data.tensors().y);
  EXPECT_THAT(net->seen, ElementsAre(at::kBFloat16, at::kBFloat16));
  EXPECT_THAT(of_step, ElementsAre(at::kFloat, at::kFloat));
  for (const auto& parameter : net->parameters()) {
    EXPECT_EQ(parameter.scalar_type(), at::kFloat);
    EXPECT_EQ(parameter.grad().scalar_type(), at::kFloat);
  }
  EXPECT_EQ(trainer.predict(data.tensors().x).scalar_type(), at::kFloat);
  EXPECT_THAT(net->seen, ElementsAre(at::kBFloat16, at::kBFloat16));
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));

  trainer.compile(compile_options("float32"));
  trainer.predict(data.tensors().x);
  EXPECT_THAT(net->seen, ElementsAre(at::kFloat, at::kFloat));
}

// The loop that one would write with LibTorch's autocast.
TEST(DtypePolicy, IsLibTorchsAutocast) {
  const auto data = testing::blobs(24);
  auto net = testing::small_net(5, 0);
  auto twin = testing::small_net(5, 0);
  Trainer trainer(net);
  trainer.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}),
                   .loss = logits_loss(),
                   .dtype_policy = "mixed_bfloat16"});
  trainer.fit(data, {.epochs = 2, .batch_size = 8, .seed = 4, .verbose = Verbosity::kSilent});

  const auto forward = [&](const at::Tensor& x) {
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    auto y = twin->forward(x).to(at::kFloat);
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    return y;
  };
  auto loss = logits_loss();
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    const auto order = torch::tensor(permutation(24, 4, epoch));
    for (const auto& rows : order.split(8)) {
      for (auto& parameter : twin->parameters()) parameter.mutable_grad() = at::Tensor();
      loss(data.tensors().y.index({rows}), forward(data.tensors().x.index({rows}))).backward();
      const at::NoGradGuard no_grad;
      for (auto& parameter : twin->parameters()) parameter.add_(parameter.grad(), -0.1);
    }
  }
  EXPECT_TRUE(testing::same_bits(net->parameters(), twin->parameters()));
  EXPECT_TRUE(trainer.predict(data.tensors().x).equal(forward(data.tensors().x).detach()));
}

TEST(DtypePolicy, LearnsAsFloat32Does) {
  const auto data = testing::blobs(90);
  const auto accuracy = [&](const char* policy) {
    Trainer trainer(testing::small_net(2, 0));
    trainer.compile(compile_options(policy));
    trainer.fit(data, {.epochs = 15, .seed = 1, .verbose = Verbosity::kSilent});
    return trainer.evaluate(data).at("accuracy");
  };
  EXPECT_NEAR(accuracy("mixed_bfloat16"), accuracy("float32"), 0.03);
}

TEST(DtypePolicy, AnErrorLeavesNoAutocastBehind) {
  Trainer trainer(testing::small_net());
  trainer.compile(compile_options("mixed_bfloat16"));
  EXPECT_THROW(trainer.predict(torch::zeros({2, 5})), c10::Error);
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
}

TEST(DtypePolicy, Float64StaysFloat64) {
  auto net = testing::small_net();
  net->to(at::kDouble);
  Trainer trainer(net);
  trainer.compile(compile_options("mixed_bfloat16"));
  EXPECT_EQ(trainer.predict(torch::zeros({2, 4}, at::kDouble)).scalar_type(), at::kDouble);
}

TEST(DtypePolicy, Float64MakesAllFloat64) {
  Witness net;
  Trainer trainer(net);
  trainer.compile(compile_options("float64"));
  const auto data = testing::blobs(8);
  trainer.fit(data, {.epochs = 1, .batch_size = 4, .verbose = Verbosity::kSilent});
  EXPECT_THAT(net->seen, ElementsAre(at::kDouble, at::kDouble));
  for (const auto& parameter : net->parameters()) {
    EXPECT_EQ(parameter.scalar_type(), at::kDouble);
    EXPECT_EQ(parameter.grad().scalar_type(), at::kDouble);
  }
  EXPECT_EQ(trainer.predict(data.tensors().x).scalar_type(), at::kDouble);
}

TEST(DtypePolicy, OthersAreRefused) {
  Trainer trainer(testing::small_net());
  const auto error = [&](const char* policy) {
    return testing::value_error([&] { trainer.compile(compile_options(policy)); });
  };
  EXPECT_THAT(error("mixed_float16"), HasSubstr("scaled loss"));
  EXPECT_THAT(error("bfloat16"), HasSubstr("expected float32, float64 or mixed_bfloat16"));
}

}  // namespace
}  // namespace assay::training
