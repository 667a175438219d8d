// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/byte_stream.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace assay::training {
namespace {

constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // gzread counts in int
constexpr unsigned kGzipBuffer = 1U << 18;

// Size and time of the last change; zeros for what is no regular file.
std::array<std::int64_t, 3> state_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace

void check_is_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  TORCH_CHECK_VALUE(std::filesystem::exists(status), path.string(), ": ",
                    std::generic_category().message(error ? error.value() : ENOENT));
  TORCH_CHECK_VALUE(!std::filesystem::is_directory(status), path.string(),
                    ": is a folder; expected a file");
}

void ByteStream::Close::operator()(void* file) const { gzclose_r(static_cast<gzFile>(file)); }

ByteStream::ByteStream(std::filesystem::path path) : path_(std::move(path)) {
  check_is_file(path_);
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  TORCH_CHECK_VALUE(descriptor_ >= 0, path_.string(), ": ", std::generic_category().message(errno));
  state_ = state_of(descriptor_);
  file_.reset(gzdopen(descriptor_, "rb"));
  if (!file_) ::close(descriptor_);
  TORCH_CHECK_VALUE(file_ != nullptr, path_.string(), ": not enough memory to read it");
  gzbuffer(static_cast<gzFile>(file_.get()), kGzipBuffer);
}

void ByteStream::check_unchanged() const {
  TORCH_CHECK_VALUE(state_of(descriptor_) == state_, path_.string(),
                    ": was changed while it was read; expected a file that is complete");
}

std::size_t ByteStream::read(std::span<char> bytes) {
  const auto file = static_cast<gzFile>(file_.get());
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto wanted = static_cast<unsigned>(std::min(bytes.size() - filled, kMostAtOnce));
    const int count = gzread(file, bytes.data() + filled, wanted);
    // A truncated file gives its bytes first, then the end, with an error to be asked for.
    int problem = Z_OK;
    const char* message = gzerror(file, &problem);
    TORCH_CHECK_VALUE(count >= 0 && problem == Z_OK, path_.string(), ": cannot be read: ",
                      problem == Z_ERRNO ? std::generic_category().message(errno) : message);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace assay::training
