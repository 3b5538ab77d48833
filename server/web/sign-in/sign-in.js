// The sign-in page: name and PIN in an empty POST, then to the page of one's role. Keeps no secret anywhere.

import { ended, forget, unanswered, whyEnded, WITHIN } from "../common/session.js";
import { language, ready, setLanguage, t, translatePage } from "../common/texts.js";

const form = document.getElementById("form");
const message = document.getElementById("message");
const go = document.getElementById("go");
const before = ended();

for (const button of document.querySelectorAll("[data-lang]")) {
  button.setAttribute("aria-pressed", String(button.dataset.lang === language));
  button.addEventListener("click", () => setLanguage(button.dataset.lang));
}

/** RFC 7617 with UTF-8: `btoa` alone takes Latin-1 only, and names here are Vietnamese. */
function basic(name, pin) {
  const bytes = new TextEncoder().encode(`${name}:${pin}`);
  return "Basic " + btoa(String.fromCharCode(...bytes));
}

/** Say how long to wait, counting down, then let the person try again. */
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
  const notice = document.getElementById("ended");
  notice.textContent = whyEnded(before.why);
  notice.hidden = false;
}

/** The name of who was signed in here a moment ago is filled in. */
function fillName() {
  if (!before) return;
  const name = document.getElementById("name");
  if (name.value || before.why === "another") return;
  name.value = before.name;
  // The browser may put the focus on the name only after this.
  if ([name, document.body].includes(document.activeElement)) document.getElementById("pin").focus();
}

form.noValidate = true; // the browser's own bubbles speak another language
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  message.textContent = "";
  const pin = document.getElementById("pin");
  const empty = [document.getElementById("name"), pin].find((input) => !input.value.trim());
  if (empty) {
    message.textContent = t("Mời nhập tên và mã PIN.");
    empty.focus();
    return;
  }
  go.disabled = true;
  const name = document.getElementById("name").value.trim().normalize("NFC");
  try {
    const answer = await fetch("/sign-in", {
      method: "POST", headers: { Authorization: basic(name, pin.value) }, signal: AbortSignal.timeout(WITHIN),
    });
    if (answer.status === 204) {
      const manager = answer.headers.get("Luot-Role") === "manager";
      forget();
      location.assign(manager ? (before?.from ?? "/manager") : "/desk");
      return;
    }
    pin.value = "";
    pin.focus();
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
