// SPDX-License-Identifier: Apache-2.0
// Tensors of every dtype, with bytes that a program in another language can make as well.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/serialization/safetensors.h>

#include <string>
#include <vector>

namespace assay::serialization::testing {

struct SampleDtype {
  const char* name;  // in the file
  at::ScalarType scalar_type;
};

/// Every dtype that assay reads and writes.
const std::vector<SampleDtype>& sample_dtypes();

/// Byte number i of its data is (37 i + 11) mod 251; for booleans, i mod 2.
at::Tensor sample_tensor(at::ScalarType dtype, const std::vector<std::int64_t>& shape);

/// For each dtype NAME, the tensors NAME.0 of shape [], NAME.1 of [3], NAME.2 of [2,5], NAME.3 of
/// [2,3,4] and NAME.empty of [4,0,2]; F4.0 is missing, the format has no such scalar.
std::vector<NamedTensor> sample_tensors();

/// Keys and values with everything that JSON must escape.
SafetensorsMetadata sample_metadata();

/// Same dtype, shape and bytes: NaNs count as what they are.
bool same_bits(const at::Tensor& left, const at::Tensor& right);

/// What differs between the file and the samples; "" where nothing does.
std::string difference_to_samples(const SafetensorsFile& file);

}  // namespace assay::serialization::testing
