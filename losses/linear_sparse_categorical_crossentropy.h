// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/reduction.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <optional>
#include <string>

namespace assay::losses {

/// Crossentropy of integer labels with the classes that a linear layer predicts, one value a row:
///
///   sparse_categorical_crossentropy(y_true, hidden weight^T + bias, from_logits = true)
///
/// without storing the logits: they are made for a block of rows and classes at a time, forward and
/// again backward. Beside the gradients, and the hidden states once more, it needs about 10 MB,
/// whatever the number of rows and classes. Hidden states and weights in 16 bits compute in
/// float32.
///
/// Shapes: hidden [batch, d0 .. dN, features]; y_true the same without features, or with a trailing
/// 1; weight [classes, features]; bias [classes], or undefined. Rows labelled `ignore_class` are 0,
/// and so are their gradients, whatever they hold. Derivatives of second order are those of the
/// stored logits.
/// Errors: ValueError for shapes that do not fit, labels out of range (on the CPU) or that are no
/// integers, and tensors of several devices. Source: sparse_categorical_crossentropy.
at::Tensor linear_sparse_categorical_crossentropy(const at::Tensor& y_true,
                                                  const at::Tensor& hidden,
                                                  const at::Tensor& weight,
                                                  const at::Tensor& bias = {},
                                                  std::optional<std::int64_t> ignore_class = {},
                                                  double label_smoothing = 0);

/// Options of `LinearSparseCategoricalCrossentropy`.
struct LinearSparseCategoricalCrossentropyOptions {
  std::optional<std::int64_t> ignore_class;  ///< Rows of this label do not count; nothing: all do.
  double label_smoothing = 0;  ///< In [0, 1]: the share of a target that all classes share alike.
  Reduction reduction = Reduction::kSumOverBatchSize;           ///< How values become one number.
  std::string name = "linear_sparse_categorical_crossentropy";  ///< The module's.
};

/// The loss of `linear_sparse_categorical_crossentropy`; with `ignore_class`, means are over the
/// rows that are left. It takes the classifier with each call, so that this stays where the model
/// has it, and is in no registry: a loss there is a function of labels and predictions alone.
///
///     losses::LinearSparseCategoricalCrossentropy loss({.ignore_class = -1});
///     loss(y_true, hidden, output->weight, output->bias).backward();
class LinearSparseCategoricalCrossentropyImpl final : public torch::nn::Module {
 public:
  /// The plain struct with the loss's options.
  using Options = LinearSparseCategoricalCrossentropyOptions;

  /// Errors: ValueError for an option out of its range.
  explicit LinearSparseCategoricalCrossentropyImpl(Options options = {});

  /// The reduced loss. Shapes and errors are the function's; `sample_weight` aligns with y_true,
  /// and undefined it weighs all rows 1.
  at::Tensor forward(const at::Tensor& y_true, const at::Tensor& hidden, const at::Tensor& weight,
                     const at::Tensor& bias = {}, const at::Tensor& sample_weight = {}) const;

  /// What the loss was made with.
  const Options& options() const { return options_; }

 private:
  Options options_;
};

/// The holder of `LinearSparseCategoricalCrossentropyImpl`.
class LinearSparseCategoricalCrossentropy
    : public torch::nn::ModuleHolder<LinearSparseCategoricalCrossentropyImpl> {
 public:
  /// The plain struct with the loss's options.
  using Options = LinearSparseCategoricalCrossentropyOptions;

  /// A module of these options. Errors: ValueError for an option out of its range.
  explicit LinearSparseCategoricalCrossentropy(Options options = {});
  /// An empty holder.
  LinearSparseCategoricalCrossentropy(std::nullptr_t) : ModuleHolder(nullptr) {}

  /// The module's `forward`.
  at::Tensor operator()(const at::Tensor& y_true, const at::Tensor& hidden,
                        const at::Tensor& weight, const at::Tensor& bias = {},
                        const at::Tensor& sample_weight = {}) const {
    return impl_->forward(y_true, hidden, weight, bias, sample_weight);
  }
};

}  // namespace assay::losses
