// SPDX-License-Identifier: Apache-2.0
// Layers against LibTorch's own modules and formulas; models from JSON; bad input.
#include <assay/registry/registry-inl.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/layers/activations.h>
#include <assay/training/layers/batch_norm.h>
#include <assay/training/layers/conv2d.h>
#include <assay/training/layers/dense.h>
#include <assay/training/layers/dropout.h>
#include <assay/training/layers/embedding.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/layer_norm.h>
#include <assay/training/layers/linear.h>
#include <assay/training/layers/pooling.h>
#include <assay/training/layers/recurrent.h>
#include <assay/training/layers/registry.h>
#include <assay/training/layers/reshape.h>
#include <assay/training/layers/sequential.h>
#include <assay/training/layers/torch_script.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::training::layers {
namespace {

using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

at::Tensor input(at::IntArrayRef shape) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return (at::arange(count, at::kFloat) * 0.7).sin().reshape(shape) * 2;
}

std::shared_ptr<Layer> layer(const char* class_name, const char* config = "{}") {
  return get(Json{{"class_name", class_name}, {"config", Json::parse(config)}});
}

at::Tensor apply(const char* class_name, const char* config, const at::Tensor& x) {
  const auto made = layer(class_name, config);
  made->build(x);
  return made->forward(x);
}

std::vector<std::string> parameter_names(const torch::nn::Module& module) {
  return module.named_parameters().keys();
}

// The module's parameters and buffers become the layer's.
template <class Module>
void copy_state(const Module& from, Layer& to) {
  const torch::NoGradGuard no_grad;
  auto parameters = to.named_parameters();
  ASSERT_EQ(parameters.keys(), from->named_parameters().keys());
  for (const auto& item : from->named_parameters()) parameters[item.key()].copy_(item.value());
  auto buffers = to.named_buffers();
  ASSERT_EQ(buffers.keys(), from->named_buffers().keys());
  for (const auto& item : from->named_buffers()) buffers[item.key()].copy_(item.value());
}

std::string error_of(const std::string& json) {
  return value_error([&] { get(json); });
}

// Layers with parameters.

TEST(Dense, IsAnAffineMapWithAnActivation) {
  Dense dense({.units = 4, .activation = "tanh", .in_features = 3});
  const auto x = input({2, 5, 3});
  const auto expected =
      (at::matmul(x, dense.named_parameters()["weight"].t()) + dense.named_parameters()["bias"])
          .tanh();
  EXPECT_TRUE(near(dense(x), expected, 1e-6, 1e-6));
}

TEST(Dense, StartsAsKerasDoes) {
  Dense dense({.units = 200, .in_features = 100});
  const double bound = std::sqrt(6.0 / 300);
  const auto weight = dense.named_parameters()["weight"];
  EXPECT_LE(weight.abs().max().item<double>(), bound);
  EXPECT_NEAR(weight.std().item<double>(), bound / std::sqrt(3), 0.001);
  EXPECT_TRUE(dense.named_parameters()["bias"].equal(at::zeros({200})));
  EXPECT_THAT(parameter_names(Dense({.units = 2, .use_bias = false, .in_features = 3})),
              ElementsAre("weight"));
}

TEST(Linear, IsLibTorchs) {
  torch::nn::Linear reference(3, 4);
  Linear linear({.out_features = 4, .in_features = 3});
  copy_state(reference, linear);
  const auto x = input({2, 3});
  EXPECT_TRUE(same_bits(linear(x).detach(), reference(x).detach()));
}

TEST(Linear, StartsAsLibTorchDoes) {
  torch::manual_seed(3);
  torch::nn::Linear reference(3, 4);
  torch::manual_seed(3);
  Linear linear({.out_features = 4, .in_features = 3});
  EXPECT_TRUE(near(linear.named_parameters()["weight"].detach(), reference->weight.detach(), 1e-6));
  EXPECT_TRUE(near(linear.named_parameters()["bias"].detach(), reference->bias.detach(), 1e-6));
}

TEST(Conv2d, IsLibTorchs) {
  const auto x = input({2, 4, 7, 8});
  const auto check = [&](const torch::nn::Conv2dOptions& theirs, Conv2dOptions ours) {
    torch::nn::Conv2d reference(theirs);
    Conv2d conv(ours);
    conv.build(x);
    copy_state(reference, conv);
    EXPECT_TRUE(same_bits(conv(x).detach(), reference(x).detach()));
  };
  using Theirs = torch::nn::Conv2dOptions;
  check(Theirs(4, 6, 3), {.out_channels = 6, .kernel_size = 3});
  check(Theirs(4, 6, {3, 2}).stride({2, 1}).padding({1, 0}).bias(false), {.out_channels = 6,
                                                                          .kernel_size = {3, 2},
                                                                          .stride = {2, 1},
                                                                          .padding = Pair(1, 0),
                                                                          .bias = false});
  check(Theirs(4, 6, 3).padding(torch::kSame).dilation(2).groups(2), {.out_channels = 6,
                                                                      .kernel_size = 3,
                                                                      .padding = Padding::same(),
                                                                      .dilation = 2,
                                                                      .groups = 2});
}

