// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/npy_header.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

namespace assay::training {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// A reader of the header's text: a Python dictionary with three keys.
class Literal {
 public:
  Literal(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  // Whether the text goes on with this, which is then stepped over, as spaces before it are.
  bool take(std::string_view expected) {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) {
      text_.remove_prefix(1);
    }
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }

  void expect(std::string_view expected) { check(take(expected)); }

  bool at_end() { return take("") && text_.empty(); }

  std::string string() {
    const bool is_double = take("\"");
    if (!is_double) expect("'");
    const auto end = text_.find(is_double ? '"' : '\'');
    check(end != std::string_view::npos);
    const std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }

  bool boolean() {
    if (take("True")) return true;
    expect("False");
    return false;
  }

  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> values;
    expect("(");
    while (!take(")")) {
      take("");  // spaces
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      check(error == std::errc() && value >= 0);
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      take("L");  // as Python 2 wrote
      values.push_back(value);
      if (!take(",")) {
        expect(")");
        break;
      }
    }
    return values;
  }

  void check(bool fine) const {
    TORCH_CHECK_VALUE(fine, source_, ": is damaged: its header cannot be read at '",
                      text_.substr(0, 40), "'");
  }

 private:
  std::string_view text_;
  const std::string& source_;
};

NpyHeader read_dictionary(Literal text, const std::string& source) {
  NpyHeader header;
  std::set<std::string> seen;
  text.expect("{");
  while (!text.take("}")) {
    const auto key = text.string();
    text.check(seen.insert(key).second);
    text.expect(":");
    if (key == "descr") {
      TORCH_CHECK_VALUE(!text.take("["), source,
                        ": holds records of several fields; expected numbers or truth values");
      header.dtype = text.string();
    } else if (key == "fortran_order") {
      header.fortran_order = text.boolean();
    } else {
      text.check(key == "shape");
      header.shape = text.tuple();
    }
    if (!text.take(",")) {
      text.expect("}");
      break;
    }
  }
  text.check(seen.size() == 3 && text.at_end());
  return header;
}

}  // namespace

NpyHeader read_npy_header(std::span<const char> bytes, const std::string& source) {
  const std::string_view text(bytes.data(), bytes.size());
  TORCH_CHECK_VALUE(text.starts_with(kMagic) && text.size() >= 10, source,
                    ": is no .npy file; expected one that NumPy wrote");
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
  };
  const auto version = byte(6);
  TORCH_CHECK_VALUE(version >= 1 && version <= 3, source, ": has the .npy format ", version,
                    "; expected 1, 2 or 3");
  const std::size_t begin = version == 1 ? 10 : 12;
  TORCH_CHECK_VALUE(text.size() >= begin, source, ": is truncated: it ends in its header");
  auto length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  TORCH_CHECK_VALUE(length <= text.size() - begin, source, ": is truncated: it ends in its header");
  auto header = read_dictionary(Literal(text.substr(begin, length), source), source);
  header.size = begin + length;
  return header;
}

}  // namespace assay::training
