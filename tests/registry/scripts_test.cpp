// SPDX-License-Identifier: Apache-2.0
// Losses and metrics out of TorchScript files.
#include <assay/core/options/config.h>
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/plugins/load_plugin.h>
#include <assay/serialization/metric_file.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>

namespace assay {
namespace {

using assay::testing::TemporaryFolder;
using assay::testing::write_whole;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::near;
using testing::same_bits;
using testing::value_error;

constexpr auto kForward = R"(
def forward(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
    return torch.sqrt((y_pred - y_true) ** 2 + self.epsilon ** 2).mean(-1)
)";

constexpr auto kUpdate = R"(
def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Optional[Tensor]) -> None:
    error = (y_pred - y_true).abs()
    self.total += (error <= self.tolerance).sum().double()
    self.count += error.numel()
    self.largest.copy_(torch.max(self.largest, error.max().double()))
)";

constexpr auto kResult = R"(
def result(self) -> Tensor:
    return self.total / self.count + 10 * self.largest
)";

torch::jit::Module loss_script(const char* forward = kForward, const char* name = nullptr) {
  torch::jit::Module module("Charbonnier");
  module.register_attribute("epsilon", c10::FloatType::get(), 0.5);
  module.register_attribute("rounds", c10::IntType::get(), 3);
  module.register_attribute("soft", c10::BoolType::get(), true);
  module.register_attribute("label", c10::StringType::get(), "a");
  module.register_attribute("_private", c10::IntType::get(), 1);
  if (name) module.register_attribute("registered_name", c10::StringType::get(), name);
  if (forward) module.define(forward);
  return module;
}

torch::jit::Module metric_script(const char* update = kUpdate, const char* result = kResult,
                                 const char* name = nullptr) {
  torch::jit::Module module("Within");
  module.register_attribute("tolerance", c10::FloatType::get(), 0.25);
  module.register_buffer("total", at::zeros({}, at::kDouble));
  module.register_buffer("count", at::zeros({}, at::kLong));
  module.register_buffer("largest", at::full({}, -1.0, at::kDouble));
  c10::Dict<std::string, std::string> merge;
  merge.insert("largest", "max");
  module.register_attribute(
      "merge", c10::DictType::create(c10::StringType::get(), c10::StringType::get()), merge);
  if (name) module.register_attribute("registered_name", c10::StringType::get(), name);
  if (update) module.define(update);
  if (result) module.define(result);
  return module;
}

struct ScriptsTest : ::testing::Test {
  TemporaryFolder folder;

  std::string saved(const torch::jit::Module& module, const std::string& name = "script.pt") const {
    module.save((folder / name).string());
    return (folder / name).string();
  }
  std::string loss_refused(const torch::jit::Module& module) const {
    const auto path = saved(module);
    const auto message = value_error([&] { losses::get(path); });
    EXPECT_THAT(message, HasSubstr(path));
    return message;
  }
  std::string metric_refused(const torch::jit::Module& module) const {
    const auto path = saved(module);
    const auto message = value_error([&] { metrics::get(path); });
    EXPECT_THAT(message, HasSubstr(path));
    return message;
  }
};

TEST_F(ScriptsTest, AFileIsALossByItsPath) {
  const auto path = saved(loss_script());
  const auto loss = losses::get(path);
  const auto y_true = at::zeros({2, 2});
  const auto y_pred = at::tensor({1.2F, 0.0F, 0.0F, -1.2F}).view({2, 2}).requires_grad_();
  const auto value = loss->forward(y_true, y_pred, at::tensor({1.0F, 3.0F}));
  EXPECT_TRUE(near(value, at::tensor(0.9F * 4 / 2).squeeze()));
  value.backward();
  // d/dp of sqrt(p^2 + 0.25) is 1.2 / 1.3; over two columns and two samples.
  EXPECT_TRUE(near(y_pred.grad(),
                   at::tensor({1.2F / 1.3F / 4, 0.0F, 0.0F, -3.6F / 1.3F / 4}).view({2, 2})));
  EXPECT_EQ(losses::get(Json{{"class_name", path}, {"config", {{"reduction", "none"}}}})
                ->forward(y_true, y_pred)
                .dim(),
            1);
  EXPECT_EQ(loss->forward(y_true, y_pred.to(at::kHalf)).scalar_type(), at::kHalf);
}

