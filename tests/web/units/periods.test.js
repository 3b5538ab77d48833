import assert from "node:assert/strict";
import { test } from "node:test";

import { addDays, KINDS, length, next, period, previous, read, written } from "../../../server/web/manager/manager-periods.js";

test("each kind of period around a date", () => {
  assert.deepEqual(period("day", "2026-11-24"), { kind: "day", start: "2026-11-24", end: "2026-11-24" });
  assert.deepEqual(period("week", "2026-11-24"), { kind: "week", start: "2026-11-23", end: "2026-11-29" });
  assert.deepEqual(period("week", "2026-11-29"), { kind: "week", start: "2026-11-23", end: "2026-11-29" }, "Sunday ends it");
  assert.deepEqual(period("month", "2028-02-10"), { kind: "month", start: "2028-02-01", end: "2028-02-29" });
  assert.deepEqual(period("quarter", "2026-11-24"), { kind: "quarter", start: "2026-10-01", end: "2026-12-31" });
  assert.deepEqual(period("year", "2026-11-24"), { kind: "year", start: "2026-01-01", end: "2026-12-31" });
  assert.deepEqual(period("mid", "2026-11-24"), { kind: "mid", start: "2026-11-15", end: "2026-12-14" });
  assert.deepEqual(period("mid", "2026-01-14"), { kind: "mid", start: "2025-12-15", end: "2026-01-14" });
  assert.deepEqual(period("mid", "2026-12-15"), { kind: "mid", start: "2026-12-15", end: "2027-01-14" });
});

test("a span begins with the earlier of its dates", () => {
  assert.deepEqual(period("span", "2026-11-24", "2026-11-02"), { kind: "span", start: "2026-11-02", end: "2026-11-24" });
  assert.deepEqual(period("span", "2026-11-24"), { kind: "span", start: "2026-11-24", end: "2026-11-24" });
});

test("one period follows another without a gap, and back", () => {
  for (const kind of KINDS) {
    let at = period(kind, "2027-12-31", "2028-01-04");
    for (let step = 0; step < 40; step += 1) {
      const after = next(at);
      assert.equal(after.start, addDays(at.end, 1), `${kind} after ${at.end}`);
      assert.deepEqual(previous(after), at, `${kind} before ${after.start}`);
      at = after;
    }
  }
});

test("a period comes back from the page's address, and nothing else does", () => {
  for (const kind of KINDS) {
    const at = period(kind, "2026-11-24", "2026-12-03");
    assert.deepEqual(read(written(at)), at);
  }
  for (const text of ["", "month", "month/", "month/2026-11", "month/2026-13-01", "fortnight/2026-11-24", "day/2026-02-31", "span/2026-11-24/x"]) {
    assert.equal(read(text), null, text);
  }
});

test("both ends of a length count", () => {
  assert.equal(length("2026-11-24", "2026-11-24"), 1);
  assert.equal(length("2028-02-28", "2028-03-01"), 3);
});
