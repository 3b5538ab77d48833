// Names and marks of the hall's areas, desks and procedures, by their codes. What the hall has no more keeps its code.

import { el } from "./dom.js";
import { pick } from "./texts.js";

/** @import { HallInfo } from "./protocol.d.ts" */

/**
 * @param {HallInfo} hall
 * @param {string} code
 */
export const areaName = (hall, code) => pick(hall.areas.find((area) => area.code === code)?.name) || code;

/**
 * @param {HallInfo} hall
 * @param {string} code
 */
export const deskName = (hall, code) => pick(hall.desks.find((desk) => desk.code === code)?.name) || code;

/**
 * What somebody comes for: the procedure of a ticket, else its area.
 *
 * @param {HallInfo} hall
 * @param {{area: string, procedure: string | null}} ticket
 */
export function matter(hall, { area, procedure }) {
  return pick(hall.procedures.find((found) => found.code === procedure)?.name) || areaName(hall, area);
}

/**
 * An area's mark in its colour, and words beside it: its name where none are given.
 *
 * @param {HallInfo} hall
 * @param {string} code
 * @param {string} [words]
 */
export function areaMark(hall, code, words = areaName(hall, code)) {
  const mark = el("i", { "aria-hidden": "true" });
  mark.style.setProperty("--area", hall.areas.find((area) => area.code === code)?.color ?? "");
  return el("span", { class: "area" }, mark, words);
}
