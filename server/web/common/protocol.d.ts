// Made by tests/tools/web.py from the Python sources: edit those, then run `python -m tests.tools.web`.

/** A text by language code; `vi` is always there. */
export type Text = Record<string, string>;

export type DeviceRole =
  "kiosk" | "display" | "rate";

/** What a person's socket is for. A manager may come in as either, a clerk as `desk` alone. */
export type PageRole =
  "desk" | "manager";

export type Role =
  "kiosk" | "display" | "rate" | "desk" | "manager" | "ticket";

export type PersonRole =
  "clerk" | "manager";

export type OutcomeCode =
  "received" | "returned" | "supplement" | "refused" | "extended" | "stopped" | "guided" | "elsewhere" |
  "not_ready";

export type PrintResult =
  "confirmed" | "sent";

export type PrintFault =
  "paper_out" | "cover_open" | "jam" | "offline" | "timeout" | "unknown";

export type PaperState =
  "ok" | "low" | "out" | "unknown";

export type PrinterState =
  "ok" | "paper_out" | "cover_open" | "jam" | "offline" | "timeout" | "unknown" | "none";

export type SoundState =
  "ok" | "off" | "fault";

export type PauseReason =
  "break" | "meeting" | "fault" | "end_of_hours" | "away" | "other";

/** How priority acts: see `server/hall/order.py`. */
export type PriorityPolicy =
  "weight" | "first" | "cap";

/** How far a display has come with a call: it stands on the board; its first reading has ended. */
export type Announcement =
  "shown" | "said";

/** What becomes of a call now: a display reads it out, displays only show it, or none is connected. */
export type Displays =
  "said" | "shown" | "none";

export type DeskStateCode =
  "open" | "paused" | "closed";

/** How a ticket stands at the desk that has it. */
export type AtDesk =
  "called" | "serving";

/** Which rule put a number first: see `server/hall/order.py`; `by_number`: a clerk called it out of turn. */
export type CallReason =
  "longest_wait" | "priority" | "requeued" | "left_over" | "taken_back" | "by_number";

/** Who took a number back: its citizen at the kiosk, a clerk, or nobody, after too many absences. */
export type CancelReason =
  "citizen" | "clerk" | "absences";

/** Why a desk or a visit ended though nobody pressed. */
export type EndReason =
  "day_end" | "revoked";

/** How the machine's clock contradicts the record. */
export type Doubt =
  "clock_ahead" | "clock_behind" | "clock_stepped";

export type ConfirmedBy =
  "person" | "clock_returned";

/** Who knew that the record lacks something: the file beside it, or a kiosk. */
export type RecoveredBy =
  "mark" | "kiosk";

/** Every reason that an event may carry. */
export type Because =
  "longest_wait" | "priority" | "requeued" | "left_over" | "taken_back" | "by_number" | "citizen" | "clerk" |
  "absences" | "day_end" | "revoked" | "clock_ahead" | "clock_behind" | "clock_stepped" | "person" |
  "clock_returned" | "mark" | "kiosk" | "break" | "meeting" | "fault" | "end_of_hours" | "away" | "other" |
  "paper_out" | "cover_open" | "jam" | "offline" | "timeout" | "unknown";

/** Where a number was taken; `lost`: the record had lost it, and its citizen came with the paper. */
export type IssuedVia =
  "kiosk" | "desk" | "lost";

export type RatedVia =
  "code" | "list" | "number" | "tablet" | "phone";

/** Every way that an event may have come. */
export type Via =
  "kiosk" | "desk" | "lost" | "confirmed" | "sent" | "shown" | "said" | "code" | "list" | "number" | "tablet" |
  "phone";

/** The reason that a close with 4401 carries: why whoever was welcome is so no more. */
export type SessionEnd =
  "signed_out" | "day_end" | "pin_changed" | "revoked" | "unauthorised";

/** Why a socket is not welcomed; `bad_message` apart. */
export type OpeningError =
  "unauthorised" | "forbidden" | "update_needed" | "too_many";

