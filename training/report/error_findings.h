// SPDX-License-Identifier: Apache-2.0
// What the predictions of a regression show.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>
#include <assay/training/report/worst_rows.h>

#include <cstdint>

namespace assay::training::report {

/// `worst`: the ten largest errors.
class ErrorFindings {
 public:
  /// Rows from `first_row` on: [rows], float64.
  void add(const at::Tensor& label, const at::Tensor& prediction, std::int64_t first_row);

  /// Of all rows so far.
  Json json() const { return {{"worst", worst_.json()}}; }

 private:
  WorstRows worst_;
};

}  // namespace assay::training::report
