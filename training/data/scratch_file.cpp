// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/scratch_file.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace assay::training {
namespace {

std::filesystem::path scratch_folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen && *chosen != '\0' ? chosen : "/var/tmp";
}

[[noreturn]] void fail_at(const std::filesystem::path& folder, std::string_view step, int error) {
  TORCH_CHECK(false, "the numbers of a dataset do not fit into a file in ", folder.string(), ": ",
              step, ": ", std::generic_category().message(error),
              " (TMPDIR names the folder to use)");
}

// Whether the piece was in the system's cache, and is read.
bool read_without_waiting(int file, const ScratchFile::Piece& piece) {
#ifdef RWF_NOWAIT
  const iovec to = {piece.to.data(), piece.to.size()};
  const auto count = ::preadv2(file, &to, 1, piece.offset, RWF_NOWAIT);
  return count >= 0 && static_cast<std::size_t>(count) == piece.to.size();
#else
  return false;
#endif
}

}  // namespace

ScratchFile::ScratchFile() : folder_(scratch_folder()) {
  auto name = (folder_ / "assay-XXXXXX").string();
  file_ = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!file_.is_open()) fail_at(folder_, "making it", errno);
  if (::unlink(name.c_str()) != 0) fail_at(folder_, "taking its name away", errno);
}

void ScratchFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_at(folder_, "writing", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void ScratchFile::read(std::span<const Piece> pieces) const {
  std::vector<Piece> left;
  for (const auto& piece : pieces) {
    if (!read_without_waiting(file_.get(), piece)) left.push_back(piece);
  }
  for (const auto& piece : left) {
    ::posix_fadvise(file_.get(), piece.offset, static_cast<off_t>(piece.to.size()),
                    POSIX_FADV_WILLNEED);
  }
  for (const auto& piece : left) read(piece);
}

void ScratchFile::read(Piece piece) const {
  while (!piece.to.empty()) {
    const auto count = ::pread(file_.get(), piece.to.data(), piece.to.size(), piece.offset);
    if (count < 0 && errno == EINTR) continue;
    TORCH_CHECK(count > 0, "the numbers of a dataset, in a file in ", folder_.string(),
                ", cannot be read: ",
                count < 0 ? std::generic_category().message(errno) : "it ends before");
    piece.to = piece.to.subspan(static_cast<std::size_t>(count));
    piece.offset += count;
  }
}

}  // namespace assay::training
