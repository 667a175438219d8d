// SPDX-License-Identifier: Apache-2.0
// Which processes live, and what each is doing: so that an error can name who is to blame.
#pragma once
#include <assay/distributed/communicator.h>
#include <assay/distributed/environment.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#pragma GCC visibility push(hidden)
namespace assay::distributed {

/// Writes each second, on a thread of its own, that this process lives and in which operation it
/// is; tells who does not.
class PeerWatch {
 public:
  /// Starts the thread, which shares the communicator.
  PeerWatch(std::shared_ptr<Communicator> communicator, const Environment& environment);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  /// Operation number `number` begins.
  void enter(const std::string& what, std::int64_t number);
  /// The operation is over.
  void leave();

  /// Why the operation under way failed, as far as the others' signs tell; takes some seconds. The
  /// first process to ask decides, the others repeat its finding.
  std::string blame() const;

  /// Makes this the finding, unless there is one. Gives up where the store does not answer.
  void report(const std::string& finding) const;

 private:
  /// The process that keeps the store ends last, or the others' errors would blame it.
  void stay_for_others() const;

  struct State;

  std::shared_ptr<State> state_;  // also the threads', which may hang with the store
  std::thread thread_;
};

}  // namespace assay::distributed
#pragma GCC visibility pop
