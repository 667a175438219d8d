// SPDX-License-Identifier: Apache-2.0
// What every loss is: a torch::nn module from labels and predictions to one differentiable number.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <assay/core/options/number_or_list.h>
#include <assay/core/reduction.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <memory>
#include <optional>
#include <string>

/// Losses: each a torch::nn module, and a function of the same formula.
namespace assay::losses {

/// Unreduced values, and which of them count.
struct LossValues {
  at::Tensor values;  ///< [batch, d0 .. dN-1], in float32 or float64
  /// bool, broadcasts to the values; undefined: all count. Whether it is defined depends on
  /// options, not on data: several processes with a part of a batch each do the same then.
  at::Tensor mask = {};
  /// Whether what the mask leaves out has no gradient whatever the values' is: the operator that
  /// made the values ignores it.
  bool masked_are_ignored = false;
};

/// The base of all losses.
///
/// A loss computes unreduced values, drops what is masked, weighs and reduces:
///
///     loss(y_true, y_pred)                        // the mean over values, by default
///     loss(y_true, y_pred, sample_weight)         // a scalar, one a sample, or what broadcasts
///     loss(y_true, y_pred, sample_weight, mask)   // false leaves numerator and denominator
///
/// The result has the predictions' floating type, or the `dtype` option's; float16 and bfloat16
/// compute in float32. Bad shapes, options and labels throw ValueError (c10::ValueError).
/// Source: keras.losses.Loss.
class Loss : public torch::nn::Module {
 public:
  /// The reduced loss, by the option `reduction`. Undefined `sample_weight` and `mask` weigh all
  /// values 1 and keep them. Errors: ValueError for shapes, labels or weights that do not fit.
  at::Tensor forward(const at::Tensor& y_true, const at::Tensor& y_pred,
                     const at::Tensor& sample_weight = {}, const at::Tensor& mask = {}) const;

  /// `forward`, as loss(y_true, y_pred).
  at::Tensor operator()(const at::Tensor& y_true, const at::Tensor& y_pred,
                        const at::Tensor& sample_weight = {}, const at::Tensor& mask = {}) const {
    return forward(y_true, y_pred, sample_weight, mask);
  }

  /// The same before its division, for a batch of which several processes have a part each: the
  /// sum of their sums over the sum of their divisors. The sum is not rounded to the result's type.
  WeightedSum forward_sum(const at::Tensor& y_true, const at::Tensor& y_pred,
                          const at::Tensor& sample_weight = {}, const at::Tensor& mask = {}) const;

  /// The unreduced, unweighted values of one call.
  virtual LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const = 0;

  /// The options as Keras writes them; `losses::from_config` reads them.
  virtual Json get_config() const = 0;

  /// Keras's class name.
  virtual std::string class_name() const = 0;

  /// The option of that name.
  Reduction reduction() const { return reduction_; }

 protected:
  /// `name` is the module's; `dtype`, where given, is computed in and returned.
  Loss(std::string name, Reduction reduction, std::optional<at::ScalarType> dtype);

  /// The axes of the predictions that one value is made of; the others are the values' axes.
  /// Nothing where a value depends on more than its own entries: what is masked then still takes
  /// part in the others' values.
  virtual std::optional<IntegerOrList> value_axes() const { return std::int64_t{-1}; }

 private:
  /// Checks the arguments, and calls with what is masked left out. `expected` is the reduction that
  /// will follow, where it is of unweighted values.
  LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred, const at::Tensor& mask,
                    std::optional<Reduction> expected) const;

  Reduction reduction_;
  std::optional<at::ScalarType> dtype_;
};

/// The fields that every loss has, for the end of its list.
template <class Options>
constexpr auto loss_fields() {
  return fields(
      field("reduction", &Options::reduction, "How values become one number."),
      field("name", &Options::name, "Label in logs."),
      field("dtype", &Options::dtype, "Type to compute in and to return; null: the predictions'.")
          .beyond_keras());
}

/// A loss with options: configuration, cloning and printing, written once.
/// A source that defines `Derived` instantiates it with ASSAY's loss-inl.h.
template <class Derived, class OptionsType>
class LossOf : public Loss {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for an option out of its range.
  explicit LossOf(Options options = {});

  /// What the loss was made with.
  const Options& options() const { return options_; }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }
  /// A loss with the same options. The device does not matter: a loss has no tensors.
  std::shared_ptr<torch::nn::Module> clone(
      const std::optional<torch::Device>& device = std::nullopt) const override;
  /// Writes `Huber({"delta":2.0, ...})`, the class and its configuration.
  void pretty_print(std::ostream& stream) const override;

 protected:
  /// The `axis` option where there is one, else as Loss.
  std::optional<IntegerOrList> value_axes() const override;

 private:
  Options options_;
};

/// The value-like holder that users write: `Huber loss({.delta = 2.0});`
template <class Impl>
class LossHolder : public torch::nn::ModuleHolder<Impl> {
 public:
  /// The plain struct with the loss's options.
  using Options = typename Impl::Options;

  /// A module of the default options.
  LossHolder() : LossHolder(Options{}) {}
  /// A module of these options. Errors: ValueError for an option out of its range.
  explicit LossHolder(Options options)
      : torch::nn::ModuleHolder<Impl>(std::make_shared<Impl>(std::move(options))) {}
  /// An empty holder.
  LossHolder(std::nullptr_t) : torch::nn::ModuleHolder<Impl>(nullptr) {}
  /// Holds a module that exists; it is not copied.
  LossHolder(std::shared_ptr<Impl> module) : torch::nn::ModuleHolder<Impl>(std::move(module)) {}
};

}  // namespace assay::losses
