// SPDX-License-Identifier: Apache-2.0
// Tensors, subsets, splits, standardisation, and the files of arrays.
#include <assay/registry/registry-inl.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/data/dataset.h>
#include <assay/training/data/idx.h>
#include <assay/training/data/npy.h>
#include <assay/training/data/split.h>
#include <assay/training/data/standardize.h>
#include <assay/training/datasets/idx.h>
#include <assay/training/datasets/npy.h>
#include <assay/training/datasets/npz.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/datasets/text.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace assay::training {
namespace {

using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Indices = std::vector<std::int64_t>;

std::shared_ptr<Dataset> numbers(std::int64_t size) {
  return std::make_shared<TensorDataset>(at::arange(size, at::kLong));
}

Indices values(const at::Tensor& x) {
  return {x.const_data_ptr<std::int64_t>(), x.const_data_ptr<std::int64_t>() + x.numel()};
}

Indices all_of(const Dataset& dataset) {
  Indices indices(static_cast<std::size_t>(dataset.size()));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

Indices samples_of(const std::shared_ptr<Dataset>& dataset) {
  return dataset ? values(dataset->rows(all_of(*dataset)).x) : Indices();
}

// TensorDataset, Subset.

TEST(TensorDataset, GivesRowsInTheOrderAskedFor) {
  const TensorDataset dataset(at::arange(8).reshape({4, 2}), at::arange(4), at::ones({4}));
  const auto batch = dataset.rows({3, 0, 3});
  EXPECT_TRUE(batch.x.equal(at::tensor({6, 7, 0, 1, 6, 7}).reshape({3, 2})));
  EXPECT_TRUE(batch.y.equal(at::tensor({3, 0, 3})));
  EXPECT_TRUE(batch.sample_weight.equal(at::ones({3})));
  EXPECT_EQ(dataset.rows({}).x.sizes(), (Indices{0, 2}));
}

TEST(TensorDataset, RowsShareNoMemoryWithIt) {
  const TensorDataset dataset(at::zeros({3}));
  dataset.rows({0, 1, 2}).x.fill_(5);
  EXPECT_TRUE(dataset.tensors().x.equal(at::zeros({3})));
}

TEST(TensorDataset, LabelsAndWeightsMayBeLeftOut) {
  const auto batch = TensorDataset(at::zeros({3})).rows({1});
  EXPECT_FALSE(batch.y.defined());
  EXPECT_FALSE(batch.sample_weight.defined());
}

TEST(TensorDataset, RefusesTensorsThatDoNotFit) {
  EXPECT_THAT(value_error([] { TensorDataset{at::Tensor()}; }), HasSubstr("x is undefined"));
  EXPECT_THAT(value_error([] { TensorDataset{at::zeros({})}; }), HasSubstr("x is a scalar"));
  EXPECT_THAT(value_error([] { TensorDataset(at::zeros({3}), at::zeros({2})); }),
              HasSubstr("y is float32 [2]; expected 3 rows"));
  EXPECT_THAT(value_error([] { TensorDataset(at::zeros({3}), {}, at::zeros({})); }),
              HasSubstr("sample_weight is float32 []; expected 3 rows"));
  EXPECT_THAT(value_error([] { TensorDataset(at::zeros({3})).rows({3}); }),
              HasSubstr("there is no sample 3 among 3"));
  EXPECT_THAT(value_error([] { TensorDataset(at::zeros({3})).rows({-1}); }),
              HasSubstr("there is no sample -1"));
}

TEST(Subset, IsTheSamplesThatAreNamed) {
  const Subset subset(std::make_shared<TensorDataset>(at::arange(5), at::Tensor(), at::Tensor(),
                                                      DatasetNames{.classes = {"a", "b"}}),
                      {4, 2, 2});
  EXPECT_EQ(subset.size(), 3);
  EXPECT_EQ(values(subset.rows({2, 0}).x), (Indices{2, 4}));
  EXPECT_THAT(subset.names().classes, ElementsAre("a", "b"));
  EXPECT_THAT(value_error([&] { subset.rows({3}); }), HasSubstr("no sample 3 among 3"));
  EXPECT_THAT(value_error([] { Subset(numbers(5), {5}); }), HasSubstr("no sample 5 among 5"));
  EXPECT_THAT(value_error([] { Subset(nullptr, {}); }), HasSubstr("no dataset"));
}

// split.

TEST(Split, PutsEachSampleInOnePart) {
  const auto parts = split(numbers(100), {.validation = 0.2, .test = 0.1, .seed = 3});
  EXPECT_EQ(parts.train->size(), 70);
  EXPECT_EQ(parts.validation->size(), 20);
  EXPECT_EQ(parts.test->size(), 10);
  Indices all;
  for (const auto& part : {parts.train, parts.validation, parts.test}) {
    const auto samples = samples_of(part);
    EXPECT_TRUE(std::is_sorted(samples.begin(), samples.end()));
    all.insert(all.end(), samples.begin(), samples.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, all_of(*numbers(100)));
}

TEST(Split, DependsOnTheSeedAlone) {
  const auto test = [](std::int64_t seed) {
    return samples_of(split(numbers(100), {.test = 0.3, .seed = seed}).test);
  };
  const auto first = test(1);
  torch::manual_seed(5);
  EXPECT_EQ(test(1), first);
  EXPECT_NE(test(2), first);
  EXPECT_NE(test(-1), first);
}

TEST(Split, TakesTheLastSamplesWithoutShuffling) {
  const auto parts = split(numbers(10), {.validation = 0.2, .test = 0.1, .shuffle = false});
  EXPECT_EQ(samples_of(parts.train), (Indices{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(samples_of(parts.validation), (Indices{7, 8}));
  EXPECT_EQ(samples_of(parts.test), (Indices{9}));
}

TEST(Split, PartsThatWereNotAskedForAreNull) {
  const auto parts = split(numbers(10), {.validation = 0.5});
  EXPECT_EQ(parts.test, nullptr);
  EXPECT_EQ(split(numbers(10), {}).train->size(), 10);
}

TEST(Split, StratifiedPartsHaveTheWholesMixture) {
  // 60 of class 7, 30 of class -2, 10 of class 0.
  const auto y = at::cat({at::full({60}, 7), at::full({30}, -2), at::full({10}, 0)}).to(at::kLong);
  const auto dataset = std::make_shared<TensorDataset>(at::arange(100), y);
  const auto parts = split(dataset, {.validation = 0.25, .test = 0.2, .seed = 1, .stratify = true});
  const auto count = [&](const std::shared_ptr<Dataset>& part, std::int64_t label) {
    return part->rows(all_of(*part)).y.eq(label).sum().item<std::int64_t>();
  };
  EXPECT_THAT(Indices({count(parts.test, 7), count(parts.test, -2), count(parts.test, 0)}),
              ElementsAre(12, 6, 2));
  EXPECT_EQ(parts.validation->size(), 25);
  EXPECT_EQ(count(parts.validation, 7), 15);
  EXPECT_NEAR(static_cast<double>(count(parts.validation, -2)), 7.5, 0.5);
  EXPECT_NEAR(static_cast<double>(count(parts.validation, 0)), 2.5, 0.5);
  EXPECT_EQ(parts.train->size(), 55);
}

TEST(Split, RefusesBadOptions) {
  EXPECT_THAT(value_error([] { split(nullptr, {}); }), HasSubstr("no dataset"));
  EXPECT_THAT(value_error([] { split(numbers(10), {.test = 1}); }),
              HasSubstr("split.test: must be a fraction in [0, 1), got 1"));
  EXPECT_THAT(value_error([] { split(numbers(10), {.validation = 0.5, .test = 0.5}); }),
              HasSubstr("leave nothing to train on of 10 samples"));
  EXPECT_THAT(value_error([] { split(numbers(10), {.test = 0.01}); }),
              HasSubstr("split.test: 0.01 of 10 samples is none"));
  EXPECT_THAT(value_error([] { split(numbers(10), {.test = 0.5, .stratify = true}); }),
              HasSubstr("the dataset has no labels"));
  EXPECT_THAT(value_error([] {
                split(std::make_shared<TensorDataset>(at::zeros({4}), at::zeros({4})),
                      {.test = 0.5, .stratify = true});
              }),
              HasSubstr("the labels are float32 [4]; expected one integer a sample"));
  EXPECT_THAT(
      value_error([] { split(numbers(10), {.test = 0.5, .stratify = true, .shuffle = false}); }),
      HasSubstr("split.stratify"));
}

// Standardizer.

TEST(Standardizer, GivesMean0AndDeviation1) {
  torch::manual_seed(1);
  const auto x = at::randn({3000, 4}) * at::tensor({1.0F, 5.0F, 0.01F, 100.0F}) + 7;
  const TensorDataset dataset(x);
  const auto standardizer = Standardizer::fit(dataset);
  EXPECT_TRUE(near(standardizer.mean(), x.to(at::kDouble).mean(0), 1e-12));
  EXPECT_TRUE(near(standardizer.std(), x.to(at::kDouble).std(0, /*unbiased=*/false), 1e-12));
  const auto result = standardizer(x);
  EXPECT_EQ(result.scalar_type(), at::kFloat);
  EXPECT_TRUE(near(result.mean(0), at::zeros({4}), 0, 1e-5));
  EXPECT_TRUE(near(result.std(0, false), at::ones({4}), 1e-5));
}

TEST(Standardizer, IsExactFarFromZero) {
  const auto x = (at::tensor({1.0, 2.0, 3.0}, at::kDouble) + 1e9).unsqueeze(1);
  const auto standardizer = Standardizer::fit(TensorDataset(x));
  EXPECT_NEAR(standardizer.std().item<double>(), std::sqrt(2.0 / 3), 1e-12);
}

TEST(Standardizer, LeavesTheScaleOfConstantFeatures) {
  // Sums of 0.1 round, so that its mean is not quite itself.
  const auto x = at::full({1000, 2}, 0.1F);
  const auto standardizer = Standardizer::fit(TensorDataset(x));
  EXPECT_TRUE(standardizer.std().equal(at::ones({2}, at::kDouble)));
  EXPECT_TRUE(near(standardizer(x), at::zeros({1000, 2}), 0, 1e-6));
}

TEST(Standardizer, AveragesOverAllAxesButOne) {
  const auto x = at::arange(24, at::kFloat).reshape({2, 3, 2, 2});
  const TensorDataset dataset(x);
  const auto by_channel = Standardizer::fit(dataset, 1);
  EXPECT_EQ(by_channel.mean().sizes(), (Indices{3, 1, 1}));
  EXPECT_TRUE(near(by_channel.mean().flatten(), x.mean({0, 2, 3}).to(at::kDouble)));
  EXPECT_TRUE(by_channel(x).select(1, 0).mean().abs().item<float>() < 1e-6);
  const auto whole = Standardizer::fit(dataset, std::nullopt);
  EXPECT_EQ(whole.mean().numel(), 1);
  EXPECT_NEAR(whole.mean().item<double>(), 11.5, 1e-12);
  EXPECT_TRUE(same_bits(Standardizer::fit(dataset, -3).mean(), by_channel.mean()));
}

TEST(Standardizer, StandardizesADatasetsRows) {
  const auto dataset = std::make_shared<TensorDataset>(at::tensor({0.0F, 2.0F, 4.0F}).unsqueeze(1),
                                                       at::arange(3), at::ones({3}));
  const auto standardizer = Standardizer::fit(*dataset);
  const auto result = standardizer.apply(dataset);
  EXPECT_EQ(result->size(), 3);
  const auto batch = result->rows({2, 1});
  EXPECT_TRUE(near(batch.x.flatten(), at::tensor({std::sqrt(1.5F), 0.0F})));
  EXPECT_TRUE(batch.y.equal(at::tensor({2, 1})));
  EXPECT_TRUE(batch.sample_weight.equal(at::ones({2})));
  EXPECT_EQ(standardizer.apply(nullptr), nullptr);
}

TEST(Standardizer, GoesThroughItsTensorsBitForBit) {
  torch::manual_seed(2);
  const auto x = at::rand({50, 3}) * 100;
  const auto standardizer = Standardizer::fit(TensorDataset(x));
  const auto restored = Standardizer::from_tensors(standardizer.tensors());
  EXPECT_TRUE(same_bits(restored(x), standardizer(x)));
}

TEST(Standardizer, RefusesWhatDoesNotFit) {
  EXPECT_THAT(value_error([] {
                Standardizer::fit(TensorDataset(at::zeros({0, 2})));
              }),
              HasSubstr("the dataset is empty"));
  EXPECT_THAT(value_error([] {
                Standardizer::fit(TensorDataset(at::zeros({4, 2})), 0);
              }),
              HasSubstr("axis is 0"));
  EXPECT_THAT(value_error([] { Standardizer::fit(TensorDataset(at::zeros({4})), -1); }),
              HasSubstr("expected an axis other than the samples'"));
  EXPECT_THAT(value_error([] {
                Standardizer::fit(TensorDataset(at::full({4, 2}, NAN)));
              }),
              HasSubstr("x holds NaN or infinity"));
  const auto standardizer = Standardizer::fit(TensorDataset(at::rand({4, 2})));
  EXPECT_THAT(value_error([&] {
                standardizer(at::zeros({4, 3}));
              }),
              HasSubstr("x is float32 [4, 3]; expected 2 features on axis 1"));
  EXPECT_THAT(value_error([&] { standardizer(at::zeros({4})); }), HasSubstr("expected 2 axes"));
  EXPECT_THAT(value_error([] { Standardizer::from_tensors({}); }),
              HasSubstr("the tensor 'standardizer.mean' is missing"));
  auto tensors = standardizer.tensors();
  tensors[1].tensor = at::zeros({2});
  EXPECT_THAT(value_error([&] { Standardizer::from_tensors(tensors); }),
              HasSubstr("deviations above 0"));
}

// .npy and .npz.

std::filesystem::path array_file(const std::string& name) {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests" / "training" / "arrays" / name;
}

TEST(Npy, ReadsEveryTypeInEitherByteOrder) {
  const std::vector<std::pair<std::string, at::ScalarType>> types = {
      {"f2", at::kHalf},  {"f4", at::kFloat}, {"f8", at::kDouble}, {"i1", at::kChar},
      {"i2", at::kShort}, {"i4", at::kInt},   {"i8", at::kLong},   {"u1", at::kByte},
      {"u2", at::kInt},   {"u4", at::kLong},  {"u8", at::kLong}};
  for (const auto& [name, dtype] : types) {
    const auto expected = at::arange(6, dtype).reshape({2, 3});
    EXPECT_TRUE(same_bits(read_npy(array_file(name + "_little.npy")), expected)) << name;
    if (name[1] == '1') continue;
    EXPECT_TRUE(same_bits(read_npy(array_file(name + "_big.npy")), expected)) << name;
  }
  EXPECT_TRUE(same_bits(read_npy(array_file("bool.npy")),
                        at::arange(6).remainder(2).eq(1).reshape({2, 3})));
}

TEST(Npy, ReadsEveryLayout) {
  const auto expected = at::arange(6, at::kFloat).reshape({2, 3});
  EXPECT_TRUE(same_bits(read_npy(array_file("fortran.npy")), expected));
  EXPECT_TRUE(same_bits(read_npy(array_file("fortran_big.npy")), expected.to(at::kInt)));
  EXPECT_TRUE(same_bits(read_npy(array_file("scalar.npy")), at::full({}, 7.0F)));
  EXPECT_EQ(read_npy(array_file("empty.npy")).sizes(), (Indices{0, 3}));
  for (const auto* name : {"version_1.npy", "version_2.npy", "version_3.npy"}) {
    EXPECT_TRUE(same_bits(read_npy(array_file(name)), expected)) << name;
  }
}

TEST(Npy, WritingToTheTensorLeavesTheFile) {
  const testing::Files files;
  const auto path = files.write("a.npy", testing::read_test_file("arrays/f4_little.npy"));
  read_npy(path).fill_(9);
  EXPECT_TRUE(read_npy(path).equal(at::arange(6, at::kFloat).reshape({2, 3})));
}

TEST(Npy, OtherElementsAreErrors) {
  const auto error_of = [](const char* name) {
    return value_error([&] { read_npy(array_file(name)); });
  };
  EXPECT_THAT(error_of("complex.npy"), HasSubstr("complex.npy: holds elements of the type '<c8'"));
  EXPECT_THAT(error_of("text.npy"), HasSubstr("holds elements of the type '<U1'"));
  EXPECT_THAT(error_of("record.npy"), HasSubstr("holds records of several fields"));
  EXPECT_THAT(error_of("too_large.npy"), HasSubstr("holds numbers above 9223372036854775807"));
}

TEST(Npy, DamagedFilesAreErrors) {
  const testing::Files files;
  const auto good = testing::read_test_file("arrays/f4_little.npy");
  const auto error_of = [&](std::string content) {
    return value_error([&] { read_npy(files.write("a.npy", content)); });
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto content = good;
    return content.replace(content.find(from), from.size(), to);
  };
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(error_of(good.substr(0, size)), HasSubstr("a.npy: is ")) << size;
  }
  EXPECT_THAT(error_of("PK" + good), HasSubstr("is no .npy file"));
  EXPECT_THAT(error_of(changed("(2, 3)", "(2,-3)")), HasSubstr("its header cannot be read at"));
  EXPECT_THAT(error_of(changed("(2, 3)", "(2, 4)")), HasSubstr("is truncated: there are 24 bytes"));
  EXPECT_THAT(error_of(changed("(2, 3), }      ", "(4611686018427387904,4)}")),
              HasSubstr("is truncated"));
  EXPECT_THAT(error_of(changed("'shape'", "'shade'")), HasSubstr("its header cannot be read"));
  EXPECT_THAT(error_of(changed("False", "Maybe")), HasSubstr("its header cannot be read"));
  EXPECT_THAT(error_of(changed("<f4", "<f5")), HasSubstr("type '<f5'"));
  EXPECT_THAT(error_of(changed("<f4", "!f4")), HasSubstr("type '!f4'"));
  EXPECT_THAT(error_of(good.substr(0, 6) + "\x09" + good.substr(7)), HasSubstr("format 9"));
  EXPECT_THAT(value_error([&] { read_npy(files.folder() / "none.npy"); }),
              EndsWith("none.npy: No such file or directory"));
}

TEST(Npz, ReadsStoredAndPackedArrays) {
  for (const auto* name : {"stored.npz", "packed.npz"}) {
    const NpzArchive archive(array_file(name));
    EXPECT_THAT(archive.names(), ElementsAre("x", "y", "w"));
    EXPECT_TRUE(same_bits(archive.read("x"), at::arange(12, at::kFloat).reshape({4, 3})));
    EXPECT_TRUE(same_bits(archive.read("y"), at::tensor({0, 1, 2, 1}, at::kByte)));
    EXPECT_TRUE(same_bits(archive.read("w"), at::tensor({1, 2, 3, 4}, at::kDouble)));
    EXPECT_THAT(
        value_error([&] { archive.read("z"); }),
        EndsWith(std::string(name) + ": there is no array 'z'. Did you mean 'x'? Arrays: x, "
                                     "y, w"));
  }
}

TEST(Npz, DamagedFilesAreErrors) {
  const testing::Files files;
  for (const auto* name : {"stored.npz", "packed.npz"}) {
    const auto good = testing::read_test_file(std::string("arrays/") + name);
    const auto read_all = [&](const std::string& content) {
      const NpzArchive archive(files.write("a.npz", content));
      for (const auto& array : archive.names()) archive.read(array);
    };
    for (std::size_t size = 0; size < good.size(); size += 7) {
      EXPECT_THAT(value_error([&] { read_all(good.substr(0, size)); }), HasSubstr("a.npz")) << size;
    }
    // A changed byte is an error, or plays no part: nothing else, and no crash.
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto content = good;
      content[i] = static_cast<char>(content[i] ^ 0x55);
      try {
        read_all(content);
      } catch (const c10::ValueError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a.npz")) << i;
      }
    }
  }
}

TEST(ArrayDatasets, AreMadeFromJson) {
  const auto folder = array_file("").parent_path();
  const auto npz = datasets::get(
      R"({"class_name": "npz",
          "config": {"path": "packed.npz", "sample_weight": "w", "scale": 0.5}})",
      folder);
  EXPECT_EQ(npz->size(), 4);
  const auto batch = npz->rows({3});
  EXPECT_TRUE(batch.x.equal(at::tensor({4.5F, 5.0F, 5.5F}).unsqueeze(0)));
  EXPECT_TRUE(same_bits(batch.y, at::tensor({1}, at::kLong)));
  EXPECT_EQ(batch.sample_weight.item<double>(), 4);

  const auto npy = datasets::get(
      R"({"class_name": "npy",
          "config": {"x": "u1_little.npy", "y": "i4_big.npy", "dtype": "float32"}})",
      folder);
  EXPECT_TRUE(same_bits(npy->rows({1}).x, at::tensor({3.0F, 4.0F, 5.0F}).unsqueeze(0)));
  EXPECT_EQ(npy->rows({1}).y.scalar_type(), at::kLong);
  EXPECT_THAT(value_error([&] {
                datasets::get(R"({"class_name": "npy", "config": {"y": "i4_big.npy"}})", folder);
              }),
              HasSubstr("NPY.x: must be the path of a file"));
  EXPECT_THAT(value_error([&] {
                datasets::get(
                    R"({"class_name": "npy", "config": {"x": "u1_little.npy", "y": "empty.npy"}})",
                    folder);
              }),
              HasSubstr("y is float32 [0, 3]; expected 2 rows"));
}

