// Periods of a report: their dates, the one before, the one after. Pure arithmetic on ISO dates; no words, no page.

const DAY = 86_400_000;

const utc = (date) => Date.parse(`${date}T00:00:00Z`);
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
const parts = (date) => date.split("-").map(Number);

/** The date `months` on, on a given day of its month (1–28, or 0 = the last of the month before). */
const month = (year, index, day) => iso(Date.UTC(year, index, day));

export const addDays = (date, count) => iso(utc(date) + count * DAY);

/** How many days lie from `start` to `end`, both included. */
export const length = (start, end) => Math.round((utc(end) - utc(start)) / DAY) + 1;

export const KINDS = ["day", "week", "month", "quarter", "year", "mid", "span"];

/** The period of a kind in which `date` lies: `{kind, start, end}`. A `span` begins and ends as it is told. */
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

/** The period of the same kind that ends the day before this one begins. */
export function previous({ kind, start, end }) {
  const last = addDays(start, -1);
  return kind === "span" ? period(kind, addDays(start, -length(start, end)), last) : period(kind, last);
}

/** The period of the same kind that begins the day after this one ends. */
export function next({ kind, start, end }) {
  const first = addDays(end, 1);
  return kind === "span" ? period(kind, first, addDays(end, length(start, end))) : period(kind, first);
}

/** A period as the page's address keeps it, and back; null for what is none. */
export const written = ({ kind, start, end }) => [kind, start, ...(kind === "span" ? [end] : [])].join("/");

export function read(text) {
  const [kind, start, end] = text.split("/");
  const dates = [start, end ?? start];
  const good = KINDS.includes(kind) && dates.every((date) => /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(utc(date)));
  return good ? period(kind, dates[0], dates[1]) : null;
}
