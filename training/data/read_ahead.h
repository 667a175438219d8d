// SPDX-License-Identifier: Apache-2.0
// Threads that read batches before they are asked for.
#pragma once
#include <assay/training/data/dataset.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Calls read(i) for i = first .. end - 1 on several threads, never more than `ahead` numbers ahead
/// of what was taken. The destructor waits for the calls that run.
class ReadAhead {
 public:
  /// Reads a batch by its number.
  using Read = std::function<Batch(std::int64_t)>;

  /// `read` is called on several threads at once.
  ReadAhead(Read read, std::int64_t first, std::int64_t end, std::int64_t threads,
            std::int64_t ahead);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// What read returned, or threw, for the next number in order; at most end - first times.
  Batch take();

 private:
  void work();

  Read read_;
  std::int64_t end_;
  std::int64_t ahead_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t next_to_read_;
  std::int64_t next_to_take_;
  bool stopping_ = false;
  std::map<std::int64_t, std::variant<Batch, std::exception_ptr>> ready_;
  std::vector<std::thread> threads_;
};

}  // namespace assay::training
#pragma GCC visibility pop
