// SPDX-License-Identifier: Apache-2.0
// What the two correlation metrics share.
#pragma once
#include <assay/core/operators/moments.h>
#include <assay/core/options/number_or_list.h>
#include <assay/metrics/mean_base.h>

#pragma GCC visibility push(hidden)
namespace assay::metrics {

/// Moments of one row, or of all.
template <class Number>
struct MomentsOf {
  Number covariance;         ///< Of labels and predictions.
  Number variance_of_true;   ///< Of the labels.
  Number variance_of_pred;   ///< Of the predictions.
  Number distance_of_means;  ///< The labels' mean less the predictions'.
};

/// One formula, for tensors on any device and for single rows on the host.
struct Correlation {
  at::Tensor (*of_tensors)(const MomentsOf<at::Tensor>& moments);  ///< One value for each row.
  double (*of_row)(const MomentsOf<double>& moments);              ///< The value of one row.
};

/// A function of the moments along `axis`, one value for each remaining entry.
/// A row that is constant has a variance of exactly 0. Where the axis is empty nothing counts.
/// Errors: ValueError for shapes that differ, or that lack an axis.
losses::LossValues correlation_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const IntegerOrList& axis, const Correlation& correlation);

}  // namespace assay::metrics
#pragma GCC visibility pop
