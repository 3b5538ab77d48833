// The card in the middle: the ticket at the desk, or that it is free or paused, or the desks to choose from.

import { byId, el, key, replace } from "../common/dom.js";
import * as names from "../common/names.js";
import { clock, t } from "../common/texts.js";
import { joined, minutes, pauseName, printFault } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @import { DeskView } from "./desk-view.js" */

/**
 * Draw it.
 *
 * @param {DeskView} screen
 */
export function drawCard(screen) {
  const { view, hall } = screen;
  const ticket = view.me?.ticket;
  byId("now").classList.toggle("called", ticket?.state === "called");
  if (!view.me) return replace(byId("card"), [chooser(screen)]);
  if (view.me.state === "paused") {
    return replace(byId("card"), [idle(t("Quầy đang tạm dừng"), pauseName(view.me.pause_reason))]);
  }
  if (!ticket) {
    const waiting = view.total ? t("%(n)s người đang chờ", { n: view.total }) : t("Chưa có người chờ");
    return replace(byId("card"), [idle(t("Quầy đang rảnh"), waiting)]);
  }
  const serving = ticket.state === "serving";
  const facts = el("p", { class: "facts" },
    t("Lấy số lúc"), " ", el("b", {}, clock(ticket.issued_at, hall.timezone)), " · ",
    t("đã chờ"), " ", el("b", {}, minutes(ticket.waited)), " · ",
    t("số lần gọi"), " ", el("b", {}, String(ticket.calls)));
  return replace(byId("card"), [
    el("div", { class: "top" },
      el("div", {},
        el("h2", { class: "kind", id: "now-title" }, serving ? t("Đang phục vụ") : t("Đang gọi")),
        el("p", { class: "number", "data-number": ticket.number }, ticket.number)),
      el("div", {},
        el("h3", { class: "kind" }, serving ? t("Thời gian phục vụ") : t("Từ lúc gọi")),
        el("p", { class: "timer", id: "timer" }))),
    el("p", { class: "what" }, names.areaMark(hall, ticket.area, names.matter(hall, ticket)), ...badges(ticket)),
    facts,
  ]);
}

/**
 * The desks, while none is chosen.
 *
 * @param {DeskView} screen
 */
function chooser(screen) {
  const { view, hall } = screen;
  const buttons = view.desks.map((state, index) => {
    const info = hall.desks.find((found) => found.code === state.desk);
    const taken = state.state === "open" || Boolean(state.ticket);
    const areas = joined(info?.areas.map((code) => names.areaName(hall, code)) ?? []);
    const sign = index < 9 ? String(index + 1) : null;
    const usual = state.desk === screen.desk.usual && !taken;
    return el("button", {
      disabled: taken || !screen.up, onclick: () => screen.actions.openDesk(state.desk), "data-desk": state.desk, "aria-keyshortcuts": sign, class: usual ? "main" : null,
    },
      names.deskName(hall, state.desk), sign && key(sign), usual && key("Space"),
      usual ? el("small", {}, t("quầy lần trước của %(name)s", { name: screen.desk.me })) : null,
      el("small", {}, taken ? takenBy(state, hall.timezone) : areas));
  });
  return el("div", { class: "idle" },
    el("h2", { id: "now-title" }, t("Mời chọn quầy")),
    el("p", {}, t("Bấm phím số của quầy. Quầy đã chọn sẽ mở và nhận số của các lĩnh vực ghi bên dưới.")),
    el("div", { class: "desks" }, ...buttons));
}

/**
 * What is special about a ticket.
 *
 * @param {{priority: boolean, not_printed: Protocol.PrintFault | null}} ticket
 */
export function badges(ticket) {
  return [
    ticket.priority ? el("span", { class: "badge priority" }, t("ƯU TIÊN")) : null,
    ticket.not_printed ? el("span", { class: "badge unprinted" }, t("CHƯA IN: %(fault)s", { fault: printFault(ticket.not_printed) })) : null,
  ];
}

/**
 * @param {Protocol.DeskState} desk
 * @param {string} zone
 */
function takenBy({ clerk, away_since: since }, zone) {
  const taken = t("đang có %(name)s", { name: clerk ?? "" });
  return since ? [taken, t("trang đã tắt từ %(time)s", { time: clock(since, zone) })].join(", ") : taken;
}

/**
 * @param {string} title
 * @param {string} line
 */
function idle(title, line) {
  return el("div", { class: "idle" }, el("h2", { id: "now-title" }, title), line ? el("p", {}, line) : null);
}
