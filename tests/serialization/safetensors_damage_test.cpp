// SPDX-License-Identifier: Apache-2.0
// Files that are not what they say.
#include <ATen/core/Tensor.h>
#include <assay/serialization/checksum.h>
#include <assay/serialization/safetensors.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
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
using testing::sample_tensor;

std::string with_length(std::uint64_t length, std::string_view rest) {
  std::string content(sizeof(length), '\0');
  std::memcpy(content.data(), &length, sizeof(length));
  return content.append(rest);
}

std::string file_of(const std::string& header, std::string_view data = "") {
  return with_length(header.size(), header + std::string(data));
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

std::vector<NamedTensor> small_tensors() {
  return {{"weight", sample_tensor(at::kFloat, {3, 2})},
          {"count", sample_tensor(at::kLong, {})},
          {"mask", sample_tensor(at::kBool, {5})},
          {"none", sample_tensor(at::kHalf, {0, 3})}};
}

const SafetensorsMetadata kSmallMetadata{{"config", R"({"class_name":"AUC"})"}, {"step", "17"}};

class DamagedFile : public ::testing::Test {
 protected:
  void SetUp() override {
    save_safetensors(path_, small_tensors(), kSmallMetadata);
    intact_ = read_whole(path_);
  }

  void write(std::string_view content) { write_whole(path_, content); }

  std::string load_error() {
    return error_of<c10::ValueError>([&] { load_safetensors(path_); });
  }

  // True where the file is refused, or loads as what was saved.
  bool is_refused_or_right() {
    try {
      const SafetensorsFile file = load_safetensors(path_);
      for (const auto& [name, tensor] : small_tensors()) {
        if (!testing::same_bits(file.at(name), tensor)) {
          return false;
        }
      }
      return file.tensors.size() == small_tensors().size() && file.metadata == kSmallMetadata &&
             file.format_version == kSafetensorsFormatVersion;
    } catch (const c10::ValueError& error) {
      ++refused_;
      return std::string_view(error.what()).find(path_.string()) != std::string_view::npos;
    }
  }

  const TemporaryFolder folder_;
  const fs::path path_ = folder_ / "file";
  std::string intact_;
  int refused_ = 0;
};

TEST_F(DamagedFile, IsRefusedAtEveryTruncation) {
  for (std::size_t length = 0; length < intact_.size(); ++length) {
    write(std::string_view(intact_).substr(0, length));
    EXPECT_THAT(load_error(), HasSubstr(path_.string())) << "cut to " << length;
  }
}

TEST_F(DamagedFile, WithoutAChecksumIsRefusedAtEveryTruncation) {
  const std::string foreign = file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                      R"("b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}  )",
                                      "0123456789a");
  write(foreign);
  ASSERT_EQ(load_error(), "");
  for (std::size_t length = 0; length < foreign.size(); ++length) {
    write(std::string_view(foreign).substr(0, length));
    EXPECT_THAT(load_error(), HasSubstr(path_.string())) << "cut to " << length;
  }
}

TEST_F(DamagedFile, IsRefusedWithBytesBehindIt) {
  write(intact_ + "x");
  EXPECT_THAT(load_error(), HasSubstr("bytes of data, but"));
}

TEST_F(DamagedFile, IsRefusedForEverySingleBit) {
  for (std::size_t i = 0; i < 8 * intact_.size(); ++i) {
    std::string damaged = intact_;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << i % 8));
    write(damaged);
    EXPECT_TRUE(is_refused_or_right()) << "bit " << i;
  }
  EXPECT_EQ(refused_, 8 * static_cast<int>(intact_.size()));
}

TEST_F(DamagedFile, IsRefusedOrRightAfterAnyChangeOfAByte) {
  std::mt19937 random(20240607);
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = intact_;
    const std::size_t place = random() % damaged.size();
    damaged[place] = static_cast<char>(damaged[place] ^ (1 + random() % 255));
    write(damaged);
    EXPECT_TRUE(is_refused_or_right()) << "change " << i << " at byte " << place;
  }
}

