// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/findings.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace assay::training::report {
namespace {

constexpr std::int64_t kNumbersAtOnce = std::int64_t{1} << 20;

}  // namespace

Findings::Findings(PredictionForm form, std::vector<std::string> class_names)
    : form_(form), classes_(std::move(class_names)) {}

void Findings::add(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto rows = y_pred.size(0);
  if (rows == 0) return;
  apply_ = apply_ && y_true.defined() && y_true.dim() > 0 && y_true.size(0) == rows;
  // Large pictures would need several times their memory.
  const auto at_once = std::max<std::int64_t>(1, kNumbersAtOnce * rows / y_pred.numel());
  for (std::int64_t begin = 0; apply_ && begin < rows; begin += at_once) {
    const auto end = std::min(rows, begin + at_once);
    add_rows(y_true.slice(0, begin, end), y_pred.slice(0, begin, end));
  }
}

void Findings::add_rows(const at::Tensor& y_true, const at::Tensor& y_pred) {
  if (form_.classifies) {
    const auto rows = class_rows(form_, y_true, y_pred);
    apply_ = rows && classes_.add(*rows, rows_);
  } else {
    add_errors(y_true, y_pred);
  }
  rows_ += y_pred.size(0);
}

void Findings::add_errors(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto rows = y_pred.size(0);
  apply_ = y_pred.dim() <= 2 && y_pred.numel() == rows && y_true.numel() == rows;
  if (!apply_) return;
  const auto flat = [&](const at::Tensor& tensor) {
    return tensor.detach().to(at::kCPU, at::kDouble).reshape({rows});
  };
  errors_.add(flat(y_true), flat(y_pred), rows_);
}

Json Findings::json() {
  if (!apply_ || rows_ == 0) return Json::object();
  return form_.classifies ? classes_.json() : errors_.json();
}

}  // namespace assay::training::report
