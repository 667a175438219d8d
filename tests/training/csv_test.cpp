// SPDX-License-Identifier: Apache-2.0
// CSV files: what is read from well-formed ones, and what is said of others.
#include <assay/core/options/config.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/data/csv_number.h>
#include <assay/training/data/csv_reader.h>
#include <assay/training/data/loader.h>
#include <assay/training/data/split.h>
#include <assay/training/data/standardize.h>
#include <assay/training/datasets/csv.h>
#include <assay/training/datasets/registry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <clocale>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace assay::training::datasets {
namespace {

using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Batch all(const CSV& data) { return data.rows(all_rows(data)); }

class CsvTest : public ::testing::Test {
 protected:
  // In memory, and in a file, which must come to the same.
  CSV read(std::string_view content, CSVOptions options = {}) {
    options.path = files_.write("data.csv", content);
    options.in_memory = true;
    CSV data(options);
    options.in_memory = false;
    const CSV in_file(options);
    EXPECT_TRUE(data.in_memory());
    EXPECT_FALSE(in_file.in_memory());
    expect_same(all(data), all(in_file));
    EXPECT_EQ(data.dropped_rows(), in_file.dropped_rows());
    EXPECT_EQ(data.names().features, in_file.names().features);
    EXPECT_EQ(data.names().classes, in_file.names().classes);
    EXPECT_EQ(data.names().categories, in_file.names().categories);
    return data;
  }

  static void expect_same(const Batch& a, const Batch& b) {
    const auto same = [](const at::Tensor& a, const at::Tensor& b) {
      return a.defined() == b.defined() && (!a.defined() || same_bits(a, b));
    };
    EXPECT_TRUE(same(a.x, b.x));
    EXPECT_TRUE(same(a.y, b.y));
    EXPECT_TRUE(same(a.sample_weight, b.sample_weight));
  }

  // The error without the folder's name.
  std::string error_of(std::string_view content, const CSVOptions& options = {}) {
    auto message = value_error([&] { read(content, options); });
    const auto folder = files_.folder().string() + "/";
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder)) {
      message.erase(at, folder.size());
    }
    return message;
  }

  // The texts of all records.
  std::vector<std::vector<std::string>> records(std::string_view content, char delimiter = ',') {
    CsvReader reader(files_.write("data.csv", content), delimiter);
    std::vector<std::vector<std::string>> all;
    while (reader.next()) {
      all.emplace_back();
      for (const auto& [text, line] : reader.fields()) all.back().emplace_back(text);
    }
    return all;
  }

  testing::Files files_;
};

at::Tensor floats(std::vector<float> values, at::IntArrayRef shape) {
  return at::tensor(values, at::kFloat).reshape(shape);
}

// Records and fields.

