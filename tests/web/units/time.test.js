import assert from "node:assert/strict";
import { test } from "node:test";

import { dayMonth, isoDate, shortDate, stopwatch } from "../../../server/web/common/time.js";

test("a stopwatch in minutes and seconds, from an hour on with hours", () => {
  assert.equal(stopwatch(0), "0:00");
  assert.equal(stopwatch(192.9), "3:12");
  assert.equal(stopwatch(192.9, true), "03:12");
  assert.equal(stopwatch(3599.99, true), "59:59");
  assert.equal(stopwatch(3600, true), "1:00:00");
  assert.equal(stopwatch(37_265), "10:21:05");
  assert.equal(stopwatch(-4), "0:00", "a clock that was put back");
});

test("dates as people write them are read, others are not", () => {
  for (const text of ["23/11/2026", " 23-11-2026 ", "23.11.2026", "23 11 2026", "23112026", "2026-11-23"]) {
    assert.equal(isoDate(text), "2026-11-23", text);
  }
  assert.equal(isoDate("1/9/2026"), "2026-09-01");
  assert.equal(isoDate("29/2/2028"), "2028-02-29");
  for (const text of ["", "23/11", "23/11/26", "29/2/2026", "31/11/2026", "0/1/2026", "1/13/2026", "11/23/2026", "2026-11-31"]) {
    assert.equal(isoDate(text), null, text);
  }
});

test("dates are written the Vietnamese way, and read back", () => {
  assert.equal(shortDate("2026-11-03"), "03/11/2026");
  assert.equal(dayMonth("2026-11-03"), "03/11");
  assert.equal(isoDate(shortDate("2026-11-03")), "2026-11-03");
});
