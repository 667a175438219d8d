// SPDX-License-Identifier: Apache-2.0
#include <ATen/core/grad_mode.h>
#include <assay/training/data/csv_rows_in_file.h>

namespace assay::training {
Batch CsvRowsInFile::rows(const std::vector<std::int64_t>& indices) const {
  check_indices(indices, size());
  const at::NoGradGuard no_grad;
  auto batch = records_.tensors(static_cast<std::int64_t>(indices.size()));
  std::vector<std::byte> bytes(indices.size() * records_.size());
  store_.read(indices, bytes);
  records_.unpack(bytes, batch);
  return numbers_(std::move(batch));
}

}  // namespace assay::training