TEST_F(CsvTest, FieldsAreWhatStandsBetweenDelimiters) {
  EXPECT_THAT(records("a,b\nc,d\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
  EXPECT_THAT(records("a,,b\n"), ElementsAre(ElementsAre("a", "", "b")));
  EXPECT_THAT(records("a,b,\n"), ElementsAre(ElementsAre("a", "b", "")));
  EXPECT_THAT(records(",\n"), ElementsAre(ElementsAre("", "")));
  EXPECT_THAT(records("a;b,c\n", ';'), ElementsAre(ElementsAre("a", "b,c")));
  EXPECT_THAT(records(" a , b \n"), ElementsAre(ElementsAre(" a ", " b ")));
}

TEST_F(CsvTest, LastLineMayLackItsEnd) {
  EXPECT_THAT(records("a\nb"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
  EXPECT_THAT(records("a,b,"), ElementsAre(ElementsAre("a", "b", "")));
  EXPECT_THAT(records("a,\"b\""), ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(records("a\r"), ElementsAre(ElementsAre("a")));
  EXPECT_THAT(records("\"a\"\r"), ElementsAre(ElementsAre("a")));
}

TEST_F(CsvTest, LinesEndWithOrWithoutCarriageReturn) {
  EXPECT_THAT(records("a,b\r\nc,\"d\"\r\n"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
}

TEST_F(CsvTest, EmptyLinesAreNoRecords) {
  EXPECT_THAT(records("\n\na\n\n\r\nb\n\n"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
  EXPECT_THAT(records("a\n\"\"\n"), ElementsAre(ElementsAre("a"), ElementsAre("")));
  EXPECT_THAT(records(""), IsEmpty());
  EXPECT_THAT(records("\n"), IsEmpty());
}

TEST_F(CsvTest, QuotesHoldDelimitersLineEndsAndQuotes) {
  EXPECT_THAT(records("\"a,b\",\"c\nd\r\ne\",\"f\"\"g\"\"\"\n"),
              ElementsAre(ElementsAre("a,b", "c\nd\r\ne", "f\"g\"")));
  EXPECT_THAT(records("\"\"\"\"\n"), ElementsAre(ElementsAre("\"")));
  EXPECT_THAT(records("a\"b,c\n"), ElementsAre(ElementsAre("a\"b", "c")));
}

TEST_F(CsvTest, ByteOrderMarkIsSkipped) {
  EXPECT_THAT(records("\xEF\xBB\xBF\"a\",b\n"), ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(value_error([&] { records("\xFF\xFE\x61"); }), HasSubstr("UTF-16; expected UTF-8"));
}

TEST_F(CsvTest, RecordsLongerThanTheBufferAreWhole) {
  // A buffer holds 1 MiB at first; the texts end and begin everywhere around it.
  for (const std::size_t size : {(1 << 20) - 3, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, 5 << 20}) {
    const std::string plain(size, 'x');
    EXPECT_EQ(records(plain + ",a\r\nb,c\n"),
              (std::vector<std::vector<std::string>>{{plain, "a"}, {"b", "c"}}));
    const std::string quoted = "\"" + std::string(size, '\n') + "\"\"\"";
    EXPECT_EQ(
        records(quoted + ",a\r\nb,c\n"),
        (std::vector<std::vector<std::string>>{{std::string(size, '\n') + "\"", "a"}, {"b", "c"}}));
  }
}

TEST_F(CsvTest, ManyRecordsOverManyBuffersAreWhole) {
  std::string content;
  constexpr int kRows = 300'000;
  for (int i = 0; i < kRows; ++i) {
    content += std::to_string(i) + ",\"q" + std::to_string(i) + "\"\r\n";
  }
  CsvReader reader(files_.write("data.csv", content));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_TRUE(reader.next());
    ASSERT_EQ(reader.fields().size(), 2U);
    ASSERT_EQ(reader.fields()[0].text, std::to_string(i));
    ASSERT_EQ(reader.fields()[1].text, "q" + std::to_string(i));
    ASSERT_EQ(reader.line(), i + 1);
  }
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
}

TEST_F(CsvTest, BrokenQuotesAreErrorsWithTheirLine) {
  EXPECT_EQ(error_of("a,b\n1,2\n3,\"4\n5,6\n"),
            "data.csv:3: a quote is opened here and never closed; expected a closing quote");
  EXPECT_THAT(error_of("a,b\n1,\"2\"x\n"), HasSubstr("data.csv:2: text follows a closing quote"));
  EXPECT_THAT(error_of("a,b\n1,\"2\n3\"x\n"), HasSubstr("data.csv:3: text follows"));
  EXPECT_THAT(error_of("a\n\"" + std::string(65 << 20, 'x')),
              HasSubstr("data.csv:2: a row of more than 64 MiB begins here"));
}

// Numbers.

TEST(CsvNumber, IsDecimalAndFinite) {
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number(" \t-1.5e3 "), -1500);
  EXPECT_EQ(parse_number("+2"), 2);
  EXPECT_EQ(parse_number(".5"), 0.5);
  EXPECT_EQ(parse_number("5."), 5);
  EXPECT_EQ(parse_number("0.1"), 0.1);
  EXPECT_EQ(parse_number("1e-400"), 0);
  EXPECT_EQ(parse_number("-1e-99999999999999999999"), 0);
  EXPECT_EQ(parse_number("0." + std::string(400, '0') + "1"), 0);
  EXPECT_EQ(parse_number("4.9406564584124654e-324"), 4.9406564584124654e-324);
  for (const auto* bad : {"", " ", "abc", "1,5", "1 2", "0x10", "1e", "--1", "+-1", "++1", "1.2.3",
                          "nan", "inf", "-inf", "infinity", "1e400", "1_000", "1f"}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_number(std::string(400, '9') + ".5"), std::nullopt);
  EXPECT_EQ(parse_number(std::string(400, '9') + "e-1"), std::nullopt);
}

TEST_F(CsvTest, NumbersDoNotDependOnTheLocale) {
  const auto* german = std::setlocale(LC_ALL, "de_DE.UTF-8");
  const auto data = read("a\n1.5\n");
  if (german) std::setlocale(LC_ALL, "C");
  EXPECT_EQ(all(data).x.item<float>(), 1.5F);
}

// Tensors.

TEST_F(CsvTest, AllColumnsButLabelAndWeightAreFeatures) {
  const auto data = read("a,y,b,w\n1,0,2,0.5\n3,1,4,2\n", {.label = "y", .weight = "w"});
  EXPECT_EQ(data.size(), 2);
  EXPECT_TRUE(same_bits(all(data).x, floats({1, 2, 3, 4}, {2, 2})));
  EXPECT_TRUE(same_bits(all(data).y, at::tensor({0, 1}, at::kLong)));
  EXPECT_TRUE(same_bits(all(data).sample_weight, floats({0.5, 2}, {2})));
  EXPECT_THAT(data.names().features, ElementsAre("a", "b"));
  EXPECT_THAT(data.names().classes, IsEmpty());
  EXPECT_THAT(data.names().categories, ElementsAre(IsEmpty(), IsEmpty()));
}

TEST_F(CsvTest, FeaturesComeInTheOrderThatIsGiven) {
  const auto data = read("a,b,c\n1,2,x\n", {.features = {{"b", "a"}}});
  EXPECT_TRUE(same_bits(all(data).x, floats({2, 1}, {1, 2})));
  EXPECT_FALSE(all(data).y.defined());
}

TEST_F(CsvTest, ColumnsWithoutAHeaderAreNumbered) {
  const auto data = read("1,2,7\n3,4,8\n", {.label = -1, .header = false});
  EXPECT_TRUE(same_bits(all(data).x, floats({1, 2, 3, 4}, {2, 2})));
  EXPECT_TRUE(same_bits(all(data).y, at::tensor({7, 8}, at::kLong)));
  EXPECT_THAT(data.names().features, ElementsAre("column 0", "column 1"));
  EXPECT_TRUE(same_bits(all(read("a,b\n1,2\n", {.label = 0})).x, floats({2}, {1, 1})));
}

TEST_F(CsvTest, LabelsHaveTheTypeOfTheirNumbers) {
  const auto label = [&](const std::string& column, CsvLabelType type = CsvLabelType::kAuto) {
    std::string content = "x,y\n";
    std::istringstream lines(column);
    for (std::string line; lines >> line;) content += "0," + line + "\n";
    return all(read(content, {.label = "y", .label_type = type})).y;
  };
  EXPECT_TRUE(same_bits(label("3 -1 +2"), at::tensor({3, -1, 2}, at::kLong)));
  EXPECT_TRUE(same_bits(label("3 1.5"), floats({3, 1.5}, {2})));
  EXPECT_TRUE(same_bits(label("3.0 1.0"), floats({3, 1}, {2})));
  EXPECT_TRUE(same_bits(label("3 1", CsvLabelType::kNumber), floats({3, 1}, {2})));
  EXPECT_TRUE(same_bits(label("3 1", CsvLabelType::kInteger), at::tensor({3, 1}, at::kLong)));
  EXPECT_TRUE(same_bits(label("30 4", CsvLabelType::kCategory), at::tensor({0, 1}, at::kLong)));
}

TEST_F(CsvTest, LabelsThatAreTextsAreNumberedInTheirOrder) {
  const auto data = read("x,y\n1,dog\n2,cat\n3,\"eel, grey\"\n4,dog\n", {.label = "y"});
  EXPECT_TRUE(same_bits(all(data).y, at::tensor({1, 0, 2, 1}, at::kLong)));
  EXPECT_THAT(data.names().classes, ElementsAre("cat", "dog", "eel, grey"));
}

TEST_F(CsvTest, ClassesMayBeGiven) {
  const std::vector<std::string> classes = {"dog", "cat", "eel"};
  const auto data = read("x,y\n1,cat\n2,dog\n", {.label = "y", .classes = classes});
  EXPECT_TRUE(same_bits(all(data).y, at::tensor({1, 0}, at::kLong)));
  EXPECT_EQ(data.names().classes, classes);
  EXPECT_EQ(error_of("x,y\n1,cow\n", {.label = "y", .classes = classes}),
            "data.csv:2: column 'y': 'cow' is not one of the given texts: dog, cat, eel");
  EXPECT_THAT(error_of("x,y\n1,dog\n", {.label = "y", .classes = {{"dog", "dog"}}}),
              HasSubstr("classes: 'dog' stands there twice"));
}

TEST_F(CsvTest, FeaturesMayBeCategories) {
  const auto data = read("a,b,c\nx,1,u\nw,2,u\n",
                         {.categorical = {{{"a"}, {"c", std::vector<std::string>{"t", "u"}}}}});
  EXPECT_TRUE(same_bits(all(data).x, floats({1, 1, 1, 0, 2, 1}, {2, 3})));
  EXPECT_THAT(data.names().categories,
              ElementsAre(ElementsAre("w", "x"), IsEmpty(), ElementsAre("t", "u")));
  EXPECT_THAT(error_of("a\nv\n", {.categorical = {{{"a", std::vector<std::string>{"t"}}}}}),
              HasSubstr("data.csv:2: column 'a': 'v' is not one of the given texts: t"));
  EXPECT_THAT(error_of("a,y\nv,1\n", {.label = "y", .categorical = {{{"y"}}}}),
              HasSubstr("categorical: column 'y' is no feature"));
  EXPECT_THAT(error_of("a\nv\n", {.categorical = {{{"a"}, {0}}}}), HasSubstr("stands there twice"));
}

TEST_F(CsvTest, Float64KeepsEveryDigit) {
  const auto data = read("a,y\n0.1,0.7\n", {.label = "y", .dtype = at::kDouble});
  EXPECT_EQ(all(data).x.item<double>(), 0.1);
  EXPECT_EQ(all(data).y.item<double>(), 0.7);
  EXPECT_EQ(all(data).y.scalar_type(), at::kDouble);
}

TEST_F(CsvTest, MoreRowsThanABlockHoldsAreOneTensor) {
  std::string content = "a,b\n";
  constexpr int kRows = 400'000;
  for (int i = 0; i < kRows; ++i) content += std::to_string(i) + "," + std::to_string(-i) + "\n";
  const auto data = read(content);
  const auto expected = at::arange(kRows, at::kFloat);
  EXPECT_TRUE(same_bits(all(data).x, at::stack({expected, -expected + 0.0}, 1)));
}

TEST_F(CsvTest, GzippedFilesAreUnpacked) {
  const auto path = files_.write_gzipped("data.csv.gz", "a,b\n1,2\n");
  for (const bool in_memory : {true, false}) {
    const CSV data({.path = path, .in_memory = in_memory});
    EXPECT_TRUE(same_bits(all(data).x, floats({1, 2}, {1, 2})));
  }
}

// Rows out of memory.

TEST_F(CsvTest, RowsInAFileComeInTheOrderAskedFor) {
  std::string content = "a,c,y,w\r\n";
  constexpr int kRows = 30'000;
  for (int i = 0; i < kRows; ++i) {
    content += std::to_string(i) + ",\"text\n" + std::to_string(i % 7) + "\",l" +
               std::to_string(i % 3) + "," + std::to_string(i % 5) + "\r\n";
  }
  content.resize(content.size() - 2);
  CSVOptions options = {.path = files_.write("data.csv", content),
                        .label = "y",
                        .categorical = {{{"c"}}},
                        .weight = "w",
                        .in_memory = true};
  const CSV in_memory(options);
  options.in_memory = false;
  const CSV in_file(options);
  ASSERT_EQ(in_file.size(), kRows);
  for (const auto& rows : std::vector<std::vector<std::int64_t>>{
           {}, {kRows - 1}, {5, 6, 7}, {9, 3, 4, 5, 3, 3, 4, kRows - 1, 0}, {7, 6, 5}}) {
    expect_same(in_memory.rows(rows), in_file.rows(rows));
  }
  EXPECT_THAT(value_error([&] { in_file.rows({0, kRows}); }), HasSubstr("no sample 30000"));

  const LoaderOptions shuffled = {.batch_size = 700, .seed = 5, .threads = 3};
  auto expected = Loader(std::make_shared<CSV>(in_memory), {.batch_size = 700, .seed = 5}).epoch(2);
  for (const auto& batch : Loader(std::make_shared<CSV>(in_file), shuffled).epoch(2)) {
    expect_same(*expected.next(), batch);
  }
  EXPECT_FALSE(expected.next());
}

TEST_F(CsvTest, SplitsAndStatisticsAreTheSameOutOfMemory) {
  std::string content = "a,b,y\n";
  for (int i = 0; i < 3000; ++i) {
    content += std::to_string(0.1 * i) + "," + std::to_string(i * 37 % 101) + "," +
               std::to_string(i % 10 == 0) + "\n";
  }
  CSVOptions options = {.path = files_.write("data.csv", content), .label = "y"};
  std::vector<Splits> splits;
  std::vector<Standardizer> standardizers;
  for (const bool in_memory : {true, false}) {
    options.in_memory = in_memory;
    splits.push_back(split(std::make_shared<CSV>(options),
                           {.validation = 0.1, .test = 0.25, .seed = 3, .stratify = true}));
    standardizers.push_back(Standardizer::fit(*splits.back().train));
  }
  EXPECT_TRUE(same_bits(standardizers[0].mean(), standardizers[1].mean()));
  EXPECT_TRUE(same_bits(standardizers[0].std(), standardizers[1].std()));
  for (auto part : {&Splits::train, &Splits::validation, &Splits::test}) {
    const auto a = standardizers[0].apply(splits[0].*part);
    const auto b = standardizers[1].apply(splits[1].*part);
    expect_same(a->rows(all_rows(*a)), b->rows(all_rows(*b)));
  }
}

TEST_F(CsvTest, FewRowsAreInMemoryUnlessAskedOtherwise) {
  EXPECT_TRUE(CSV({.path = files_.write("data.csv", "a\n1\n")}).in_memory());
}

TEST_F(CsvTest, FilesMayChangeOnceTheyAreRead) {
  for (const bool in_memory : {true, false}) {
    const auto path = files_.write("data.csv", "a\n1\n2\n");
    const CSV data({.path = path, .in_memory = in_memory});
    files_.write("data.csv", "something else");
    EXPECT_TRUE(same_bits(data.rows({1, 0}).x, floats({2, 1}, {2, 1})));
    std::filesystem::remove(path);
    EXPECT_TRUE(same_bits(data.rows({1}).x, floats({2}, {1, 1})));
  }
}

TEST_F(CsvTest, FilesThatChangeWhileTheyAreReadAreErrors) {
  const auto path = files_.write("data.csv", "a\n1\n");
  CsvReader reader(path);
  ASSERT_TRUE(reader.next());
  std::ofstream(path, std::ios::app) << "2\n";
  ASSERT_TRUE(reader.next());
  EXPECT_THAT(value_error([&] {
                while (reader.next()) {
                }
              }),
              HasSubstr("data.csv: was changed while it was read"));
}

// Missing values.

TEST_F(CsvTest, MissingValuesAreErrors) {
  for (const auto* missing : {"", " ", "NA", "nan", "NULL", "\"\""}) {
    const auto content = std::string("a,b\n1,2\n") + missing + ",3\n";
    EXPECT_THAT(error_of(content), HasSubstr("data.csv:3: column 'a': the value is missing"));
  }
}

TEST_F(CsvTest, RowsWithMissingValuesMayBeDropped) {
  const auto data = read("a,c,y\n1,red,0\n,blue,1\n3,,0\n4,red,\n5,green,1\n",
                         {.label = "y", .categorical = {{{"c"}}}, .missing = CsvMissing::drop()});
  EXPECT_TRUE(same_bits(all(data).x, floats({1, 1, 5, 0}, {2, 2})));
  EXPECT_TRUE(same_bits(all(data).y, at::tensor({0, 1}, at::kLong)));
  EXPECT_EQ(data.dropped_rows(), 3);
  // "blue" was in a dropped row alone.
  EXPECT_THAT(data.names().categories[1], ElementsAre("green", "red"));
  EXPECT_EQ(error_of("a\nNA\n", {.missing = CsvMissing::drop()}),
            "data.csv: has no rows but those with missing values; expected at least one");
}

TEST_F(CsvTest, MissingFeaturesMayBeFilled) {
  const CSVOptions fill = {.label = "y", .missing = CsvMissing::fill(-1)};
  const auto data = read("a,b,y\n1,,0\nNA,4,1\n", fill);
  EXPECT_TRUE(same_bits(all(data).x, floats({1, -1, -1, 4}, {2, 2})));
  EXPECT_THAT(error_of("a,y\n1,\n", fill), HasSubstr("column 'y': the value is missing"));
  auto categorical = fill;
  categorical.categorical = {{{"a"}}};
  EXPECT_THAT(error_of("a,y\n,1\n", categorical), HasSubstr("column 'a': the value is missing"));
}

TEST_F(CsvTest, WhatIsMissingMayBeGiven) {
  const auto data =
      read("a\n1\n?\n-999\n", {.missing = CsvMissing::drop(), .missing_values = {"?", "-999"}});
  EXPECT_TRUE(same_bits(all(data).x, floats({1}, {1, 1})));
  EXPECT_THAT(error_of("a,b\n1,\n", {.missing_values = {"?"}}),
              HasSubstr("'' is not a finite number"));
}

// Errors.

TEST_F(CsvTest, BadNumbersAreErrorsWithLineAndColumn) {
  EXPECT_EQ(error_of("a,p3\n1,2\n\n3,abc\n"),
            "data.csv:4: column 'p3': 'abc' is not a finite number");
  EXPECT_EQ(error_of("1,2\n3,abc\n", {.header = false}),
            "data.csv:2: column 1: 'abc' is not a finite number");
  EXPECT_EQ(error_of("a,b\n\"1\",\"x\ny\"\n"),
            "data.csv:2: column 'b': 'x\ny' is not a finite number");
  EXPECT_EQ(error_of("a,b\n\"\n1\",x\n", {.features = {{"b"}}}),
            "data.csv:3: column 'b': 'x' is not a finite number");
  EXPECT_THAT(error_of("a\n" + std::string(100, 'x') + "\n"), HasSubstr("x...' is not"));
  EXPECT_EQ(error_of("a\ninf\n"), "data.csv:2: column 'a': 'inf' is not a finite number");
  EXPECT_EQ(error_of("a\n1e39\n"), "data.csv:2: column 'a': '1e39' is too large for float32");
  EXPECT_EQ(error_of("a,w\n1,x\n", {.weight = "w"}),
            "data.csv:2: column 'w': 'x' is not a finite number");
  EXPECT_EQ(error_of("a,y\n1,1\n1,x\n", {.label = "y"}),
            "data.csv:3: column 'y': 'x' is not a finite number; texts are labels where label_type "
            "is \"category\"");
  EXPECT_EQ(error_of("a,y\n1,1.5\n", {.label = "y", .label_type = CsvLabelType::kInteger}),
            "data.csv:2: column 'y': '1.5' is not an integer");
}

TEST_F(CsvTest, RaggedRowsAreErrors) {
  EXPECT_EQ(error_of("a,b\n1,2\n3\n"),
            "data.csv:3: has 1 fields; expected 2, as the first row has");
  EXPECT_EQ(error_of("a,b\n1,2,3\n"), "data.csv:2: has 3 fields; expected 2, as the first row has");
}

TEST_F(CsvTest, UnknownColumnsAreErrors) {
  EXPECT_EQ(error_of("age,size\n1,2\n", {.label = "siz"}),
            "data.csv: label: there is no column 'siz'. Did you mean 'size'? Columns: age, size");
  EXPECT_EQ(error_of("a,b\n1,2\n", {.weight = 2}),
            "data.csv: weight is column 2, but there are 2 columns; expected a number in [-2, 2)");
  EXPECT_THAT(error_of("1,2\n", {.features = {{"a"}}, .header = false}),
              HasSubstr("without a header columns have no names; expected a number"));
  EXPECT_EQ(error_of("a,b,a\n1,2,3\n"), "data.csv:1: the column 'a' stands twice in the header");
  EXPECT_EQ(error_of("a,b\n1,2\n", {.label = "a", .features = {{"b", "a"}}}),
            "features: column 'a' is used by label already; expected one use a column");
  EXPECT_THAT(error_of("a\n1\n", {.label = "a"}), HasSubstr("no column is left for features"));
}

TEST_F(CsvTest, FilesWithoutRowsAreErrors) {
  EXPECT_EQ(error_of(""), "data.csv: is empty; expected rows");
  EXPECT_EQ(error_of("a,b\n"), "data.csv: has no rows; expected at least one");
}

TEST_F(CsvTest, FilesThatCannotBeReadAreErrors) {
  const auto missing = (files_.folder() / "none.csv").string();
  EXPECT_EQ(value_error([&] { CSV({.path = missing}); }), missing + ": No such file or directory");
  EXPECT_THAT(value_error([&] { CSV({.path = files_.folder()}); }),
              EndsWith("is a folder; expected a file"));
  EXPECT_THAT(value_error([] { CSV(CSVOptions{}); }),
              HasSubstr("CSV.path: must be the path of a file"));

  auto packed = files_.write_gzipped("data.csv.gz", "a,b\n" + std::string(100'000, '1') + ",2\n");
  std::filesystem::resize_file(packed, 60);
  EXPECT_THAT(value_error([&] { CSV({.path = packed}); }),
              HasSubstr("data.csv.gz: cannot be read"));
}

TEST_F(CsvTest, BadOptionsAreErrors) {
  EXPECT_THAT(error_of("a\n1\n", {.delimiter = ",,"}),
              HasSubstr("CSV.delimiter: must be one character"));
  EXPECT_THAT(error_of("a\n1\n", {.delimiter = "\""}), HasSubstr("the delimiter is a quote"));
  EXPECT_THAT(error_of("a\n1\n", {.dtype = at::kHalf}),
              HasSubstr("CSV.dtype: must be float32 or float64"));
}

// From JSON.

TEST_F(CsvTest, IsMadeFromJson) {
  files_.write("data.csv", "a;c;y;w\n1;u;dog;2\n;v;cat;3\n");
  const auto json = R"({"class_name": "csv", "config": {
      "path": "data.csv", "label": "y", "weight": 3, "delimiter": ";", "missing": 0,
      "categorical": {"c": ["v", "u"]}, "features": ["c", 0]}})";
  const auto data = std::dynamic_pointer_cast<CSV>(get(json, files_.folder()));
  ASSERT_NE(data, nullptr);
  EXPECT_TRUE(same_bits(all(*data).x, floats({1, 1, 0, 0}, {2, 2})));
  EXPECT_TRUE(same_bits(all(*data).y, at::tensor({1, 0}, at::kLong)));
  EXPECT_TRUE(same_bits(all(*data).sample_weight, floats({2, 3}, {2})));

  // An absolute path is one in any folder.
  Json absolute = {{"class_name", "CSV"},
                   {"config",
                    {{"path", (files_.folder() / "data.csv").string()},
                     {"delimiter", ";"},
                     {"features", {0}},
                     {"missing", "drop"}}}};
  EXPECT_EQ(get(absolute, "/elsewhere")->size(), 1);
}

TEST_F(CsvTest, BadJsonIsAnErrorWithItsPath) {
  const auto error_of_option = [](const char* option) {
    return value_error(
        [&] { get(std::string(R"({"class_name": "csv", "config": {)") + option + "}}"); });
  };
  EXPECT_THAT(error_of_option(R"("path": 5)"), HasSubstr("CSV.path: expected a string, got 5"));
  EXPECT_THAT(error_of_option(R"("label": 1.5)"),
              HasSubstr("CSV.label: expected the name or number of a column, got 1.5"));
  EXPECT_THAT(error_of_option(R"("features": ["a", true])"),
              HasSubstr("CSV.features[1]: expected"));
  EXPECT_THAT(error_of_option(R"("missing": "skip")"),
              HasSubstr("CSV.missing: expected \"error\", \"drop\" or a number, got \"skip\""));
  EXPECT_THAT(error_of_option(R"("label_type": "text")"),
              HasSubstr("CSV.label_type: 'text' is not one of auto, integer, number, category"));
  EXPECT_THAT(error_of_option(R"("categorical": {"a": [1]})"),
              HasSubstr("CSV.categorical.a[0]: expected a string, got 1"));
  EXPECT_THAT(error_of_option(R"("categorical": 1)"),
              HasSubstr("CSV.categorical: expected a list of columns"));
  EXPECT_THAT(error_of_option(R"("lable": "y")"), HasSubstr("Did you mean 'label'?"));
  EXPECT_THAT(value_error([] { get("cvs"); }), HasSubstr("Did you mean 'CSV'?"));
}

TEST_F(CsvTest, OptionsGoThroughJsonAndBack) {
  const Json config = Json::parse(R"({"path": "a", "label": -1, "label_type": "category",
      "classes": ["a"], "features": ["x", 2], "categorical": {"x": ["u"], "z": null},
      "weight": "w", "missing": "drop", "missing_values": ["?"], "header": false,
      "delimiter": ";", "dtype": "float64", "in_memory": false})");
  const auto options = options_from<CSVOptions>(config);
  EXPECT_EQ(fields_of<CSVOptions>().to_config(&options), config);
}

TEST(Digits, AreTheOnesOfScikitLearn) {
  const auto path = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples" / "digits" / "digits.csv";
  const CSV digits({.path = path, .label = "label"});
  EXPECT_EQ(digits.size(), 1797);
  EXPECT_EQ(all(digits).x.sizes(), (std::vector<std::int64_t>{1797, 64}));
  EXPECT_EQ(digits.names().features.front(), "p0");
  EXPECT_EQ(digits.names().features.back(), "p63");
  // sklearn.datasets.load_digits: the sum of the data, the number of each digit.
  EXPECT_EQ(all(digits).x.sum(at::kDouble).item<double>(), 561718);
  EXPECT_TRUE(
      at::bincount(all(digits).y)
          .equal(at::tensor({178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, at::kLong)));
}

}  // namespace
}  // namespace assay::training::datasets
