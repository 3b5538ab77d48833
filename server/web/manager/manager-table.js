// A table: a caption, columns with their sides, rows, a foot. Its box scrolls sideways where a screen is narrow.

import { el } from "../common/dom.js";

/**
 * `columns`: `[title, cell(row), class?]`, the first is the row's name. Cells are text or elements.
 * `foot` is one more row, of the whole. `words`: rows of words, which a phone shows one cell below the other.
 */
export function table(caption, columns, rows, { foot = null, name = (row) => row.key, empty = "", words = false } = {}) {
  const line = (row, tag = "tr") => el(tag, { "data-key": name(row) ?? "" }, ...columns.map(([title, cell, kind], index) =>
    el(index ? "td" : "th", { scope: index ? null : "row", class: kind ?? null, "data-head": words && title ? title : null }, cell(row))));
  return el("div", { class: words ? "table words" : "table", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, ...columns.map(([title, , kind]) => el("th", { scope: "col", class: kind ?? null }, title)))),
      el("tbody", {}, ...(rows.length || !empty ? rows.map((row) => line(row)) : [el("tr", {}, el("td", { colspan: columns.length, class: "none" }, empty))])),
      foot && rows.length ? el("tfoot", {}, line(foot)) : null));
}

export function card(title, ...content) {
  return el("section", { class: "card" }, el("h3", {}, title), ...content);
}

/** The same, for the screen alone. */
export function unprinted(element) {
  element.classList.add("unprinted");
  return element;
}
