// SPDX-License-Identifier: Apache-2.0
// What tests with the real TensorBoard do not reach: models that JSON cannot describe, odd weights.
#include <assay/tests/testing/check.h>
#include <assay/training/tensorboard/model_graph.h>
#include <assay/training/tensorboard/png.h>
#include <assay/training/tensorboard/projector.h>
#include <assay/training/tensorboard/weight_images.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "testing/blobs.h"

namespace assay::training::tensorboard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Parts : torch::nn::Module {
  Parts() : Module("Parts") {
    scale = register_parameter("scale", at::ones({2, 1}));
    first = register_module("first", torch::nn::Linear(3, 2));
    words = register_module("words", torch::nn::Embedding(5, 2));
  }
  at::Tensor forward(const at::Tensor& x) { return words(x) * scale; }

  at::Tensor scale;
  torch::nn::Linear first = nullptr;
  torch::nn::Embedding words = nullptr;
};

// Holds others and has no tensors of its own.
struct Outer : torch::nn::Module {
  Outer() : Module("Outer") {
    parts = register_module("parts", std::make_shared<Parts>());
    head = register_module(
        "he/ad", torch::nn::Sequential(torch::nn::Linear(2, 2), torch::nn::ReLU(), Parts()));
  }
  std::shared_ptr<Parts> parts;
  torch::nn::Sequential head = nullptr;
};

using Shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

Message node(const std::string& name, const std::string& class_name,
             const std::vector<std::string>& inputs, const Shapes& shapes) {
  Message message;
  message.text(1, name).text(2, class_name);
  for (const auto& input : inputs) message.text(3, input);
  message.message(5, Message().text(1, "class_name").message(2, Message().text(2, class_name)));
  for (const auto& [parameter, sizes] : shapes) {
    Message shape;
    for (const auto size : sizes) shape.message(2, Message().integer(1, size));
    message.message(5, Message().text(1, parameter).message(2, Message().message(7, shape)));
  }
  return message;
}

Message graph(const std::vector<Message>& nodes) {
  Message message;
  for (const auto& each : nodes) message.message(1, each);
  return message.message(4, Message().integer(1, 22));
}

TEST(ModelGraph, OfAModuleHasItsPartsAndNoEdgesButInSequentials) {
  const Shapes linear = {{"weight", {2, 3}}, {"bias", {2}}};
  const Shapes square = {{"weight", {2, 2}}, {"bias", {2}}};
  const Shapes table = {{"weight", {5, 2}}};
  const Shapes scale = {{"scale", {2, 1}}};
  const auto expected = graph({node("parts", "Parts", {}, scale),
                               node("parts/first", "torch::nn::LinearImpl", {}, linear),
                               node("parts/words", "torch::nn::EmbeddingImpl", {}, table),
                               node("he_ad/0", "torch::nn::LinearImpl", {}, square),
                               node("he_ad/1", "torch::nn::ReLUImpl", {"he_ad/0"}, {}),
                               node("he_ad/2", "Parts", {"he_ad/1"}, scale),
                               node("he_ad/2/first", "torch::nn::LinearImpl", {}, linear),
                               node("he_ad/2/words", "torch::nn::EmbeddingImpl", {}, table)});
  EXPECT_EQ(model_graph(*std::make_shared<Outer>()).bytes(), expected.bytes());
}

TEST(ModelGraph, OfASingleModuleIsNamedByItsClass) {
  const auto expected =
      graph({node("LinearImpl", "torch::nn::LinearImpl", {}, {{"weight", {4, 3}}})});
  const torch::nn::Linear linear(torch::nn::LinearOptions(3, 4).bias(false));
  EXPECT_EQ(model_graph(*linear).bytes(), expected.bytes());
}

TEST(Projector, FindsEmbeddingsWhereverTheyAre) {
  const auto outer = std::make_shared<Outer>();
  const auto found = embeddings_of(*outer);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].layer, "parts.words");
  EXPECT_EQ(found[1].layer, "he/ad.2.words");
  EXPECT_TRUE(found[0].table.is_same(outer->parts->words->weight));
  EXPECT_TRUE(embeddings_of(*torch::nn::Linear(2, 2)).empty());
  const torch::nn::EmbeddingBag bag(4, 2);
  EXPECT_EQ(embeddings_of(*bag).at(0).layer, "EmbeddingBagImpl");
}