TEST_F(DamagedFile, IsRefusedOrRightAfterAnyChangeOfManyBytes) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = intact_;
    const std::size_t from = random() % damaged.size();
    const std::size_t length = random() % (damaged.size() - from) + 1;
    switch (i % 3) {
      case 0:
        damaged.erase(from, length);
        break;
      case 1:
        damaged.insert(random() % damaged.size(), damaged.substr(from, length));
        break;
      default:
        for (std::size_t j = from; j < from + length; ++j) {
          damaged[j] = static_cast<char>(random());
        }
    }
    write(damaged);
    EXPECT_TRUE(is_refused_or_right()) << "change " << i;
  }
}

// --- assay's own metadata ---

class OwnMetadata : public DamagedFile {
 protected:
  void replace(std::string_view from, std::string_view to) {
    const std::size_t place = intact_.find(from);
    ASSERT_NE(place, std::string::npos);
    intact_.replace(place, from.size(), to);
  }

  // Makes length and checksum right again.
  void write_repaired() {
    std::uint64_t length = 0;
    std::memcpy(&length, intact_.data(), sizeof(length));
    length += intact_.size() - fs::file_size(path_);
    std::string repaired = with_length(length, std::string_view(intact_).substr(sizeof(length)));
    const std::size_t digits = repaired.find("xxh3-128:") + 9;
    repaired.replace(digits, 32, std::string(32, '0'));
    const Bytes pieces[] = {bytes_of(repaired)};
    repaired.replace(digits, 32, checksum(pieces));
    write(repaired);
  }
};

TEST_F(OwnMetadata, OfANewerVersionIsRefusedByNumber) {
  for (const std::string version : {"2", "17", "99999999999999999999999"}) {
    SetUp();
    replace(R"("assay_format_version":"1")", R"("assay_format_version":")" + version + "\"");
    write_repaired();
    const std::string error = load_error();
    EXPECT_THAT(error, HasSubstr("its format version is '" + version + "'"));
    EXPECT_THAT(error, HasSubstr("the newest that this assay reads is 1"));
  }
}

TEST_F(OwnMetadata, OfAVersionThatIsNoNumberIsRefused) {
  for (const std::string version : {"", "0", "-1", "1.5", "one", " 1", "1 ", "-99999999999999"}) {
    SetUp();
    replace(R"("assay_format_version":"1")", R"("assay_format_version":")" + version + "\"");
    write_repaired();
    EXPECT_THAT(load_error(), HasSubstr("is not a positive number")) << version;
  }
}

TEST_F(OwnMetadata, IsRefusedWithOneKeyOnly) {
  replace(R"("assay_checksum")", R"("other_checksum")");
  write_repaired();
  EXPECT_THAT(load_error(), HasSubstr("no 'assay_checksum'"));
  SetUp();
  replace(R"("assay_format_version")", R"("other_format_version")");
  write_repaired();
  EXPECT_THAT(load_error(), HasSubstr("no 'assay_format_version'"));
}

TEST_F(OwnMetadata, IsRefusedInAnotherPlace) {
  write(file_of(R"({"__metadata__":{"assay_format_version":"1",)"
                R"("assay_checksum":"xxh3-128:00000000000000000000000000000000"}})"));
  EXPECT_THAT(load_error(), HasSubstr("another program"));
  write(file_of(R"({"__metadata__":{"assay_checksum":"xxh3-128:0","assay_format_version":"1"}})"));
  EXPECT_NE(load_error(), "");
}

TEST_F(OwnMetadata, RepairedByTheTestLoads) {
  replace(R"("step":"17")", R"("step":"18")");
  write_repaired();
  EXPECT_EQ(load_safetensors(path_).metadata.at("step"), "18");
}

// --- headers that lie ---

