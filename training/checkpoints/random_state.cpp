// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <assay/core/shapes.h>
#include <assay/training/checkpoints/random_state.h>

#include <mutex>

namespace assay::training {

at::Tensor random_state() {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

void check_random_state(const at::Tensor& state) {
  auto scratch = at::detail::createCPUGenerator();
  try {
    scratch.set_state(state);
  } catch (const c10::Error& error) {
    TORCH_CHECK_VALUE(false, "no random state: ", describe(state));
  }
}

void set_random_state(const at::Tensor& state) {
  check_random_state(state);
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  generator.set_state(state);
}

void part_random_states(std::int64_t rank) {
  if (rank == 0) return;
  const auto numbers = at::randint(INT64_MAX, {rank}, at::kLong);
  at::manual_seed(static_cast<std::uint64_t>(numbers[-1].item<std::int64_t>()));
}

}  // namespace assay::training
