// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/recurrent.h>

namespace assay::training::layers {
namespace {

constexpr bool kBiases = true;
constexpr std::int64_t kLayers = 1;
constexpr double kNoDropout = 0;
constexpr bool kBidirectional = false;
constexpr bool kBatchFirst = true;

template <class Options>
constexpr std::int64_t gates() {
  return std::is_same_v<Options, LSTMOptions> ? 4 : 3;
}

// The states of all steps.
at::Tensor states_of(const GRUOptions& /*unused*/, const at::Tensor& x, const at::Tensor& start,
                     const std::vector<at::Tensor>& weights, bool training) {
  return std::get<0>(at::gru(x, start, weights, kBiases, kLayers, kNoDropout, training,
                             kBidirectional, kBatchFirst));
}

at::Tensor states_of(const LSTMOptions& /*unused*/, const at::Tensor& x, const at::Tensor& start,
                     const std::vector<at::Tensor>& weights, bool training) {
  return std::get<0>(at::lstm(x, {start, start}, weights, kBiases, kLayers, kNoDropout, training,
                              kBidirectional, kBatchFirst));
}

}  // namespace

template <class Derived, class Options>
RecurrentLayer<Derived, Options>::RecurrentLayer(Options options)
    : LayerOf<Derived, Options>(std::move(options)) {
  if (this->options_.input_size) make_weights();
}

template <class Derived, class Options>
void RecurrentLayer<Derived, Options>::build(const at::Tensor& example) {
  if (built()) return;
  this->options_.input_size = axis_size(example, -1, Options::class_name);
  make_weights();
}

template <class Derived, class Options>
void RecurrentLayer<Derived, Options>::make_weights() {
  const auto units = this->options_.units;
  const auto rows = gates<Options>() * units;
  const auto add = [&](const char* name, at::IntArrayRef shape) {
    weights_.push_back(this->register_parameter(name, at::empty(shape)));
    init_uniform_fan_in(weights_.back(), units);
  };
  add("weight_ih_l0", {rows, *this->options_.input_size});
  add("weight_hh_l0", {rows, units});
  add("bias_ih_l0", {rows});
  add("bias_hh_l0", {rows});
}

template <class Derived, class Options>
at::Tensor RecurrentLayer<Derived, Options>::forward(const at::Tensor& x) {
  check_built(built(), Options::class_name);
  check_rank(x, 3, Options::class_name, "[batch, steps, features]");
  check_axis(x, -1, *this->options_.input_size, Options::class_name);
  const auto start = at::zeros({kLayers, x.size(0), this->options_.units}, x.options());
  const auto states = states_of(this->options_, x, start, weights_, this->is_training());
  return this->options_.return_sequences ? states : states.select(1, -1);
}

template class RecurrentLayer<GRU, GRUOptions>;
template class RecurrentLayer<LSTM, LSTMOptions>;

void register_recurrent(LayerRegistry& registry) {
  registry.add<GRU>();
  registry.add<LSTM>();
}

}  // namespace assay::training::layers
