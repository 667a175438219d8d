// SPDX-License-Identifier: Apache-2.0
// What a group of processes needs of a communication library. Two sources implement it, of which
// CMake takes one: c10d/, and without_c10d/ for a LibTorch that lacks c10d or Gloo.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/distributed/environment.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::distributed {

/// How the numbers of several processes become one.
enum class Combine {
  kSum,  ///< Added.
  kMax   ///< The largest.
};

/// Sums the gradients of a model over all processes while the backward pass still runs.
class GradientReducer {
 public:
  virtual ~GradientReducer() = default;

  /// Makes the gradients of this loss, with those that were added up since the last sum, sums over
  /// all processes: in a backward pass from the tensor that it returns, and `finish` after it. A
  /// backward pass without them adds to this process's gradients alone.
  /// `flag` travels with the gradients.
  virtual at::Tensor prepare(const at::Tensor& loss, bool flag) = 0;
  /// Whether any process gave its flag. Parameters that no process has used keep no gradient.
  virtual bool finish() = 0;
  /// Where one of these threw: whether the exchange was what failed.
  virtual bool failed() const = 0;
  /// Exchanges since the last call.
  virtual std::int64_t take_count() = 0;
};

/// What a Group is made of: collectives, which every process calls alike and in the same order, and
/// texts that any process can read. Errors: c10::Error.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// Replaces the tensor's values by their combination over all processes.
  virtual void all_reduce(at::Tensor& tensor, Combine combine) = 0;
  /// Tensors of one size from all, in the order of ranks.
  virtual std::vector<at::Tensor> all_gather(const at::Tensor& tensor) = 0;
  /// From rank 0.
  virtual void broadcast(at::Tensor& tensor) = 0;
  /// A reducer for parameters that every process has alike.
  virtual std::unique_ptr<GradientReducer> reduce_gradients(
      const std::vector<at::Tensor>& parameters) = 0;

  /// Text under a name that every process can read, beside the collectives; from any thread.
  virtual void publish(const std::string& name, const std::string& text) = 0;
  /// Nothing where the name is not there.
  virtual std::optional<std::string> published(const std::string& name) = 0;
};

/// Meets the other processes. Errors: c10::Error that names who is missing after the time-out.
std::unique_ptr<Communicator> connect(const Environment& environment,
                                      std::chrono::milliseconds timeout);

}  // namespace assay::distributed
