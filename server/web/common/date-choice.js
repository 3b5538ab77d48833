// The question which date it is. Offers every date that somebody believes, and chooses none: a doubtful date must not
// be confirmed by a press on Enter.

import { el, known } from "./dom.js";
import { dateInput, typed } from "./forms.js";
import { longDate, t } from "./texts.js";
import { isoDate } from "./time.js";

/**
 * Radio buttons of the dates that somebody believes, each once and with who does, and a field for another one: the
 * children of a form. Dates are `2026-11-24`.
 *
 * @param {{record: string, hall: string, here: string}} believed By the record, the hall's clock, this computer's.
 */
export function dateChoice({ record, hall, here }) {
  const other = el("input", { type: "radio", name: "known", value: "", required: true, id: "other-date", "aria-label": t("Khác") });
  const { input: date, opener } = dateInput({ name: "date", id: "field-date", "aria-label": t("Khác") });
  const said = el("p", { role: "status" });
  date.addEventListener("input", () => {
    const found = isoDate(date.value);
    said.textContent = found ? longDate(found) : "";
    other.checked = true;
    demand();
  });
  const demand = () => { date.required = other.checked; };
  const believed = [[record, t("theo sổ ghi")], [hall, t("theo đồng hồ máy chủ")], [here, t("theo máy này")]];
  const offered = [...new Set([record, hall, here])].sort().map((value) =>
    el("label", {}, el("input", { type: "radio", name: "known", value, required: true }), longDate(value),
      el("small", {}, believed.filter(([date]) => date === value).map(([, who]) => who).join(", "))));
  const box = el("div", { class: "radios", role: "radiogroup", "aria-label": t("Hôm nay là") },
    ...offered, el("div", { class: "other" }, other, el("label", { for: "other-date" }, t("Khác")), date, opener));
  box.addEventListener("change", demand);
  return [el("p", {}, el("b", {}, t("Hôm nay là"))), box, said];
}

/**
 * The date chosen in such a form, which `submits` has found complete.
 *
 * @param {FormData} data
 */
export const chosenDate = (data) => typed(data, "known") || known(isoDate(typed(data, "date")));
