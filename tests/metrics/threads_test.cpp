// SPDX-License-Identifier: Apache-2.0
// Several threads, each with metrics of its own; what they share must be safe.
#include <ATen/ops/arange.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>
#include <gtest/gtest.h>

#include <exception>
#include <thread>
#include <vector>

namespace assay::metrics {
namespace {

constexpr int kThreads = 8;
constexpr int kUpdates = 20;

// Of every kind of state, and of every CPU kernel that counts.
const char* const kMetrics =
    R"(["auc", "precision", "binary_accuracy", "mse", "BinaryIoU", "cosine_similarity", "R2Score",
        "binary_crossentropy", {"class_name": "F1Score", "config": {"threshold": 0.5}},
        "AveragePrecision", "PearsonCorrelation"])";

TEST(Threads, UpdateMetricsOfTheirOwnAsOneThreadDoes) {
  const auto y_true = at::arange(64).remainder(2).reshape({64, 1});
  const auto y_pred = (at::arange(64) * 37).remainder(64).reshape({64, 1}) / 64.0;
  const auto count = [&] {
    auto metrics = MetricCollection::from_json(kMetrics);
    for (int i = 0; i < kUpdates; ++i) metrics.update_state(y_true, y_pred);
    std::vector<at::Tensor> results;
    for (const auto& [name, value] : metrics.results()) results.push_back(value);
    return results;
  };
  std::vector<std::vector<at::Tensor>> found(kThreads);
  std::vector<std::exception_ptr> errors(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      try {
        found[i] = count();
      } catch (...) {
        errors[i] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  const auto expected = count();
  for (const auto& results : found) EXPECT_TRUE(testing::same_bits(results, expected));
}

}  // namespace
}  // namespace assay::metrics
