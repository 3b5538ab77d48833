import assert from "node:assert/strict";
import { test } from "node:test";

import { axis } from "../../../server/web/manager/manager-chart.js";

test("an axis ends at or above the highest value, in at most five round steps", () => {
  for (let most = 0; most <= 12_000; most += 1) {
    const { step, top } = axis(most);
    assert.ok(top >= most && top > 0, `${most}: ${top}`);
    assert.ok(top / step <= 5 && Number.isInteger(top / step), `${most}: ${top} by ${step}`);
    assert.match(String(step), /^(1|2|5)0*$/, String(most));
    assert.ok(top - most < step || most === 0, `${most}: not higher than it must be`);
  }
});

test("axes as they are seen", () => {
  assert.deepEqual(axis(0), { step: 1, top: 1 });
  assert.deepEqual(axis(3), { step: 1, top: 3 });
  assert.deepEqual(axis(9), { step: 5, top: 10 });
  assert.deepEqual(axis(40), { step: 10, top: 40 });
  assert.deepEqual(axis(41), { step: 20, top: 60 });
  assert.deepEqual(axis(1284), { step: 500, top: 1500 });
});
