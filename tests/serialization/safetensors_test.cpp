// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/safetensors.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "testing/sample_tensors.h"

namespace assay::serialization {
namespace {

namespace fs = std::filesystem;
using assay::testing::error_of;
using assay::testing::read_whole;
using assay::testing::TemporaryFolder;
using assay::testing::write_whole;
using ::testing::HasSubstr;
using testing::same_bits;
using testing::sample_tensor;

std::string header_of(const fs::path& path) {
  const std::string content = read_whole(path);
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof(length));
  return content.substr(sizeof(length), length);
}

// A file as another program writes it, without assay's metadata.
void write_foreign(const fs::path& path, std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string content(sizeof(length), '\0');
  std::memcpy(content.data(), &length, sizeof(length));
  write_whole(path, content.append(header).append(data));
}

std::size_t mappings_of(const fs::path& path) {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    count += line.ends_with(path.string()) ? 1 : 0;
  }
  return count;
}

// Bytes in memory, of what other programs share too.
std::size_t memory_of_this_process() {
  std::ifstream pages("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  pages >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// --- round trips ---

TEST(Safetensors, EveryDtypeAndRankComesBackBitForBit) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  save_safetensors(path, testing::sample_tensors(), testing::sample_metadata());
  EXPECT_EQ(testing::difference_to_samples(load_safetensors(path)), "");
}

TEST(Safetensors, EveryRankUpTo64ComesBack) {
  const TemporaryFolder folder;
  std::vector<NamedTensor> tensors;
  std::vector<std::int64_t> shape;
  for (int rank = 0; rank <= 64; ++rank) {
    tensors.push_back({std::to_string(rank), sample_tensor(at::kFloat, shape)});
    shape.push_back(rank % 8 == 0 ? 2 : 1);
  }
  save_safetensors(folder / "file", tensors);
  const SafetensorsFile file = load_safetensors(folder / "file");
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(same_bits(file.at(name), tensor)) << "rank " << name;
  }
}

TEST(Safetensors, NoTensorsAndNoMetadataComeBack) {
  const TemporaryFolder folder;
  save_safetensors(folder / "file", {});
  const SafetensorsFile file = load_safetensors(folder / "file");
  EXPECT_TRUE(file.tensors.empty());
  EXPECT_TRUE(file.metadata.empty());
  EXPECT_EQ(file.format_version, kSafetensorsFormatVersion);
}

TEST(Safetensors, WhatWasLoadedSavesAsTheSameBytes) {
  const TemporaryFolder folder;
  save_safetensors(folder / "first", testing::sample_tensors(), testing::sample_metadata());
  const SafetensorsFile file = load_safetensors(folder / "first");
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : file.tensors) {
    tensors.push_back({name, tensor});
  }
  save_safetensors(folder / "second", tensors, file.metadata);
  EXPECT_EQ(read_whole(folder / "first"), read_whole(folder / "second"));
}

TEST(Safetensors, MayBeSavedOverTheFileThatItsTensorsShare) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  save_safetensors(path, {{"a", sample_tensor(at::kLong, {100000})}});
  for (int i = 0; i < 3; ++i) {
    const SafetensorsFile file = load_safetensors(path);
    save_safetensors(path, {{"a", file.at("a")}});
  }
  EXPECT_TRUE(same_bits(load_safetensors(path).at("a"), sample_tensor(at::kLong, {100000})));
}

