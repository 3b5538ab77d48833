// The manager's figures, dates and events in words. Numbers the Vietnamese way: 1.284 · 94,2 % · 11 phút.

import { clock, language, LOCALE, pick, said, t } from "../common/texts.js";
import { dayMonth, shortDate } from "../common/time.js";
import { FEW } from "../common/values.js";
import { outcomes, pauseName, printFault, undoStep } from "../common/words.js";

/** @import * as Protocol from "../common/protocol.d.ts" */
/** @import { Kind, Period } from "./manager-periods.js" */
/** @typedef {(value: number) => number} Round */


/**
 * @param {number} n
 * @param {number} [digits] Behind the comma.
 */
export const number = (n, digits = 0) =>
  new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);

/**
 * A share of 1 as `94,2 %`; a dash for none.
 *
 * @param {number | null} share
 * @param {number} [digits] Behind the comma.
 */
export const percent = (share, digits = 0) =>
  share === null ? "–" : number(100 * share, digits) + (language === "en" ? "%" : "\u00a0%");

/**
 * A part's share of 1; null of nothing.
 *
 * @param {number} part
 * @param {number} whole
 */
export const share = (part, whole) => (whole ? part / whole : null);

/**
 * Milliseconds as whole minutes, without the unit: `11`.
 *
 * @param {number} ms
 * @param {Round} [round]
 */
export const wholeMinutes = (ms, round = Math.round) => number(round(ms / 60_000));

/**
 * The same with it: `11 phút`; a dash for none.
 *
 * @param {number | null} ms
 * @param {Round} [round]
 */
export const minutes = (ms, round = Math.round) => (ms === null ? "–" : t("%(n)s phút", { n: wholeMinutes(ms, round) }));

/**
 * The same for a narrow column.
 *
 * @param {number | null} ms
 * @param {Round} [round]
 */
export const shortMinutes = (ms, round = Math.round) =>
  ms === null ? "–" : t("%(n)s ph", { n: wholeMinutes(ms, round) });

/**
 * Satisfied of so many ratings: `94,6 % (158)`, `– (3)` below five.
 *
 * @param {number} satisfied
 * @param {number} n
 */
export const rated = (satisfied, n) => `${n < FEW ? "–" : percent(satisfied / n, 1)} (${number(n)})`;

const weekdays = () => [t("CN"), t("T2"), t("T3"), t("T4"), t("T5"), t("T6"), t("T7")];

/**
 * `T2 23/11/2026`
 *
 * @param {string} date
 */
export const weekdayDate = (date) => `${weekdays()[new Date(`${date}T12:00:00Z`).getUTCDay()]} ${shortDate(date)}`;

/**
 * `23/11/2026 08:21` in the hall's zone, of an instant.
 *
 * @param {string} iso
 * @param {string} zone
 */
export function stamp(iso, zone) {
  const date = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric", timeZone: zone });
  return `${date.format(new Date(iso))} ${clock(iso, zone)}`;
}

/** @param {Period} period */
export function periodTitle({ kind, start, end }) {
  const [year, month] = start.split("-").map(Number);
  const titles = {
    day: t("Báo cáo ngày %(date)s", { date: shortDate(start) }),
    week: t("Báo cáo tuần %(start)s – %(end)s", { start: dayMonth(start), end: shortDate(end) }),
    month: t("Báo cáo tháng %(month)s/%(year)s", { month, year }),
    quarter: t("Báo cáo quý %(quarter)s/%(year)s", { quarter: Math.ceil(month / 3), year }),
    year: t("Báo cáo năm %(year)s", { year }),
  };
  return said(titles, kind) ?? t("Báo cáo từ %(start)s đến %(end)s", { start: shortDate(start), end: shortDate(end) });
}

/**
 * The period before, in a word or two, to stand after "so với".
 *
 * @param {Period} period
 */
