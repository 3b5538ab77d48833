// People and devices: who may come in, and taking that away again. PINs and tokens are shown or typed once, kept nowhere.

import { el, replace } from "../common/dom.js";
import { fault, field, submits } from "../common/forms.js";
import { paperHead } from "./manager-paper.js";
import { pairing, startable } from "./manager-pairing.js";
import { card, table, unprinted } from "./manager-table.js";
import { deviceRoles, roles, stamp } from "./manager-words.js";
import { t } from "../common/texts.js";
import { printFault } from "../common/words.js";

const NAME = { type: "text", required: true, maxlength: "40", autocomplete: "off", spellcheck: "false" };
const PIN = { type: "password", required: true, minlength: "6", maxlength: "20", pattern: "[0-9]{6,20}", inputmode: "numeric", autocomplete: "new-password" };

function pinFields() {
  const rule = t("Mã PIN gồm từ 6 đến 20 chữ số.");
  return [
    field(t("Mã PIN mới (ít nhất 6 chữ số)"), "pin", el("input", { ...PIN, "data-rule": rule })),
    field(t("Nhập lại mã PIN"), "again", el("input", { ...PIN, "data-rule": rule })),
  ];
}

/** The PIN that was typed twice alike; else null, and it is said beside the second. */
function pinOf(data, form) {
  const pin = data.get("pin");
  if (pin === data.get("again")) return pin;
  fault(form.elements.again, t("Hai lần nhập mã PIN không giống nhau."));
  return null;
}

export class People {
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const name = el("input", { ...NAME });
    const role = el("select", {}, ...Object.entries(roles()).map(([code, words]) => el("option", { value: code }, words)));
    this.list = el("div", { id: "people" });
    const form = el("form", { class: "adding", id: "add-person" },
      field(t("Tên"), "name", name), field(t("Vai trò"), "role", role), ...pinFields(),
      el("button", { class: "main", type: "submit" }, t("Thêm")));
    submits(form, async (data) => {
      const pin = pinOf(data, form);
      const who = data.get("name").trim().normalize("NFC");
      if (pin && who && (await app.ask("add_person", { name: who, role: data.get("role"), pin }))) {
        form.reset();
        app.say(t("Đã thêm %(name)s. Hãy đưa mã PIN tận tay; mã không xem lại được.", { name: who }), true);
      }
    });
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Cán bộ"))),
      card(t("Đang có quyền đăng nhập"), this.list),
      unprinted(card(t("Thêm cán bộ"), form)));
    this.draw();
  }

  draw() {
    const { app } = this;
    const key = JSON.stringify(app.view.people);
    if (this.shown === key && this.list.childElementCount) return; // keep the focus on its button
    this.shown = key;
    replace(this.list, [table(t("Cán bộ"), [
      [t("Tên"), (person) => el("span", {}, person.name, person.name === app.me ? el("span", { class: "muted" }, " ", t("(đang đăng nhập ở đây)")) : null)],
      [t("Vai trò"), (person) => roles()[person.role] ?? person.role],
      [t("Trạng thái"), (person) => (person.signed_in ? t("Đang làm việc") : "–")],
      ["", (person) => el("span", { class: "buttons" },
        el("button", { type: "button", "aria-label": t("Đổi mã PIN của %(name)s", { name: person.name }), onclick: () => this.pin(person.name) }, t("Mã PIN mới")),
        el("button", { type: "button", class: "danger", "aria-label": t("Thu hồi quyền của %(name)s", { name: person.name }), onclick: () => this.revoke(person.name) }, t("Thu hồi"))), "act"],
    ], app.view.people, { name: (person) => person.name, empty: t("Chưa có ai."), words: true })]);
  }

  pin(name) {
    const { app } = this;
    app.dialog.form(t("Mã PIN mới cho %(name)s", { name }), pinFields(), t("Đặt mã PIN"), async (data, form) => {
      const pin = pinOf(data, form);
      const done = pin && (await app.ask("set_pin", { name, pin }));
      if (done) app.say(t("Đã đặt mã PIN mới cho %(name)s.", { name }), true);
      return done;
    });
  }

  /** What becomes of the desk at which the person sits, and of its number. */
  #leaves(name) {
    const desk = this.app.view.desks.find((found) => found.clerk === name && found.state !== "closed");
    if (!desk) return "";
    const fields = { desk: this.app.deskName(desk.desk), number: desk.ticket?.number };
    if (!desk.ticket) return t("%(desk)s được đóng.", fields);
    return desk.ticket.state === "called"
      ? t("%(desk)s được đóng; số %(number)s đang gọi trở lại đầu hàng.", fields)
      : t("%(desk)s được đóng; lượt đang phục vụ của số %(number)s kết thúc.", fields);
  }

  revoke(name) {
    const { app } = this;
    app.dialog.confirm(t("Thu hồi quyền của %(name)s?", { name }),
      [t("Người này không đăng nhập được nữa và các trang đang mở của họ bị đóng ngay. Sổ ghi và báo cáo giữ nguyên."), this.#leaves(name)].filter(Boolean).join(" "),
      t("Thu hồi"), () => app.ask("revoke", { kind: "person", name }));
  }
}

