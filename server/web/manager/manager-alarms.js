// What needs a hand now, each with what to do: by the codes of the hall, and by what its view shows.

import { el } from "../common/dom.js";
import { number } from "./manager-words.js";
import { clock, longDate, t } from "../common/texts.js";
import { deviceFault } from "../common/words.js";

/** @import { AlarmCode, DeviceNow } from "../common/protocol.d.ts" */
/** @import { App } from "./manager.js" */
/** @typedef {{kind: "bad" | "", sentence: string, advice?: string, action?: Node, first?: boolean}} Told `first`: above what was told before. */
/** @typedef {Told & {key: string}} Alarm `key` tells it from others. */
/** @typedef {{app: App, confirmDate: () => void}} Page */

/** @type {(about: string, page: Page) => Told} */
const doubtfulDate = (_, { app, confirmDate }) => ({
  kind: "bad", first: true,
  sentence: t("Máy chủ có thể sai ngày: sổ đang ghi %(date)s.", { date: longDate(app.view.date) }),
  advice: t("Hãy xem lịch và xác nhận ngày hôm nay. Trong lúc chờ, hệ thống vẫn cấp và gọi số."),
  action: el("button", { type: "button", class: "main", onclick: confirmDate }, t("Xác nhận ngày")),
});

const CERTIFICATE = () => t("Nhờ người cài đặt chạy luot tls trên máy chủ rồi khởi động lại máy chủ sau giờ làm việc. Nếu không, máy lấy số, màn hình và trang quầy không kết nối lại được.");

/** @type {(about: string, page: Page) => Told | null} */
const kioskFault = (about, { app }) => {
  const device = app.view.devices.find((found) => found.name === about);
  if (!device) return null;
  return { kind: onlyLow(device) ? "" : "bad", sentence: deviceFault({ ...device, device: about }), advice: printerAdvice(device) };
};

/**
 * What the hall's codes say; `about` is what stands behind the code's colon. Null: it is over by what the view shows.
 *
 * @type {Record<AlarmCode, (about: string, page: Page) => Told | null>}
 */
const KINDS = {
  doubtful_date: doubtfulDate,
  clock_stepped: doubtfulDate,
  disk_low: () => ({
    kind: "bad", sentence: t("Ổ đĩa của máy chủ sắp đầy: không cấp số mới, những số đang chờ vẫn được gọi."),
    advice: t("Xóa tệp không cần trên máy chủ (tệp tải về, bản sao lưu đã chép đi nơi khác), hoặc báo người hỗ trợ kỹ thuật. Ghi số trên giấy nếu máy ngừng cấp số."),
  }),
  record_held: () => ({
    kind: "bad", first: true, sentence: t("Một chương trình khác đang giữ tệp luot.db trên máy chủ: chưa cấp số, chưa gọi số được."),
    advice: t("Đóng chương trình đó trên máy chủ (ví dụ DB Browser đang sửa dữ liệu). Hệ thống tự chạy tiếp ngay khi tệp được trả lại."),
  }),
  record_damaged: () => ({
    kind: "bad", first: true, sentence: t("Dữ liệu đã lưu có chỗ bị hỏng trên đĩa máy chủ."),
    advice: t("Việc hôm nay vẫn chạy. Sao lưu ngay bây giờ sẽ không được: giữ các bản sao lưu cũ, không ghi đè, và báo người hỗ trợ kỹ thuật (lệnh luot check cho biết hỏng ở đâu)."),
  }),
  record_behind: () => ({
    kind: "bad", first: true, sentence: t("Sổ thiếu những việc đã ghi trước đó: dữ liệu bị hỏng, hoặc được khôi phục từ bản cũ hơn."),
    advice: t("Số mới được cấp tiếp sau các số đã phát. Ai cầm số không có trong hàng chờ: cán bộ bấm Gọi theo số. Số nào không gọi lại thì không có trong số liệu."),
  }),
  many_numbers: () => ({
    kind: "bad", sentence: t("Một giờ qua số được cấp nhiều bất thường."),
    advice: t("Xem Nhật ký, lọc theo Lấy số, để biết máy hoặc cán bộ nào đã cấp. Số thừa thì hủy ở trang quầy."),
  }),
  mark_unwritten: () => ({
    kind: "bad", sentence: t("Không ghi được tệp luot.mark trên máy chủ."),
    advice: t("Việc hôm nay vẫn chạy. Nếu phải khôi phục dữ liệu lúc này, số trên giấy chỉ còn biết qua máy lấy số. Xem dung lượng và quyền của thư mục dữ liệu, hoặc báo người hỗ trợ kỹ thuật."),
  }),
  no_tls: () => ({
    kind: "", sentence: t("Đường truyền trong mạng chưa mã hóa (không có TLS)."),
    advice: t("Chỉ dùng trong mạng nội bộ tin cậy. Nhờ người cài đặt chạy luot tls trên máy chủ."),
  }),
  tls_ends: (about) => ({
    kind: "", sentence: t("Chứng thư mã hóa đường truyền (TLS) sắp hết hạn: %(date)s.", { date: longDate(about) }), advice: CERTIFICATE(),
  }),
  tls_over: (about) => ({
    kind: "bad", sentence: t("Chứng thư mã hóa đường truyền (TLS) đã hết hạn từ %(date)s.", { date: longDate(about) }), advice: CERTIFICATE(),
  }),
  printer: kioskFault,
  gone: kioskFault,
  desk_left: (about, { app }) => {
    const desk = app.view.desks.find((found) => found.desk === about);
    if (!desk?.away_since) return null;
    return {
      kind: "bad",
      sentence: t("%(desk)s đang mở nhưng trang của %(clerk)s đã tắt từ %(time)s.", { desk: app.deskName(about), clerk: desk.clerk ?? "", time: clock(desk.away_since, app.zone) }),
      advice: t("Hỏi xem có ai ngồi đó không. Máy lấy số và màn hình không tính quầy này nữa; mở lại trang quầy là được tính ngay."),
    };
  },
};