export function periodShort({ kind, start, end }) {
  const [year, month] = start.split("-").map(Number);
  const names = {
    day: dayMonth(start),
    week: t("tuần trước"),
    month: t("tháng %(month)s", { month }),
    quarter: t("quý %(quarter)s", { quarter: Math.ceil(month / 3) }),
    year: String(year),
    mid: `${dayMonth(start)}–${dayMonth(end)}`,
  };
  return said(names, kind) ?? t("kỳ trước");
}

/** @returns {[Kind, string][]} */
export const periodButtons = () => [
  ["day", t("Ngày")],
  ["week", t("Tuần")],
  ["month", t("Tháng")],
  ["quarter", t("Quý")],
  ["year", t("Năm")],
  ["mid", "15–14"],
  ["span", t("Từ… đến…")],
];

export const definitions = () => t(
  "Phiếu = một số đã cấp. Lượt = một lần được phục vụ: ai quay lại bổ sung giấy tờ thì có thêm lượt trên cùng phiếu, nên số lượt có thể nhiều hơn số phiếu. Chờ = từ lúc vào hàng đến lần gọi được đáp, tính theo lượt, trong giờ làm việc. Phục vụ = từ lúc bắt đầu đến lúc xong; không bấm bắt đầu thì không tính. Vắng mặt = phiếu kết thúc do vắng / phiếu đã cấp. 90 % chờ ≤ = lượt chờ xếp thứ 90 % (hạng gần nhất). Cần bổ sung = lượt phải bổ sung giấy tờ / lượt có ghi kết quả. Hài lòng = đánh giá ở hai mức tốt nhất trong năm (hoặc mức tốt nhất trong ba) / số đánh giá; dưới 5 đánh giá không nêu tỷ lệ. Phản hồi = đánh giá / lượt đã phục vụ. Phiếu nhiều lượt tính cho quầy và cán bộ của lượt cuối.",
);

/** @returns {Record<Protocol.PersonRole, string>} */
export const roles = () => ({ clerk: t("Cán bộ tại quầy"), manager: t("Người phụ trách") });

/** @returns {Record<Protocol.DeviceRole, string>} */
export const deviceRoles = () => ({ kiosk: t("Máy lấy số"), display: t("Màn hình gọi số"), rate: t("Máy đánh giá") });

/** @param {string} code */
export const outcomeName = (code) => outcomes().find(([found]) => found === code)?.[1] ?? code;

/**
 * Kinds of the log, in the order of the filter.
 *
 * @returns {Record<Exclude<Protocol.EventKind, "hours_set">, string>}
 */
export const kinds = () => ({
  issued: t("Lấy số"),
  printed: t("In phiếu"),
  print_failed: t("Không in được phiếu"),
  reprint_asked: t("Yêu cầu in lại"),
  called: t("Gọi số"),
  recalled: t("Gọi lại"),
  announced: t("Màn hình báo số"),
  started: t("Bắt đầu phục vụ"),
  finished: t("Xong"),
  no_show: t("Vắng mặt"),
  outcome_set: t("Ghi kết quả"),
  requeued: t("Xếp lại"),
  priority_set: t("Đổi ưu tiên"),
  undone: t("Hoàn tác"),
  cancelled: t("Hủy số"),
  restored: t("Lấy lại số đã hủy"),
  expired: t("Hết hiệu lực khi hết ngày"),
  rated: t("Đã đánh giá"),
  comment_erased: t("Xóa góp ý"),
  desk_opened: t("Mở quầy"),
  desk_paused: t("Tạm dừng quầy"),
  desk_closed: t("Đóng quầy"),
  session_opened: t("Mở thêm phiên"),
  session_closed: t("Hết phiên mở thêm"),
  day_opened: t("Mở ngày làm việc"),
  day_reopened: t("Mở lại ngày làm việc"),
  day_closed: t("Kết thúc ngày làm việc"),
  date_doubted: t("Nghi đồng hồ máy chủ sai"),
  date_confirmed: t("Xác nhận ngày"),
  recovered: t("Khôi phục dữ liệu"),
  numbers_lost: t("Số đã phát mà sổ không còn"),
});

