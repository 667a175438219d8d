// SPDX-License-Identifier: Apache-2.0
// A network of one's own, trained and measured in C++ as Keras does it in Python.
#include <assay/losses.h>
#include <assay/training.h>
#include <torch/torch.h>

#include <iostream>

using assay::Trainer;
namespace callbacks = assay::callbacks;
namespace losses = assay::losses;

// Two spirals that wind around each other, and which of the two a point is on.
std::pair<torch::Tensor, torch::Tensor> spirals(std::int64_t points) {
  const auto label = torch::arange(points) % 2;
  const auto turn = torch::rand(points) * 9;
  const auto angle = turn + label * M_PI;
  const auto x = torch::stack({turn * angle.cos(), turn * angle.sin()}, 1) / 9;
  return {x + torch::randn({points, 2}) * 0.02, label.to(torch::kFloat).unsqueeze(1)};
}

struct NetImpl : torch::nn::Module {
  torch::Tensor forward(const torch::Tensor& x) {
    return last(torch::relu(second(torch::relu(first(x)))));
  }
  torch::nn::Linear first = register_module("first", torch::nn::Linear(2, 64));
  torch::nn::Linear second = register_module("second", torch::nn::Linear(64, 64));
  torch::nn::Linear last = register_module("last", torch::nn::Linear(64, 1));
};
TORCH_MODULE(Net);

int main() {
  torch::manual_seed(1);
  const auto [x, y] = spirals(2000);
  const auto [test_x, test_y] = spirals(500);

  Trainer trainer{Net()};
  trainer.compile({.optimizer = R"({"class_name": "Adam", "config": {"learning_rate": 0.005}})",
                   .loss = losses::BinaryCrossentropy({.from_logits = true}),
                   .metrics = {R"({"class_name": "BinaryAccuracy", "config": {"threshold": 0.0}})",
                               R"({"class_name": "AUC", "config": {"from_logits": true}})"}});
  trainer.fit(
      {x, y},
      {.epochs = 60,
       .callbacks = {callbacks::EarlyStopping({.patience = 8, .restore_best_weights = true})},
       .validation_split = 0.2});

  const auto logs = trainer.evaluate({test_x, test_y});
  std::cout << "test: accuracy " << logs.at("binary_accuracy") << ", AUC " << logs.at("auc")
            << "\n(0, 0.5) is on the second spiral with probability "
            << trainer.predict(torch::tensor({{0.0F, 0.5F}})).sigmoid().item<double>() << "\n";
  return logs.at("binary_accuracy") > 0.95 ? 0 : 1;
}
