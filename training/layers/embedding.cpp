// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/embedding.h>
#include <assay/training/layers/layer-inl.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {
namespace {

constexpr double kWidth = 0.05;  // Keras's "uniform"

void check_range(const at::Tensor& numbers, std::int64_t count) {
  if (!numbers.is_cpu() || numbers.numel() == 0) return;
  const auto [least, greatest] = at::aminmax(numbers);
  const auto low = least.item<std::int64_t>();
  const auto high = greatest.item<std::int64_t>();
  TORCH_CHECK_VALUE(low >= 0 && high < count, "Embedding got the number ", low < 0 ? low : high,
                    "; expected numbers in [0, ", count, ")");
}

at::Tensor whole_numbers(const at::Tensor& x) {
  TORCH_CHECK_VALUE(!x.is_complex(), "Embedding got ", describe(x), "; expected whole numbers");
  auto numbers = x.to(at::kLong);
  if (at::isFloatingType(x.scalar_type()) && x.is_cpu()) {
    TORCH_CHECK_VALUE(x.eq(numbers).all().item<bool>(),
                      "Embedding got numbers that are not whole; expected whole numbers");
  }
  return numbers;
}

}  // namespace

Embedding::Embedding(Options options) : LayerOf(std::move(options)) {
  const at::NoGradGuard no_grad;
  weight_ = register_parameter("weight", at::empty({options_.input_dim, options_.output_dim}));
  weight_.uniform_(-kWidth, kWidth);
}

at::Tensor Embedding::forward(const at::Tensor& x) {
  const auto numbers = whole_numbers(x);
  check_range(numbers, options_.input_dim);
  return at::embedding(weight_, numbers);
}

void register_embedding(LayerRegistry& registry) { registry.add<Embedding>(); }

}  // namespace assay::training::layers
