// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>

namespace assay::training::layers {

/// Options of `Embedding`.
struct EmbeddingOptions {
  static constexpr auto class_name = "Embedding";
  std::int64_t input_dim = 0;
  std::int64_t output_dim = 0;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = EmbeddingOptions;
    return assay::fields(
        field("input_dim", &O::input_dim, "How many numbers there are: 0 to input_dim - 1.",
              at_least_one),
        field("output_dim", &O::output_dim, "Length of the vectors.", at_least_one),
        layer_fields<O>());
  }
};

/// Each whole number becomes its row of a table: [...] to [..., output_dim]. Numbers may come as
/// floating values, as CSV features do.
///
/// Parameters: weight [input_dim, output_dim], first uniform in +-0.05.
/// Errors: ValueError for a number outside [0, input_dim) (on the CPU), or one that is not whole.
/// Source: keras.layers.Embedding.
class Embedding final : public LayerOf<Embedding, EmbeddingOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit Embedding(Options options);
  at::Tensor forward(const at::Tensor& x) override;

 private:
  at::Tensor weight_;
};

}  // namespace assay::training::layers