TEST_F(ScriptsTest, ItsAttributesAreOptions) {
  const auto path = saved(loss_script());
  const auto loss = losses::get(Json{
      {"class_name", path},
      {"config", {{"epsilon", 2}, {"rounds", 7}, {"soft", false}, {"label", "b"}, {"name", "x"}}}});
  const auto config = loss->get_config();
  EXPECT_EQ(config["epsilon"], 2.0);
  EXPECT_EQ(config["rounds"], 7);
  EXPECT_EQ(config["soft"], false);
  EXPECT_EQ(config["label"], "b");
  EXPECT_FALSE(config.contains("_private"));
  const auto again = losses::get(losses::serialize(*loss));
  EXPECT_EQ(again->get_config(), config);
  EXPECT_EQ(losses::serialize(*again), losses::serialize(*loss));
  const auto zero = at::zeros({1, 1});
  EXPECT_EQ(again->forward(zero, zero).item<float>(), 2);
  EXPECT_EQ(losses::get(path)->forward(zero, zero).item<float>(), 0.5);
  const auto copy = std::dynamic_pointer_cast<losses::Loss>(again->clone());
  EXPECT_EQ(copy->forward(zero, zero).item<float>(), 2);

  const auto refused = [&](const Json& options) {
    return value_error([&] { losses::get(Json{{"class_name", path}, {"config", options}}); });
  };
  EXPECT_THAT(refused({{"epsilom", 1}}), AllOf(HasSubstr(path), HasSubstr("'epsilon'?")));
  EXPECT_THAT(refused({{"rounds", 1.5}}), HasSubstr("rounds"));
  EXPECT_THAT(refused({{"epsilon", "big"}}), HasSubstr("a number"));
  const auto entry = losses::registry().entry(path);
  EXPECT_EQ(entry.fields->schema()["properties"]["soft"]["default"], true);
}

