// The words of the desk: outcomes and their keys, pauses, faults, and a sentence for every refusal.
// A sentence says what happened and what to do now. Functions, because the texts arrive after the modules.

import { said, t } from "./texts.js";

/** @import { DeviceFault, ErrorCode, OpeningError, OutcomeCode, PauseReason, PrintFault } from "./protocol.d.ts" */
/** @typedef {{code: string, desk?: string}} Refused An answer's error: an `ErrorCode`, or a newer hall's. */
/** @typedef {"connected" | "cut" | "replaced" | OpeningError} LinkState */

/**
 * Outcomes by key 1–9: the legal forms first as they are used most.
 *
 * @returns {[OutcomeCode, string][]}
 */
export const outcomes = () => [
  ["received", t("Đã tiếp nhận")],
  ["returned", t("Trả kết quả")],
  ["supplement", t("Cần bổ sung")],
  ["guided", t("Hướng dẫn")],
  ["refused", t("Từ chối")],
  ["extended", t("Gia hạn")],
  ["stopped", t("Dừng")],
  ["elsewhere", t("Nơi khác")],
  ["not_ready", t("Chưa có kết quả")],
];

/** @returns {[PauseReason, string][]} */
export const pauses = () => [
  ["break", t("Nghỉ giải lao")],
  ["meeting", t("Họp")],
  ["fault", t("Sự cố kỹ thuật")],
  ["end_of_hours", t("Hết giờ")],
  ["away", t("Vắng mặt tạm thời")],
  ["other", t("Khác")],
];

/**
 * Why a desk is paused, in words; "" where no reason was given, or one that this page does not know.
 *
 * @param {string | null} reason
 */
export const pauseName = (reason) => pauses().find(([code]) => code === reason)?.[1] ?? "";

/** @returns {Record<PrintFault, string>} */
const printFaults = () => ({
  paper_out: t("hết giấy"),
  cover_open: t("nắp máy in đang mở"),
  jam: t("kẹt giấy"),
  offline: t("mất kết nối máy in"),
  timeout: t("máy in không trả lời"),
  unknown: t("không rõ phiếu đã in chưa"),
});

/**
 * Why a ticket has no paper, in a few words.
 *
 * @param {string} code A `PrintFault`.
 */
export const printFault = (code) => said(printFaults(), code) ?? code;

/**
 * What is wrong with a kiosk, in one sentence, or "" where nothing is.
 *
 * @param {{device: string, connected: boolean, printer: DeviceFault["printer"] | "", paper: DeviceFault["paper"] | ""}} fault
 */
export function deviceFault(fault) {
  const fields = { device: fault.device };
  if (!fault.connected) return t("Máy lấy số %(device)s mất kết nối: mời kiểm tra máy, hoặc cấp số tại quầy.", fields);
  if (fault.printer !== "ok" && fault.printer !== "none") {
    return t("Máy lấy số %(device)s: %(fault)s.", { ...fields, fault: printFault(fault.printer) });
  }
  if (fault.paper === "out") return t("Máy lấy số %(device)s: %(fault)s.", { ...fields, fault: printFault("paper_out") });
  if (fault.paper === "low") return t("Máy lấy số %(device)s: sắp hết giấy.", fields);
  return "";
}

/**
 * What the undo key would take back.
 *
 * @param {{kind: string, number: string}} step
 */
export function undoStep(step) {
  const fields = { number: step.number };
  const steps = {
    called: t("gọi số %(number)s", fields),
    recalled: t("gọi lại %(number)s", fields),
    started: t("bắt đầu %(number)s", fields),
    finished: t("xong số %(number)s", fields),
    no_show: t("vắng mặt %(number)s", fields),
    cancelled: t("hủy số %(number)s", fields),
  };
  return said(steps, step.kind) ?? step.number;
}

/**
 * Seconds as whole minutes: `6 phút`.
 *
 * @param {number} seconds
 */
export function minutes(seconds) {
  return t("%(n)s phút", { n: Math.floor(seconds / 60) });
}

/**
 * How the link to the hall is, as `Link` tells it.
 *
 * @param {LinkState} state
 */
export function linkState(state) {
  /** @type {Record<LinkState, string>} */
  const sentences = {
    connected: t("Đã kết nối"),
    cut: t("Mất kết nối – đang thử lại"),
    update_needed: t("Tải lại trang để cập nhật"),
    unauthorised: t("Đã hết phiên đăng nhập"),
    forbidden: t("Không phải trang của tài khoản này"),
    too_many: t("Máy chủ đã đủ kết nối – đang thử lại"),
    replaced: t("Tài khoản này mở quá nhiều trang – tải lại để dùng trang này"),
  };
  return sentences[state];
}

/**
 * The sentence for a refusal.
 *
 * @param {Refused} error
 * @param {(code: string) => string} deskName The name of a desk, by its code.
 */
