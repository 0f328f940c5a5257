#!/usr/bin/awk -f
# Compares tables of the benchmark: compare.awk 1.then 2.then … 1.now 2.now …
# Files of one number are a pair. Prints each row's medians, their ratio, and the ratio of each pair, tab-separated.
# A row that only one revision has is named, and not compared.

function median(values, count,    i, j, value) {
  for (i = 2; i <= count; ++i) {
    value = values[i]
    for (j = i - 1; j >= 1 && values[j] > value; --j) values[j + 1] = values[j]
    values[j + 1] = value
  }
  return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

function ratio(before, after) {
  return before > 0 ? sprintf("%.2f", after / before) : "-"
}

BEGIN { FS = OFS = "\t" }

FNR == 1 {
  side = FILENAME ~ /\.then$/ ? "then" : "now"
  turn = FILENAME
  sub(/.*\//, "", turn)
  sub(/\..*/, "", turn)
  next
}

{
  if (!($1 in unit)) order[++rows] = $1
  unit[$1] = $2
  better[$1] = $3
  figure[$1, side, turn] = $5
  turns[$1, side] = turns[$1, side] turn " "
}

END {
  print "row", "unit", "better", "then", "now", "ratio", "ratio of each pair"
  for (row = 1; row <= rows; ++row) {
    name = order[row]
    pairs = 0
    ratios = ""
    count = split(turns[name, "then"], number, " ")
    for (i = 1; i <= count; ++i) {
      if (!((name, "now", number[i]) in figure)) continue
      then[++pairs] = figure[name, "then", number[i]]
      now[pairs] = figure[name, "now", number[i]]
      ratios = ratios (pairs > 1 ? " " : "") ratio(then[pairs], now[pairs])
    }
    if (pairs == 0) {
      print name, unit[name], better[name], turns[name, "then"] ? "only then" : "", turns[name, "now"] ? "only now" : "", "", ""
      continue
    }
    before = median(then, pairs)
    after = median(now, pairs)
    print name, unit[name], better[name], sprintf("%.4g", before), sprintf("%.4g", after),
      ratio(before, after), ratios
  }
}
