// SPDX-License-Identifier: Apache-2.0
#include "small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

namespace assay::testing {
namespace {

constexpr int kLacksPrivilege = 77;

// The mount is the child's own and ends with it.
bool mount_small(const std::filesystem::path& where, std::size_t bytes, unsigned long flags) {
  const auto options = "size=" + std::to_string(bytes);
  return (::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("assay-test", where.c_str(), "tmpfs", flags, options.c_str()) == 0;
}

int outcome() { return ::testing::Test::HasFailure() ? 1 : 0; }

}  // namespace

void on_small_disk(const std::filesystem::path& folder, std::size_t bytes,
                   const std::function<void()>& call, unsigned long flags) {
  const int status = run_in_child([&] {
    if (!mount_small(folder, bytes, flags)) return kLacksPrivilege;
    call();
    return outcome();
  });
  if (status == kLacksPrivilege) GTEST_SKIP() << "needs the privilege to mount a file system";
  EXPECT_EQ(status, 0);
}

void in_read_only_folder(const std::filesystem::path& folder, const std::function<void()>& call) {
  ::chmod(folder.c_str(), 0555);
  const int status = run_in_child([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) return kLacksPrivilege;
    call();
    return outcome();
  });
  ::chmod(folder.c_str(), 0755);
  if (status == kLacksPrivilege) GTEST_SKIP() << "root that cannot become another user";
  EXPECT_EQ(status, 0);
}

void fill_disk(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  constexpr std::array<char, 4096> page{};
  while (::write(fd, page.data(), page.size()) > 0) {
  }
  ::close(fd);
}

}  // namespace assay::testing
