// SPDX-License-Identifier: Apache-2.0
#include <assay/training/batch_source.h>
#include <c10/util/Exception.h>

#include <memory>

namespace assay::training {

BatchSource::BatchSource(const Data& data, const LoaderOptions& options,
                         std::optional<std::int64_t> steps, const char* what)
    : dataset_(data.dataset()), range_(data.range()), steps_(steps) {
  TORCH_CHECK_VALUE(!steps || *steps >= 1, what, " must be at least 1, got ", steps.value_or(0));
  if (range_) return;
  loader_.emplace(dataset_, options);
  TORCH_CHECK_VALUE(!steps || *steps <= loader_->batches(), what, " is ", steps.value_or(0),
                    ", but the data has ", loader_->batches(), " batches of ", options.batch_size);
  if (!steps_) steps_ = loader_->batches();
}

void BatchSource::set_seed(std::uint64_t seed) {
  if (!loader_) return;
  auto options = loader_->options();
  options.seed = seed;
  loader_.emplace(dataset_, options);
}

std::optional<Batch> BatchSource::next_of_range() {
  if (!pass_) pass_ = range_->start();
  auto batch = pass_();
  if (!batch && steps_) {
    pass_ = range_->start();
    batch = pass_();
    TORCH_CHECK_VALUE(batch, "the range of batches is empty");
  }
  if (batch) ++range_read_;
  return batch;
}

void BatchSource::skip_in_range(std::int64_t batches) {
  for (std::int64_t i = 0; i < batches; ++i) {
    TORCH_CHECK_VALUE(next_of_range(), "the range has ", i,
                      " batches; training is to go on at batch ", batches);
  }
}

BatchSource::Next BatchSource::epoch_of_range(std::int64_t epoch, std::int64_t first_batch) {
  if (steps_) {
    skip_in_range(epoch * *steps_ + first_batch - range_read_);
  } else {
    pass_ = nullptr;
    skip_in_range(first_batch);
  }
  return [this] { return next_of_range(); };
}

BatchSource::Next BatchSource::epoch(std::int64_t epoch, std::int64_t first_batch) {
  if (range_) return epoch_of_range(epoch, first_batch);
  const auto batches = std::make_shared<Epoch>(loader_->epoch(epoch, first_batch));
  return [batches] { return batches->next(); };
}

}  // namespace assay::training
