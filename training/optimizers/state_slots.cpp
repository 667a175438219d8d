// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/state_slots.h>
#include <c10/util/Exception.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <array>
#include <typeinfo>

namespace assay::training::optimizers {
namespace {

namespace optim = torch::optim;

StateSlots slots_of(optim::SGDParamState& state, const optim::SGDOptions& options) {
  StateSlots slots;
  if (options.momentum() != 0) slots.tensors = {{"momentum_buffer", &state.momentum_buffer()}};
  return slots;
}

template <class State, class Options>
StateSlots adam_slots(State& state, const Options& options) {
  StateSlots slots{{{"exp_avg", &state.exp_avg()}, {"exp_avg_sq", &state.exp_avg_sq()}},
                   &state.step()};
  if (options.amsgrad()) slots.tensors.emplace_back("max_exp_avg_sq", &state.max_exp_avg_sq());
  return slots;
}

StateSlots slots_of(optim::AdamParamState& state, const optim::AdamOptions& options) {
  return adam_slots(state, options);
}

StateSlots slots_of(optim::AdamWParamState& state, const optim::AdamWOptions& options) {
  return adam_slots(state, options);
}

StateSlots slots_of(optim::RMSpropParamState& state, const optim::RMSpropOptions& options) {
  StateSlots slots{{{"square_avg", &state.square_avg()}}, &state.step()};
  if (options.momentum() > 0) {
    slots.tensors.emplace_back("momentum_buffer", &state.momentum_buffer());
  }
  if (options.centered()) slots.tensors.emplace_back("grad_avg", &state.grad_avg());
  return slots;
}

StateSlots slots_of(optim::AdagradParamState& state, const optim::AdagradOptions&) {
  return {{{"sum", &state.sum()}}, &state.step()};
}

template <class Class, class State, class Options>
constexpr StateKind kind(const char* name, bool counts_steps, bool always_there = false) {
  return {name,
          counts_steps,
          always_there,
          [](const optim::Optimizer& optimizer) {
            return dynamic_cast<const Class*>(&optimizer) != nullptr;
          },
          []() -> std::unique_ptr<optim::OptimizerParamState> { return std::make_unique<State>(); },
          [](optim::OptimizerParamState& state, const optim::OptimizerOptions& options) {
            return slots_of(static_cast<State&>(state), static_cast<const Options&>(options));
          }};
}

constexpr std::array kKinds = {
    kind<optim::SGD, optim::SGDParamState, optim::SGDOptions>("SGD", false),
    kind<optim::Adam, optim::AdamParamState, optim::AdamOptions>("Adam", true),
    kind<optim::AdamW, optim::AdamWParamState, optim::AdamWOptions>("AdamW", true),
    kind<optim::RMSprop, optim::RMSpropParamState, optim::RMSpropOptions>("RMSprop", true),
    kind<optim::Adagrad, optim::AdagradParamState, optim::AdagradOptions>("Adagrad", true, true),
};

}  // namespace

const StateKind& state_kind(const torch::optim::Optimizer& optimizer) {
  for (const auto& known : kKinds) {
    if (known.is_one(optimizer)) return known;
  }
  TORCH_CHECK_VALUE(false, "the state of a ", c10::demangle(typeid(optimizer).name()),
                    " is unknown; expected SGD, Adam, AdamW, RMSprop or Adagrad");
}

}  // namespace assay::training::optimizers
