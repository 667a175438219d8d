// SPDX-License-Identifier: Apache-2.0
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/metrics/bootstrap_interval.h>
#include <assay/metrics/metric-inl.h>

#include <bit>
#include <cmath>

namespace assay::metrics {
namespace {

// SplitMix64 (Steele, Lea and Flood, 2014). Tensors have no unsigned 64-bit arithmetic; products of
// int64 wrap to the same bits.
constexpr std::int64_t kGolden = std::bit_cast<std::int64_t>(0x9e3779b97f4a7c15ULL);
constexpr std::int64_t kFirstFactor = std::bit_cast<std::int64_t>(0xbf58476d1ce4e5b9ULL);
constexpr std::int64_t kSecondFactor = std::bit_cast<std::int64_t>(0x94d049bb133111ebULL);

at::Tensor shifted_right(const at::Tensor& bits, std::int64_t by) {
  return bits.bitwise_right_shift(by).bitwise_and_((std::int64_t{1} << (64 - by)) - 1);
}

at::Tensor mixed(at::Tensor bits) {
  bits = bits.bitwise_xor(shifted_right(bits, 30)).mul_(kFirstFactor);
  bits = bits.bitwise_xor(shifted_right(bits, 27)).mul_(kSecondFactor);
  return bits.bitwise_xor(shifted_right(bits, 31));
}

// P(X <= k) of Poisson(1) for k = 0, 1, .. until it is 1 in float64.
std::vector<double> cumulated_poisson() {
  std::vector<double> cumulated;
  double term = std::exp(-1.0);
  double sum = 0;
  for (int k = 1; sum + term > sum; ++k) {
    sum += term;
    cumulated.push_back(sum);
    term /= k;
  }
  return cumulated;
}

// The draws times the weight, which broadcasts from the left.
at::Tensor weighted(const at::Tensor& draws, const at::Tensor& sample_weight) {
  if (!sample_weight.defined()) return draws;
  auto aligned = draws;
  for (std::int64_t axis = 1; axis < sample_weight.dim(); ++axis) aligned = aligned.unsqueeze(-1);
  return aligned * sample_weight.to(at::kDouble);
}

}  // namespace

BootstrapInterval::BootstrapInterval(BootstrapIntervalOptions options)
    : MetricOf(named_after_metric(std::move(options), "bootstrap_")) {
  wrap(*this->options().metric, this->options().resamples);
}

void BootstrapInterval::declare_own() { samples_ = &add_state("samples", {}, at::kLong); }

at::Tensor BootstrapInterval::draws(const at::Tensor& places, std::int64_t resample) const {
  if (!poisson_.defined() || poisson_.device() != places.device()) {
    poisson_ = on_device(at::tensor(cumulated_poisson(), at::kDouble), places.device());
  }
  const auto start = mixed(at::full({}, options().seed, places.options()));
  const auto counter = places.mul(copies()).add_(resample + 1).mul_(kGolden).add_(start);
  const auto uniform = shifted_right(mixed(counter), 11).to(at::kDouble).mul_(std::ldexp(1.0, -53));
  return at::bucketize(uniform, poisson_, /*out_int32=*/false, /*right=*/true).to(at::kDouble);
}

void BootstrapInterval::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                               const at::Tensor& sample_weight) {
  const auto& data = y_pred.defined() ? y_pred : y_true;
  TORCH_CHECK_VALUE(data.dim() > 0, "a bootstrap draws samples of the first axis; the data is ",
                    describe(data));
  const auto samples = data.size(0);
  TORCH_CHECK_VALUE(!sample_weight.defined() || sample_weight.dim() == 0 ||
                        sample_weight.size(0) == samples || sample_weight.size(0) == 1,
                    "sample_weight has shape ", describe(sample_weight.sizes()), ", y_pred has ",
                    samples, " samples");
  auto places = at::arange(samples, data.options().dtype(at::kLong));
  if (built()) places.add_(*samples_);
  States states;
  for (std::int64_t i = 0; i < copies(); ++i) {
    auto& metric = copy(i);
    metric.update_state(y_true, y_pred, weighted(draws(places, i), sample_weight));
    states.push_back(metric.variables());
  }
  replace(states);
  samples_->add_(samples);
}

at::Tensor BootstrapInterval::compute() const {
  const auto results = stacked_results().to(at::kDouble);
  const double outside = (1 - options().confidence) / 2;
  const auto ends = on_device(at::tensor({outside, 1 - outside}, at::kDouble), results.device());
  const auto low_and_high = at::quantile(results, ends, 0);
  return at::cat({results.mean(0, /*keepdim=*/true), low_and_high});
}

std::vector<std::pair<std::string, at::Tensor>> BootstrapInterval::results() const {
  const auto values = result();
  return {
      {name() + "_mean", values[0]}, {name() + "_low", values[1]}, {name() + "_high", values[2]}};
}

void register_bootstrap_interval(MetricRegistry& registry) { registry.add<BootstrapInterval>(); }

}  // namespace assay::metrics
