// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/checksum.h>
#include <assay/serialization/safetensors_header.h>

#include <nlohmann/json.hpp>

namespace assay::serialization {
namespace {

std::string json_string(const std::string& text, const std::string& what) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw FormatError(what + " is not valid UTF-8");
  }
}

std::string json_shape(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) {
    text += text.empty() ? "" : ",";
    text += std::to_string(size);
  }
  return "[" + text + "]";
}

void append_metadata(std::string& text, const SafetensorsMetadata& metadata) {
  for (const auto& [key, value] : metadata) {
    if (key == kChecksumKey || key == kFormatVersionKey) {
      throw FormatError("the metadata key " + in_quotes(key) + " is reserved");
    }
    text += "," + json_string(key, "a metadata key") + ":" +
            json_string(value, "the metadata of key " + in_quotes(key));
  }
}

void append_tensor(std::string& text, const TensorEntry& entry) {
  if (entry.name == kMetadataName) {
    throw FormatError("the tensor name " + in_quotes(entry.name) + " is reserved");
  }
  text += "," + json_string(entry.name, "a tensor's name");
  text += R"(:{"dtype":")" + std::string(entry.dtype.name);
  text += R"(","shape":)" + json_shape(entry.shape);
  text += R"(,"data_offsets":[)" + std::to_string(entry.begin) + "," + std::to_string(entry.end);
  text += "]}";
}

}  // namespace

std::string write_header(const SafetensorsHeader& header) {
  std::string text(kChecksumPrefix);
  text += std::string(kChecksumLength, '0');
  text += R"(",")" + std::string(kFormatVersionKey) + R"(":")" +
          std::to_string(kSafetensorsFormatVersion) + R"(")";
  append_metadata(text, header.metadata);
  text += "}";
  for (const TensorEntry& entry : header.entries) {
    append_tensor(text, entry);
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kLongestHeader) {
    throw FormatError("the header needs " + std::to_string(text.size()) + " bytes; at most " +
                      std::to_string(kLongestHeader) + " are allowed");
  }
  return text;
}

}  // namespace assay::serialization
