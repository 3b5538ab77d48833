// Dates and lengths of time as text, and back. Pure: knows no page, no language.

/**
 * Seconds as `3:12`, or `1:03:12` from an hour on.
 *
 * @param {number} seconds
 * @param {boolean} [pad] Minutes with two digits: `03:12`.
 */
export function stopwatch(seconds, pad = false) {
  const whole = Math.max(0, Math.floor(seconds));
  /** @param {number} n */
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h) return `${h}:${two(m)}:${two(s)}`;
  return `${pad ? two(m) : m}:${two(s)}`;
}

/**
 * `23/11/2026` in every language, of an ISO date.
 *
 * @param {string} date
 */
export const shortDate = (date) => date.split("-").reverse().join("/");

/**
 * `23/11`, of an ISO date.
 *
 * @param {string} date
 */
export const dayMonth = (date) => `${date.slice(8)}/${date.slice(5, 7)}`;

/**
 * The ISO date that was typed: 23/11/2026, 1-9-2026, 01092026, or 2026-11-23; null where it is none.
 *
 * @param {string} text
 */
export function isoDate(text) {
  const found = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/.exec(text.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  const [year, month, day] = found ? [found[3], found[2], found[1]] : (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim())?.slice(1) ?? []);
  if (!year || !month || !day) return null;
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null;
}
