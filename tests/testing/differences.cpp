// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/tests/testing/differences.h>

namespace assay::testing {
namespace {

constexpr double kStep = 1e-5;

}  // namespace

at::Tensor step_scale(const at::Tensor& x) { return x.detach().abs().clamp_min(0.1); }

at::Tensor numerical_derivative(const std::function<at::Tensor(double s)>& f_along) {
  return ((f_along(kStep) - f_along(-kStep)) * 8 - (f_along(2 * kStep) - f_along(-2 * kStep))) /
         (12 * kStep);
}

at::Tensor numerical_gradient(const std::function<at::Tensor(const at::Tensor&)>& f,
                              const at::Tensor& x) {
  const at::NoGradGuard no_grad;
  const auto point = x.detach().clone().contiguous();
  const auto flat = point.view(-1);
  const auto gradient = at::zeros_like(flat);
  const auto scales = step_scale(flat);
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    auto* entry = flat.mutable_data_ptr<double>() + i;
    const double at_rest = *entry;
    const double scale = scales.const_data_ptr<double>()[i];
    const auto derivative = numerical_derivative([&](double s) {
      *entry = at_rest + s * scale;
      const auto value = f(point);
      *entry = at_rest;
      return value;
    });
    gradient.mutable_data_ptr<double>()[i] = derivative.item<double>() / scale;
  }
  return gradient.view(x.sizes());
}

at::Tensor cotangent(at::IntArrayRef shape, at::ScalarType dtype) {
  auto made = at::empty(shape, at::kDouble);
  auto* entries = made.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < made.numel(); ++i) {
    const auto eighths = (i * 5 + 3) % 16 - 8;
    entries[i] = static_cast<double>(eighths == 0 ? 8 : eighths) / 8;
  }
  return made.to(dtype);
}

}  // namespace assay::testing
