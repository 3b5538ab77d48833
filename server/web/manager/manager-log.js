// The log with its filters, one number's story, comments and their erasing. Asks, shows; keeps nothing.

import { el } from "../common/dom.js";
import { dateInput, field, isoDate, submits } from "../common/forms.js";
import { paperHead } from "./manager-paper.js";
import { card, table, unprinted } from "./manager-table.js";
import { kindName, kinds, number, particulars, shortDate, stamp } from "./manager-words.js";
import { pick, t } from "../common/texts.js";

export class Log {
  constructor(app) {
    this.app = app;
    this.asked = 0;
  }

  open() {
    const { app } = this;
    const today = app.today();
    const choice = (all, pairs) => el("select", {}, el("option", { value: "" }, all), ...pairs.map(([value, name]) => el("option", { value }, name)));
    const clerks = el("datalist", { id: "clerks" }, ...app.view.people.map(({ name }) => el("option", { value: name })));
    this.form = el("form", { class: "filters", id: "filters" },
      field(t("Từ ngày"), "start", ...dateInput({ required: true, value: this.start ?? today })),
      field(t("Đến ngày"), "end", ...dateInput({ required: true, value: this.end ?? today })),
      field(t("Việc"), "kind", choice(t("Tất cả"), Object.entries(kinds()))),
      field(t("Lĩnh vực"), "area", choice(t("Tất cả"), app.hall.areas.map((area) => [area.code, pick(area.name)]))),
      field(t("Quầy"), "desk", choice(t("Tất cả"), app.hall.desks.map((desk) => [desk.code, pick(desk.name)]))),
      field(t("Cán bộ"), "clerk", el("input", { type: "text", list: "clerks", maxlength: "40", autocomplete: "off" })), clerks,
      field(t("Số"), "number", el("input", { type: "text", inputmode: "numeric", pattern: "[0-9]{3,6}", maxlength: "6", autocomplete: "off", "data-rule": t("Số trên phiếu có từ 3 đến 6 chữ số.") })),
      el("div", { class: "buttons" }, el("button", { class: "main", type: "submit" }, t("Xem")),
        this.csv = el("a", { class: "button", download: true, id: "log-csv" }, "CSV")));
    submits(this.form, () => this.load());
    this.form.addEventListener("change", () => this.#link());
    this.count = el("p", { class: "muted", role: "status", id: "log-count" });
    this.list = el("div", { id: "log" });
    this.more = el("button", { type: "button", id: "more", hidden: true, onclick: () => this.load(this.before) }, t("Xem thêm"));
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Nhật ký"))),
      unprinted(card(t("Lọc"), this.form)),
      card(t("Việc đã ghi, mới nhất trước"), this.count, this.list, el("p", { class: "row" }, this.more)));
    return this.load();
  }

  draw() {}

  #filter() {
    const data = new FormData(this.form);
    const out = {};
    for (const [name, value] of data) if (value.trim()) out[name] = value.trim().normalize("NFC");
    for (const name of ["start", "end"]) out[name] = isoDate(out[name] ?? "") ?? this.app.today();
    return out;
  }

  #link() {
    this.csv.href = `/export/log.csv?${new URLSearchParams(this.#filter())}`;
  }

  /** The first page by the filter as it stands, or the next one of the list that is shown (`before` a `seq`). */
  async load(before = null) {
    if (!before) this.filter = this.#filter();
    this.#link();
    [this.start, this.end] = [this.filter.start, this.filter.end];
    const asked = ++this.asked;
    this.more.disabled = true; // a second press would show the same page twice
    const found = await this.app.ask("log", { ...this.filter, ...(before && { before }) });
    if (asked !== this.asked || !this.list.isConnected) return;
    this.more.disabled = false;
    if (!found) return;
    this.entries = before ? [...this.entries, ...found.entries] : found.entries;
    this.before = found.more;
    this.more.hidden = found.more === null;
    const span = [...new Set([this.start, this.end])].map(shortDate).join(" – ");
    const said = found.more === null
      ? t("%(n)s việc", { n: number(this.entries.length) })
      : t("%(n)s việc mới nhất; còn nữa", { n: number(this.entries.length) });
    this.count.textContent = [span, said].join(": "); // on paper the filter is not there
    const { zone } = this.app;
    this.list.replaceChildren(table(t("Nhật ký"), [
      [t("Lúc"), (entry) => stamp(entry.at, zone)],
      [t("Số"), (entry) => this.#number(entry)],
      [t("Việc"), (entry) => this.#what(entry, () => this.load())],
      [t("Lĩnh vực"), (entry) => (entry.area ? this.app.areaName(entry.area) : "")],
      [t("Ở đâu"), (entry) => place(entry, this.app)],
      [t("Cán bộ"), (entry) => entry.clerk ?? ""],
    ], this.entries, { name: (entry) => entry.seq, empty: t("Không có việc nào khớp."), words: true }));
  }

  #number(entry) {
    if (!entry.number || !entry.day) return entry.number ?? "";
    return el("button", {
      type: "button", class: "plain", "data-story": entry.number,
      "aria-label": t("Diễn biến của số %(number)s", { number: entry.number }), onclick: () => this.story(entry.day, entry.number),
    }, entry.number);
  }

  #what(entry, after) {
    const said = particulars(entry, this.app.hall, pick);
    return el("span", {},
      el("b", {}, kindName(entry.kind)), said ? ` · ${said}` : null,
      entry.comment
        ? el("span", { class: "comment" }, el("q", {}, entry.comment), " ",
            el("button", { type: "button", class: "danger", "data-erase": entry.ticket, "aria-label": t("Xóa góp ý của số %(number)s", { number: entry.number }), onclick: () => this.erase(entry, after) }, t("Xóa góp ý")))
        : null);
  }

  /** Everything that happened to one number, in order. */
  async story(day, found) {
    const { app } = this;
    const entries = await app.ask("story", { date: day, number: found });
    if (!entries) return;
    app.dialog.show(t("Số %(number)s, ngày %(date)s", { number: found, date: shortDate(day) }), [
      el("ol", { class: "story", id: "story" }, ...entries.map((entry) => el("li", {},
        el("time", { datetime: entry.at }, stamp(entry.at, app.zone).slice(11)),
        el("div", {}, this.#what(entry, () => this.load().then(() => this.story(day, found))),
          el("p", { class: "muted" }, [entry.kind === "issued" ? app.areaName(entry.area) : "", place(entry, app), entry.clerk].filter(Boolean).join(" · ")))))),
      el("div", { class: "actions" }, app.dialog.leave(t("Đóng"), { autofocus: true })),
    ], { wide: true });
  }

  erase(entry, after) {
    const { app } = this;
    app.dialog.confirm(t("Xóa góp ý của số %(number)s?", { number: entry.number }),
      t("Lời góp ý bị xóa hẳn, không lấy lại được. Mức đánh giá vẫn giữ."),
      t("Xóa góp ý"), async () => {
        const done = await app.ask("erase_comment", { ticket: entry.ticket });
        if (done) setTimeout(after); // once the question is closed
        return done;
      });
  }
}

const place = (entry, app) => [entry.desk ? app.deskName(entry.desk) : "", entry.device ?? ""].filter(Boolean).join(" · ");
