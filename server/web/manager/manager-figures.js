// The six figures of a report, each with how it moved since the period before.

import { el } from "../common/dom.js";
import { previous } from "./manager-periods.js";
import { minutes, number, percent, periodShort, share } from "./manager-words.js";
import { t } from "../common/texts.js";
import { FEW, UPPER_TARGET } from "../common/values.js";

/** @import { Figures, ReportResult } from "../common/protocol.d.ts" */
/** @import { Period } from "./manager-periods.js" */
/** @typedef {1 | -1 | 0} Better 1: more is better; -1: less is; 0: neither. */

/**
 * The cards of a period beside the period before.
 *
 * @param {ReportResult} now
 * @param {ReportResult} then Of the period before.
 * @param {Period} period
 * @param {boolean} running It is not over yet.
 */
export function figures(now, then, period, running) {
  const [f, old] = [now.total, then.total];
  const target = now.target_minutes;
  const against = periodShort(previous(period));
  /**
   * @param {number | null} value
   * @param {number | null} was
   * @param {Better} better
   * @param {(difference: number) => string} words
   */
  const change = (value, was, better, words) => changed(value, was, better, words, against);
  /** @param {number} difference */
  const inMinutes = (difference) => t("%(n)s phút", { n: number(difference) });
  /** @param {number} digits */
  const inPoints = (digits) => (/** @type {number} */ difference) => t("%(n)s điểm %", { n: number(difference, digits) });
  /**
   * @param {string} id
   * @param {string} title
   * @param {string} value
   * @param {Element} moved How it moved.
   * @param {...string} more Lines below it.
   */
  const figure = (id, title, value, moved, ...more) => el("div", { class: "figure", "data-figure": id },
    el("h3", {}, title), el("p", { class: "value" }, value), moved, ...more.filter(Boolean).map((line) => el("p", {}, line)));
  /**
   * @param {number | null} ms
   * @param {(value: number) => number} [round]
   */
  const rounded = (ms, round = Math.round) => (ms === null ? null : round(ms / 60_000));
  /**
   * @param {number} part
   * @param {number} whole
   * @param {number} digits
   */
  const hundred = (part, whole, digits) => (whole ? Number((100 * part / whole).toFixed(digits)) : null);
  /** @param {Figures} of */
  const enough = (of) => (of.ratings >= FEW ? hundred(of.satisfied, of.ratings, 1) : null);
  return el("div", { class: "figures" },
    figure("served", t("Lượt phục vụ"), number(f.visits),
      running
        ? el("p", {}, t("%(period)s: %(n)s", { period: capital(against), n: number(old.visits) }))
        : change(f.visits, old.visits || null, 0, (difference) => percent(difference / old.visits)),
      t("%(n)s phiếu đã cấp", { n: number(f.issued) }),
      f.cancelled ? t("đã hủy %(n)s phiếu", { n: number(f.cancelled) }) : "",
      f.expired ? t("hết ngày chưa phục vụ %(n)s phiếu", { n: number(f.expired) }) : ""),
    figure("mean", t("Chờ trung bình"), minutes(f.mean_wait),
      change(rounded(f.mean_wait), rounded(old.mean_wait), -1, inMinutes)),
    figure("within", t("Chờ ≤ %(n)s phút", { n: target }), percent(share(f.within_target, f.waits)),
      change(hundred(f.within_target, f.waits, 0), hundred(old.within_target, old.waits, 0), 1, inPoints(0)),
      t("chờ trên %(upper)s phút: %(n)s lượt", { upper: UPPER_TARGET, n: number(f.over_upper) })),
    figure("p90", t("90 % chờ không quá"), minutes(f.p90_wait, Math.ceil),
      change(rounded(f.p90_wait, Math.ceil), rounded(old.p90_wait, Math.ceil), -1, inMinutes),
      t("trung vị %(n)s", { n: minutes(f.median_wait) })),
    figure("no_show", t("Vắng mặt"), percent(share(f.no_show, f.issued), 1),
      change(hundred(f.no_show, f.issued, 1), hundred(old.no_show, old.issued, 1), -1, inPoints(1)),
      t("%(n)s / %(all)s phiếu", { n: number(f.no_show), all: number(f.issued) })),
    figure("satisfied", t("Hài lòng"), f.ratings >= FEW ? percent(f.satisfied / f.ratings, 1) : "–",
      change(enough(f), enough(old), 1, inPoints(1)),
      t("%(n)s đánh giá · %(share)s lượt", { n: number(f.ratings), share: percent(share(f.ratings, f.visits)) }),
      f.ratings < FEW ? t("dưới 5 đánh giá không nêu tỷ lệ") : ""));
}

/**
 * How a figure moved, in arrow and words.
 *
 * @param {number | null} value
 * @param {number | null} was
 * @param {Better} better
 * @param {(difference: number) => string} words
 * @param {string} against The period before.
 */
function changed(value, was, better, words, against) {
  if (value === null || was === null) return el("p", {}, t("%(period)s: không có số liệu", { period: capital(against) }));
  const difference = value - was;
  const rounded = words(Math.abs(difference));
  if (!difference) return el("p", {}, t("như %(period)s", { period: against }));
  const good = Math.sign(difference) === better;
  const sentence = difference > 0
    ? t("▲ tăng %(n)s so với %(period)s", { n: rounded, period: against })
    : t("▼ giảm %(n)s so với %(period)s", { n: rounded, period: against });
  return el("p", { class: better ? (good ? "better" : "worse") : null }, sentence);
}

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
