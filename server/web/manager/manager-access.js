// People and devices: who may come in, and taking that away again. PINs and tokens are shown or typed once, kept nowhere.

import { byId, el, focusOn, replace } from "../common/dom.js";
import { fault, field, submits, typed } from "../common/forms.js";
import { paperHead } from "./manager-paper.js";
import { pairing, startable } from "./manager-pairing.js";
import { card, table, unprinted } from "./manager-table.js";
import { deviceRoles, roles, stamp } from "./manager-words.js";
import { said, t } from "../common/texts.js";
import { LONGEST_NAME, PIN } from "../common/values.js";
import { printFault } from "../common/words.js";

/** @import { DeviceNow, DeviceRole } from "../common/protocol.d.ts" */
/** @import { App } from "./manager.js" */

const NAME = { type: "text", required: true, maxlength: LONGEST_NAME, autocomplete: "off", spellcheck: "false" };

/**
 * Two fields for a new PIN. `read` gives the PIN that was typed twice alike; else null, and it is said beside the second.
 */
function pinFields() {
  const rule = t("Mã PIN gồm từ 6 đến 20 chữ số.");
  const input = () => el("input", { ...PIN, type: "password", required: true, autocomplete: "new-password", "data-rule": rule });
  const [pin, again] = [input(), input()];
  return {
    fields: [field(t("Mã PIN mới (ít nhất 6 chữ số)"), "pin", pin), field(t("Nhập lại mã PIN"), "again", again)],
    read() {
      if (pin.value === again.value) return pin.value;
      fault(again, t("Hai lần nhập mã PIN không giống nhau."));
      return null;
    },
  };
}

/**
 * A name as it is kept.
 *
 * @param {FormData} data
 */
const nameIn = (data) => typed(data, "name").trim().normalize("NFC");

/**
 * A choice of codes, told by their words.
 *
 * @template {string} C
 * @param {[C, string][]} choices
 */
function choice(choices) {
  const select = el("select", {}, ...choices.map(([code, words]) => el("option", { value: code }, words)));
  return { select, chosen: () => choices[select.selectedIndex][0] };
}

export class People {
  #list = el("div", { id: "people" });
  /** What the list shows. */
  #shown = "";

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const name = el("input", { ...NAME });
    const words = roles();
    const role = choice([["clerk", words.clerk], ["manager", words.manager]]);
    const pins = pinFields();
    const form = el("form", { class: "adding", id: "add-person" },
      field(t("Tên"), "name", name), field(t("Vai trò"), "role", role.select), ...pins.fields,
      el("button", { class: "main", type: "submit" }, t("Thêm")));
    submits(form, async (data) => {
      const pin = pins.read();
      const who = nameIn(data);
      if (pin && who && (await app.ask("add_person", { name: who, role: role.chosen(), pin }))) {
        form.reset();
        app.say(t("Đã thêm %(name)s. Hãy đưa mã PIN tận tay; mã không xem lại được.", { name: who }), true);
      }
    });
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Cán bộ"))),
      card(t("Đang có quyền đăng nhập"), this.#list),
      unprinted(card(t("Thêm cán bộ"), form)));
    this.draw();
  }

  draw() {
    const { app } = this;
    const key = JSON.stringify(app.view.people);
    if (this.#shown === key && this.#list.childElementCount) return; // keep the focus on its button
    this.#shown = key;
    replace(this.#list, [table(t("Cán bộ"), [
      [t("Tên"), (person) => el("span", {}, person.name, person.name === app.me ? el("span", { class: "muted" }, " ", t("(đang đăng nhập ở đây)")) : null)],
      [t("Vai trò"), (person) => said(roles(), person.role) ?? person.role],
      [t("Trạng thái"), (person) => (person.signed_in ? t("Đang làm việc") : "–")],
      ["", (person) => el("span", { class: "buttons" },
        el("button", { type: "button", "aria-label": t("Đổi mã PIN của %(name)s", { name: person.name }), onclick: () => this.pin(person.name) }, t("Mã PIN mới")),
        el("button", { type: "button", class: "danger", "aria-label": t("Thu hồi quyền của %(name)s", { name: person.name }), onclick: () => this.revoke(person.name) }, t("Thu hồi"))), "act"],
    ], app.view.people, { name: (person) => person.name, empty: t("Chưa có ai."), words: true })]);
  }

  /** @param {string} name */
  pin(name) {
    const { app } = this;
    const pins = pinFields();
    app.dialog.form(t("Mã PIN mới cho %(name)s", { name }), pins.fields, t("Đặt mã PIN"), async () => {
      const pin = pins.read();
      const done = pin && (await app.ask("set_pin", { name, pin }));
      if (done) app.say(t("Đã đặt mã PIN mới cho %(name)s.", { name }), true);
      return done;
    });
  }

  /**
   * What becomes of the desk at which the person sits, and of its number; "" where it sits at none.
   *
   * @param {string} name
   */
  #leaves(name) {
    const desk = this.app.view.desks.find((found) => found.clerk === name && found.state !== "closed");
    if (!desk) return "";
    const fields = { desk: this.app.deskName(desk.desk), number: desk.ticket?.number };
    if (!desk.ticket) return t("%(desk)s được đóng.", fields);
    return desk.ticket.state === "called"
      ? t("%(desk)s được đóng; số %(number)s đang gọi trở lại đầu hàng.", fields)
      : t("%(desk)s được đóng; lượt đang phục vụ của số %(number)s kết thúc.", fields);
  }

  /** @param {string} name */
  revoke(name) {
    const { app } = this;
    app.dialog.confirm(t("Thu hồi quyền của %(name)s?", { name }),
      [t("Người này không đăng nhập được nữa và các trang đang mở của họ bị đóng ngay. Sổ ghi và báo cáo giữ nguyên."), this.#leaves(name)].filter(Boolean).join(" "),
      t("Thu hồi"), () => app.ask("revoke", { kind: "person", name }));
  }
}

