// One socket to the hall that comes back by itself. Decides nothing: views and answers go to its owner.
//
// A command keeps its id across reconnects, so the hall answers it once, however often it is sent; a press made while
// the link is cut is not taken at all, because nobody wants it to act later. Every command ends: answered, or given up
// after `WITHIN`. Cut = nothing heard for 5 s (the hall says a beat every second).

import { isAnother } from "./session.js";

const PROTOCOL = 1;
const SILENCE = 5000;
const DELAYS = [250, 500, 1000, 2000];
const AGAIN = 3000; // ms after which a command without an answer is sent once more
const WITHIN = 10000; // ms after which it is given up: nobody wants it to act any more
const READING = 90000; // the same of a question to the record, which may be long and changes nothing
const QUESTIONS = ["report", "log", "story"];
const FINAL = ["unauthorised", "forbidden", "update_needed", "replaced"];
const [UNAUTHORISED, TOO_MANY] = [4401, 4429];
const UNANSWERED = { ok: false, error: { code: "unanswered" } };

/** A UUID version 4. `crypto.randomUUID` is missing on pages of a plain-http LAN address. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Link {
  /**
   * `state` is "connected", "cut" (or "too_many": the hall has no place just now), or one that ends it: "unauthorised"
   * (`why` has the code for `whyEnded`), "forbidden" (signed in, but not for this page), "update_needed" or "replaced"
   * (the same person has opened too many pages since). `onState` is told each change once.
   */
  constructor({ role, lang, onWelcome = () => {}, onView = () => {}, onState = () => {} }) {
    Object.assign(this, { role, lang, onWelcome, onView, onState });
    this.state = "cut";
    this.why = "";
    this.full = false;
    this.open = new Map();
    this.tries = 0;
    this.offset = 0;
    this.#connect();
  }

  /** The hall's time in ms since 1970: its last word of it, and what has passed since on a steady clock. */
  now() {
    return performance.now() + this.offset;
  }

  /**
   * Send a command; resolves with the reply `{ok, result, error}`. Where the link is cut, `error.code` is "cut": it
   * was not sent. Where no answer comes in time it is "unanswered": the next view shows whether it took effect.
   */
  ask(type, fields = {}) {
    if (this.state !== "connected") return Promise.resolve({ ok: false, error: { code: "cut" } });
    const id = uuid();
    const frame = JSON.stringify({ type, id, ...fields });
    const question = QUESTIONS.includes(type);
    return new Promise((answered) => {
      const timers = [];
      const resolve = (reply) => {
        timers.forEach(clearTimeout);
        this.open.delete(id);
        answered(reply);
      };
      this.open.set(id, { frame, resolve });
      this.socket.send(frame);
      if (!question) timers.push(setTimeout(() => this.state === "connected" && this.socket.send(frame), AGAIN));
      timers.push(setTimeout(() => resolve(UNANSWERED), question ? READING : WITHIN));
    });
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws`);
    this.socket = socket;
    this.#listenFor();
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL, role: this.role, lang: this.lang }));
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.#heard(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      this.full = event.code === TOO_MANY;
      if (event.code === UNAUTHORISED && !FINAL.includes(this.state)) this.#end("unauthorised", event.reason);
      else if (event.code === TOO_MANY && event.reason === "replaced") this.#end("replaced", event.reason);
      else this.#lost();
    };
  }

  #listenFor() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.#lost(), SILENCE);
  }

  #heard(message) {
    this.#listenFor();
    if (message.now) this.offset = Date.parse(message.now) - performance.now();
    if (message.type === "welcome") {
      if (isAnother(message.device)) {
        this.#end("unauthorised", "another"); // before anything of this tab is sent in that name
        return;
      }
      this.tries = 0;
      this.onWelcome(message);
      this.#say("connected");
      for (const waiting of this.open.values()) this.socket.send(waiting.frame);
    } else if (message.type === "view") {
      this.onView(message.view, message.seq);
    } else if (message.type === "reply") {
      this.open.get(message.id)?.resolve(message);
    } else if (message.type === "error" && FINAL.includes(message.code)) {
      this.#end(message.code, message.code);
    } else if (message.type === "error") {
      console.warn("the hall answers", message.code, message.detail);
    }
  }

  #lost() {
    clearTimeout(this.silence);
    const old = this.socket;
    this.socket = null;
    old?.close();
    if (FINAL.includes(this.state)) return;
    this.#say(this.full ? "too_many" : "cut");
    const pause = DELAYS[Math.min(this.tries, DELAYS.length - 1)] * (0.75 + Math.random() / 2);
    this.tries += 1;
    setTimeout(() => this.#connect(), pause);
  }

  /** The link does not come back by itself: nothing is sent any more. */
  #end(state, why) {
    this.why = why;
    this.#say(state);
    for (const waiting of [...this.open.values()]) waiting.resolve(UNANSWERED);
    this.#lost();
  }

  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