/** Why a command is refused, or a socket closed. What each means stands in the manual. */
export type ErrorCode =
  "unauthorised" | "forbidden" | "update_needed" | "too_many" | "bad_message" | "id_reused" | "reports_busy" |
  "busy" | "internal" | "closed" | "unknown_area" | "no_numbers_left" | "too_fast" | "too_late" | "not_served" |
  "already_rated" | "unknown_number" | "desk_taken" | "ticket_open" | "desk_not_open" | "stale" |
  "nobody_waiting" | "still_called" | "already_called" | "too_soon" | "not_allowed" | "name_taken" | "name_odd"
  | "name_unknown" | "last_manager" | "token_gone";

/** What a manager is told of; the last five name something after a colon: a date, a device, a desk. */
export type AlarmCode =
  "doubtful_date" | "clock_stepped" | "disk_low" | "record_held" | "record_damaged" | "record_behind" |
  "mark_unwritten" | "many_numbers" | "no_tls" | "tls_ends" | "tls_over" | "printer" | "gone" | "desk_left";

export type EventKind =
  "day_opened" | "day_reopened" | "day_closed" | "date_doubted" | "date_confirmed" | "recovered" |
  "numbers_lost" | "hours_set" | "session_opened" | "session_closed" | "desk_opened" | "desk_paused" |
  "desk_closed" | "issued" | "printed" | "print_failed" | "reprint_asked" | "called" | "recalled" | "announced"
  | "started" | "finished" | "no_show" | "outcome_set" | "requeued" | "priority_set" | "undone" | "cancelled" |
  "restored" | "expired" | "rated" | "comment_erased";

/** The first message of every socket. `token` may be absent where the page's cookie speaks for it. */
export interface Hello {
  type: "hello";
  protocol: number;
  role: Role;
  token?: string | null;
  lang?: string;
  /** Of a kiosk: the last number of each area that it knows of, by which the hall knows what its record has lost. */
  given?: Record<string, string>;
  /** When each was given, by the hall's time (ISO 8601); without it, today, where the hall is at work. */
  given_at?: Record<string, string>;
  /** The last event of the hall that it heard of with them. */
  seq?: number | null;
  /** Of which hall's record all this is, as the welcome said; "" where it is not known. */
  record?: string;
}

/** Give a number of an area. Answered by a `TicketResult`. */
export interface Issue {
  type: "issue";
  id: string;
  area: string;
  procedure?: string | null;
  priority?: boolean;
}

/** A paper has come out, as far as the printer tells: see `PrintResult`. */
export interface Printed {
  type: "printed";
  id: string;
  ticket: number;
  result: PrintResult;
}

/** No paper has come out, and why. */
export interface PrintFailed {
  type: "print_failed";
  id: string;
  ticket: number;
  reason: PrintFault;
}

/** Print a number's paper again. Answered by a `TicketResult`. */
export interface Reprint {
  type: "reprint";
  id: string;
  ticket: number;
}

/** A number is given up: its citizen leaves, or goes on without it. */
export interface Cancel {
  type: "cancel";
  id: string;
  ticket: number;
}

/** Take a kiosk's own `cancel` back: the number waits again where it did. */
export interface Restore {
  type: "restore";
  id: string;
  ticket: number;
}

/** Would a rating of this number be taken? Asked before the faces, refused as `rate` would be; changes nothing. */
export interface Find {
  type: "find";
  id: string;
  number: string;
  code?: string | null;
}

/** Either `number` (with its `code` from the paper, if the citizen has it) or `ticket` from the ended list. */
export interface Rate {
  type: "rate";
  id: string;
  score: number;
  number?: string | null;
  code?: string | null;
  ticket?: number | null;
  reasons?: string[];
  comment?: string | null;
}

/** A device tells how it is; kept in memory only. */
export interface Status {
  type: "status";
  id: string;
  printer?: PrinterState;
  paper?: PaperState;
  sound?: SoundState;
  screen?: string;
}

