// SPDX-License-Identifier: Apache-2.0
// Child processes of a test.
#pragma once
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace assay::testing {

/// Runs the call in a forked child, which ends with the status that it returns. Returns the pid.
template <typename Call>
pid_t start_child(Call&& call) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    int status = 99;
    try {
      status = call();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    ::_exit(status);
  }
  return pid;
}

/// What waitpid says of how the child ended.
inline int wait_for(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

/// Whether a status of `wait_for` tells of SIGKILL.
inline bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

/// The exit status of a child that ran the call; -1 where a signal ended it.
template <typename Call>
int run_in_child(Call&& call) {
  const int status = wait_for(start_child(call));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace assay::testing
