// SPDX-License-Identifier: Apache-2.0
// The files that TensorBoard reads.
#pragma once
#include <assay/training/tensorboard/protobuf.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

/// The files that TensorBoard reads.
namespace assay::training::tensorboard {

/// Seconds since 1970, as TensorBoard's messages count time.
double wall_time();

/// A new event file in a folder, to which summaries are appended. Each is flushed, so that a run
/// that is killed leaves whole records but for the last.
/// Source: tensorflow/core/util/event.proto; the record format of tensorflow/core/lib/io.
class EventFile {
 public:
  /// Makes the folder where it is missing. Errors: c10::Error where the file cannot be written.
  static EventFile create_in(const std::filesystem::path& folder);
  /// A file that is there, cut to its first `bytes`.
  /// Errors: ValueError where it is shorter or missing.
  static EventFile go_on(const std::filesystem::path& path, std::int64_t bytes);

  /// Appends a summary (summary.h). Errors: c10::Error where the file cannot be written.
  void write(std::int64_t step, const Message& summary);
  /// Appends the graph of the run (model_graph.h). Errors: c10::Error where the file cannot be
  /// written.
  void write_graph(const Message& graph);

  /// Where the file is.
  const std::filesystem::path& path() const { return path_; }
  /// How long it is, for `go_on`.
  std::int64_t bytes() const { return bytes_; }

 private:
  EventFile(std::filesystem::path path, std::int64_t bytes);
  void append(const Message& event);

  std::filesystem::path path_;
  std::ofstream file_;
  std::int64_t bytes_ = 0;
};

}  // namespace assay::training::tensorboard
