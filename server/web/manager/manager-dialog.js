// The one <dialog> of the manager page: questions before something is taken away, forms, and a number's story.
//
// Esc leaves without doing anything; the focus goes back to where it was.

import { byId, el, sign } from "../common/dom.js";
import { submits } from "../common/forms.js";
import { t } from "../common/texts.js";

export class Dialog {
  constructor() {
    this.box = byId("dialog");
    this.box.addEventListener("close", () => {
      if (this.box.open) return; // the event comes late: the next question is open already
      this.box.replaceChildren();
      // What was pressed may have been drawn anew meanwhile: the one of the same name, never its neighbour.
      const again = [...document.querySelectorAll("button, a, input, select")].find((found) => sign(found) === this.sign);
      (this.before?.isConnected ? this.before : (again ?? byId("page"))).focus({ preventScroll: true });
    });
  }

  close() {
    this.box.close();
  }

  /** Show something under a title. `wide` for a table. */
  show(title, content, { wide = false } = {}) {
    if (!this.box.open) {
      this.before = document.activeElement;
      this.sign = sign(this.before);
    }
    this.fault = el("p", { class: "notice bad", role: "alert", hidden: true });
    this.box.classList.toggle("wide", wide);
    this.box.replaceChildren(el("h2", { id: "dialog-title" }, title), this.fault, ...content);
    if (!this.box.open) this.box.showModal();
    this.box.querySelector("[autofocus]")?.focus();
  }

  /** Say a refusal in the open question; false where none is open. */
  say(sentence) {
    if (!this.box.open) return false;
    this.fault.textContent = sentence;
    this.fault.hidden = !sentence;
    return true;
  }

  leave(name = t("Đóng"), more = {}) {
    return el("button", { type: "button", onclick: () => this.close(), ...more }, name);
  }

  /** Ask once before doing something that is not taken back. `go` answers true when it is done. */
  confirm(title, sentence, action, go) {
    const button = el("button", { type: "button", class: "danger" }, action);
    button.addEventListener("click", async () => {
      button.disabled = true;
      if (await go()) this.close();
      else button.disabled = false;
    });
    this.show(title, [
      el("p", {}, sentence),
      el("div", { class: "actions" }, this.leave(t("Không"), { autofocus: true }), button),
    ]);
  }

  /** A form with one button; `go` gets the FormData and the form, and answers true when it is done. */
  form(title, fields, action, go) {
    const form = el("form", {}, ...fields,
      el("div", { class: "actions" }, this.leave(t("Không")), el("button", { class: "main", type: "submit" }, action)));
    submits(form, async (data) => {
      if (await go(data, form)) this.close();
    });
    this.show(title, [form]);
  }
}
