// Periods of a report: their dates, the one before, the one after. Pure arithmetic on ISO dates; no words, no page.

import { isoDate } from "../common/time.js";

/** @typedef {"day" | "week" | "month" | "quarter" | "year" | "mid" | "span"} Kind `mid`: from a 15th to the next 14th. */
/** @typedef {{kind: Kind, start: string, end: string}} Period Both dates are `2026-11-24`, and included. */

const DAY = 86_400_000; // ms

/**
 * An ISO date in ms since 1970.
 *
 * @param {string} date
 */
const utc = (date) => Date.parse(`${date}T00:00:00Z`);

/** @param {number} ms */
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);

/**
 * Year, month and day.
 *
 * @param {string} date
 */
const parts = (date) => date.split("-").map(Number);

/**
 * A date by its month's place in the year (0 = January; others lie in other years) and its day (0 = the last of the
 * month before).
 *
 * @param {number} year
 * @param {number} index
 * @param {number} day
 */
const month = (year, index, day) => iso(Date.UTC(year, index, day));

/**
 * @param {string} date
 * @param {number} count
 */
export const addDays = (date, count) => iso(utc(date) + count * DAY);

/**
 * How many days lie from `start` to `end`, both included.
 *
 * @param {string} start
 * @param {string} end
 */
export const length = (start, end) => Math.round((utc(end) - utc(start)) / DAY) + 1;

/** @type {Kind[]} */
export const KINDS = ["day", "week", "month", "quarter", "year", "mid", "span"];

/**
 * The period of a kind in which `date` lies. A `span` begins and ends as it is told.
 *
 * @param {Kind} kind
 * @param {string} date
 * @param {string} [end]
 * @returns {Period}
 */
export function period(kind, date, end = date) {
  const [year, m, day] = parts(date);
  switch (kind) {
    case "day":
      return { kind, start: date, end: date };
    case "week": {
      const monday = addDays(date, -((new Date(utc(date)).getUTCDay() + 6) % 7));
      return { kind, start: monday, end: addDays(monday, 6) };
    }
    case "month":
      return { kind, start: month(year, m - 1, 1), end: month(year, m, 0) };
    case "quarter": {
      const first = m - 1 - ((m - 1) % 3);
      return { kind, start: month(year, first, 1), end: month(year, first + 3, 0) };
    }
    case "year":
      return { kind, start: `${date.slice(0, 4)}-01-01`, end: `${date.slice(0, 4)}-12-31` };
    case "mid": {
      const first = day >= 15 ? m - 1 : m - 2;
      return { kind, start: month(year, first, 15), end: month(year, first + 1, 14) };
    }
    default:
      return date <= end ? { kind: "span", start: date, end } : { kind: "span", start: end, end: date };
  }
}

/**
 * The period of the same kind that ends the day before this one begins.
 *
 * @param {Period} period
 */
export function previous({ kind, start, end }) {
  const last = addDays(start, -1);
  return kind === "span" ? period(kind, addDays(start, -length(start, end)), last) : period(kind, last);
}

/**
 * The period of the same kind that begins the day after this one ends.
 *
 * @param {Period} period
 */
export function next({ kind, start, end }) {
  const first = addDays(end, 1);
  return kind === "span" ? period(kind, first, addDays(end, length(start, end))) : period(kind, first);
}

/**
 * A period as the page's address keeps it.
 *
 * @param {Period} period
 */
export const written = ({ kind, start, end }) => [kind, start, ...(kind === "span" ? [end] : [])].join("/");

/**
 * The period that was written so; null for what is none.
 *
 * @param {string} text
 */
export function read(text) {
  const [named, start = "", end = start] = text.split("/");
  const kind = KINDS.find((found) => found === named);
  const good = [start, end].every((date) => isoDate(date) === date);
  return kind && good ? period(kind, start, end) : null;
}
