// Making elements. Text is always text: nothing here parses HTML, so no name or note can become markup.

/** @typedef {Node | string | number | false | null | undefined} Child A number is written as it is; nothing is left out. */
/** @typedef {{[name: string]: string | number | boolean | null | undefined | ((event: Event) => unknown)}} Properties */

/**
 * An element: `el("button", { class: "main", onclick: press, "aria-label": "…" }, "Text", child)`.
 * Properties that start with `on` are listeners; `false`, `null` and `undefined` leave an attribute out.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") Object.assign(element, { [name]: value });
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/**
 * Of an element's children those that are something.
 *
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function present(children) {
  const out = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    out.push(typeof child === "number" ? String(child) : child);
  }
  return out;
}

/**
 * A number or clock whose characters stand in cells of one width; read out as a whole.
 *
 * @param {string} text
 */
export function cells(text) {
  const box = el("span", { class: "cells" });
  for (const sign of text) {
    box.append(el("span", { "aria-hidden": "true", class: sign === ":" ? "narrow" : null }, sign));
  }
  box.append(el("span", { class: "unseen" }, text));
  return box;
}

/**
 * The sign of a key on a button. Screen readers get it from `aria-keyshortcuts`.
 *
 * @param {string} name
 */
export function key(name) {
  return el("kbd", { "aria-hidden": "true" }, name);
}

/**
 * The page's element with this id; of a kind where one is named. Throws where there is none: then script and page are
 * not of one version.
 *
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @param {{new (): E}} [kind]
 * @returns {E}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`the page has no ${kind?.name ?? "element"} #${id}`);
  return /** @type {E} */ (found);
}

/**
 * The same of an element that is not always there.
 *
 * @param {string} id
 */
export const perhaps = (id) => document.getElementById(id);

/**
 * What must be there by now: a programming fault where it is not.
 *
 * @template T
 * @param {T | null | undefined} value
 * @returns {T}
 */
export function known(value) {
  if (value === null || value === undefined) throw new Error("used before it is there");
  return value;
}

/**
 * Put children in the place of the old ones; the focus stays on the control of the same key or name.
 *
 * @param {Element} element
 * @param {Child[]} children
 */
export function replace(element, children) {
  keepFocus(element, () => element.replaceChildren(...present(children)));
}

/**
 * Change what is inside an element; where the focus is lost by it, it goes to the control of the same key or name.
 *
 * @param {Element} element
 * @param {() => void} change
 */
export function keepFocus(element, change) {
  const at = document.activeElement;
  const before = at && element.contains(at) ? sign(at) : "";
  change();
  if (!before || document.activeElement === at) return;
  [...element.querySelectorAll("button")].find((found) => !found.disabled && sign(found) === before)?.focus();
}

/**
 * What tells a control from its neighbours, also after it was drawn anew.
 *
 * @param {Element} control
 */
export const sign = (control) =>
  control.getAttribute("aria-keyshortcuts") ?? control.getAttribute("aria-label") ?? control.textContent;

/**
 * The focus to a descendant that takes it; nothing where there is none.
 *
 * @param {Element} element
 * @param {string} selector
 */
export function focusOn(element, selector) {
  const found = element.querySelector(selector);
  if (found instanceof HTMLElement) found.focus();
}