/** A display says how far it has come with a call. `call` is the call's `seq` in the display's view. */
export interface Announced {
  type: "announced";
  id: string;
  call: number;
  how: Announcement;
}

/** Sit down at a desk; it stays one's own until it is closed. */
export interface OpenDesk {
  type: "open_desk";
  id: string;
  desk: string;
}

/** No next number for a while, and why. */
export interface PauseDesk {
  type: "pause_desk";
  id: string;
  desk: string;
  reason?: PauseReason | null;
}

/** Leave one's desk, and why. */
export interface CloseDesk {
  type: "close_desk";
  id: string;
  desk: string;
  reason?: PauseReason | null;
}

/** `ticket` is the one the desk has now, or null where it is free. */
export interface CallNext {
  type: "call_next";
  id: string;
  ticket: number | null;
  outcome?: OutcomeCode | null;
  dossiers?: number | null;
}

/** `ticket` is the one the desk has now, or null where it is free; outcome and dossiers are that one's. */
export interface CallTicket {
  type: "call_ticket";
  id: string;
  ticket: number | null;
  number: string;
  outcome?: OutcomeCode | null;
  dossiers?: number | null;
}

/** Call the number of one's desk once more. */
export interface Recall {
  type: "recall";
  id: string;
  ticket: number;
}

/** Whoever was called is here: service begins. */
export interface Start {
  type: "start";
  id: string;
  ticket: number;
}

/** Whoever was called did not come. */
export interface NoShow {
  type: "no_show";
  id: string;
  ticket: number;
}

/** Service ends, with what came of it. */
export interface Finish {
  type: "finish";
  id: string;
  ticket: number;
  outcome?: OutcomeCode | null;
  dossiers?: number | null;
}

/** Null takes the outcome, or the dossiers, back; dossiers that are left out stay as they are. */
export interface SetOutcome {
  type: "set_outcome";
  id: string;
  ticket: number;
  outcome: OutcomeCode | null;
  dossiers?: number | null;
}

/** Put a number that missed its turn, or lacked a paper, back in line. */
export interface Requeue {
  type: "requeue";
  id: string;
  number: string;
}

/** Give a waiting number the priority mark, or take it away. */
export interface SetPriority {
  type: "set_priority";
  id: string;
  ticket: number;
  priority: boolean;
}

/** Take back the last step of one's desk. */
export interface Undo {
  type: "undo";
  id: string;
  ticket: number;
}

/** A person says which date it is today; ends a doubtful day. */
export interface ConfirmDate {
  type: "confirm_date";
  id: string;
  date: string;
}

/** An extra session from now; `minutes` until it ends, null = until the last desk closes. */
export interface OpenSession {
  type: "open_session";
  id: string;
  minutes?: number | null;
}

/** Somebody new may sign in. */
export interface AddPerson {
  type: "add_person";
  id: string;
  name: string;
  role: PersonRole;
  pin: string;
}

/** Give somebody another PIN; whoever is signed in by the old one goes out. */
export interface SetPin {
  type: "set_pin";
  id: string;
  name: string;
  pin: string;
}

/** The reply's `token` is shown once and never stored in clear. */
export interface AddDevice {
  type: "add_device";
  id: string;
  name: string;
  role: DeviceRole;
}

/** Take a person's or a device's access away; its live sockets are closed. */
export interface Revoke {
  type: "revoke";
  id: string;
  kind: "device" | "person";
  name: string;
}

/** Erase the words that came with a number's rating. The score stays. */
export interface EraseComment {
  type: "erase_comment";
  id: string;
  ticket: number;
}

/** Figures of a period, both dates included. Answers with `reports.Report` as JSON. */
export interface Report {
  type: "report";
  id: string;
  start: string;
  end: string;
}

/** The events of a period, newest first, at most 200 a page (`before` = a `seq` to go on from). */
export interface Log {
  type: "log";
  id: string;
  start: string;
  end: string;
  kind?: string | null;
  area?: string | null;
  desk?: string | null;
  clerk?: string | null;
  number?: string | null;
  before?: number | null;
}

