// SPDX-License-Identifier: Apache-2.0
#include <assay/training/report/html.h>

#include <array>
#include <cstdio>

namespace assay::training::report {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #1c2024; --faint: #6b7280; --line: #d6d9de; --back: #fff;
  --heat: 37, 99, 235; --c0: #2563eb; --c1: #d97706; --c2: #059669; --c3: #db2777; --c4: #7c3aed;
  --c5: #0891b2; --c6: #65a30d; --c7: #b91c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --faint: #9ca3af; --line: #3a414b;
  --back: #14171a; --heat: 96, 165, 250; --c0: #60a5fa; --c1: #fbbf24; --c2: #34d399; --c3: #f472b6;
  --c4: #a78bfa; --c5: #22d3ee; --c6: #a3e635; --c7: #f87171; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 1180px; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr));
  gap: 1.25rem; } figure { margin: 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: var(--faint); } svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
svg .dashed { stroke-dasharray: 5 4; } svg circle { stroke: none; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .85rem;
  color: var(--faint); } .legend svg { width: 26px; height: 10px; display: inline-block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--line);
  text-align: right; } th:first-child, td:first-child { text-align: left; }
.confusion td { min-width: 2.2rem; } pre { overflow-x: auto; font-size: .85rem; }
details summary { cursor: pointer; }
)css";

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string page(std::string_view title, std::string_view body) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
  html.append(escaped(title))
      .append("</title>\n<style>")
      .append(kStyle)
      .append("</style>\n<body>\n");
  return html.append(body).append("</body>\n</html>\n");
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=\"wide\"><table>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string cell = i == 0 ? "th" : "td";
    html += "<tr>";
    for (const auto& text : rows[i]) {
      html.append("<").append(cell).append(">").append(text).append("</").append(cell).append(">");
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

}  // namespace assay::training::report
