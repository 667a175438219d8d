// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <malloc.h>

namespace assay::tools {

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace assay::tools
