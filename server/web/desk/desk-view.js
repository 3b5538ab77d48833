// Draws the desk page from what the hall said; decides nothing and sends nothing. Called again for each change.
//
// Lists are made anew; the big button, the message and the field for dossiers stay the same elements, so that focus
// and typing survive every view.

import { drawCard } from "./desk-card.js";
import { drawSide } from "./desk-side.js";
import { byId, cells, el, key, known, perhaps, replace } from "../common/dom.js";
import * as names from "../common/names.js";
import { clock, longDate, pick, t } from "../common/texts.js";
import { stopwatch } from "../common/time.js";
import { DOSSIERS } from "../common/values.js";
import { deviceFault, joined, linkState, outcomes, undoStep } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @import { Actions, Desk } from "./desk.js" */
/** @typedef {import("../common/link.js").Link<"desk">} Link */

export class DeskView {
  /** What a screen reader was told last. */
  #lived = "";
  /** What stands on the big button. */
  #bigName = "";
  /** The field for dossiers, and its label. */
  #field = el("input", { id: "dossiers", type: "text", inputmode: "numeric", ...DOSSIERS, "aria-keyshortcuts": "D" });
  #dossiers = el("label", {}, t("Số hồ sơ"), key("D"), this.#field);
  /** @type {{absent: Step, back: Step} | null} The buttons that change with the clock. */
  #timed = null;

  /**
   * @param {Desk} desk
   * @param {Link} link
   * @param {Actions} actions
   */
  constructor(desk, link, actions) {
    this.desk = desk;
    this.link = link;
    this.actions = actions;
    setInterval(() => this.tick(), 250);
  }

  /** What the hall said last; drawn only once there is something. */
  get view() {
    return known(this.desk.view);
  }

  get hall() {
    return known(this.desk.hall);
  }

  draw() {
    this.state();
    const ready = Boolean(this.desk.view && this.desk.hall);
    byId("body").hidden = !ready;
    if (!ready) return;
    this.header();
    this.notices();
    drawCard(this);
    this.outcomes();
    this.big();
    this.chores();
    this.steps();
    drawSide(this);
    this.live();
    this.tick();
  }

  /**
   * Say a sentence above the big button; "" takes it away.
   *
   * @param {string} sentence
   * @param {boolean} [mild] Nothing went wrong.
   */
  say(sentence, mild = false) {
    const message = byId("message");
    message.textContent = sentence;
    message.hidden = !sentence;
    message.classList.toggle("mild", mild);
  }

  /**
   * Seconds until the ticket may be marked absent; 0 = now; null = it must be called again first.
   *
   * @param {Protocol.DeskTicket} ticket
   */
  noShowIn(ticket) {
    if (!ticket.no_show_at) return null;
    return Math.max(0, Math.ceil((Date.parse(ticket.no_show_at) - this.link.now()) / 1000));
  }

  /**
   * Seconds for which the step may still be taken back.
   *
   * @param {Protocol.UndoStep} step
   */
  undoFor(step) {
    return Math.max(0, Math.ceil((Date.parse(step.until) - this.link.now()) / 1000));
  }

  get up() {
    return this.link.state === "connected" && !this.desk.busy;
  }

  get cut() {
    return this.link.state !== "connected";
  }

  state() {
    const sentence = linkState(this.link.state);
    const chip = byId("state");
    if (chip.textContent !== sentence) chip.textContent = sentence;
    chip.classList.toggle("cut", this.cut);
    document.body.classList.toggle("stale", this.cut);
  }

  header() {
    const { view, hall } = this;
    const info = hall.desks.find((found) => found.code === view.me?.desk);
    const areas = info ? joined(info.areas.map((code) => names.areaName(hall, code))) : pick(hall.place);
    byId("who").textContent = [info && pick(info.name), this.desk.me, areas].filter(Boolean).join("  ·  ");
    const [pause, close] = [byId("pause", HTMLButtonElement), byId("close", HTMLButtonElement)];
    pause.hidden = view.me?.state !== "open";
    close.hidden = !view.me;
    pause.disabled = close.disabled = !this.up;
  }

