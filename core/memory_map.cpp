// SPDX-License-Identifier: Apache-2.0
#include <assay/core/file_descriptor.h>
#include <assay/core/memory_map.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace assay {
namespace {

[[noreturn]] void mapping_failed(const std::filesystem::path& path, std::string_view step,
                                 int error) {
  TORCH_CHECK(false, "cannot read '", path.string(), "': ", step, ": ",
              std::generic_category().message(error));
}

}  // namespace

std::shared_ptr<MemoryMap> MemoryMap::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a named pipe would wait for its other end.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) {
    mapping_failed(path, "opening", errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    mapping_failed(path, "asking for its size", errno);
  }
  TORCH_CHECK(S_ISREG(status.st_mode), "cannot read '", path.string(),
              "': it is not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) {
    return std::shared_ptr<MemoryMap>(new MemoryMap({}));
  }
  // Without MAP_NORESERVE, a private mapping needs as much free memory as the file is long.
  void* start =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.get(), 0);
  if (start == MAP_FAILED) {
    mapping_failed(path, "mapping it into memory", errno);
  }
  return std::shared_ptr<MemoryMap>(new MemoryMap({static_cast<std::byte*>(start), size}));
}

MemoryMap::~MemoryMap() {
  if (!bytes_.empty()) {
    ::munmap(bytes_.data(), bytes_.size());
  }
}

}  // namespace assay
