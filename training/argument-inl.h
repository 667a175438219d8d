// SPDX-License-Identifier: Apache-2.0
// Definitions of Argument, for the sources that instantiate it.
#pragma once
#include <assay/registry/identifier.h>
#include <assay/training/argument.h>
#include <c10/util/Exception.h>

namespace assay::training {

template <class Part>
Argument<Part>::Argument(const char* name_or_json) : Argument(std::string(name_or_json)) {}

template <class Part>
Argument<Part>::Argument(const std::string& name_or_json)
    : Argument(identifier_json(name_or_json, "configuration")) {}

template <class Part>
Argument<Part>::Argument(const Json& identifier)
    : identifier_(std::make_shared<const Json>(identifier)) {}

template <class Part>
Argument<Part>::Argument(const nlohmann::json& identifier) : Argument(Json(identifier)) {}

}  // namespace assay::training