TEST(Safetensors, TensorsOfAnyStridesAreSavedContiguous) {
  const TemporaryFolder folder;
  const at::Tensor base = at::arange(120, at::kFloat).reshape({2, 3, 4, 5});
  const at::Tensor complex = at::complex(at::randn({3, 2}), at::randn({3, 2}));
  const std::vector<NamedTensor> tensors{
      {"transposed", base.permute({3, 1, 0, 2})},
      {"sliced", base.slice(3, 1, 5, 2)},
      {"expanded", at::arange(3).expand({4, 3})},
      {"channels_last", base.contiguous(at::MemoryFormat::ChannelsLast)},
      {"conjugated", complex.conj()},
      {"negated", at::imag(complex.conj())},
      {"requires_grad", at::ones({2}).requires_grad_(true)},
  };
  save_safetensors(folder / "file", tensors);
  const SafetensorsFile file = load_safetensors(folder / "file");
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(file.at(name).is_contiguous()) << name;
    EXPECT_TRUE(file.at(name).equal(tensor)) << name;
    EXPECT_FALSE(file.at(name).requires_grad()) << name;
  }
}

TEST(Safetensors, TensorsOnADeviceAreSavedFromTheCpu) {
  if (!at::hasCUDA()) {
    GTEST_SKIP() << "needs a CUDA device";
  }
  const TemporaryFolder folder;
  const at::Tensor tensor = at::arange(6, at::kFloat).reshape({2, 3});
  save_safetensors(folder / "file", {{"a", tensor.to(at::kCUDA).t()}});
  EXPECT_TRUE(load_safetensors(folder / "file").at("a").equal(tensor.t()));
}

// --- layout ---

TEST(Safetensors, BytesDoNotDependOnTheOrderOfTheTensors) {
  const TemporaryFolder folder;
  std::vector<NamedTensor> tensors = testing::sample_tensors();
  save_safetensors(folder / "one", tensors);
  std::ranges::reverse(tensors);
  save_safetensors(folder / "other", tensors);
  EXPECT_EQ(read_whole(folder / "one"), read_whole(folder / "other"));
}

TEST(Safetensors, HeaderIsAsDocumented) {
  const TemporaryFolder folder;
  save_safetensors(folder / "file",
                   {{"half", sample_tensor(at::kHalf, {1})},
                    {"b", sample_tensor(at::kFloat, {2, 3})},
                    {"a", sample_tensor(at::kFloat, {})}},
                   {{"key", "value"}});
  std::string header = header_of(folder / "file");
  const std::string prefix = R"({"__metadata__":{"assay_checksum":"xxh3-128:)";
  ASSERT_TRUE(header.starts_with(prefix)) << header;
  EXPECT_EQ(header.size() % 8, 0U);
  header.replace(prefix.size(), 32, "DIGITS");
  EXPECT_EQ(header.substr(0, header.find_last_not_of(' ') + 1),
            R"({"__metadata__":{"assay_checksum":"xxh3-128:DIGITS","assay_format_version":"1",)"
            R"("key":"value"},)"
            R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
            R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},)"
            R"("half":{"dtype":"F16","shape":[1],"data_offsets":[28,30]}})");
}

TEST(Safetensors, EveryTensorIsAligned) {
  const TemporaryFolder folder;
  save_safetensors(folder / "file", testing::sample_tensors());
  for (const auto& [name, tensor] : load_safetensors(folder / "file").tensors) {
    const auto address = reinterpret_cast<std::uintptr_t>(tensor.const_data_ptr());
    EXPECT_EQ(address % tensor.element_size(), 0U) << name;
  }
}

// --- the memory map ---

TEST(Safetensors, TensorsShareTheMapWhichLivesAsLongAsOneOfThem) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  save_safetensors(
      path, {{"a", sample_tensor(at::kFloat, {1000})}, {"b", sample_tensor(at::kFloat, {1000})}});
  EXPECT_EQ(mappings_of(path), 0U);
  at::Tensor view;
  {
    const SafetensorsFile file = load_safetensors(path);
    EXPECT_EQ(mappings_of(path), 1U);
    const auto* a = static_cast<const char*>(file.at("a").const_data_ptr());
    EXPECT_EQ(file.at("b").const_data_ptr(), a + 4000) << "not in one piece: copied";
    view = file.at("b").slice(0, 10, 20);
  }
  EXPECT_EQ(mappings_of(path), 1U);
  EXPECT_TRUE(same_bits(view, sample_tensor(at::kFloat, {1000}).slice(0, 10, 20)));
  view.reset();
  EXPECT_EQ(mappings_of(path), 0U);
}

