// SPDX-License-Identifier: Apache-2.0
// What a trainer does together with those of other processes.
#include <ATen/ATen.h>
#include <assay/distributed/named_bytes.h>
#include <assay/distributed/replicas.h>
#include <assay/training/trainer_core.h>

#include <algorithm>
#include <utility>

namespace assay::training {
namespace {

// Losses and a few metrics need no more; where there are more, only the first merge takes longer.
constexpr std::int64_t kScoresBytes = 16384;

distributed::NamedTensors parameters_of(const torch::nn::Module& module) {
  distributed::NamedTensors tensors;
  for (const auto& item : module.named_parameters()) tensors.emplace_back(item.key(), item.value());
  return tensors;
}

std::vector<at::Tensor> parameters_of(const torch::optim::Optimizer& optimizer) {
  std::vector<at::Tensor> parameters;
  for (const auto& group : optimizer.param_groups()) {
    parameters.insert(parameters.end(), group.params().begin(), group.params().end());
  }
  return parameters;
}

}  // namespace

BatchLoss TrainerCore::loss(const Batch& batch, const at::Tensor& y_pred) {
  if (y_pred.defined()) scores->resolve(batch.y, y_pred);
  if (!group->has_peers()) return scores->loss(batch.y, y_pred, batch.sample_weight);
  // A step of one's own may make the loss of other rows.
  const bool all_have_rows = !step && whole_rows && *whole_rows >= group->size();
  const auto sum = [this](at::Tensor& numbers) {
    // Whether any process was interrupted costs nothing here.
    const auto flag = at::full({1}, interrupted ? 1.0 : 0.0, at::kDouble);
    auto all = at::cat({numbers, flag});
    group->all_reduce(all, distributed::Combine::kSum, "adding up what the loss divides by");
    agree_on_interruption(all[-1].item<double>() > 0);
    numbers.copy_(all.slice(0, 0, -1));
  };
  return scores->loss_of_part(batch.y, y_pred, batch.sample_weight,
                              all_have_rows ? whole_rows : std::nullopt, sum);
}

void TrainerCore::backward(const at::Tensor& loss, bool completes) {
  if (!group->has_peers() || !completes) {
    loss.backward();
    return;
  }
  if (!reducer) {
    TORCH_CHECK_VALUE(device().is_cpu(), "the model is on ", device(),
                      "; several processes train on the CPU: this assay has no NCCL");
    reducer = group->reduce_gradients(parameters_of(*optimizer));
  }
  agree_on_interruption(group->backward(loss, *reducer, interrupted));
}

void TrainerCore::share_buffers() {
  if (!group->has_peers()) return;
  group->broadcast(model.module().buffers(), "sharing buffers");
}

void TrainerCore::check_replicas() {
  if (!group->has_peers()) return;
  distributed::check_equal(parameters_of(model.module()), *group, "the parameters");
  share_buffers();
}

void TrainerCore::settle_when_to_agree() {
  agrees_on_batches = true;
  if (!group->has_peers()) return;
  const auto& list = callbacks.list();
  agrees_on_batches = step || std::any_of(list.begin(), list.end(), [](const auto& callback) {
                        return callback->acts_on_batches();
                      });
  // Not every process has all callbacks.
  auto any = at::full({1}, std::int64_t{agrees_on_batches}, at::kLong);
  group->all_reduce(any, distributed::Combine::kMax, "comparing callbacks");
  agrees_on_batches = any.item<std::int64_t>() > 0;
}

void TrainerCore::agree_on_interruption(bool any) {
  agreed_interruption = agreed_interruption || any;
  if (agreed_interruption) interrupted = true;
}

void TrainerCore::agree_on_interruption() {
  if (!group->has_peers()) return;
  auto flag = at::full({1}, std::int64_t{interrupted.load()}, at::kLong);
  group->all_reduce(flag, distributed::Combine::kMax, "agreeing on how to go on");
  agree_on_interruption(flag.item<std::int64_t>() > 0);
}

std::size_t TrainerCore::agree() {
  if (!group->has_peers()) return requested_checkpoints.size();
  if (!group->is_first()) requested_checkpoints.clear();
  auto flags = at::tensor({std::int64_t{interrupted.load()}, std::int64_t{position.stopped},
                           static_cast<std::int64_t>(requested_checkpoints.size())},
                          at::kLong);
  group->all_reduce(flags, distributed::Combine::kMax, "agreeing on how to go on");
  const auto* flag = flags.const_data_ptr<std::int64_t>();
  agree_on_interruption(flag[0] > 0);
  position.stopped = flag[1] > 0;
  return static_cast<std::size_t>(flag[2]);
}

void TrainerCore::gather_scores() {
  if (!group->has_peers()) return;
  std::vector<metrics::NamedTensors> all;
  for (const auto& bytes : group->all_gather(distributed::to_bytes(scores->packed()), kScoresBytes,
                                             "merging what was measured")) {
    all.push_back(distributed::from_bytes(bytes));
  }
  scores->merge(all, device());
}

Logs TrainerCore::read_scores() {
  gather_scores();
  auto logs = scores->read();
  if (!group->is_first()) scores->reset();
  return logs;
}

}  // namespace assay::training
