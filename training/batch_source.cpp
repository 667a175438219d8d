// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/batch_source.h>
#include <c10/util/Exception.h>

#include <memory>

namespace assay::training {

BatchSource::BatchSource(const Data& data, const LoaderOptions& options,
                         std::optional<std::int64_t> steps, const char* what)
    : dataset_(data.dataset()), range_(data.range()), part_(options.part), steps_(steps) {
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

Batch BatchSource::part_of(const Batch& batch) const {
  if (part_.parts == 1) return batch;
  TORCH_CHECK_VALUE(batch.x.defined() && batch.x.dim() > 0,
                    "a batch without rows cannot be divided among processes");
  const auto begin = part_.begin(batch.x.size(0));
  const auto end = part_.end(batch.x.size(0));
  const auto rows = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.slice(0, begin, end) : tensor;
  };
  return {rows(batch.x), rows(batch.y), rows(batch.sample_weight)};
}

BatchSource::Next BatchSource::epoch_of_range(std::int64_t epoch, std::int64_t first_batch) {
  if (steps_) {
    skip_in_range(epoch * *steps_ + first_batch - range_read_);
  } else {
    pass_ = nullptr;
    skip_in_range(first_batch);
  }
  return [this]() -> std::optional<Batch> {
    const auto batch = next_of_range();
    if (!batch) return std::nullopt;
    auto part = part_of(*batch);
    whole_rows_ = batch->x.defined() && batch->x.dim() > 0 ? batch->x.size(0) : 0;
    return part;
  };
}

BatchSource::Next BatchSource::epoch(std::int64_t epoch, std::int64_t first_batch) {
  if (range_) return epoch_of_range(epoch, first_batch);
  const auto batches = std::make_shared<Epoch>(loader_->epoch(epoch, first_batch));
  return [this, batches, number = first_batch]() mutable {
    whole_rows_ = loader_->rows_of_batch(number++);
    return batches->next();
  };
}

}  // namespace assay::training