  notices() {
    const { view, hall } = this;
    const rows = view.faults.map(deviceFault).filter(Boolean).map((sentence) => el("p", { class: "notice bad" }, sentence));
    if (view.held) rows.unshift(el("p", { class: "notice bad" }, t("Một chương trình khác đang giữ tệp luot.db trên máy chủ nên chưa ghi được. Đóng chương trình đó rồi bấm lại.")));
    if (view.recovered.length) {
      const next = joined(view.recovered.map(({ area, next }) => t("%(number)s (%(area)s)", { number: next, area: names.areaName(hall, area) })));
      rows.push(el("p", { class: "notice" }, t("Dữ liệu được khôi phục: số tiếp theo từ %(next)s. Ai cầm số cũ hơn mà không có trong hàng chờ: bấm Gọi theo số (phím G).", { next })));
    }
    if (view.doubtful) {
      rows.unshift(
        el("div", { class: "notice" },
          el("span", {}, t("Máy chủ có thể sai ngày: sổ đang ghi %(date)s.", { date: longDate(view.date) })),
          el("button", { onclick: () => this.actions.confirmDate() }, t("Xác nhận ngày"))),
      );
    }
    if (!view.open && view.me) rows.push(el("p", { class: "notice" }, t("Ngoài giờ lấy số: chỉ phục vụ những số còn lại.")));
    replace(byId("notices"), rows);
  }

