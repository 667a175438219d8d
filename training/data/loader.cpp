// SPDX-License-Identifier: Apache-2.0
#include <ATen/core/grad_mode.h>
#include <assay/training/data/loader.h>
#include <assay/training/data/read_ahead.h>
#include <assay/training/data/shuffle.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace assay::training {

// The rows of one epoch in their order, read by whoever asks, or by threads ahead of that.
class Epoch::Source {
 public:
  Source(std::shared_ptr<const Dataset> dataset, std::vector<std::int64_t> order,
         const LoaderOptions& options, std::int64_t first, std::int64_t end)
      : dataset_(std::move(dataset)),
        order_(std::move(order)),
        batch_size_(options.batch_size),
        part_(options.part),
        next_(first),
        end_(end) {
    if (options.threads == 0 || first == end) return;
    read_ahead_ = std::make_unique<ReadAhead>([this](std::int64_t batch) { return read(batch); },
                                              first, end, options.threads, options.prefetch);
  }

  std::optional<Batch> next() {
    if (next_ == end_) return std::nullopt;
    const auto batch = next_++;
    return read_ahead_ ? read_ahead_->take() : read(batch);
  }

 private:
  Batch read(std::int64_t batch) const {
    const at::NoGradGuard no_grad;
    const auto begin = batch * batch_size_;
    const auto end =
        std::min<std::int64_t>(begin + batch_size_, static_cast<std::int64_t>(order_.size()));
    const auto rows = end - begin;
    return dataset_->rows(
        {order_.begin() + begin + part_.begin(rows), order_.begin() + begin + part_.end(rows)});
  }

  std::shared_ptr<const Dataset> dataset_;
  std::vector<std::int64_t> order_;
  std::int64_t batch_size_;
  BatchPart part_;
  std::int64_t next_;
  std::int64_t end_;
  std::unique_ptr<ReadAhead> read_ahead_;  // last: its threads read the members above
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
    : dataset_(std::move(dataset)), options_(options) {
  TORCH_CHECK_VALUE(dataset_ != nullptr, "a loader got no dataset");
  TORCH_CHECK_VALUE(dataset_->size() > 0, "the dataset is empty; expected at least one sample");
  TORCH_CHECK_VALUE(options_.batch_size >= 1, "batch_size is ", options_.batch_size,
                    "; expected an integer of at least 1");
  TORCH_CHECK_VALUE(options_.threads >= 0, "threads is ", options_.threads,
                    "; expected an integer of at least 0");
  TORCH_CHECK_VALUE(options_.prefetch >= 1, "prefetch is ", options_.prefetch,
                    "; expected an integer of at least 1");
  TORCH_CHECK_VALUE(options_.part.number >= 0 && options_.part.number < options_.part.parts,
                    "part is ", options_.part.number, " of ", options_.part.parts,
                    "; expected one in [0, ", options_.part.parts, ")");
  TORCH_CHECK_VALUE(batches() > 0, "drop_last leaves no batch: there are ", dataset_->size(),
                    " samples, batch_size is ", options_.batch_size);
}

std::int64_t Loader::batches() const {
  const auto full = dataset_->size() / options_.batch_size;
  const bool rest = dataset_->size() % options_.batch_size > 0;
  return full + (rest && !options_.drop_last ? 1 : 0);
}

std::int64_t Loader::rows_of_batch(std::int64_t batch) const {
  if (batch >= batches()) return 0;
  return std::min(options_.batch_size, dataset_->size() - batch * options_.batch_size);
}

Epoch Loader::epoch(std::int64_t epoch, std::int64_t first_batch) const {
  TORCH_CHECK_VALUE(epoch >= 0, "epoch is ", epoch, "; expected an integer of at least 0");
  TORCH_CHECK_VALUE(first_batch >= 0 && first_batch <= batches(), "the first batch is ",
                    first_batch, "; expected an integer in [0, ", batches(), "]");
  std::vector<std::int64_t> order;
  if (options_.shuffle) {
    order = permutation(dataset_->size(), options_.seed, static_cast<std::uint64_t>(epoch));
  } else {
    order.resize(static_cast<std::size_t>(dataset_->size()));
    std::iota(order.begin(), order.end(), 0);
  }
  return Epoch(std::make_unique<Epoch::Source>(dataset_, std::move(order), options_, first_batch,
                                               batches()));
}

Epoch::Epoch(std::unique_ptr<Source> source) : source_(std::move(source)) {}
Epoch::Epoch(Epoch&&) noexcept = default;
Epoch& Epoch::operator=(Epoch&&) noexcept = default;
Epoch::~Epoch() = default;

std::optional<Batch> Epoch::next() { return source_->next(); }

}  // namespace assay::training
