// The desk page: what the clerk presses becomes commands, what the hall answers becomes the screen.
//
// Wiring and the meaning of each key; drawing is in desk-view.js, questions in desk-dialogs.js. Every command names
// the ticket it means: the one on the screen when the key was pressed.

import { Dialogs } from "./desk-dialogs.js";
import { DeskView } from "./desk-view.js";
import { byId, perhaps } from "../common/dom.js";
import { listen, steady } from "../common/keys.js";
import { Link } from "../common/link.js";
import * as names from "../common/names.js";
import { signOut, toSignIn } from "../common/session.js";
import { language, languageName, nextLanguage, ready, setLanguage, t, translatePage } from "../common/texts.js";
import { hearSwallowed } from "../common/typing.js";
import { outcomes, refusal, unclearPress } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @typedef {{ticket: number | null, outcome: Protocol.OutcomeCode | null, dossiers: number | null}} Chosen */
/**
 * What the page knows. `chosen` is the outcome of the ticket being served, until it is finished; `busy` = a step is
 * under way, `slow` = for so long that the clerk is told. `usual` is the desk that this person had last.
 *
 * @typedef {{
 *   hall: Protocol.HallInfo | null, me: string, view: Protocol.DeskView | null, chosen: Chosen, busy: boolean,
 *   slow: boolean, usual: string | null,
 * }} Desk
 */
/** @typedef {typeof actions} Actions */
/** @typedef {{ticket: number, number: string, priority: boolean}} AnyTicket A number that waits, or is at the desk. */

const CHOSEN = "luot-chosen";
const USUAL = "luot-desk:"; // and the person's name: the desk they had last, in this browser
const SLOW = 1000; // ms after which a press that is not answered yet is said to be under way

await ready;
translatePage();

/** @type {Desk} */
const desk = { hall: null, me: "", view: null, chosen: restore(), busy: false, slow: false, usual: null };

/** @type {Link<"desk">} */
const link = new Link({
  role: "desk",
  lang: language,
  onWelcome(welcome) {
    desk.hall = welcome.hall;
    desk.me = welcome.device;
    desk.usual = localStorage.getItem(USUAL + desk.me);
  },
  onView(view) {
    desk.view = view;
    if (view.me) {
      desk.usual = view.me.desk;
      localStorage.setItem(USUAL + desk.me, desk.usual);
    }
    const ticket = view.me?.ticket;
    if (desk.chosen.ticket !== ticket?.ticket) choose({ ticket: ticket?.ticket ?? null, outcome: null, dossiers: null });
    screen.draw();
    dialogs.refresh();
  },
  onState(state) {
    if (state === "unauthorised") toSignIn(link.why);
    else screen.draw();
  },
});

const actions = {
  primary, recall, noShow, undo, finish, give, askNumber, visits, priority, reprint, cancel, outcome, dossiers,
  pause, close, openDesk, requeue, ticketMenu, confirmDate, leave,
};
const screen = new DeskView(desk, link, actions);
const dialogs = new Dialogs(desk, link, { ask, focus, done });

listen(
  {
    Space: primary, KeyR: recall, KeyV: noShow, KeyZ: undo, KeyS: give, KeyF: finish, KeyG: askNumber,
    KeyK: visits, KeyU: priority, KeyI: reprint, KeyH: cancel, KeyD: () => perhaps("dossiers")?.focus(),
    ...Object.fromEntries(outcomes().flatMap(([code], index) => [
      [`Digit${index + 1}`, () => digit(index, code)],
      [`Numpad${index + 1}`, () => digit(index, code)],
    ])),
  },
  byId("big"),
);
hearSwallowed((letters) => tell(unclearPress(letters)));

byId("language").textContent = languageName(nextLanguage);
byId("language").lang = nextLanguage;
byId("language").addEventListener("click", () => setLanguage(nextLanguage));
for (const [id, action] of Object.entries({ big: primary, pause, close, leave })) {
  byId(id).addEventListener("click", () => action());
}
// A click leaves the focus on what was clicked; the next Space belongs to the big button.
document.addEventListener("click", (event) => {
  if (event.detail > 0 && event.target instanceof Element && event.target.closest("button") && !document.querySelector("dialog[open]")) focus();
});
screen.draw();

