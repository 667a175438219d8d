// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/record_function.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace assay::training::tensorboard {

/// A run of LibTorch's profiler: what the calling thread computes, with the backward passes that it
/// starts, and what a CUDA device then does. All calls come from one thread.
class Profile {
 public:
  /// Starts it. Errors: ValueError where a profiler is running in this thread already.
  explicit Profile(at::Device device);
  /// Stops it, if need be; what it saw is then lost.
  ~Profile();
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  /// A step of the training, by which the profile is divided.
  void begin_step(std::int64_t number);
  void end_step();  ///< Ends the step that was begun.

  /// Stops it and writes `<host>_<process>.<time>.pt.trace.json` into a folder: Chrome's trace
  /// format, which torch-tb-profiler, chrome://tracing and Perfetto show.
  /// Errors: c10::Error where the file cannot be written, or LibTorch was built without Kineto.
  /// Source: torch.profiler.tensorboard_trace_handler.
  void save(const std::filesystem::path& folder);

 private:
  std::optional<at::RecordFunction> step_;
  bool running_ = true;
};

}  // namespace assay::training::tensorboard
