// SPDX-License-Identifier: Apache-2.0
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <assay/core/error_text.h>
#include <assay/core/options/field_values.h>
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/plugins/load_plugin.h>
#include <assay/serialization/atomic_file.h>
#include <assay/training/callbacks/registry.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <assay/training/checkpoints/kept_checkpoints.h>
#include <assay/training/checkpoints/run_checkpoint.h>
#include <assay/training/data/relative_paths.h>
#include <assay/training/experiment/run.h>
#include <assay/training/layers/registry.h>
#include <assay/training/report/findings.h>
#include <assay/training/report/run_record.h>
#include <assay/training/scores_file.h>
#include <assay/training/text_file.h>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <thread>

namespace assay::training {
namespace {

at::Device device_of(const std::string& name) {
  std::optional<at::Device> device;
  try {
    device.emplace(name);
  } catch (const c10::Error&) {
    TORCH_CHECK_VALUE(false, "device: '", name, "' is none; expected cpu, cuda, cuda:1 ...");
  }
  const auto count = device->is_cuda() ? at::detail::getCUDAHooks().deviceCount() : 0;
  TORCH_CHECK_VALUE(device->is_cpu() || device->is_cuda(), "device: '", name,
                    "' is not supported; expected cpu, cuda, cuda:1 ...");
  TORCH_CHECK_VALUE(device->is_cpu() || std::max<int>(device->index(), 0) < count, "device: '",
                    name, "' is not there: LibTorch sees ", count, " CUDA devices");
  return *device;
}

std::vector<MetricArgument> metric_arguments(const std::vector<Json>& list,
                                             const std::filesystem::path& folder) {
  std::vector<MetricArgument> metrics;
  for (const auto& metric : list) {
    metrics.emplace_back(with_paths_in(folder, metric, metrics::registry()));
  }
  return metrics;
}

LossArguments loss_arguments(const Json& json, const std::filesystem::path& folder) {
  std::vector<LossArgument> losses;
  for (const auto& loss : json.is_array() ? json : Json::array({json})) {
    losses.emplace_back(with_paths_in(folder, loss, losses::registry()));
  }
  return LossArguments(std::move(losses));
}

std::map<std::int64_t, double> class_weights(const Json& json) {
  std::map<std::int64_t, double> weights;
  if (json.is_null()) return weights;
  if (!json.is_object()) wrong_value(json, "fit.class_weight", "an object of numbers");
  for (const auto& [label, weight] : json.items()) {
    const bool number = !label.empty() && label.size() < 10 &&
                        label.find_first_not_of("0123456789") == std::string::npos;
    TORCH_CHECK_VALUE(number, "fit.class_weight: '", label, "' is no class number");
    assay::read_value(weight, weights[std::stoll(label)], "fit.class_weight." + label);
  }
  return weights;
}

void load_plugins(const Experiment& experiment) {
  with_context(experiment.file.string() + ": plugins", [&] {
    for (const auto& path : experiment.options.plugins) {
      load_plugin(experiment.folder() / path.get());
    }
  });
}

std::string local_time_text() {
  const auto now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::ostringstream text;
  text << std::put_time(&local, "%Y-%m-%d %H:%M:%S %Z");
  return text.str();
}

std::optional<Standardizer> saved_standardizer(const RunFiles& files) {
  if (!std::filesystem::exists(files.checkpoint())) return std::nullopt;
  auto tensors = read_checkpoint(files.checkpoint()).extra_tensors;
  if (tensors.empty()) return std::nullopt;
  for (auto& [name, tensor] : tensors) tensor = tensor.clone();
  return Standardizer::from_tensors(tensors);
}

}  // namespace

ExperimentRun::ExperimentRun(Experiment experiment, GroupPointer group)
    : ExperimentRun(std::move(experiment), std::move(group), std::nullopt) {}

ExperimentRun::ExperimentRun(Experiment experiment, GroupPointer group,
                             std::optional<Standardizer> standardizer)
    : experiment_(std::move(experiment)), group_(std::move(group)), files_{experiment_.output()} {
  load_plugins(experiment_);
  use_threads(experiment_.options.threads);
  data_ = load_data(experiment_, std::move(standardizer));
  at::manual_seed(static_cast<std::uint64_t>(experiment_.options.seed));
  make_trainer();
}

void ExperimentRun::use_threads(std::optional<std::int64_t> threads) const {
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  // The processes of one machine share its cores.
  const auto share = std::max<std::int64_t>(1, cores / group_->environment().local_world_size);
  at::set_num_threads(static_cast<int>(threads.value_or(share)));
}

ExperimentRun ExperimentRun::trained(Experiment experiment, GroupPointer group) {
  const RunFiles files{experiment.output()};
  const bool finished = std::filesystem::exists(files.model());
  TORCH_CHECK_VALUE(finished || std::filesystem::exists(files.checkpoint()),
                    "nothing was trained in ", files.folder.string(),
                    " yet: run assay train first");
  ExperimentRun run(std::move(experiment), std::move(group), saved_standardizer(files));
  if (finished) {
    run.trainer_->load_weights(files.model());
  } else {
    auto tensors = read_checkpoint(files.checkpoint()).model;
    with_context(files.checkpoint().string(), [&] { run.trainer_->set_weights(tensors); });
  }
  return run;
}

void ExperimentRun::make_trainer() {
  const auto& options = experiment_.options;
  const auto at = [&](const char* path, auto function) {
    return with_context(experiment_.file.string() + ": " + path, function);
  };
  const auto device =
      with_context(experiment_.file.string(), [&] { return device_of(options.device); });
  TORCH_CHECK_VALUE(device.is_cpu() || !group_->has_peers(), experiment_.file.string(),
                    ": device: '", options.device,
                    "' in several processes; they train on the CPU: this assay has no NCCL");
  const auto model = at("model", [&] {
    auto made = layers::build_model(options.model, experiment_.folder());
    const at::NoGradGuard no_grad;
    auto x = data_.train->rows({0}).x;
    if (x.scalar_type() == at::kDouble) x = x.to(at::kFloat);  // as layers are made
    made->build(x);
    made->to(device);
    return made;
  });
  trainer_ = std::make_unique<Trainer>(Model(model));
  trainer_->distribute(group_);
  with_context(experiment_.file.string(), [&] {
    trainer_->compile(
        {.optimizer = options.optimizer,
         .loss = loss_arguments(options.loss, experiment_.folder()),
         .loss_weights = options.loss_weights,
         .metrics = metric_arguments(options.metrics, experiment_.folder()),
         .weighted_metrics = metric_arguments(options.weighted_metrics, experiment_.folder()),
         .dtype_policy = options.dtype_policy});
  });
  // Made again for each fit; here so that a mistake shows before anything is trained.
  with_context(experiment_.file.string(), [&] { fit_options(Verbosity::kSilent); });
  set_checkpoint_extra();
}

void ExperimentRun::set_checkpoint_extra() {
  Json values = {{"experiment", experiment_.json}, {"threads", at::get_num_threads()}};
  if (group_->has_peers()) values["processes"] = group_->size();
  trainer_->set_checkpoint_extra(data_.standardizer ? data_.standardizer->tensors()
                                                    : std::vector<serialization::NamedTensor>{},
                                 values);
}

FitOptions ExperimentRun::fit_options(Verbosity verbose) const {
  const auto& fit = experiment_.options.fit;
  FitOptions options{.epochs = fit.epochs,
                     .batch_size = fit.batch_size,
                     .validation = Data(data_.validation),
                     .shuffle = fit.shuffle,
                     .seed = static_cast<std::uint64_t>(experiment_.options.seed),
                     .verbose = verbose,
                     .steps_per_epoch = fit.steps_per_epoch,
                     .validation_steps = fit.validation_steps,
                     .validation_freq = fit.validation_freq,
                     .validation_batch_size = fit.validation_batch_size,
                     .class_weight = class_weights(fit.class_weight),
                     .threads = fit.loader_threads,
                     .configuration = std::make_shared<const Json>(experiment_.json)};
  for (const auto& callback : experiment_.options.callbacks) {
    options.callbacks.emplace_back(callbacks::get(callback, experiment_.folder()));
  }
  options.callbacks.emplace_back(std::make_shared<callbacks::RunCheckpoint>(
      files_.checkpoint(), files_.best(), experiment_.options.checkpoint));
  return options;
}

bool ExperimentRun::has_checkpoint() const { return std::filesystem::exists(files_.checkpoint()); }

std::optional<Position> ExperimentRun::checkpoint_position() const {
  if (!has_checkpoint()) return std::nullopt;
  return read_checkpoint(files_.checkpoint()).position;
}

void ExperimentRun::remove_results() const {
  for (const auto& file : {files_.model(), files_.metrics(), files_.history(), files_.results(),
                           files_.report_data(), files_.report()}) {
    std::filesystem::remove(file);
  }
}

void ExperimentRun::resume_from_checkpoint() {
  const auto extra = read_checkpoint(files_.checkpoint()).extra;
  const auto path = files_.checkpoint().string();
  TORCH_CHECK_VALUE(extra.is_object() && extra.contains("experiment") && extra.contains("threads"),
                    path, " was not saved by assay train");
  const auto conflict = resume_conflict(extra["experiment"], experiment_.json);
  TORCH_CHECK_VALUE(conflict.empty(), path, " is of another experiment: ", conflict,
                    ". Change it back, or train afresh with --no-resume");
  trainer_->load_checkpoint(files_.checkpoint());
  // Sums over threads round by their number: go on with as many as before. On another number of
  // processes they round otherwise anyway.
  if (extra.value("processes", Json(1)) == group_->size()) {
    std::int64_t threads = 1;
    assay::read_value(extra["threads"], threads, "threads");
    use_threads(experiment_.options.threads.value_or(std::max<std::int64_t>(threads, 1)));
  }
  set_checkpoint_extra();
}

// Whether it goes on from a checkpoint: as the first process finds it.
bool ExperimentRun::begin_afresh_or_resume(Resume resume) {
  const auto found = at::zeros({1}, at::kLong);
  if (group_->is_first()) {
    std::filesystem::create_directories(files_.folder);
    serialization::remove_stale_temporaries(files_.folder);
    if (has_checkpoint()) found.fill_(1);
  }
  group_->broadcast({found}, "looking for a checkpoint");
  const bool is_there = found.item<std::int64_t>() != 0;
  TORCH_CHECK_VALUE(resume != Resume::kMust || is_there,
                    "there is no checkpoint to go on from: ", files_.checkpoint().string());
  return resume != Resume::kNever && is_there;
}

History ExperimentRun::fit(Resume resume, Verbosity verbose) {
  if (begin_afresh_or_resume(resume)) {
    resume_from_checkpoint();
  } else if (group_->is_first()) {
    remove_results();
    remove_kept_checkpoints(files_.checkpoint());
    std::filesystem::remove(files_.best());
    std::filesystem::remove(files_.checkpoint());
  }
  if (group_->is_first()) write_text(files_.experiment(), experiment_.json.dump(2) + "\n");
  auto history = trainer_->fit(data_.train, fit_options(verbose));
  if (trainer_->interrupted()) {
    trainer_->save_checkpoint(files_.checkpoint());
    return history;
  }
  if (!group_->is_first()) return history;
  trainer_->save_weights(files_.model());
  write_text(files_.history(), history.to_json().dump(2) + "\n");
  return history;
}

PartResult ExperimentRun::finish() {
  const std::string part = data_.test ? "test" : data_.validation ? "validation" : "train";
  auto result = evaluate(part, Verbosity::kSilent);
  if (!group_->is_first()) return result;
  save_scores(files_.metrics(), trainer_->scores());
  write_text(files_.results(), Json{{part, to_json(result.logs)}}.dump(2) + "\n");
  write_report(part);
  return result;
}

void ExperimentRun::write_report(const std::string& part) {
  const auto dataset = data_.part(part);
  report::Findings findings(report::prediction_form(trainer_->scores()), dataset->names().classes);
  trainer_->predict_batches(
      Data(dataset),
      [&](const Batch& batch, const at::Tensor& y_pred) { findings.add(batch.y, y_pred); },
      {.batch_size = experiment_.options.fit.batch_size,
       .threads = experiment_.options.fit.loader_threads});
  const Json details = {{"part", part},
                        {"findings", findings.json()},
                        {"machine", report::machine()},
                        {"finished", local_time_text()}};
  write_text(files_.report_data(), details.dump(2) + "\n");
  write_text(files_.report(), report::report_page({report::read_run(files_.folder)}));
}

PartResult ExperimentRun::evaluate(const std::string& part, Verbosity verbose) {
  const auto& fit = experiment_.options.fit;
  return {part,
          trainer_->evaluate(Data(data_.part(part)),
                             {.batch_size = fit.validation_batch_size.value_or(fit.batch_size),
                              .verbose = verbose,
                              .threads = fit.loader_threads})};
}

}  // namespace assay::training
