// The questions of the desk page, in the one <dialog> there is: opening a second closes the first.
//
// Each question sends its own command; Esc leaves without doing anything. The focus goes back to the big button.

import { choiceGroup } from "../common/choices.js";
import { chosenDate, dateChoice } from "../common/date-choice.js";
import { Dialog } from "../common/dialog.js";
import { cells, el, focusOn, key, known } from "../common/dom.js";
import { submits } from "../common/forms.js";
import * as names from "../common/names.js";
import { clock, dateIn, pick, t } from "../common/texts.js";
import { DOSSIERS, NUMBER } from "../common/values.js";
import { outcomes, pauses } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @import { AnyTicket, Desk } from "./desk.js" */
/** @typedef {import("../common/link.js").Link<"desk">} Link */
/**
 * @typedef {object} Page What the questions need of the page.
 * @property {<K extends keyof Protocol.Commands>(type: K, fields: Protocol.Fields<K>) => Promise<Protocol.Results[K] | null>} ask
 *   Sends a command and says a refusal: then null comes back.
 * @property {() => void} focus Goes back to the big button.
 * @property {(sentence: string) => void} done Says what was done.
 */

export class Dialogs extends Dialog {
  /** @type {(() => void) | null} Shows the open question anew, where it shows something of the hall. */
  #redraw = null;
  /** @type {Record<string, (() => unknown)>} Keys of the open question, by `event.code`. */
  #keys = {};

  /**
   * @param {Desk} desk
   * @param {Link} link
   * @param {Page} page
   */
  constructor(desk, link, { ask, focus, done }) {
    super(() => {
      this.#redraw = null;
      this.#keys = {};
      focus();
    });
    this.desk = desk;
    this.link = link;
    this.ask = ask;
    this.focus = focus;
    this.done = done;
    this.box.addEventListener("keydown", (event) => {
      // The key that closes a question must not go on to the page: Enter would press the big button.
      event.stopPropagation();
      const at = event.target;
      const typing = at instanceof Element && at.matches("input[type=text], select") && event.key !== "Enter";
      if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
      const action = this.#keys[event.code];
      if (!action) return;
      event.preventDefault();
      if (!event.repeat) action();
    });
  }

  /** Where the open question shows something of the hall, show it anew. */
  refresh() {
    this.#redraw?.();
  }

