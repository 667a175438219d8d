// SPDX-License-Identifier: Apache-2.0
// Trainer's evaluate and predict.
#include <ATen/ATen.h>
#include <assay/training/batch_source.h>
#include <assay/training/callbacks/progbar_logger.h>
#include <assay/training/trainer_core.h>
#include <unistd.h>

namespace assay {
namespace training {
namespace {

// Batches of an evaluation after which several processes settle whether one was interrupted.
constexpr std::int64_t kBatchesToAgree = 16;

template <class Options>
LoaderOptions in_order(const Options& options) {
  return {.batch_size = options.batch_size, .shuffle = false, .threads = options.threads};
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

std::optional<Logs> run_evaluation(TrainerCore& core, CallbackList& callbacks, const Data& data,
                                   const EvaluateOptions& options) {
  auto loader = in_order(options);
  loader.part = core.part();
  BatchSource source(data, loader, options.steps, "evaluate: steps");
  core.share_buffers();
  const EvaluationMode mode(core.model.module());
  callbacks.call(&callbacks::Callback::on_test_begin);
  core.scores->reset();
  const auto next = source.epoch(0, 0);
  for (std::int64_t i = 0; i < source.steps().value_or(i + 1); ++i) {
    if (core.is_interrupted()) return std::nullopt;
    const auto batch = next();
    if (!batch) break;
    callbacks.call(&callbacks::Callback::on_test_batch_begin, i);
    const auto moved = core.to_device(*batch);
    core.whole_rows = source.whole_rows();
    core.test(moved);
    if ((i + 1) % kBatchesToAgree == 0) core.agree_on_interruption();
    callbacks.call(&callbacks::Callback::on_test_batch_end, i, core.batch_logs());
  }
  auto logs = core.read_scores();
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
  const bool first = core_->group->is_first();
  CallbackList callbacks(options.callbacks, first);
  const bool automatic = options.verbose == Verbosity::kAuto;
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const bool bar = first && (options.verbose == Verbosity::kBar || (automatic && terminal));
  const bool lines = first && (options.verbose == Verbosity::kEpochs || (automatic && !terminal));
  if (bar || lines) callbacks.add(std::make_shared<callbacks::ProgbarLogger>());
  const auto steps =
      BatchSource(data, in_order(options), options.steps, "evaluate: steps").steps().value_or(0);
  for (const auto& callback : callbacks.list()) {
    callback->set_trainer(*this, {.epochs = 1, .steps = steps, .bar = bar, .lines = lines});
  }
  core_->interrupted = false;
  core_->agreed_interruption = false;
  const auto logs = run_evaluation(*core_, callbacks, data, options);
  TORCH_CHECK(logs, "the evaluation was interrupted");
  return *logs;
}

at::Tensor Trainer::predict(const at::Tensor& x, const PredictOptions& options) {
  return predict(Data(x), options);
}

at::Tensor Trainer::predict(const Data& data, const PredictOptions& options) {
  std::vector<at::Tensor> outputs;
  predict_batches(
      data, [&](const Batch&, const at::Tensor& y_pred) { outputs.push_back(y_pred); }, options);
  return at::cat(outputs);
}

void Trainer::predict_batches(const Data& data, const UsePredictions& use,
                              const PredictOptions& options) {
  TORCH_CHECK_VALUE(data, "predict: the data is missing");
  CallbackList callbacks(options.callbacks);
  BatchSource source(data, in_order(options), options.steps, "predict: steps");
  for (const auto& callback : callbacks.list()) {
    callback->set_trainer(*this, {.epochs = 1, .steps = source.steps().value_or(0)});
  }
  const at::NoGradGuard no_grad;
  const EvaluationMode mode(core_->model.module());
  callbacks.call(&callbacks::Callback::on_predict_begin);
  bool empty = true;
  const auto next = source.epoch(0, 0);
  for (std::int64_t i = 0; i < source.steps().value_or(i + 1); ++i) {
    const auto batch = next();
    if (!batch) break;
    callbacks.call(&callbacks::Callback::on_predict_batch_begin, i);
    use(*batch, core_->model(core_->to_device(*batch).x));
    empty = false;
    callbacks.call(&callbacks::Callback::on_predict_batch_end, i);
  }
  TORCH_CHECK_VALUE(!empty, "predict: the range of batches is empty");
  callbacks.call(&callbacks::Callback::on_predict_end);
}

}  // namespace assay
