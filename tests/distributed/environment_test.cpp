// SPDX-License-Identifier: Apache-2.0
#include <assay/distributed/environment.h>
#include <assay/distributed/group.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>

namespace assay::distributed {
namespace {

using assay::testing::value_error;
using ::testing::AllOf;
using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

Environment read(const Variables& variables) {
  return read_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

Variables of_torchrun() {
  return {{"RANK", "3"},
          {"WORLD_SIZE", "4"},
          {"LOCAL_RANK", "1"},
          {"LOCAL_WORLD_SIZE", "2"},
          {"MASTER_ADDR", "10.0.0.1"},
          {"MASTER_PORT", "29500"},
          {"TORCHELASTIC_USE_AGENT_STORE", "True"},
          {"TORCHELASTIC_RESTART_COUNT", "2"}};
}

Variables with(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

Variables without(Variables variables, const std::string& name) {
  variables.erase(name);
  return variables;
}

TEST(Environment, WithoutVariablesThereIsOneProcess) {
  EXPECT_EQ(read({}).world_size, 1);
  EXPECT_EQ(read({{"WORLD_SIZE", "1"}}).rank, 0);
  // Other launchers leave such behind.
  EXPECT_EQ(read({{"RANK", "7"}, {"MASTER_PORT", "x"}}).rank, 0);
}

TEST(Environment, ReadsWhatTorchrunSets) {
  const auto environment = read(of_torchrun());
  EXPECT_EQ(environment.rank, 3);
  EXPECT_EQ(environment.world_size, 4);
  EXPECT_EQ(environment.local_rank, 1);
  EXPECT_EQ(environment.local_world_size, 2);
  EXPECT_EQ(environment.master_address, "10.0.0.1");
  EXPECT_EQ(environment.master_port, 29500);
  EXPECT_TRUE(environment.agent_store);
  EXPECT_EQ(environment.attempt, 2);
}

TEST(Environment, NamesTheVariableThatIsMissing) {
  for (const auto* name : {"RANK", "MASTER_ADDR", "MASTER_PORT"}) {
    EXPECT_THAT(value_error([&] { read(without(of_torchrun(), name)); }), HasSubstr(name));
  }
}

TEST(Environment, NamesTheVariableThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"WORLD_SIZE", "0"},
      {"WORLD_SIZE", "many"},
      {"RANK", "4"},
      {"RANK", "-1"},
      {"RANK", "1.5"},
      {"RANK", ""},
      {"MASTER_PORT", "0"},
      {"MASTER_PORT", "65536"},
      {"LOCAL_RANK", "1x"},
      {"LOCAL_WORLD_SIZE", "5"},
      {"TORCHELASTIC_RESTART_COUNT", "-1"}};
  for (const auto& [name, value] : wrong) {
    ASSAY_TRACE(name << "=" << value);
    EXPECT_THAT(value_error([&, &n = name, &v = value] { read(with(of_torchrun(), n, v)); }),
                HasSubstr(name));
  }
}

TEST(Group, OfOneProcessDoesNothing) {
  const auto group = Group::of(read({}));
  EXPECT_EQ(group->size(), 1);
  EXPECT_TRUE(group->is_first());
  EXPECT_FALSE(group->has_peers());
  auto values = torch::tensor({1.5, 2.5});
  group->all_reduce(values, Combine::kSum, "test");
  group->broadcast({values}, "test");
  group->barrier("test");
  EXPECT_TRUE(values.equal(torch::tensor({1.5, 2.5})));
  const auto bytes = torch::tensor({1, 2}, torch::kByte);
  const auto all = group->all_gather(bytes, 0, "test");
  ASSERT_EQ(all.size(), 1);
  EXPECT_TRUE(all[0].equal(bytes));
  EXPECT_EQ(group->collectives(), 0);
  EXPECT_EQ(group->reduce_gradients({values}), nullptr);
}

TEST(Group, RefusesATimeOutOfNothing) {
  EXPECT_THAT(value_error([] { Group::of({}, {.timeout = std::chrono::milliseconds(0)}); }),
              HasSubstr("timeout"));
}

}  // namespace
}  // namespace assay::distributed
