// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/safetensors_header.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace assay::serialization {
namespace {

constexpr std::size_t kLongestReason = 160;

// Reads the header as the parser meets it, three levels deep at most: no tree is built, so neither
// depth nor length of a hostile header costs more than its own bytes.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    switch (place_) {
      case Place::kStart:
        place_ = Place::kTop;
        return true;
      case Place::kTop:
        place_ = name_ == kMetadataName ? Place::kMetadata : Place::kTensor;
        tensor_ = {};
        return true;
      default:
        reject("an object");
    }
  }

  bool key(string_t& key) override {
    switch (place_) {
      case Place::kTop:
        if (!names_.insert(key).second) {
          throw FormatError("the name " + in_quotes(key) + " occurs twice");
        }
        name_ = std::move(key);
        return true;
      case Place::kMetadata:
        if (header_.metadata.contains(key)) {
          throw FormatError("the metadata key " + in_quotes(key) + " occurs twice");
        }
        key_ = std::move(key);
        return true;
      default:
        start_field(key);
        return true;
    }
  }

  bool end_object() override {
    if (place_ == Place::kTensor) {
      finish_tensor();
    }
    place_ = Place::kTop;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kTensor || field_ == Field::kDtype) {
      reject("an array");
    }
    place_ = Place::kNumbers;
    return true;
  }

  bool end_array() override {
    if (field_ == Field::kOffsets && tensor_.offsets->size() != 2) {
      throw FormatError(field_name() + " must hold two numbers");
    }
    place_ = Place::kTensor;
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) {
      header_.metadata.emplace(std::move(key_), std::move(value));
    } else if (place_ == Place::kTensor && field_ == Field::kDtype) {
      tensor_.dtype = std::move(value);
    } else {
      reject("a string");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::kNumbers) {
      reject("a number");
    }
    if (field_ == Field::kShape) {
      add_size(value);
    } else {
      add_offset(value);
    }
    return true;
  }

  bool number_integer(number_integer_t) override { reject("a negative number"); }
  bool number_float(number_float_t, const string_t& text) override { reject("the number " + text); }
  bool null() override { reject("null"); }
  bool boolean(bool) override { reject("a boolean"); }
  bool binary(binary_t&) override { reject("binary data"); }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    // The message is "[id] reason; last read: text": the text may be long, and no UTF-8.
    std::string reason = error.what();
    reason.erase(std::min(reason.find("; last read"), reason.size()));
    reason.erase(0, reason.find("] ") + 2);
    throw FormatError("the header is not valid JSON: " + reason.substr(0, kLongestReason));
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kNumbers };
  enum class Field { kDtype, kShape, kOffsets };

  struct TensorFields {
    std::optional<std::string> dtype;
    std::optional<std::vector<std::int64_t>> shape;
    std::optional<std::vector<std::uint64_t>> offsets;
  };

  std::string tensor_name() const { return "tensor " + in_quotes(name_); }

  std::string field_name() const {
    const char* name = field_ == Field::kDtype   ? "'dtype'"
                       : field_ == Field::kShape ? "'shape'"
                                                 : "'data_offsets'";
    return std::string(name) + " of " + tensor_name();
  }

  [[noreturn]] void reject(const std::string& found) const {
    const std::string instead = ", not " + found.substr(0, 40);
    switch (place_) {
      case Place::kStart:
        throw FormatError("the header must be an object" + instead);
      case Place::kTop:
        throw FormatError((name_ == kMetadataName ? "'__metadata__'" : tensor_name()) +
                          " must be an object" + instead);
      case Place::kMetadata:
        throw FormatError("the metadata of key " + in_quotes(key_) + " must be a string" + instead);
      case Place::kTensor:
        throw FormatError(field_name() + " must be " +
                          (field_ == Field::kDtype ? "a string" : "an array") + instead);
      case Place::kNumbers:
        break;
    }
    throw FormatError(field_name() + " must hold whole numbers from 0" + instead);
  }

  void start_field(const std::string& key) {
    bool is_new = false;
    if (key == "dtype") {
      field_ = Field::kDtype;
      is_new = !tensor_.dtype;
    } else if (key == "shape") {
      field_ = Field::kShape;
      is_new = !tensor_.shape;
      tensor_.shape.emplace();
    } else if (key == "data_offsets") {
      field_ = Field::kOffsets;
      is_new = !tensor_.offsets;
      tensor_.offsets.emplace();
    } else {
      throw FormatError(tensor_name() + " has an unknown field " + in_quotes(key));
    }
    if (!is_new) {
      throw FormatError(field_name() + " occurs twice");
    }
  }

  void add_size(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw FormatError("the shape of " + tensor_name() + " overflows");
    }
    // One more than allowed is kept for byte_count to complain about.
    if (tensor_.shape->size() <= kMostDimensions) {
      tensor_.shape->push_back(static_cast<std::int64_t>(value));
    }
  }

  void add_offset(std::uint64_t value) {
    if (tensor_.offsets->size() == 2) {
      throw FormatError(field_name() + " must hold two numbers");
    }
    tensor_.offsets->push_back(value);
  }

  template <typename T>
  T& required(std::optional<T>& field, const char* name) const {
    if (!field) {
      throw FormatError(tensor_name() + " has no " + name);
    }
    return *field;
  }

  // The last size counted numbers.
  void count_elements(SafetensorsDtype dtype, std::vector<std::int64_t>& shape) const {
    if (dtype.numbers == 1) {
      return;
    }
    if (shape.empty() || shape.back() % dtype.numbers != 0) {
      throw FormatError("the last size of " + tensor_name() + ", whose dtype is " +
                        std::string(dtype.name) + ", is no multiple of " +
                        std::to_string(dtype.numbers));
    }
    shape.back() /= dtype.numbers;
  }

  void finish_tensor() {
    const std::string& dtype_name = required(tensor_.dtype, "'dtype'");
    const std::optional<SafetensorsDtype> dtype = find_dtype(dtype_name);
    if (!dtype) {
      throw FormatError(tensor_name() + " has the unsupported dtype " + in_quotes(dtype_name) +
                        "; supported are " + supported_dtypes());
    }
    std::vector<std::int64_t>& shape = required(tensor_.shape, "'shape'");
    const std::vector<std::uint64_t>& offsets = required(tensor_.offsets, "'data_offsets'");
    count_elements(*dtype, shape);
    TensorEntry entry{name_, *dtype, std::move(shape), offsets.front(), offsets.back()};
    const std::uint64_t bytes = byte_count(entry.name, entry.dtype, entry.shape);
    if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
      throw FormatError("the data offsets of " + tensor_name() + " do not span the " +
                        std::to_string(bytes) + " bytes that its dtype and shape need");
    }
    header_.entries.push_back(std::move(entry));
  }

  SafetensorsHeader header_;
  Place place_ = Place::kStart;
  Field field_ = Field::kDtype;
  std::unordered_set<std::string> names_;
  std::string name_;  // of the tensor, or __metadata__
  std::string key_;   // in the metadata
  TensorFields tensor_;
};

