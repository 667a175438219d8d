// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/terminate_on_nan.h>
#include <assay/training/trainer.h>

#include <cmath>
#include <iostream>

namespace assay::training::callbacks {

void TerminateOnNaN::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  const auto loss = logs.loss();
  if (std::isfinite(loss)) return;
  TORCH_CHECK(!options().raise_error, "the loss is ", loss, " after batch ", batch + 1);
  std::cerr << "warning: the loss is " << loss << " after batch " << batch + 1
            << "; training ends\n";
  trainer().stop_training();
}

template class CallbackOf<TerminateOnNaN, TerminateOnNaNOptions>;

void register_terminate_on_nan(CallbackRegistry& registry) {
  registry.add<TerminateOnNaN>({"terminate_on_nan"});
}

}  // namespace assay::training::callbacks