TEST(BatchNorm, IsLibTorchs) {
  const auto check = [](auto reference, std::shared_ptr<Layer> ours, const at::Tensor& x) {
    ours->build(x);
    copy_state(reference, *ours);
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(same_bits(ours->forward(x * (i + 1)).detach(), reference(x * (i + 1)).detach()));
    }
    for (const auto& item : reference->named_buffers()) {
      EXPECT_TRUE(same_bits(ours->named_buffers()[item.key()], item.value())) << item.key();
    }
    ours->eval();
    reference->eval();
    EXPECT_TRUE(same_bits(ours->forward(x).detach(), reference(x).detach()));
  };
  using Options = torch::nn::BatchNormOptions;
  check(torch::nn::BatchNorm1d(3), layer("BatchNorm1d"), input({5, 3}));
  check(torch::nn::BatchNorm1d(3), layer("BatchNorm1d"), input({5, 3, 4}));
  check(torch::nn::BatchNorm2d(3), layer("BatchNorm2d"), input({5, 3, 2, 2}));
  check(torch::nn::BatchNorm1d(Options(3).eps(0.1).momentum(0.5).affine(false)),
        layer("BatchNorm1d", R"({"eps": 0.1, "momentum": 0.5, "affine": false})"), input({5, 3}));
  check(torch::nn::BatchNorm1d(Options(3).momentum(std::nullopt)),
        layer("BatchNorm1d", R"({"momentum": null})"), input({5, 3}));
  check(torch::nn::BatchNorm1d(Options(3).track_running_stats(false)),
        layer("BatchNorm1d", R"({"track_running_stats": false})"), input({5, 3}));
}

TEST(LayerNorm, IsLibTorchs) {
  const auto x = input({4, 3, 5});
  torch::nn::LayerNorm last(torch::nn::LayerNormOptions({5}));
  EXPECT_TRUE(same_bits(apply("LayerNorm", "{}", x).detach(), last(x).detach()));
  torch::nn::LayerNorm both(torch::nn::LayerNormOptions({3, 5}).eps(0.1));
  EXPECT_TRUE(
      same_bits(apply("LayerNorm", R"({"normalized_shape": [3, 5], "eps": 0.1})", x).detach(),
                both(x).detach()));
  EXPECT_THAT(parameter_names(*layer("LayerNorm", R"({"normalized_shape": [5], "bias": false})")),
              ElementsAre("weight"));
  EXPECT_THAT(parameter_names(
                  *layer("LayerNorm", R"({"normalized_shape": [5], "elementwise_affine": false})")),
              IsEmpty());
}

TEST(Recurrent, IsLibTorchs) {
  const auto x = input({2, 5, 3});
  torch::nn::GRU gru_reference(torch::nn::GRUOptions(3, 4).batch_first(true));
  GRU gru({.units = 4, .return_sequences = true, .input_size = 3});
  copy_state(gru_reference, gru);
  const auto states = std::get<0>(gru_reference(x)).detach();
  EXPECT_TRUE(same_bits(gru(x).detach(), states));
  GRU last({.units = 4, .input_size = 3});
  copy_state(gru_reference, last);
  EXPECT_TRUE(same_bits(last(x).detach(), states.select(1, -1)));

  torch::nn::LSTM lstm_reference(torch::nn::LSTMOptions(3, 4).batch_first(true));
  LSTM lstm({.units = 4, .return_sequences = true, .input_size = 3});
  copy_state(lstm_reference, lstm);
  EXPECT_TRUE(same_bits(lstm(x).detach(), std::get<0>(lstm_reference(x)).detach()));
  EXPECT_THAT(value_error([&] { lstm(input({2, 3})); }), HasSubstr("[batch, steps, features]"));
  EXPECT_THAT(value_error([&] { lstm(input({2, 5, 2})); }), HasSubstr("3"));
}

TEST(Recurrent, IsBuiltFromAnExampleAndLearns) {
  for (const char* name : {"GRU", "LSTM"}) {
    const auto made = layer(name, R"({"units": 4, "return_sequences": true})");
    made->build(input({1, 5, 3}));
    EXPECT_EQ(made->get_config()["input_size"], 3);
    made->forward(input({2, 5, 3})).sum().backward();
    for (const auto& parameter : made->parameters()) EXPECT_TRUE(parameter.grad().defined());
  }
}

TEST(Embedding, GivesRowsOfItsTable) {
  Embedding embedding({.input_dim = 5, .output_dim = 3});
  const auto table = embedding.named_parameters()["weight"];
  EXPECT_LE(table.abs().max().item<double>(), 0.05);
  const auto numbers = at::tensor({4, 0, 4, 1}, at::kLong).reshape({2, 2});
  const auto expected = table.index_select(0, numbers.flatten()).reshape({2, 2, 3});
  EXPECT_TRUE(same_bits(embedding(numbers).detach(), expected.detach()));
  EXPECT_TRUE(same_bits(embedding(numbers.to(at::kFloat)).detach(), expected.detach()));
  EXPECT_THAT(value_error([&] { embedding(at::tensor({5}, at::kLong)); }),
              HasSubstr("Embedding got the number 5; expected numbers in [0, 5)"));
  EXPECT_THAT(value_error([&] { embedding(at::tensor({-1}, at::kLong)); }),
              HasSubstr("the number -1"));
  EXPECT_THAT(value_error([&] { embedding(at::tensor({1.5F})); }), HasSubstr("not whole"));
  EXPECT_THAT(value_error([&] { embedding(at::tensor({NAN})); }), HasSubstr("not whole"));
}

// Layers without.

