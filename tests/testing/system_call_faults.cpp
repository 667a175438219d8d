// SPDX-License-Identifier: Apache-2.0
#include "system_call_faults.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace assay::testing {
namespace {

thread_local SystemCallFaults* active = nullptr;

template <typename Function, typename... Arguments>
auto call(const char* name, Function*, Arguments... arguments) {
  if (active != nullptr) {
    if (const int error = active->enter(name); error != 0) {
      errno = error;
      return decltype(static_cast<Function*>(nullptr)(arguments...))(-1);
    }
  }
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name))(arguments...);
}

std::size_t longest_write() {
  return active == nullptr ? FaultPlan::kNever : active->longest_write();
}

}  // namespace

SystemCallFaults::SystemCallFaults(FaultPlan plan) : plan_(std::move(plan)) { active = this; }

SystemCallFaults::~SystemCallFaults() { active = nullptr; }

int SystemCallFaults::enter(const char* name) {
  if (calls_.size() == plan_.kill_at) {
    ::kill(::getpid(), SIGKILL);
  }
  if (plan_.before_call) {
    active = nullptr;
    plan_.before_call(name);
    active = this;
  }
  const bool fails = calls_.size() == plan_.fail_at;
  calls_.emplace_back(name);
  return fails ? plan_.error : 0;
}

}  // namespace assay::testing

using assay::testing::call;
using assay::testing::longest_write;

extern "C" {

int flock(int fd, int operation) noexcept { return call("flock", &flock, fd, operation); }

int fchmod(int fd, mode_t mode) noexcept { return call("fchmod", &fchmod, fd, mode); }

int fsync(int fd) { return call("fsync", &fsync, fd); }

int rename(const char* from, const char* to) noexcept { return call("rename", &rename, from, to); }

int link(const char* from, const char* to) noexcept { return call("link", &link, from, to); }

ssize_t writev(int fd, const iovec* pieces, int count) {
  iovec first = pieces[0];
  if (longest_write() != assay::testing::FaultPlan::kNever) {
    first.iov_len = std::min(first.iov_len, longest_write());
    pieces = &first;
    count = 1;
  }
  return call("writev", &writev, fd, pieces, count);
}

}  // extern "C"