// Four gigabytes of zeros that lie on no disk: a copy of them would take memory and seconds.
TEST(Safetensors, OfGigabytesAreReadWithoutACopy) {
  constexpr std::int64_t kElements = std::int64_t{1} << 30;
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  const std::string header = R"({"a":{"dtype":"F32","shape":[1073741824],)"
                             R"("data_offsets":[0,4294967296]}})";
  write_foreign(path, header + std::string((8 - header.size() % 8) % 8, ' '), "");
  fs::resize_file(path, fs::file_size(path) + kElements * sizeof(float));
  const auto before = memory_of_this_process();
  const SafetensorsFile file = load_safetensors(path);
  const at::Tensor& a = file.at("a");
  EXPECT_EQ(a.numel(), kElements);
  EXPECT_EQ(a[kElements - 1].item<float>(), 0);
  EXPECT_LT(memory_of_this_process(), before + (std::size_t{64} << 20));
}

TEST(Safetensors, WritingToATensorChangesNeitherTheFileNorAnotherLoad) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  save_safetensors(path, {{"a", at::ones({10000})}, {"b", at::ones({10000})}});
  const std::string content = read_whole(path);
  const SafetensorsFile file = load_safetensors(path);
  const SafetensorsFile other = load_safetensors(path);
  file.at("a").zero_();
  EXPECT_EQ(file.at("a").sum().item<float>(), 0);
  EXPECT_EQ(file.at("b").sum().item<float>(), 10000);
  EXPECT_EQ(other.at("a").sum().item<float>(), 10000);
  EXPECT_EQ(read_whole(path), content);
}

TEST(Safetensors, TensorsOutliveTheReplacedFile) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  save_safetensors(path, {{"a", at::ones({100000})}});
  const SafetensorsFile file = load_safetensors(path);
  save_safetensors(path, {{"a", at::zeros({1})}});
  EXPECT_EQ(file.at("a").sum().item<float>(), 100000);
  fs::remove(path);
  EXPECT_EQ(file.at("a").sum().item<float>(), 100000);
}

// --- files by other programs ---

TEST(ForeignSafetensors, LoadWithoutAChecksum) {
  const TemporaryFolder folder;
  write_foreign(folder / "file",
                R"({"__metadata__":{"format":"pt"},)"
                R"("a":{"shape":[2],"data_offsets":[1,3],"dtype":"U8"},)"
                R"("b":{"dtype":"I8","shape":[],"data_offsets":[0,1]}})",
                "\x07\x08\x09");
  const SafetensorsFile file = load_safetensors(folder / "file");
  EXPECT_EQ(file.format_version, 0);
  EXPECT_EQ(file.metadata, (SafetensorsMetadata{{"format", "pt"}}));
  EXPECT_EQ(file.at("b").item<int>(), 7);
  EXPECT_TRUE(file.at("a").equal(at::tensor({8, 9}, at::kByte)));
}

TEST(ForeignSafetensors, TensorsThatAreNotAlignedAreCopied) {
  const TemporaryFolder folder;
  for (int padding = 0; padding < 8; ++padding) {
    write_foreign(folder / "file",
                  R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                  R"("y":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}})" +
                      std::string(static_cast<std::size_t>(padding), ' '),
                  std::string(1, 'x') + std::string("\0\0\0\0\0\0\xf0\x3f", 8));
    const at::Tensor y = load_safetensors(folder / "file").at("y");
    EXPECT_EQ(y.item<double>(), 1.0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(y.const_data_ptr()) % 8, 0U);
  }
}

