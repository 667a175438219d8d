// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/error_findings.h>

namespace assay::training::report {

void ErrorFindings::add(const at::Tensor& label, const at::Tensor& prediction,
                        std::int64_t first_row) {
  const auto error = (prediction - label).abs();
  worst_.add(error, [&](std::int64_t row) {
    return Json{{"row", first_row + row},
                {"label", label[row].item<double>()},
                {"prediction", prediction[row].item<double>()},
                {"error", error[row].item<double>()}};
  });
}

}  // namespace assay::training::report
