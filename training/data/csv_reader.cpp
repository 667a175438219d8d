// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/csv_reader.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cstring>

namespace assay::training {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{1} << 20;
constexpr std::size_t kLongestRecord = std::size_t{64} << 20;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(std::filesystem::path path, char delimiter)
    : path_(path), delimiter_(delimiter), stream_(std::move(path)), buffer_(kFirstBuffer) {
  TORCH_CHECK_VALUE(delimiter != '"' && delimiter != '\n' && delimiter != '\r',
                    "the delimiter is a quote or a line end; expected another character");
  refill();
  skip_byte_order_mark();
}

std::string CsvReader::where(std::int64_t line) const {
  return path_.string() + ":" + std::to_string(line);
}

void CsvReader::skip_byte_order_mark() {
  const std::string_view start(buffer_.data(), std::min<std::size_t>(end_, 3));
  TORCH_CHECK_VALUE(!start.starts_with("\xFF\xFE") && !start.starts_with("\xFE\xFF"),
                    path_.string(), ": is UTF-16; expected UTF-8");
  if (start == kUtf8Mark) begin_ = kUtf8Mark.size();
}

bool CsvReader::next() {
  for (;;) {
    if (begin_ == end_ && !refill()) {
      stream_.check_unchanged();
      return false;
    }
    const auto line = line_;
    while (parse() == Parsed::kIncomplete) {
      line_ = line;
      TORCH_CHECK_VALUE(
          end_ - begin_ < kLongestRecord, where(line),
          ": a row of more than 64 MiB begins here; expected its end (is a quote left "
          "open?)");
      refill();
    }
    record_line_ = line;
    const bool empty_line = fields_.size() == 1 && fields_.front().text.empty() && !quoted_;
    if (!empty_line) return true;
  }
}

// Reads more into the buffer; false where there was nothing to be read.
bool CsvReader::refill() {
  if (at_end_) return false;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() - end_ < buffer_.size() / 2) buffer_.resize(buffer_.size() * 2);
  const std::span<char> room(buffer_.data() + end_, buffer_.size() - end_);
  const auto count = stream_.read(room);
  end_ += count;
  at_end_ = count < room.size();
  return count > 0;
}

// Splits the record at the buffer's beginning into fields and steps over it, if it is all there.
CsvReader::Parsed CsvReader::parse() {
  fields_.clear();
  doubled_.clear();
  quoted_ = false;
  const char* at = buffer_.data() + begin_;
  const char* const end = buffer_.data() + end_;
  for (bool more = true; more;) {
    if (at != end && *at == '"') {
      at = parse_quoted(at);
      if (!at) return Parsed::kIncomplete;
    } else {
      const char* const start = at;
      while (at != end && *at != delimiter_ && *at != '\n') ++at;
      std::string_view text(start, static_cast<std::size_t>(at - start));
      const bool ends_line = at == end || *at == '\n';
      if (ends_line && text.ends_with('\r')) text.remove_suffix(1);
      fields_.push_back({text, line_});
    }
    if (at == end && !at_end_) return Parsed::kIncomplete;
    more = at != end && *at == delimiter_;
    if (at != end) ++at;
  }
  if (at != buffer_.data() && at[-1] == '\n') ++line_;
  begin_ = static_cast<std::size_t>(at - buffer_.data());
  for (const auto field : doubled_) merge_doubled_quotes(fields_[field]);
  return Parsed::kRecord;
}

// Adds the field whose opening quote is at `at`; returns where the delimiter, the line end or the
// end of the file follows it, or null where the buffer ends before.
const char* CsvReader::parse_quoted(const char* at) {
  const char* const end = buffer_.data() + end_;
  const auto line = line_;
  const char* const start = at + 1;
  bool doubled = false;
  for (at = start;; at += 2) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    TORCH_CHECK_VALUE(at || !at_end_, where(line),
                      ": a quote is opened here and never closed; expected a closing quote");
    if (!at || (at + 1 == end && !at_end_)) return nullptr;
    if (at + 1 == end || at[1] != '"') break;
    doubled = true;
  }
  line_ += std::count(start, at, '\n');
  if (doubled) doubled_.push_back(fields_.size());
  quoted_ = true;
  fields_.push_back({std::string_view(start, static_cast<std::size_t>(at - start)), line});

  ++at;
  if (at != end && *at == '\r') {
    if (at + 1 == end && !at_end_) return nullptr;
    if (at + 1 == end || at[1] == '\n') ++at;
  }
  TORCH_CHECK_VALUE(at == end || *at == delimiter_ || *at == '\n', where(line_),
                    ": text follows a closing quote; expected a delimiter or the end of the line "
                    "(quotes inside quotes are doubled)");
  return at;
}

// In place: the text gets shorter.
void CsvReader::merge_doubled_quotes(CsvField& field) {
  char* const start = buffer_.data() + (field.text.data() - buffer_.data());
  char* to = start;
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    *to++ = field.text[i];
    if (field.text[i] == '"') ++i;
  }
  field.text = {start, static_cast<std::size_t>(to - start)};
}

}  // namespace assay::training
