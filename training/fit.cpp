// SPDX-License-Identifier: Apache-2.0
#include <assay/training/batch_source.h>
#include <assay/training/callbacks/progbar_logger.h>
#include <assay/training/checkpoints/random_state.h>
#include <assay/training/class_weight.h>
#include <assay/training/optimizers/weight_averages.h>
#include <assay/training/trainer_core.h>
#include <assay/training/validation_split.h>
#include <unistd.h>

#include <ATen/ATen.h>
#include <chrono>
#include <cmath>
#include <numeric>

namespace assay {
namespace training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check_options(const Data& data, const FitOptions& options) {
  TORCH_CHECK_VALUE(data, "fit: the data is missing");
  const auto at_least = [](const char* name, std::int64_t value, std::int64_t least) {
    TORCH_CHECK_VALUE(value >= least, "fit: ", name, " must be at least ", least, ", got ", value);
  };
  at_least("epochs", options.epochs, 0);
  at_least("batch_size", options.batch_size, 1);
  at_least("validation_batch_size", options.validation_batch_size.value_or(1), 1);
  at_least("initial_epoch", options.initial_epoch, 0);
  at_least("steps_per_epoch", options.steps_per_epoch.value_or(1), 1);
  at_least("validation_steps", options.validation_steps.value_or(1), 1);
  at_least("validation_freq", options.validation_freq, 1);
  at_least("threads", options.threads, 0);
  const auto split = options.validation_split;
  TORCH_CHECK_VALUE(split >= 0 && split < 1, "fit: validation_split must be in [0, 1), got ",
                    split);
  TORCH_CHECK_VALUE(split == 0 || !options.validation,
                    "fit: give validation or validation_split, not both");
  for (const auto& [label, weight] : options.class_weight) {
    TORCH_CHECK_VALUE(weight >= 0 && std::isfinite(weight), "fit: class_weight of ", label,
                      " must be a number of at least 0, got ", weight);
  }
}

bool is_empty(const Data& data) { return data.dataset() && data.dataset()->size() == 0; }

// Random, but told by torch::manual_seed.
std::uint64_t common_seed(distributed::Group& group) {
  const auto seed = at::randint(INT64_MAX, {1}, at::kLong);
  group.broadcast({seed}, "sharing the seed");
  return static_cast<std::uint64_t>(seed.item<std::int64_t>());
}

/// One call of fit.
class FitRun {
 public:
  FitRun(Trainer& trainer, TrainerCore& core, const Data& data, const FitOptions& options);
  ~FitRun() {
    if (!finished_) callbacks_.call(&callbacks::Callback::abandon);
    core_.fitting = false;
  }

  History run();

 private:
  void begin();
  bool run_epoch();    // false where training was interrupted
  bool run_batches();  // the same
  bool validate(Logs& logs);
  void finish_epoch(Logs& logs, double seconds);
  void save_requested();