TEST(Projector, WritesNumbersToTheirLastDigitAndQuotesNames) {
  const testing::Folder folder;
  const auto table = at::tensor({0.1F, -3e-20F, 1.0F, 123456789.0F}).reshape({2, 2});
  write_embeddings(folder.path(), {{"a/\"b\"", table, "c\\d\n"}});
  const auto text = [&](const char* name) {
    std::ostringstream out;
    out << std::ifstream(folder / name).rdbuf();
    return out.str();
  };
  EXPECT_EQ(text("embeddings/a_\"b\".tsv"), "0.1\t-3e-20\n1\t123456792\n");
  EXPECT_EQ(text("projector_config.pbtxt"), R"(embeddings {
  tensor_name: "a/\"b\""
  tensor_shape: 2
  tensor_shape: 2
  tensor_path: "embeddings/a_\"b\".tsv"
  metadata_path: "c\\d\n"
}
)");
}

TEST(WeightImages, TakeTheFormThatKerasGivesThem) {
  const auto sizes = [](at::IntArrayRef shape) {
    return weight_images(at::rand(shape)).sizes().vec();
  };
  EXPECT_THAT(sizes({5}), ElementsAre(1, 5, 1, 1));
  EXPECT_THAT(sizes({1, 5}), ElementsAre(1, 5, 1, 1));
  EXPECT_THAT(sizes({2, 5}), ElementsAre(1, 2, 5, 1));
  EXPECT_THAT(sizes({5, 2}), ElementsAre(1, 2, 5, 1));
  EXPECT_THAT(sizes({7, 5, 2}), ElementsAre(7, 5, 2, 1));
  EXPECT_THAT(sizes({7, 1, 5, 2}), ElementsAre(7, 5, 2, 1));
  EXPECT_THAT(sizes({7, 3, 5, 2}), ElementsAre(7, 5, 2, 3));
  EXPECT_THAT(sizes({7, 4, 5, 2}), ElementsAre(7, 5, 2, 4));
  const std::vector<std::vector<std::int64_t>> without = {
      {}, {1, 1}, {0, 4}, {7, 2, 5, 3}, {7, 3, 5, 2, 2}};
  for (const auto& none : without) {
    EXPECT_FALSE(weight_images(at::rand(none)).defined()) << none;
  }
}

TEST(WeightImages, GoFromTheSmallestToTheLargest) {
  constexpr auto kInfinity = std::numeric_limits<float>::infinity();
  const auto greys = [](std::vector<float> values) {
    const auto images = weight_images(at::tensor(values)).flatten().to(at::kInt);
    return std::vector<int>(images.const_data_ptr<int>(),
                            images.const_data_ptr<int>() + images.numel());
  };
  EXPECT_THAT(greys({-2, 0, 2, 1}), ElementsAre(0, 128, 255, 191));
  EXPECT_THAT(greys({3, 3}), ElementsAre(0, 0));
  EXPECT_THAT(greys({std::nanf(""), 1, 2, kInfinity, -kInfinity}), ElementsAre(0, 0, 255, 255, 0));
}

TEST(Images, AreOfOneThreeOrFourChannels) {
  const auto png_error = [](const at::Tensor& pixels) {
    return testing::value_error([&] { png(pixels); });
  };
  EXPECT_NO_THROW(png(at::zeros({2, 3, 3}, at::kByte)));
  EXPECT_THAT(png_error(at::zeros({2, 3, 2}, at::kByte)), HasSubstr("1, 3 or 4 channels"));
  EXPECT_THAT(png_error(at::zeros({2, 3, 1})), HasSubstr("uint8"));
  EXPECT_THAT(png_error(at::zeros({2, 3}, at::kByte)), HasSubstr("[height, width, channels]"));
  EXPECT_THAT(png_error(at::zeros({0, 3, 1}, at::kByte)), HasSubstr("got"));
}

}  // namespace
}  // namespace assay::training::tensorboard