// No two tensors share a byte of the data, and no byte of it belongs to none.
void check_that_entries_tile(const std::vector<TensorEntry>& entries, std::uint64_t data_size) {
  std::uint64_t covered = 0;
  for (const TensorEntry& entry : entries) {
    if (entry.begin != covered) {
      throw FormatError("the data of tensor " + in_quotes(entry.name) + " begins at byte " +
                        std::to_string(entry.begin) +
                        (entry.begin < covered ? ", inside the tensor before it, which ends at "
                                               : ", behind a hole that begins at ") +
                        std::to_string(covered));
    }
    covered = entry.end;
  }
  if (covered != data_size) {
    throw FormatError("the tensors take " + std::to_string(covered) + " bytes of data, but " +
                      std::to_string(data_size) + " follow the header");
  }
}

}  // namespace

SafetensorsHeader read_header(std::string_view text, std::uint64_t data_size) {
  if (!text.starts_with('{')) {
    throw FormatError("the header does not begin with '{'");
  }
  // The parser would take it for the end of the text.
  if (text.find('\0') != std::string_view::npos) {
    throw FormatError("the header is not valid JSON: it has a zero byte");
  }
  HeaderReader reader;
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  SafetensorsHeader header = reader.take();
  std::ranges::sort(header.entries, {},
                    [](const TensorEntry& entry) { return std::tuple(entry.begin, entry.end); });
  check_that_entries_tile(header.entries, data_size);
  return header;
}

}  // namespace assay::serialization
