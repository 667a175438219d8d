// SPDX-License-Identifier: Apache-2.0
// Configurations that must be refused, made from a class's own field list.
#pragma once
#include <assay/core/options/config.h>
#include <assay/core/options/json.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::testing {

/// Makes something from a configuration, to see what the making throws.
using Make = std::function<void(const Json& config)>;

/// A key that is one letter off is an error that names class, key and the nearest known key.
void expect_unknown_keys_are_refused(const Fields& fields, const Json& good, const Make& make);

/// A value of every JSON type that the field's schema lacks is an error that names class and field.
void expect_wrong_types_are_refused(const Fields& fields, const Json& good, const Make& make);

/// A value that breaks a field's rule is an error that names class, field and rule.
void expect_rules_hold(const Fields& fields, const Json& good, const Make& make);

/// Every key of `given` is in `config` with the same value (null and "none" are one reduction).
::testing::AssertionResult keeps(const Json& config, const Json& given);

}  // namespace assay::testing
