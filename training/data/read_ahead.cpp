// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/read_ahead.h>

#include <utility>

namespace assay::training {

ReadAhead::ReadAhead(Read read, std::int64_t first, std::int64_t end, std::int64_t threads,
                     std::int64_t ahead)
    : read_(std::move(read)), end_(end), ahead_(ahead), next_to_read_(first), next_to_take_(first) {
  for (std::int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Batch ReadAhead::take() {
  std::unique_lock lock(mutex_);
  const auto wanted = next_to_take_;
  changed_.wait(lock, [&] { return ready_.contains(wanted); });
  auto outcome = std::move(ready_.extract(wanted).mapped());
  ++next_to_take_;
  lock.unlock();
  changed_.notify_all();
  if (const auto* error = std::get_if<std::exception_ptr>(&outcome)) std::rethrow_exception(*error);
  return std::get<Batch>(std::move(outcome));
}

void ReadAhead::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] {
      return stopping_ || next_to_read_ == end_ || next_to_read_ < next_to_take_ + ahead_;
    });
    if (stopping_ || next_to_read_ == end_) return;
    const auto number = next_to_read_++;
    lock.unlock();
    std::variant<Batch, std::exception_ptr> outcome;
    try {
      outcome = read_(number);
    } catch (...) {
      outcome = std::current_exception();
    }
    lock.lock();
    ready_.emplace(number, std::move(outcome));
    changed_.notify_all();
  }
}

}  // namespace assay::training
