// SPDX-License-Identifier: Apache-2.0
// Derivatives by finite differences, in float64.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

namespace assay::testing {

/// d f / d x entry by entry, for an `f` of one number. Central differences of fourth order with
/// steps of about 1e-5 of the entry; good to about nine digits where `f` is smooth.
at::Tensor numerical_gradient(const std::function<at::Tensor(const at::Tensor&)>& f,
                              const at::Tensor& x);

/// d f(x + s v) / d s at s = 0, for an `f` of any shape.
at::Tensor numerical_derivative(const std::function<at::Tensor(double s)>& f_along);

/// The scale of an entry by which steps are taken.
at::Tensor step_scale(const at::Tensor& x);

/// Cotangents: multiples of 1/8 in [-1, 1] without 0, which every float type holds, the same for
/// the same shape.
at::Tensor cotangent(at::IntArrayRef shape, at::ScalarType dtype);

}  // namespace assay::testing
