// SPDX-License-Identifier: Apache-2.0
// The stamp of whatever includes this; for sources.
#pragma once
#include <assay/registry/plugins/abi_stamp.h>
#include <assay/version.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

namespace assay {

/// The `strings` of an AbiStamp.
#if defined(_LIBCPP_VERSION)
inline constexpr std::uint32_t kStrings = 2;
#else
inline constexpr std::uint32_t kStrings = _GLIBCXX_USE_CXX11_ABI;
#endif

/// What this translation unit is compiled with.
inline constexpr AbiStamp kBuildStamp = {
    .assay = {ASSAY_VERSION_MAJOR, ASSAY_VERSION_MINOR, ASSAY_VERSION_PATCH},
    .torch = {TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH},
    .json = {NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH},
    .strings = kStrings,
};

}  // namespace assay
