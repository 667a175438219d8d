// SPDX-License-Identifier: Apache-2.0
// A trainer's state to a checkpoint and back.
#include <ATen/ATen.h>
#include <assay/core/error_text.h>
#include <assay/core/options/names.h>
#include <assay/core/shapes.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <assay/training/checkpoints/random_state.h>
#include <assay/training/trainer_core.h>

#include <map>

namespace assay::training {
namespace {

using serialization::NamedTensor;

// Parameters and buffers: the module's own tensors, not copies.
std::vector<NamedTensor> model_tensors(const torch::nn::Module& module) {
  std::vector<NamedTensor> tensors;
  for (const auto& item : module.named_parameters()) tensors.push_back({item.key(), item.value()});
  for (const auto& item : module.named_buffers()) {
    if (item.value().defined()) tensors.push_back({item.key(), item.value()});
  }
  return tensors;
}

// Gradients that wait for further batches before they make an update.
std::vector<NamedTensor> pending_gradients(const TrainerCore& core) {
  std::vector<NamedTensor> gradients;
  const auto every = core.optimizer_config->gradient_accumulation_steps().value_or(1);
  if (core.position.batches % every == 0) return gradients;
  for (const auto& item : core.model.module().named_parameters()) {
    if (item.value().grad().defined()) gradients.push_back({item.key(), item.value().grad()});
  }
  return gradients;
}

std::map<std::string, at::Tensor> keyed(const std::vector<NamedTensor>& tensors) {
  std::map<std::string, at::Tensor> map;
  for (const auto& [name, tensor] : tensors) map.emplace(name, tensor);
  return map;
}

// Adds up the gradients that wait in all processes; the first one has them then.
void gather_gradients(TrainerCore& core) {
  if (!core.group->has_peers()) return;
  const auto every = core.optimizer_config->gradient_accumulation_steps().value_or(1);
  if (core.position.batches % every == 0) return;
  const auto parameters = core.model.module().parameters();
  auto present = at::zeros({static_cast<std::int64_t>(parameters.size())}, at::kLong);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].grad().defined()) present[static_cast<std::int64_t>(i)] = 1;
  }
  const std::string what = "adding up gradients for a checkpoint";
  core.group->all_reduce(present, distributed::Combine::kMax, what);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (present[static_cast<std::int64_t>(i)].item<std::int64_t>() == 0) continue;
    auto& gradient = parameters[i].mutable_grad();
    auto sum = gradient.defined() ? gradient.cpu().contiguous().clone()
                                  : at::zeros(parameters[i].sizes(), parameters[i].scalar_type());
    core.group->all_reduce(sum, distributed::Combine::kSum, what);
    gradient = core.group->is_first() ? sum.to(parameters[i].device()) : at::Tensor();
  }
}

void check_like(const std::string& what, const at::Tensor& given, const at::Tensor& own) {
  TORCH_CHECK_VALUE(given.sizes() == own.sizes() && given.scalar_type() == own.scalar_type(), what,
                    " is ", describe(given), " in the file and ", describe(own), " in the model");
}

void check_model(const std::vector<NamedTensor>& given, const std::vector<NamedTensor>& own) {
  const auto tensors = keyed(given);
  for (const auto& [name, tensor] : own) {
    const auto found = tensors.find(name);
    TORCH_CHECK_VALUE(found != tensors.end(), "the model's '", name, "' is not in the file");
    check_like("'" + name + "'", found->second, tensor);
  }
  const auto known = keyed(own);
  for (const auto& [name, tensor] : given) {
    TORCH_CHECK_VALUE(known.contains(name), "the model has no '", name, "'");
  }
}

void check_gradients(const std::vector<NamedTensor>& gradients, const torch::nn::Module& module) {
  const auto parameters = module.named_parameters();
  for (const auto& [name, gradient] : gradients) {
    const auto* parameter = parameters.find(name);
    TORCH_CHECK_VALUE(parameter != nullptr, "the model has no parameter '", name, "'");
    check_like("the gradient of '" + name + "'", gradient, *parameter);
  }
}

void copy_model(const std::vector<NamedTensor>& from, const torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  const auto tensors = keyed(from);
  for (auto& [name, tensor] : model_tensors(module)) tensor.copy_(tensors.at(name));
}

