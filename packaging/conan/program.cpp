// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/registry.h>

#include <iostream>

int main() {
  const auto loss = assay::losses::get("huber");
  std::cout << "huber is " << loss->forward(at::zeros(2), at::ones(2)).item<double>() << '\n';
}