/** Everything that happened to one number on one day. */
export interface Story {
  type: "story";
  id: string;
  date: string;
  number: string;
}

/** A service area: its code (a word), the digit its numbers begin with, its names, icon and colour. */
export interface AreaInfo {
  code: string;
  prefix: string;
  name: Text;
  /** One or two words, for the display; without them the name. */
  short: Text;
  /** Everyday words under the name: "Khai sinh, kết hôn, chứng thực". */
  words: Text;
  /** A Material Design Icons name, e.g. `home-outline`. */
  icon: string;
  color: string;
}

/** A procedure of an area, with what a citizen needs for it. */
export interface ProcedureInfo {
  code: string;
  area: string;
  name: Text;
  words: Text;
  papers: Text[];
  /** One line to know beforehand, e.g. "cả hai bên phải có mặt". */
  note: Text;
  time_limit: Text;
  fee: Text;
  /** Who need not pay; always shown beside the fee. */
  exempt: Text;
  /** Set where this hall does not handle it: says where to go. */
  elsewhere: Text;
  reference: string;
  decision: string;
  checked_on: string;
}

/** A desk, and the codes of the areas that it serves. */
export interface DeskInfo {
  code: string;
  name: Text;
  areas: string[];
}

/** Local hours `HH:MM` on `weekdays` (0 = Monday). */
export interface SessionInfo {
  start: string;
  end: string;
  weekdays: number[];
  /** Empty = all areas. */
  areas: string[];
}

/** Who is served first, and by how much. */
export interface PriorityInfo {
  /** Who has priority, in words, as shown above the two buttons. */
  rule: Text;
  /** The same in a few words, for the display's foot. */
  short: Text;
  policy: PriorityPolicy;
  /** `weight`: a minute of a priority person's wait counts as so many. */
  weight: number;
  /** `cap`: minutes of waiting after which nobody is overtaken by a priority number any more. */
  longest_wait: number;
}

/** The question at the kiosk after a visit, its levels of satisfaction, and reasons to be dissatisfied. */
export interface RatingInfo {
  question: Text;
  /** Words of the scores 1 … n, worst first (5, or 3). */
  levels: Text[];
  reasons: Record<string, Text>;
  /** How long after the end a visit may be rated. */
  minutes: number;
}

/** What seldom changes: sent with `welcome`. After a change of settings every client is welcomed anew. */
export interface HallInfo {
  /** The authority: "UBND PHƯỜNG …". */
  name: Text;
  /** The centre: "Trung tâm Phục vụ hành chính công". */
  place: Text;
  areas: AreaInfo[];
  procedures: ProcedureInfo[];
  desks: DeskInfo[];
  sessions: SessionInfo[];
  priority: PriorityInfo;
  rating: RatingInfo;
  /** Sentences the hall may reword: `notice`, `ticket_foot`, `help`, `slot`. */
  texts: Record<string, Text>;
  timezone: string;
  languages: string[];
  voice: boolean;
  no_show_calls: number;
  no_show_seconds: number;
  /** The wait that the hall is measured against: longer ones are marked. */
  target_minutes: number;
}

/** The hall's answer to a `hello` that it takes: who you are, what the hall is, how far it has come. */
export interface Welcome {
  type: "welcome";
  protocol: number;
  version: string;
  role: string;
  /** The device's name, the person's name, or the ticket's number. */
  device: string;
  hall: HallInfo;
  seq: number;
  now: string;
  /** Which hall's record this is: a kiosk that comes from another says nothing of that one's numbers here. */
  record: string;
  /** How often the hall has gone on above what its record lost. */
  epoch: number;
  /** To a kiosk: the last number of each area that it gave today, as the hall knows it. */
  given: Record<string, string>;
}

/** All that a role sees, whole, as of event `seq`. */
export interface View {
  type: "view";
  seq: number;
  view: unknown;
}

/** The hall is there though nothing changes: its last event's `seq`, and its instant (ISO 8601). */
export interface Beat {
  type: "beat";
  seq: number;
  now: string;
}