  Trainer& trainer_;
  TrainerCore& core_;
  const FitOptions& options_;
  CallbackList callbacks_;
  Data train_;
  Data validation_;
  std::optional<BatchSource> source_;
  Logs last_logs_;
  bool finished_ = false;
};

FitRun::FitRun(Trainer& trainer, TrainerCore& core, const Data& data, const FitOptions& options)
    : trainer_(trainer),
      core_(core),
      options_(options),
      callbacks_(options.callbacks, core.group->is_first()) {
  core.check_compiled("fit");
  TORCH_CHECK_VALUE(!core.fitting, "fit: this trainer is training already");
  check_options(data, options);
  train_ = data;
  validation_ = options.validation;
  if (options.validation_split > 0) {
    TORCH_CHECK_VALUE(train_.dataset(),
                      "fit: validation_split divides a dataset; the data is a "
                      "range of batches");
    std::tie(train_, validation_) = validation_split(train_.dataset(), options.validation_split);
  }
  TORCH_CHECK_VALUE(!is_empty(train_), "fit: the data has no rows");
  TORCH_CHECK_VALUE(!is_empty(validation_), "fit: the validation data is empty");
  const auto seed = core.restored ? core.position.seed
                                  : (options.seed ? *options.seed : common_seed(*core.group));
  source_.emplace(train_,
                  LoaderOptions{.batch_size = options.batch_size,
                                .shuffle = options.shuffle,
                                .seed = seed,
                                .threads = options.threads,
                                .part = core.part()},
                  options.steps_per_epoch, "fit: steps_per_epoch");
  if (!core.restored) {
    core.history = {};
    core.position = {.epoch = options.initial_epoch,
                     .updates = core.position.updates,
                     .batches = core.position.batches,
                     .seed = seed};
  }
}

void FitRun::begin() {
  const bool automatic = options_.verbose == Verbosity::kAuto;
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const bool first = core_.group->is_first();
  const bool bar = first && (options_.verbose == Verbosity::kBar || (automatic && terminal));
  const bool lines = first && (options_.verbose == Verbosity::kEpochs || (automatic && !terminal));
  if (bar || lines) {
    callbacks_.add(std::make_shared<callbacks::ProgbarLogger>());
  }
  for (const auto& callback : callbacks_.list()) {
    callback->set_trainer(trainer_, {.epochs = options_.epochs,
                                     .steps = source_->steps().value_or(0),
                                     .bar = bar,
                                     .lines = lines,
                                     .configuration = options_.configuration});
  }
  core_.fitting = true;
  core_.interrupted = false;
  core_.agreed_interruption = false;
  core_.requested_checkpoints.clear();
  core_.callbacks = callbacks_;
  callbacks_.call(&callbacks::Callback::on_train_begin);
  if (core_.restored) {
    const auto steps = source_->steps().value_or(core_.position.batch);
    TORCH_CHECK_VALUE(core_.position.batch <= steps, "the checkpoint stands at batch ",
                      core_.position.batch, " of an epoch that has ", steps,
                      " batches: the data or the batch size has changed");
    callbacks_.load_states(core_.restored->callbacks);
    core_.restored->restore_random_state(core_.group->rank());
    // A callback may have loaded the checkpoint after the source was made.
    source_->set_seed(core_.position.seed);
    core_.restored.reset();
  } else {
    part_random_states(core_.group->rank());
  }
  core_.check_replicas();
  core_.settle_when_to_agree();
}

History FitRun::run() {
  begin();
  auto& position = core_.position;
  while (position.epoch < options_.epochs && !(position.stopped && position.batch == 0)) {
    if (core_.is_interrupted() || !run_epoch()) return core_.history;
  }
  if (last_logs_.empty() && !core_.history.empty()) last_logs_ = core_.history.epochs().back().logs;
  optimizers::finalize_weights(*core_.optimizer);
  callbacks_.call(&callbacks::Callback::on_train_end, last_logs_);
  finished_ = true;
  save_requested();
  return core_.history;
}

bool FitRun::run_epoch() {
  const auto start = Clock::now();
  const auto& position = core_.position;
  if (position.batch == 0) {
    core_.scores->reset();
    callbacks_.call(&callbacks::Callback::on_epoch_begin, position.epoch);
  } else {
    callbacks_.call(&callbacks::Callback::on_epoch_resume, position.epoch, position.batch);
  }
  if (!run_batches()) return false;
  auto logs = core_.read_scores();
  if (!validate(logs)) return false;
  finish_epoch(logs, seconds_since(start));
  return true;
}

bool FitRun::run_batches() {
  auto& position = core_.position;
  core_.model.module().train();
  const auto next = source_->epoch(position.epoch, position.batch);
  const auto steps = source_->steps();
  while (!(steps && position.batch >= *steps) && !position.stopped) {
    if (core_.is_interrupted()) return false;
    auto batch = next();
    TORCH_INTERNAL_ASSERT(batch || !steps, "the data ended before its last batch");
    TORCH_CHECK_VALUE(batch || position.batch > 0, "fit: the range of batches is empty");
    if (!batch) break;
    callbacks_.call(&callbacks::Callback::on_train_batch_begin, position.batch);
    auto moved = core_.to_device(*batch);
    if (!options_.class_weight.empty() && moved.x.size(0) > 0) {
      moved.sample_weight = with_class_weight(moved, options_.class_weight);
    }
    core_.whole_rows = source_->whole_rows();
    core_.train(trainer_, moved);
    const auto done = position.batch++;
    callbacks_.call(&callbacks::Callback::on_train_batch_end, done, core_.batch_logs());
    if (core_.agrees_on_batches) save_requested();
  }
  core_.share_buffers();
  return !core_.is_interrupted();
}

bool FitRun::validate(Logs& logs) {
  if (!validation_ || (core_.position.epoch + 1) % options_.validation_freq != 0) return true;
  const auto training_state = core_.scores->state();
  const auto batch_size = options_.validation_batch_size.value_or(options_.batch_size);
  EvaluateOptions evaluation{
      .batch_size = batch_size, .steps = options_.validation_steps, .threads = options_.threads};
  const auto values = run_evaluation(core_, callbacks_, validation_, evaluation);
  if (!values) {
    core_.scores->load_state(training_state);
    return false;
  }
  for (const auto& [name, value] : *values) logs.set("val_" + name, value);
  return true;
}

void FitRun::finish_epoch(Logs& logs, double seconds) {
  auto& position = core_.position;
  const auto rate = trainer_.learning_rate();
  callbacks_.call(&callbacks::Callback::on_epoch_end, position.epoch, logs);
  core_.history.add(
      {.epoch = position.epoch, .logs = logs, .seconds = seconds, .learning_rate = rate});
  last_logs_ = logs;
  ++position.epoch;
  position.batch = 0;
  save_requested();
}

void FitRun::save_requested() {
  const auto count = core_.agree();
  auto requested = std::exchange(core_.requested_checkpoints, {});
  requested.resize(count);  // the other processes help with what the first one writes
  for (const auto& [path, saved] : requested) {
    save_core(core_, path);
    if (saved) saved();
  }
}

}  // namespace
}  // namespace training

training::History Trainer::fit(const training::Data& data, const training::FitOptions& options) {
  return training::FitRun(*this, *core_, data, options).run();
}

}  // namespace assay
