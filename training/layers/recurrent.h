// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>
#include <vector>

namespace assay::training::layers {

/// The fields that GRU and LSTM have.
template <class Options>
constexpr auto recurrent_fields() {
  return fields(field("units", &Options::units, "Size of the state, and of the output's last axis.",
                      at_least_one),
                field("return_sequences", &Options::return_sequences,
                      "Whether the output has the state after every step; else after the last."),
                field("input_size", &Options::input_size,
                      "Size of the input's last axis; null: from data.", one_or_null)
                    .beyond_keras(),
                layer_fields<Options>());
}

/// Options of `GRU`.
struct GRUOptions {
  static constexpr auto class_name = "GRU";
  std::int64_t units = 0;
  bool return_sequences = false;
  std::optional<std::int64_t> input_size = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return recurrent_fields<GRUOptions>(); }
};

/// Options of `LSTM`.
struct LSTMOptions {
  static constexpr auto class_name = "LSTM";
  std::int64_t units = 0;
  bool return_sequences = false;
  std::optional<std::int64_t> input_size = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return recurrent_fields<LSTMOptions>(); }
};

/// What GRU and LSTM share: sequences [batch, steps, features] to [batch, steps, units] where
/// `return_sequences`, else [batch, units]. The state begins at 0.
///
/// Parameters: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, first uniform in
/// +-1/sqrt(units). Unlike Keras: no choice of activations, no dropout inside, LibTorch's first
/// values.
template <class Derived, class Options>
class RecurrentLayer : public LayerOf<Derived, Options> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit RecurrentLayer(Options options);
  /// Shapes: see the class. Errors: ValueError where the layer is not built, or for another shape.
  at::Tensor forward(const at::Tensor& x) override;
  /// Makes the parameters for as many inputs as the example's last axis has.
  void build(const at::Tensor& example) override;
  /// Whether the parameters are there.
  bool built() const override { return !weights_.empty(); }

 private:
  void make_weights();

  std::vector<at::Tensor> weights_;
};

/// A gated recurrent unit. Source: keras.layers.GRU (with its default `reset_after`), torch.nn.GRU.
class GRU final : public RecurrentLayer<GRU, GRUOptions> {
 public:
  using RecurrentLayer::RecurrentLayer;
};

/// Long short-term memory. Source: keras.layers.LSTM, torch.nn.LSTM.
class LSTM final : public RecurrentLayer<LSTM, LSTMOptions> {
 public:
  using RecurrentLayer::RecurrentLayer;
};

}  // namespace assay::training::layers
