// What a benchmark yields: figures beside the yardstick that was measured in the same run.
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

// The value below which this share of the sample lies, by nearest rank. The sample must not be empty.
double quantile(std::vector<double> sample, double share);
inline double median(const std::vector<double>& sample) {
  return quantile(sample, 0.5);
}

enum class Better { Higher, Lower };

struct Figure {
  std::string row;
  std::string unit;
  std::vector<double> ours;       // one of each repetition
  std::string yardstickName;      // empty: there is none
  std::vector<double> yardstick;  // of the same repetitions
  Better better = Better::Higher;

  // The median of ours by that of the yardstick; 0 without one.
  double ratio() const;
};

class Table {
 public:
  // Keeps the figure and prints its line at once.
  void add(Figure figure);

  // A header and a line for each figure: row, unit, min, median, max, yardstick, its median, ratio.
  void printTsv(std::ostream& to) const;

 private:
  std::vector<Figure> figures_;
};

}  // namespace taskqueue::bench
