// SPDX-License-Identifier: Apache-2.0
// How the predictions of a model are meant.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/training/scores.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace assay::training::report {

/// What losses and metrics tell of predictions.
struct PredictionForm {
  bool classifies = false;       ///< They are scores of classes.
  bool from_logits = false;      ///< The scores are logits, not probabilities.
  bool binary = false;           ///< Each number is a score of its own, of 1 against 0.
  std::int64_t class_axis = -1;  ///< Where the classes of other classifiers are.
  std::optional<std::int64_t> ignore_class = std::nullopt;  ///< The label of what does not count.
};

/// By the first loss that can take logits, which is one of class probabilities; or else by the
/// first metric that counts classes and is told that predictions are scores (`sparse_y_pred`
/// false).
PredictionForm prediction_form(const Scores& scores);

/// Class numbers and scores of the places of a batch.
struct ClassRows {
  at::Tensor label;        ///< int64 [places]
  at::Tensor probability;  ///< float64 [places, classes]
  at::Tensor place;        ///< int64 [places]: the number in the batch, in the order of memory
  std::vector<std::int64_t> shape;  ///< Of the places of one row: empty where a row is one.
};

/// The places of a batch that count: one a row, or, where predictions have more axes than a row has
/// classes, one for each. Nothing where labels do not fit, where one is no class, or where a place
/// has several labels or none.
std::optional<ClassRows> class_rows(const PredictionForm& form, const at::Tensor& y_true,
                                    const at::Tensor& y_pred);

}  // namespace assay::training::report