TEST(Dropout, DropsInTrainingAlone) {
  torch::manual_seed(1);
  Dropout dropout({.rate = 0.25});
  const auto x = at::ones({10'000});
  const auto kept = dropout(x);
  EXPECT_NEAR(kept.eq(0).to(at::kFloat).mean().item<double>(), 0.25, 0.02);
  EXPECT_NEAR(kept.max().item<double>(), 1 / 0.75, 1e-6);
  torch::manual_seed(1);
  EXPECT_TRUE(same_bits(dropout(x), kept));
  dropout.eval();
  EXPECT_TRUE(same_bits(dropout(x), x));
}

TEST(Pooling, IsLibTorchs) {
  const auto x = input({2, 3, 7, 8});
  using Max = torch::nn::MaxPool2dOptions;
  using Avg = torch::nn::AvgPool2dOptions;
  EXPECT_TRUE(
      same_bits(apply("MaxPool2d", R"({"kernel_size": 2})", x), torch::nn::MaxPool2d(Max(2))(x)));
  EXPECT_TRUE(
      same_bits(apply("MaxPool2d",
                      R"({"kernel_size": [3, 2], "stride": [2, 1], "padding": 1, "dilation": [1, 2],
                "ceil_mode": true})",
                      x),
                torch::nn::MaxPool2d(
                    Max({3, 2}).stride({2, 1}).padding(1).dilation({1, 2}).ceil_mode(true))(x)));
  EXPECT_TRUE(
      same_bits(apply("AvgPool2d", R"({"kernel_size": 2})", x), torch::nn::AvgPool2d(Avg(2))(x)));
  EXPECT_TRUE(same_bits(
      apply("AvgPool2d", R"({"kernel_size": 3, "padding": 1, "count_include_pad": false})", x),
      torch::nn::AvgPool2d(Avg(3).padding(1).count_include_pad(false))(x)));
  EXPECT_TRUE(near(apply("AdaptiveAvgPool2d", "{}", x).flatten(1), x.mean({2, 3}), 1e-5, 1e-6));
}

// Values and derivatives, where there are equal elements and NaN too.
TEST(Pooling, OfManyChannelsIsLibTorchsToTheLastBit) {
  struct Case {
    const char* config;
    torch::nn::MaxPool2dOptions options;
  };
  using Max = torch::nn::MaxPool2dOptions;
  const Case cases[] = {
      {R"({"kernel_size": 2})", Max(2)},
      {R"({"kernel_size": 3, "stride": 2, "padding": 1})", Max(3).stride(2).padding(1)},
      {R"({"kernel_size": [3, 2], "stride": [2, 1], "padding": 1, "dilation": [1, 2],
           "ceil_mode": true})",
       Max({3, 2}).stride({2, 1}).padding(1).dilation({1, 2}).ceil_mode(true)}};
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    auto x = input({3, 37, 9, 8}).relu().to(dtype);
    x[1][2][3][4] = NAN;
    for (const auto& [config, options] : cases) {
      ASSAY_TRACE(config << dtype);
      const auto made = layer("MaxPool2d", config);
      torch::nn::MaxPool2d expected(options);
      const auto derivatives = [&](auto pool) {
        const auto leaf = x.clone().requires_grad_();
        const auto y = pool(leaf);
        const auto upstream = input(y.sizes()).to(dtype).requires_grad_();
        const auto first = torch::autograd::grad({y}, {leaf}, {upstream}, true, true)[0];
        const auto second =
            torch::autograd::grad({first}, {upstream}, {input(first.sizes()).to(dtype)})[0];
        return std::vector{y.detach(), first.detach(), second};
      };
      EXPECT_TRUE(same_bits(derivatives([&](const at::Tensor& a) { return made->forward(a); }),
                            derivatives([&](const at::Tensor& a) { return expected(a); })));
    }
  }
  EXPECT_EQ(apply("MaxPool2d", R"({"kernel_size": 2})", at::empty({0, 32, 4, 6})).sizes(),
            (std::vector<std::int64_t>{0, 32, 2, 3}));
}

TEST(Reshape, ChangesShapesAlone) {
  const auto x = input({2, 6, 4});
  EXPECT_TRUE(apply("Flatten", "{}", x).equal(x.reshape({2, 24})));
  EXPECT_EQ(apply("Flatten", "{}", input({3})).sizes(), (std::vector<std::int64_t>{3, 1}));
  EXPECT_TRUE(apply("Reshape", R"({"target_shape": [1, 8, 3]})", x).equal(x.reshape({2, 1, 8, 3})));
  EXPECT_TRUE(apply("Reshape", R"({"target_shape": [-1, 3]})", x).equal(x.reshape({2, 8, 3})));
  EXPECT_EQ(apply("Reshape", R"({"target_shape": [-1, 3]})", x.slice(0, 0, 0)).sizes(),
            (std::vector<std::int64_t>{0, 8, 3}));
  EXPECT_THAT(value_error([&] { apply("Reshape", R"({"target_shape": [5]})", x); }),
              HasSubstr("Reshape got float32 [2, 6, 4], 24 elements a sample"));
  EXPECT_THAT(value_error([&] { apply("Reshape", R"({"target_shape": [-1, 7]})", x); }),
              HasSubstr("expected as many as target_shape [-1, 7] holds"));
}

