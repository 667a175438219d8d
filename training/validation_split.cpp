// SPDX-License-Identifier: Apache-2.0
#include <assay/training/validation_split.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace assay::training {
namespace {

std::shared_ptr<const Dataset> range(const std::shared_ptr<const Dataset>& dataset,
                                     std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(end - begin));
  std::iota(indices.begin(), indices.end(), begin);
  return std::make_shared<Subset>(dataset, std::move(indices));
}

}  // namespace

std::pair<std::shared_ptr<const Dataset>, std::shared_ptr<const Dataset>> validation_split(
    const std::shared_ptr<const Dataset>& dataset, double fraction) {
  const auto size = dataset->size();
  const auto cut =
      static_cast<std::int64_t>(std::floor(static_cast<double>(size) * (1.0 - fraction)));
  TORCH_CHECK_VALUE(cut > 0 && cut < size, "validation_split: ", fraction, " of ", size,
                    " rows leaves nothing to train or to validate on");
  return {range(dataset, 0, cut), range(dataset, cut, size)};
}

}  // namespace assay::training
