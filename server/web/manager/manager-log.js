// The log with its filters, one number's story, comments and their erasing. Asks, shows; keeps nothing.

import { el } from "../common/dom.js";
import { dateInput, field, submits } from "../common/forms.js";
import { paperHead } from "./manager-paper.js";
import { card, table, unprinted } from "./manager-table.js";
import { kindName, kinds, number, particulars, stamp } from "./manager-words.js";
import { pick, t } from "../common/texts.js";
import { isoDate, shortDate } from "../common/time.js";
import { LONGEST_NAME, NUMBER } from "../common/values.js";

/** @import { Entry, Fields } from "../common/protocol.d.ts" */
/** @import { App } from "./manager.js" */

export class Log {
  #form = el("form", { class: "filters", id: "filters" });
  #csv = el("a", { class: "button", download: true, id: "log-csv" }, "CSV");
  #count = el("p", { class: "muted", role: "status", id: "log-count" });
  #list = el("div", { id: "log" });
  #more = el("button", { type: "button", id: "more", hidden: true, onclick: () => this.#next() }, t("Xem thêm"));
  /** So many pages were asked for: an answer to an earlier question is thrown away. */
  #asked = 0;
  /** @type {Fields<"log"> | null} The filter of the list that is shown. */
  #filter = null;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {number | null} The `seq` before which its next page begins. */
  #before = null;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    submits(this.#form, () => this.load());
    this.#form.addEventListener("change", () => this.#link());
  }

  open() {
    const { app } = this;
    const today = app.today();
    /**
     * @param {string} all
     * @param {[string, string][]} pairs
     */
    const choice = (all, pairs) => el("select", {}, el("option", { value: "" }, all), ...pairs.map(([value, name]) => el("option", { value }, name)));
    const clerks = el("datalist", { id: "clerks" }, ...app.view.people.map(({ name }) => el("option", { value: name })));
    const start = dateInput({ required: true, value: this.#filter?.start ?? today });
    const end = dateInput({ required: true, value: this.#filter?.end ?? today });
    this.#form.replaceChildren(
      field(t("Từ ngày"), "start", start.input, start.opener),
      field(t("Đến ngày"), "end", end.input, end.opener),
      field(t("Việc"), "kind", choice(t("Tất cả"), Object.entries(kinds()))),
      field(t("Lĩnh vực"), "area", choice(t("Tất cả"), app.hall.areas.map((area) => [area.code, pick(area.name)]))),
      field(t("Quầy"), "desk", choice(t("Tất cả"), app.hall.desks.map((desk) => [desk.code, pick(desk.name)]))),
      field(t("Cán bộ"), "clerk", el("input", { type: "text", list: "clerks", maxlength: LONGEST_NAME, autocomplete: "off" })), clerks,
      field(t("Số"), "number", el("input", { ...NUMBER, type: "text", autocomplete: "off", "data-rule": t("Số trên phiếu có từ 3 đến 6 chữ số.") })),
      el("div", { class: "buttons" }, el("button", { class: "main", type: "submit" }, t("Xem")),
        this.#csv));
    this.#count.textContent = "";
    this.#list.replaceChildren();
    this.#more.hidden = true;
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Nhật ký"))),
      unprinted(card(t("Lọc"), this.#form)),
      card(t("Việc đã ghi, mới nhất trước"), this.#count, this.#list, el("p", { class: "row" }, this.#more)));
    return this.load();
  }

  draw() {}

  /** What the form says; fields that are empty are left out. */
  #typed() {
    /** @type {Record<string, string>} */
    const out = {};
    for (const [name, value] of new FormData(this.#form)) {
      if (typeof value === "string" && value.trim()) out[name] = value.trim().normalize("NFC");
    }
    const date = (/** @type {string | undefined} */ text) => isoDate(text ?? "") ?? this.app.today();
    return { ...out, start: date(out.start), end: date(out.end) };
  }

  #link() {
    this.#csv.href = `/export/log.csv?${new URLSearchParams(this.#typed())}`;
  }

  /** The first page by the filter as it stands. */
  load() {
    return this.#load(this.#typed(), null);
  }

  /** One more page of the list that is shown. */
  #next() {
    if (this.#filter && this.#before) this.#load(this.#filter, this.#before);
  }

  /**
   * @param {Fields<"log">} filter
   * @param {number | null} before A `seq`; null for the first page.
   */
  async #load(filter, before) {
    this.#filter = filter;
    this.#link();
    const asked = ++this.#asked;
    this.#more.disabled = true; // a second press would show the same page twice
    const found = await this.app.ask("log", { ...filter, before });
    if (asked !== this.#asked || !this.#list.isConnected) return;
    this.#more.disabled = false;
    if (!found) return;
    this.#entries = before ? [...this.#entries, ...found.entries] : found.entries;
    this.#before = found.more;
    this.#more.hidden = found.more === null;
    const span = [...new Set([filter.start, filter.end])].map(shortDate).join(" – ");
    const said = found.more === null
      ? t("%(n)s việc", { n: number(this.#entries.length) })
      : t("%(n)s việc mới nhất; còn nữa", { n: number(this.#entries.length) });
    this.#count.textContent = [span, said].join(": "); // on paper the filter is not there
    const { zone } = this.app;
    this.#list.replaceChildren(table(t("Nhật ký"), [
      [t("Lúc"), (entry) => stamp(entry.at, zone)],
      [t("Số"), (entry) => this.#number(entry)],
      [t("Việc"), (entry) => this.#what(entry, () => this.load())],
      [t("Lĩnh vực"), (entry) => (entry.area ? this.app.areaName(entry.area) : "")],
      [t("Ở đâu"), (entry) => place(entry, this.app)],
      [t("Cán bộ"), (entry) => entry.clerk ?? ""],
    ], this.#entries, { name: (entry) => entry.seq, empty: t("Không có việc nào khớp."), words: true }));
  }

  /** @param {Entry} entry */
  #number({ number: found, day }) {
    if (!found || !day) return found ?? "";
    return el("button", {
      type: "button", class: "plain", "data-story": found,
      "aria-label": t("Diễn biến của số %(number)s", { number: found }), onclick: () => this.story(day, found),
    }, found);
  }

  /**
   * What happened, with the comment there was.
   *
   * @param {Entry} entry
   * @param {() => void} after Once the comment is erased.
   */
  #what(entry, after) {
    const said = particulars(entry, this.app.hall);
    return el("span", {},
      el("b", {}, kindName(entry.kind)), said ? ` · ${said}` : null,
      entry.comment
        ? el("span", { class: "comment" }, el("q", {}, entry.comment), " ",
            el("button", { type: "button", class: "danger", "data-erase": entry.ticket, "aria-label": t("Xóa góp ý của số %(number)s", { number: entry.number ?? "" }), onclick: () => this.erase(entry, after) }, t("Xóa góp ý")))
        : null);
  }

  /**
   * Everything that happened to one number, in order.
   *
   * @param {string} day
   * @param {string} found
   */
  async story(day, found) {
    const { app } = this;
    const entries = await app.ask("story", { date: day, number: found });
    if (!entries) return;
    app.dialog.show(t("Số %(number)s, ngày %(date)s", { number: found, date: shortDate(day) }), [
      el("ol", { class: "story", id: "story" }, ...entries.map((entry) => el("li", {},
        el("time", { datetime: entry.at }, stamp(entry.at, app.zone).slice(11)),
        el("div", {}, this.#what(entry, () => this.load().then(() => this.story(day, found))),
          el("p", { class: "muted" }, [entry.kind === "issued" && entry.area ? app.areaName(entry.area) : "", place(entry, app), entry.clerk].filter(Boolean).join(" · ")))))),
      el("div", { class: "actions" }, app.dialog.leave(t("Đóng"), { autofocus: true })),
    ], { wide: true });
  }

  /**
   * @param {Entry} entry
   * @param {() => void} after Once it is erased.
   */
  erase({ ticket, number: found }, after) {
    const { app } = this;
    if (!ticket) return;
    app.dialog.confirm(t("Xóa góp ý của số %(number)s?", { number: found ?? "" }),
      t("Lời góp ý bị xóa hẳn, không lấy lại được. Mức đánh giá vẫn giữ."),
      t("Xóa góp ý"), async () => {
        const done = await app.ask("erase_comment", { ticket });
        if (done) setTimeout(after); // once the question is closed
        return done;
      });
  }
}

/**
 * Desk and device.
 *
 * @param {Entry} entry
 * @param {App} app
 */
const place = (entry, app) => [entry.desk ? app.deskName(entry.desk) : "", entry.device ?? ""].filter(Boolean).join(" · ");