TEST(ForeignSafetensors, BooleansOtherThan0And1AreTrue) {
  const TemporaryFolder folder;
  write_foreign(folder / "file", R"({"x":{"dtype":"BOOL","shape":[2,2],"data_offsets":[0,4]}})",
                std::string("\0\1\2\xff", 4));
  const at::Tensor x = load_safetensors(folder / "file").at("x");
  EXPECT_EQ(x.scalar_type(), at::kBool);
  EXPECT_TRUE(x.to(at::kInt).equal(at::tensor({0, 1, 1, 1}, at::kInt).reshape({2, 2})));
}

TEST(ForeignSafetensors, EmptyTensorsMayLieAnywhere) {
  const TemporaryFolder folder;
  write_foreign(folder / "file",
                R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                R"("b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                R"("c":{"dtype":"F32","shape":[3,0],"data_offsets":[1,1]}})",
                "x");
  const SafetensorsFile file = load_safetensors(folder / "file");
  EXPECT_EQ(file.at("a").sizes(), at::IntArrayRef({0}));
  EXPECT_EQ(file.at("c").sizes(), at::IntArrayRef({3, 0}));
}

// --- errors of saving ---

TEST(SafetensorsSaveError, NamesTheTensorAndChangesNothing) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  write_whole(path, "old");
  const at::Tensor one = at::ones({1});
  const std::vector<std::int64_t> rank_65(65, 1);
  const std::vector<std::tuple<std::vector<NamedTensor>, SafetensorsMetadata, std::string>> cases{
      {{{"nothing", at::Tensor()}}, {}, "tensor 'nothing' is undefined"},
      {{{"z", at::zeros({1}, at::kComplexDouble)}}, {}, "tensor 'z' has the dtype ComplexDouble"},
      {{{"h", at::zeros({1}, at::kComplexHalf)}}, {}, "tensor 'h' has the dtype ComplexHalf"},
      {{{"q", at::quantize_per_tensor(one, 1.0, 0, at::kQInt8)}}, {}, "tensor 'q' has the dtype"},
      {{{"s", at::eye(2).to_sparse()}}, {}, "tensor 's' is not a dense tensor"},
      {{{"m", at::empty({2}, at::device(at::kMeta))}}, {}, "tensor 'm' is not a dense tensor"},
      {{{"r", at::ones(rank_65)}}, {}, "tensor 'r' has more than 64 dimensions"},
      {{{"twice", one}, {"other", one}, {"twice", one}}, {}, "the name 'twice' occurs twice"},
      {{{"__metadata__", one}}, {}, "the tensor name '__metadata__' is reserved"},
      {{{"\xff", one}}, {}, "a tensor's name is not valid UTF-8"},
      {{}, {{"assay_checksum", ""}}, "the metadata key 'assay_checksum' is reserved"},
      {{}, {{"assay_format_version", "1"}}, "the metadata key 'assay_format_version' is reserved"},
      {{}, {{"\xc0\x80", ""}}, "a metadata key is not valid UTF-8"},
      {{}, {{"key", "\xed\xa0\x80"}}, "the metadata of key 'key' is not valid UTF-8"},
      {{}, {{"long", std::string(100'000'000, 'x')}}, "the header needs 10000"},
  };
  for (const auto& [tensors, metadata, expected] : cases) {
    const std::string error =
        error_of<c10::ValueError>([&tensors = tensors, &metadata = metadata, &path] {
          save_safetensors(path, tensors, metadata);
        });
    EXPECT_THAT(error, HasSubstr("cannot save '" + path.string() + "'"));
    EXPECT_THAT(error, HasSubstr(expected));
  }
  EXPECT_EQ(read_whole(path), "old");
}

TEST(SafetensorsFile, NamesTheTensorThatItLacks) {
  const TemporaryFolder folder;
  save_safetensors(folder / "file", {{"a", at::ones({1})}});
  const SafetensorsFile file = load_safetensors(folder / "file");
  const std::string error = error_of<c10::ValueError>([&] { file.at("b"); });
  EXPECT_THAT(error, HasSubstr((folder / "file").string()));
  EXPECT_THAT(error, HasSubstr("'b'"));
}

}  // namespace
}  // namespace assay::serialization
