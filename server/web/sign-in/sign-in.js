// The sign-in page: name and PIN in an empty POST, then to the page of one's role. Keeps no secret anywhere.

import { byId, el } from "../common/dom.js";
import { ended, forget, unanswered, whyEnded, WITHIN } from "../common/session.js";
import { language, languageName, ready, setLanguage, t, translatePage } from "../common/texts.js";
import { LANGUAGES } from "../common/values.js";

const form = byId("form", HTMLFormElement);
const nameField = byId("name", HTMLInputElement);
const pinField = byId("pin", HTMLInputElement);
const message = byId("message");
const go = byId("go", HTMLButtonElement);
const before = ended();

byId("languages").append(...LANGUAGES.map((code) => el("button", {
  type: "button", class: "plain", lang: code, "data-lang": code, "aria-pressed": String(code === language), onclick: () => setLanguage(code),
}, languageName(code))));

/**
 * RFC 7617 with UTF-8: `btoa` alone takes Latin-1 only, and names here are Vietnamese.
 *
 * @param {string} name
 * @param {string} pin
 */
function basic(name, pin) {
  const bytes = new TextEncoder().encode(`${name}:${pin}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * Say how long to wait, counting down, then let the person try again.
 *
 * @param {number} seconds
 */
function hold(seconds) {
  go.disabled = true;
  const end = performance.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) {
      go.disabled = false;
      message.textContent = "";
      return;
    }
    message.textContent = t("Đã thử sai nhiều lần. Mời thử lại sau %(n)s giây.", { n: left });
    setTimeout(tick, 250);
  };
  tick();
}

/** Who was signed in here a moment ago is told why no more. */
function showEnd() {
  if (!before) return;
  const notice = byId("ended");
  notice.textContent = whyEnded(before.why);
  notice.hidden = false;
}

/** The name of who was signed in here a moment ago is filled in. */
function fillName() {
  if (!before) return;
  if (nameField.value || before.why === "another") return;
  nameField.value = before.name;
  // The browser may put the focus on the name only after this.
  const at = document.activeElement;
  if (at === nameField || at === document.body) pinField.focus();
}

form.noValidate = true; // the browser's own bubbles speak another language
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  message.textContent = "";
  const empty = [nameField, pinField].find((input) => !input.value.trim());
  if (empty) {
    message.textContent = t("Mời nhập tên và mã PIN.");
    empty.focus();
    return;
  }
  go.disabled = true;
  const name = nameField.value.trim().normalize("NFC");
  try {
    const answer = await fetch("/sign-in", {
      method: "POST", headers: { Authorization: basic(name, pinField.value) }, signal: AbortSignal.timeout(WITHIN),
    });
    if (answer.status === 204) {
      const manager = answer.headers.get("Luot-Role") === "manager";
      forget();
      location.assign(manager ? (before?.from ?? "/manager") : "/desk");
      return;
    }
    pinField.value = "";
    pinField.focus();
    go.disabled = false;
    if (answer.status === 429) {
      hold(Number(answer.headers.get("Retry-After")) || 5);
    } else if (answer.status === 401) {
      message.textContent = t("Tên hoặc mã PIN không đúng.");
    } else {
      message.textContent = t("Máy chủ không nhận đăng nhập (%(code)s). Mời báo người phụ trách.", { code: answer.status });
    }
  } catch (error) {
    if (!unanswered(error)) throw error;
    go.disabled = false;
    message.textContent = t("Không kết nối được máy chủ. Kiểm tra mạng rồi thử lại.");
  }
});

// Until here the button was off, so that Enter sends nothing: without the listener a browser would put the PIN into
// the page's address. The texts may come later; nobody waits for them to sign in.
fillName();
go.disabled = false;
await ready;
translatePage();
showEnd();
