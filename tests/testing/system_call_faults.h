// SPDX-License-Identifier: Apache-2.0
// System calls that fail, write only a part, or kill the process, at a chosen one.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace assay::testing {

struct FaultPlan {
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::size_t fail_at = kNever;  // the call that fails, counted from 0
  int error = 0;                 // with this errno
  std::size_t kill_at = kNever;  // the call before which the process dies of SIGKILL
  std::size_t longest_write = kNever;
  std::function<void(const std::string&)> before_call = nullptr;  // runs without faults
};

/// While it lives, the calls of flock, fchmod, writev, fsync, rename and link that its thread
/// makes go by the plan. The test program defines these functions itself, which puts them before
/// the C library's for everything linked to it: assay needs no hook for its tests.
class SystemCallFaults {
 public:
  explicit SystemCallFaults(FaultPlan plan = {});
  SystemCallFaults(const SystemCallFaults&) = delete;
  SystemCallFaults& operator=(const SystemCallFaults&) = delete;
  ~SystemCallFaults();

  /// Names of the calls so far.
  const std::vector<std::string>& calls() const { return calls_; }

  /// For the functions: counts the call and returns the errno to fail with, or 0.
  int enter(const char* name);
  std::size_t longest_write() const { return plan_.longest_write; }

 private:
  FaultPlan plan_;
  std::vector<std::string> calls_;
};

}  // namespace assay::testing