/** A refusal or failure: a code; clients make the sentence. The rest is there where the code needs it. */
export interface Error {
  code: string;
  detail?: string;
  ticket?: number | null;
  number?: string;
  desk?: string;
}

/** An error that answers no command: at the opening, or for a frame without a readable id. */
export interface ErrorMessage {
  type: "error";
  code: string;
  detail?: string;
}

/** The answer to the command of this id: a result, or an error. */
export interface Reply {
  type: "reply";
  id: string;
  ok: boolean;
  result?: unknown;
  error?: Error;
}

/** The answer to `issue`, and what a reprint prints. */
export interface TicketResult {
  ticket: number;
  number: string;
  area: string;
  procedure: string | null;
  priority: boolean;
  ahead: number;
  estimate: Record<string, number> | null;
  /** Codes of the desks that serve the area, open with somebody there; none while there is none. */
  desks: string[];
  issued_at: string;
  token: string;
  rating_code: string;
}

/** The answer to a command that calls a number, or puts it back in the line. */
export interface CallResult {
  ticket: number;
  number: string;
  at: string;
}

/** The answer to `add_device`: said once, stored nowhere in clear. */
export interface DeviceToken {
  token: string;
}

/** One area on the kiosk: how many wait (`waiting`), and which desks (codes) serve it now (`desks_open`). */
export interface KioskArea {
  code: string;
  waiting: number;
  estimate: Record<string, number> | null;
  desks_open: string[];
  /** Numbers are given now. */
  open: boolean;
  /** Local `HH:MM` of the next session today, where closed; null: open now, or not again today. */
  opens_at: string | null;
  closes_at: string | null;
  /** Whoever took a number now would be called at once: a desk is free, and nobody waits for it. */
  at_once: boolean;
  /** The highest number of today, whoever gave it: kiosks remember it for a hall that loses its record. */
  last: string | null;
}

/** A visit that can be rated: the ticket's id and number, its area and desk (codes), and when it ended. */
export interface EndedTicket {
  ticket: number;
  number: string;
  area: string;
  desk: string;
  ended_at: string;
}

/** A reprint that a desk asked of the kiosk `device`; `seq` tells it from an earlier one of the ticket. */
export interface PrintJob {
  seq: number;
  device: string;
  ticket: TicketResult;
}

/** A kiosk's number that is being called: its citizen may still stand at the kiosk. */
export interface CalledNow {
  ticket: number;
  desk: string;
}

/** What the kiosk shows. */
export interface KioskView {
  areas: KioskArea[];
  /** Recently ended and not yet rated, newest first, at most 12. */
  ended: EndedTicket[];
  jobs: PrintJob[];
  called: CalledNow[];
  /**
   * Tickets of kiosks within the last 40 minutes without a paper that wait, or are called; oldest first. One that is
   * not here is printed, begun, ended or of another day: a kiosk offers it no more. Null: this hall does not say.
   */
  unprinted: number[] | null;
  /**
   * What becomes of a call now: a display reads it out, displays only show it, or none is connected. Null: this hall
   * does not say.
   */
  announces: Displays | null;
  open: boolean;
  doubtful: boolean;
  /** Next opening, ISO 8601 with offset, where closed. */
  opens_at: string | null;
  notice: Text;
}

/** A call: event `seq`, number, desk and area (codes), its instant, and whether the number was called before. */
export interface DisplayCall {
  seq: number;
  number: string;
  desk: string;
  area: string;
  at: string;
  recall: boolean;
  /** Its citizen has come, or it is over: nobody needs to be told of it any more. */
  answered: boolean;
  /** A display has read it out, or it need not be. */
  said: boolean;
}

/** A call taken back (undo): "Số 1006 xin vui lòng chờ". */
export interface Withdrawn {
  seq: number;
  call: number;
  number: string;
  at: string;
}

