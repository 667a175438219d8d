// SPDX-License-Identifier: Apache-2.0
// The rows of a CSV file out of memory.
#pragma once
#include <assay/training/data/csv_records.h>
#include <assay/training/data/dataset.h>
#include <assay/training/data/record_store.h>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Rows that a scratch file holds; each is read when it is asked for.
class CsvRowsInFile final : public Dataset {
 public:
  /// `store` is finished, and not in memory.
  CsvRowsInFile(RecordStore store, CsvRecords records, CsvFinalNumbers numbers, DatasetNames names)
      : store_(std::move(store)),
        records_(records),
        numbers_(std::move(numbers)),
        names_(std::move(names)) {}

  std::int64_t size() const override { return store_.size(); }
  Batch rows(const std::vector<std::int64_t>& indices) const override;
  DatasetNames names() const override { return names_; }

 private:
  RecordStore store_;
  CsvRecords records_;
  CsvFinalNumbers numbers_;
  DatasetNames names_;
};

}  // namespace assay::training
#pragma GCC visibility pop
