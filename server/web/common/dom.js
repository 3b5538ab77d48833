// Making elements. Text is always text: nothing here parses HTML, so no name or note can become markup.

/**
 * An element: `el("button", { class: "main", onclick: press, "aria-label": "…" }, "Text", child)`.
 * Properties that start with `on` are listeners; `false`, `null` and `undefined` leave an attribute out.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return element;
}

/** A number or clock whose characters stand in cells of one width; read out as a whole. */
export function cells(text) {
  const box = el("span", { class: "cells" });
  for (const sign of text) {
    box.append(el("span", { "aria-hidden": "true", class: sign === ":" ? "narrow" : null }, sign));
  }
  box.append(el("span", { class: "unseen" }, text));
  return box;
}

/** The sign of a key on a button. Screen readers get it from `aria-keyshortcuts`. */
export function key(name) {
  return el("kbd", { "aria-hidden": "true" }, name);
}

export const byId = (id) => document.getElementById(id);

/** Put children in the place of the old ones; the focus stays on the control of the same key or name. */
export function replace(element, children) {
  const before = element.contains(document.activeElement) ? sign(document.activeElement) : "";
  element.replaceChildren(...children.filter((child) => child !== null && child !== ""));
  if (before) [...element.querySelectorAll("button:not(:disabled)")].find((found) => sign(found) === before)?.focus();
}

/** What tells a control from its neighbours, also after it was drawn anew. */
export const sign = (control) =>
  control.getAttribute("aria-keyshortcuts") ?? control.getAttribute("aria-label") ?? control.textContent;
