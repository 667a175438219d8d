// SPDX-License-Identifier: Apache-2.0
// Records of a CSV file, one at a time.
#pragma once
#include <assay/training/data/byte_stream.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace assay::training {

/// One field of a record.
struct CsvField {
  std::string_view text;  ///< without quotes; valid until the next record is read
  std::int64_t line;      ///< the line it begins on, from 1
};

/// Reads RFC 4180: fields in quotes hold delimiters, line ends and doubled quotes. Lines end with
/// LF or CRLF, the last one with either or neither. A byte order mark and empty lines are skipped.
/// The file may be gzipped. Memory holds one record and a buffer.
class CsvReader {
 public:
  /// Errors: ValueError where the file cannot be read, or the delimiter is a quote or a line end.
  explicit CsvReader(std::filesystem::path path, char delimiter = ',');

  /// Reads the next record; false after the last. Errors: ValueError with file and line for a quote
  /// that is never closed, text after a closing quote, or a record of more than 64 MiB; and after
  /// the last record for a file that was changed meanwhile.
  bool next();

  /// The fields of the record that was read.
  const std::vector<CsvField>& fields() const { return fields_; }

  /// The line that the record begins on, from 1.
  std::int64_t line() const { return record_line_; }

  /// The file, as it was given.
  const std::filesystem::path& path() const { return path_; }

  /// "digits.csv:17", for messages.
  std::string where(std::int64_t line) const;

 private:
  enum class Parsed { kRecord, kIncomplete };

  Parsed parse();
  const char* parse_quoted(const char* at);
  void merge_doubled_quotes(CsvField& field);
  bool refill();
  void skip_byte_order_mark();

  std::filesystem::path path_;
  char delimiter_;
  ByteStream stream_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what was not read yet
  std::size_t end_ = 0;
  bool at_end_ = false;  // whether the file has nothing beyond the buffer
  std::int64_t line_ = 1;
  std::int64_t record_line_ = 0;
  std::vector<CsvField> fields_;
  std::vector<std::size_t> doubled_;  // fields with doubled quotes
  bool quoted_ = false;               // whether a field of the record is quoted
};

}  // namespace assay::training
