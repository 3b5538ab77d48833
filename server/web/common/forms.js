// Forms: fields, what is wrong with one of them, said beside it in the reader's language; and dates as people write them.
//
// The browser's own bubbles and date fields speak the language of the computer (10/02/2026 on an English Windows), so
// neither is used.

import { el } from "./dom.js";
import { t } from "./texts.js";

/** A labelled field. `name` is the form's; the id is made from it. */
export function field(label, name, input, ...more) {
  input.id = `field-${name}`;
  input.name = name;
  return el("p", { class: "field" }, el("label", { for: input.id }, label), more.length ? el("span", { class: "with" }, input, ...more) : input);
}

/** Send a form once at a time, and only once all its fields are right. `go` gets the FormData, and the form. */
export function submits(form, go) {
  form.noValidate = true;
  let sending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || !complete(form)) return;
    sending = true;
    try {
      await go(new FormData(form), form);
    } finally {
      sending = false;
    }
  });
}

/** Are all fields right? The first that is not gets the focus and a sentence beside it; older ones go. */
export function complete(form) {
  for (const old of form.querySelectorAll(".fault")) old.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const control of form.elements) {
    const sentence = wrong(control);
    if (sentence) return fault(control, sentence);
  }
  return true;
}

/** Say beside a field what is wrong with it; false, for a caller that goes no further. */
export function fault(control, sentence) {
  const id = `${control.id || control.name}-fault`;
  const place = control.closest(".radios, .field") ?? control;
  place.append(el("span", { class: "fault", id, role: "alert" }, sentence));
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", id);
  control.focus();
  return false;
}

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
 * A date as people write it, 23/11/2026, with the calendar beside it: `[input, button]`. `value` is an ISO date or "".
 * Read it with `isoDate`.
 */
export function dateInput({ value = "", required = false, ...more } = {}) {
  const input = el("input", { type: "text", class: "date", required, maxlength: "10", autocomplete: "off", placeholder: t("ngày/tháng/năm"), value: value ? written(value) : "", ...more });
  const calendar = el("input", { type: "date", class: "calendar", tabindex: "-1", "aria-hidden": "true", "aria-label": t("Chọn trên lịch") });
  const open = el("button", { type: "button", class: "open-calendar", "aria-label": t("Chọn trên lịch") }, t("Lịch"));
  open.addEventListener("click", () => {
    calendar.value = isoDate(input.value) ?? "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", () => {
    if (!calendar.value) return;
    input.value = written(calendar.value);
    for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
    input.focus();
  });
  input.addEventListener("change", () => {
    const date = isoDate(input.value);
    if (date) input.value = written(date);
  });
  return [input, el("span", { class: "opens" }, open, calendar)];
}

const written = (iso) => iso.split("-").reverse().join("/");

/** The ISO date that was typed: 23/11/2026, 1-9-2026, 01092026, or 2026-11-23; null where it is none. */
export function isoDate(text) {
  const found = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/.exec(text.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  const [year, month, day] = found ? [found[3], found[2], found[1]] : (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim())?.slice(1) ?? []);
  if (!year) return null;
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null;
}
