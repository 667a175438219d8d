// SPDX-License-Identifier: Apache-2.0
// The processes of one run, and what they do together.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/distributed/communicator.h>
#include <assay/distributed/environment.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Several processes that work as one.
namespace assay::distributed {

class PeerWatch;

/// Options of `Group`.
struct GroupOptions {
  /// How long any process may take to join, or to come to an operation in which others wait.
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
};

/// The processes of one run, on c10d with Gloo.
///
///     auto group = distributed::Group::from_environment();    // started by torchrun, or alone
///     group->all_reduce(tensor, distributed::Combine::kSum, "adding counts");
///
/// Every process calls the same operations in the same order; `what` says what for, in messages. A
/// group of one process does nothing, at no cost. Tensors are on the CPU.
/// Errors of all operations: c10::Error that names this rank, the operation, and the ranks that are
/// dead, that hang, or that have not come to it within the time-out; the group is of no use after.
class Group {
 public:
  /// Meets the processes that torchrun started with this one.
  /// Errors: ValueError for wrong variables; c10::Error that names the ranks that did not come.
  static std::shared_ptr<Group> from_environment(const GroupOptions& options = {});
  /// The same of an environment that is given.
  static std::shared_ptr<Group> of(const Environment& environment,
                                   const GroupOptions& options = {});
  /// A group of one.
  static std::shared_ptr<Group> alone();

  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// This process's number, from 0.
  std::int64_t rank() const { return environment_.rank; }
  /// How many processes there are.
  std::int64_t size() const { return environment_.world_size; }
  /// Whether this is the process that speaks for all: writes files, shows progress.
  bool is_first() const { return rank() == 0; }
  /// Whether there are others.
  bool has_peers() const { return size() > 1; }
  /// This process's place.
  const Environment& environment() const { return environment_; }

  /// Replaces the tensor's values by the sum or the largest over all processes.
  void all_reduce(at::Tensor& tensor, Combine combine, const std::string& what);

  /// Bytes (uint8, [n]) of every process, in the order of ranks; n may differ. It is one collective
  /// where no process has more than `expected` bytes, which all must give alike. Otherwise it is
  /// two, and from then on, for the same `what` and `expected`, one for as many bytes.
  std::vector<at::Tensor> all_gather(const at::Tensor& bytes, std::int64_t expected,
                                     const std::string& what);

  /// Replaces the values of all tensors by those of rank 0.
  void broadcast(const std::vector<at::Tensor>& tensors, const std::string& what);

  /// Returns when all have come.
  void barrier(const std::string& what);

  /// Sums the gradients of parameters that every process has alike. Null in a group of one.
  std::unique_ptr<GradientReducer> reduce_gradients(const std::vector<at::Tensor>& parameters);

  /// A backward pass whose gradients are summed over all processes; names what fails. `flag`
  /// travels with them: returns whether any process gave it.
  bool backward(const at::Tensor& loss, GradientReducer& reducer, bool flag);

  /// Collectives so far.
  std::int64_t collectives() const { return collectives_; }

  /// Tells the others why this process ends, for their messages.
  void report_failure(const std::string& message) noexcept;

 private:
  explicit Group(Environment environment);

  /// One operation: names it to the others, and turns what it throws into a message.
  void during(const std::string& what, const std::function<void()>& operation);
  [[noreturn]] void fail(const std::string& what, const std::string& error);

  Environment environment_;
  std::shared_ptr<Communicator> communicator_;
  std::unique_ptr<PeerWatch> watch_;
  std::int64_t collectives_ = 0;
  // By purpose and what was expected: the most bytes that came.
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> gathered_;
};

}  // namespace assay::distributed
