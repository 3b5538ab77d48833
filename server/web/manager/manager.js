// The manager page: one socket, five sections, and which of them is open. Sections draw; the hall counts.

import { byId, el, known } from "../common/dom.js";
import { Link } from "../common/link.js";
import * as names from "../common/names.js";
import { Devices, FirstPin, People } from "./manager-access.js";
import { Questions } from "./manager-dialog.js";
import { Log } from "./manager-log.js";
import { Report } from "./manager-report.js";
import { Today } from "./manager-today.js";
import { signOut, toSignIn } from "../common/session.js";
import { clock, dateIn, language, languageName, nextLanguage, pick, ready, setLanguage, t, translatePage } from "../common/texts.js";
import { hearSwallowed } from "../common/typing.js";
import { linkState, refusal, unclearPress } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @import { LinkState } from "../common/words.js" */
/** @typedef {typeof app} App */
/** @typedef {{open: (rest: string) => unknown, draw: () => void}} Section `rest` is what its address says beside its name. */

await ready;
translatePage();
const title = document.title;

/** @type {{hall: Protocol.HallInfo | null, view: Protocol.ManagerView | null}} */
const heard = { hall: null, view: null };

/** What the sections share: what the hall said last, and how to ask it something. */
const app = {
  /** There once a section is open, as is the view. */
  get hall() {
    return known(heard.hall);
  },
  get view() {
    return known(heard.view);
  },
  me: "",
  page: el("div", { class: "section" }),
  dialog: new Questions(),
  ask,
  say,
  /** @param {string} code */
  deskName: (code) => (heard.hall ? names.deskName(heard.hall, code) : code),
  /** @param {string} code */
  areaName: (code) => names.areaName(app.hall, code),
  /** @param {string} code */
  areaMark: (code) => names.areaMark(app.hall, code),
  /** The hall's date: its day at hand, or by its clock a later one; while the clock is in doubt only the former. */
  today() {
    const { view } = app;
    const date = app.clockDate();
    return view.doubtful || date < view.date ? view.date : date;
  },
  /** The date by the hall's clock alone. */
  clockDate: () => dateIn(app.zone, link.now()),
  get zone() {
    return app.hall.timezone;
  },
};
const message = el("p", { id: "message", role: "alert", hidden: true });
const stale = el("p", { id: "stale", class: "notice bad", role: "alert", hidden: true });
byId("page").append(stale, message, app.page);

/** @type {Record<string, Section>} */
const sections = {
  today: new Today(app), report: new Report(app), log: new Log(app), people: new People(app), devices: new Devices(app),
};
const first = new FirstPin(app);
/** @type {Section | null} */
let open = null;

/** @type {Link<"manager">} */
const link = new Link({
  role: "manager",
  lang: language,
  onWelcome(welcome) {
    heard.hall = welcome.hall;
    app.me = welcome.device;
    byId("hall").textContent = [pick(app.hall.name), pick(app.hall.place)].filter(Boolean).join(" · ");
    byId("who").textContent = app.me;
  },
  onView(view) {
    heard.view = view;
    byId("body").hidden = false;
    route();
    open?.draw();
  },
  onState: state,
});

byId("language").textContent = languageName(nextLanguage);
byId("language").lang = nextLanguage;
byId("language").addEventListener("click", () => setLanguage(nextLanguage));
byId("leave").addEventListener("click", leave);
addEventListener("hashchange", () => {
  open = null;
  say("");
  route();
});
hearSwallowed((letters) => say(unclearPress(letters)));
state(link.state);

/** Open the section that the address names; with a one-time PIN nothing but setting one's own. */
function route() {
  if (!heard.view) return;
  const me = app.view.people.find(({ name }) => name === app.me);
  const [name, ...rest] = location.hash.slice(1).split("/");
  const known = Object.hasOwn(sections, name) ? name : "today";
  const wanted = me && !me.settled ? first : sections[known];
  byId("menu").hidden = wanted === first;
  for (const anchor of byId("menu").querySelectorAll("a")) {
    if (anchor.hash === `#${known}`) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  if (wanted === open) return;
  open = wanted;
  document.title = title;
  open.open(rest.join("/"));
}

/**
 * Ask the hall; a refusal is said, and null comes back.
 *
 * @template {keyof Protocol.Commands} K
 * @param {K} type
 * @param {Protocol.Fields<K>} fields
 * @returns {Promise<Protocol.Results[K] | null>}
 */
async function ask(type, fields) {
  const reply = await link.ask(type, fields);
  say(reply.ok ? "" : refusal(reply.error, app.deskName));
  return reply.ok ? reply.result : null;
}

/**
 * Say a sentence in the open question, else above the section; "" takes it away.
 *
 * @param {string} text
 * @param {boolean} [mild] Nothing went wrong.
 */
function say(text, mild = false) {
  if (!mild && app.dialog.say(text)) return;
  message.textContent = text;
  message.hidden = !text;
  message.classList.toggle("mild", mild);
}

/** @param {LinkState} now */
function state(now) {
  if (now === "unauthorised") {
    toSignIn(link.why);
    return;
  }
  if (now === "forbidden") byId("body").replaceWith(notYours());
  byId("state").textContent = linkState(now);
  byId("state").classList.toggle("cut", now !== "connected");
  document.body.classList.toggle("stale", now !== "connected");
  stale.hidden = now === "connected" || !heard.view;
  if (now === "replaced") stale.textContent = linkState(now);
  else if (heard.view) stale.textContent = t("Mất kết nối với máy chủ: trang dừng lại ở lúc %(time)s.", { time: clock(new Date(link.now()).toISOString(), app.zone) });
}

/** A clerk who opens this page is told so, and stays signed in. */
function notYours() {
  return el("section", { id: "not-yours", class: "card calm" },
    el("h2", {}, t("Trang này dành cho người phụ trách")),
    el("p", {}, t("Trình duyệt này đang đăng nhập bằng tên của một cán bộ tại quầy. Phiên đó vẫn giữ nguyên.")),
    el("p", { class: "row" },
      el("a", { class: "button", href: "/desk" }, t("Đến trang quầy")),
      el("a", { class: "button", href: "/sign-in" }, t("Đăng nhập bằng tên khác"))));
}

async function leave() {
  if (!(await signOut())) say(refusal({ code: "cut" }, app.deskName));
}
