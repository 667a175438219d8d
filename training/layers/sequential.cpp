// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/sequential.h>
#include <c10/util/Exception.h>

#include <ostream>

namespace assay::training::layers {
namespace {

std::string place(std::size_t i) { return "Sequential.layers[" + std::to_string(i) + "]"; }

// Runs `work` for the layer at a place; what is wrong with the values says then where.
template <class Work>
auto at_place(std::size_t i, const Work& work) {
  try {
    return work();
  } catch (const c10::ValueError& error) {
    TORCH_CHECK_VALUE(false, place(i), ": ", error.what_without_backtrace());
  }
}

// Evaluation mode for as long as it lives, for the module and what is in it.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module) {
    module.apply(
        [this](torch::nn::Module& part) { modes_.emplace_back(&part, part.is_training()); });
    module.eval();
  }
  ~EvaluationMode() {
    // From the outside in: train sets the parts' mode too.
    for (auto& [part, training] : modes_) part->train(training);
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  std::vector<std::pair<torch::nn::Module*, bool>> modes_;
};

}  // namespace

Sequential::Sequential(Options options) : LayerOf(std::move(options)) {
  TORCH_CHECK_VALUE(!options_.layers.list.empty(),
                    "Sequential.layers: must be a list of at least one layer, got []");
  for (std::size_t i = 0; i < options_.layers.list.size(); ++i) {
    add(at_place(i, [&] { return get(options_.layers.list[i]); }));
  }
}

Sequential::Sequential(const std::vector<std::shared_ptr<Layer>>& layers,
                       std::optional<std::string> name)
    : LayerOf({.name = std::move(name)}) {
  TORCH_CHECK_VALUE(!layers.empty(), "Sequential got no layers; expected at least one");
  for (const auto& layer : layers) add(layer);
}

void Sequential::add(const std::shared_ptr<Layer>& layer) {
  const auto i = layers_.size();
  const auto given = layer->given_name();
  const auto name = given.empty() ? std::to_string(i) : given;
  TORCH_CHECK_VALUE(name.find('.') == std::string::npos, place(i), ": the name '", name,
                    "' holds a dot; expected a name without");
  TORCH_CHECK_VALUE(!named_children().contains(name), place(i), ": the name '", name,
                    "' belongs to another layer already");
  layers_.push_back(register_module(name, layer));
}

at::Tensor Sequential::forward(const at::Tensor& input) {
  auto x = input;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = at_place(i, [&] { return layers_[i]->forward(x); });
  }
  return x;
}

void Sequential::build(const at::Tensor& example) {
  if (built()) return;
  const at::NoGradGuard no_grad;
  const EvaluationMode evaluation(*this);
  auto x = example;
  for (std::size_t i = 0; i < layers_.size() && !built(); ++i) {
    x = at_place(i, [&] {
      layers_[i]->build(x);
      return layers_[i]->forward(x);
    });
  }
}

bool Sequential::built() const {
  for (const auto& layer : layers_) {
    if (!layer->built()) return false;
  }
  return true;
}

Json Sequential::get_config() const {
  auto config = LayerOf::get_config();
  config["layers"] = Json::array();
  for (const auto& layer : layers_) config["layers"].push_back(serialize(*layer));
  return config;
}

std::shared_ptr<torch::nn::Module> Sequential::clone(
    const std::optional<torch::Device>& device) const {
  std::vector<std::shared_ptr<Layer>> copies;
  for (const auto& layer : layers_) {
    copies.push_back(std::dynamic_pointer_cast<Layer>(layer->clone(device)));
  }
  auto copy = std::make_shared<Sequential>(copies, options_.name);
  copy_modes(*this, *copy);
  return copy;
}

void Sequential::pretty_print(std::ostream& stream) const { stream << "Sequential"; }

void register_sequential(LayerRegistry& registry) { registry.add<Sequential>(); }

}  // namespace assay::training::layers
