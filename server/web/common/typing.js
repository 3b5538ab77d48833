// Presses that a Vietnamese typing program (UniKey, OpenKey, EVKey) keeps to itself.
//
// Such a program listens to the whole keyboard, also where nothing can be typed. A press that changes the word it
// believes to be written (U then R: "ủ") never arrives: Backspaces and letters with an empty `code` come instead. Only
// the key's coming up still tells which key it was (OpenKey.cpp, keyboardHookProcess: it swallows WM_KEYDOWN alone).
// So that press is taken when its key comes up; where no key does, the page says so. Nothing is dropped in silence.

const DIGITS = "input[inputmode=numeric]:not([type=password])";
const SETTLE = 700; // ms in which a key that was pressed has usually come up

/**
 * Repeat every swallowed press as a `keydown` with its `code` at the focus; a digit goes into a field for digits.
 * Where no key tells itself, `unclear` is called with what the typing program made of it.
 *
 * @param {(letters: string) => void} unclear
 */
export function hearSwallowed(unclear) {
  /** @type {Set<string>} The keys that are down, by their `code`. */
  const down = new Set();
  let erased = false; // a Backspace came and no press of a known key since: letters now are a word written anew
  let kept = ""; // what a field for digits held before those Backspaces
  let letters = ""; // the letters that came for a press not known yet
  let timer = 0;

  const field = () => {
    const at = document.activeElement;
    return at instanceof HTMLInputElement && at.matches(DIGITS) ? at : null;
  };
  const elsewhere = () => !field() && document.activeElement?.matches("input, textarea");
  const settle = () => {
    clearTimeout(timer);
    letters = "";
    erased = false;
  };

  addEventListener("keydown", (event) => {
    if (!event.isTrusted) return; // one of our own repetitions
    if (event.key === "Backspace") {
      if (!erased) kept = field()?.value ?? "";
      erased = true;
    } else if (event.code) {
      erased = false;
    }
    if (event.code) down.add(event.code);
    if (event.code || event.key?.length !== 1 || elsewhere()) return;
    event.preventDefault();
    const digits = field();
    if (erased && digits) digits.value = kept;
    if (!erased && !letters && /^[a-z0-9]$/i.test(event.key)) {
      // A keyboard on the screen or a remote hand: the letter itself is the press.
      pressed(/\d/.test(event.key) ? `Digit${event.key}` : `Key${event.key.toUpperCase()}`);
      return;
    }
    letters += event.key;
    clearTimeout(timer);
    timer = setTimeout(() => {
      unclear(letters);
      letters = "";
      erased = false;
    }, SETTLE);
  }, true);

  addEventListener("keyup", (event) => {
    if (!event.code || down.delete(event.code) || !letters || event.code === "Backspace") return;
    settle();
    pressed(event.code);
  }, true);

  addEventListener("blur", () => {
    down.clear(); // their coming up may be told to another window
    settle();
  });

  /** @param {string} code */
  function pressed(code) {
    const digits = field();
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
    if (digits && digit) {
      if (digits.maxLength < 0 || digits.value.length < digits.maxLength) digits.value += digit;
      digits.dispatchEvent(new InputEvent("input", { bubbles: true }));
    } else if (!digits) {
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true, cancelable: true }));
    }
  }
}
