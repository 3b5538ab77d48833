// One socket to the hall that comes back by itself. Decides nothing: views and answers go to its owner.
//
// A command keeps its id across reconnects, so the hall answers it once, however often it is sent; a press made while
// the link is cut is not taken at all, because nobody wants it to act later. Every command ends: answered, or given up
// after `WITHIN`. Cut = nothing heard for 5 s (the hall says a beat every second).

import { isAnother } from "./session.js";
import { PROTOCOL, REPLACED, TOO_MANY, UNAUTHORISED } from "./values.js";

/** @import * as Protocol from "./protocol.d.ts" */
/** @import { LinkState } from "./words.js" */
/** @typedef {Protocol.Welcome | Protocol.View | Protocol.Beat | Protocol.Reply | Protocol.ErrorMessage} Message */
/**
 * @template {keyof Protocol.Commands} K
 * @typedef {{ok: true, result: Protocol.Results[K]} | {ok: false, error: Protocol.Error}} Answer
 */
/** @typedef {{ok: boolean, result?: unknown, error?: Protocol.Error}} Ended */

const SILENCE = 5000;
const DELAYS = [250, 500, 1000]; // ms before the first tries to come back
const DELAY = 2000; // and before each that follows
const AGAIN = 3000; // ms after which a command without an answer is sent once more
const WITHIN = 10000; // ms after which it is given up: nobody wants it to act any more
const READING = 90000; // the same of a question to the record, which may be long and changes nothing
const QUESTIONS = ["report", "log", "story"];
/** @type {LinkState[]} */
const FINAL = ["unauthorised", "forbidden", "update_needed", "replaced"];
/** @type {Ended} */
const UNANSWERED = { ok: false, error: { code: "unanswered" } };

/** A UUID version 4. `crypto.randomUUID` is missing on pages of a plain-http LAN address. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @template {Protocol.PageRole} R */
export class Link {
  /** @type {LinkState} */
  state = "cut";
  /** Why it ended, by a code for `whyEnded`. */
  why = "";
  /** @type {Map<string, {frame: string, resolve: (reply: Ended) => void}>} The commands that wait for an answer, by id. */
  #open = new Map();
  /** @type {WebSocket | null} */
  #socket = null;
  #full = false;
  #tries = 0;
  #offset = 0;
  #silence = 0;
  #owner;

  /**
   * `state` is "connected", "cut" (or "too_many": the hall has no place just now), or one that ends it: "unauthorised"
   * (`why` has the code for `whyEnded`), "forbidden" (signed in, but not for this page), "update_needed" or "replaced"
   * (the same person has opened too many pages since). `onState` is told each change once.
   *
   * @param {object} owner
   * @param {R} owner.role
   * @param {string} owner.lang
   * @param {(welcome: Protocol.Welcome) => void} owner.onWelcome
   * @param {(view: Protocol.Views[R], seq: number) => void} owner.onView
   * @param {(state: LinkState) => void} owner.onState
   */
  constructor(owner) {
    this.#owner = owner;
    this.#connect();
  }

  /** The hall's time in ms since 1970: its last word of it, and what has passed since on a steady clock. */
  now() {
    return performance.now() + this.#offset;
  }

  /**
   * Send a command; resolves with the reply. Where the link is cut, `error.code` is "cut": it was not sent. Where no
   * answer comes in time it is "unanswered": the next view shows whether it took effect.
   *
   * @template {keyof Protocol.Commands} K
   * @param {K} type
   * @param {Protocol.Fields<K>} fields
   * @returns {Promise<Answer<K>>}
   */
  ask(type, fields) {
    if (this.state !== "connected") return Promise.resolve({ ok: false, error: { code: "cut" } });
    const id = uuid();
    const frame = JSON.stringify({ type, id, ...fields });
    const question = QUESTIONS.includes(type);
    return new Promise((answered) => {
      /** @type {number[]} */
      const timers = [];
      /** @param {Ended} reply */
      const resolve = (reply) => {
        timers.forEach(clearTimeout);
        this.#open.delete(id);
        answered(/** @type {Answer<K>} */ (reply)); // the hall answers as its protocol says
      };
      this.#open.set(id, { frame, resolve });
      this.#socket?.send(frame);
      if (!question) timers.push(setTimeout(() => this.state === "connected" && this.#socket?.send(frame), AGAIN));
      timers.push(setTimeout(() => resolve(UNANSWERED), question ? READING : WITHIN));
    });
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws`);
    const { role, lang } = this.#owner;
    this.#socket = socket;
    this.#listenFor();
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL, role, lang }));
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#heard(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      this.#full = event.code === TOO_MANY;
      if (event.code === UNAUTHORISED && !FINAL.includes(this.state)) this.#end("unauthorised", event.reason);
      else if (event.code === TOO_MANY && event.reason === REPLACED) this.#end(REPLACED, event.reason);
      else this.#lost();
    };
  }

  #listenFor() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE);
  }

  /** @param {Message} message */
  #heard(message) {
    this.#listenFor();
    if ("now" in message) this.#offset = Date.parse(message.now) - performance.now();
    if (message.type === "welcome") {
      if (isAnother(message.device)) {
        this.#end("unauthorised", "another"); // before anything of this tab is sent in that name
        return;
      }
      this.#tries = 0;
      this.#owner.onWelcome(message);
      this.#say("connected");
      for (const waiting of this.#open.values()) this.#socket?.send(waiting.frame);
    } else if (message.type === "view") {
      this.#owner.onView(/** @type {Protocol.Views[R]} */ (message.view), message.seq); // each role gets its own
    } else if (message.type === "reply") {
      this.#open.get(message.id)?.resolve(message);
    } else if (message.type === "error") {
      const state = FINAL.find((found) => found === message.code);
      if (state) this.#end(state, message.code);
      else console.warn("the hall answers", message.code, message.detail);
    }
  }

  #lost() {
    clearTimeout(this.#silence);
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    if (FINAL.includes(this.state)) return;
    this.#say(this.#full ? "too_many" : "cut");
    const pause = (DELAYS[this.#tries] ?? DELAY) * (0.75 + Math.random() / 2);
    this.#tries += 1;
    setTimeout(() => this.#connect(), pause);
  }

  /**
   * The link does not come back by itself: nothing is sent any more.
   *
   * @param {LinkState} state
   * @param {string} why
   */
  #end(state, why) {
    this.why = why;
    this.#say(state);
    for (const waiting of [...this.#open.values()]) waiting.resolve(UNANSWERED);
    this.#lost();
  }

  /** @param {LinkState} state */
  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.#owner.onState(state);
  }
}
