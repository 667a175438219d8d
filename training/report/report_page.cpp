// SPDX-License-Identifier: Apache-2.0
#include <assay/training/report/chart.h>
#include <assay/training/report/html.h>
#include <assay/training/report/run_record.h>

#include <algorithm>
#include <map>

namespace assay::training::report {
namespace {

constexpr std::string_view kValidation = "val_";
constexpr std::string_view kLearningRate = "learning_rate";  // in the logs of some callbacks

std::string section(const std::string& title, const std::string& html) {
  return html.empty() ? "" : "<h2>" + escaped(title) + "</h2>\n" + html;
}

std::string charts(const std::string& figures) {
  return figures.empty() ? "" : "<div class=\"charts\">\n" + figures + "</div>\n";
}

// Names without val_, in order of appearance over all runs.
std::vector<std::string> measured_names(const std::vector<RunRecord>& runs) {
  std::vector<std::string> names;
  for (const auto& run : runs) {
    for (const auto& name : run.history.names()) {
      const auto plain = name.starts_with(kValidation) ? name.substr(kValidation.size()) : name;
      const bool known = std::find(names.begin(), names.end(), plain) != names.end();
      if (!known && plain != kLearningRate) names.push_back(plain);
    }
  }
  return names;
}

Series series_of(const RunRecord& run, const std::string& name) {
  Series series;
  for (const auto& record : run.history.epochs()) {
    if (const auto value = record.logs.find(name)) {
      series.points.emplace_back(static_cast<double>(record.epoch + 1), *value);
    }
  }
  return series;
}

// Every run has one, whatever its callbacks log.
std::string learning_rates(const std::vector<RunRecord>& runs) {
  Chart chart{.title = "learning rate", .x_label = "epoch", .whole_x = true};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Series series{.name = runs.size() > 1 ? runs[i].name : "training", .color = i};
    for (const auto& record : runs[i].history.epochs()) {
      const auto logged = record.logs.find(kLearningRate);
      if (const auto rate = record.learning_rate ? record.learning_rate : logged) {
        series.points.emplace_back(static_cast<double>(record.epoch + 1), *rate);
      }
    }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  return svg(chart);
}

std::string curves_by_epoch(const std::vector<RunRecord>& runs) {
  std::string figures;
  for (const auto& name : measured_names(runs)) {
    Chart chart{.title = name, .x_label = "epoch", .whole_x = true};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto prefix = runs.size() > 1 ? runs[i].name + ", " : std::string();
      for (const bool validation : {false, true}) {
        auto series = series_of(runs[i], (validation ? std::string(kValidation) : "") + name);
        if (series.points.empty()) continue;
        series.name = prefix + (validation ? "validation" : "training");
        series.color = runs.size() > 1 ? i : (validation ? 1 : 0);
        series.dashed = runs.size() > 1 && !validation;
        chart.series.push_back(std::move(series));
      }
    }
    figures += svg(chart);
  }
  return charts(figures + learning_rates(runs));
}

std::string results_table(const std::vector<RunRecord>& runs) {
  std::vector<std::vector<std::string>> rows = {{""}};
  std::vector<std::string> keys;
  for (const auto& run : runs) {
    rows[0].push_back(escaped(run.name));
    for (const auto& part : run.results.items()) {
      for (const auto& value : part.value().items()) {
        const auto key = part.key() + " " + value.key();
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      }
    }
  }
  for (const auto& key : keys) {
    const auto space = key.find(' ');
    std::vector<std::string> row = {escaped(key)};
    for (const auto& run : runs) {
      const auto part = run.results.value(key.substr(0, space), Json::object());
      const auto found = part.find(key.substr(space + 1));
      row.push_back(found == part.end() ? "" : short_number(number_from(*found, key)));
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::string> seconds = {"seconds of training"};
  for (const auto& run : runs) {
    double sum = 0;
    for (const auto& record : run.history.epochs()) sum += record.seconds;
    seconds.push_back(short_number(sum));
  }
  rows.push_back(std::move(seconds));
  return table(rows);
}

std::string confusion(const Json& found) {
  if (!found.contains("confusion")) return "";
  std::string html =
      "<p class=\"faint\">Rows are labels, columns predictions.</p>\n"
      "<div class=\"wide\"><table class=\"confusion\">\n<tr><th></th>";
  for (const auto& name : found["classes"]) {
    html += "<th>" + escaped(name.get<std::string>()) + "</th>";
  }
  html += "</tr>\n";
  for (std::size_t i = 0; i < found["confusion"].size(); ++i) {
    const auto counts = found["confusion"][i].get<std::vector<double>>();
    double sum = 0;
    for (const double count : counts) sum += count;
    html += "<tr><th>" + escaped(found["classes"][i].get<std::string>()) + "</th>";
    for (const double count : counts) {
      const auto share = sum > 0 ? count / sum : 0;
      html += "<td style=\"background:rgba(var(--heat)," + short_number(0.75 * share) + ")\">" +
              (count > 0 ? short_number(count) : "") + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string class_curves(const Json& found, const char* key, const std::string& title,
                         const char* x_label) {
  if (!found.contains(key)) return "";
  const auto shown = found[key].size();
  const auto classes = found["classes"].size();
  const bool all = classes == 2 || shown == classes;  // of two classes one says it all
  Chart chart{.title = title + (all ? ""
                                    : ": the first " + std::to_string(shown) + " of " +
                                          std::to_string(classes)),
              .x_label = x_label,
              .unit_square = true};
  for (const auto& item : found[key].items()) {
    Series series{.name = item.key(), .color = chart.series.size()};
    const auto x = item.value()["x"].get<std::vector<double>>();
    const auto y = item.value()["y"].get<std::vector<double>>();
    for (std::size_t i = 0; i < x.size(); ++i) series.points.emplace_back(x[i], y[i]);
    chart.series.push_back(std::move(series));
  }
  return svg(chart);
}

std::string calibration(const Json& found) {
  if (!found.contains("calibration")) return "";
  const auto& bins = found["calibration"];
  Series series{.name = "accuracy in a bin"};
  for (std::size_t i = 0; i < bins["rows"].size(); ++i) {
    if (bins["rows"][i].get<double>() == 0) continue;
    series.points.emplace_back(bins["confidence"][i].get<double>(),
                               bins["accuracy"][i].get<double>());
  }
  return svg({.title = "Calibration",
              .x_label = "confidence",
              .series = {std::move(series)},
              .unit_square = true});
}

std::string worst(const Json& found) {
  if (!found.contains("worst") || found["worst"].empty()) return "";
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& item : found["worst"][0].items()) {
    auto name = item.key();
    std::replace(name.begin(), name.end(), '_', ' ');
    rows[0].push_back(name);
  }
  for (const auto& entry : found["worst"]) {
    auto& row = rows.emplace_back();
    for (const auto& item : entry.items()) {
      row.push_back(item.value().is_string() ? escaped(item.value().get<std::string>())
                    : item.value().is_number_integer()
                        ? std::to_string(item.value().get<std::int64_t>())
                        : short_number(item.value().get<double>()));
    }
  }
  return table(rows);
}

std::string machine_text(const Json& details) {
  std::string html;
  for (const auto& item : details["machine"].items()) {
    html +=
        "<p>" + escaped(item.key()) + ": " +
        escaped(item.value().is_string() ? item.value().get<std::string>() : item.value().dump()) +
        "</p>\n";
  }
  return html + "<p>finished: " + escaped(details["finished"].get<std::string>()) + "</p>\n";
}

std::string details_of(const RunRecord& run, const std::string& prefix) {
  std::string html;
  if (run.details.is_object()) {
    const auto& found = run.details["findings"];
    const auto rows =
        prefix + "Predictions of the " + run.details["part"].get<std::string>() + " rows";
    html += section(
        rows, charts(class_curves(found, "roc", "ROC, each class against the rest",
                                  "false positive rate") +
                     class_curves(found, "precision_recall",
                                  "Precision and recall, each class against the rest", "recall") +
                     calibration(found)));
    html += section(prefix + "Confusion matrix", confusion(found));
    html += section(prefix + "Worst predictions", worst(found));
    html += section(prefix + "Machine and time", machine_text(run.details));
  }
  return html + section(prefix + "Configuration",
                        "<details><summary>experiment.json</summary><pre>" +
                            escaped(run.experiment.dump(2)) + "</pre></details>\n");
}

// The folder that all lie in.
std::filesystem::path common_folder(const std::vector<RunRecord>& runs) {
  auto common = runs.front().folder.parent_path();
  for (const auto& run : runs) {
    const auto differ = std::mismatch(common.begin(), common.end(), run.folder.begin(),
                                      std::prev(run.folder.end()));
    std::filesystem::path shorter;
    for (auto part = common.begin(); part != differ.first; ++part) shorter /= *part;
    common = shorter;
  }
  return common;
}

// Runs of one experiment are told apart by their folders.
std::vector<RunRecord> with_names_of_their_own(std::vector<RunRecord> runs) {
  std::map<std::string, int> times;
  for (const auto& run : runs) ++times[run.name];
  const auto common = common_folder(runs);
  for (auto& run : runs) {
    if (times[run.name] > 1)
      run.name += " (" + run.folder.lexically_relative(common).string() + ")";
  }
  return runs;
}

}  // namespace

std::string report_page(const std::vector<RunRecord>& given) {
  const auto runs = with_names_of_their_own(given);
  std::string title;
  for (const auto& run : runs) title += (title.empty() ? "" : ", ") + run.name;
  std::string body = "<h1>" + escaped(title) + "</h1>\n";
  if (runs.size() == 1) {
    body += "<p class=\"faint\">" +
            escaped(runs[0].experiment.value("description", std::string())) + "</p>\n";
  }
  body += section("Results", results_table(runs));
  body += section("Epoch by epoch", curves_by_epoch(runs));
  for (const auto& run : runs) body += details_of(run, runs.size() > 1 ? run.name + ": " : "");
  return page(title, body);
}

}  // namespace assay::training::report
