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
/// without storing the logits: they are made for a block of classes at a time, forward and again
/// backward. Beside hidden states and gradients it needs about 50 MB, whatever the number of rows
/// and classes. (The loss below makes them once, in 64 MiB of whole rows, where it sums or averages
/// without sample weights.) Hidden states and weights in 16 bits compute in float32.
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

struct LinearSparseCategoricalCrossentropyOptions {
  std::optional<std::int64_t> ignore_class;
  double label_smoothing = 0;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "linear_sparse_categorical_crossentropy";
};

/// The loss of `linear_sparse_categorical_crossentropy`; with `ignore_class`, means are over the
/// rows that are left. It takes the classifier with each call, so that this stays where the model
/// has it, and is in no registry: a loss there is a function of labels and predictions alone.
///
///     losses::LinearSparseCategoricalCrossentropy loss({.ignore_class = -1});
///     loss(y_true, hidden, output->weight, output->bias).backward();
class LinearSparseCategoricalCrossentropyImpl final : public torch::nn::Module {
 public:
  using Options = LinearSparseCategoricalCrossentropyOptions;

  explicit LinearSparseCategoricalCrossentropyImpl(Options options = {});

  at::Tensor forward(const at::Tensor& y_true, const at::Tensor& hidden, const at::Tensor& weight,
                     const at::Tensor& bias = {}, const at::Tensor& sample_weight = {}) const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

class LinearSparseCategoricalCrossentropy
    : public torch::nn::ModuleHolder<LinearSparseCategoricalCrossentropyImpl> {
 public:
  using Options = LinearSparseCategoricalCrossentropyOptions;

  explicit LinearSparseCategoricalCrossentropy(Options options = {});
  LinearSparseCategoricalCrossentropy(std::nullptr_t) : ModuleHolder(nullptr) {}

  at::Tensor operator()(const at::Tensor& y_true, const at::Tensor& hidden,
                        const at::Tensor& weight, const at::Tensor& bias = {},
                        const at::Tensor& sample_weight = {}) const {
    return impl_->forward(y_true, hidden, weight, bias, sample_weight);
  }
};

}  // namespace assay::losses
