// SPDX-License-Identifier: Apache-2.0
// The JSON type of assay's configurations, declared without the cost of its definition.
#pragma once
#include <nlohmann/json_fwd.hpp>

namespace assay {

/// Keys keep the order in which they were declared or read.
using Json = nlohmann::ordered_json;

}  // namespace assay
