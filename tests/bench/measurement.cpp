#include "tests/bench/measurement.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace taskqueue::bench {
namespace {

// Formats with at least three significant digits and no exponent.
std::string written(double value) {
  char text[64];
  const int decimals = value >= 100 ? 0 : value >= 1 ? 2 : 4;
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

}  // namespace

double quantile(std::vector<double> sample, double share) {
  if (sample.empty()) throw std::logic_error("a quantile of nothing");
  std::sort(sample.begin(), sample.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sample.size())));
  return sample[std::clamp<std::size_t>(rank, 1, sample.size()) - 1];
}

double Figure::ratio() const {
  return baseline.empty() || median(baseline) == 0 ? 0 : median(ours) / median(baseline);
}

void Table::add(Figure figure) {
  char line[400];
  if (figures_.empty()) {
    std::snprintf(line, sizeof line, "%-62s %12s %12s %12s %-13s %s\n", "row", "min", "median", "max", "unit",
                  "ratio to the baseline (its median)");
    std::cout << line;
  }
  std::snprintf(line, sizeof line, "%-62s %12s %12s %12s %-13s", figure.row.c_str(),
                written(quantile(figure.ours, 0)).c_str(), written(median(figure.ours)).c_str(),
                written(quantile(figure.ours, 1)).c_str(), figure.unit.c_str());
  std::cout << line;
  if (!figure.baseline.empty()) {
    std::snprintf(line, sizeof line, " %6.2f x %s (%s)", figure.ratio(), figure.baselineName.c_str(),
                  written(median(figure.baseline)).c_str());
    std::cout << line;
  }
  std::cout << std::endl;
  figures_.push_back(std::move(figure));
}

void Table::printTsv(std::ostream& to) const {
  to << "row\tunit\tbetter\tmin\tmedian\tmax\tbaseline\tbaseline median\tratio\n";
  for (const Figure& figure : figures_) {
    to << figure.row << '\t' << figure.unit << '\t' << (figure.better == Better::Higher ? "higher" : "lower")
       << '\t' << quantile(figure.ours, 0) << '\t' << median(figure.ours) << '\t' << quantile(figure.ours, 1)
       << '\t' << figure.baselineName << '\t';
    if (figure.baseline.empty()) {
      to << '\t';
    } else {
      to << median(figure.baseline) << '\t' << figure.ratio();
    }
    to << '\n';
  }
}

}  // namespace taskqueue::bench
