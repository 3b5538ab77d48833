// Sentences in the reader's language. The Vietnamese sentence is its own key, as in the Python parts.
// The language is this browser's own choice and never leaves it except in `hello`.

import { LANGUAGES } from "./values.js";

const KEY = "luot-lang";
const [SOURCE] = LANGUAGES;

export const language = LANGUAGES.find((code) => code === localStorage.getItem(KEY)) ?? SOURCE;

/** For figures and dates. English is en-GB: the day first, 24 hours. */
export const LOCALE = language === "en" ? "en-GB" : language;

/** @type {Record<string, string>} */
let catalog = {};

/** Resolves once `t` can translate. In Vietnamese there is nothing to fetch. */
export const ready = language === SOURCE ? Promise.resolve() : load();

async function load() {
  try {
    const answer = await fetch(`/web/texts/${language}.json`, { signal: AbortSignal.timeout(8000) });
    if (answer.ok) catalog = await answer.json();
  } catch (error) {
    // fetch rejects with TypeError when nobody answers
    if (!(error instanceof TypeError) && !(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    console.warn("no texts in", language); // the page works on, in Vietnamese
  }
}

/**
 * The sentence in the reader's language, `%(name)s` filled in from `fields`.
 *
 * @param {string} sentence
 * @param {Record<string, string | number | undefined>} [fields]
 */
export function t(sentence, fields = {}) {
  return (catalog[sentence] ?? sentence).replace(/%\((\w+)\)s/g, (_, name) => String(fields[name]));
}

/**
 * What a table of words has for a code; null for a code it does not have, which a newer hall may send.
 *
 * @param {Record<string, string>} table
 * @param {string | null | undefined} code
 */
export const said = (table, code) => (code && Object.hasOwn(table, code) ? (table[code] ?? null) : null);

/**
 * A text of the hall's settings, by language, Vietnamese where the other is missing; "" where there is none.
 *
 * @param {import("./protocol.d.ts").Text | undefined} text
 */
export function pick(text) {
  return text?.[language] || text?.[SOURCE] || "";
}

/** Translate the elements marked `data-t` (their text) and `data-t-label` (their accessible name). */
export function translatePage() {
  document.documentElement.lang = language;
  document.title = t(document.title);
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.textContent.trim().replace(/\s+/g, " "));
  }
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.getAttribute("data-t-label") ?? ""));
  }
}

/**
 * A language's own name.
 *
 * @param {string} code
 */
export const languageName = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;

/** The language after the present one, for a switch of one button. */
export const nextLanguage = LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];

/**
 * Keep the language for this browser, and show the page in it.
 *
 * @param {string} code
 */
export function setLanguage(code) {
  localStorage.setItem(KEY, code);
  location.reload();
}

/**
 * `08:21` in the hall's zone, of an ISO 8601 instant.
 *
 * @param {string} iso
 * @param {string} zone
 */
export function clock(iso, zone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(iso));
}

/**
 * The date `2026-11-24` in a zone at an instant (ms).
 *
 * @param {string} zone
 * @param {number} ms
 */
export function dateIn(zone, ms) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(ms));
}

/**
 * `Thứ Ba, 24/11/2026` or `Tuesday, 24 November 2026`, of a date `2026-11-24`.
 *
 * @param {string} date
 */
export function longDate(date) {
  const noon = new Date(`${date}T12:00:00Z`);
  /** @param {Intl.DateTimeFormatOptions} options */
  const parts = (options) => new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...options });
  if (language !== SOURCE) {
    return parts({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(noon);
  }
  const [year, month, day] = date.split("-");
  return `${parts({ weekday: "long" }).format(noon)}, ${day}/${month}/${year}`;
}
