// Benchmark results: figures next to a baseline from the same run.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace taskqueue::bench {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Returns the value below which this share of the sample lies, by nearest rank. The sample must not be empty.
double quantile(std::vector<double> sample, double share);
inline double median(const std::vector<double>& sample) {
  return quantile(sample, 0.5);
}

enum class Better { Higher, Lower };

struct Figure {
  std::string row;
  std::string unit;
  std::vector<double> ours;      // one value per repetition
  std::string baselineName;      // empty: no baseline
  std::vector<double> baseline;  // one value per repetition
  Better better = Better::Higher;

  // Our median divided by the baseline's; 0 without a baseline.
  double ratio() const;
};

class Table {
 public:
  // Stores the figure and prints its line at once.
  void add(Figure figure);

  // Prints a header and a line for each figure: row, unit, min, median, max, baseline, its median, ratio.
  void printTsv(std::ostream& to) const;

 private:
  std::vector<Figure> figures_;
};

}  // namespace taskqueue::bench
