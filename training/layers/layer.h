// SPDX-License-Identifier: Apache-2.0
// What every layer of a model from JSON is: a torch::nn module from one tensor to one tensor.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// The parts of models that are made from JSON.
namespace assay::training::layers {

/// The base of all layers.
///
/// A layer has the names and options of Keras where Keras has a class of that name (Dense, Dropout,
/// Embedding, Flatten, Reshape, ReLU ...), else those of LibTorch (Linear, Conv2d, BatchNorm1d
/// ...). Its tensors are LibTorch's: channels come second, and parameters are called `weight` and
/// `bias`, so that the state of a Sequential is that of the same torch.nn.Sequential in Python.
///
/// Sizes of the input that the options leave out are filled in by `build` from an example, as Keras
/// does at the first call; here parameters must be there before an optimizer is made of them, so a
/// call does not build.
class Layer : public torch::nn::Module {
 public:
  /// Errors: ValueError where the layer is not built, or `x` has a shape or type it does not take.
  virtual at::Tensor forward(const at::Tensor& x) = 0;

  /// `forward`, as layer(x).
  at::Tensor operator()(const at::Tensor& x) { return forward(x); }

  /// Makes the parameters that depend on the input; nothing where they are there already.
  /// Errors: ValueError where the example has too few axes.
  virtual void build(const at::Tensor& example) {}

  /// Whether all parameters are there.
  virtual bool built() const { return true; }

  /// The options, with the sizes that `build` filled in; `layers::get` reads them.
  virtual Json get_config() const = 0;

  /// Keras's class name, or LibTorch's.
  virtual std::string class_name() const = 0;

  /// The name that the options give, or "".
  virtual std::string given_name() const { return ""; }

 protected:
  using Module::Module;
};

/// For sizes that may be left to `build`.
inline constexpr Constraint<std::optional<std::int64_t>> one_or_null{
    [](const std::optional<std::int64_t>& size) { return !size || *size >= 1; },
    "an integer of at least 1, or null"};

/// The field that every layer has, for the end of its list.
template <class Options>
constexpr auto layer_fields() {
  return fields(field("name", &Options::name,
                      "What its parameters are called by in a Sequential; null: its place.")
                    .beyond_keras());
}

/// A layer with options: configuration, cloning and printing, written once.
/// A source that defines `Derived` includes layer-inl.h.
template <class Derived, class OptionsType>
class LayerOf : public Layer {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for an option out of its range.
  explicit LayerOf(Options options = {});

  /// What the layer was made with, and the sizes that `build` filled in.
  const Options& options() const { return options_; }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }
  /// The `name` option, or "".
  std::string given_name() const override { return options_.name.value_or(""); }
  /// A layer with the same options and copies of the tensors, on `device` where one is given.
  std::shared_ptr<torch::nn::Module> clone(
      const std::optional<torch::Device>& device = std::nullopt) const override;
  /// Writes `Dense({"units":10, ...})`, the class and its configuration.
  void pretty_print(std::ostream& stream) const override;

 protected:
  Options options_;  ///< Checked when the layer was made; `build` fills sizes in.
};

}  // namespace assay::training::layers

namespace assay {
namespace layers = training::layers;
}
