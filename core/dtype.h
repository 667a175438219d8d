// SPDX-License-Identifier: Apache-2.0
// Number types: their names in configurations, and the type that a computation runs in.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// NumPy's and Keras's name: "float32", "bfloat16", "int64", "bool" ...
std::string dtype_name(at::ScalarType dtype);

/// The inverse of `dtype_name`; nothing where the name is unknown.
std::optional<at::ScalarType> dtype_from_name(std::string_view name);

/// The names that `dtype_from_name` knows.
std::vector<std::string> dtype_names();

/// The type that losses and metrics compute in: float64 for float64, float32 for everything else.
at::ScalarType compute_dtype(at::ScalarType dtype);

/// The type of a loss computed from such predictions: theirs where it is floating, else float32;
/// at least float32 under autocast.
at::ScalarType result_dtype(const at::Tensor& y_pred);

/// The tensor in its `compute_dtype`.
at::Tensor to_compute(const at::Tensor& tensor);

}  // namespace assay
