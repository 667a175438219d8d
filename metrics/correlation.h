// SPDX-License-Identifier: Apache-2.0
// What the two correlation metrics share.
#pragma once
#include <assay/core/operators/moments.h>
#include <assay/core/options/number_or_list.h>
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Moments of one row, or of all.
template <class Number>
struct MomentsOf {
  Number covariance;
  Number variance_of_true;
  Number variance_of_pred;
  Number distance_of_means;
};

/// One formula, for tensors on any device and for single rows on the host.
struct Correlation {
  at::Tensor (*of_tensors)(const MomentsOf<at::Tensor>& moments);
  double (*of_row)(const MomentsOf<double>& moments);
};

/// A function of the moments along `axis`, one value for each remaining entry.
/// A row that is constant has a variance of exactly 0. Where the axis is empty nothing counts.
/// Errors: ValueError for shapes that differ, or that lack an axis.
losses::LossValues correlation_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const IntegerOrList& axis, const Correlation& correlation);

}  // namespace assay::metrics
