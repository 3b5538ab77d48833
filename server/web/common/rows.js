// Lists that are drawn again and again: a row is made anew only where what it shows has changed, so that the focus, a
// reader's place and a finger on it stay.

import { keepFocus } from "./dom.js";

/** @typedef {{key: string | number, shown: unknown, make: () => Element}} Row What tells it from others, and all it shows. */

/** @type {WeakMap<Element, Map<string, {shown: string, element: Element}>>} */
const drawn = new WeakMap();

/**
 * Show these rows in a list that nobody else draws.
 *
 * @param {Element} list
 * @param {Row[]} rows No two of one key.
 */
export function drawRows(list, rows) {
  const before = drawn.get(list);
  /** @type {Map<string, {shown: string, element: Element}>} */
  const now = new Map();
  for (const { key, shown, make } of rows) {
    const text = JSON.stringify(shown);
    const old = before?.get(String(key));
    now.set(String(key), old?.shown === text ? old : { shown: text, element: make() });
  }
  drawn.set(list, now);
  const elements = [...now.values()].map(({ element }) => element);
  keepFocus(list, () => {
    for (const gone of [...list.children].filter((element) => !elements.includes(element))) gone.remove();
    elements.forEach((element, index) => {
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    });
  });
}
