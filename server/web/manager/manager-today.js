// The hall as it is now: what needs a hand, the areas, the desks, today's ratings. Drawn anew with every view.

import { chosenDate, dateChoice } from "../common/date-choice.js";
import { el, replace } from "../common/dom.js";
import { typed } from "../common/forms.js";
import { drawRows } from "../common/rows.js";
import { alarms } from "./manager-alarms.js";
import { beginning } from "./manager-begin.js";
import { paperHead } from "./manager-paper.js";
import { card, table } from "./manager-table.js";
import { minutes, number, percent, share, stamp } from "./manager-words.js";
import { clock, dateIn, longDate, t } from "../common/texts.js";
import { FEW } from "../common/values.js";
import { pauseName } from "../common/words.js";

/** @import { AreaNow, DeskState } from "../common/protocol.d.ts" */
/** @import { App } from "./manager.js" */

export class Today {
  status = el("p", { class: "muted", id: "open-now" });
  title = el("h2", {});
  begin = el("div", {});
  alarms = el("div", { class: "alarms", id: "alarms" });
  areas = el("div", {});
  desks = el("div", { class: "desks", id: "desks" });
  ratings = el("p", { class: "count", id: "ratings" });
  /** @type {string | null} The alarms that are shown. */
  shown = null;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  open() {
    this.app.page.replaceChildren(
      paperHead(this.app),
      el("div", { class: "head" },
        el("div", {}, this.title, this.status),
        el("div", { class: "actions" },
          el("button", { type: "button", id: "correct-date", onclick: () => this.confirmDate() }, t("Sửa ngày")),
          el("button", { type: "button", id: "open-session", onclick: () => this.session() }, t("Mở thêm phiên")))),
      this.begin,
      this.alarms,
      card(t("Theo lĩnh vực"), this.areas),
      card(t("Quầy"), this.desks),
      card(t("Đánh giá hôm nay"), this.ratings));
    this.draw();
  }

  draw() {
    const { view } = this.app;
    this.title.textContent = longDate(view.date);
    this.status.textContent = view.open
      ? t("Đang trong giờ lấy số")
      : view.opens_at
        ? t("Ngoài giờ lấy số. Mở lại lúc %(time)s", { time: stamp(view.opens_at, this.app.hall.timezone) })
        : t("Ngoài giờ lấy số.");
    this.#begin();
    this.#alarms();
    this.#areas();
    this.#desks();
    this.ratings.textContent = view.ratings < FEW
      ? t("%(n)s đánh giá. Dưới 5 đánh giá không nêu tỷ lệ.", { n: number(view.ratings) })
      : t("%(n)s đánh giá, %(share)s hài lòng", { n: number(view.ratings), share: percent(share(view.satisfied, view.ratings), 1) });
  }