void copy_gradients(const std::vector<NamedTensor>& from, const torch::nn::Module& module) {
  const auto gradients = keyed(from);
  for (auto& item : module.named_parameters()) {
    const auto found = gradients.find(item.key());
    auto& gradient = item.value().mutable_grad();
    gradient =
        found == gradients.end() ? at::Tensor() : found->second.to(item.value().device()).clone();
  }
}

}  // namespace

void RestoredRun::restore_random_state(std::int64_t rank) const {
  const bool was_there = rank > 0 && rank <= std::ssize(peer_randoms);
  set_random_state(was_there ? peer_randoms[rank - 1] : random);
  if (!was_there) part_random_states(rank);
}

void save_core(TrainerCore& core, const std::filesystem::path& path) {
  core.gather_scores();
  gather_gradients(core);
  const auto randoms =
      core.group->all_gather(random_state(), random_state().numel(), "collecting random states");
  if (!core.group->is_first()) {
    core.scores->reset();
    return;
  }
  write_checkpoint(path, {.model = model_tensors(core.model.module()),
                          .gradients = pending_gradients(core),
                          .optimizer = optimizers::optimizer_state(*core.optimizer),
                          .scores_config = core.scores->config(),
                          .scores = core.scores->state(),
                          .random = randoms[0],
                          .peer_randoms = {randoms.begin() + 1, randoms.end()},
                          .position = core.position,
                          .history = core.history,
                          .callbacks = core.callbacks.states(),
                          .extra_tensors = core.extra_tensors,
                          .extra = core.extra_values});
}

void load_core(TrainerCore& core, const std::filesystem::path& path) {
  auto checkpoint = read_checkpoint(path);
  const auto& module = core.model.module();
  with_context(path.string(), [&] {
    check_model(checkpoint.model, model_tensors(module));
    check_gradients(checkpoint.gradients, module);
    check_random_state(checkpoint.random);
    for (const auto& random : checkpoint.peer_randoms) check_random_state(random);
    core.scores->check_state(checkpoint.scores_config, checkpoint.scores);
    // The last that can fail, and it fails before it changes anything.
    optimizers::load_optimizer_state(*core.optimizer, checkpoint.optimizer);
  });
  copy_model(checkpoint.model, module);
  copy_gradients(checkpoint.gradients, module);
  core.scores->load_state(checkpoint.scores);
  core.position = checkpoint.position;
  core.history = std::move(checkpoint.history);
  core.extra_tensors = std::move(checkpoint.extra_tensors);
  for (auto& [name, tensor] : core.extra_tensors) tensor = tensor.clone();
  core.extra_values = std::move(checkpoint.extra);
  // The file may be replaced while this lives: what outlasts the call is copied.
  for (auto& [class_name, state] : checkpoint.callbacks) {
    for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
  }
  for (auto& random : checkpoint.peer_randoms) random = random.clone();
  core.restored = {std::move(checkpoint.callbacks), checkpoint.random.clone(),
                   std::move(checkpoint.peer_randoms)};
  core.restored->restore_random_state(core.group->rank());
  if (core.group->is_first()) return;
  // What all have measured, and the gradients of all, are the first one's.
  core.scores->reset();
  copy_gradients({}, module);
}

}  // namespace assay::training

namespace assay {

using namespace training;

std::vector<serialization::NamedTensor> Trainer::weights() const {
  return model_tensors(core_->model.module());
}

void Trainer::set_weights(const std::vector<serialization::NamedTensor>& weights) {
  check_model(weights, this->weights());
  copy_model(weights, core_->model.module());
}

void Trainer::save_weights(const std::filesystem::path& path) const {
  serialization::save_safetensors(path, weights(), {{"assay_kind", "weights"}, {"format", "pt"}});
}

void Trainer::load_weights(const std::filesystem::path& path) {
  const auto file = serialization::load_safetensors(path);
  std::vector<serialization::NamedTensor> tensors;
  for (const auto& [name, tensor] : file.tensors) tensors.push_back({name, tensor});
  with_context(path.string(), [&] { set_weights(tensors); });
}

}  // namespace assay
