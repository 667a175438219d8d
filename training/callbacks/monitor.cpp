// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/label_form.h>
#include <assay/training/trainer.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

namespace assay::training::callbacks {
namespace {

enum class Direction { kUnknown, kLower, kHigher };

// Parts of class names: whatever holds one of these is better when it is higher, or lower.
constexpr std::array<std::string_view, 13> kHigher = {
    "Accuracy",      "AUC",         "Precision",  "Recall",           "IoU",
    "F1Score",       "FBeta",       "R2Score",    "CosineSimilarity", "TruePositives",
    "TrueNegatives", "Sensitivity", "Specificity"};
constexpr std::array<std::string_view, 9> kLower = {"Error",          "Crossentropy",   "Hinge",
                                                    "LogCosh",        "KLDivergence",   "Poisson",
                                                    "FalsePositives", "FalseNegatives", "Loss"};

template <std::size_t N>
bool holds_one_of(const std::string& text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

Direction direction_of(Trainer& trainer, std::string name) {
  if (name.starts_with("val_")) name = name.substr(4);
  if (name == "loss") return Direction::kLower;
  const auto config = trainer.scores().config();
  for (const auto& loss : config["losses"]) {
    if (loss["name"] == name) return Direction::kLower;
  }
  for (const auto& metric : config["metrics"]) {
    if (metric["name"] != name) continue;
    // Before the first batch "accuracy" and "crossentropy" have no class yet.
    if (metric["metric"].is_null()) {
      return is_form_of_accuracy(name) ? Direction::kHigher : Direction::kLower;
    }
    const auto class_name = metric["metric"]["class_name"].get<std::string>();
    if (holds_one_of(class_name, kLower)) return Direction::kLower;
    if (holds_one_of(class_name, kHigher)) return Direction::kHigher;
  }
  return Direction::kUnknown;
}

}  // namespace

Monitor::Monitor(std::string owner, std::string monitor, std::string mode, double min_delta)
    : owner_(std::move(owner)),
      monitor_(std::move(monitor)),
      mode_(std::move(mode)),
      min_delta_(std::abs(min_delta)) {}

std::optional<double> Monitor::value(const Logs& logs) {
  const auto value = logs.find(monitor_);
  if (!value && !warned_) {
    std::cerr << "warning: " << owner_ << ": there is no value '" << monitor_ << "' to monitor."
              << did_you_mean(monitor_, logs.names()) << " Known: " << join(logs.names()) << '\n';
    warned_ = true;
  }
  return value;
}

bool Monitor::improves(Trainer& trainer, double value, std::optional<double> reference) {
  if (mode_ == "auto") {
    const auto direction = direction_of(trainer, monitor_);
    TORCH_CHECK_VALUE(direction != Direction::kUnknown, owner_, ".mode: whether '", monitor_,
                      "' is better when it is higher or lower is not known: say max or min");
    mode_ = direction == Direction::kLower ? "min" : "max";
  }
  if (std::isnan(value)) return false;
  if (!reference || std::isnan(*reference)) return true;
  return mode_ == "min" ? value + min_delta_ < *reference : value - min_delta_ > *reference;
}

Json optional_json(const std::optional<double>& value) {
  return value ? number_json(*value) : Json(nullptr);
}

std::optional<double> optional_from(const Json& json, const std::string& path) {
  if (json.is_null()) return std::nullopt;
  return number_from(json, path);
}

}  // namespace assay::training::callbacks