/** The first manager came in by a PIN that works once: an own one comes before anything else. */
export class FirstPin {
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const form = el("form", { id: "first-pin" }, ...pinFields(), el("button", { class: "main", type: "submit" }, t("Đặt mã PIN")));
    submits(form, async (data) => {
      const pin = pinOf(data, form);
      if (pin && (await app.ask("set_pin", { name: app.me, pin }))) {
        app.say(t("Đã đặt mã PIN. Lần sau đăng nhập bằng tên %(name)s và mã PIN này. Tiếp theo, mời thêm cán bộ và thiết bị.", { name: app.me }), true);
      }
    });
    app.page.replaceChildren(
      el("div", { class: "head" }, el("h2", {}, t("Chào mừng. Trước hết, hãy đặt mã PIN của riêng mình"))),
      card(t("Mã PIN của %(name)s", { name: app.me }),
        el("p", {}, t("Mã PIN vừa dùng chỉ dùng được một lần. Nếu rời trang khi chưa đặt mã mới, phải khởi động lại máy chủ để lấy mã khác.")),
        form));
    form.querySelector("input").focus();
  }

  draw() {}
}

export class Devices {
  constructor(app) {
    this.app = app;
  }

  open() {
    const { app } = this;
    const role = el("select", {}, ...startable().map(([code, words]) => el("option", { value: code }, words)));
    this.list = el("div", { id: "devices" });
    const form = el("form", { class: "adding", id: "add-device" },
      field(t("Tên thiết bị"), "name", el("input", { ...NAME })), field(t("Loại"), "role", role),
      el("button", { class: "main", type: "submit" }, t("Thêm và lấy mã ghép")));
    submits(form, async (data) => {
      const name = data.get("name").trim().normalize("NFC");
      const result = name && (await app.ask("add_device", { name, role: data.get("role") }));
      if (!result) return;
      form.reset();
      this.token(name, data.get("role"), result.token);
    });
    app.page.replaceChildren(
      paperHead(app),
      el("div", { class: "head" }, el("h2", {}, t("Thiết bị"))),
      card(t("Đã ghép"), this.list),
      unprinted(card(t("Thêm thiết bị"), form)));
    this.draw();
  }

  draw() {
    const { app } = this;
    const key = JSON.stringify(app.view.devices);
    if (this.shown === key && this.list.childElementCount) return;
    this.shown = key;
    replace(this.list, [table(t("Thiết bị"), [
      [t("Tên thiết bị"), (device) => el("span", {}, device.name, own(device))],
      [t("Loại"), (device) => deviceRoles()[device.role] ?? device.role],
      [t("Kết nối"), (device) => connection(device, app.hall.timezone)],
      [t("Máy in"), (device) => printer(device)],
      [t("Giấy"), (device) => ({ ok: t("còn giấy"), low: t("sắp hết giấy"), out: t("hết giấy") })[device.connected ? device.paper : ""] ?? "–"],
      [t("Âm thanh"), (device) => ({ ok: t("tốt"), fault: t("lỗi"), off: t("tắt") })[device.connected && device.role === "display" ? device.sound : ""] ?? "–"],
      ["", (device) => el("span", { class: "buttons" },
        el("button", { type: "button", class: "danger", "aria-label": t("Thu hồi quyền của %(name)s", { name: device.name }), onclick: () => this.revoke(device.name) }, t("Thu hồi"))), "act"],
    ], app.view.devices, { name: (device) => device.name, empty: t("Chưa có thiết bị nào."), words: true })]);
  }

  /** The token, once, and what to do with it. */
  token(name, role, token) {
    const { app } = this;
    app.dialog.show(t("Mã ghép của %(name)s", { name }), pairing({
      role, token, addresses: app.view.addresses, leave: app.dialog.leave(t("Đã lưu mã, đóng")),
    }));
    app.dialog.box.querySelector("#token").select();
  }

  revoke(name) {
    const { app } = this;
    app.dialog.confirm(t("Thu hồi quyền của %(name)s?", { name }),
      t("Thiết bị bị ngắt ngay và không kết nối lại được cho đến khi được ghép lại bằng mã mới."),
      t("Thu hồi"), () => app.ask("revoke", { kind: "device", name }));
  }
}

/** What the hall has paired itself, for the PC that it runs on. */
function own(device) {
  const words = {
    "kiosk-local": t("máy lấy số chạy trên chính máy chủ này; không dùng thì bỏ qua"),
    "display-local": t("màn hình chạy trên chính máy chủ này; không dùng thì bỏ qua"),
  }[device.name];
  return words ? el("small", { class: "muted own" }, words) : null;
}

function connection(device, zone) {
  if (device.connected) return t("đã kết nối");
  return device.last_seen ? t("mất kết nối từ %(time)s", { time: stamp(device.last_seen, zone) }) : t("chưa kết nối từ khi máy chủ chạy");
}

function printer(device) {
  if (!device.connected || !device.printer || device.printer === "none") return "–";
  return device.printer === "ok" ? t("tốt") : printFault(device.printer);
}
