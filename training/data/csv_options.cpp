// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/training/data/csv_options.h>
#include <c10/util/Exception.h>

#include <array>

namespace assay::training {
namespace {

constexpr std::array<std::pair<const char*, CsvLabelType>, 4> kLabelTypes = {{
    {"auto", CsvLabelType::kAuto},
    {"integer", CsvLabelType::kInteger},
    {"number", CsvLabelType::kNumber},
    {"category", CsvLabelType::kCategory},
}};

std::vector<std::string> label_type_names() {
  std::vector<std::string> names;
  for (const auto& [name, type] : kLabelTypes) names.emplace_back(name);
  return names;
}

}  // namespace

Json write_value(const CsvColumn& value) {
  return value.index ? Json(*value.index) : Json(value.name);
}

void read_value(const Json& in, CsvColumn& value, const std::string& path) {
  CsvColumn read;
  if (in.is_string()) {
    read.name = in.get<std::string>();
  } else if (in.is_number_integer()) {
    std::int64_t index = 0;
    assay::read_value(in, index, path);
    read.index = index;
  } else {
    wrong_value(in, path, "the name or number of a column");
  }
  value = read;
}

Json value_schema(const CsvColumn*) { return {{"type", {"string", "integer"}}}; }

Json write_value(const CsvMissing& value) {
  switch (value.action) {
    case CsvMissing::Action::kError:
      return "error";
    case CsvMissing::Action::kDrop:
      return "drop";
    case CsvMissing::Action::kFill:
      break;
  }
  return value.value;
}

void read_value(const Json& in, CsvMissing& value, const std::string& path) {
  if (in == "error") {
    value = CsvMissing::error();
  } else if (in == "drop") {
    value = CsvMissing::drop();
  } else if (in.is_number()) {
    double fill = 0;
    assay::read_value(in, fill, path);
    value = CsvMissing::fill(fill);
  } else {
    wrong_value(in, path, "\"error\", \"drop\" or a number");
  }
}

Json value_schema(const CsvMissing*) {
  return {{"anyOf", {{{"enum", {"error", "drop"}}}, {{"type", "number"}}}}};
}

Json write_value(const CsvCategorical& value) {
  bool lists = false;
  bool names = true;
  for (const auto& [column, categories] : value.entries) {
    lists |= categories.has_value();
    names &= !column.index;
  }
  if (lists && names) {
    Json object = Json::object();
    for (const auto& [column, categories] : value.entries) {
      object[column.name] = assay::write_value(categories);
    }
    return object;
  }
  Json list = Json::array();
  for (const auto& [column, categories] : value.entries) list.push_back(write_value(column));
  return list;
}

void read_value(const Json& in, CsvCategorical& value, const std::string& path) {
  CsvCategorical read;
  if (in.is_array()) {
    std::vector<CsvColumn> columns;
    assay::read_value(in, columns, path);
    for (auto& column : columns) read.entries.push_back({std::move(column)});
  } else if (in.is_object()) {
    for (const auto& [name, categories] : in.items()) {
      CsvCategorical::Entry entry{CsvColumn(name)};
      assay::read_value(categories, entry.categories, path + "." + name);
      read.entries.push_back(std::move(entry));
    }
  } else {
    wrong_value(in, path, "a list of columns, or an object of lists of texts");
  }
  value = std::move(read);
}

Json value_schema(const CsvCategorical*) {
  const Json texts = {{"type", {"array", "null"}}, {"items", {{"type", "string"}}}};
  const Json column = value_schema(static_cast<const CsvColumn*>(nullptr));
  return {{"anyOf",
           {{{"type", "array"}, {"items", column}},
            {{"type", "object"}, {"additionalProperties", texts}}}}};
}

Json write_value(CsvLabelType value) {
  for (const auto& [name, type] : kLabelTypes) {
    if (type == value) return name;
  }
  TORCH_INTERNAL_ASSERT(false, "unnamed label type");
}

void read_value(const Json& in, CsvLabelType& value, const std::string& path) {
  if (!in.is_string()) wrong_value(in, path, "one of " + join(label_type_names()));
  const auto& given = in.get_ref<const std::string&>();
  for (const auto& [name, type] : kLabelTypes) {
    if (given == name) {
      value = type;
      return;
    }
  }
  TORCH_CHECK_VALUE(false, path, ": '", given, "' is not one of ", join(label_type_names()), ".",
                    did_you_mean(given, label_type_names()));
}

Json value_schema(const CsvLabelType*) { return {{"enum", label_type_names()}}; }

}  // namespace assay::training
