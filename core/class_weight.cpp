// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/class_weight.h>
#include <assay/core/dtype.h>
#include <assay/core/on_device.h>
#include <assay/core/options/field_values.h>

#include <charconv>

namespace assay {
namespace {

// Only the spelling that is written is read: "3", not "03" or "+3".
std::optional<std::int64_t> class_index(const std::string& text) {
  std::int64_t index = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end || std::to_string(index) != text) return {};
  return index;
}

}  // namespace

std::optional<at::Tensor> ClassWeight::tensor(std::int64_t classes, const at::Tensor& like) const {
  if (empty()) return std::nullopt;
  if (!list_.empty()) return class_tensor(list_, classes, like, "class_weight");
  std::vector<double> weights(static_cast<std::size_t>(classes), 1.0);
  for (const auto& [label, weight] : map_) {
    TORCH_CHECK_VALUE(label < classes, "class_weight names the class ", label, ", y_pred has ",
                      classes, " classes");
    weights[static_cast<std::size_t>(label)] = weight;
  }
  return class_tensor(weights, classes, like, "class_weight");
}

at::Tensor class_tensor(const std::vector<double>& list, std::int64_t classes,
                        const at::Tensor& like, const char* argument) {
  TORCH_CHECK_VALUE(static_cast<std::int64_t>(list.size()) == classes, argument, " has ",
                    list.size(), " numbers, y_pred has ", classes, " classes");
  return on_device(at::tensor(list, compute_dtype(like.scalar_type())), like.device());
}

at::Tensor along_axis(const at::Tensor& vector, std::int64_t axis, std::int64_t rank) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  shape[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = -1;
  return vector.reshape(shape);
}

Json write_value(const ClassWeight& value) {
  if (value.empty()) return nullptr;
  if (!value.list().empty()) return write_value(value.list());
  auto map = Json::object();
  for (const auto& [label, weight] : value.map()) {
    map[std::to_string(label)] = write_value(weight);
  }
  return map;
}

void read_value(const Json& in, ClassWeight& value, const std::string& path) {
  if (in.is_null()) {
    value = ClassWeight();
  } else if (in.is_array()) {
    std::vector<double> list;
    read_value(in, list, path);
    if (list.empty()) wrong_value(in, path, "one weight per class");
    value = std::move(list);
  } else if (in.is_object()) {
    ClassWeight::Map map;
    for (const auto& [key, item] : in.items()) {
      const auto label = class_index(key);
      if (!label) wrong_value(key, path, "class indices as keys");
      read_value(item, map[*label], path + "." + key);
    }
    value = std::move(map);
  } else {
    wrong_value(in, path, "a list with one weight per class, or an object from class to weight");
  }
}

Json value_schema(const ClassWeight*) {
  const Json weight = {{"type", "number"}, {"minimum", 0}};
  return {{"anyOf",
           {{{"type", "array"}, {"items", weight}},
            {{"type", "object"},
             {"patternProperties", {{"^(0|[1-9][0-9]*)$", weight}}},
             {"additionalProperties", false}},
            {{"type", "null"}}}}};
}

}  // namespace assay