/** @param {string} kind */
export const kindName = (kind) => said(kinds(), kind) ?? kind;

/**
 * Why something happened, by the code in the record.
 *
 * @returns {Record<Exclude<Protocol.Because, Protocol.PauseReason | Protocol.PrintFault>, string>}
 */
const reasons = () => ({
  longest_wait: t("chờ lâu nhất"),
  priority: t("số ưu tiên"),
  requeued: t("được xếp lại"),
  left_over: t("còn lại từ phiên trước"),
  taken_back: t("trả lại đầu hàng sau hoàn tác"),
  by_number: t("cán bộ gọi theo số"),
  citizen: t("người dân chọn nhầm"),
  clerk: t("cán bộ hủy"),
  absences: t("vắng mặt quá số lần"),
  day_end: t("hết ngày làm việc"),
  revoked: t("quyền của cán bộ bị thu hồi"),
  person: t("có người xác nhận"),
  clock_returned: t("đồng hồ đúng trở lại"),
  clock_ahead: t("đồng hồ nhanh hơn sổ ghi"),
  clock_behind: t("đồng hồ chậm hơn sổ ghi"),
  clock_stepped: t("đồng hồ vừa nhảy"),
  mark: t("theo tệp luot.mark"),
  kiosk: t("theo máy lấy số"),
});

/**
 * @param {string} kind
 * @param {Protocol.Because} code
 */
const because = (kind, code) =>
  kind === "print_failed" ? printFault(code) : (said(reasons(), code) ?? (pauseName(code).toLowerCase() || code));

/** @returns {Record<Protocol.Via, string>} */
const vias = () => ({
  kiosk: t("tại máy lấy số"),
  desk: t("tại quầy"),
  confirmed: t("máy in xác nhận"),
  sent: t("đã gửi, máy in không trả lời được"),
  code: t("có mã trên phiếu"),
  list: t("chọn từ danh sách vừa xong"),
  number: t("chỉ có số, không có mã"),
  tablet: t("tại máy đánh giá"),
  phone: t("qua điện thoại"),
  shown: t("đã hiện trên bảng"),
  said: t("loa đã đọc xong"),
  lost: t("theo phiếu của người dân, sổ không còn"),
});

/**
 * One event's particulars as a person reads them, without its kind, desk and clerk.
 *
 * @param {Protocol.Entry} entry
 * @param {Protocol.HallInfo} hall Gives the names.
 */
export function particulars(entry, hall) {
  const out = [];
  const procedure = hall.procedures.find((info) => info.code === entry.procedure);
  if (procedure) out.push(pick(procedure.name));
  if (entry.kind === "issued" && entry.priority) out.push(t("ưu tiên"));
  if (entry.kind === "priority_set") out.push(entry.priority ? t("thành ưu tiên") : t("bỏ ưu tiên"));
  if (entry.kind === "rated" && entry.undid) out.push(t("thay cho đánh giá trước"));
  else if (entry.undid) out.push(undoStep({ kind: entry.undid, number: entry.number ?? "" }));
  if (entry.outcome) out.push(outcomeName(entry.outcome));
  if (entry.dossiers) out.push(t("%(n)s hồ sơ", { n: entry.dossiers }));
  if (entry.score) out.push(pick(hall.rating.levels[entry.score - 1]) || String(entry.score));
  for (const code of entry.reasons ?? []) out.push(pick(hall.rating.reasons[code]) || code);
  if (entry.date) out.push(shortDate(entry.date));
  if (entry.until) out.push(t("đến %(time)s", { time: clock(entry.until, hall.timezone) }));
  if (entry.via) out.push(said(vias(), entry.via) ?? entry.via);
  if (entry.because) out.push(because(entry.kind, entry.because));
  const visit = entry.visit ?? 1;
  if (visit > 1 && ["called", "finished", "requeued"].includes(entry.kind)) out.push(t("lượt %(n)s", { n: visit }));
  return out.join(" · ");
}
