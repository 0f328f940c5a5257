// Times and costs that specs measure. They are always printed; on a machine with other work they say nothing about the pages,
// so they fail a spec only under `tests/browser/run --measure`.
import assert from 'node:assert/strict';

const isMeasuring = process.env.MEASURE === 'yes';

// Prints what was measured. Under --measure it must be at most the goal.
export function goal(t, what, measured, most, unit) {
  const line = `${what}: ${measured.toFixed(2)} ${unit}, goal ${most} ${unit}`;
  t.diagnostic(line);
  if (isMeasuring) assert.ok(measured <= most, line);
}