// IDX.

std::string idx(const std::string& header, const std::string& elements) {
  return std::string("\0\0", 2) + header + elements;
}

TEST(Idx, ReadsEveryType) {
  const testing::Files files;
  const auto read = [&](const std::string& header, const std::string& elements) {
    return read_idx(files.write("a.idx", idx(header, elements)));
  };
  using namespace std::string_literals;
  EXPECT_TRUE(same_bits(read("\x08\x02\0\0\0\x02\0\0\0\x03"s, "\x00\x01\x02\x03\x04\xFF"s),
                        at::tensor({0, 1, 2, 3, 4, 255}, at::kByte).reshape({2, 3})));
  EXPECT_TRUE(same_bits(read("\x09\x01\0\0\0\x01"s, "\xFF"s), at::tensor({-1}, at::kChar)));
  EXPECT_TRUE(same_bits(read("\x0B\x01\0\0\0\x02"s, "\x01\x02\xFF\xFE"s),
                        at::tensor({258, -2}, at::kShort)));
  EXPECT_TRUE(
      same_bits(read("\x0C\x01\0\0\0\x01"s, "\0\x01\0\x02"s), at::tensor({65538}, at::kInt)));
  EXPECT_TRUE(same_bits(read("\x0D\x01\0\0\0\x01"s, "\x3F\xC0\0\0"s), at::tensor({1.5F})));
  EXPECT_TRUE(same_bits(read("\x0E\x01\0\0\0\x01"s, "\x3F\xF8\0\0\0\0\0\0"s),
                        at::tensor({1.5}, at::kDouble)));
  EXPECT_EQ(read("\x08\x01\0\0\0\0"s, "").numel(), 0);
}

