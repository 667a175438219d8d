// SPDX-License-Identifier: Apache-2.0
// Trainer's evaluate and predict.
#include <ATen/ATen.h>
#include <assay/training/callbacks/progbar_logger.h>
#include <assay/training/data/loader.h>
#include <assay/training/trainer_core.h>
#include <unistd.h>

namespace assay {
namespace training {
namespace {

std::int64_t steps_of(const Loader& loader, std::optional<std::int64_t> steps, const char* what) {
  TORCH_CHECK_VALUE(!steps || (*steps >= 1 && *steps <= loader.batches()), what,
                    ": steps must be between 1 and the data's ", loader.batches(), " batches, got ",
                    steps.value_or(0));
  return steps.value_or(loader.batches());
}

// Puts the module into evaluation mode for as long as it lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module)
      : module_(module), was_training_(module.is_training()) {
    module_.eval();
  }
  ~EvaluationMode() { module_.train(was_training_); }

 private:
  torch::nn::Module& module_;
  bool was_training_;
};

}  // namespace

std::optional<Logs> run_evaluation(TrainerCore& core, CallbackList& callbacks,
                                   const std::shared_ptr<const Dataset>& dataset,
                                   const EvaluateOptions& options) {
  const Loader loader(
      dataset, {.batch_size = options.batch_size, .shuffle = false, .threads = options.threads});
  const auto steps = steps_of(loader, options.steps, "evaluate");
  const EvaluationMode mode(core.model.module());
  callbacks.call(&callbacks::Callback::on_test_begin);
  core.scores->reset();
  auto batches = loader.epoch(0);
  for (std::int64_t i = 0; i < steps; ++i) {
    if (core.interrupted) return std::nullopt;
    callbacks.call(&callbacks::Callback::on_test_batch_begin, i);
    core.test(core.to_device(*batches.next()));
    callbacks.call(&callbacks::Callback::on_test_batch_end, i, core.batch_logs());
  }
  auto logs = core.scores->read();
  callbacks.call(&callbacks::Callback::on_test_end, logs);
  return logs;
}

}  // namespace training

using namespace training;

Logs Trainer::evaluate(const Data& data, const EvaluateOptions& options) {
  core_->check_compiled("evaluate");
  TORCH_CHECK_VALUE(data, "evaluate: the data is missing");
  TORCH_CHECK_VALUE(!core_->fitting,
                    "evaluate: not while fit runs, which measures with the same metrics");
  CallbackList callbacks(options.callbacks);
  const bool automatic = options.verbose == Verbosity::kAuto;
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const bool bar = options.verbose == Verbosity::kBar || (automatic && terminal);
  const bool lines = options.verbose == Verbosity::kEpochs || (automatic && !terminal);
  if (bar || lines) callbacks.add(std::make_shared<callbacks::ProgbarLogger>());
  const auto rows = data.dataset()->size();
  const auto steps = options.steps.value_or((rows + options.batch_size - 1) /
                                            std::max<std::int64_t>(options.batch_size, 1));
  for (const auto& callback : callbacks.list()) {
    callback->set_trainer(*this, {.epochs = 1, .steps = steps, .bar = bar, .lines = lines});
  }
  core_->interrupted = false;
  const auto logs = run_evaluation(*core_, callbacks, data.dataset(), options);
  TORCH_CHECK(logs, "the evaluation was interrupted");
  return *logs;
}

at::Tensor Trainer::predict(const at::Tensor& x, const PredictOptions& options) {
  return predict(Data(x), options);
}

at::Tensor Trainer::predict(const Data& data, const PredictOptions& options) {
  TORCH_CHECK_VALUE(data, "predict: the data is missing");
  CallbackList callbacks(options.callbacks);
  const Loader loader(
      data.dataset(),
      {.batch_size = options.batch_size, .shuffle = false, .threads = options.threads});
  const auto steps = steps_of(loader, options.steps, "predict");
  for (const auto& callback : callbacks.list()) {
    callback->set_trainer(*this, {.epochs = 1, .steps = steps});
  }
  const at::NoGradGuard no_grad;
  const EvaluationMode mode(core_->model.module());
  callbacks.call(&callbacks::Callback::on_predict_begin);
  std::vector<at::Tensor> outputs;
  auto batches = loader.epoch(0);
  for (std::int64_t i = 0; i < steps; ++i) {
    callbacks.call(&callbacks::Callback::on_predict_batch_begin, i);
    outputs.push_back(core_->model(core_->to_device(*batches.next()).x));
    callbacks.call(&callbacks::Callback::on_predict_batch_end, i);
  }
  callbacks.call(&callbacks::Callback::on_predict_end);
  return at::cat(outputs);
}

}  // namespace assay
