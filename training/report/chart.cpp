// SPDX-License-Identifier: Apache-2.0
#include <assay/training/report/chart.h>
#include <assay/training/report/html.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::training::report {
namespace {

// Of the width that a chart has on a page, so that its text is as large as it says.
constexpr double kWidth = 420;
constexpr double kHeight = 230;
constexpr double kLeft = 48;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kBottom = 36;
constexpr std::size_t kColors = 8;  // --c0 .. --c7 of the page's style

bool finite(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

struct Axes {
  Range x, y;

  std::string place(const std::pair<double, double>& point) const {
    return short_number(at_x(point.first)) + "," + short_number(at_y(point.second));
  }
  double at_x(double value) const {
    const double share = x.high > x.low ? (value - x.low) / (x.high - x.low) : 0.5;
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  double at_y(double value) const {
    const double share = y.high > y.low ? (value - y.low) / (y.high - y.low) : 0.5;
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
};

std::string style(const Series& series) {
  return " style=\"stroke:var(--c" + std::to_string(series.color % kColors) + ")\"" +
         (series.dashed ? " class=\"dashed\"" : "");
}

std::string line(double x1, double y1, double x2, double y2, const std::string& attributes) {
  return "<line x1=\"" + short_number(x1) + "\" y1=\"" + short_number(y1) + "\" x2=\"" +
         short_number(x2) + "\" y2=\"" + short_number(y2) + "\"" + attributes + "/>";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + short_number(x) + "\" y=\"" + short_number(y) + "\" text-anchor=\"" +
         anchor + "\">" + escaped(text) + "</text>";
}

std::string grid(const Chart& chart, const Axes& axes) {
  std::string svg;
  for (const double tick : round_ticks(axes.y.low, axes.y.high)) {
    const double y = axes.at_y(tick);
    svg += line(kLeft, y, kWidth - kRight, y, " class=\"grid\"");
    svg += label(kLeft - 6, y + 4, "end", short_number(tick));
  }
  for (const double tick : round_ticks(axes.x.low, axes.x.high)) {
    if (tick < axes.x.low || tick > axes.x.high) continue;
    if (chart.whole_x && tick != std::floor(tick)) continue;
    svg += label(axes.at_x(tick), kHeight - kBottom + 16, "middle", short_number(tick));
  }
  svg += label((kLeft + kWidth) / 2, kHeight - 4, "middle", chart.x_label);
  if (chart.unit_square) {
    svg += line(axes.at_x(0), axes.at_y(0), axes.at_x(1), axes.at_y(1), " class=\"grid\"");
  }
  return svg + "\n";
}

// One polyline a stretch of finite points; a stretch of one is a dot.
std::string lines(const Series& series, const Axes& axes) {
  std::string svg;
  auto at = series.points.begin();
  while ((at = std::find_if(at, series.points.end(), finite)) != series.points.end()) {
    const auto end = std::find_if_not(at, series.points.end(), finite);
    if (end - at == 1) {
      svg += "<circle r=\"2.5\" cx=\"" + short_number(axes.at_x(at->first)) + "\" cy=\"" +
             short_number(axes.at_y(at->second)) + "\" style=\"fill:var(--c" +
             std::to_string(series.color % kColors) + ")\"/>\n";
    } else {
      svg += "<polyline points=\"";
      for (auto point = at; point != end; ++point) svg += axes.place(*point) + " ";
      svg += "\"" + style(series) + "/>\n";
    }
    at = end;
  }
  return svg;
}

std::string legend(const Chart& chart) {
  std::string html = "<div class=\"legend\">";
  for (const auto& series : chart.series) {
    html += "<span><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><polyline points=\"1,5 25,5\"" +
            style(series) + "/></svg> " + escaped(series.name) + "</span>";
  }
  return html + "</div>";
}

}  // namespace

std::vector<double> round_ticks(double low, double high) {
  if (low == high) return {low};
  const double rough = (high - low) / 4;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  const double step = power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  const double first = std::floor(low / step);
  for (double i = first; (i - 1) * step < high; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string svg(const Chart& chart) {
  Axes axes;
  for (const auto& series : chart.series) {
    for (const auto& point : series.points) {
      if (!finite(point)) continue;
      axes.x.add(point.first);
      axes.y.add(point.second);
    }
  }
  if (axes.x.low > axes.x.high) return "";
  if (chart.unit_square) {
    axes.x = axes.y = {0, 1};
  } else {
    const auto ticks = round_ticks(axes.y.low, axes.y.high);
    axes.y.add(ticks.front());
    axes.y.add(ticks.back());
  }
  std::string html = "<figure><figcaption>" + escaped(chart.title) + "</figcaption>\n";
  html += "<svg viewBox=\"0 0 " + short_number(kWidth) + " " + short_number(kHeight) +
          "\" role=\"img\" aria-label=\"" + escaped(chart.title) + "\">\n" + grid(chart, axes);
  for (const auto& series : chart.series) html += lines(series, axes);
  return html + "</svg>\n" + legend(chart) + "</figure>\n";
}

}  // namespace assay::training::report
