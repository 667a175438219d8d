// SPDX-License-Identifier: Apache-2.0
// A plugin to copy: a loss, a metric and a layer.
#include <assay/core/dtype.h>
#include <assay/core/shapes.h>
#include <assay/losses/loss-inl.h>
#include <assay/metrics/mean_base.h>
#include <assay/metrics/metric-inl.h>
#include <assay/registry/plugins/plugin.h>
#include <assay/training/layers/layer-inl.h>

using namespace assay;  // NOLINT(google-build-using-namespace)

namespace mine {

struct CharbonnierOptions {
  static constexpr auto class_name = "mine>Charbonnier";
  double epsilon = 1e-3;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "charbonnier";
  std::optional<at::ScalarType> dtype;
  static constexpr auto fields() {
    using O = CharbonnierOptions;
    return assay::fields(field("epsilon", &O::epsilon, "Error at which it bends.", positive),
                         losses::loss_fields<O>());
  }
};
/// The mean over the last axis of sqrt(e^2 + epsilon^2), with e = y_pred - y_true.
struct Charbonnier final : losses::LossOf<Charbonnier, CharbonnierOptions> {
  using LossOf::LossOf;
  losses::LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override {
    const auto [t, p] = align_same_shape(to_compute(y_true), to_compute(y_pred));
    return {((p - t).square() + options().epsilon * options().epsilon).sqrt().mean(-1)};
  }
};

struct WithinOptions {
  static constexpr auto class_name = "mine>Within";
  double tolerance = 0.1;
  std::string name = "within";
  at::ScalarType dtype = at::kFloat;
  static constexpr auto fields() {
    using O = WithinOptions;
    return assay::fields(field("tolerance", &O::tolerance, "Largest error that counts.", positive),
                         metrics::metric_fields<O>());
  }
};
/// The share of predictions that are at most `tolerance` away.
struct Within final : metrics::MetricOf<Within, WithinOptions, metrics::MeanOfFunction> {
  using MetricOf::MetricOf;
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override {
    const auto [t, p] = align_same_shape(y_true, y_pred);
    return {(p - t).abs().le(options().tolerance)};
  }
};

struct ScaleOptions {
  static constexpr auto class_name = "mine>Scale";
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return layers::layer_fields<ScaleOptions>(); }
};
/// x times a factor that is learned.
struct Scale final : layers::LayerOf<Scale, ScaleOptions> {
  explicit Scale(Options options = {}) : LayerOf(std::move(options)) {}
  at::Tensor forward(const at::Tensor& x) override { return x * factor; }
  at::Tensor factor = register_parameter("factor", at::ones({}));
};

}  // namespace mine

void assay::register_plugin() {
  losses::registry().add<mine::Charbonnier>();
  metrics::registry().add<mine::Within>();
  layers::registry().add<mine::Scale>();
}
