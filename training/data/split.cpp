// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/core/shapes.h>
#include <assay/training/data/shuffle.h>
#include <assay/training/data/split.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace assay::training {
namespace {

using Indices = std::vector<std::int64_t>;

// How many samples a part gets.
std::int64_t part_size(const char* part, double fraction, std::int64_t size) {
  if (fraction == 0) return 0;
  const auto samples =
      static_cast<std::int64_t>(std::llround(fraction * static_cast<double>(size)));
  TORCH_CHECK_VALUE(samples > 0, "split.", part, ": ", fraction, " of ", size,
                    " samples is none; expected a larger fraction");
  return samples;
}

// One integer a sample.
std::vector<std::int64_t> class_labels(const Dataset& dataset) {
  constexpr std::int64_t kAtOnce = 4096;
  std::vector<std::int64_t> labels;
  for (std::int64_t begin = 0; begin < dataset.size(); begin += kAtOnce) {
    Indices rows(static_cast<std::size_t>(std::min(kAtOnce, dataset.size() - begin)));
    std::iota(rows.begin(), rows.end(), begin);
    auto y = dataset.rows(rows).y;
    TORCH_CHECK_VALUE(y.defined(), "split.stratify: the dataset has no labels");
    TORCH_CHECK_VALUE(y.numel() == static_cast<std::int64_t>(rows.size()) &&
                          at::isIntegralType(y.scalar_type(), /*includeBool=*/true),
                      "split.stratify: the labels are ", describe(y),
                      "; expected one integer a sample");
    y = y.reshape({-1}).to(at::kCPU, at::kLong).contiguous();
    labels.insert(labels.end(), y.const_data_ptr<std::int64_t>(),
                  y.const_data_ptr<std::int64_t>() + y.numel());
  }
  return labels;
}

// How many of `samples` each class gives, where `left` of each are to be had: its share rounded
// down, and one more for the classes with the largest remainders.
std::vector<std::int64_t> shares(std::int64_t samples, const std::vector<std::int64_t>& left) {
  const auto whole = std::accumulate(left.begin(), left.end(), std::int64_t{0});
  std::vector<std::int64_t> share(left.size());
  std::vector<std::pair<std::int64_t, std::size_t>> remainders;  // negated, so that ties go first
  std::int64_t given = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    share[i] = samples * left[i] / whole;
    remainders.emplace_back(-(samples * left[i] % whole), i);
    given += share[i];
  }
  std::ranges::sort(remainders);
  for (std::size_t i = 0; given < samples; ++i, ++given) ++share[remainders[i].second];
  return share;
}

// The order in which parts take their samples: test, then validation, then training.
struct Parts {
  Indices validation, test, train;
};

Parts drawn(const Indices& order, std::int64_t validation, std::int64_t test) {
  Parts parts;
  const auto begin = order.begin();
  parts.test.assign(begin, begin + test);
  parts.validation.assign(begin + test, begin + test + validation);
  parts.train.assign(begin + test + validation, order.end());
  return parts;
}

Parts drawn_by_class(const Indices& order, const std::vector<std::int64_t>& labels,
                     std::int64_t validation, std::int64_t test) {
  std::map<std::int64_t, Indices> classes;
  for (const auto index : order) {
    classes[labels[static_cast<std::size_t>(index)]].push_back(index);
  }
  std::vector<std::int64_t> left;
  for (const auto& [label, members] : classes) {
    left.push_back(static_cast<std::int64_t>(members.size()));
  }
  const auto of_test = shares(test, left);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] -= of_test[i];
  const auto of_validation = shares(validation, left);

  Parts parts;
  std::size_t i = 0;
  for (const auto& [label, members] : classes) {
    const auto of_class = drawn(members, of_validation[i], of_test[i]);
    for (auto part : {&Parts::validation, &Parts::test, &Parts::train}) {
      (parts.*part).insert((parts.*part).end(), (of_class.*part).begin(), (of_class.*part).end());
    }
    ++i;
  }
  return parts;
}

std::shared_ptr<Dataset> subset(const std::shared_ptr<Dataset>& dataset, Indices indices) {
  if (indices.empty()) return nullptr;
  std::ranges::sort(indices);
  return std::make_shared<Subset>(dataset, std::move(indices));
}

}  // namespace

Splits split(std::shared_ptr<Dataset> dataset, SplitOptions options) {
  TORCH_CHECK_VALUE(dataset != nullptr, "split got no dataset");
  options = checked(options);
  TORCH_CHECK_VALUE(options.shuffle || !options.stratify,
                    "split.stratify: is true where split.shuffle is false; expected both");
  const auto size = dataset->size();
  const auto validation = part_size("validation", options.validation, size);
  const auto test = part_size("test", options.test, size);
  TORCH_CHECK_VALUE(validation + test < size, "split: validation ", options.validation,
                    " and test ", options.test, " leave nothing to train on of ", size, " samples");

  Indices order;
  if (options.shuffle) {
    order = permutation(size, static_cast<std::uint64_t>(options.seed), kSplitStream);
  } else {
    order.resize(static_cast<std::size_t>(size));
    std::iota(order.rbegin(), order.rend(), 0);
  }
  auto parts = options.stratify ? drawn_by_class(order, class_labels(*dataset), validation, test)
                                : drawn(order, validation, test);
  return {subset(dataset, std::move(parts.train)), subset(dataset, std::move(parts.validation)),
          subset(dataset, std::move(parts.test))};
}

}  // namespace assay::training
