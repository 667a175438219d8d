// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/embedding.h>
#include <assay/training/tensorboard/model_graph.h>
#include <assay/training/tensorboard/projector.h>
#include <assay/training/text_file.h>
#include <torch/nn/modules/embedding.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace assay::training::tensorboard {
namespace {

bool is_embedding(const torch::nn::Module& module) {
  return dynamic_cast<const layers::Embedding*>(&module) ||
         dynamic_cast<const torch::nn::EmbeddingImpl*>(&module) ||
         dynamic_cast<const torch::nn::EmbeddingBagImpl*>(&module);
}

std::string table_text(const at::Tensor& table) {
  const auto numbers = table.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto* number = numbers.const_data_ptr<float>();
  std::array<char, 32> digits{};
  std::string text;
  for (std::int64_t row = 0; row < numbers.size(0); ++row) {
    for (std::int64_t column = 0; column < numbers.size(1); ++column) {
      if (column > 0) text += '\t';
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *number++).ptr;
      text.append(digits.data(), end);
    }
    text += '\n';
  }
  return text;
}

// A string of protobuf's text format.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return out + '"';
}

std::string file_of(std::string layer) {
  std::replace(layer.begin(), layer.end(), '/', '_');
  return "embeddings/" + layer + ".tsv";
}

}  // namespace

std::vector<Embedding> embeddings_of(const torch::nn::Module& model) {
  std::vector<Embedding> embeddings;
  for (const auto& part : model.named_modules()) {
    const auto& module = *part.value();
    if (!is_embedding(module)) continue;
    embeddings.push_back(
        {name_of(part.key(), module), module.named_parameters(/*recurse=*/false)["weight"]});
  }
  return embeddings;
}

void write_embeddings(const std::filesystem::path& folder,
                      const std::vector<Embedding>& embeddings) {
  if (embeddings.empty()) return;
  std::filesystem::create_directories(folder / "embeddings");
  std::string configuration;
  for (const auto& [layer, table, metadata] : embeddings) {
    const auto file = file_of(layer);
    write_text(folder / file, table_text(table));
    configuration += "embeddings {\n  tensor_name: " + quoted(layer) +
                     "\n  tensor_shape: " + std::to_string(table.size(0)) +
                     "\n  tensor_shape: " + std::to_string(table.size(1)) +
                     "\n  tensor_path: " + quoted(file) + '\n';
    if (!metadata.empty()) configuration += "  metadata_path: " + quoted(metadata) + '\n';
    configuration += "}\n";
  }
  write_text(folder / "projector_config.pbtxt", configuration);
}

}  // namespace assay::training::tensorboard
