// SPDX-License-Identifier: Apache-2.0
// An option that may be left out, one number, or several.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace assay {

/// Null, a number, or a list of numbers; written back as it was given.
///
///     PrecisionOptions{.thresholds = 0.3}
///     PrecisionOptions{.thresholds = {0.3, 0.5}}
template <class Number>
class OneOrList {
 public:
  OneOrList() = default;
  ///@{
  /// Options are written as plain numbers and lists: `.thresholds = {0.3, 0.5}`.
  OneOrList(Number number) : numbers_{number}, form_(Form::kNumber) {}
  OneOrList(std::vector<Number> list) : numbers_(std::move(list)), form_(Form::kList) {}
  OneOrList(std::initializer_list<Number> list) : OneOrList(std::vector<Number>(list)) {}
  ///@}

  /// Whether it is not null.
  bool given() const { return form_ != Form::kNull; }
  /// Whether it is a list, be it of one number or none.
  bool is_list() const { return form_ == Form::kList; }

  /// The numbers, none where it is null.
  const std::vector<Number>& numbers() const { return numbers_; }

 private:
  enum class Form { kNull, kNumber, kList };
  std::vector<Number> numbers_;
  Form form_ = Form::kNull;
};

/// Null, a number or a list of numbers.
using NumberOrList = OneOrList<double>;
/// Null, an integer or a list of integers.
using IntegerOrList = OneOrList<std::int64_t>;

///@{
/// In JSON null, a number or a list of numbers.
Json write_value(const NumberOrList& value);
Json write_value(const IntegerOrList& value);
void read_value(const Json& in, NumberOrList& value, const std::string& path);
void read_value(const Json& in, IntegerOrList& value, const std::string& path);
Json value_schema(const NumberOrList*);
Json value_schema(const IntegerOrList*);
///@}

/// For an option that must be given.
inline constexpr Constraint<NumberOrList> none_negative{
    [](const NumberOrList& x) {
      return x.given() && std::all_of(x.numbers().begin(), x.numbers().end(), not_negative.holds);
    },
    "a number of at least 0, or a list of such"};

}  // namespace assay
