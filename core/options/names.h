// SPDX-License-Identifier: Apache-2.0
// Names that people type: the nearest known one, lists for messages, Keras's snake case.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The known name nearest to `name` by edit distance, or "" where none is near enough to suggest.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// " Did you mean 'x'?" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

/// "a, b, c".
std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// Keras's rule: "MeanSquaredError" is "mean_squared_error", "AUC" is "auc"; the package before a
/// '>' stays as it is.
std::string snake_case(std::string_view class_name);

}  // namespace assay
