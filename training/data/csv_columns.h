// SPDX-License-Identifier: Apache-2.0
// The columns of a CSV file: their names, and which of them are meant.
#pragma once
#include <assay/training/data/csv_options.h>
#include <assay/training/data/csv_reader.h>

#include <cstddef>
#include <string>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Columns by name and by number.
class CsvColumns {
 public:
  /// The columns that the reader's first record names, or, without a header, numbers.
  /// Errors: ValueError where a name stands twice in the header.
  CsvColumns(const CsvReader& reader, bool header);

  /// How many columns the first record has.
  std::size_t size() const { return names_.size(); }

  /// The place of a column. Errors: ValueError that names the option, with the nearest known name.
  std::size_t place(const CsvColumn& column, const char* option) const;

  /// The header's name, or "column 3".
  std::string name(std::size_t place) const;

  /// "column 'age'" or "column 3", for messages.
  std::string shown(std::size_t place) const;

 private:
  std::string file_;
  bool header_;
  std::vector<std::string> names_;
};

}  // namespace assay::training
#pragma GCC visibility pop
