// SPDX-License-Identifier: Apache-2.0
// The state of LibTorch's random numbers.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// The state of the CPU's default generator: what dropout and random initial values depend on.
at::Tensor random_state();

/// Errors: ValueError for a tensor that is no such state.
void check_random_state(const at::Tensor& state);

/// Makes the generator go on as it did when the state was taken. Errors: those of the check.
void set_random_state(const at::Tensor& state);

/// Gives every process but the first another state, which its own and the rank tell.
void part_random_states(std::int64_t rank);

}  // namespace assay::training
#pragma GCC visibility pop
