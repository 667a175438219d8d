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

}  // namespace

std::set<std::string> operators_called(const std::function<void()>& work) {
  std::set<std::string> called;
  names = &called;
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&note));
  work();
  at::removeCallback(handle);
  names = nullptr;
  return called;
}

}  // namespace assay::testing
