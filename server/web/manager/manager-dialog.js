// The one <dialog> of the manager page: questions before something is taken away, forms, and a number's story.
//
// Esc leaves without doing anything; the focus goes back to where it was.

import { Dialog } from "../common/dialog.js";
import { byId, el, sign } from "../common/dom.js";
import { submits } from "../common/forms.js";
import { t } from "../common/texts.js";

/** @import { Child, Properties } from "../common/dom.js" */

export class Questions extends Dialog {
  /** @type {Element | null} What had the focus before. */
  #before = null;
  /** What tells it, should it be drawn anew meanwhile. */
  #sign = "";

  constructor() {
    super(() => {
      // What was pressed may have been drawn anew meanwhile: the one of the same name, never its neighbour.
      const again = [...document.querySelectorAll("button, a, input, select")].find((found) => sign(found) === this.#sign);
      const to = this.#before?.isConnected ? this.#before : again;
      (to instanceof HTMLElement ? to : byId("page")).focus({ preventScroll: true });
    });
  }

  /**
   * Show something under a title.
   *
   * @param {string} title
   * @param {Node[]} content
   * @param {{wide?: boolean}} [options] `wide` for a table.
   * @override
   */
  show(title, content, { wide = false } = {}) {
    if (!this.box.open) {
      this.#before = document.activeElement;
      this.#sign = this.#before ? sign(this.#before) : "";
    }
    this.box.classList.toggle("wide", wide);
    super.show(title, content);
  }

  /**
   * The button that closes it.
   *
   * @param {string} [name]
   * @param {Properties} [more]
   */
  leave(name = t("Đóng"), more = {}) {
    return this.leaving(name, more);
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
