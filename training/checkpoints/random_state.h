// SPDX-License-Identifier: Apache-2.0
// The state of LibTorch's random numbers.
#pragma once
#include <ATen/core/Tensor.h>

namespace assay::training {

/// The state of the CPU's default generator: what dropout and random initial values depend on.
at::Tensor random_state();

/// Errors: ValueError for a tensor that is no such state.
void check_random_state(const at::Tensor& state);

/// Makes the generator go on as it did when the state was taken. Errors: those of the check.
void set_random_state(const at::Tensor& state);

}  // namespace assay::training
