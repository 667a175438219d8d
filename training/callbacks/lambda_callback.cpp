// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/lambda_callback.h>
#include <assay/training/callbacks/registry.h>

#include <nlohmann/json.hpp>

namespace assay::training::callbacks {

LambdaCallback::LambdaCallback(LambdaFunctions functions) : functions_(std::move(functions)) {}

void LambdaCallback::on_epoch_begin(std::int64_t epoch) {
  if (functions_.on_epoch_begin) functions_.on_epoch_begin(epoch);
}

void LambdaCallback::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (functions_.on_epoch_end) functions_.on_epoch_end(epoch, logs);
}

void LambdaCallback::on_train_begin() {
  if (functions_.on_train_begin) functions_.on_train_begin();
}

void LambdaCallback::on_train_end(const Logs& logs) {
  if (functions_.on_train_end) functions_.on_train_end(logs);
}

void LambdaCallback::on_train_batch_begin(std::int64_t batch) {
  if (functions_.on_train_batch_begin) functions_.on_train_batch_begin(batch);
}

void LambdaCallback::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (functions_.on_train_batch_end) functions_.on_train_batch_end(batch, logs);
}

Json LambdaCallback::get_config() const { return Json::object(); }

// Functions have no JSON, so there is nothing to register.
void register_lambda_callback(CallbackRegistry&) {}

}  // namespace assay::training::callbacks
