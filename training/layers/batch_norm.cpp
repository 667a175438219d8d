// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/batch_norm.h>
#include <assay/training/layers/layer-inl.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {

template <class Derived, class Options>
BatchNorm<Derived, Options>::BatchNorm(Options options)
    : LayerOf<Derived, Options>(std::move(options)) {
  if (this->options_.num_features) make_weights();
}

template <class Derived, class Options>
void BatchNorm<Derived, Options>::build(const at::Tensor& example) {
  if (built_) return;
  check_shape(example);
  this->options_.num_features = example.size(1);
  make_weights();
}

template <class Derived, class Options>
void BatchNorm<Derived, Options>::make_weights() {
  const auto& o = this->options_;
  if (o.affine) {
    weight_ = this->register_parameter("weight", at::ones({*o.num_features}));
    bias_ = this->register_parameter("bias", at::zeros({*o.num_features}));
  }
  if (o.track_running_stats) {
    running_mean_ = this->register_buffer("running_mean", at::zeros({*o.num_features}));
    running_var_ = this->register_buffer("running_var", at::ones({*o.num_features}));
    num_batches_tracked_ = this->register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }
  built_ = true;
}

template <class Derived, class Options>
at::Tensor BatchNorm<Derived, Options>::forward(const at::Tensor& x) {
  const auto& o = this->options_;
  check_built(built_, Options::class_name);
  check_shape(x);
  check_axis(x, 1, *o.num_features, Options::class_name);
  const bool tracking = this->is_training() && o.track_running_stats;
  const bool of_batch = this->is_training() || !o.track_running_stats;
  if (of_batch) {
    TORCH_CHECK_VALUE(x.numel() != x.size(1), Options::class_name, " got ", describe(x),
                      "; expected more than one value a channel in training");
  }
  double momentum = o.momentum.value_or(0);
  if (tracking) {
    num_batches_tracked_.add_(1);
    if (!o.momentum) momentum = 1 / num_batches_tracked_.template item<double>();
  }
  return at::batch_norm(x, weight_, bias_, running_mean_, running_var_, of_batch, momentum, o.eps,
                        at::globalContext().userEnabledCuDNN());
}

template class BatchNorm<BatchNorm1d, BatchNorm1dOptions>;
template class BatchNorm<BatchNorm2d, BatchNorm2dOptions>;

void BatchNorm1d::check_shape(const at::Tensor& x) const {
  TORCH_CHECK_VALUE(x.dim() == 2 || x.dim() == 3, "BatchNorm1d got ", describe(x),
                    "; expected [batch, features] or [batch, features, length]");
}

void BatchNorm2d::check_shape(const at::Tensor& x) const {
  check_rank(x, 4, "BatchNorm2d", "[batch, channels, height, width]");
}

void register_batch_norm(LayerRegistry& registry) {
  registry.add<BatchNorm1d>();
  registry.add<BatchNorm2d>();
}

}  // namespace assay::training::layers