// --- steps that move a citizen -------------------------------------------------------------------------------

/**
 * Ask the hall. A refusal is said, and null comes back; else the answer.
 *
 * @template {keyof Protocol.Commands} K
 * @param {K} type
 * @param {Protocol.Fields<K>} fields
 * @returns {Promise<Protocol.Results[K] | null>}
 */
async function ask(type, fields) {
  const reply = await link.ask(type, fields);
  if (reply.ok) tell("");
  else tell(refusal(reply.error, deskName), reply.error.code === "nobody_waiting");
  return reply.ok ? reply.result : null;
}

/**
 * Say a sentence in the open question, else above the big button; "" takes it away.
 *
 * @param {string} sentence
 * @param {boolean} [mild] Nothing went wrong.
 */
function tell(sentence, mild = false) {
  if (!dialogs.say(sentence)) screen.say(sentence, mild);
}

/**
 * A step: not within 700 ms of another, and not while one is under way. One that takes long is said to.
 *
 * @template {keyof Protocol.Commands} K
 * @param {K} type
 * @param {Protocol.Fields<K>} fields
 */
async function step(type, fields) {
  if (desk.busy || !steady()) return null;
  desk.busy = true;
  screen.draw();
  const slow = setTimeout(() => {
    desk.slow = true;
    tell(t("Đang chờ máy chủ trả lời. Lệnh vừa bấm được giữ trong vài giây; không cần bấm lại."), true);
    screen.draw();
  }, SLOW);
  try {
    return await ask(type, fields);
  } finally {
    clearTimeout(slow);
    desk.busy = desk.slow = false;
    screen.draw();
    focus();
  }
}

/**
 * The desk's ticket, where it is in one of these states; in any where none is named.
 *
 * @param {...Protocol.AtDesk} states
 */
function current(...states) {
  const ticket = desk.view?.me?.ticket;
  return ticket && (states.length === 0 || states.includes(ticket.state)) ? ticket : null;
}

function primary() {
  const me = desk.view?.me;
  const usual = desk.view?.desks.find((found) => found.desk === desk.usual);
  if (!me) return usual && openDesk(usual.desk);
  if (me.state !== "open") return step("open_desk", { desk: me.desk });
  const ticket = current();
  if (ticket?.state === "called") return step("start", { ticket: ticket.ticket });
  return step("call_next", { ticket: ticket?.ticket ?? null, ...result(ticket) });
}

/**
 * 1–9: an outcome; while no desk is chosen, a desk by its place in the list.
 *
 * @param {number} index
 * @param {Protocol.OutcomeCode} code
 */
function digit(index, code) {
  if (desk.view?.me) return outcome(code);
  const chosen = desk.view?.desks[index];
  return chosen ? openDesk(chosen.desk) : undefined;
}

function finish() {
  const ticket = current("serving");
  return ticket ? step("finish", { ticket: ticket.ticket, ...result(ticket) }) : undefined;
}

function recall() {
  const ticket = current("called");
  return ticket ? step("recall", { ticket: ticket.ticket }) : undefined;
}

function noShow() {
  const ticket = current("called");
  if (ticket && screen.noShowIn(ticket) === 0) return step("no_show", { ticket: ticket.ticket });
  return undefined;
}

function undo() {
  const undone = desk.view?.me?.undo;
  return undone && screen.undoFor(undone) > 0 ? step("undo", { ticket: undone.ticket }) : undefined;
}

// --- outcome ---------------------------------------------------------------------------------------------------

/**
 * The outcome and dossiers chosen for the ticket; nothing where nothing was chosen.
 *
 * @param {{ticket: number} | null} ticket
 */
function result(ticket) {
  if (!ticket || desk.chosen.ticket !== ticket.ticket) return {};
  const { outcome, dossiers } = desk.chosen;
  return { ...(outcome && { outcome }), ...(dossiers !== null && { dossiers }) };
}

/**
 * Choose an outcome; the same key again takes it back. It is sent with the step that finishes the ticket.
 *
 * @param {Protocol.OutcomeCode} code
 */