struct Lie {
  std::string content;
  std::string error;
};

std::string tensor(const std::string& fields) { return R"({"a":{)" + fields + "}}"; }

std::vector<Lie> lies() {
  const std::string four(4, 'x');
  std::vector<Lie> lies{
      // the length
      {"", "it has 0 bytes"},
      {"1234567", "it has 7 bytes"},
      {with_length(0, ""), "does not begin with '{'"},
      {with_length(1, ""), "reads 1 bytes, but 0 follow"},
      {with_length(100'000'000, "{}"), "reads 100000000 bytes, but 2 follow"},
      {with_length(100'000'001, "{}"), "at most 100000000 are allowed"},
      {with_length(0x7fff'ffff'ffff'ffff, "{}"), "at most 100000000 are allowed"},
      {with_length(0xffff'ffff'ffff'ffff, "{}"), "at most 100000000 are allowed"},
      {with_length(0xffff'ffff'ffff'fff8, "{}"), "at most 100000000 are allowed"},
      // the text
      {file_of("  {}"), "does not begin with '{'"},
      {file_of("\xef\xbb\xbf{}"), "does not begin with '{'"},
      {file_of("[]"), "does not begin with '{'"},
      {file_of("null"), "does not begin with '{'"},
      {file_of("{"), "not valid JSON"},
      {file_of("{}}"), "not valid JSON"},
      {file_of("{} {}"), "not valid JSON"},
      {file_of("{} // comment"), "not valid JSON"},
      {file_of("{'a':1}"), "not valid JSON"},
      {file_of(std::string("{}\0", 3)), "zero byte"},
      {file_of(std::string("{}\0{\"a\":1}", 10)), "zero byte"},
      {file_of("{\"\xff\":{}}"), "UTF-8"},
      {file_of("{\"__metadata__\":{\"a\":\"\xc0\x80\"}}"), "UTF-8"},
      {file_of("{\"__metadata__\":{\"a\":\"\xed\xa0\x80\"}}"), "UTF-8"},
      {file_of(R"({"__metadata__":{"a":"\ud800"}})"), "surrogate"},
      {file_of("{\"a\n\":{}}"), "not valid JSON"},
      // the structure
      {file_of(R"({"a":1})"), "tensor 'a' must be an object, not a number"},
      {file_of(R"({"a":null})"), "tensor 'a' must be an object, not null"},
      {file_of(R"({"a":[]})"), "tensor 'a' must be an object, not an array"},
      {file_of(R"({"a":"F32"})"), "tensor 'a' must be an object, not a string"},
      {file_of(R"({"a":{}})"), "tensor 'a' has no 'dtype'"},
      {file_of(tensor(R"("dtype":"F32","shape":[1])"), four), "tensor 'a' has no 'data_offsets'"},
      {file_of(tensor(R"("dtype":"F32","data_offsets":[0,4])"), four), "tensor 'a' has no 'shape'"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1])"), four),
       "tensor 'a' has an unknown field 'stride'"},
      {file_of(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
               R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
       "the name 'a' occurs twice"},
      {file_of(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
               R"("\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
       "the name 'a' occurs twice"},
      {file_of(tensor(R"("dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0])")),
       "'dtype' of tensor 'a' occurs twice"},
      {file_of(tensor(R"("dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0])")),
       "'shape' of tensor 'a' occurs twice"},
      {file_of(tensor(R"("dtype":"U8","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0])")),
       "'data_offsets' of tensor 'a' occurs twice"},
      // metadata
      {file_of(R"({"__metadata__":null})"), "'__metadata__' must be an object, not null"},
      {file_of(R"({"__metadata__":[]})"), "'__metadata__' must be an object, not an array"},
      {file_of(R"({"__metadata__":{"k":1}})"), "metadata of key 'k' must be a string"},
      {file_of(R"({"__metadata__":{"k":null}})"), "metadata of key 'k' must be a string"},
      {file_of(R"({"__metadata__":{"k":{}}})"), "metadata of key 'k' must be a string"},
      {file_of(R"({"__metadata__":{"k":["a"]}})"), "metadata of key 'k' must be a string"},
      {file_of(R"({"__metadata__":{"k":"a","k":"b"}})"), "metadata key 'k' occurs twice"},
      {file_of(R"({"__metadata__":{},"__metadata__":{}})"), "'__metadata__' occurs twice"},
      // dtype
      {file_of(tensor(R"("dtype":1,"shape":[1],"data_offsets":[0,4])"), four),
       "'dtype' of tensor 'a' must be a string, not a number"},
      {file_of(tensor(R"("dtype":["F32"],"shape":[1],"data_offsets":[0,4])"), four),
       "'dtype' of tensor 'a' must be a string, not an array"},
      {file_of(tensor(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])"), four),
       "tensor 'a' has the unsupported dtype 'F31'"},
      {file_of(tensor(R"("dtype":"f32","shape":[1],"data_offsets":[0,4])"), four), "dtype 'f32'"},
      {file_of(tensor(R"("dtype":"F4","shape":[7],"data_offsets":[0,4])"), four),
       "the last size of tensor 'a', whose dtype is F4, is no multiple of 2"},
      {file_of(tensor(R"("dtype":"F4","shape":[],"data_offsets":[0,1])"), "x"), "the last size"},
      {file_of(tensor(R"("dtype":"F4","shape":[2,1],"data_offsets":[0,1])"), "x"), "the last size"},
      {file_of(tensor(R"("dtype":"F4","shape":[4],"data_offsets":[0,4])"), four),
       "'a' do not span the 2 bytes"},
      {file_of(tensor(R"("dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3])"), "xxx"), "F6_E2M3"},
      // shape
      {file_of(tensor(R"("dtype":"F32","shape":1,"data_offsets":[0,4])"), four),
       "'shape' of tensor 'a' must be an array, not a number"},
      {file_of(tensor(R"("dtype":"F32","shape":{},"data_offsets":[0,4])"), four),
       "'shape' of tensor 'a' must be an array, not an object"},
      {file_of(tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), four),
       "'shape' of tensor 'a' must hold whole numbers from 0, not a negative number"},
      {file_of(tensor(R"("dtype":"F32","shape":[-0],"data_offsets":[0,0])")), "negative"},
      {file_of(tensor(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), four), "1.0"},
      {file_of(tensor(R"("dtype":"F32","shape":[1e0],"data_offsets":[0,4])"), four), "1e0"},
      {file_of(tensor(R"("dtype":"F32","shape":["1"],"data_offsets":[0,4])"), four), "a string"},
      {file_of(tensor(R"("dtype":"F32","shape":[true],"data_offsets":[0,4])"), four), "a boolean"},
      {file_of(tensor(R"("dtype":"F32","shape":[null],"data_offsets":[0,4])"), four), "null"},
      {file_of(tensor(R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])"), four), "an array"},
      {file_of(tensor(R"("dtype":"F32","shape":[{}],"data_offsets":[0,4])"), four), "an object"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[4,5])"),
               "xxxxx"),
       "'b' do not span the 2 bytes"},
      {file_of(tensor(R"("dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0])")),
       "18446744073709551616"},
      {file_of(tensor(R"("dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,0])")),
       "overflows"},
      {file_of(tensor(R"("dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,0])")),
       "do not span"},
      {file_of(tensor(R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0])")),
       "overflows"},
      {file_of(tensor(R"("dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0])")),
       "overflows"},
      {file_of(tensor(R"("dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0])")),
       "overflows"},
      {file_of(tensor(R"("dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0])")),
       "overflows"},
      {file_of(
           tensor(R"("dtype":"U8","shape":[1)" + repeated(",1", 64) + R"(],"data_offsets":[0,1])"),
           "x"),
       "more than 64 dimensions"},
      // offsets
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":4)"), four), "must be an array"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[])"), four), "two numbers"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), four), "two numbers"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,4])"), four), "two numbers"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])"), four), "negative"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4.0])"), four), "4.0"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":["0","4"])"), four), "a string"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), four), "do not span"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,3])"), four), "do not span"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,5])"), "xxxxx"),
       "do not span"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), four), "hole"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), four), "take 8 bytes"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":)"
                      R"([18446744073709551612,18446744073709551616])"),
               four),
       "must hold whole numbers"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":)"
                      R"([18446744073709551611,18446744073709551615])"),
               four),
       "hole"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), "xxxxx"),
       "take 4 bytes of data, but 5 follow"},
      {file_of("{}", "x"), "take 0 bytes of data, but 1 follow"},
      {file_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
               R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
               four),
       "'b' begins at byte 2, inside the tensor before it, which ends at 3"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
               four),
       "inside the tensor before it"},
      {file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
               R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
               four),
       "'b' begins at byte 2, behind a hole that begins at 1"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
               four),
       "'b' begins at byte 2, inside the tensor before it"},
      // depth and length
      {file_of(repeated(R"({"a":)", 10000)), "unknown field 'a'"},
      {file_of(tensor(R"("dtype":"U8","shape":)" + repeated("[", 10000))), "not an array"},
      {file_of(R"({"a":)" + repeated("[", 10000)), "not an array"},
      {file_of(R"({"__metadata__":{"a":)" + repeated("[", 10000) + repeated("]", 10000) + "}}"),
       "not an array"},
      {file_of(R"({"a":)" + repeated("[", 100000) + repeated("]", 100000) + "}"), "not an array"},
      {file_of("{\"" + repeated("\u00e9", 100000) + "\":1}"), "\u00e9...' must be an object"},
      {file_of("{\"" + repeated("x", 100000)), "not valid JSON"},
      {file_of(R"({"a":)" + repeated("1", 100000) + "}"), "not valid JSON: number overflow"},
      {file_of(R"({"a":)" + repeated("1", 300) + "}"), "the number 1111"},
  };
  return lies;
}