  outcomes() {
    const box = byId("outcomes");
    const ticket = this.view.me?.ticket;
    const serving = ticket?.state === "serving";
    box.hidden = !ticket;
    if (!box.childElementCount) {
      outcomes().forEach(([code, name], index) => {
        box.append(el("button", { "data-outcome": code, "aria-pressed": "false", "aria-keyshortcuts": String(index + 1), onclick: () => this.actions.outcome(code) }, name, key(String(index + 1))));
      });
      const field = this.#field;
      field.addEventListener("input", () => {
        field.value = field.value.replace(/\D/g, "");
        this.actions.dossiers(field.value === "" ? null : Number(field.value));
      });
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault(); // the same press must not go on to the big button and finish the citizen
        event.stopPropagation();
        byId("big").focus();
      });
    }
    const chosen = this.desk.chosen.outcome ?? ticket?.outcome ?? null;
    for (const button of box.querySelectorAll("button")) {
      button.disabled = !serving;
      button.setAttribute("aria-pressed", String(serving && button.dataset.outcome === chosen));
    }
    if (document.activeElement !== this.#field) {
      this.#field.value = String(this.desk.chosen.dossiers ?? ticket?.dossiers ?? "");
    }
  }

  big() {
    const me = this.view.me;
    const big = byId("big");
    big.hidden = !me;
    if (!me) return;
    const serving = me.ticket?.state === "serving";
    let name = t("Gọi số tiếp theo");
    if (this.cut) name = linkState(this.link.state);
    else if (me.state !== "open") name = t("Mở lại quầy");
    else if (me.ticket) name = serving ? t("Xong và gọi số tiếp theo") : t("Người dân đã đến – bắt đầu");
    const shown = `${name}${this.cut}`;
    if (this.#bigName !== shown) replace(big, [name, this.cut ? "" : key("Space")]);
    this.#bigName = shown;
    big.setAttribute("aria-disabled", String(!this.up)); // not `disabled`: that would lose the focus
    big.classList.toggle("cut", this.cut);
    big.classList.toggle("waits", this.desk.slow && !this.cut);
  }

  chores() {
    const me = this.view.me;
    const ticket = me?.ticket;
    const { actions } = this;
    /** @type {HTMLElement[]} */
    const list = [];
    if (ticket) {
      const serving = ticket.state === "serving";
      if (serving) list.push(button(t("Xong, chưa gọi"), "F", actions.finish, !this.up), this.#dossiers);
      list.push(
        button(ticket.priority ? t("Bỏ ưu tiên") : t("Ưu tiên"), "U", () => actions.priority(), !this.up),
        button(t("In lại phiếu"), "I", () => actions.reprint(), !this.up),
      );
      if (!serving) list.push(button(t("Hủy số"), "H", () => actions.cancel(), !this.up));
    }
    if (me?.state === "open" && ticket?.state !== "called") list.push(button(t("Gọi theo số"), "G", () => actions.askNumber(), !this.up));
    if (this.#field !== document.activeElement || !list.includes(this.#dossiers)) replace(byId("chores"), list);
  }

  steps() {
    const called = this.view.me?.ticket?.state === "called";
    const absent = step(t("Vắng mặt"), "V", this.actions.noShow);
    const back = step(t("Hoàn tác"), "Z", this.actions.undo);
    this.#timed = { absent, back };
    const moves = [button(t("Gọi lại"), "R", this.actions.recall, !called || !this.up), absent.button, back.button];
    replace(byId("steps"), [...(this.view.me ? moves : []), button(t("Cấp số"), "S", this.actions.give, !this.up)]);
  }

  /** What changes with the clock alone. */
  tick() {
    const zone = this.desk.hall?.timezone;
    if (zone) setText(byId("clock"), clock(new Date(this.link.now()).toISOString(), zone));
    const me = this.desk.view?.me;
    const ticket = me?.ticket;
    const timer = perhaps("timer");
    if (timer && ticket) {
      const since = Date.parse(ticket.started_at ?? ticket.called_at);
      const said = stopwatch((this.link.now() - since) / 1000, true);
      if (timer.dataset.said !== said) replace(timer, [cells(said)]);
      timer.dataset.said = said;
    }
    if (!this.#timed) return;
    const { absent, back } = this.#timed;
    const left = ticket?.state === "called" ? this.noShowIn(ticket) : null;
    absent.button.disabled = left !== 0 || !this.up;
    setText(absent.note, ticket?.state === "called" && left !== 0 ? whyNotAbsent(ticket, left) : "");
    const undo = me?.undo;
    const open = undo ? this.undoFor(undo) : 0;
    back.button.disabled = open === 0 || !this.up;
    setText(back.note, undo && open ? `${undoStep(undo)} (${open} s)` : "");
  }

  /** Tell a screen reader what changed: the number called or served, or that the desk is free. */
  live() {
    const me = this.view.me;
    const ticket = me?.ticket;
    let said = "";
    if (ticket?.state === "called") said = t("Đang gọi số %(number)s", { number: ticket.number });
    else if (ticket) said = t("Đang phục vụ số %(number)s", { number: ticket.number });
    else if (me?.state === "paused") said = t("Quầy đang tạm dừng");
    else if (me) said = t("Quầy đang rảnh");
    if (said !== this.#lived) byId("live").textContent = said;
    this.#lived = said;
  }
}

/**
 * Why a called number cannot be marked absent yet.
 *
 * @param {Protocol.DeskTicket} ticket
 * @param {number | null} left Seconds; null: it must be called again first.
 */
function whyNotAbsent({ turn }, left) {
  if (turn !== null) return turn ? t("loa đang đọc: còn %(n)s số trước", { n: turn }) : t("loa đang đọc số này");
  return left === null ? t("gọi lại trước đã") : t("còn %(time)s", { time: stopwatch(left) });
}

/**
 * @param {string} name
 * @param {string} sign
 * @param {() => unknown} action
 * @param {boolean} disabled
 * @param {...Node} more
 */
function button(name, sign, action, disabled, ...more) {
  return el("button", { "aria-keyshortcuts": sign, disabled, onclick: () => action() }, name, key(sign), ...more);
}

/** @typedef {{button: HTMLButtonElement, note: HTMLElement}} Step A button whose note tells when it may be pressed. */

/**
 * @param {string} name
 * @param {string} sign
 * @param {() => unknown} action
 * @returns {Step}
 */
function step(name, sign, action) {
  const note = el("small", {});
  return { button: button(name, sign, action, true, note), note };
}

/**
 * @param {Element} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