/** The first manager came in by a PIN that works once: an own one comes before anything else. */
export class FirstPin {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const pins = pinFields();
    const form = el("form", { id: "first-pin" }, ...pins.fields, el("button", { class: "main", type: "submit" }, t("Đặt mã PIN")));
    submits(form, async () => {
      const pin = pins.read();
      if (pin && (await app.ask("set_pin", { name: app.me, pin }))) {
        app.say(t("Đã đặt mã PIN. Lần sau đăng nhập bằng tên %(name)s và mã PIN này. Tiếp theo, mời thêm cán bộ và thiết bị.", { name: app.me }), true);
      }
    });
    app.page.replaceChildren(
      el("div", { class: "head" }, el("h2", {}, t("Chào mừng. Trước hết, hãy đặt mã PIN của riêng mình"))),
      card(t("Mã PIN của %(name)s", { name: app.me }),
        el("p", {}, t("Mã PIN vừa dùng chỉ dùng được một lần. Nếu rời trang khi chưa đặt mã mới, phải khởi động lại máy chủ để lấy mã khác.")),
        form));
    focusOn(form, "input");
  }

  draw() {}
}

export class Devices {
  #list = el("div", { id: "devices" });
  /** What the list shows. */
  #shown = "";

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const role = choice(startable());
    const form = el("form", { class: "adding", id: "add-device" },
      field(t("Tên thiết bị"), "name", el("input", { ...NAME })), field(t("Loại"), "role", role.select),
      el("button", { class: "main", type: "submit" }, t("Thêm và lấy mã ghép")));
    submits(form, async (data) => {
      const [name, kind] = [nameIn(data), role.chosen()];
      const result = name && (await app.ask("add_device", { name, role: kind }));
      if (!result) return;
      form.reset();
      this.token(name, kind, result.token);
    });
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Thiết bị"))),
      card(t("Đã ghép"), this.#list),
      unprinted(card(t("Thêm thiết bị"), form)));
    this.draw();
  }

  draw() {
    const { app } = this;
    const key = JSON.stringify(app.view.devices);
    if (this.#shown === key && this.#list.childElementCount) return;
    this.#shown = key;
    replace(this.#list, [table(t("Thiết bị"), [
      [t("Tên thiết bị"), (device) => el("span", {}, device.name, own(device))],
      [t("Loại"), (device) => said(deviceRoles(), device.role) ?? device.role],
      [t("Kết nối"), (device) => connection(device, app.hall.timezone)],
      [t("Máy in"), (device) => printer(device)],
      [t("Giấy"), (device) => (device.connected && said(papers(), device.paper)) || "–"],
      [t("Âm thanh"), (device) => (device.connected && device.role === "display" && said(sounds(), device.sound)) || "–"],
      ["", (device) => el("span", { class: "buttons" },
        el("button", { type: "button", class: "danger", "aria-label": t("Thu hồi quyền của %(name)s", { name: device.name }), onclick: () => this.revoke(device.name) }, t("Thu hồi"))), "act"],
    ], app.view.devices, { name: (device) => device.name, empty: t("Chưa có thiết bị nào."), words: true })]);
  }

  /**
   * The token, once, and what to do with it.
   *
   * @param {string} name
   * @param {DeviceRole} role
   * @param {string} token
   */
  token(name, role, token) {
    const { app } = this;
    app.dialog.show(t("Mã ghép của %(name)s", { name }), pairing({
      role, token, addresses: app.view.addresses, leave: app.dialog.leave(t("Đã lưu mã, đóng")),
    }));
    byId("token", HTMLInputElement).select();
  }

  /** @param {string} name */
  revoke(name) {
    const { app } = this;
    app.dialog.confirm(t("Thu hồi quyền của %(name)s?", { name }),
      t("Thiết bị bị ngắt ngay và không kết nối lại được cho đến khi được ghép lại bằng mã mới."),
      t("Thu hồi"), () => app.ask("revoke", { kind: "device", name }));
  }
}

const papers = () => ({ ok: t("còn giấy"), low: t("sắp hết giấy"), out: t("hết giấy") });

const sounds = () => ({ ok: t("tốt"), fault: t("lỗi"), off: t("tắt") });

/**
 * What the hall has paired itself, for the PC that it runs on.
 *
 * @param {DeviceNow} device
 */
function own(device) {
  const words = said({
    "kiosk-local": t("máy lấy số chạy trên chính máy chủ này; không dùng thì bỏ qua"),
    "display-local": t("màn hình chạy trên chính máy chủ này; không dùng thì bỏ qua"),
  }, device.name);
  return words ? el("small", { class: "muted own" }, words) : null;
}

/**
 * @param {DeviceNow} device
 * @param {string} zone
 */
function connection(device, zone) {
  if (device.connected) return t("đã kết nối");
  return device.last_seen ? t("mất kết nối từ %(time)s", { time: stamp(device.last_seen, zone) }) : t("chưa kết nối từ khi máy chủ chạy");
}

/** @param {DeviceNow} device */
function printer(device) {
  if (!device.connected || !device.printer || device.printer === "none") return "–";
  return device.printer === "ok" ? t("tốt") : printFault(device.printer);
}
