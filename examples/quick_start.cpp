// SPDX-License-Identifier: Apache-2.0
// The quick start of the README: a model trained by hand, with a loss and metrics of assay's.
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/serialization/metric_file.h>
#include <torch/torch.h>

#include <iostream>

namespace losses = assay::losses;
namespace metrics = assay::metrics;

int main() {
  torch::manual_seed(0);
  const auto x = torch::randn({256, 4});
  const auto y = x.narrow(1, 0, 3).argmax(1);  // learnable: which of three numbers is largest

  torch::nn::Linear model(4, 3);
  torch::optim::Adam optimizer(model->parameters(), 0.05);

  losses::SparseCategoricalCrossentropy loss({.from_logits = true});
  metrics::SparseCategoricalAccuracy accuracy;
  const auto crossentropy = metrics::get(
      R"({"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}})");

  for (int epoch = 0; epoch < 40; ++epoch) {
    accuracy.reset_state();
    crossentropy->reset_state();
    const auto logits = model(x);
    optimizer.zero_grad();
    loss(y, logits).backward();
    optimizer.step();
    accuracy.update_state(y, logits);
    crossentropy->update_state(y, logits);
  }
  std::cout << "accuracy " << accuracy.result().item<float>() << ", crossentropy "
            << crossentropy->result().item<float>() << "\n";

  assay::serialization::save_metric("accuracy.safetensors", accuracy);
  const auto restored = assay::serialization::load_metric("accuracy.safetensors");
  return restored->result().equal(accuracy.result()) && accuracy.result().item<float>() > 0.9f ? 0
                                                                                               : 1;
}
