// Measured times and costs are always printed. On a busy machine they prove nothing, so they fail a spec only under
// `tests/browser/run --measure`.
import assert from 'node:assert/strict';

const isMeasuring = process.env.MEASURE === 'yes';

// Prints a measurement. Under --measure it must not exceed the goal.
export function goal(t, what, measured, most, unit) {
  const line = `${what}: ${measured.toFixed(2)} ${unit}, goal ${most} ${unit}`;
  t.diagnostic(line);
  if (isMeasuring) assert.ok(measured <= most, line);
}
