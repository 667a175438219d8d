// SPDX-License-Identifier: Apache-2.0
#include <ATen/record_function.h>
#include <assay/tests/testing/operators.h>

namespace assay::testing {
namespace {

std::set<std::string>* names = nullptr;

std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
  names->insert(function.name());
  return nullptr;
}

// Ends with its scope, whatever the work throws.
struct Noting {
  explicit Noting(std::set<std::string>& called)
      : handle(at::addThreadLocalCallback(at::RecordFunctionCallback(&note))) {
    names = &called;
  }
  ~Noting() {
    at::removeCallback(handle);
    names = nullptr;
  }
  Noting(const Noting&) = delete;
  Noting& operator=(const Noting&) = delete;

  at::CallbackHandle handle;
};

}  // namespace

std::set<std::string> operators_called(const std::function<void()>& work) {
  std::set<std::string> called;
  {
    const Noting noting(called);
    work();
  }
  return called;
}

}  // namespace assay::testing
