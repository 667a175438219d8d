// SPDX-License-Identifier: Apache-2.0
// How labels are written, told from shapes alone: what "accuracy" and "crossentropy" mean.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>

namespace assay::training {

/// How the labels of a classifier are written.
enum class LabelForm {
  kBinary,       ///< One probability a row.
  kSparse,       ///< Class numbers.
  kCategorical,  ///< One-hot rows.
};

/// Binary where the predictions' last axis is 1; sparse where the labels have a lower rank, or end
/// with a 1 that the predictions lack; categorical otherwise.
/// Errors: ValueError for predictions without an axis.
/// Source: keras.src.trainers.compile_utils (`is_binary_or_sparse_categorical`).
LabelForm label_form(const at::Tensor& y_true, const at::Tensor& y_pred);

/// Whether an identifier is "accuracy" or "acc", in any case.
bool is_form_of_accuracy(const Json& identifier);
/// Whether an identifier is "crossentropy" or "ce", in any case.
bool is_form_of_crossentropy(const Json& identifier);

///@{
/// The class name of the metric for a form.
const char* accuracy_of(LabelForm form);
const char* crossentropy_of(LabelForm form);
///@}

}  // namespace assay::training
