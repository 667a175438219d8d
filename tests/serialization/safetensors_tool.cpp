// SPDX-License-Identifier: Apache-2.0
// Lets test_safetensors_interchange.py save and load with assay.
#include <assay/serialization/safetensors.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

#include "testing/sample_tensors.h"

namespace {

using namespace assay::serialization;

int check(const char* path) {
  const std::string difference = testing::difference_to_samples(load_safetensors(path));
  if (!difference.empty()) {
    std::cerr << path << " differs from the samples in " << difference << "\n";
  }
  return difference.empty() ? 0 : 1;
}

std::string verdict(const char* path) {
  try {
    load_safetensors(path);
    return "loads";
  } catch (const c10::ValueError& error) {
    std::string message = error.what_without_backtrace();
    std::ranges::replace(message, '\n', ' ');
    return message;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 2 ? argv[1] : "";
  if (command == "write") {
    save_safetensors(argv[2], testing::sample_tensors(), testing::sample_metadata());
    return 0;
  }
  if (command == "check") {
    return check(argv[2]);
  }
  if (command == "load") {
    for (int i = 2; i < argc; ++i) {
      std::cout << verdict(argv[i]) << "\n";
    }
    return 0;
  }
  std::cerr << "usage: " << argv[0]
            << " write FILE   saves the sample tensors\n"
               "       ... check FILE   exit status 0 where the file holds the sample tensors\n"
               "       ... load FILE... prints, for each, 'loads' or the error\n";
  return 2;
}