TEST(Activations, AreTheirFormulas) {
  const auto x = input({4, 5});
  const auto up = x.clamp_min(0);
  const auto down = x.clamp_max(0);
  EXPECT_TRUE(near(apply("ReLU", "{}", x), up));
  EXPECT_TRUE(near(apply("ReLU", R"({"max_value": 1, "negative_slope": 0.1, "threshold": 0.5})", x),
                   at::where(x.ge(0.5), x.clamp_max(1), (x - 0.5) * 0.1)));
  EXPECT_TRUE(near(apply("LeakyReLU", "{}", x), up + down * 0.3));
  EXPECT_TRUE(near(apply("ELU", R"({"alpha": 0.5})", x), up + (down.exp() - 1) * 0.5, 1e-5, 1e-6));
  EXPECT_TRUE(near(apply("Softmax", R"({"axis": 0})", x), x.exp() / x.exp().sum(0), 1e-5));
  EXPECT_TRUE(near(apply("LogSoftmax", "{}", x), x - x.exp().sum(1, true).log(), 1e-5, 1e-6));
  EXPECT_TRUE(near(apply("GELU", "{}", x), x * 0.5 * (1 + (x / std::sqrt(2.0)).erf()), 1e-5, 1e-6));
  EXPECT_TRUE(near(apply("GELU", R"({"approximate": "tanh"})", x),
                   x * 0.5 * (1 + (std::sqrt(2 / M_PI) * (x + 0.044715 * x.pow(3))).tanh()), 1e-5,
                   1e-6));
  EXPECT_TRUE(near(apply("Sigmoid", "{}", x), 1 / (1 + (-x).exp()), 1e-5));
  EXPECT_TRUE(
      near(apply("Tanh", "{}", x), x.exp().sub((-x).exp()) / x.exp().add((-x).exp()), 1e-5, 1e-6));
  EXPECT_TRUE(near(apply("SiLU", "{}", x), x / (1 + (-x).exp()), 1e-5));
  EXPECT_TRUE(near(apply("Activation", R"({"activation": "relu"})", x), up));
}

// Keras 3's values at these points, printed by keras.activations.get(name)(x).
TEST(ActivationFunctions, HaveKerasValues) {
  const auto x = at::tensor({-3.0F, -0.5F, 0.0F, 0.5F, 7.0F});
  const std::vector<std::pair<const char*, std::vector<float>>> expected = {
      {"elu", {-0.950213F, -0.3934693F, 0.0F, 0.5F, 7.0F}},
      {"exponential", {0.04978707F, 0.6065307F, 1.0F, 1.648721F, 1096.633F}},
      {"gelu", {-0.004050225F, -0.1542688F, 0.0F, 0.3457312F, 7.0F}},
      {"hard_sigmoid", {0.0F, 0.4166667F, 0.5F, 0.5833333F, 1.0F}},
      {"hard_silu", {-0.0F, -0.2083333F, 0.0F, 0.2916667F, 7.0F}},
      {"leaky_relu", {-0.6F, -0.1F, 0.0F, 0.5F, 7.0F}},
      {"linear", {-3.0F, -0.5F, 0.0F, 0.5F, 7.0F}},
      {"log_sigmoid", {-3.048587F, -0.974077F, -0.6931472F, -0.474077F, -0.0009114665F}},
      {"log_softmax", {-10.00301F, -7.503009F, -7.003009F, -6.503009F, -0.003009317F}},
      {"mish", {-0.1456475F, -0.2207438F, 0.0F, 0.3752452F, 6.999989F}},
      {"relu", {0.0F, 0.0F, 0.0F, 0.5F, 7.0F}},
      {"relu6", {0.0F, 0.0F, 0.0F, 0.5F, 6.0F}},
      {"selu", {-1.670569F, -0.6917582F, 0.0F, 0.5253505F, 7.354907F}},
      {"sigmoid", {0.04742587F, 0.3775407F, 0.5F, 0.6224594F, 0.999089F}},
      {"silu", {-0.1422776F, -0.1887703F, 0.0F, 0.3112297F, 6.993623F}},
      {"softmax", {4.526351e-05F, 0.0005514225F, 0.000909142F, 0.001498922F, 0.9969952F}},
      {"softplus", {0.04858735F, 0.474077F, 0.6931472F, 0.974077F, 7.000912F}},
      {"softsign", {-0.75F, -0.3333333F, 0.0F, 0.3333333F, 0.875F}},
      {"swish", {-0.1422776F, -0.1887703F, 0.0F, 0.3112297F, 6.993623F}},
      {"tanh", {-0.9950548F, -0.4621172F, 0.0F, 0.4621172F, 0.9999983F}}};
  std::set<std::string> tested;
  for (const auto& [name, values] : expected) {
    EXPECT_TRUE(near(activate(name, x), at::tensor(values), 1e-5, 1e-6)) << name;
    tested.insert(name);
  }
  for (const auto& name : activation_names()) EXPECT_TRUE(tested.contains(name)) << name;
  EXPECT_THAT(value_error([&] { activate("rely", x); }), HasSubstr("Did you mean 'relu'?"));
}

// Building.

TEST(Build, TakesSizesFromAnExample) {
  const auto dense = layer("Dense", R"({"units": 4})");
  EXPECT_FALSE(dense->built());
  EXPECT_THAT(value_error([&] {
                dense->forward(input({2, 3}));
              }),
              HasSubstr("Dense has no parameters yet"));
  dense->build(input({2, 3}));
  EXPECT_TRUE(dense->built());
  EXPECT_EQ(dense->named_parameters()["weight"].sizes(), (std::vector<std::int64_t>{4, 3}));
  EXPECT_EQ(dense->get_config()["in_features"], 3);
  const auto weight = dense->named_parameters()["weight"];
  dense->build(input({2, 7}));
  EXPECT_TRUE(dense->named_parameters()["weight"].is_same(weight));
}

