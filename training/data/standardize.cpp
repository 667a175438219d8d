// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/data/standardize.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace assay::training {
namespace {

constexpr const char* kMean = "standardizer.mean";
constexpr const char* kStd = "standardizer.std";

// Calls use(x) for consecutive rows of all samples, in float64. The pieces are always the same, so
// sums over them are.
void for_all(const Dataset& dataset, const std::function<void(const at::Tensor&)>& use) {
  constexpr std::int64_t kAtOnce = 1024;
  for (std::int64_t begin = 0; begin < dataset.size(); begin += kAtOnce) {
    std::vector<std::int64_t> rows(
        static_cast<std::size_t>(std::min(kAtOnce, dataset.size() - begin)));
    std::iota(rows.begin(), rows.end(), begin);
    use(dataset.rows(rows).x.to(at::kCPU, at::kDouble));
  }
}

// The sum over all axes but `axis`, which keeps its place.
at::Tensor sum_but(const at::Tensor& x, std::optional<std::int64_t> axis) {
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < x.dim(); ++i) {
    if (i != axis) axes.push_back(i);
  }
  return x.sum(axes, /*keepdim=*/true);
}

std::optional<std::int64_t> checked_axis(const Dataset& dataset, std::optional<std::int64_t> axis) {
  if (!axis) return axis;
  const auto x = dataset.rows({0}).x;
  const auto place = *axis < 0 ? *axis + x.dim() : *axis;
  TORCH_CHECK_VALUE(place >= 1 && place < x.dim(), "axis is ", *axis, ", a batch of x is ",
                    describe(x), "; expected an axis other than the samples'");
  return place;
}

// The greatest variance that rounding alone can give to a feature that never varies.
// Source: sklearn.preprocessing.StandardScaler (`_is_constant_feature`).
at::Tensor rounding_of_variance(const at::Tensor& mean, const at::Tensor& variance, double count) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return variance * (count * kEpsilon) + (mean * (count * kEpsilon)).square();
}

class StandardizedDataset final : public Dataset {
 public:
  StandardizedDataset(std::shared_ptr<const Dataset> dataset, Standardizer standardizer)
      : dataset_(std::move(dataset)), standardizer_(std::move(standardizer)) {}

  std::int64_t size() const override { return dataset_->size(); }
  DatasetNames names() const override { return dataset_->names(); }
  Batch rows(const std::vector<std::int64_t>& indices) const override {
    auto batch = dataset_->rows(indices);
    batch.x = standardizer_(batch.x);
    return batch;
  }

 private:
  std::shared_ptr<const Dataset> dataset_;
  Standardizer standardizer_;
};

}  // namespace

Standardizer::Standardizer(at::Tensor mean, at::Tensor std)
    : mean_(std::move(mean)), std_(std::move(std)) {}

Standardizer Standardizer::fit(const Dataset& dataset, std::optional<std::int64_t> axis) {
  const at::NoGradGuard no_grad;
  TORCH_CHECK_VALUE(dataset.size() > 0, "the dataset is empty; expected samples to standardize by");
  const auto features = checked_axis(dataset, axis);

  at::Tensor sum;
  double count = 0;
  for_all(dataset, [&](const at::Tensor& x) {
    const auto part = sum_but(x, features);
    sum = sum.defined() ? sum + part : part;
    count += static_cast<double>(x.numel()) / static_cast<double>(part.numel());
  });
  const auto mean = sum / count;
  TORCH_CHECK_VALUE(mean.isfinite().all().item<bool>(),
                    "x holds NaN or infinity; expected finite features to standardize by");

  at::Tensor squares = at::zeros_like(mean);
  for_all(dataset,
          [&](const at::Tensor& x) { squares = squares + sum_but((x - mean).square(), features); });
  const auto variance = squares / count;
  const auto constant = variance.le(rounding_of_variance(mean, variance, count));
  return Standardizer(mean.squeeze(0),
                      at::where(constant, at::ones_like(variance), variance.sqrt()).squeeze(0));
}

Standardizer Standardizer::from_tensors(const std::vector<serialization::NamedTensor>& tensors) {
  const auto find = [&](const char* name) {
    const auto found =
        std::ranges::find(tensors, name, [](const auto& named) { return named.name; });
    TORCH_CHECK_VALUE(found != tensors.end(), "the tensor '", name, "' is missing");
    TORCH_CHECK_VALUE(found->tensor.defined() && at::isFloatingType(found->tensor.scalar_type()),
                      "the tensor '", name, "' is ", describe(found->tensor),
                      "; expected floating values");
    return found->tensor.to(at::kCPU, at::kDouble, /*non_blocking=*/false, /*copy=*/true);
  };
  auto mean = find(kMean);
  auto std = find(kStd);
  TORCH_CHECK_VALUE(mean.sizes() == std.sizes() && std.gt(0).all().item<bool>(), "the tensors '",
                    kMean, "' and '", kStd, "' are ", describe(mean), " and ", describe(std),
                    "; expected one shape, and deviations above 0");
  return Standardizer(std::move(mean), std::move(std));
}

std::vector<serialization::NamedTensor> Standardizer::tensors() const {
  return {{kMean, mean_}, {kStd, std_}};
}

at::Tensor Standardizer::operator()(const at::Tensor& x) const {
  TORCH_CHECK_VALUE(x.dim() == mean_.dim() + 1, "x is ", describe(x), "; expected ",
                    mean_.dim() + 1, " axes, as the standardizer saw");
  for (std::int64_t i = 0; i < mean_.dim(); ++i) {
    TORCH_CHECK_VALUE(mean_.size(i) == 1 || mean_.size(i) == x.size(i + 1), "x is ", describe(x),
                      "; expected ", mean_.size(i), " features on axis ", i + 1,
                      ", as the standardizer saw");
  }
  const auto dtype = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const auto as = x.options().dtype(at::kDouble);
  return ((x.to(at::kDouble) - mean_.to(as)) / std_.to(as)).to(dtype);
}

std::shared_ptr<Dataset> Standardizer::apply(std::shared_ptr<const Dataset> dataset) const {
  if (!dataset) return nullptr;
  return std::make_shared<StandardizedDataset>(std::move(dataset), *this);
}

}  // namespace assay::training
