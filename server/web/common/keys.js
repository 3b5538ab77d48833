// Keys of a page that is used blind. Keys are told by their place (`event.code`): Vietnamese typing changes letters.
//
// A held key is one press; a press within 700 ms of the last step is ignored, so that nobody is called by a tremor.

export const BOUNCE = 700;

let last = -Infinity;

/** True at most once in 700 ms: guards every step that moves a citizen, by key and by mouse alike. */
export function steady() {
  const now = performance.now();
  if (now - last < BOUNCE) return false;
  last = now;
  return true;
}

/**
 * Call `actions[event.code]` for keys pressed on the page itself. Left alone: keys with Ctrl, Alt or Meta, typing
 * in a field, anything while a dialog is open, and Space or Enter on another control reached by Tab.
 *
 * @param {Record<string, () => unknown>} actions By `event.code`.
 * @param {HTMLElement} big The button that Space belongs to.
 */
export function listen(actions, big) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const at = document.activeElement;
    if (at?.matches("input, select, textarea")) return;
    const presses = event.code === "Space" || event.code === "Enter" || event.code === "NumpadEnter";
    if (presses && at && at !== big && at.matches("button, a, summary, [tabindex]") && at.matches(":focus-visible")) return;
    if (presses && event.code !== "Space" && at !== big) return;
    const action = actions[presses ? "Space" : event.code];
    if (!action) return;
    event.preventDefault();
    if (!event.repeat) action();
  });
  // Firefox presses a focused button when Space comes up, whatever happened when it went down.
  big.addEventListener("keyup", (event) => {
    if (event.code === "Space") event.preventDefault();
  });
}
