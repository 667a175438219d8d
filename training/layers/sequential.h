// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>
#include <assay/training/layers/layer_list.h>

#include <memory>
#include <vector>

namespace assay::training::layers {

/// Options of `Sequential`.
struct SequentialOptions {
  static constexpr auto class_name = "Sequential";
  LayerList layers = {};
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = SequentialOptions;
    return assay::fields(field("layers", &O::layers, "The layers, each a name or JSON."),
                         layer_fields<O>());
  }
};

/// Layers one after another. Their parameters are called "0.weight", "1.bias" ..., or by the
/// layers' names.
///
/// Errors: ValueError that names the layer at fault by its place, class and JSON path; where there
/// are no layers, or two have one name.
/// Source: keras.Sequential, torch.nn.Sequential.
class Sequential final : public LayerOf<Sequential, SequentialOptions> {
 public:
  /// Makes the layers. Errors: see the class.
  explicit Sequential(Options options);

  /// Of layers that are there already.
  explicit Sequential(const std::vector<std::shared_ptr<Layer>>& layers,
                      std::optional<std::string> name = std::nullopt);

  at::Tensor forward(const at::Tensor& input) override;

  /// Builds each layer with what the ones before it make of the example, in evaluation mode and
  /// without gradients.
  void build(const at::Tensor& example) override;
  bool built() const override;
  Json get_config() const override;
  /// Copies of all layers, on `device` where one is given.
  std::shared_ptr<torch::nn::Module> clone(
      const std::optional<torch::Device>& device = std::nullopt) const override;
  /// Writes the name alone; LibTorch writes the layers behind it.
  void pretty_print(std::ostream& stream) const override;

  /// The layers, in order.
  const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }

 private:
  void add(const std::shared_ptr<Layer>& layer);

  std::vector<std::shared_ptr<Layer>> layers_;
};

}  // namespace assay::training::layers
