// SPDX-License-Identifier: Apache-2.0
// Which rows of scores find their class: operators without derivatives, with CPU kernels.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/no_class.h>

#include <cstdint>

#pragma GCC visibility push(hidden)
namespace assay {

/// 1 where the label has the row's largest score, the first one if several have it, else 0; float32
/// like the labels. A row with a NaN, and a label kNoClass, is 0.
///
/// `labels`: int64, of the scores' shape without the last axis.
/// Errors: ValueError for labels out of range (on the CPU).
at::Tensor argmax_hits(const at::Tensor& labels, const at::Tensor& scores);

/// 1 where fewer than k of the row's scores are above the label's, so that a tie with the k-th is
/// in. The rest as for `argmax_hits`.
at::Tensor top_k_hits(const at::Tensor& labels, const at::Tensor& scores, std::int64_t k);

/// The class of the largest score along `axis`, the first one if several have it; kNoClass where a
/// score is NaN. int64, without the axis.
at::Tensor row_argmax(const at::Tensor& scores, std::int64_t axis);

/// In its scope, on its thread, `row_argmax` of the same scores is computed once: for what several
/// metrics ask of one batch.
class SharedArgmax {
 public:
  SharedArgmax();
  ~SharedArgmax();
  SharedArgmax(const SharedArgmax&) = delete;
  SharedArgmax& operator=(const SharedArgmax&) = delete;

 private:
  bool is_outermost_;
};

/// 1 where the label is 1 and the prediction above the threshold, in the prediction's own
/// precision, or the label 0 and the prediction not above it; 0 elsewhere, and for NaN. Both of one
/// shape.
at::Tensor binary_hits(const at::Tensor& y_true, const at::Tensor& y_pred, double threshold);

}  // namespace assay
#pragma GCC visibility pop