TEST(Idx, DamagedFilesAreErrors) {
  using namespace std::string_literals;
  const testing::Files files;
  const auto error_of = [&](const std::string& content) {
    return value_error([&] { read_idx(files.write("a.idx", content)); });
  };
  const auto good = idx("\x08\x02\0\0\0\x02\0\0\0\x03"s, "abcdef");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(error_of(good.substr(0, size)), HasSubstr("a.idx: is ")) << size;
  }
  EXPECT_THAT(error_of(good + "x"), HasSubstr("it goes on behind its elements of shape [2, 3]"));
  EXPECT_THAT(error_of(idx("\x07\x01\0\0\0\x01"s, "a")), HasSubstr("is no IDX file"));
  EXPECT_THAT(error_of("a,b\n1,2\n"), HasSubstr("is no IDX file"));
  EXPECT_THAT(error_of(idx("\x08\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, "a")),
              HasSubstr("is damaged: its shape is"));
  EXPECT_THAT(error_of(idx("\x08\x01\xFF\xFF\xFF\xFF"s, "a")),
              HasSubstr("is truncated: it ends in its elements"));
}

TEST(Idx, DatasetConvertsBatches) {
  using namespace std::string_literals;
  const testing::Files files;
  files.write_gzipped("x.gz", idx("\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02"s, "\x00\xFF\x33\x66"s));
  files.write("y", idx("\x08\x01\0\0\0\x02"s, "\x07\x09"s));
  const auto dataset = datasets::get(
      Json{{"class_name", "idx"}, {"config", {{"x", "x.gz"}, {"y", "y"}, {"scale", 1.0 / 255}}}},
      files.folder());
  const auto batch = dataset->rows({0, 1});
  EXPECT_TRUE(near(batch.x, at::tensor({0.0F, 1.0F, 0.2F, 0.4F}).reshape({2, 1, 2}), 1e-6));
  EXPECT_TRUE(same_bits(batch.y, at::tensor({7, 9}, at::kLong)));
}

// Datasets of one's own.

struct RampOptions {
  static constexpr auto class_name = "Ramp";
  std::int64_t size = 3;
  static constexpr auto fields() {
    return assay::fields(field("size", &RampOptions::size, "Samples.", at_least_one));
  }
};

struct Ramp : TensorDataset {
  using Options = RampOptions;
  explicit Ramp(Options options) : TensorDataset(at::arange(options.size)) {}
};

TEST(Text, IsLinesToBeContinued) {
  const testing::Files files;
  const auto path = files.write("text",
                                "  ab\r\n\n \t\nb\xc3\xa4"
                                "ab");
  const datasets::Text text({.path = path, .length = 3});
  EXPECT_THAT(text.names().classes, ElementsAre("", "\n", "a", "b", "\xc3\xa4"));
  const auto& [x, y, weight] = text.tensors();
  EXPECT_FALSE(weight.defined());
  // "ab"; "bäab" in two pieces, of which the second goes on where the first stopped.
  EXPECT_TRUE(x.equal(at::tensor({1, 2, 3, 1, 3, 4, 2, 3, 0}, at::kLong).reshape({3, 3})));
  EXPECT_TRUE(y.equal(at::tensor({2, 3, 1, 3, 4, 2, 3, 1, -1}, at::kLong).reshape({3, 3})));
}

TEST(Text, IsAnErrorWhereItIsNone) {
  const testing::Files files;
  const auto error = [&](const std::filesystem::path& path) {
    return value_error([&] { datasets::Text({.path = path}); });
  };
  EXPECT_THAT(error(files.folder() / "none"), HasSubstr("none"));
  EXPECT_THAT(error(files.write("blank", " \n\n")), HasSubstr("no line of text"));
  for (const char* bytes : {"\xff", "a\xc3", "\xc3(", "\xe4\xb8"}) {
    EXPECT_THAT(error(files.write("binary", std::string("ok\n") + bytes)),
                HasSubstr("line 2: is no UTF-8"));
  }
  EXPECT_THAT(value_error([&] { datasets::Text({.path = "x", .length = 0}); }),
              HasSubstr("Text.length"));
}

TEST(DatasetRegistry, TakesDatasetsOfOnesOwn) {
  datasets::registry().add<Ramp>();
  EXPECT_EQ(datasets::get("ramp")->size(), 3);
  EXPECT_EQ(datasets::get(R"({"class_name": "Ramp", "config": {"size": 5}})")->size(), 5);
  datasets::registry().remove("Ramp");
  EXPECT_THAT(value_error([] { datasets::get("ramp"); }), HasSubstr("unknown dataset"));
  EXPECT_THAT(datasets::registry().names(), ElementsAre("CSV", "IDX", "NPY", "NPZ", "Text"));
}

}  // namespace
}  // namespace assay::training
