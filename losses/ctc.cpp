// SPDX-License-Identifier: Apache-2.0
#include <assay/core/fused_operator.h>
#include <assay/core/labels.h>
#include <assay/core/shapes.h>
#include <assay/losses/ctc.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct Formula {
  static constexpr auto name = "ctc";
  static constexpr auto options = "";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_label_range(y_true, y_pred.size(2), {});
    // Labels first, what is none behind them.
    const auto labels = y_true.gather(1, y_true.eq(0).argsort(/*stable=*/true, 1));
    const auto lengths = labels.ne(0).sum(1);
    const auto steps = at::full({y_pred.size(0)}, y_pred.size(1), at::kLong);
    const auto log_p = at::log_softmax(y_pred, -1).transpose(0, 1);
    return at::ctc_loss(log_p, labels, steps, lengths, /*blank=*/0, at::Reduction::None);
  }
};

using Operator = FusedOperator<Formula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { Operator::define(library); }

}  // namespace

at::Tensor ctc(const at::Tensor& y_true, const at::Tensor& y_pred) {
  TORCH_CHECK_VALUE(y_true.dim() == 2 && y_pred.dim() == 3 && y_true.size(0) == y_pred.size(0) &&
                        y_pred.size(1) > 0 && y_pred.size(2) > 0,
                    "y_true has shape ", describe(y_true.sizes()), ", y_pred has shape ",
                    describe(y_pred.sizes()),
                    "; expected [batch, length] and [batch, steps, classes]");
  return Operator::call(integer_labels(y_true), y_pred);
}

LossValues CTCImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {ctc(y_true, y_pred)};
}

void register_ctc(LossRegistry& registry) { registry.add<CTCImpl>(); }

}  // namespace assay::losses