TEST(Build, RefusesExamplesWithTooFewAxes) {
  EXPECT_THAT(value_error([] { layer("Dense", R"({"units": 4})")->build(at::zeros({})); }),
              HasSubstr("Dense got float32 []; expected at least 1 axis"));
  EXPECT_THAT(value_error([] {
                layer("Conv2d", R"({"out_channels": 4, "kernel_size": 3})")->build(input({3, 3}));
              }),
              HasSubstr("Conv2d got float32 [3, 3]; expected [batch, channels, height, width]"));
}

TEST(Layers, RefuseInputThatDoesNotFit) {
  const auto error_of_call = [](const char* name, const char* config, const at::Tensor& x) {
    return value_error([&] { layer(name, config)->forward(x); });
  };
  EXPECT_THAT(error_of_call("Dense", R"({"units": 4, "in_features": 3})", input({2, 5})),
              HasSubstr("Dense got float32 [2, 5]; expected 3 on the last axis"));
  EXPECT_THAT(error_of_call("Linear", R"({"out_features": 4, "in_features": 3})", input({2, 5})),
              HasSubstr("Linear got float32 [2, 5]; expected 3 on the last axis"));
  const auto* conv = R"({"out_channels": 4, "in_channels": 3, "kernel_size": 3})";
  EXPECT_THAT(error_of_call("Conv2d", conv, input({2, 5, 4, 4})),
              HasSubstr("Conv2d got float32 [2, 5, 4, 4]; expected 3 on axis 1"));
  EXPECT_THAT(error_of_call("Conv2d", conv, input({2, 3, 2, 4})),
              HasSubstr("expected room for a window of 3 rows"));
  EXPECT_THAT(error_of_call("MaxPool2d", R"({"kernel_size": 3})", input({2, 3, 3, 2})),
              HasSubstr("expected room for a window of 3 columns"));
  EXPECT_THAT(error_of_call("AvgPool2d", R"({"kernel_size": 3})", input({2, 3})),
              HasSubstr("AvgPool2d got float32 [2, 3]; expected [batch"));
  EXPECT_THAT(error_of_call("AdaptiveAvgPool2d", "{}", input({2, 3})), HasSubstr("[batch"));
  EXPECT_THAT(error_of_call("BatchNorm1d", R"({"num_features": 3})", input({2, 4})),
              HasSubstr("BatchNorm1d got float32 [2, 4]; expected 3 on axis 1"));
  EXPECT_THAT(error_of_call("BatchNorm1d", R"({"num_features": 3})", input({1, 3})),
              HasSubstr("expected more than one value a channel in training"));
  EXPECT_THAT(error_of_call("BatchNorm2d", R"({"num_features": 3})", input({2, 3})),
              HasSubstr("BatchNorm2d got float32 [2, 3]"));
  EXPECT_THAT(error_of_call("LayerNorm", R"({"normalized_shape": [3]})", input({2, 4})),
              HasSubstr("LayerNorm got float32 [2, 4]; expected a shape that ends with [3]"));
  EXPECT_THAT(error_of_call("Softmax", R"({"axis": 2})", input({2, 4})),
              HasSubstr("Softmax got float32 [2, 4]; expected an axis 2"));
  EXPECT_THAT(error_of_call("Flatten", "{}", at::zeros({})), HasSubstr("Flatten got float32 []"));
}

TEST(Layers, RefuseBadOptions) {
  const auto error_of_config = [](const char* name, const char* config) {
    return value_error([&] { layer(name, config); });
  };
  EXPECT_THAT(error_of_config("Dense", "{}"),
              HasSubstr("Dense.units: must be an integer of at least 1"));
  EXPECT_THAT(error_of_config("Dense", R"({"units": 2, "activation": "relo"})"),
              HasSubstr("Dense.activation: 'relo' is not one of"));
  EXPECT_THAT(error_of_config("Dense", R"({"units": 2, "in_features": 0})"),
              HasSubstr("Dense.in_features: must be an integer of at least 1, or null"));
  EXPECT_THAT(error_of_config("Conv2d", R"({"out_channels": 2, "kernel_size": [1, 2, 3]})"),
              HasSubstr("Conv2d.kernel_size: expected an integer, or a list of two"));
  EXPECT_THAT(error_of_config("Conv2d", R"({"out_channels": 2, "kernel_size": [1, 1.5]})"),
              HasSubstr("Conv2d.kernel_size[1]: expected an integer"));
  EXPECT_THAT(error_of_config("Conv2d", R"({"out_channels": 2, "kernel_size": 0})"),
              HasSubstr("Conv2d.kernel_size: must be an integer of at least 1, or two of them"));
  EXPECT_THAT(
      error_of_config("Conv2d", R"({"out_channels": 2, "kernel_size": 1, "padding": "some"})"),
      HasSubstr("Conv2d.padding: expected \"same\", \"valid\""));
  EXPECT_THAT(
      error_of_config("Conv2d",
                      R"({"out_channels": 2, "kernel_size": 1, "padding": "same", "stride": 2})"),
      HasSubstr("Conv2d.padding: is \"same\", which takes a stride of 1"));
  EXPECT_THAT(error_of_config("Conv2d", R"({"out_channels": 3, "kernel_size": 1, "groups": 2})"),
              HasSubstr("Conv2d.groups: is 2, which does not divide out_channels 3"));
  EXPECT_THAT(
      error_of_config("Conv2d",
                      R"({"out_channels": 2, "in_channels": 3, "kernel_size": 1, "groups": 2})"),
      HasSubstr("Conv2d.groups: is 2, which does not divide in_channels 3"));
  EXPECT_THAT(error_of_config("MaxPool2d", R"({"kernel_size": 2, "padding": 2})"),
              HasSubstr("MaxPool2d.padding: is 2; expected at most half of the window's 2"));
  EXPECT_THAT(error_of_config("Reshape", R"({"target_shape": [-1, -1]})"),
              HasSubstr("Reshape.target_shape: must be a list"));
  EXPECT_THAT(error_of_config("Dropout", R"({"rate": 1.5})"), HasSubstr("Dropout.rate: must be"));
  EXPECT_THAT(error_of_config("GELU", R"({"approximate": "sigmoid"})"),
              HasSubstr("GELU.approximate: must be none or tanh"));
  EXPECT_THAT(error_of("Dence"), HasSubstr("unknown layer \"Dence\". Did you mean 'Dense'?"));
}

