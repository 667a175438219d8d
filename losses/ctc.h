// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CTC`.
struct CTCOptions {
  static constexpr auto class_name = "CTC";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "ctc";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<CTCOptions>(); }
};

/// Connectionist temporal classification: minus the log of the summed probability of all paths of
/// classes, one a step, that spell a label sequence once repeats are merged and blanks dropped.
///
/// Shapes: y_true [batch, length], integers in [1, classes), with 0 for what is no label; y_pred
/// [batch, steps, classes], logits, with class 0 the blank; values [batch]. A label sequence that
/// does not fit into the steps costs infinity, with a gradient of 0.
/// Errors: ValueError for other shapes, labels out of range (on the CPU), labels that are no
/// integers. Source: keras.losses.ctc.
at::Tensor ctc(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `ctc`. Source: keras.losses.CTC.
class CTCImpl final : public LossOf<CTCImpl, CTCOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;

 protected:
  std::optional<IntegerOrList> value_axes() const override { return IntegerOrList{1, 2}; }
};

/// The holder of `CTCImpl`.
using CTC = LossHolder<CTCImpl>;

}  // namespace assay::losses
