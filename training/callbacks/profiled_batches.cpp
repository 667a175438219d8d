// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/callbacks/profiled_batches.h>

#include <charconv>

namespace assay::training::callbacks {
namespace {

// "10,20" as [10, 20]; anything else as it is.
Json as_pair(const Json& in) {
  if (!in.is_string()) return in;
  const auto& text = in.get_ref<const std::string&>();
  const auto* const end = text.data() + text.size();
  std::int64_t first = 0;
  std::int64_t last = 0;
  const auto comma = std::from_chars(text.data(), end, first);
  if (comma.ec != std::errc() || comma.ptr == end || *comma.ptr != ',') return in;
  const auto rest = std::from_chars(comma.ptr + 1, end, last);
  if (rest.ec != std::errc() || rest.ptr != end) return in;
  return Json::array({first, last});
}

}  // namespace

Json write_value(const ProfiledBatches& value) {
  if (value.first == value.last) return value.first;
  return Json::array({value.first, value.last});
}

void read_value(const Json& in, ProfiledBatches& value, const std::string& path) {
  const auto given = as_pair(in);
  ProfiledBatches read;
  if (given.is_array() && given.size() == 2) {
    assay::read_value(given[0], read.first, path + "[0]");
    assay::read_value(given[1], read.last, path + "[1]");
    if (read.first < 1) wrong_value(in, path, valid_profiled_batches.rule);
  } else {
    if (!given.is_number_integer()) wrong_value(in, path, valid_profiled_batches.rule);
    assay::read_value(given, read.first, path);
    read.last = read.first;
  }
  if (!valid_profiled_batches.holds(read)) wrong_value(in, path, valid_profiled_batches.rule);
  value = read;
}

Json value_schema(const ProfiledBatches*) {
  const Json pair = {{"type", "array"},
                     {"items", {{"type", "integer"}, {"minimum", 1}}},
                     {"minItems", 2},
                     {"maxItems", 2}};
  const Json text = {{"type", "string"}, {"pattern", "^[0-9]+,[0-9]+$"}};
  return {{"anyOf", Json::array({{{"type", "integer"}, {"minimum", 0}}, pair, text})}};
}

}  // namespace assay::training::callbacks
