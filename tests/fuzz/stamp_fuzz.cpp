// SPDX-License-Identifier: Apache-2.0
// The stamp of a plugin, in the bytes of a shared library's file.
#include <assay/registry/plugins/build_stamp.h>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  fuzz::may_refuse([&] {
    if (const auto stamp = find_stamp(std::as_bytes(std::span(data, size)))) {
      compatible(*stamp, kBuildStamp);
      to_string(*stamp);
    }
  });
  return 0;
}
