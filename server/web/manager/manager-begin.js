// The first day: what a new hall still needs before citizens come, each step a link. Gone once a day has passed.

import { el } from "../common/dom.js";
import { t } from "../common/texts.js";

/** @import { DeviceRole, ManagerView } from "../common/protocol.d.ts" */

/**
 * What to do, where, and is it done.
 *
 * @param {ManagerView} view
 * @returns {[string, string, boolean][]}
 */
function steps({ people, devices, desks, areas }) {
  /** @param {DeviceRole} role */
  const been = (role) => devices.some((device) => device.role === role && (device.connected || device.last_seen !== null));
  const served = areas.some((area) => area.served > 0);
  return [
    [t("Thêm cán bộ tại quầy"), "#people", people.some((person) => person.role === "clerk")],
    [t("Ghép máy lấy số"), "#devices", been("kiosk")],
    [t("Ghép màn hình gọi số"), "#devices", been("display")],
    [t("Mở một quầy"), "/desk", served || desks.some((desk) => desk.state !== "closed")],
    [t("Lấy thử một số, gọi và phục vụ xong số đó"), "/desk", served],
  ];
}

/**
 * The card with the steps; null where there is nothing to begin any more.
 *
 * @param {ManagerView} view
 */
export function beginning(view) {
  const list = steps(view);
  if (!view.first_day || list.every(([, , done]) => done)) return null;
  return el("section", { class: "card begin", id: "begin" },
    el("h3", {}, t("Trước khi đón người dân")),
    el("ol", {}, ...list.map(([words, where, done]) => el("li", { class: done ? "done" : null },
      done ? [words, t("xong")].join(" – ") : el("a", { href: where }, words)))));
}
