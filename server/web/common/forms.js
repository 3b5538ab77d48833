// Forms: fields, what is wrong with one of them, said beside it in the reader's language; and dates as people write them.
//
// The browser's own bubbles and date fields speak the language of the computer (10/02/2026 on an English Windows), so
// neither is used.

import { el } from "./dom.js";
import { t } from "./texts.js";
import { isoDate, shortDate } from "./time.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * A labelled field. `name` is the form's; the id is made from it.
 *
 * @param {string} label
 * @param {string} name
 * @param {Control} input
 * @param {...Node} more What stands beside the input.
 */
export function field(label, name, input, ...more) {
  input.id = `field-${name}`;
  input.name = name;
  return el("p", { class: "field" }, el("label", { for: input.id }, label), more.length ? el("span", { class: "with" }, input, ...more) : input);
}

/**
 * What was typed or chosen in a form's field; "" where there is none of that name.
 *
 * @param {FormData} data
 * @param {string} name
 */
export function typed(data, name) {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

/**
 * Send a form once at a time, and only once all its fields are right.
 *
 * @param {HTMLFormElement} form
 * @param {(data: FormData) => unknown} go
 */
export function submits(form, go) {
  form.noValidate = true;
  let sending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || !complete(form)) return;
    sending = true;
    try {
      await go(new FormData(form));
    } finally {
      sending = false;
    }
  });
}

/**
 * Are all fields right? The first that is not gets the focus and a sentence beside it; older ones go.
 *
 * @param {HTMLFormElement} form
 */
export function complete(form) {
  for (const old of form.querySelectorAll(".fault")) old.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const control of form.querySelectorAll("input, select, textarea")) {
    if (!isControl(control)) continue;
    const sentence = wrong(control);
    if (sentence) return fault(control, sentence);
  }
  return true;
}

/**
 * @param {Element} element
 * @returns {element is Control}
 */
const isControl = (element) =>
  element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement;

/**
 * Say beside a field what is wrong with it; false, for a caller that goes no further.
 *
 * @param {Control} control
 * @param {string} sentence
 */
export function fault(control, sentence) {
  const id = `${control.id || control.name}-fault`;
  const place = control.closest(".radios, .field") ?? control;
  place.append(el("span", { class: "fault", id, role: "alert" }, sentence));
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", id);
  control.focus();
  return false;
}

/**
 * The sentence for what is wrong with a field; "" where nothing is.
 *
 * @param {Control} control
 */
function wrong(control) {
  if (!control.willValidate) return "";
  if (control.matches(".date")) {
    const empty = control.value.trim() === "";
    if (empty ? control.required : !isoDate(control.value)) return t("Viết ngày như 23/11/2026.");
    return "";
  }
  const { valid, valueMissing } = control.validity;
  if (valid) return "";
  if (control.type === "radio") return t("Hãy chọn một dòng.");
  if (valueMissing) return t("Chỗ này chưa điền.");
  return control.dataset.rule ?? t("Chỗ này chưa đúng.");
}

/**
 * A date as people write it, 23/11/2026: the input, and beside it what opens the calendar. Read it with `isoDate`.
 *
 * @param {{value?: string, required?: boolean, [name: string]: string | boolean | undefined}} [properties] `value` is an
 *   ISO date or "".
 */
export function dateInput({ value = "", required = false, ...more } = {}) {
  const input = el("input", { type: "text", class: "date", required, maxlength: "10", autocomplete: "off", placeholder: t("ngày/tháng/năm"), value: value ? shortDate(value) : "", ...more });
  const calendar = el("input", { type: "date", class: "calendar", tabindex: "-1", "aria-hidden": "true", "aria-label": t("Chọn trên lịch") });
  const open = el("button", { type: "button", class: "open-calendar", "aria-label": t("Chọn trên lịch") }, t("Lịch"));
  open.addEventListener("click", () => {
    calendar.value = isoDate(input.value) ?? "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", () => {
    if (!calendar.value) return;
    input.value = shortDate(calendar.value);
    for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
    input.focus();
  });
  input.addEventListener("change", () => {
    const date = isoDate(input.value);
    if (date) input.value = shortDate(date);
  });
  return { input, opener: el("span", { class: "opens" }, open, calendar) };
}
