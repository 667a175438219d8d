// SPDX-License-Identifier: Apache-2.0
// The CSV reader. The bits of the input's first byte are options, the rest is the file.
#include <assay/training/datasets/csv.h>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  if (size == 0) return 0;
  const unsigned bits = data[0];
  training::datasets::CSVOptions options;
  options.path = fuzz::as_file(fuzz::text_of(data + 1, size - 1));
  options.header = (bits & 1) != 0;
  if ((bits & 2) != 0) options.label = training::CsvColumn(-1);
  if ((bits & 4) != 0) options.missing = training::CsvMissing::drop();
  if ((bits & 8) != 0) options.delimiter = ";";
  if ((bits & 16) != 0) options.categorical = {{{training::CsvColumn(0)}}};
  if ((bits & 32) != 0) options.weight = training::CsvColumn(1);
  if ((bits & 64) != 0) options.dtype = at::kDouble;
  if ((bits & 128) != 0) options.in_memory = false;
  fuzz::may_refuse([&] {
    const training::datasets::CSV read(options);
    read.rows({0});
  });
  return 0;
}
