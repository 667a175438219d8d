// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/training/trainer_core.h>

namespace assay::training {
namespace {

StepOutput default_step(Trainer& trainer, const Batch& batch) {
  auto y_pred = trainer.model()(batch.x);
  auto loss = trainer.compute_loss(batch, y_pred);
  trainer.minimize(loss.total);
  return {std::move(y_pred), std::move(loss)};
}

void check_rows(const Batch& batch, const at::Tensor& y_pred) {
  TORCH_CHECK_VALUE(y_pred.defined() && y_pred.dim() > 0 && y_pred.size(0) == batch.x.size(0),
                    "the model gives ", describe(y_pred), " for ", describe(batch.x),
                    "; expected one row for each of the ", batch.x.size(0), " rows");
}

}  // namespace

void TrainerCore::check_compiled(const char* what) const {
  TORCH_CHECK_VALUE(scores && optimizer, what, ": call compile first");
}

at::Device TrainerCore::device() const {
  const auto parameters = model.module().parameters();
  return parameters.empty() ? at::Device(at::kCPU) : parameters[0].device();
}

Batch TrainerCore::to_device(const Batch& batch) const {
  const auto target = device();
  const auto move = [&](const at::Tensor& tensor) {
    return tensor.defined() ? on_device(tensor, target) : tensor;
  };
  TORCH_CHECK_VALUE(batch.x.defined() && batch.x.dim() > 0, "x is ", describe(batch.x),
                    "; expected at least a batch axis");
  return {move(batch.x), move(batch.y), move(batch.sample_weight)};
}

void TrainerCore::train(Trainer& trainer, const Batch& batch) {
  share_buffers();
  if (group->has_peers() && batch.x.size(0) == 0 && !step) {
    loss({}, {});  // the other processes count on its numbers
    trainer.minimize(at::zeros({}).requires_grad_());
    return;
  }
  const auto output = step ? step(trainer, batch) : default_step(trainer, batch);
  check_rows(batch, output.y_pred);
  scores->update(batch.y, output.y_pred, batch.sample_weight, output.loss);
}

void TrainerCore::test(const Batch& batch) {
  const at::NoGradGuard no_grad;
  TORCH_CHECK_VALUE(batch.y.defined(), "the data has no labels (y); losses and metrics need them");
  if (group->has_peers() && batch.x.size(0) == 0) {
    loss({}, {});  // the other processes count on its numbers
    return;
  }
  const auto y_pred = model(batch.x);
  check_rows(batch, y_pred);
  const auto batch_loss = loss(batch, y_pred);
  scores->update(batch.y, y_pred, batch.sample_weight, batch_loss);
}

BatchLogs TrainerCore::batch_logs() const {
  return BatchLogs([this] { return scores->read(); }, [this] { return scores->read_loss(); });
}

}  // namespace assay::training
