// SPDX-License-Identifier: Apache-2.0
// Values by name, as callbacks, histories and reports pass them around.
#pragma once
#include <assay/core/options/json.h>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::training {

/// Named numbers of one moment, in the order in which they were set: loss first, then metrics.
class Logs {
 public:
  /// A name and its value.
  using Item = std::pair<std::string, double>;

  Logs() = default;
  /// Values whose names differ.
  Logs(std::initializer_list<Item> items) : items_(items) {}

  /// Sets a value; a name that is there keeps its place.
  void set(std::string_view name, double value);

  /// The value, or nothing.
  std::optional<double> find(std::string_view name) const;

  /// The value. Errors: ValueError that lists the known names.
  double at(std::string_view name) const;

  /// The names, in order.
  std::vector<std::string> names() const;
  /// Whether there is no value.
  bool empty() const { return items_.empty(); }
  /// How many values there are.
  std::size_t size() const { return items_.size(); }
  ///@{
  /// `for (const auto& [name, value] : logs)`.
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  ///@}

 private:
  std::vector<Item> items_;
};

/// The running values of a batch, read from the device only when somebody asks, and then once.
class BatchLogs {
 public:
  /// The functions are called when first needed, once each.
  BatchLogs(std::function<Logs()> read_all, std::function<double()> read_loss)
      : read_all_(std::move(read_all)), read_loss_(std::move(read_loss)) {}

  /// The mean loss and all metrics since the epoch began.
  const Logs& all() const;
  /// The mean loss alone, which costs less.
  double loss() const;

 private:
  std::function<Logs()> read_all_;
  std::function<double()> read_loss_;
  mutable std::optional<Logs> all_;
  mutable std::optional<double> loss_;
};

/// A number as JSON that keeps every bit of it; JSON has no NaN or infinity, they become text.
Json number_json(double value);
/// The inverse. Errors: ValueError that names `path`.
double number_from(const Json& json, const std::string& path);

/// {"loss": 0.1, ...}
Json to_json(const Logs& logs);
/// The inverse. Errors: ValueError that names `path`.
Logs logs_from(const Json& json, const std::string& path);

}  // namespace assay::training
