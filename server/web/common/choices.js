// Buttons of which one is chosen: a radio group as a keyboard knows it. Tab comes to the chosen one; an arrow goes on and
// chooses.

import { el, key } from "./dom.js";

/** @typedef {{code: string, name: string, sign: string}} Choice `sign` is the key that chooses it from anywhere. */

const STEPS = new Map([["ArrowRight", 1], ["ArrowDown", 1], ["ArrowLeft", -1], ["ArrowUp", -1]]);

/**
 * The group, and how to choose by code.
 *
 * @param {string} label
 * @param {Choice[]} choices At least one.
 * @param {(code: string) => void} chosen Told each time.
 */
export function choiceGroup(label, choices, chosen) {
  const buttons = choices.map(({ code, name, sign }) =>
    el("button", { type: "button", role: "radio", "data-choice": code, "aria-keyshortcuts": sign, onclick: () => choose(code) }, name, key(sign)));
  /** @param {string} code */
  const choose = (code) => {
    buttons.forEach((button, index) => {
      const is = choices[index].code === code;
      button.setAttribute("aria-checked", String(is));
      button.tabIndex = is ? 0 : -1;
    });
    chosen(code);
  };
  const box = el("div", { class: "choices", role: "radiogroup", "aria-label": label }, ...buttons);
  box.addEventListener("keydown", (event) => {
    const step = STEPS.get(event.key);
    const at = buttons.findIndex((button) => button.matches(":focus"));
    if (!step || at < 0) return;
    event.preventDefault();
    const to = (at + step + buttons.length) % buttons.length;
    choose(choices[to].code);
    buttons[to].focus();
  });
  return { box, choose };
}
