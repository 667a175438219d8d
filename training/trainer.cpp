// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/optimizers/registry.h>
#include <assay/training/trainer_core.h>

namespace assay {

using namespace training;

Trainer::Trainer(Model model) : core_(std::make_unique<TrainerCore>(std::move(model))) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

void Trainer::compile(const CompileOptions& options) {
  const DtypePolicy policy(options.dtype_policy);
  Scores scores(options.loss, options.loss_weights, options.metrics, options.weighted_metrics);
  const auto& argument = options.optimizer;
  auto config = argument.object() ? argument.object() : optimizers::get(argument.identifier());
  policy.apply_to(core_->model.module());
  std::vector<at::Tensor> parameters;
  for (auto& parameter : core_->model.module().parameters()) {
    if (parameter.requires_grad()) parameters.push_back(parameter);
  }
  TORCH_CHECK_VALUE(!parameters.empty(),
                    "compile: the model has no parameter to train (requires_grad)");
  core_->optimizer = config->make(std::move(parameters));
  core_->optimizer_config = std::move(config);
  core_->reducer.reset();
  core_->scores = std::move(scores);
  core_->model.set_dtype_policy(policy);
  core_->position = {};
  core_->history = {};
  core_->restored.reset();
}

void Trainer::distribute(std::shared_ptr<distributed::Group> group) {
  TORCH_CHECK_VALUE(group, "distribute: the group is missing");
  TORCH_CHECK_VALUE(!core_->fitting, "distribute: not while fit runs");
  core_->reducer.reset();
  core_->group = std::move(group);
}

bool Trainer::is_first_process() const { return core_->group->is_first(); }

Logs Trainer::train_on_batch(const at::Tensor& x, const at::Tensor& y,
                             const at::Tensor& sample_weight) {
  core_->check_compiled("train_on_batch");
  core_->model.module().train();
  core_->whole_rows.reset();
  core_->train(*this, core_->to_device({x, y, sample_weight}));
  return core_->scores->read();
}

Logs Trainer::test_on_batch(const at::Tensor& x, const at::Tensor& y,
                            const at::Tensor& sample_weight) {
  core_->check_compiled("test_on_batch");
  core_->model.module().eval();
  core_->whole_rows.reset();
  core_->test(core_->to_device({x, y, sample_weight}));
  return core_->scores->read();
}

void Trainer::reset_metrics() {
  core_->check_compiled("reset_metrics");
  core_->scores->reset();
}

void Trainer::set_train_step(TrainStep step) { core_->step = std::move(step); }

BatchLoss Trainer::compute_loss(const Batch& batch, const at::Tensor& y_pred) {
  core_->check_compiled("compute_loss");
  TORCH_CHECK_VALUE(batch.y.defined(), "the data has no labels (y); the loss needs them");
  return core_->loss(batch, y_pred);
}

void Trainer::minimize(const at::Tensor& loss) {
  core_->check_compiled("minimize");
  auto& position = core_->position;
  const auto every = core_->optimizer_config->gradient_accumulation_steps().value_or(1);
  if (position.batches % every == 0) core_->optimizer->zero_grad();
  // Keras averages the gradients of the batches that make one update.
  core_->backward(every == 1 ? loss : loss / every, (position.batches + 1) % every == 0);
  if (++position.batches % every != 0) return;
  const auto& rate = core_->optimizer_config->learning_rate();
  if (rate.is_schedule()) {
    optimizers::set_learning_rate(*core_->optimizer, rate(position.updates));
  }
  core_->optimizer->step();
  ++position.updates;
}

Model& Trainer::model() { return core_->model; }

torch::optim::Optimizer& Trainer::optimizer() {
  core_->check_compiled("optimizer");
  return *core_->optimizer;
}

Scores& Trainer::scores() {
  core_->check_compiled("scores");
  return *core_->scores;
}

const Position& Trainer::position() const { return core_->position; }
const History& Trainer::history() const { return core_->history; }

double Trainer::learning_rate() const {
  core_->check_compiled("learning_rate");
  const auto& rate = core_->optimizer_config->learning_rate();
  if (rate.is_schedule()) return rate(core_->position.updates);
  return optimizers::learning_rate(*core_->optimizer);
}

void Trainer::set_learning_rate(double learning_rate) {
  core_->check_compiled("set_learning_rate");
  TORCH_CHECK_VALUE(!core_->optimizer_config->learning_rate().is_schedule(),
                    "the learning rate follows the optimizer's schedule and cannot be set");
  optimizers::set_learning_rate(*core_->optimizer, learning_rate);
}

void Trainer::stop_training() { core_->position.stopped = true; }
void Trainer::interrupt() noexcept { core_->interrupted = true; }
bool Trainer::interrupted() const noexcept { return core_->interrupted; }

void Trainer::set_checkpoint_extra(std::vector<serialization::NamedTensor> tensors,
                                   const Json& values) {
  core_->extra_tensors = std::move(tensors);
  core_->extra_values = values;
}

void Trainer::save_checkpoint(const std::filesystem::path& path) const {
  core_->check_compiled("save_checkpoint");
  save_core(*core_, path);
}

void Trainer::checkpoint_after_callbacks(const std::filesystem::path& path,
                                         std::function<void()> saved) {
  TORCH_CHECK_VALUE(core_->fitting, "checkpoint_after_callbacks: nothing is being trained");
  core_->requested_checkpoints.push_back({path, std::move(saved)});
}

void Trainer::load_checkpoint(const std::filesystem::path& path) {
  core_->check_compiled("load_checkpoint");
  load_core(*core_, path);
}

}  // namespace assay
