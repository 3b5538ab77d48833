// What to do with a new device's token: shown once, with the very command that starts the device. No placeholder is left
// in a command: it is shown once it can be run as it stands.

import { el } from "../common/dom.js";
import { field } from "../common/forms.js";
import { deviceRoles } from "./manager-words.js";
import { t } from "../common/texts.js";

/** @import { DeviceRole } from "../common/protocol.d.ts" */
/** @typedef {{code: string, name: string, asked?: {label: string, pattern: RegExp}}} Printer How one is connected, and what must be typed for it. */

const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

/**
 * The devices that there are programs for, and their names.
 *
 * @returns {[DeviceRole, string][]}
 */
export function startable() {
  const { kiosk, display } = deviceRoles();
  return [["kiosk", kiosk], ["display", display]];
}

/** The window of a first try. @type {Partial<Record<DeviceRole, string>>} */
const SIZES = { kiosk: "540x960", display: "960x540" };

/** @param {string} server */
const secure = (server) => server.startsWith("https:");

/**
 * The options that a device is started and installed with.
 *
 * @param {DeviceRole} role
 * @param {string} server
 * @param {string} printer
 */
const words = (role, server, printer) => `--server ${server}${secure(server) ? " --ca ca.crt" : ""} --token-file ${role}.token${role === "kiosk" ? ` --printer ${printer}` : ""}`;

/**
 * How a ticket printer may be connected; the first needs nothing.
 *
 * @returns {Printer[]}
 */
const printers = () => [
  { code: "preview:phieu", name: t("Chưa có máy in – phiếu lưu thành ảnh để thử") },
  { code: "usb:", name: t("Cáp USB"), asked: { label: t("Mã máy in, ví dụ 04b8:0202 (lệnh luot-kiosk --list-printers cho biết)"), pattern: /^[0-9a-f]{4}:[0-9a-f]{4}$/i } },
  { code: "tcp:", name: t("Mạng LAN"), asked: { label: t("Địa chỉ của máy in, ví dụ 192.168.1.50"), pattern: /^[\w.-]+(:\d+)?$/ } },
  { code: "serial:", name: t("Cổng nối tiếp (COM)"), asked: { label: t("Cổng và tốc độ, ví dụ COM3@19200"), pattern: /^[\w/.-]+(@\d+)?$/ } },
];

/**
 * The question's content.
 *
 * @param {object} device
 * @param {DeviceRole} device.role
 * @param {string} device.token
 * @param {string[]} device.addresses Where other machines find the hall.
 * @param {Node} device.leave The button that closes the question.
 */
export function pairing({ role, token, addresses, leave }) {
  const value = el("input", { type: "text", readonly: true, value: token, id: "token", "aria-label": t("Mã ghép"), autofocus: true });
  const copied = el("span", { role: "status" });
  const copy = el("button", { type: "button", class: "main" }, t("Chép mã"));
  copy.addEventListener("click", () => {
    value.select();
    // The newer clipboard interface is missing on a page of a plain-http LAN address.
    copied.textContent = document.execCommand("copy") ? t("Đã chép.") : t("Hãy bấm Ctrl+C.");
  });
  const [command, install] = [el("code", { id: "command" }), el("code", { id: "install" })];
  const server = LOOPBACK.test(location.hostname) && addresses.length ? addresses[0] : location.origin;
  const only = LOOPBACK.test(new URL(server).hostname);
  const choice = role === "kiosk" ? printerChoice((printer) => show(printer)) : null;
  const lasting = el("li", {}, t("Chạy tốt thì đóng cửa sổ đó, rồi cài đặt để máy tự chạy mỗi khi bật (không dùng sudo):"), install);
  /** @param {string} printer */
  const show = (printer) => {
    command.hidden = printer === "";
    // In a window: a full screen has no key that ends it.
    command.textContent = `luot-${role} ${words(role, server, printer)} --windowed ${SIZES[role]}`;
    lasting.hidden = printer === "" || printer.startsWith("preview:");
    install.textContent = `luot install ${role} ${words(role, server, printer)}`;
  };
  show(choice ? choice.printer() : "none");
  return [
    el("p", {}, t("Mã này chỉ hiện một lần. Ai có mã thì vào được như thiết bị này.")),
    el("p", { class: "row token" }, value, copy, copied),
    el("ol", { class: "steps" },
      el("li", {}, t("Trên máy của thiết bị, lưu mã vào tệp %(file)s.", { file: `${role}.token` })),
      secure(server) ? el("li", {}, t("Chép tệp ca.crt (thư mục tls của máy chủ) vào cùng thư mục với tệp đó.")) : null,
      choice ? el("li", {}, t("Chọn cách nối máy in:"), ...choice.fields) : null,
      el("li", {}, t("Chạy thử trong một cửa sổ, ở thư mục có tệp đó; sau vài giây thiết bị hiện “đã kết nối” ở trang này:"), command),
      lasting),
    only ? el("p", { class: "notice" }, t("Máy chủ này chỉ nhận kết nối từ chính nó: thiết bị phải chạy trên cùng máy.")) : null,
    !only && addresses.length > 1
      ? el("p", { class: "muted" }, t("Máy chủ còn có địa chỉ khác: %(list)s.", { list: addresses.filter((one) => one !== server).join(", ") }))
      : null,
    el("div", { class: "actions" }, leave),
  ].filter((part) => part !== null);
}

/** @param {(printer: string) => void} changed */
function printerChoice(changed) {
  const list = printers();
  const kind = el("select", {}, ...list.map(({ code, name }) => el("option", { value: code }, name)));
  const where = el("input", { type: "text", maxlength: "60", autocomplete: "off", spellcheck: "false" });
  const [kindField, whereField] = [field(t("Máy in"), "printer", kind), field("", "where", where)];
  const label = whereField.querySelector("label");
  /** The option's value; "" while something is missing. */
  const printer = () => {
    const { code, asked } = list[kind.selectedIndex];
    whereField.hidden = !asked;
    label?.replaceChildren(asked?.label ?? "");
    if (!asked) return code;
    return asked.pattern.test(where.value.trim()) ? code + where.value.trim() : "";
  };
  kind.addEventListener("change", () => changed(printer()));
  where.addEventListener("input", () => changed(printer()));
  return { fields: [kindField, whereField], printer };
}
