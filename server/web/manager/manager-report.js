// Figures of a period beside the period before: six figures, two charts, tables, definitions, and one page for paper.
//
// Every figure comes from the hall's `report`; here they are only divided, rounded and put into words.

import { el, known } from "../common/dom.js";
import { hoursChart, stackedBar, swatch } from "./manager-chart.js";
import { dateInput, field, submits } from "../common/forms.js";
import { figures } from "./manager-figures.js";
import { fit, paperFoot, paperHead } from "./manager-paper.js";
import * as periods from "./manager-periods.js";
import { card, table, unprinted } from "./manager-table.js";
import {
  definitions, minutes, number, outcomeName, percent, periodButtons, periodTitle, rated, share, shortMinutes,
  weekdayDate,
} from "./manager-words.js";
import { language, pick, t } from "../common/texts.js";
import { isoDate, shortDate, stopwatch } from "../common/time.js";
import { FEW, UPPER_TARGET as UPPER } from "../common/values.js";

/** @import { Figures, Line, ReportResult } from "../common/protocol.d.ts" */
/** @import { Child } from "../common/dom.js" */
/** @import { App } from "./manager.js" */
/** @import { Period } from "./manager-periods.js" */
/** @typedef {{key: string | null, figures: Figures}} Row A line of a report; `key` null: of the whole. */

