// SPDX-License-Identifier: Apache-2.0
// Weights of classes: the `class_weight` option of the classification losses.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay {

/// A weight for each class: none, a list with one for each, or a map whose missing classes weigh 1.
///
///     .class_weight = {0.5, 1, 2}              "class_weight": [0.5, 1, 2]
///     .class_weight = {{3, 2.0}, {7, 0.5}}     "class_weight": {"3": 2.0, "7": 0.5}
class ClassWeight {
 public:
  /// Weights by class.
  using Map = std::map<std::int64_t, double>;

  ClassWeight() = default;
  ///@{
  /// One for each class, or by class. They are checked by the option's rule, and by `tensor`.
  ClassWeight(std::initializer_list<double> list) : list_(list) {}
  ClassWeight(std::initializer_list<Map::value_type> map) : map_(map) {}
  ClassWeight(std::vector<double> list) : list_(std::move(list)) {}
  ClassWeight(Map map) : map_(std::move(map)) {}
  ///@}

  /// Whether no class has a weight.
  bool empty() const { return list_.empty() && map_.empty(); }
  /// The weights given as a list, else nothing.
  const std::vector<double>& list() const { return list_; }
  /// The weights given by class, else nothing.
  const Map& map() const { return map_; }

  /// The weights of `classes` classes, [classes], in the compute type and on the device of `like`;
  /// nothing where no class has one.
  /// Errors: ValueError for a list of another length, or a class out of range.
  std::optional<at::Tensor> tensor(std::int64_t classes, const at::Tensor& like) const;

 private:
  std::vector<double> list_;
  Map map_;
};

/// One number for each class as a tensor. Errors: ValueError that names `argument`, where the list
/// has another length.
at::Tensor class_tensor(const std::vector<double>& list, std::int64_t classes,
                        const at::Tensor& like, const char* argument);

/// A vector [classes] viewed so that it broadcasts over `axis` of a tensor of that rank.
at::Tensor along_axis(const at::Tensor& vector, std::int64_t axis, std::int64_t rank);

///@{
/// In JSON null, a list with one weight for each class, or an object from class to weight.
Json write_value(const ClassWeight& value);
void read_value(const Json& in, ClassWeight& value, const std::string& path);
Json value_schema(const ClassWeight*);
///@}

namespace detail {

inline bool weights_not_negative(const ClassWeight& weights) {
  for (const auto weight : weights.list()) {
    if (!not_negative.holds(weight)) return false;
  }
  for (const auto& [label, weight] : weights.map()) {
    if (label < 0 || !not_negative.holds(weight)) return false;
  }
  return true;
}

}  // namespace detail

/// For the `class_weight` option.
inline constexpr Constraint<ClassWeight> not_negative_weights{
    detail::weights_not_negative, "numbers of at least 0, for classes of at least 0"};

}  // namespace assay
