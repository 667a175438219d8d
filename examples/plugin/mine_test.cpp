// SPDX-License-Identifier: Apache-2.0
#include <assay/assay.h>

int main(int, char** argv) {
  assay::load_plugin(argv[1]);
  const auto y_true = at::zeros({2, 1});
  const auto y_pred = at::full({2, 1}, 3.0);
  const auto loss =
      assay::losses::get(R"({"class_name": "mine>Charbonnier", "config": {"epsilon": 4}})");
  TORCH_CHECK(loss->forward(y_true, y_pred).item<float>() == 5);
  const auto metric = assay::metrics::get("mine>within");
  TORCH_CHECK((*metric)(y_true, y_pred).item<float>() == 0);
  TORCH_CHECK(assay::layers::get("mine>scale")->forward(y_pred).equal(y_pred));
}
