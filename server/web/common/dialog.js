// The one <dialog> of a page: questions and forms, one at a time; a second takes the place of the first.
//
// Esc leaves without doing anything; a refusal is said in the open question.

import { byId, el, focusOn } from "./dom.js";

/** @import { Child, Properties } from "./dom.js" */

export class Dialog {
  box = byId("dialog", HTMLDialogElement);
  #fault = el("p", {});

  /** @param {() => void} closed Called once it is closed and empty. */
  constructor(closed) {
    this.box.addEventListener("close", () => {
      if (this.box.open) return; // the event comes late: the next question is open already
      this.box.replaceChildren();
      closed();
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
   */
  show(title, content) {
    this.#fault = el("p", { class: "notice bad", role: "alert", hidden: true });
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
   * A button that closes it and does nothing else.
   *
   * @param {string} name
   * @param {Properties} [more]
   * @param {...Child} signs What stands behind the name.
   */
  leaving(name, more = {}, ...signs) {
    return el("button", { type: "button", onclick: () => this.close(), ...more }, name, ...signs);
  }
}
