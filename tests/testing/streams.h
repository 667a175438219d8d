// SPDX-License-Identifier: Apache-2.0
// Rows of data for metrics, cut from the golden files, to be split and merged in every way.
#pragma once
#include <assay/tests/testing/golden.h>

#include <random>
#include <string>
#include <vector>

namespace assay::testing {

/// Rows that one metric may see in any batches and in any order.
struct Stream {
  std::string name;
  Json config;
  Call whole;  ///< All rows as one batch.

  std::int64_t size() const { return whole.y_true.size(0); }
  /// Some rows as one batch.
  Call rows(const std::vector<std::int64_t>& chosen) const;
  Call rows(std::int64_t first, std::int64_t end) const;
};

/// A stream for each configuration of a metric's golden file without weights, and one with weights.
/// Samples are on the first axis; there are at least `least` of them, repeated if need be.
std::vector<Stream> streams(const std::string& class_name, std::int64_t least);

/// A shuffled cut of 0 .. size-1 into that many parts, some of which may be empty.
std::vector<std::vector<std::int64_t>> random_parts(std::int64_t size, std::int64_t parts,
                                                    std::mt19937& random);

}  // namespace assay::testing
