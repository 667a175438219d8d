// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/tests/testing/streams.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace assay::testing {
namespace {

const at::Tensor& predictions(const Call& call) {
  return call.y_pred.defined() ? call.y_pred : call.y_true;
}

// A weight that stands for the whole batch cannot be cut into samples; it is not split evenly.
bool has_sample_axis(const Call& call) {
  const auto& weight = call.sample_weight;
  return !weight.defined() || weight.dim() > 0;
}

at::Tensor joined(const std::vector<Call>& calls, at::Tensor Call::*member) {
  std::vector<at::Tensor> parts;
  for (const auto& call : calls) {
    auto part = call.*member;
    if (!part.defined()) return {};
    const auto batch = predictions(call).size(0);
    if (part.size(0) == 1 && batch != 1) {
      auto shape = part.sizes().vec();
      shape[0] = batch;
      part = part.expand(shape);
    }
    parts.push_back(part);
  }
  return at::cat(parts, 0);
}

at::Tensor repeated(const at::Tensor& rows, std::int64_t times) {
  if (!rows.defined()) return rows;
  return at::cat(std::vector<at::Tensor>(times, rows), 0);
}

}  // namespace

Call Stream::rows(const std::vector<std::int64_t>& chosen) const {
  const auto index = at::tensor(chosen, at::kLong);
  const auto select = [&](const at::Tensor& all) {
    return all.defined() ? all.index_select(0, index) : all;
  };
  return {select(whole.y_true), select(whole.y_pred), select(whole.sample_weight)};
}

Call Stream::rows(std::int64_t first, std::int64_t end) const {
  const auto select = [&](const at::Tensor& all) {
    return all.defined() ? all.slice(0, first, end) : all;
  };
  return {select(whole.y_true), select(whole.y_pred), select(whole.sample_weight)};
}

std::vector<Stream> streams(const std::string& class_name, std::int64_t least) {
  std::vector<Stream> made;
  std::set<std::string> seen;
  // Whether labels mean {0, 1} or {-1, 1} these decide from each batch, as Keras does: here it is
  // plain in every row.
  const bool judges_labels = class_name == "Hinge" || class_name == "SquaredHinge";
  for (const auto& golden : random_cases("metrics", class_name)) {
    const auto& first = golden.calls[0];
    // A row of rank 1 is one sample to some metrics, and many to others.
    if (predictions(first).dim() < 2 || !has_sample_axis(first)) continue;
    auto config = golden.config;
    config.erase("dtype");
    const auto key = config.dump() + (first.sample_weight.defined() ? " weighted" : "");
    if (!seen.insert(key).second) continue;
    Stream stream{
        .name = golden.name,
        .config = config,
        .whole = {joined(golden.calls, &Call::y_true), joined(golden.calls, &Call::y_pred),
                  joined(golden.calls, &Call::sample_weight)}};
    if (judges_labels) stream.whole.y_true = stream.whole.y_true.gt(0).to(at::kFloat);
    const auto times = (least + stream.size() - 1) / stream.size();
    stream.whole = {repeated(stream.whole.y_true, times), repeated(stream.whole.y_pred, times),
                    repeated(stream.whole.sample_weight, times)};
    made.push_back(std::move(stream));
  }
  return made;
}

std::vector<std::vector<std::int64_t>> random_parts(std::int64_t size, std::int64_t parts,
                                                    std::mt19937& random) {
  std::vector<std::int64_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  std::vector<std::vector<std::int64_t>> made(parts);
  for (const auto row : order) made[random() % parts].push_back(row);
  return made;
}

}  // namespace assay::testing
