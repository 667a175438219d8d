// SPDX-License-Identifier: Apache-2.0
// Batches out of anything that a for-loop goes through: a torch::data loader, a list, a view.
#pragma once
#include <assay/training/data/dataset.h>

#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace assay::training {

///@{
/// A Batch, from one; from a pair or a tuple (x, y) or (x, y, sample_weight); from a
/// torch::data::Example; or from a vector of Examples, which are stacked.
inline Batch to_batch(Batch batch) { return batch; }

template <class A, class B>
requires std::is_convertible_v<A, at::Tensor> && std::is_convertible_v<B, at::Tensor> Batch
to_batch(const std::pair<A, B>& batch) {
  return {batch.first, batch.second};
}

template <class... Tensors>
requires(sizeof...(Tensors) >= 1 && sizeof...(Tensors) <= 3 &&
         (std::is_convertible_v<Tensors, at::Tensor> && ...)) Batch
    to_batch(const std::tuple<Tensors...>& batch) {
  return std::apply([](const auto&... tensors) { return Batch{tensors...}; }, batch);
}
///@}

/// A sample and its label, as torch::data::Example has them.
template <class Example>
concept LabelledExample = requires(const Example& example) {
  { example.data } -> std::convertible_to<at::Tensor>;
  { example.target } -> std::convertible_to<at::Tensor>;
};

/// A batch, or a single sample as its dataset gives it.
template <LabelledExample Example>
Batch to_batch(const Example& example) {
  return {example.data, example.target};
}

/// Samples one above the other. Errors: ValueError where there are none; c10::Error where their
/// shapes differ.
Batch stacked(const std::vector<at::Tensor>& x, const std::vector<at::Tensor>& y);

/// Samples, which are stacked. Errors: as `stacked`.
template <LabelledExample Example>
Batch to_batch(const std::vector<Example>& examples) {
  std::vector<at::Tensor> x;
  std::vector<at::Tensor> y;
  for (const auto& example : examples) {
    x.push_back(example.data);
    y.push_back(example.target);
  }
  return stacked(x, y);
}

/// A range that can be gone through again and again, and whose elements are batches.
template <class Range>
concept RangeOfBatches = requires(Range& range) {
  range.begin() != range.end();
  to_batch(*range.begin());
};

/// Such a range, its type forgotten.
class BatchRange {
 public:
  using Next = std::function<std::optional<Batch>()>;  ///< The next batch; nothing at the end.

  /// Refers to the range, which must live as long as it is used.
  template <class Range>
  requires RangeOfBatches<Range>
  explicit BatchRange(Range& range) : start_([&range] { return pass(range); }) {}

  /// Begins to go through the range.
  Next start() const { return start_(); }

 private:
  template <class Range>
  static Next pass(Range& range) {
    struct Place {
      decltype(std::declval<Range&>().begin()) at;
      decltype(std::declval<Range&>().end()) end;
      bool begun = false;
    };
    const auto place = std::make_shared<Place>(Place{range.begin(), range.end()});
    return [place]() -> std::optional<Batch> {
      // Not before a batch is asked for: it may read the next one.
      if (std::exchange(place->begun, true)) ++place->at;
      if (!(place->at != place->end)) return std::nullopt;
      return to_batch(*place->at);
    };
  }

  std::function<Next()> start_;
};

}  // namespace assay::training
