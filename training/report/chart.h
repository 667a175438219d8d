// SPDX-License-Identifier: Apache-2.0
// Line charts as SVG.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace assay::training::report {

/// A line of a chart.
struct Series {
  std::string name;                               ///< In the legend.
  std::vector<std::pair<double, double>> points;  ///< What is not finite leaves a gap.
  std::size_t color = 0;  ///< Number of the page's colour; they begin again after the last.
  bool dashed = false;    ///< A dashed line, else a solid one.
};

/// What is drawn.
struct Chart {
  std::string title;           ///< Above it.
  std::string x_label;         ///< Below the x axis.
  std::vector<Series> series;  ///< The lines, the last one on top.
  /// Both axes go from 0 to 1, and the diagonal is drawn; else they fit the points.
  bool unit_square = false;
  bool whole_x = false;  ///< Ticks of the x axis are whole numbers.
};

/// A <figure> with title, axes, lines and legend; empty where no point is finite.
std::string svg(const Chart& chart);

/// Round numbers from at or below `low` to at or above `high`, 4 to 8 of them; one where both are
/// the same.
/// Errors: none; `low` and `high` are finite.
std::vector<double> round_ticks(double low, double high);

}  // namespace assay::training::report
