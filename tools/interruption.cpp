// SPDX-License-Identifier: Apache-2.0
#include "interruption.h"

#include <atomic>
#include <csignal>

namespace assay::tools {
namespace {

std::atomic<Trainer*> running = nullptr;
static_assert(std::atomic<Trainer*>::is_always_lock_free);

void stop(int signal) {
  if (auto* trainer = running.load()) trainer->interrupt();
  std::signal(signal, SIG_DFL);
}

}  // namespace

Interruption::Interruption(Trainer& trainer) {
  running = &trainer;
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
}

Interruption::~Interruption() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  running = nullptr;
}

}  // namespace assay::tools
