// SPDX-License-Identifier: Apache-2.0
// Options structs as fields of other options structs; for sources: it costs nlohmann's header.
#pragma once
#include <assay/core/options/config.h>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// An options struct with a field list.
template <class T>
concept DescribedOptions = requires {
  T::class_name;
  T::fields();
};

///@{
/// In JSON an object of its fields (core/options/field_values.h).
template <DescribedOptions T>
Json write_value(const T& options) {
  return fields_of<T>().to_config(&options);
}

template <DescribedOptions T>
void read_value(const Json& in, T& options, const std::string& path) {
  fields_of<T>().from_config(in, &options);
}

template <DescribedOptions T>
Json value_schema(const T*) {
  return fields_of<T>().schema();
}
///@}

}  // namespace assay::training
#pragma GCC visibility pop
