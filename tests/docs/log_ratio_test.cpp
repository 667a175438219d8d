// SPDX-License-Identifier: Apache-2.0
// The loss of CONTRIBUTING.md, header and source in one.
#include <assay/core/operators/elementwise.h>
#include <assay/losses/loss-inl.h>
#include <assay/tests/testing/check.h>
#include <gtest/gtest.h>

namespace assay::losses {

/// Options of `LogRatio`.
struct LogRatioOptions {
  static constexpr auto class_name = "LogRatio";
  double floor = 1e-7;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "log_ratio";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = LogRatioOptions;
    return assay::fields(
        field("floor", &Self::floor, "Predictions and labels are at least this.", positive),
        loss_fields<Self>());
  }
};

/// mean((log(max(y_true, floor)) - log(max(y_pred, floor)))^2) over the last axis.
at::Tensor log_ratio(const at::Tensor& y_true, const at::Tensor& y_pred, double floor = 1e-7);

/// The loss of `log_ratio`.
class LogRatioImpl final : public LossOf<LogRatioImpl, LogRatioOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};
/// The holder of `LogRatioImpl`.
using LogRatio = LossHolder<LogRatioImpl>;

namespace {

struct LogRatioFormula {
  static constexpr auto name = "log_ratio";
  static constexpr auto options = ", float floor=1e-7";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, double floor) {
    return (t.clamp_min(floor).log() - p.clamp_min(floor).log()).square();
  }
};

using LogRatioOperator = MeanOperator<LogRatioFormula, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { LogRatioOperator::define(library); }

}  // namespace

at::Tensor log_ratio(const at::Tensor& y_true, const at::Tensor& y_pred, double floor) {
  return LogRatioOperator::call(y_true, y_pred, floor);
}

LossValues LogRatioImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {log_ratio(y_true, y_pred, options().floor)};
}

void register_log_ratio(LossRegistry& registry) { registry.add<LogRatioImpl>(); }

namespace {

TEST(LogRatio, IsALossLikeOthers) {
  LossRegistry registry("loss", "keras.losses");
  register_log_ratio(registry);
  const auto y_true = at::full({2, 1}, std::exp(1.0));
  const auto y_pred = at::full({2, 1}, std::exp(3.0)).requires_grad_();
  const auto value = registry.get(std::string_view("log_ratio"))->forward(y_true, y_pred);
  EXPECT_TRUE(testing::near(value, at::scalar_tensor(4.0)));
  value.backward();
  EXPECT_TRUE(testing::near(y_pred.grad(), at::full({2, 1}, 2 * std::exp(-3.0))));
  EXPECT_EQ(LogRatio({.floor = 0.5})->get_config()["floor"], 0.5);
}

}  // namespace
}  // namespace assay::losses
