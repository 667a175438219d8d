// SPDX-License-Identifier: Apache-2.0
#include <assay/training/progress.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace assay::training {
namespace {

constexpr auto kBetweenDraws = std::chrono::milliseconds(100);
constexpr std::int64_t kBarWidth = 20;

[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...) {
  char text[64];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

double seconds_between(Progress::Clock::time_point from, Progress::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::int64_t terminal_width() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string count(std::int64_t step, std::int64_t steps) {
  if (steps == 0) return std::to_string(step) + "/?";
  const auto total = std::to_string(steps);
  return formatted("%*lld/", static_cast<int>(total.size()), static_cast<long long>(step)) + total;
}

std::string bar(std::int64_t step, std::int64_t steps) {
  const auto full = steps > 0 ? std::min(kBarWidth, kBarWidth * step / steps) : 0;
  std::string text;
  for (std::int64_t i = 0; i < kBarWidth; ++i) text += i < full ? "━" : "─";
  return text;
}

// The text cut after so many columns.
std::string cut(const std::string& text, std::int64_t columns) {
  std::size_t end = 0;
  std::int64_t seen = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (starts && seen++ == columns) break;
    ++end;
  }
  return text.substr(0, end);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string shown_seconds(double seconds) {
  if (seconds < 1e-3) return formatted("%.0f us", seconds * 1e6);
  if (seconds < 1) return formatted("%.1f ms", seconds * 1e3);
  if (seconds < 60) return formatted("%.1fs", seconds);
  const auto minutes = static_cast<long long>(seconds / 60);
  const auto rest = static_cast<int>(seconds - static_cast<double>(minutes) * 60);
  if (minutes < 60) return formatted("%lldm %02ds", minutes, rest);
  return formatted("%lldh %02lldm", minutes / 60, minutes % 60);
}

std::string shown_time_left(double seconds) {
  if (seconds < 60) return formatted("%.0fs left", std::ceil(seconds));
  return shown_seconds(seconds) + " left";
}

std::string shown_logs(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) {
    const auto size = std::abs(value);
    const bool plain = value == 0 || (size >= 1e-3 && size < 1e6) || !std::isfinite(value);
    text += (text.empty() ? "" : "  ") + name + " " + formatted(plain ? "%.4f" : "%.4e", value);
  }
  return text;
}

Progress::Progress(std::ostream& out, ProgressOptions options, Clock::time_point now)
    : out_(out), options_(std::move(options)), start_(now), first_done_(now), drawn_(now) {
  first_done_step_ = options_.first_step;
  if (options_.bar && options_.width == 0) options_.width = terminal_width();
}

bool Progress::due(std::int64_t step, Clock::time_point now) const {
  return options_.bar && (now - drawn_ >= kBetweenDraws || step == options_.steps);
}

double Progress::seconds_per_step(std::int64_t step, Clock::time_point now) const {
  const bool past_first = step > first_done_step_ && first_done_step_ > options_.first_step;
  const auto since = past_first ? first_done_ : start_;
  const auto steps = step - (past_first ? first_done_step_ : options_.first_step);
  return steps > 0 ? seconds_between(since, now) / static_cast<double>(steps) : 0;
}

std::string Progress::speed(std::int64_t step, Clock::time_point now) const {
  return shown_seconds(seconds_per_step(step, now)) + "/step";
}

void Progress::draw(const std::string& line) {
  // Back to the start of the line, which is cleared: the terminal never shows half a line.
  out_ << "\r\033[K" << line << std::flush;
  on_screen_ = true;
}

void Progress::update(std::int64_t step, const Logs& logs, Clock::time_point now) {
  if (!options_.bar) return;
  const auto left = seconds_per_step(step, now) * static_cast<double>(options_.steps - step);
  const auto line = count(step, options_.steps) + " " + bar(step, options_.steps) + "  " +
                    speed(step, now) + "  " +
                    (options_.steps > 0 ? shown_time_left(left) + "  " : "") + shown_logs(logs);
  draw(cut(line, options_.width - 1));
  drawn_ = now;
  if (first_done_step_ == options_.first_step) {
    first_done_step_ = step;
    first_done_ = now;
  }
}

void Progress::finish(std::int64_t step, const Logs& logs, Clock::time_point now) {
  const auto line = count(step, options_.steps) + "  " +
                    shown_seconds(seconds_between(start_, now)) + "  " + speed(step, now) + "  " +
                    shown_logs(logs);
  if (options_.bar) {
    draw(count(step, options_.steps) + " " + bar(step, options_.steps) +
         line.substr(count(step, options_.steps).size()));
    out_ << '\n' << std::flush;
  } else {
    out_ << options_.label << (options_.label.empty() ? "" : "  ") << line << '\n' << std::flush;
  }
  on_screen_ = false;
}

void Progress::abandon() {
  if (on_screen_) out_ << '\n' << std::flush;
  on_screen_ = false;
}

}  // namespace assay::training