TEST_F(DamagedFile, WithALyingHeaderIsRefusedWithTheReason) {
  for (const Lie& lie : lies()) {
    write(lie.content);
    const std::string error = load_error();
    const std::string shown = lie.content.substr(0, 200);
    EXPECT_THAT(error, HasSubstr("cannot load '" + path_.string() + "': ")) << shown;
    EXPECT_THAT(error, HasSubstr(lie.error)) << shown;
    EXPECT_LT(error.size(), 600U) << shown;
  }
}

TEST_F(DamagedFile, OfAnotherKindIsRefused) {
  for (const std::string& content :
       {std::string("PK\x03\x04\x00\x00\x00\x00\x08\x08 a zip of torch.save", 30),
        std::string("\x80\x02}q\x00.   "), std::string("\x89HDF\r\n\x1a\n........"),
        std::string("{\"class_name\": \"Huber\"}"), std::string(4096, '\0')}) {
    write(content);
    EXPECT_THAT(load_error(), HasSubstr(path_.string()));
  }
}

// --- files that the system does not give ---

TEST(UnreadableFile, IsAnErrorThatNamesItAndTheReason) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::vector<std::pair<fs::path, std::string>> cases{
      {folder / "missing", "No such file or directory"},
      {folder / "missing/file", "No such file or directory"},
      {folder.path(), "not a regular file"},
      {folder / "pipe", "not a regular file"},
      {"/dev/null", "not a regular file"}};
  for (const auto& [path, expected] : cases) {
    const std::string error = error_of([&path = path] { load_safetensors(path); });
    EXPECT_THAT(error, HasSubstr("cannot read '" + path.string() + "'"));
    EXPECT_THAT(error, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace assay::serialization
