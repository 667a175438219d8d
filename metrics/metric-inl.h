// SPDX-License-Identifier: Apache-2.0
// Definitions of MetricOf, for the one source that defines a metric.
#pragma once
#include <assay/core/options/config.h>
#include <assay/metrics/metric.h>
#include <assay/metrics/registry.h>
#include <assay/registry/registry-inl.h>

namespace assay::metrics {

// `used`, since an instantiation that is inlined everywhere here leaves no symbol for users to
// link.
template <class Derived, class Options, class Base>
[[gnu::used]] MetricOf<Derived, Options, Base>::MetricOf(Options options)
    : Base(options.name, options.dtype), options_(checked(std::move(options))) {}

template <class Derived, class Options, class Base>
Json MetricOf<Derived, Options, Base>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

template <class Derived, class Options, class Base>
std::shared_ptr<Metric> MetricOf<Derived, Options, Base>::fresh() const {
  return std::make_shared<Derived>(options_);
}

}  // namespace assay::metrics
