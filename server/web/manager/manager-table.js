// A table: a caption, columns with their sides, rows, a foot. Its box scrolls sideways where a screen is narrow.

import { el } from "../common/dom.js";

/** @import { Child } from "../common/dom.js" */
/**
 * @template R
 * @typedef {[title: string, cell: (row: R) => Child, kind?: string]} Column Its head, the cell of a row, its class.
 */

/**
 * @template R
 * @param {string} caption
 * @param {Column<R>[]} columns The first is the row's name.
 * @param {R[]} rows
 * @param {object} options
 * @param {(row: R) => string | number | null} options.name What tells the row from others.
 * @param {R | null} [options.foot] One more row, of the whole.
 * @param {string} [options.empty] What is said where there are no rows.
 * @param {boolean} [options.words] Rows of words, which a phone shows one cell below the other.
 */
export function table(caption, columns, rows, { foot = null, name, empty = "", words = false }) {
  /** @param {R} row */
  const line = (row) => el("tr", { "data-key": name(row) ?? "" }, ...columns.map(([title, cell, kind], index) =>
    el(index ? "td" : "th", { scope: index ? null : "row", class: kind ?? null, "data-head": words && title ? title : null }, cell(row))));
  return el("div", { class: words ? "table words" : "table", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, ...columns.map(([title, , kind]) => el("th", { scope: "col", class: kind ?? null }, title)))),
      el("tbody", {}, ...(rows.length || !empty ? rows.map((row) => line(row)) : [el("tr", {}, el("td", { colspan: columns.length, class: "none" }, empty))])),
      foot && rows.length ? el("tfoot", {}, line(foot)) : null));
}

/**
 * @param {string} title
 * @param {...Child} content
 */
export function card(title, ...content) {
  return el("section", { class: "card" }, el("h3", {}, title), ...content);
}

/**
 * The same element, for the screen alone.
 *
 * @template {Element} E
 * @param {E} element
 */
export function unprinted(element) {
  element.classList.add("unprinted");
  return element;
}
