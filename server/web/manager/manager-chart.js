// Two charts as SVG, made from numbers and from words given to them. Knows no hall, fetches nothing.
//
// Colours come from classes (manager.css); lengths are attributes, so that the strict style policy holds.

/** @import { Hour } from "../common/protocol.d.ts" */
/** @typedef {{step: number, top: number}} Axis Its lines' distance, and where it ends. */

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [660, 274];
const PLOT = { left: 52, right: WIDTH - 52, top: 32, bottom: HEIGHT - 30 };

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * The axis of values up to `most`, with at most five lines: 1, 2 or 5 times a power of ten apart.
 *
 * @param {number} most
 * @returns {Axis}
 */
export function axis(most) {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5].find((times) => times * power >= rough) ?? 10) * power);
  return { step, top: Math.max(step, Math.ceil(most / step) * step) };
}

/**
 * Every hour from the first to the last, those without arrivals too.
 *
 * @param {Hour[]} hours At least one, in order.
 * @returns {Hour[]}
 */
function filled(hours) {
  const [first, last] = [hours[0].hour, hours[hours.length - 1].hour];
  return Array.from({ length: last - first + 1 }, (_, index) =>
    hours.find(({ hour }) => hour === first + index) ?? { hour: first + index, issued: 0, waits: 0, mean_wait: null });
}

/**
 * Arrivals as bars (left axis) and mean wait as a line (right axis, minutes) by hour, with a line for each target.
 *
 * @param {Hour[]} hours At least one, in order.
 * @param {number[]} targets Minutes.
 * @param {{name: string, arrivals: string, minutes: string, hour: (n: number) => string, number: (n: number) => string}} words
 */
export function hoursChart(hours, targets, words) {
  const columns = filled(hours);
  const left = axis(Math.max(...columns.map(({ issued }) => issued)));
  const waits = columns.map(({ mean_wait: ms }) => (ms === null ? null : ms / 60_000));
  const most = Math.max(...targets, ...waits.map((wait) => wait ?? 0));
  const right = most <= 60 ? { step: 15, top: Math.ceil((most + 3) / 15) * 15 } : axis(most);
  const width = (PLOT.right - PLOT.left) / columns.length;
  /**
   * @param {number} value
   * @param {number} top
   */
  const y = (value, top) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * value) / top;
  /** @param {number} index */
  const middle = (index) => PLOT.left + (index + 0.5) * width;
  /**
   * @param {number} x
   * @param {number} at
   * @param {string} anchor
   * @param {string} said
   */
  const text = (x, at, anchor, said) => svg("text", { x, y: at, "text-anchor": anchor }, said);
  const out = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words.name, class: "chart" });
  out.append(text(PLOT.left - 8, 12, "end", words.arrivals), text(PLOT.right + 8, 12, "start", words.minutes));
  for (let value = 0; value <= left.top; value += left.step) {
    out.append(svg("line", { x1: PLOT.left, x2: PLOT.right, y1: y(value, left.top), y2: y(value, left.top), class: "grid" }));
    out.append(text(PLOT.left - 8, y(value, left.top) + 5, "end", words.number(value)));
  }
  for (let value = 0; value <= right.top; value += right.step) {
    out.append(text(PLOT.right + 8, y(value, right.top) + 5, "start", words.number(value)));
  }
  columns.forEach(({ hour, issued }, index) => {
    const bar = Math.min(width * 0.68, 64);
    out.append(svg("rect", {
      x: middle(index) - bar / 2, y: y(issued, left.top), width: bar, height: PLOT.bottom - y(issued, left.top), class: "arrivals",
    }));
    out.append(text(middle(index), PLOT.bottom + 20, "middle", words.hour(hour)));
  });
  targets.forEach((target, index) => {
    out.append(svg("line", {
      x1: PLOT.left, x2: PLOT.right, y1: y(target, right.top), y2: y(target, right.top), class: `target target-${index}`,
    }));
  });
  let path = "";
  waits.forEach((wait, index) => {
    if (wait === null) return;
    path += `${path && waits[index - 1] !== null ? "L" : "M"}${middle(index)} ${y(wait, right.top)}`;
  });
  out.append(svg("path", { d: path || "M0 0", class: "waits" }));
  waits.forEach((wait, index) => {
    if (wait !== null) out.append(svg("circle", { cx: middle(index), cy: y(wait, right.top), r: 4.5, class: "waits-dot" }));
  });
  return out;
}

/**
 * A mark for a legend.
 *
 * @param {"box" | "line"} kind
 * @param {string} name The class that gives its colour.
 */
export function swatch(kind, name) {
  const shape = kind === "box"
    ? svg("rect", { x: 1, y: 1, width: 12, height: 12, rx: 2, class: name })
    : svg("line", { x1: 0, x2: 26, y1: 7, y2: 7, class: name });
  return svg("svg", { width: kind === "box" ? 14 : 26, height: 14, "aria-hidden": "true", class: "swatch" }, shape);
}

/**
 * One bar of counts, in order, together 100 %. A part wide enough shows its count, so that the bar can be read without
 * colour.
 *
 * @param {number[]} counts
 * @param {string[]} classes The colour of each part.
 * @param {string} name
 * @param {{number: (n: number) => string}} words
 */
export function stackedBar(counts, classes, name, words) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const out = svg("svg", { class: "stack", role: "img", "aria-label": name, width: "100%", height: 26 });
  let at = 0;
  counts.forEach((count, index) => {
    if (!count) return;
    const part = (100 * count) / total;
    out.append(svg("rect", { x: `${at}%`, y: 0, width: `${part}%`, height: 26, class: classes[index] }));
    if (part >= 6) {
      out.append(svg("text", { x: `${at + part / 2}%`, y: 18, "text-anchor": "middle", class: `on-${classes[index]}` }, words.number(count)));
    }
    at += part;
  });
  return out;
}
