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

// The last size counts numbers, not elements.
std::string json_shape(const TensorEntry& entry) {
  if (entry.dtype.numbers > 1 && entry.shape.empty()) {
    throw FormatError("tensor " + in_quotes(entry.name) + " of the dtype " +
                      std::string(entry.dtype.name) + " needs at least one dimension");
  }
  std::string text;
  for (std::size_t i = 0; i < entry.shape.size(); ++i) {
    const bool is_last = i + 1 == entry.shape.size();
    const auto size = static_cast<std::uint64_t>(entry.shape[i]);
    text += text.empty() ? "" : ",";
    text += std::to_string(is_last ? size * static_cast<std::uint64_t>(entry.dtype.numbers) : size);
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
  text += R"(","shape":)" + json_shape(entry);
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
