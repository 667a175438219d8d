// SPDX-License-Identifier: Apache-2.0
// What TensorBoard's projector calls the rows of embeddings.
#pragma once
#include <assay/core/options/json.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay::training::callbacks {

/// Nothing, one file for all embedding layers, or a file for each of some: null, "labels.tsv",
/// {"words": "words.tsv"}. Source: keras.callbacks.TensorBoard (`embeddings_metadata`).
struct EmbeddingsMetadata {
  EmbeddingsMetadata() = default;  ///< Nothing.
  /// One file for all layers.
  EmbeddingsMetadata(const char* file) : file(file) {}
  /// One file for all layers.
  EmbeddingsMetadata(std::string file) : file(std::move(file)) {}
  /// (layer, file).
  EmbeddingsMetadata(std::vector<std::pair<std::string, std::string>> files)
      : files(std::move(files)) {}

  /// The file of a layer, or "".
  std::string file_of(const std::string& layer) const;

  std::optional<std::string> file = {};                         ///< For all layers.
  std::vector<std::pair<std::string, std::string>> files = {};  ///< By the names of layers.
};

///@{
/// In JSON null, a file, or an object from layers to files.
Json write_value(const EmbeddingsMetadata& value);
void read_value(const Json& in, EmbeddingsMetadata& value, const std::string& path);
Json value_schema(const EmbeddingsMetadata*);
///@}

}  // namespace assay::training::callbacks
