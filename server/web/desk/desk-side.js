// The column beside the ticket: who waits, who was missed, what was just given at the desk, and my day.

import { badges } from "./desk-card.js";
import { byId, cells, el, key, replace } from "../common/dom.js";
import * as names from "../common/names.js";
import { drawRows } from "../common/rows.js";
import { clock, t } from "../common/texts.js";
import { stopwatch } from "../common/time.js";
import { minutes } from "../common/words.js";

/** @import { QueueTicket } from "../common/protocol.d.ts" */

/**
 * A wait; one over the target is marked, and not by colour alone.
 *
 * @param {number} seconds
 * @param {number} target Minutes.
 */
function wait(seconds, target) {
  if (seconds <= target * 60) return el("span", { class: "wait" }, minutes(seconds));
  return el("span", { class: "wait late", title: t("quá mức %(n)s phút", { n: target }) },
    el("span", { "aria-hidden": "true" }, "▲ "), minutes(seconds), el("span", { class: "unseen" }, " ", t("quá mức %(n)s phút", { n: target })));
}

/**
 * A row that only tells something; none where there is nothing to tell.
 *
 * @param {string} key
 * @param {string} sentence
 */
const told = (key, sentence) => (sentence ? [{ key, shown: sentence, make: () => el("li", { class: "none" }, sentence) }] : []);

/**
 * Draw it from the view that the page shows.
 *
 * @param {import("./desk-view.js").DeskView} screen
 */
export function drawSide(screen) {
  const { actions, hall, view } = screen;
  byId("total").textContent = view.me ? String(view.total) : "";
  /** @param {QueueTicket} ticket */
  const menu = (ticket) => el("button", { class: "plain more", "aria-label": t("Thao tác với số %(number)s", { number: ticket.number }), onclick: () => actions.ticketMenu(ticket) }, "⋯");
  /** @param {QueueTicket} ticket */
  const waiting = (ticket) => el("li", {},
    el("b", {}, cells(ticket.number)),
    el("span", { class: "grow" }, el("span", { class: "name", title: names.matter(hall, ticket) }, names.matter(hall, ticket)), ...badges(ticket)),
    wait(ticket.waited, hall.target_minutes),
    menu(ticket));
  const queue = view.queue.map((ticket) => ({
    key: ticket.number,
    shown: { ...ticket, waited: minutes(ticket.waited), late: ticket.waited > 60 * hall.target_minutes, name: names.matter(hall, ticket) },
    make: () => waiting(ticket),
  }));
  const more = view.total - view.queue.length;
  const empty = view.me ? t("Không có ai chờ") : t("Chọn quầy để xem hàng chờ");
  drawRows(byId("queue"), [...queue, ...told("more", more > 0 ? t("và %(n)s số nữa", { n: more }) : ""), ...told("empty", view.queue.length ? "" : empty)]);
  byId("missed-box").hidden = !view.missed.length;
  byId("missed-total").textContent = String(view.missed.length);
  const disabled = !screen.up || !view.me;
  drawRows(byId("missed"), view.missed.map((ticket) => ({
    key: ticket.number, shown: { ...ticket, disabled }, make: () => el("li", {},
      el("b", {}, cells(ticket.number)),
      el("span", { class: "grow" }, ticket.state === "no_show"
        ? t("đã gọi %(n)s lần, %(time)s", { n: ticket.calls, time: clock(ticket.at, hall.timezone) })
        : t("chờ bổ sung giấy tờ")),
      el("button", { class: "plain", disabled, "aria-label": t("Xếp lại số %(number)s", { number: ticket.number }), onclick: () => actions.requeue(ticket) }, t("Xếp lại"))),
  })));
  byId("issued-box").hidden = !view.issued.length;
  drawRows(byId("issued"), view.issued.map((ticket) => ({
    key: ticket.number, shown: [names.areaName(hall, ticket.area), ticket.priority], make: () => el("li", {},
      el("b", {}, cells(ticket.number)),
      el("span", { class: "grow" }, el("span", { class: "name" }, names.areaName(hall, ticket.area)), ...badges({ ...ticket, not_printed: null })),
      menu(ticket)),
  })));
  const day = view.day;
  replace(byId("day"), [
    el("div", {}, el("b", {}, String(day.served)), el("span", {}, t("đã phục vụ"))),
    el("div", {}, el("b", {}, day.service_seconds === null ? "–" : stopwatch(day.service_seconds)), el("span", {}, t("phục vụ TB"))),
    el("button", { "aria-keyshortcuts": "K", onclick: () => actions.visits() }, el("b", {}, String(day.unrecorded), key("K")), el("span", {}, t("chưa ghi KQ"))),
  ]);
}
