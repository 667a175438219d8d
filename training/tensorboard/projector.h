// SPDX-License-Identifier: Apache-2.0
// The embeddings that TensorBoard's projector shows.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <filesystem>
#include <string>
#include <vector>

namespace assay::training::tensorboard {

/// The table of an embedding layer.
struct Embedding {
  std::string layer;          ///< As `name_of` gives it (model_graph.h).
  at::Tensor table;           ///< A row of numbers for each thing that is embedded.
  std::string metadata = {};  ///< A file in the projector's folder with a line for each row, or "".
};

/// The model's layers::Embedding, torch::nn::Embedding and torch::nn::EmbeddingBag, in order.
std::vector<Embedding> embeddings_of(const torch::nn::Module& model);

/// Writes tables to `embeddings/<layer>.tsv` in a folder, in the place of those that are there, and
/// the projector_config.pbtxt by which the projector finds them. Numbers are float32, to their last
/// digit. Errors: c10::Error where a file cannot be written.
/// Source: tensorboard/plugins/projector/projector_config.proto.
void write_embeddings(const std::filesystem::path& folder,
                      const std::vector<Embedding>& embeddings);

}  // namespace assay::training::tensorboard
