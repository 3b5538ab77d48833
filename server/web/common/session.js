// Who is signed in in this tab, and how one leaves: with a word about why, and back to the same place after.
//
// A browser keeps one session for all its tabs. The tab keeps the name it was welcomed under, so that it never goes on
// as somebody else who signed in beside it.

import { said, t } from "./texts.js";

/** @typedef {import("./protocol.d.ts").SessionEnd | "another"} Why Why a session ended; `another`: another name in this browser. */
/** @typedef {{why: string, name: string, from: string}} Ended A `Why`, who it was, and the page's address to come back to. */

const NAME = "luot-name";
const ENDED = "luot-ended";

/** ms after which a request that nobody answers is given up: many sign-ins are checked one after the other. */
export const WITHIN = 15000;

/**
 * Does `fetch` say that nobody answered? It rejects with TypeError where nobody listens.
 *
 * @param {unknown} error
 */
export const unanswered = (error) => error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");

/**
 * Was this tab welcomed under another name before? Otherwise the name is kept.
 *
 * @param {string} name
 */
export function isAnother(name) {
  const mine = sessionStorage.getItem(NAME);
  if (mine !== null && mine !== name) return true;
  sessionStorage.setItem(NAME, name);
  return false;
}

/**
 * Go to the sign-in page; it says `why` to whoever had signed in here.
 *
 * @param {string} why A `Why`, or a newer hall's code.
 */
export function toSignIn(why) {
  const name = sessionStorage.getItem(NAME);
  if (name !== null) sessionStorage.setItem(ENDED, JSON.stringify({ why, name, from: location.pathname + location.hash }));
  location.assign("/sign-in");
}

/**
 * How this tab's session ended; null where it had none.
 *
 * @returns {Ended | null}
 */
export const ended = () => JSON.parse(sessionStorage.getItem(ENDED) ?? "null");

/** This tab belongs to nobody any more: whoever signs in next may be anyone. */
export function forget() {
  sessionStorage.removeItem(NAME);
  sessionStorage.removeItem(ENDED);
}

/** End the session and go to the sign-in page; false where nobody answers: then nobody is signed out. */
export async function signOut() {
  const name = sessionStorage.getItem(NAME) ?? "";
  try {
    // The hall ends the session only if it is of this name: somebody else may have signed in in another tab.
    const answer = await fetch("/sign-out", {
      method: "POST", headers: { "Luot-Name": encodeURIComponent(name) }, signal: AbortSignal.timeout(WITHIN),
    });
    if (answer.status !== 204 && answer.ok) {
      toSignIn("another");
      return true;
    }
    if (!answer.ok) return false;
  } catch (error) {
    if (!unanswered(error)) throw error;
    return false;
  }
  forget();
  location.assign("/sign-in");
  return true;
}

/**
 * Why a session ended, in a sentence.
 *
 * @param {string} code A `Why`, or a newer hall's code.
 */
export function whyEnded(code) {
  /** @type {Record<Why, string>} */
  const sentences = {
    another: t("Phiên của tab này đã kết thúc vì người khác vừa đăng nhập trong cùng trình duyệt. Mỗi người nên dùng một trình duyệt riêng."),
    day_end: t("Phiên đã kết thúc vì ngày làm việc đã khép lại. Mời đăng nhập lại."),
    pin_changed: t("Phiên đã kết thúc vì mã PIN vừa được đổi. Mời đăng nhập bằng mã mới."),
    revoked: t("Phiên đã kết thúc vì quyền đăng nhập đã bị thu hồi. Mời hỏi người phụ trách."),
    signed_out: t("Phiên đã kết thúc vì đã đăng xuất ở một tab khác."),
    unauthorised: t("Phiên đã kết thúc vì đã quá hạn hoặc quyền đã thay đổi. Mời đăng nhập lại."),
  };
  return said(sentences, code) ?? sentences.unauthorised;
}

// A browser may bring a page back as it was left: with whoever had signed in, and with a link that is closed for ever.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
