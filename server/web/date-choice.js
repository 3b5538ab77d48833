// The question which date it is. Offers every date that somebody believes, and chooses none: a doubtful date must not
// be confirmed by a press on Enter.

import { el } from "/web/dom.js";
import { longDate, t } from "/web/texts.js";

/** Radio buttons of the `dates` (each once), and a field for another one: the children of a form. */
export function dateChoice(dates) {
  const other = el("input", { type: "radio", name: "known", value: "", required: true, id: "other-date", "aria-label": t("Khác") });
  const date = el("input", { type: "date", name: "date", id: "field-date", "aria-label": t("Khác") });
  const said = el("p", { role: "status" });
  date.addEventListener("input", () => {
    said.textContent = date.value ? longDate(date.value) : "";
    other.checked = true;
    demand();
  });
  const demand = () => { date.required = other.checked; };
  const known = [...new Set(dates)].sort().map((value) =>
    el("label", {}, el("input", { type: "radio", name: "known", value, required: true }), longDate(value)));
  const box = el("div", { class: "radios", role: "radiogroup", "aria-label": t("Hôm nay là") },
    ...known, el("div", { class: "other" }, other, el("label", { for: "other-date" }, t("Khác")), date));
  box.addEventListener("change", demand);
  return [el("p", {}, el("b", {}, t("Hôm nay là"))), box, said];
}

/** The date chosen in such a form. */
export const chosenDate = (data) => data.get("known") || data.get("date");