  #begin() {
    const begin = beginning(this.app.view);
    if (begin?.textContent === this.begin.textContent) return; // keep the focus on its link
    replace(this.begin, [begin]);
    this.begin.hidden = !begin;
    this.shown = null; // whether nothing is to be done depends on it
  }

  #alarms() {
    const found = alarms(this.app, () => this.confirmDate());
    const key = JSON.stringify(found.map(({ key, sentence }) => [key, sentence]));
    if (key === this.shown && this.alarms.isConnected && (this.alarms.childElementCount || !this.begin.hidden)) return; // keep focus and the date that is typed
    this.shown = key;
    this.alarms.replaceChildren(...found.map(({ kind, sentence, advice, action }) =>
      el("div", { class: `notice ${kind}`, role: kind === "bad" ? "alert" : null },
        el("div", {}, el("b", {}, sentence), advice ? el("p", {}, advice) : null), action ?? null)));
    if (!found.length && this.begin.hidden) this.alarms.replaceChildren(el("p", { class: "notice good" }, t("Không có gì cần xử lý.")));
  }

  #areas() {
    const { view } = this.app;
    const target = view.target_minutes;
    /** @param {number | null} value */
    const seconds = (value) => minutes(value === null ? null : value * 1000);
    /** @param {"answered" | "issued" | "waiting" | "serving" | "served" | "no_show"} name */
    const sum = (name) => view.areas.reduce((total, area) => total + area[name], 0);
    const answered = sum("answered");
    /** @param {"mean_wait" | "within_target"} name */
    const weighted = (name) => (answered ? view.areas.reduce((all, area) => all + (area[name] ?? 0) * area.answered, 0) / answered : null);
    /** @type {AreaNow} */
    const total = {
      code: "", answered, mean_wait: weighted("mean_wait"), within_target: weighted("within_target"), issued: sum("issued"), waiting: sum("waiting"), serving: sum("serving"), served: sum("served"), no_show: sum("no_show"),
      longest_wait: Math.max(0, ...view.areas.map((area) => area.longest_wait)),
    };
    /** @param {AreaNow} area */
    const longest = (area) => (area.waiting ? minutes(area.longest_wait * 1000, Math.floor) : "–");
    const drawn = table(t("Theo lĩnh vực"), [
      [t("Lĩnh vực"), (area) => (area.code ? this.app.areaMark(area.code) : t("Cả trung tâm"))],
      [t("Phiếu đã cấp"), (area) => number(area.issued), "n"],
      [t("Đang chờ"), (area) => number(area.waiting), "n"],
      [t("Đang gọi, phục vụ"), (area) => number(area.serving), "n"],
      [t("Phiếu đã phục vụ"), (area) => number(area.served), "n"],
      [t("Vắng mặt"), (area) => number(area.no_show), "n"],
      [t("Chờ lâu nhất"), longest, "n"],
      [t("Chờ TB"), (area) => seconds(area.mean_wait), "n"],
      [t("Chờ ≤ %(n)s phút", { n: target }), (area) => percent(area.within_target === null ? null : area.within_target / 1000), "n"],
    ], view.areas, { foot: total, name: (area) => area.code });
    if (!this.areas.firstElementChild?.isEqualNode(drawn)) this.areas.replaceChildren(drawn); // it may be scrolled sideways
  }

  #desks() {
    const states = { open: t("Đang mở"), paused: t("Tạm dừng"), closed: t("Đóng") };
    /** @param {DeskState} desk */
    const drawn = (desk) => {
      const ticket = desk.ticket;
      const reason = pauseName(desk.pause_reason);
      return el("div", { class: `desk ${desk.state}`, "data-desk": desk.desk },
        el("h4", {}, this.app.deskName(desk.desk)),
        el("p", { class: "muted" }, [states[desk.state], reason].filter(Boolean).join(" · ")),
        el("p", {}, desk.clerk ?? "–"),
        desk.away_since ? el("p", { class: "left" }, t("Trang quầy đã tắt từ %(time)s", { time: clock(desk.away_since, this.app.hall.timezone) })) : null,
        ticket
          ? el("p", { class: "now" }, el("b", { "data-number": ticket.number }, ticket.number), " ", ticket.state === "serving" ? t("đang phục vụ") : t("đang gọi"))
          : el("p", { class: "now muted" }, desk.state === "open" ? t("Đang rảnh") : ""));
    };
    drawRows(this.desks, this.app.view.desks.map((desk) => ({
      key: desk.desk, shown: [this.app.deskName(desk.desk), desk], make: () => drawn(desk),
    })));
  }

  /** Which date it is, by a person's word. */
  confirmDate() {
    const { app } = this;
    app.dialog.form(t("Xác nhận ngày"), [
      el("p", {}, t("Hãy xem lịch và xác nhận ngày hôm nay. Trong lúc chờ, hệ thống vẫn cấp và gọi số.")),
      ...dateChoice({ record: app.view.date, hall: app.clockDate(), here: dateIn(app.zone, Date.now()) }),
    ], t("Đúng ngày này"), (data) => app.ask("confirm_date", { date: chosenDate(data) }));
  }

  /** An extra session outside the hours. */
  session() {
    const { app } = this;
    /** @type {[number | "", string][]} Minutes, and how they are told. */
    const choices = [[30, t("%(n)s phút", { n: 30 })], [60, t("%(n)s phút", { n: 60 })], [120, t("%(n)s phút", { n: 120 })], ["", t("Đến khi quầy cuối cùng đóng")]];
    app.dialog.form(t("Mở thêm phiên"), [
      el("p", {}, t("Máy lấy số cấp số ngay từ bây giờ, ngoài giờ lấy số đã đặt, trong:")),
      el("div", { class: "radios", role: "radiogroup", "aria-label": t("Thời gian của phiên") }, ...choices.map(([value, name], index) =>
        el("label", {}, el("input", { type: "radio", name: "minutes", value, checked: index === 1 }), name))),
    ], t("Mở phiên"), async (data) => {
      const chosen = typed(data, "minutes");
      const done = await app.ask("open_session", { minutes: chosen ? Number(chosen) : null });
      if (done) app.say(t("Đã mở thêm phiên: máy lấy số cấp số ngay bây giờ."), true);
      return done;
    });
  }
}
