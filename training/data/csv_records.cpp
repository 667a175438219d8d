// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/csv_records.h>

#include <cstring>

namespace assay::training {
namespace {

// Puts final numbers in the place of those that texts had when they came.
template <class T>
void renumber(const at::Tensor& x, std::int64_t place, const std::vector<std::int64_t>& numbers) {
  T* const values = x.mutable_data_ptr<T>();
  for (std::int64_t row = 0; row < x.size(0); ++row) {
    T& value = values[row * x.size(1) + place];
    value = static_cast<T>(numbers[static_cast<std::size_t>(value)]);
  }
}

// Copies a part of each record into the rows of a tensor.
void unpack_part(std::span<const std::byte> records, std::size_t record, std::size_t offset,
                 std::size_t bytes, const at::Tensor& to, std::int64_t first) {
  auto* row =
      static_cast<std::byte*>(to.mutable_data_ptr()) + static_cast<std::size_t>(first) * bytes;
  for (auto at = offset; at < records.size(); at += record, row += bytes) {
    std::memcpy(row, records.data() + at, bytes);
  }
}

}  // namespace

CsvRecords::CsvRecords(std::int64_t features, at::ScalarType dtype, bool has_weight, bool has_label)
    : features_(features),
      dtype_(dtype),
      features_bytes_(static_cast<std::size_t>(features) * c10::elementSize(dtype)),
      weight_bytes_(has_weight ? c10::elementSize(dtype) : 0),
      label_bytes_(has_label ? sizeof(double) : 0) {}

void CsvRecords::put(std::span<const std::byte> value, std::size_t bytes,
                     std::span<std::byte>& record) {
  std::memcpy(record.data(), value.data(), bytes);
  record = record.subspan(bytes);
}

Batch CsvRecords::tensors(std::int64_t rows) const {
  Batch batch;
  batch.x = at::empty({rows, features_}, dtype_);
  if (label_bytes_ > 0) batch.y = at::empty({rows}, at::kDouble);
  if (weight_bytes_ > 0) batch.sample_weight = at::empty({rows}, dtype_);
  return batch;
}

void CsvRecords::unpack(std::span<const std::byte> records, const Batch& to,
                        std::int64_t first) const {
  unpack_part(records, size(), 0, features_bytes_, to.x, first);
  if (weight_bytes_ > 0) {
    unpack_part(records, size(), features_bytes_, weight_bytes_, to.sample_weight, first);
  }
  if (label_bytes_ > 0) {
    unpack_part(records, size(), features_bytes_ + weight_bytes_, label_bytes_, to.y, first);
  }
}

Batch CsvFinalNumbers::operator()(Batch rows) const {
  for (const auto& [place, numbers] : categories) {
    if (rows.x.scalar_type() == at::kDouble) {
      renumber<double>(rows.x, place, numbers);
    } else {
      renumber<float>(rows.x, place, numbers);
    }
  }
  if (!rows.y.defined()) return rows;
  rows.y =
      classes.defined() ? classes.index_select(0, rows.y.to(at::kLong)) : rows.y.to(label_dtype);
  return rows;
}

}  // namespace assay::training