// Configurations and copies.

const std::vector<std::pair<const char*, const char*>>& every_layer() {
  static const std::vector<std::pair<const char*, const char*>> list = {
      {"Activation", R"({"activation": "gelu"})"},
      {"AdaptiveAvgPool2d", R"({"output_size": [2, 1]})"},
      {"AvgPool2d", R"({"kernel_size": 2, "stride": null})"},
      {"BatchNorm1d", R"({"num_features": 3, "momentum": null})"},
      {"BatchNorm2d", R"({"num_features": 3})"},
      {"Conv2d",
       R"({"in_channels": 3, "out_channels": 2, "kernel_size": [1, 2], "padding": "same"})"},
      {"Dense", R"({"units": 2, "activation": "relu", "use_bias": false, "in_features": 3})"},
      {"Dropout", R"({"rate": 0.1})"},
      {"ELU", R"({"alpha": 2.0})"},
      {"Embedding", R"({"input_dim": 4, "output_dim": 2})"},
      {"GRU", R"({"units": 3, "input_size": 2})"},
      {"LSTM", R"({"units": 3, "return_sequences": true, "input_size": 2})"},
      {"Flatten", R"({"name": "flat"})"},
      {"GELU", R"({"approximate": "tanh"})"},
      {"LayerNorm", R"({"normalized_shape": [3, 2]})"},
      {"LeakyReLU", R"({"negative_slope": 0.5})"},
      {"Linear", R"({"in_features": 3, "out_features": 2})"},
      {"LogSoftmax", R"({"dim": 1})"},
      {"MaxPool2d", R"({"kernel_size": 2, "stride": [1, 2], "ceil_mode": true})"},
      {"ReLU", R"({"max_value": 6.0})"},
      {"Reshape", R"({"target_shape": [2, -1]})"},
      {"Sequential",
       R"({"layers": ["ReLU", {"class_name": "Linear",
                                             "config": {"in_features": 2, "out_features": 1}}]})"},
      {"SiLU", "{}"},
      {"Sigmoid", "{}"},
      {"Softmax", R"({"axis": 1})"},
      {"Tanh", R"({"name": "last"})"},
  };
  return list;
}

TEST(Layers, ConfigurationsGoThroughJsonAndBack) {
  std::set<std::string> tested = {"TorchScript"};
  for (const auto& [name, config] : every_layer()) {
    ASSAY_TRACE(name);
    tested.insert(name);
    const auto made = layer(name, config);
    EXPECT_EQ(made->class_name(), name);
    const auto written = made->get_config();
    const auto given = Json::parse(config);
    for (const auto& [key, value] : given.items()) {
      if (key != "layers") {
        EXPECT_EQ(written[key], value) << key;
      }
    }
    EXPECT_EQ(get(serialize(*made))->get_config(), written);
  }
  for (const auto& name : registry().names()) EXPECT_TRUE(tested.contains(name)) << name;
}

TEST(Layers, CopiesAreEqualAndTheirOwn) {
  for (const auto& [name, config] : every_layer()) {
    ASSAY_TRACE(name);
    const auto made = layer(name, config);
    if (!made->parameters().empty()) made->parameters()[0].requires_grad_(false);
    made->eval();
    const auto copy = std::dynamic_pointer_cast<Layer>(made->clone());
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->get_config(), made->get_config());
    EXPECT_FALSE(copy->is_training());
    const auto parameters = made->named_parameters();
    const auto copies = copy->named_parameters();
    ASSERT_EQ(copies.keys(), parameters.keys());
    for (const auto& item : parameters) {
      EXPECT_TRUE(same_bits(copies[item.key()].detach(), item.value().detach()));
      EXPECT_FALSE(copies[item.key()].is_alias_of(item.value()));
      EXPECT_EQ(copies[item.key()].requires_grad(), item.value().requires_grad());
    }
    EXPECT_EQ(copy->named_buffers().keys(), made->named_buffers().keys());
  }
}

