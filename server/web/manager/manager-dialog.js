// The one <dialog> of the manager page: questions before something is taken away, forms, and a number's story.
//
// Esc leaves without doing anything; the focus goes back to where it was.

import { byId, el, focusOn, sign } from "../common/dom.js";
import { submits } from "../common/forms.js";
import { t } from "../common/texts.js";

/** @import { Child, Properties } from "../common/dom.js" */

export class Dialog {
  box = byId("dialog", HTMLDialogElement);
  /** @type {Element | null} What had the focus before. */
  #before = null;
  /** What tells it, should it be drawn anew meanwhile. */
  #sign = "";
  #fault = el("p", {});

  constructor() {
    this.box.addEventListener("close", () => {
      if (this.box.open) return; // the event comes late: the next question is open already
      this.box.replaceChildren();
      // What was pressed may have been drawn anew meanwhile: the one of the same name, never its neighbour.
      const again = [...document.querySelectorAll("button, a, input, select")].find((found) => sign(found) === this.#sign);
      const to = this.#before?.isConnected ? this.#before : again;
      (to instanceof HTMLElement ? to : byId("page")).focus({ preventScroll: true });
    });
  }

  close() {
    this.box.close();
  }

  /**
   * Show something under a title.
   *
   * @param {string} title
   * @param {Node[]} content
   * @param {{wide?: boolean}} [options] `wide` for a table.
   */
  show(title, content, { wide = false } = {}) {
    if (!this.box.open) {
      this.#before = document.activeElement;
      this.#sign = this.#before ? sign(this.#before) : "";
    }
    this.#fault = el("p", { class: "notice bad", role: "alert", hidden: true });
    this.box.classList.toggle("wide", wide);
    this.box.replaceChildren(el("h2", { id: "dialog-title" }, title), this.#fault, ...content);
    if (!this.box.open) this.box.showModal();
    focusOn(this.box, "[autofocus]");
  }

  /**
   * Say a refusal in the open question; false where none is open.
   *
   * @param {string} sentence
   */
  say(sentence) {
    if (!this.box.open) return false;
    this.#fault.textContent = sentence;
    this.#fault.hidden = !sentence;
    return true;
  }

  /**
   * The button that closes it.
   *
   * @param {string} [name]
   * @param {Properties} [more]
   */
  leave(name = t("Đóng"), more = {}) {
    return el("button", { type: "button", onclick: () => this.close(), ...more }, name);
  }

  /**
   * Ask once before doing something that is not taken back.
   *
   * @param {string} title
   * @param {string} sentence
   * @param {string} action
   * @param {() => Promise<unknown>} go Answers something true when it is done.
   */
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

  /**
   * A form with one button.
   *
   * @param {string} title
   * @param {Child[]} fields
   * @param {string} action
   * @param {(data: FormData) => unknown} go Answers something true when it is done.
   */
  form(title, fields, action, go) {
    const form = el("form", {}, ...fields,
      el("div", { class: "actions" }, this.leave(t("Không")), el("button", { class: "main", type: "submit" }, action)));
    submits(form, async (data) => {
      if (await go(data)) this.close();
    });
    this.show(title, [form]);
  }
}