/** One area on the display: how many wait, and who is next. */
export interface DisplayArea {
  code: string;
  waiting: number;
  /** At most five numbers, in the order in which they will be called. */
  next: string[];
  /** For each of `next`: does it carry the priority mark. */
  priority: boolean[];
  desks_open: string[];
  opens_at: string | null;
  /** Numbers of this area are given now. */
  open: boolean;
  /** Whoever took a number now would be called at once: a desk is free, and nobody waits for it. */
  at_once: boolean;
  /** Nobody sits at its desks now, but one of them was not closed: it goes on later. */
  paused: boolean;
}

/** What the hall's display shows and says. */
export interface DisplayView {
  /** Newest first; a recall is an entry of its own. Each that is not answered, and the last 20. */
  calls: DisplayCall[];
  withdrawn: Withdrawn[];
  missed: string[];
  areas: DisplayArea[];
  /** Numbers are given now. Desks may go on serving after that: see `desks_open` of the areas. */
  open: boolean;
  /** Every desk that was opened is paused. */
  paused: boolean;
  opens_at: string | null;
  notice: Text;
}

/** The number at a desk: its ticket's id, area and procedure (codes), and where it stands. */
export interface DeskTicket {
  ticket: number;
  number: string;
  area: string;
  procedure: string | null;
  priority: boolean;
  state: AtDesk;
  issued_at: string;
  /** Seconds in open hours, up to the call. */
  waited: number;
  calls: number;
  called_at: string;
  started_at: string | null;
  outcome: OutcomeCode | null;
  dossiers: number | null;
  not_printed: PrintFault | null;
  /** From when on `no_show` is accepted; null while another call is needed, or this one is not announced yet. */
  no_show_at: string | null;
  /**
   * Calls that the display reads out before this one; null where it has read this one out, or there is none to wait
   * for.
   */
  turn: number | null;
  because: CallReason | "";
}

/** A number in line: its ticket's id, area and procedure (codes). */
export interface QueueTicket {
  ticket: number;
  number: string;
  area: string;
  procedure: string | null;
  priority: boolean;
  /** Seconds in open hours. */
  waited: number;
  /** Why there is no paper: a print fault, else null. */
  not_printed: PrintFault | null;
}

/** A number that may come back: it was absent, or its citizen went for a paper. `calls`: so many times called. */
export interface MissedTicket {
  ticket: number;
  number: string;
  area: string;
  state: "no_show" | "supplement";
  calls: number;
  at: string;
}

/** The step that can be taken back: of which ticket, which event, until when (ISO 8601). */
export interface UndoStep {
  ticket: number;
  number: string;
  /** The event that `undo` would take back: called started finished no_show cancelled. */
  kind: string;
  until: string;
}

/** A visit of mine today, ended; its outcome may be filled in or changed. */
export interface Unrecorded {
  ticket: number;
  number: string;
  ended_at: string;
  outcome: OutcomeCode | null;
  dossiers: number | null;
}

/** What a clerk has done today. `served`: numbers; `unrecorded`: those without an outcome. */
export interface MyDay {
  served: number;
  /** Mean of the visits whose start was pressed. */
  service_seconds: number | null;
  unrecorded: number;
  /** Newest first, at most 20; those without an outcome before the rest. */
  visits: Unrecorded[];
}

/** One desk: who sits at it (`clerk`), the areas it serves (codes), the number it calls or serves. */
export interface DeskState {
  desk: string;
  state: DeskStateCode;
  clerk: string | null;
  areas: string[];
  ticket: DeskTicket | null;
  undo: UndoStep | null;
  pause_reason: string | null;
  /** Since when an open desk's page is on no screen (told after a minute): nobody may be sitting there. */
  away_since: string | null;
}

/** A kiosk in trouble: the last word of its printer and its paper, and whether it is connected. */
export interface DeviceFault {
  device: string;
  printer: PrinterState;
  paper: PaperState;
  connected: boolean;
}

/** An area some of whose numbers of today the record has lost: whoever holds one is called by number. */
export interface AreaRecovered {
  area: string;
  /** The first number that was given, or will be, after that. */
  next: string;
}

