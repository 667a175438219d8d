// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "command.h"
#include "failure.h"
#include "processes.h"

namespace assay::tools {
namespace {

using Clock = std::chrono::steady_clock;

// When one process has failed the others find out, and say, by themselves; then they are ended.
constexpr auto kGrace = std::chrono::seconds(20);
constexpr auto kPoll = std::chrono::milliseconds(20);

volatile std::sig_atomic_t signal_to_pass_on = 0;

void remember(int signal) { signal_to_pass_on = signal; }

std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < all.size();) {
    words.emplace_back(all.c_str() + begin);
    begin += words.back().size() + 1;
  }
  return words;
}

// A port of this machine that nobody listens on now.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = descriptor >= 0 && bind(descriptor, generic, size) == 0 &&
                     getsockname(descriptor, generic, &size) == 0;
  if (descriptor >= 0) close(descriptor);
  return bound ? ntohs(address.sin_port) : 29500;
}

std::vector<std::string> environment_of(std::int64_t rank, std::int64_t count, int port) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  const auto number = std::to_string(rank);
  const auto size = std::to_string(count);
  for (const auto& variable :
       {"RANK=" + number, "LOCAL_RANK=" + number, "WORLD_SIZE=" + size, "LOCAL_WORLD_SIZE=" + size,
        std::string("MASTER_ADDR=127.0.0.1"), "MASTER_PORT=" + std::to_string(port)}) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    std::erase_if(variables, [&](const auto& known) { return known.starts_with(name); });
    variables.push_back(variable);
  }
  if (std::getenv("GLOO_SOCKET_IFNAME") == nullptr) variables.emplace_back("GLOO_SOCKET_IFNAME=lo");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (auto& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

pid_t start(std::vector<std::string> words, std::vector<std::string> variables) {
  const auto arguments = pointers(words);
  const auto environment = pointers(variables);
  const auto parent = getpid();
  const auto process = fork();
  if (process != 0) return process;
  // A group of its own: signals of the terminal come to the launcher, which passes them on, once.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kFailed);
  execve("/proc/self/exe", arguments.data(), environment.data());
  _exit(kFailed);
}

/// The processes that were started.
class Processes {
 public:
  void add(pid_t process) { processes_.push_back(process); }

  void signal(int number) const {
    for (const auto process : processes_) {
      if (process > 0) kill(process, number);
    }
  }

  bool any() const {
    for (const auto process : processes_) {
      if (process > 0) return true;
    }
    return false;
  }

  /// Takes note of one that has ended; its code, or 0 where none has.
  int take_ended() {
    int status = 0;
    const auto process = waitpid(-1, &status, WNOHANG);
    if (process <= 0) return 0;
    for (std::size_t rank = 0; rank < processes_.size(); ++rank) {
      if (processes_[rank] != process) continue;
      processes_[rank] = 0;
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      return fail("rank " + std::to_string(rank) + " was ended by signal " +
                      std::to_string(WTERMSIG(status)),
                  128 + WTERMSIG(status));
    }
    return 0;
  }

 private:
  std::vector<pid_t> processes_;
};

}  // namespace

int launch(std::int64_t count) {
  const auto words = command_line();
  const auto port = free_port();
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
  Processes processes;
  for (std::int64_t rank = 0; rank < count; ++rank) {
    processes.add(start(words, environment_of(rank, count, port)));
  }
  int code = 0;
  Clock::time_point failed;
  while (processes.any()) {
    if (const int signal = signal_to_pass_on; signal != 0) {
      signal_to_pass_on = 0;
      processes.signal(signal);
    }
    const auto ended = processes.take_ended();
    if (ended != 0 && code == 0) {
      code = ended;
      failed = Clock::now();
    }
    if (code != 0 && Clock::now() - failed > kGrace) processes.signal(SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
  return code;
}

}  // namespace assay::tools