/**
 * @param {string} code
 * @returns {code is AlarmCode}
 */
const isKnown = (code) => Object.hasOwn(KINDS, code);

/**
 * What needs a hand, what is worst first.
 *
 * @param {App} app
 * @param {() => void} confirmDate Asks for the date.
 */
export function alarms(app, confirmDate) {
  /** @type {Alarm[]} */
  const out = [];
  for (const code of app.view.alarms) {
    const [kind, about] = [code.split(":", 1)[0], code.slice(code.indexOf(":") + 1)];
    /** @type {Told | null} A newer hall may have newer codes. */
    const told = isKnown(kind) ? KINDS[kind](about, { app, confirmDate }) : { kind: "", sentence: code };
    if (!told) continue;
    const alarm = { ...told, key: told.action ? code + app.view.date : code }; // a question is asked anew for another date
    if (told.first) out.unshift(alarm);
    else out.push(alarm);
  }
  return [...out, ...seen(app)].filter(({ sentence }) => sentence);
}

/**
 * What the view itself shows: people who wait for nobody, machines that are gone or mute.
 *
 * @param {App} app
 */
function seen(app) {
  const { view } = app;
  /** @type {Alarm[]} */
  const out = [];
  const served = new Set(view.desks.filter((desk) => desk.state === "open" && !desk.away_since).flatMap((desk) => desk.areas));
  for (const area of view.open ? view.areas : []) {
    if (!area.waiting || served.has(area.code)) continue;
    out.push({
      key: `desk:${area.code}`, kind: "bad",
      sentence: t("%(area)s: %(n)s người chờ mà chưa quầy nào mở.", { area: app.areaName(area.code), n: number(area.waiting) }),
      advice: t("Mời cán bộ mở một quầy có lĩnh vực này, hoặc tự mở quầy ở trang /desk."),
    });
  }
  for (const device of view.devices) {
    if (device.role === "kiosk") continue;
    const fields = { device: device.name };
    if (!device.connected && device.last_seen) {
      out.push({
        key: `gone:${device.name}`, kind: "bad", sentence: t("Thiết bị %(device)s mất kết nối.", fields),
        advice: t("Xem nguồn và dây mạng của máy đó: nối lại được thì tự chạy tiếp. Trong lúc chờ, gọi số bằng lời."),
      });
    } else if (device.connected && device.sound === "fault") {
      out.push({
        key: `sound:${device.name}`, kind: "bad", sentence: t("Thiết bị %(device)s không phát được âm thanh.", fields),
        advice: t("Xem loa và âm lượng TV. Trong lúc chờ, gọi số bằng lời; số vẫn hiện trên màn hình."),
      });
    }
  }
  return out;
}

/** @param {DeviceNow} device */
const onlyLow = (device) => device.connected && device.paper === "low" && ["ok", "none"].includes(device.printer);

/** @param {DeviceNow} device */
function printerAdvice(device) {
  if (!device.connected) return t("Rút điện máy lấy số, cắm lại; xem dây mạng. Trong lúc chờ, cấp số tại quầy (phím S).");
  if (device.printer === "paper_out" || device.paper === "out") return t("Thay cuộn giấy; máy tự in tiếp. Số chưa in hiện “chưa in” ở quầy và in lại được.");
  if (device.printer === "cover_open") return t("Đóng nắp máy in cho khớp.");
  if (device.printer === "jam") return t("Tắt máy in, mở nắp, gỡ giấy kẹt, rồi bật lại.");
  if (onlyLow(device)) return t("Chuẩn bị sẵn một cuộn giấy để thay.");
  return t("Cắm lại dây và nguồn của máy in: máy tự nhận. Trong lúc chờ, người dân vẫn lấy được số, hiện rất to trên máy lấy số.");
}