/** What a clerk's page shows. */
export interface DeskView {
  /** Null while the clerk has opened no desk. */
  me: DeskState | null;
  /** All desks, so that a free one can be chosen; without their undo steps. */
  desks: DeskState[];
  /** The first of the `total` who wait. */
  queue: QueueTicket[];
  total: number;
  /** Those of them whom no other open desk serves. */
  only_here: number;
  missed: MissedTicket[];
  day: MyDay;
  faults: DeviceFault[];
  open: boolean;
  /** The machine's date is in doubt: ask to confirm it. */
  doubtful: boolean;
  date: string;
  /** Another program holds the record's file: nothing can be written until it lets go. */
  held: boolean;
  /** Given at a desk within the last minutes, newest first: to read the number out again. */
  issued: QueueTicket[];
  recovered: AreaRecovered[];
}

/** One area today: numbers given, waiting, called or in service, served, absent. */
export interface AreaNow {
  code: string;
  issued: number;
  waiting: number;
  serving: number;
  served: number;
  no_show: number;
  /** Seconds, of those who wait now. */
  longest_wait: number;
  mean_wait: number | null;
  /** Per mille of the answered calls that came within the target. */
  within_target: number | null;
  /** Answered calls: what the two before are of. */
  answered: number;
}

/** A paired device, whether it is connected, and what it last said of itself. */
export interface DeviceNow {
  name: string;
  role: DeviceRole;
  connected: boolean;
  last_seen: string | null;
  printer: PrinterState | "";
  paper: PaperState | "";
  /** Empty: it has not told yet. */
  sound: SoundState | "";
}

/** Somebody who may sign in, and whether they are. */
export interface PersonNow {
  name: string;
  role: PersonRole;
  signed_in: boolean;
  /** Has a PIN of their own; the first manager, come in by a one-time PIN, has none yet. */
  settled: boolean;
}

/** What the manager's page shows of today. */
export interface ManagerView {
  date: string;
  doubtful: boolean;
  open: boolean;
  opens_at: string | null;
  areas: AreaNow[];
  desks: DeskState[];
  devices: DeviceNow[];
  people: PersonNow[];
  /**
   * Each an `AlarmCode`, of some with what it is about: `tls_ends:<date>` `tls_over:<date>` `printer:<device>`
   * `gone:<device>` `desk_left:<desk>`.
   */
  alarms: string[];
  ratings: number;
  /** Ratings 4 and 5 today. */
  satisfied: number;
  /** No day before this one has numbers on record: the hall is being set up. */
  first_day: boolean;
  /** Where other machines find this hall; none where it listens to its own machine alone. */
  addresses: string[];
  /** The wait that `within_target` is measured against. */
  target_minutes: number;
}

/** What a citizen's phone shows of one number: how many are ahead, or which desk calls it. */
export interface TicketView {
  number: string;
  area: string;
  state: string;
  ahead: number | null;
  desk: string | null;
}

/** One line of a report. */
export interface Figures {
  issued: number;
  /** Tickets that ended served. */
  served: number;
  no_show: number;
  cancelled: number;
  expired: number;
  /** Stays that ended served: one ticket may have several. */
  visits: number;
  /** Answered calls. */
  waits: number;
  mean_wait: number | null;
  median_wait: number | null;
  p90_wait: number | null;
  within_target: number;
  over_upper: number;
  services: number;
  mean_service: number | null;
  outcomes: Record<string, number>;
  unrecorded: number;
  dossiers: number;
  /** Of served visits. */
  ratings: number;
  /** How many ratings of each level, worst first. */
  scores: number[];
  satisfied: number;
  /** Ratings by those who were absent or expired: told apart. */
  gave_up_ratings: number;
}

/** The figures of one area, desk, clerk, hour or month. */
export interface Line {
  key: string;
  figures: Figures;
}

/** Numbers taken in a local hour, and the waits that began in it: a come-back's begins when it is queued again. */
export interface Hour {
  hour: number;
  issued: number;
  waits: number;
  mean_wait: number | null;
}