TEST_F(ScriptsTest, ItsParametersAreTheLosss) {
  auto module = loss_script(nullptr);
  module.register_parameter("scale", at::ones({}).requires_grad_(), /*is_buffer=*/false);
  module.define(R"(
def forward(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
    return self.scale * (y_pred - y_true).abs().mean(-1)
)");
  const auto loss = losses::get(saved(module));
  ASSERT_EQ(loss->parameters().size(), 1);
  loss->forward(at::zeros({2, 1}), at::ones({2, 1})).backward();
  EXPECT_EQ(loss->parameters()[0].grad().item<float>(), 1);
}

TEST_F(ScriptsTest, AFileIsAMetricByItsPath) {
  const auto path = saved(metric_script());
  const auto metric = metrics::get(path);
  metric->update_state(at::zeros({4}), at::tensor({0.0F, 0.25F, 0.5F, 1.0F}));
  EXPECT_NEAR(metric->result().item<float>(), 0.5 + 10, 1e-6);
  metric->update_state(at::zeros({4}), at::zeros({4}));
  EXPECT_NEAR(metric->result().item<float>(), 0.75 + 10, 1e-6);
  EXPECT_EQ(metric->name(), "script");
  metric->reset_state();
  EXPECT_EQ(metric->variables()[2].item<double>(), -1);
  const auto strict = metrics::get(Json{{"class_name", path}, {"config", {{"tolerance", 0.0}}}});
  strict->update_state(at::zeros({2}), at::tensor({0.0F, 0.1F}));
  EXPECT_NEAR(strict->result().item<float>(), 0.5 + 1, 1e-6);
}

TEST_F(ScriptsTest, StateMergesIsSavedAndRestored) {
  const auto path = saved(metric_script());
  const auto whole = metrics::get(path);
  const auto first = metrics::get(path);
  const auto second = metrics::get(path);
  const auto y_true = at::zeros({6});
  const auto y_pred = at::tensor({0.1F, 0.2F, 0.3F, 0.4F, 2.0F, 0.0F});
  whole->update_state(y_true, y_pred);
  first->update_state(y_true.narrow(0, 0, 2), y_pred.narrow(0, 0, 2));
  second->update_state(y_true.narrow(0, 2, 4), y_pred.narrow(0, 2, 4));
  first->merge_state({second.get()});
  EXPECT_TRUE(same_bits(first->variables(), whole->variables()));

  serialization::save_metric(folder / "state.safetensors", *whole);
  const auto restored = serialization::load_metric(folder / "state.safetensors");
  EXPECT_TRUE(same_bits(restored->variables(), whole->variables()));
  EXPECT_TRUE(same_bits(restored->result(), whole->result()));
  restored->update_state(y_true, y_pred);
  EXPECT_TRUE(same_bits(whole->variables(), first->variables()));

  const auto state = first->stateless_update_state(first->variables(), y_true, y_pred);
  EXPECT_TRUE(same_bits(state, restored->variables()));
  EXPECT_TRUE(same_bits(first->variables(), whole->variables()));
}

TEST_F(ScriptsTest, AnUpdateThatFailsChangesNothing) {
  const auto metric = metrics::get(saved(metric_script(R"(
def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Optional[Tensor]) -> None:
    self.total += 1
    assert y_pred.numel() <= 2, "too many"
    self.count += 1
    if y_pred.numel() == 0:
        self.total = self.total.float()
    if sample_weight is not None:
        self.tolerance = 7.0
)")));
  metric->update_state(at::zeros({2}), at::zeros({2}));
  const auto before = testing::copies(metric->variables());
  const auto refused = [&](int size, const at::Tensor& weight = {}) {
    const auto message =
        value_error([&] { metric->update_state(at::zeros({size}), at::zeros({size}), weight); });
    EXPECT_TRUE(same_bits(metric->variables(), before));
    return message;
  };
  EXPECT_THAT(refused(3), AllOf(HasSubstr("update_state failed"), HasSubstr("too many")));
  EXPECT_THAT(refused(0), AllOf(HasSubstr("'total'"), HasSubstr("float32")));
  EXPECT_THAT(refused(1, at::ones({1})), HasSubstr("changed the attribute 'tolerance'"));
  metric->update_state(at::zeros({2}), at::zeros({2}));
  EXPECT_EQ(metric->variables()[0].item<double>(), 2);
}

TEST_F(ScriptsTest, WrongSignaturesAreRefusedWithWhatWasExpected) {
  constexpr auto expected_forward =
      "expected forward(self, y_true: Tensor, y_pred: Tensor) -> Tensor";
  EXPECT_THAT(loss_refused(loss_script(nullptr)),
              AllOf(HasSubstr("no method forward"), HasSubstr(expected_forward)));
  EXPECT_THAT(
      loss_refused(loss_script("def forward(self, a: Tensor) -> Tensor:\n    return a\n")),
      AllOf(HasSubstr("has forward(self, a: Tensor) -> Tensor"), HasSubstr(expected_forward)));
  EXPECT_THAT(
      loss_refused(loss_script("def forward(self, a: Tensor, b: int) -> Tensor:\n    return a\n")),
      HasSubstr("has forward(self, a: Tensor, b: int) -> Tensor"));
  EXPECT_THAT(
      loss_refused(loss_script("def forward(self, a: Tensor, b: Tensor) -> int:\n    return 1\n")),
      HasSubstr("-> int; expected"));
  constexpr auto expected_update =
      "expected update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: "
      "Optional[Tensor]) -> None";
  EXPECT_THAT(metric_refused(metric_script(nullptr)), HasSubstr(expected_update));
  EXPECT_THAT(metric_refused(metric_script(
                  "def update_state(self, y_true: Tensor, y_pred: Tensor) -> None:\n    pass\n")),
              HasSubstr(expected_update));
  EXPECT_THAT(metric_refused(metric_script(kUpdate, nullptr)),
              HasSubstr("expected result(self) -> Tensor"));
  EXPECT_THAT(metric_refused(loss_script()), HasSubstr(expected_update));
}

TEST_F(ScriptsTest, StateOutsideOfBuffersIsRefused) {
  auto none = torch::jit::Module("Stateless");
  none.define(R"(
def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Optional[Tensor]) -> None:
    pass
def result(self) -> Tensor:
    return torch.zeros(())
)");
  EXPECT_THAT(metric_refused(none), HasSubstr("no buffers"));
  auto mixed = metric_script();
  mixed.register_buffer("mixed", at::tensor({0.0, 1.0}));
  EXPECT_THAT(metric_refused(mixed), HasSubstr("the values of its buffer 'mixed' differ"));
  auto loose = metric_script();
  loose.register_attribute("loose", c10::TensorType::get(), at::zeros({}));
  EXPECT_THAT(metric_refused(loose), HasSubstr("'loose' is a tensor, but no buffer"));
  auto part = torch::jit::Module("Part");
  part.register_buffer("hidden", at::zeros({}));
  auto deep = metric_script();
  deep.register_module("part", part);
  EXPECT_THAT(metric_refused(deep), HasSubstr("a part of its module has buffers"));
  auto named = metric_script();
  named.register_attribute("name", c10::StringType::get(), "x");
  EXPECT_THAT(metric_refused(named), HasSubstr("its attribute 'name'"));
}

TEST_F(ScriptsTest, FilesThatAreNoneAreRefused) {
  EXPECT_THAT(value_error([&] { losses::get((folder / "nowhere.pt").string()); }),
              HasSubstr("nowhere.pt: no such file"));
  write_whole(folder / "text.pt", "no script");
  for (const auto& make : {+[](const std::string& path) { losses::get(path); },
                           +[](const std::string& path) { metrics::get(path); }}) {
    EXPECT_THAT(value_error([&] { make((folder / "text.pt").string()); }),
                HasSubstr("text.pt: is no TorchScript file"));
  }
}

TEST_F(ScriptsTest, APluginIsRegisteredByItsName) {
  const auto loss_path = saved(loss_script(kForward, "script>Charbonnier"), "loss.pt");
  const auto metric_path = saved(metric_script(kUpdate, kResult, "script>NearBy"), "metric.pt");
  EXPECT_THAT(load_plugin(loss_path).class_names, ElementsAre("script>Charbonnier"));
  EXPECT_THAT(load_plugin(metric_path).class_names, ElementsAre("script>NearBy"));
  EXPECT_FALSE(load_plugin(loss_path).stamp);  // the same again
  const auto loss =
      losses::get(Json{{"class_name", "script>charbonnier"}, {"config", {{"epsilon", 3.0}}}});
  const auto json = losses::serialize(*loss);
  EXPECT_EQ(json["registered_name"], "script>Charbonnier");
  EXPECT_EQ(json["config"]["name"], "charbonnier");
  EXPECT_EQ(losses::get(json)->forward(at::zeros({1, 1}), at::zeros({1, 1})).item<float>(), 3);
  const auto metric = metrics::get("script>near_by");
  metric->update_state(at::zeros({2}), at::zeros({2}));
  EXPECT_NEAR(metric->result().item<float>(), 1, 1e-6);
  EXPECT_EQ(losses::registry().entry("script>Charbonnier").fields->list().size(), 7);

  const auto refused = [](const std::string& path) {
    return value_error([&] { load_plugin(path); });
  };
  EXPECT_THAT(refused(saved(loss_script(kForward, "script>Charbonnier"), "again.pt")),
              HasSubstr("already"));
  EXPECT_THAT(refused(saved(loss_script(), "unnamed.pt")), HasSubstr("registered_name"));
  EXPECT_THAT(refused(saved(loss_script(kForward, "plain"), "plain.pt")),
              HasSubstr("'package>Name'"));
  EXPECT_THAT(refused(saved(loss_script(nullptr, "script>None"), "none.pt")),
              HasSubstr("expected forward"));
}

}  // namespace
}  // namespace assay
