// SPDX-License-Identifier: Apache-2.0
// Normalisation over the batch.
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>

namespace assay::training::layers {

/// The fields that BatchNorm1d and BatchNorm2d have.
template <class Options>
constexpr auto batch_norm_fields() {
  return fields(
      field("num_features", &Options::num_features, "Size of axis 1; null: from data.",
            one_or_null),
      field("eps", &Options::eps, "Added to the variance.", positive),
      field(
          "momentum", &Options::momentum,
          "How much of the running statistics each batch replaces; null: they are the mean of all "
          "batches.",
          {[](const std::optional<double>& x) { return !x || in_unit_interval.holds(*x); },
           "a number in [0, 1], or null"}),
      field("affine", &Options::affine, "Whether the result is scaled and shifted."),
      field("track_running_stats", &Options::track_running_stats,
            "Whether evaluation uses running statistics, not the batch's."),
      layer_fields<Options>());
}

/// Options of `BatchNorm1d`.
struct BatchNorm1dOptions {
  static constexpr auto class_name = "BatchNorm1d";
  std::optional<std::int64_t> num_features = std::nullopt;
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;
  bool affine = true;
  bool track_running_stats = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() { return batch_norm_fields<BatchNorm1dOptions>(); }
};

/// Options of `BatchNorm2d`.
struct BatchNorm2dOptions {
  static constexpr auto class_name = "BatchNorm2d";
  std::optional<std::int64_t> num_features = std::nullopt;
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;
  bool affine = true;
  bool track_running_stats = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() { return batch_norm_fields<BatchNorm2dOptions>(); }
};

/// What the two share: (x - mean) / sqrt(var + eps) * weight + bias, with mean and population
/// variance over all axes but the second: the batch's in training, the running ones in evaluation.
///
/// Parameters: weight (first 1) and bias (first 0), [num_features]. Buffers: running_mean (first
/// 0), running_var (first 1; of the sample variance), num_batches_tracked.
template <class Derived, class Options>
class BatchNorm : public LayerOf<Derived, Options> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit BatchNorm(Options options = {});
  /// x normalised, in its shape. In training it updates the running statistics.
  /// Errors: ValueError where the layer is not built, for another shape, and for a batch of one
  /// value a channel in training.
  at::Tensor forward(const at::Tensor& x) override;
  /// Makes the tensors for as many features as the example has on its second axis.
  void build(const at::Tensor& example) override;
  /// Whether the tensors are there.
  bool built() const override { return built_; }

 protected:
  /// Errors: ValueError where `x` has another number of axes than the class takes.
  virtual void check_shape(const at::Tensor& x) const = 0;

 private:
  void make_weights();

  bool built_ = false;
  at::Tensor weight_, bias_, running_mean_, running_var_, num_batches_tracked_;
};

/// Of [batch, features] or [batch, features, length]. Source: torch.nn.BatchNorm1d.
class BatchNorm1d final : public BatchNorm<BatchNorm1d, BatchNorm1dOptions> {
 public:
  using BatchNorm::BatchNorm;

 protected:
  void check_shape(const at::Tensor& x) const override;
};

/// Of [batch, channels, height, width]. Source: torch.nn.BatchNorm2d.
class BatchNorm2d final : public BatchNorm<BatchNorm2d, BatchNorm2dOptions> {
 public:
  using BatchNorm::BatchNorm;

 protected:
  void check_shape(const at::Tensor& x) const override;
};

}  // namespace assay::training::layers
