// What is on paper only: the head of every section, and of a report where to sign and the size that makes it one page of
// A4. Whatever else is printed runs over as many pages as it needs.

import { byId, el, perhaps } from "../common/dom.js";
import { longDate, pick, t } from "../common/texts.js";

const PAPER = { width: "186mm", height: 270 }; // mm between the margins of manager-print.css, a little spared

/** @param {import("./manager.js").App} app */
export function paperHead({ hall, today }) {
  return el("div", { class: "paper head-of-paper" },
    el("p", {}, el("b", {}, pick(hall.name)), el("br"), pick(hall.place)),
    el("p", {}, t("Ngày in: %(date)s", { date: longDate(today()) })));
}

export function paperFoot() {
  /** @param {string} who */
  const sign = (who) => el("div", {}, el("b", {}, who), el("span", {}, t("(ký, ghi rõ họ tên)")), el("i", {}));
  return el("div", { class: "paper sign" }, sign(t("Người lập báo cáo")), sign(t("Người phụ trách")));
}

/** Before printing: how much smaller a report must be to be one page. Laid out as paper for a moment, and measured. */
export function fit() {
  const sheet = byId("paper", HTMLLinkElement);
  const body = byId("body");
  body.style.setProperty("--fit", "1");
  if (!perhaps("report")) return;
  sheet.media = "all";
  const millimetre = body.getBoundingClientRect().width / parseFloat(PAPER.width);
  const height = body.getBoundingClientRect().height / millimetre;
  sheet.media = "print";
  body.style.setProperty("--fit", String(Math.min(1, PAPER.height / height)));
}