TEST(Layers, SchemasNameTheirChoices) {
  const auto schema = registry().entry("Dense").fields->schema();
  EXPECT_EQ(schema["properties"]["activation"]["enum"].size(), activation_names().size() + 1);
  const auto layers = registry().entry("Sequential").fields->schema()["properties"]["layers"];
  EXPECT_EQ(layers["items"]["anyOf"][0]["enum"].size(), registry().names().size());
  const auto kernel = registry().entry("Conv2d").fields->schema()["properties"]["kernel_size"];
  EXPECT_EQ(kernel["anyOf"][1]["maxItems"], 2);
}

// Models.

Json model_json() {
  return Json::parse(R"([
      {"class_name": "Reshape", "config": {"target_shape": [1, 8, 8]}},
      {"class_name": "Conv2d", "config": {"out_channels": 4, "kernel_size": 3}},
      {"class_name": "BatchNorm2d"},
      "ReLU",
      {"class_name": "MaxPool2d", "config": {"kernel_size": 2}},
      "flatten",
      {"class_name": "Dropout", "config": {"rate": 0.5}},
      {"class_name": "Dense", "config": {"units": 10, "name": "logits"}}])");
}

TEST(Sequential, IsBuiltFromAnExample) {
  const auto model = build_model(model_json());
  EXPECT_FALSE(model->built());
  model->build(input({2, 64}));
  EXPECT_TRUE(model->built());
  EXPECT_TRUE(model->is_training());
  EXPECT_EQ(model->forward(input({3, 64})).sizes(), (std::vector<std::int64_t>{3, 10}));
  EXPECT_THAT(parameter_names(*model), ElementsAre("1.weight", "1.bias", "2.weight", "2.bias",
                                                   "logits.weight", "logits.bias"));
  // Building neither counts as a batch nor draws for dropout.
  EXPECT_EQ(build_model(model_json())->built(), false);
  const auto fresh = build_model(model_json());
  fresh->build(input({2, 64}));
  EXPECT_EQ(fresh->named_buffers()["2.num_batches_tracked"].item<int>(), 0);
}

TEST(Sequential, BuildingDependsOnLibTorchsSeedAlone) {
  const auto weights = [](std::int64_t rows) {
    torch::manual_seed(11);
    const auto model = build_model(model_json());
    model->build(input({rows, 64}));
    std::vector<at::Tensor> parameters;
    for (const auto& parameter : model->parameters()) parameters.push_back(parameter.detach());
    return parameters;
  };
  EXPECT_TRUE(same_bits(weights(2), weights(5)));
}

TEST(Sequential, GoesThroughItsConfigurationBuilt) {
  const auto model = build_model(model_json());
  model->build(input({2, 64}));
  const auto again = get(serialize(*model));
  EXPECT_TRUE(again->built());
  EXPECT_EQ(again->get_config(), model->get_config());
}

TEST(Sequential, LearnsAsANnModule) {
  torch::manual_seed(0);
  const auto model = build_model(Json::parse(
      R"([{"class_name": "Dense", "config": {"units": 16, "activation": "tanh"}},
          {"class_name": "Dense", "config": {"units": 1}}])"));
  const auto x = at::rand({64, 2}) * 2 - 1;
  const auto y = (x.select(1, 0) * x.select(1, 1)).unsqueeze(1);
  model->build(x);
  torch::optim::Adam adam(model->parameters(), torch::optim::AdamOptions(0.02));
  double loss = 1;
  for (int i = 0; i < 300; ++i) {
    adam.zero_grad();
    const auto value = at::mse_loss(model->forward(x), y);
    value.backward();
    adam.step();
    loss = value.item<double>();
  }
  EXPECT_LT(loss, 0.01);
}

TEST(Sequential, MayHoldSequentials) {
  const auto model = build_model(Json::parse(
      R"({"class_name": "Sequential", "config": {"name": "outer", "layers": [
          {"class_name": "Sequential", "config": {"name": "inner", "layers": [
              {"class_name": "Dense", "config": {"units": 3}}]}},
          "relu"]}})"));
  model->build(input({2, 5}));
  EXPECT_THAT(parameter_names(*model), ElementsAre("inner.0.weight", "inner.0.bias"));
}

TEST(Sequential, CopiesKeepEachPartsMode) {
  const auto model = std::make_shared<Sequential>(std::vector<std::shared_ptr<Layer>>{
      layer("BatchNorm1d", R"({"num_features": 2})"), layer("Dropout")});
  model->layers()[0]->eval();
  const auto copy = std::dynamic_pointer_cast<Sequential>(model->clone());
  EXPECT_TRUE(copy->is_training());
  EXPECT_FALSE(copy->layers()[0]->is_training());
  EXPECT_TRUE(copy->layers()[1]->is_training());
}