export class Report {
  /** So many reports were asked for: an answer to an earlier question is thrown away. */
  #asked = 0;
  /** @type {Period | null} The one that is shown, or was last. */
  #shown = null;
  #title = el("h2", { id: "report-title" });
  #bar = el("div", { class: "periods" });
  #body = el("div", { id: "report", "aria-live": "polite" });

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    addEventListener("beforeprint", fit);
  }

  /** @param {string} text A period as the address has it. */
  open(text) {
    const period = periods.read(text) ?? this.#shown ?? periods.period("month", this.app.today());
    this.#shown = period;
    this.#body.replaceChildren();
    this.#body.setAttribute("aria-busy", "true");
    this.app.page.replaceChildren(paperHead(this.app), el("div", { class: "head" }, this.#title, this.#bar), this.#body);
    this.#choices(period);
    return this.#load(period);
  }

  draw() {}

  /** @param {Period} period */
  go(period) {
    location.hash = `report/${periods.written(period)}`;
  }

  /**
   * The head: which period it is, and how to come to others.
   *
   * @param {Period} period
   */
  #choices(period) {
    const today = this.app.today();
    const inside = period.start <= today && today <= period.end ? today : period.start;
    /**
     * @param {string} name
     * @param {string} sign
     * @param {Period} to
     */
    const step = (name, sign, to) => el("button", { type: "button", class: "step", "aria-label": name, title: name, onclick: () => this.go(to) }, sign);
    const from = dateInput({ value: period.start, required: true });
    const to = dateInput({ value: period.end, required: true });
    const span = el("form", { class: "span", id: "span" }, field(t("Từ ngày"), "from", from.input, from.opener), field(t("đến ngày"), "to", to.input, to.opener),
      el("button", { class: "main", type: "submit" }, t("Xem")));
    span.hidden = period.kind !== "span";
    submits(span, () => this.go(periods.period("span", known(isoDate(from.input.value)), known(isoDate(to.input.value)))));
    this.#title.textContent = periodTitle(period);
    document.title = `${this.#title.textContent} – ${pick(this.app.hall.name)}`;
    this.#bar.replaceChildren(
      el("div", { class: "row" },
        el("div", { class: "segments", role: "group", "aria-label": t("Kỳ báo cáo") },
          ...periodButtons().map(([kind, name]) => el("button", {
            type: "button", "data-period": kind, "aria-pressed": String(kind === period.kind),
            onclick: () => (kind === "span" ? this.go({ ...period, kind }) : this.go(periods.period(kind, inside))),
          }, name))),
        el("div", { class: "segments" }, step(t("Kỳ trước"), "‹", periods.previous(period)), step(t("Kỳ sau"), "›", periods.next(period))),
        el("a", { class: "button", id: "report-csv", download: true, href: `/export/report.csv?start=${period.start}&end=${period.end}&lang=${language}` }, "CSV"),
        el("button", { type: "button", id: "print", onclick: () => print() }, t("In"))),
      span);
  }

  /** @param {Period} period */
  async #load(period) {
    const { app } = this;
    const asked = ++this.#asked;
    const before = periods.previous(period);
    const [now, then] = await Promise.all([
      app.ask("report", { start: period.start, end: period.end }),
      app.ask("report", { start: before.start, end: before.end }),
    ]);
    if (asked !== this.#asked || !this.#body.isConnected) return;
    if (!now || !then) {
      this.#body.replaceChildren(el("section", { class: "card" }, el("p", {}, t("Chưa lấy được báo cáo.")), el("p", {}, el("button", { type: "button", onclick: () => this.#load(period) }, t("Thử lại")))));
    } else {
      const whole = now.total.issued || now.total.visits ? this.#whole(now, then, period) : [this.#nothing()];
      this.#body.replaceChildren(...this.#notes(now, period), ...whole);
    }
    this.#body.setAttribute("aria-busy", "false");
  }

  #nothing() {
    return el("section", { class: "card calm", id: "empty" },
      el("h3", {}, t("Kỳ này không có số nào.")),
      el("p", {}, t("Không có phiếu nào được lấy trong kỳ này, nên không có gì để tính. Chọn kỳ khác, hoặc xem Nhật ký.")));
  }

  /**
   * What one must know before believing the figures.
   *
   * @param {ReportResult} report
   * @param {Period} period
   */
  #notes(report, period) {
    const out = [];
    if (report.doubtful_days.length) {
      out.push(el("p", { class: "notice", id: "doubtful" }, t("Đồng hồ máy chủ đáng ngờ và chưa ai xác nhận ngày: %(days)s. Số liệu có thể thuộc ngày khác.", {
        days: report.doubtful_days.map(shortDate).join(", "),
      })));
    }
    if (this.#running(period)) out.push(el("p", { class: "notice mild", id: "running" }, t("Kỳ chưa kết thúc: số liệu tính đến hôm nay, %(date)s.", { date: shortDate(this.app.today()) })));
    return out;
  }

  /**
   * Is it not over yet?
   *
   * @param {Period} period
   */
  #running({ kind, start, end }) {
    const today = this.app.today();
    return start <= today && today <= end && kind !== "day";
  }

  /**
   * @param {ReportResult} now
   * @param {ReportResult} then Of the period before.
   * @param {Period} period
   */
  #whole(now, then, period) {
    return [
      figures(now, then, period, this.#running(period)),
      el("div", { class: "pair" }, this.#hours(now), this.#satisfaction(now)),
      this.#table(t("Theo lĩnh vực"), t("Lĩnh vực"), now.areas, (key) => this.app.areaMark(key), now, "areas", this.app.hall.areas),
      paperFoot(),
      el("div", { class: "pair even unprinted" }, this.#outcomes(now), this.#ratings(now)),
      this.#table(t("Theo quầy"), t("Quầy"), now.desks, (key) => this.app.deskName(key), now, "desks", this.app.hall.desks),
      this.#table(t("Theo cán bộ"), t("Cán bộ"), now.clerks, (key) => key, now, "clerks"),
      this.#table(t("Theo ngày"), t("Ngày"), now.by_day, (key) => weekdayDate(key), now, "days"),
    ];
  }

  // --- charts ------------------------------------------------------------------------------------------------

  /** @param {ReportResult} report */
  #hours(report) {
    if (!report.hours.length) return card(t("Lượt đến và thời gian chờ theo giờ"), el("p", {}, t("Chưa có lượt nào.")));
    const title = t("Lượt đến và thời gian chờ theo giờ");
    /** @param {number} n */
    const hour = (n) => t("%(n)sh", { n });
    const target = report.target_minutes;
    return card(title,
      el("ul", { class: "legend" },
        el("li", {}, swatch("box", "arrivals"), t("lượt đến")),
        el("li", {}, swatch("line", "waits"), t("chờ trung bình (phút)")),
        el("li", {}, swatch("line", "target target-0"), t("mức %(n)s phút", { n: target })),
        el("li", {}, swatch("line", "target target-1"), t("mức %(n)s phút", { n: UPPER }))),
      hoursChart(report.hours, [target, UPPER], { name: title, arrivals: t("lượt"), minutes: t("phút"), hour, number }),
      el("div", { class: "unseen" }, table(title, [
        [t("Giờ"), (line) => hour(line.hour)],
        [t("lượt đến"), (line) => number(line.issued)],
        [t("chờ trung bình (phút)"), (line) => minutes(line.mean_wait)],
      ], report.hours, { name: (line) => line.hour })));
  }

  /** Levels as told in the settings, best first, each with the colour of its place from either end. */
  #levels() {
    const words = this.app.hall.rating.levels;
    const classes = words.length === 3 ? ["level-1", "level-3", "level-5"] : ["level-1", "level-2", "level-3", "level-4", "level-5"];
    return words.map((word, index) => ({ index, word: pick(word), name: classes[index] })).reverse();
  }

  /** @param {ReportResult} report */
  #satisfaction(report) {
    const levels = this.#levels();
    const rows = report.desks.filter(({ figures }) => figures.ratings).map(({ key, figures }) => {
      const count = t("%(n)s đánh giá", { n: number(figures.ratings) });
      const title = `${this.app.deskName(key)} · ${count}`;
      if (figures.ratings < FEW) return el("li", {}, el("p", {}, title), el("p", { class: "muted" }, t("dưới 5 đánh giá không nêu tỷ lệ")));
      const counts = levels.map(({ index }) => figures.scores[index] ?? 0);
      const said = levels.map(({ word }, index) => `${word}: ${counts[index]}`).join(", ");
      return el("li", {}, el("p", {}, title), stackedBar(counts, levels.map(({ name }) => name), `${title}. ${said}`, { number }));
    });
    return card(t("Mức hài lòng theo quầy"),
      el("ul", { class: "legend" }, ...levels.map(({ word, name }) => el("li", {}, swatch("box", name), word))),
      rows.length ? el("ul", { class: "stacks" }, ...rows) : el("p", {}, t("Chưa có đánh giá nào trong kỳ này.")));
  }

  // --- tables ------------------------------------------------------------------------------------------------

  /**
   * @param {string} title
   * @param {string} first The head of the names.
   * @param {Line[]} lines
   * @param {(key: string) => Child} name
   * @param {ReportResult} report
   * @param {string} id
   * @param {{code: string}[]} [order] The hall's own.
   */
  #table(title, first, lines, name, report, id, order = []) {
    /** @param {(figures: Figures) => string} get */
    const of = (get) => (/** @type {Row} */ row) => get(row.figures);
    /** @param {Figures} f */
    const recorded = (f) => f.visits - f.unrecorded;
    /** @type {Row[]} */
    const rows = sorted(lines, order);
    const section = card(title,
      table(title, [
        [first, ({ key }) => (key === null ? t("Cả trung tâm") : name(key))],
        [t("Phiếu đã cấp"), of((f) => number(f.issued)), "n"],
        [t("Lượt đã phục vụ"), of((f) => number(f.visits)), "n"],
        [t("Phiếu vắng mặt"), of((f) => number(f.no_show)), "n"],
        [t("Chờ TB"), of((f) => shortMinutes(f.mean_wait)), "n"],
        [t("≤ %(n)s phút", { n: report.target_minutes }), of((f) => percent(share(f.within_target, f.waits))), "n"],
        [t("90 % chờ ≤"), of((f) => shortMinutes(f.p90_wait, Math.ceil)), "n"],
        [t("Phục vụ TB"), of((f) => (f.mean_service === null ? "–" : stopwatch(Math.round(f.mean_service / 1000)))), "n"],
        [t("Cần bổ sung"), of((f) => percent(share(f.outcomes.supplement ?? 0, recorded(f)), 1)), "n"],
        [t("Chưa ghi KQ"), of((f) => number(f.unrecorded)), "n"],
        [t("Hài lòng (n)"), of((f) => rated(f.satisfied, f.ratings)), "n"],
      ], rows, { name: ({ key }) => key, foot: { key: null, figures: report.total } }),
      id === "areas" ? el("p", { class: "definitions" }, definitions()) : null);
    section.id = `by-${id}`;
    return id === "areas" ? section : unprinted(section);
  }

  /** @param {ReportResult} report */
  #outcomes({ total: f }) {
    const recorded = f.visits - f.unrecorded;
    /** @type {{key: string, name: string, count: number, of: number | null}[]} */
    const rows = Object.entries(f.outcomes).sort(([, a], [, b]) => b - a).map(([code, count]) => ({ key: code, name: outcomeName(code), count, of: recorded }));
    rows.push({ key: "unrecorded", name: t("Chưa ghi kết quả"), count: f.unrecorded, of: null });
    const section = card(t("Kết quả tiếp nhận"),
      table(t("Kết quả tiếp nhận"), [
        [t("Kết quả"), (row) => row.name],
        [t("Lượt"), (row) => number(row.count), "n"],
        [t("Trong số có ghi"), (row) => (row.of === null ? "" : percent(share(row.count, row.of), 1)), "n"],
      ], rows, { name: (row) => row.key }),
      el("p", {}, t("Có ghi kết quả: %(n)s / %(all)s lượt (%(share)s). Số hồ sơ: %(dossiers)s.", {
        n: number(recorded), all: number(f.visits), share: percent(share(recorded, f.visits)), dossiers: number(f.dossiers),
      })));
    section.id = "outcomes";
    return section;
  }

  /** @param {ReportResult} report */
  #ratings({ total: f, reasons }) {
    const levels = this.#levels();
    const named = Object.entries(reasons).sort(([, a], [, b]) => b - a);
    const section = card(t("Đánh giá"),
      el("p", {}, t("Phản hồi: %(n)s đánh giá / %(all)s lượt đã phục vụ (%(share)s).", { n: number(f.ratings), all: number(f.visits), share: percent(share(f.ratings, f.visits), 1) })),
      el("p", {}, t("Người vắng mặt hoặc chưa được phục vụ có đánh giá, tính riêng: %(n)s.", { n: number(f.gave_up_ratings) })),
      table(t("Đánh giá"), [
        [t("Mức"), (row) => row.word],
        [t("Số đánh giá"), (row) => number(f.scores[row.index] ?? 0), "n"],
        [t("Tỷ lệ"), (row) => (f.ratings < FEW ? "–" : percent(share(f.scores[row.index] ?? 0, f.ratings), 1)), "n"],
      ], levels, { name: (row) => String(row.index + 1) }),
      el("h4", {}, t("Lý do không hài lòng (chọn được nhiều)")),
      named.length
        ? table(t("Lý do không hài lòng (chọn được nhiều)"), [
            [t("Lý do"), ([code]) => pick(this.app.hall.rating.reasons[code]) || code],
            [t("Lần chọn"), ([, count]) => number(count), "n"],
          ], named, { name: ([code]) => code })
        : el("p", { class: "muted" }, t("Không có lý do nào được chọn.")));
    section.id = "rated";
    return section;
  }
}

/**
 * Lines in the hall's own order; what the hall has no more comes last.
 *
 * @param {Line[]} lines
 * @param {{code: string}[]} order
 */
function sorted(lines, order) {
  const place = new Map(order.map(({ code }, index) => [code, index]));
  return [...lines].sort((a, b) => (place.get(a.key) ?? Infinity) - (place.get(b.key) ?? Infinity) || 0);
}