  get #hall() {
    return known(this.desk.hall);
  }

  get #view() {
    return known(this.desk.view);
  }

  /** @override */
  close() {
    super.close();
    this.focus(); // at once: its "close" event comes a moment later, and a key may come between
  }

  /**
   * @param {string} title
   * @param {...Node} content
   */
  #show(title, ...content) {
    this.#redraw = null;
    this.#keys = {};
    this.show(title, content);
  }

  #leave(name = t("Đóng")) {
    return this.leaving(name, {}, key("Esc"));
  }

  /** Give a number at the desk: area, procedure if one likes, priority; then the number, huge, to read out. */
  give() {
    const [hall, view] = [this.#hall, this.#view];
    const first = view.me?.areas[0] ?? hall.areas[0].code;
    let area = first;
    const procedures = el("select", { id: "procedure" });
    const areas = hall.areas.map(({ code, name, prefix }) => ({ code, name: pick(name), sign: prefix }));
    const { box, choose } = choiceGroup(t("Lĩnh vực"), areas, (code) => {
      area = code;
      const offered = hall.procedures.filter((found) => found.area === code && !pick(found.elsewhere));
      procedures.replaceChildren(el("option", { value: "" }, t("Không ghi thủ tục")), ...offered.map((found) => el("option", { value: found.code }, pick(found.name))));
    });
    const priority = el("input", { type: "checkbox", id: "give-priority" });
    const form = el("form", { method: "dialog" },
      box,
      el("p", { class: "field" }, el("label", { for: "procedure" }, t("Thủ tục (không bắt buộc)")), procedures),
      el("p", { class: "check" }, priority, el("label", { for: "give-priority" }, t("Ưu tiên"), key("U"))),
      el("p", {}, pick(hall.priority.rule)),
      el("div", { class: "actions" }, this.#leave(t("Không cấp")), el("button", { class: "main", type: "submit" }, t("Cấp số"), key("Enter"))));
    let sent = false;
    const submit = async () => {
      if (sent) return;
      sent = true;
      const result = await this.ask("issue", { area, procedure: procedures.value || null, priority: priority.checked });
      sent = false;
      if (result) this.#given(result);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.#show(t("Cấp số tại quầy"), form);
    this.#keys = {
      KeyU: () => { priority.checked = !priority.checked; },
      Enter: submit,
      NumpadEnter: submit,
      ...Object.fromEntries(hall.areas.flatMap((info) => [[`Digit${info.prefix}`, () => choose(info.code)], [`Numpad${info.prefix}`, () => choose(info.code)]])),
    };
    choose(first);
    focusOn(box, "[aria-checked=true]");
  }

  /** @param {Protocol.TicketResult} ticket */
  #given(ticket) {
    this.#show(t("Đã cấp số – mời đọc cho người dân"),
      el("div", { class: "given" },
        el("p", { class: "number", role: "status", "data-given": ticket.number }, ticket.number),
        el("p", {}, names.areaName(this.#hall, ticket.area)),
        el("p", {}, t("Số người chờ trước: %(n)s", { n: ticket.ahead }))),
      el("div", { class: "actions" }, el("button", { class: "main", onclick: () => this.close(), autofocus: true }, t("Đã đọc"), key("Enter"))));
    this.#keys = { Enter: () => this.close(), NumpadEnter: () => this.close() };
  }

  /**
   * Ask for a number to call out of turn.
   *
   * @param {(number: string) => unknown} call
   */
  callNumber(call) {
    const field = el("input", { ...NUMBER, type: "text", id: "number", required: true, autocomplete: "off", autofocus: true, "data-rule": t("Số trên phiếu có từ 3 đến 6 chữ số.") });
    const form = el("form", {},
      el("p", { class: "field" }, el("label", { for: "number" }, t("Số trên phiếu")), field),
      el("div", { class: "actions" }, this.#leave(t("Không gọi")), el("button", { class: "main", type: "submit" }, t("Gọi số này"), key("Enter"))));
    submits(form, () => {
      const number = field.value;
      this.close();
      call(number);
    });
    this.#show(t("Gọi theo số"), form);
  }

  /**
   * What may be done with a waiting number.
   *
   * @param {AnyTicket} ticket
   * @param {{callNumber: (number: string) => unknown, priority: (ticket: AnyTicket) => unknown,
   *   reprint: (ticket: AnyTicket) => unknown, cancel: (ticket: AnyTicket) => unknown}} actions
   */
  ticket(ticket, { callNumber, priority, reprint, cancel }) {
    /** @param {() => unknown} action */
    const act = (action) => () => {
      this.close();
      action();
    };
    this.#show(t("Số %(number)s", { number: ticket.number }),
      el("div", { class: "choices" },
        el("button", { onclick: act(() => callNumber(ticket.number)), disabled: this.#view.me?.state !== "open", autofocus: true }, t("Gọi số này")),
        el("button", { onclick: act(() => priority(ticket)) }, ticket.priority ? t("Bỏ ưu tiên") : t("Ưu tiên")),
        el("button", { onclick: act(() => reprint(ticket)) }, t("In lại phiếu")),
        el("button", { class: "danger", onclick: act(() => cancel(ticket)) }, t("Hủy số này"))),
      el("div", { class: "actions" }, this.#leave()));
  }

  /**
   * A stray number is cancelled only after a question.
   *
   * @param {{ticket: number, number: string}} ticket
   */
  cancel(ticket) {
    let sent = false;
    const go = async () => {
      if (sent) return;
      sent = true;
      if (await this.ask("cancel", { ticket: ticket.ticket })) {
        this.close();
        this.done(t("Đã hủy số %(number)s.", { number: ticket.number }));
      }
      sent = false;
    };
    this.#show(t("Hủy số %(number)s?", { number: ticket.number }),
      el("p", {}, t("Chỉ hủy số bấm nhầm hoặc người dân không cần nữa. Người vắng mặt thì báo vắng mặt.")),
      el("div", { class: "actions" },
        el("button", { onclick: () => this.close(), autofocus: true }, t("Giữ lại"), key("Esc")),
        el("button", { class: "danger", onclick: go }, t("Hủy số này"), key("H"))));
    this.#keys = { KeyH: go };
  }

  /**
   * The last open desk of an area closes while people wait for it.
   *
   * @param {number} count
   * @param {() => unknown} go
   */
  abandon(count, go) {
    const close = () => {
      this.close();
      go();
    };
    this.#show(t("Còn %(n)s người chờ mà chưa quầy nào khác phục vụ", { n: count }),
      el("p", {}, t("Số của họ vẫn được giữ. Nếu đóng quầy, hãy nhờ đồng nghiệp mở quầy, hoặc báo cho người đang chờ.")),
      el("div", { class: "actions" },
        el("button", { onclick: () => this.close(), autofocus: true }, t("Không đóng"), key("Esc")),
        el("button", { class: "danger", onclick: close }, t("Vẫn đóng quầy"), key("C"))));
    this.#keys = { KeyC: close };
  }

  /**
   * Why the desk pauses.
   *
   * @param {string} title
   * @param {(reason: Protocol.PauseReason) => unknown} go
   */
  pause(title, go) {
    const list = pauses();
    this.#show(title,
      el("div", { class: "choices" }, ...list.map(([code, name], index) => el("button", { "aria-keyshortcuts": String(index + 1), "data-reason": code, onclick: () => { this.close(); go(code); } }, name, key(String(index + 1))))),
      el("div", { class: "actions" }, this.#leave(t("Không tạm dừng"))));
    this.#keys = Object.fromEntries(list.map(([code], index) => [`Digit${index + 1}`, () => { this.close(); go(code); }]));
  }

  /** Outcomes of my visits of today, to fill in or mend. */
  visits() {
    const list = el("ul", { class: "visits" });
    this.#show(t("Kết quả các lượt của tôi hôm nay"),
      el("p", {}, t("Chọn kết quả; thay đổi được ghi ngay.")),
      list,
      el("div", { class: "actions" }, this.#leave()));
    /** @type {Map<number, HTMLElement>} */
    const rows = new Map();
    this.#redraw = () => {
      const { visits } = this.#view.day;
      if (!visits.length) {
        list.replaceChildren(el("li", { class: "none" }, t("Chưa có lượt nào.")));
        return;
      }
      // Rows keep their order while the question is open: a row must not jump away under the hand.
      for (const visit of visits) {
        if (!rows.has(visit.ticket)) rows.set(visit.ticket, this.#visit(visit));
      }
      if (list.childElementCount !== rows.size) list.replaceChildren(...rows.values());
    };
    this.#redraw();
    focusOn(list, "select");
  }

  /** @param {Protocol.Unrecorded} visit */
  #visit(visit) {
    const name = t("Kết quả của số %(number)s", { number: visit.number });
    const select = el("select", { "aria-label": name, "data-visit": visit.number },
      el("option", { value: "" }, t("Chưa ghi")),
      ...outcomes().map(([code, words]) => el("option", { value: code, selected: visit.outcome === code }, words)));
    const outcome = () => outcomes().find(([code]) => code === select.value)?.[0] ?? null;
    const count = el("input", { type: "text", inputmode: "numeric", ...DOSSIERS, value: visit.dossiers ?? "", "aria-label": t("Số hồ sơ của số %(number)s", { number: visit.number }), placeholder: t("hồ sơ") });
    const save = async () => {
      count.value = count.value.replace(/\D/g, "");
      await this.ask("set_outcome", { ticket: visit.ticket, outcome: outcome(), dossiers: count.value === "" ? null : Number(count.value) });
    };
    select.addEventListener("change", save);
    count.addEventListener("change", save);
    return el("li", {}, el("b", {}, cells(visit.number)), el("span", {}, clock(visit.ended_at, this.#hall.timezone)), select, count);
  }

  /** Which date it is, by a person's word. */
  date() {
    const [hall, view] = [this.#hall, this.#view];
    const form = el("form", {},
      el("p", {}, t("Máy chủ không chắc hôm nay là ngày nào. Hãy xem lịch và xác nhận ngày hôm nay.")),
      ...dateChoice({ record: view.date, hall: dateIn(hall.timezone, this.link.now()), here: dateIn(hall.timezone, Date.now()) }),
      el("div", { class: "actions" }, this.#leave(t("Để sau")), el("button", { class: "main", type: "submit" }, t("Đúng ngày này"), key("Enter"))));
    submits(form, async (data) => {
      if (await this.ask("confirm_date", { date: chosenDate(data) })) this.close();
    });
    this.#show(t("Xác nhận ngày"), form);
  }
}