/** The figures of the days from `start` to `end` (dates, both included). */
export interface ReportResult {
  start: string;
  end: string;
  target_minutes: number;
  /** Days on which the hall was open at all. */
  days: number;
  total: Figures;
  areas: Line[];
  desks: Line[];
  clerks: Line[];
  by_day: Line[];
  hours: Hour[];
  /** Of the two lowest levels: how often each reason was given. */
  reasons: Record<string, number>;
  /** Days opened while the clock was in doubt and never confirmed. */
  doubtful_days: string[];
}

/** One event as a person reads it; absent fields are left out. */
export interface Entry {
  seq: number;
  at: string;
  kind: string;
  day?: string | null;
  number?: string | null;
  area?: string | null;
  procedure?: string | null;
  desk?: string | null;
  clerk?: string | null;
  device?: string | null;
  priority?: boolean | null;
  outcome?: OutcomeCode | null;
  dossiers?: number | null;
  score?: number | null;
  via?: Via | null;
  because?: Because | null;
  visit?: number | null;
  reasons?: string[];
  comment?: string | null;
  ticket?: number | null;
  /** The kind of the event that an `undone` or `restored` took back, or a `rated` replaced. */
  undid?: string | null;
  /** Of a confirmation: the date a person said. */
  date?: string | null;
  /** When an extra session is to end. */
  until?: string | null;
}

/** One page of the log, newest first. */
export interface LogPage {
  entries: Entry[];
  /** The `before` of the next page; null on the last. */
  more: number | null;
}

/** Every command by its name. */
export interface Commands {
  issue: Issue;
  printed: Printed;
  print_failed: PrintFailed;
  reprint: Reprint;
  cancel: Cancel;
  restore: Restore;
  find: Find;
  rate: Rate;
  status: Status;
  announced: Announced;
  open_desk: OpenDesk;
  pause_desk: PauseDesk;
  close_desk: CloseDesk;
  call_next: CallNext;
  call_ticket: CallTicket;
  recall: Recall;
  start: Start;
  no_show: NoShow;
  finish: Finish;
  set_outcome: SetOutcome;
  requeue: Requeue;
  set_priority: SetPriority;
  undo: Undo;
  confirm_date: ConfirmDate;
  open_session: OpenSession;
  add_person: AddPerson;
  set_pin: SetPin;
  add_device: AddDevice;
  revoke: Revoke;
  erase_comment: EraseComment;
  report: Report;
  log: Log;
  story: Story;
}

/** What each is answered with. */
export interface Results {
  issue: TicketResult;
  printed: Record<string, never>;
  print_failed: Record<string, never>;
  reprint: TicketResult;
  cancel: Record<string, never>;
  restore: Record<string, never>;
  find: Record<string, never>;
  rate: Record<string, never>;
  status: Record<string, never>;
  announced: Record<string, never>;
  open_desk: Record<string, never>;
  pause_desk: Record<string, never>;
  close_desk: Record<string, never>;
  call_next: CallResult;
  call_ticket: CallResult;
  recall: Record<string, never>;
  start: Record<string, never>;
  no_show: Record<string, never>;
  finish: Record<string, never>;
  set_outcome: Record<string, never>;
  requeue: CallResult;
  set_priority: Record<string, never>;
  undo: Record<string, never>;
  confirm_date: Record<string, never>;
  open_session: Record<string, never>;
  add_person: Record<string, never>;
  set_pin: Record<string, never>;
  add_device: DeviceToken;
  revoke: Record<string, never>;
  erase_comment: Record<string, never>;
  report: ReportResult;
  log: LogPage;
  story: Entry[];
}

/** What a command says beside its name and id. */
export type Fields<K extends keyof Commands> = Omit<Commands[K], "type" | "id">;

/** The view that each role gets. */
export interface Views {
  kiosk: KioskView;
  rate: KioskView;
  display: DisplayView;
  desk: DeskView;
  manager: ManagerView;
  ticket: TicketView;
}