function outcome(code) {
  if (!current("serving")) return;
  choose({ ...desk.chosen, outcome: desk.chosen.outcome === code ? null : code });
  screen.draw();
  focus();
}

/** @param {number | null} count */
function dossiers(count) {
  choose({ ...desk.chosen, dossiers: count });
}

/** @param {Chosen} chosen */
function choose(chosen) {
  desk.chosen = chosen;
  sessionStorage.setItem(CHOSEN, JSON.stringify(chosen)); // a reload must not lose what was pressed
}

/** @returns {Chosen} */
function restore() {
  return JSON.parse(sessionStorage.getItem(CHOSEN) ?? "null") ?? { ticket: null, outcome: null, dossiers: null };
}

// --- the rest ----------------------------------------------------------------------------------------------------

function give() {
  if (desk.view) dialogs.give();
}

/** A question for a number to call out of turn. */
function askNumber() {
  if (desk.view?.me?.state === "open") dialogs.callNumber(callNumber);
}

/** @param {string} number */
async function callNumber(number) {
  if (desk.view?.me?.state !== "open") return;
  const ticket = current();
  await step("call_ticket", { ticket: ticket?.ticket ?? null, number, ...result(ticket) }); // the one being served is finished
}

function visits() {
  if (desk.view) dialogs.visits();
}

/** @param {AnyTicket | null} [ticket] */
async function priority(ticket = current()) {
  if (ticket) await ask("set_priority", { ticket: ticket.ticket, priority: !ticket.priority });
  focus();
}

/** @param {AnyTicket | null} [ticket] */
async function reprint(ticket = current()) {
  if (!ticket) return;
  if (await ask("reprint", { ticket: ticket.ticket })) {
    screen.say(t("Đã yêu cầu máy lấy số in lại phiếu %(number)s.", { number: ticket.number }), true);
  }
  focus();
}

/** @param {AnyTicket | null} [ticket] */
function cancel(ticket = current("called")) {
  if (ticket) dialogs.cancel(ticket);
}

/** @param {{number: string}} missed */
function requeue(missed) {
  return step("requeue", { number: missed.number });
}

/** @param {AnyTicket} ticket */
function ticketMenu(ticket) {
  dialogs.ticket(ticket, { callNumber, priority, reprint, cancel });
}

/** @param {string} code */
function openDesk(code) {
  return step("open_desk", { desk: code });
}

function pause() {
  const me = desk.view?.me;
  if (!me) return;
  if (me.ticket) screen.say(t("Hãy kết thúc số đang phục vụ trước."));
  else dialogs.pause(t("Tạm dừng quầy"), (reason) => step("pause_desk", { desk: me.desk, reason }));
}

function close() {
  const me = desk.view?.me;
  if (me?.ticket) screen.say(t("Hãy kết thúc số đang phục vụ trước."));
  else if (me) leaveNobody(() => step("close_desk", { desk: me.desk }));
}

/**
 * Go on at once, unless people wait whom no other open desk serves: then only after a question.
 *
 * @param {() => unknown} go
 */
function leaveNobody(go) {
  const left = desk.view?.only_here;
  return left ? dialogs.abandon(left, go) : go();
}

function confirmDate() {
  dialogs.date();
}

/** Sign out; the desk is closed first, so that a colleague can take it. */
async function leave() {
  const me = desk.view?.me;
  if (me?.ticket) {
    screen.say(t("Hãy kết thúc số đang phục vụ trước."));
    return;
  }
  if (me && link.state === "connected") leaveNobody(() => signOff(me));
  else await signOff(null);
}

/** @param {{desk: string} | null} me */
async function signOff(me) {
  if (me && !(await ask("close_desk", { desk: me.desk }))) return;
  if (!(await signOut())) screen.say(refusal({ code: "cut" }, deskName));
}

/** @param {string} sentence */
function done(sentence) {
  screen.say(sentence, true);
}

/** @param {string} code */
function deskName(code) {
  return desk.hall ? names.deskName(desk.hall, code) : code;
}

/** The next Space belongs to the big button. */
function focus() {
  if (!document.querySelector("dialog[open]")) byId("big").focus({ preventScroll: true });
}