TEST(Sequential, ErrorsNameTheLayer) {
  EXPECT_THAT(error_of(R"({"class_name": "Sequential", "config": {"layers": []}})"),
              HasSubstr("must be a list of at least one layer"));
  const auto error_of_list = [](const char* list) {
    return value_error([&] { build_model(Json::parse(list)); });
  };
  EXPECT_THAT(error_of_list(R"(["ReLU", "Dence"])"),
              HasSubstr("Sequential.layers[1]: unknown layer \"Dence\". Did you mean 'Dense'?"));
  EXPECT_THAT(
      error_of_list(R"(["ReLU", {"class_name": "Dense", "config": {"unit": 3}}])"),
      HasSubstr("Sequential.layers[1]: Dense.\"unit\": unknown key. Did you mean 'units'?"));
  EXPECT_THAT(error_of_list(R"(["ReLU", 5])"), HasSubstr("Sequential.layers[1]: layer: expected"));
  EXPECT_THAT(error_of_list(R"([{"class_name": "Flatten", "config": {"name": "a"}},
                                {"class_name": "Flatten", "config": {"name": "a"}}])"),
              HasSubstr("Sequential.layers[1]: the name 'a' belongs to another layer already"));
  EXPECT_THAT(error_of_list(R"([{"class_name": "Flatten", "config": {"name": "a.b"}}])"),
              HasSubstr("Sequential.layers[0]: the name 'a.b' holds a dot"));
  const auto model = build_model(model_json());
  EXPECT_THAT(value_error([&] {
                model->build(input({2, 63}));
              }),
              HasSubstr("Sequential.layers[0]: Reshape got float32 [2, 63], 63 elements"));
}

struct DoublerOptions {
  static constexpr auto class_name = "Doubler";
  double factor = 2;
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() {
    return assay::fields(field("factor", &DoublerOptions::factor, "What is multiplied by.", finite),
                         layer_fields<DoublerOptions>());
  }
};

class Doubler final : public LayerOf<Doubler, DoublerOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override { return x * options_.factor; }
};

TEST(LayerRegistry, TakesModulesOfOnesOwn) {
  registry().add<Doubler>();
  const auto x = input({2});
  EXPECT_TRUE(build_model("Doubler")->forward(x).equal(x * 2));
  EXPECT_TRUE(
      build_model(Json::parse(R"(["ReLU", {"class_name": "Doubler", "config": {"factor": 3}}])"))
          ->forward(x)
          .equal(x.clamp_min(0) * 3));
  registry().remove("Doubler");
}

// TorchScript.

torch::jit::Module program() {
  torch::jit::Module part("part");
  part.register_parameter("weight", at::full({2}, 3.0F).requires_grad_(), /*is_buffer=*/false);
  part.define("def forward(self, x):\n  return x * self.weight\n");
  torch::jit::Module whole("whole");
  whole.register_module("part", part);
  whole.register_buffer("offset", at::full({2}, 1.0F));
  whole.register_attribute("training", c10::BoolType::get(), true);
  whole.define(R"(
    def forward(self, x):
        if self.training:
            return self.part.forward(x)
        return self.part.forward(x) + self.offset
    )");
  return whole;
}

class TorchScriptTest : public ::testing::Test {
 protected:
  TorchScriptTest() { program().save((files_.folder() / "model.pt").string()); }

  std::shared_ptr<Layer> load(const char* json = R"({"class_name": "TorchScript",
                                                     "config": {"path": "model.pt"}})") {
    return build_model(Json::parse(json), files_.folder());
  }

  testing::Files files_;
};

TEST_F(TorchScriptTest, RunsInBothModes) {
  const auto model = load();
  const auto x = at::tensor({1.0F, 2.0F});
  EXPECT_TRUE(model->forward(x).equal(x * 3));
  model->eval();
  EXPECT_TRUE(model->forward(x).equal(x * 3 + 1));
  model->train();
  EXPECT_TRUE(model->forward(x).equal(x * 3));
}

TEST_F(TorchScriptTest, CopiesNeedNoFileAndAreTheirOwn) {
  const auto model =
      load(R"(["ReLU", {"class_name": "TorchScript", "config": {"path": "model.pt"}}])");
  std::filesystem::remove(files_.folder() / "model.pt");
  model->eval();
  const auto copy = std::dynamic_pointer_cast<Layer>(model->clone());
  {
    const torch::NoGradGuard no_grad;
    model->parameters()[0].zero_();
  }
  EXPECT_TRUE(copy->forward(at::ones({2})).equal(at::full({2}, 4.0F)));
  copy->forward(at::ones({2})).sum().backward();
  EXPECT_TRUE(copy->parameters()[0].grad().defined());
}

TEST_F(TorchScriptTest, BadFilesAreErrors) {
  const auto error_of_file = [&](const char* name) {
    return value_error([&] {
      build_model(Json{{"class_name", "TorchScript"}, {"config", {{"path", name}}}},
                  files_.folder());
    });
  };
  EXPECT_THAT(error_of_file("none.pt"), HasSubstr("none.pt: No such file or directory"));
  EXPECT_THAT(error_of_file(""), HasSubstr("TorchScript.path: must be the path of a file"));
  files_.write("text.pt", "hello");
  EXPECT_THAT(error_of_file("text.pt"), HasSubstr("text.pt: is no TorchScript file"));
  torch::jit::Module empty("empty");
  empty.save((files_.folder() / "empty.pt").string());
  EXPECT_THAT(error_of_file("empty.pt"), HasSubstr("empty.pt: has no method forward"));
  torch::jit::Module pair("pair");
  pair.define("def forward(self, x):\n  return (x, x)\n");
  pair.save((files_.folder() / "pair.pt").string());
  const auto model = build_model(
      Json{{"class_name", "TorchScript"}, {"config", {{"path", "pair.pt"}}}}, files_.folder());
  EXPECT_THAT(value_error([&] { model->forward(at::ones({2})); }),
              HasSubstr("pair.pt: forward returned Tuple; expected one tensor"));
  EXPECT_THAT(value_error([&] { load()->forward(at::ones({3})); }),
              HasSubstr("model.pt: forward failed"));
}

}  // namespace
}  // namespace assay::training::layers
