// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/progbar_logger.h>

#include <iostream>

namespace assay::training::callbacks {

ProgbarLogger::~ProgbarLogger() { abandon(); }

void ProgbarLogger::abandon() noexcept {
  if (progress_) progress_->abandon();
  progress_.reset();
}

void ProgbarLogger::begin(const std::string& label, std::int64_t first_step) {
  progress_.reset();
  done_ = first_step;
  if (!parameters().bar && !parameters().lines) return;
  if (parameters().bar && !label.empty()) std::cout << label << '\n';
  progress_.emplace(std::cout, ProgressOptions{.steps = parameters().steps,
                                               .first_step = first_step,
                                               .bar = parameters().bar,
                                               .label = label});
}

void ProgbarLogger::on_train_begin() { in_fit_ = true; }
void ProgbarLogger::on_train_end(const Logs&) { in_fit_ = false; }

void ProgbarLogger::on_epoch_begin(std::int64_t epoch) { on_epoch_resume(epoch, 0); }

void ProgbarLogger::on_epoch_resume(std::int64_t epoch, std::int64_t batch) {
  const auto epochs = std::to_string(parameters().epochs);
  auto number = std::to_string(epoch + 1);
  number.insert(0, epochs.size() - std::min(epochs.size(), number.size()), ' ');
  begin("Epoch " + number + "/" + epochs, batch);
}

void ProgbarLogger::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  done_ = batch + 1;
  if (progress_ && progress_->due(done_)) progress_->update(done_, logs.all());
}

void ProgbarLogger::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (progress_) progress_->finish(done_, logs);
  progress_.reset();
}

void ProgbarLogger::on_test_begin() {
  if (!in_fit_) begin("", 0);
}

void ProgbarLogger::on_test_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (in_fit_) return;
  done_ = batch + 1;
  if (progress_ && progress_->due(done_)) progress_->update(done_, logs.all());
}

void ProgbarLogger::on_test_end(const Logs& logs) {
  if (in_fit_) return;
  if (progress_) progress_->finish(done_, logs);
  progress_.reset();
}

template class CallbackOf<ProgbarLogger, ProgbarLoggerOptions>;

void register_progbar_logger(CallbackRegistry& registry) { registry.add<ProgbarLogger>(); }

}  // namespace assay::training::callbacks
