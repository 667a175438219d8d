// SPDX-License-Identifier: Apache-2.0
#include <ATen/EmptyTensor.h>
#include <ATen/Parallel.h>
#include <ATen/TensorIterator.h>
#include <assay/core/parallel_for.h>

#include <algorithm>

namespace assay {

void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  c10::function_ref<void(std::int64_t, std::int64_t)> work) {
  const auto count = end - begin;
  if (count <= 0) return;
  const auto ranges =
      std::min<std::int64_t>(count / std::max<std::int64_t>(1, grain), at::get_num_threads());
  if (ranges <= 1 || at::in_parallel_region()) {
    work(begin, end);
    return;
  }
  // The loop of a TensorIterator is compiled within LibTorch, with its OpenMP. It runs here over
  // one byte a range, which is never touched: its place says which range it is.
  const auto places = at::detail::empty_cpu({ranges}, at::kByte);
  const auto* first_place = static_cast<const char*>(places.const_data_ptr());
  auto iterator = at::TensorIterator::borrowing_nullary_op(places);
  iterator.for_each(
      [&](char** data, const std::int64_t* /*strides*/, std::int64_t size) {
        const auto range = data[0] - first_place;
        work(begin + count * range / ranges, begin + count * (range + size) / ranges);
      },
      /*grain_size=*/1);
}

}  // namespace assay