export function refusal(error, deskName) {
  const desk = error.desk ? deskName(error.desk) : "";
  const failed = { code: error.code };
  /** @type {Record<ErrorCode | "cut" | "unanswered", string>} The last two are the page's own. */
  const sentences = {
    internal: t("Máy chủ gặp lỗi (%(code)s). Thử lại; nếu vẫn lỗi, mời báo người phụ trách.", failed),
    busy: t("Máy chủ chưa ghi được lúc này: xem dòng báo phía trên, hoặc chờ nửa phút rồi bấm lại."),
    bad_message: t("Máy chủ không hiểu lệnh này (%(code)s). Tải lại trang; nếu vẫn vậy, mời báo người phụ trách.", failed),
    reports_busy: t("Máy chủ đang lập các báo cáo khác. Chờ một lát rồi thử lại."),
    id_reused: t("Máy chủ không hiểu lệnh này (%(code)s). Tải lại trang; nếu vẫn vậy, mời báo người phụ trách.", failed),
    unauthorised: t("Phiên đăng nhập không còn hiệu lực. Mời đăng nhập lại."),
    update_needed: t("Trang này đã cũ so với máy chủ. Tải lại trang."),
    too_many: t("Máy chủ đã đủ số kết nối cho phép. Đóng bớt các trang không dùng, hoặc mời báo người phụ trách."),
    already_rated: t("Lượt này đã được đánh giá."),
    cut: t("Mất kết nối nên lệnh chưa được nhận. Chờ kết nối lại rồi xem trạng thái trước khi bấm."),
    unanswered: t("Máy chủ không trả lời nên chưa rõ lệnh vừa bấm có được nhận không. Xem trạng thái trên màn hình rồi mới bấm lại."),
    stale: t("Quầy đã chuyển sang bước khác (có thể từ cửa sổ khác). Xem lại màn hình rồi bấm tiếp."),
    nobody_waiting: t("Không còn ai chờ ở các lĩnh vực của quầy này."),
    desk_not_open: t("Quầy chưa mở. Chọn quầy hoặc mở lại quầy trước."),
    desk_taken: t("%(desk)s đang có cán bộ khác sử dụng. Mời chọn quầy khác.", { desk }),
    ticket_open: t("Hãy kết thúc số đang phục vụ trước."),
    still_called: t("Số đang gọi chưa đến. Bấm bắt đầu khi người dân đến, hoặc báo vắng mặt."),
    already_called: t("Số này đã được gọi ở %(desk)s.", { desk }),
    unknown_number: t("Không có số này trong hàng chờ hôm nay. Kiểm tra lại số trên phiếu."),
    too_soon: t("Chưa báo vắng mặt được: hãy gọi lại và chờ thêm một lát."),
    not_allowed: t("Số này không xếp lại được: số chưa vắng mặt và không chờ bổ sung giấy tờ."),
    name_taken: t("Tên này đã có. Chọn tên khác, hoặc thu hồi tên cũ trước."),
    name_odd: t("Tên chỉ gồm chữ cái La-tinh (cả tiếng Việt), chữ số và dấu thường dùng. Xóa đi rồi gõ lại tên."),
    name_unknown: t("Tên này không còn. Tải lại trang."),
    last_manager: t("Đây là người phụ trách cuối cùng: không thu hồi được. Thêm người phụ trách khác trước."),
    token_gone: t("Thiết bị đã được thêm, nhưng mã ghép chỉ hiện một lần. Thu hồi thiết bị này rồi thêm lại."),
    not_served: t("Lượt này chưa được phục vụ nên chưa đánh giá được."),
    too_late: t("Đã quá lúc làm việc này: số đã sang bước khác hoặc đã kết thúc."),
    closed: t("Ngoài giờ lấy số của lĩnh vực này. Người phụ trách có thể mở thêm phiên."),
    unknown_area: t("Lĩnh vực hoặc thủ tục này không còn. Tải lại trang."),
    no_numbers_left: t("Lĩnh vực này đã hết số trong ngày. Mời báo người phụ trách."),
    too_fast: t("Bấm quá nhanh. Chờ vài giây rồi thử lại."),
    forbidden: t("Tài khoản này không được làm việc đó."),
  };
  return said(sentences, error.code) ?? sentences.internal; // a newer hall may have a newer code
}

/**
 * A typing program made letters of a press, and nobody knows which key it was.
 *
 * @param {string} letters
 */
export const unclearPress = (letters) =>
  t("Bộ gõ tiếng Việt đã đổi phím vừa bấm thành “%(letters)s” nên chưa rõ là phím nào. Tắt bộ gõ rồi bấm lại.", { letters });

/**
 * `Tư pháp, hộ tịch – Nhận kết quả`
 *
 * @param {string[]} names
 */
export const joined = (names) => names.join(" – ");
