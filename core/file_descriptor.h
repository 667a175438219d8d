// SPDX-License-Identifier: Apache-2.0
// An open file of the operating system's that closes itself.
#pragma once
#include <unistd.h>

#include <utility>

namespace assay {

/// Owns an open file descriptor, or none (a negative value).
class FileDescriptor {
 public:
  /// Takes the descriptor over.
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ///@{
  /// The file changes hands; it is closed once.
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ///@}
  ~FileDescriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  /// The descriptor, which stays this object's to close.
  int get() const { return fd_; }
  /// Whether it has a file.
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace assay
