// One socket to the hall that comes back by itself. Decides nothing: views and answers go to its owner.
//
// A command keeps its id across reconnects, so the hall answers it once; a press made while the link is cut is not
// taken at all, because nobody wants it to act later. Cut = nothing heard for 5 s (the hall says a beat every second).

const PROTOCOL = 1;
const SILENCE = 5000;
const DELAYS = [250, 500, 1000, 2000];
const RESEND_WITHIN = 15000;

/** A UUID version 4. `crypto.randomUUID` is missing on pages of a plain-http LAN address. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** End the session and go to the sign-in page; false where nobody answers: then nobody is signed out. */
export async function signOut() {
  try {
    await fetch("/sign-out", { method: "POST" });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch rejects with TypeError when nobody answers
    return false;
  }
  location.assign("/sign-in");
  return true;
}

export class Link {
  /** `state` is "cut", "connected", "unauthorised" or "update_needed"; `onState` is told each change once. */
  constructor({ role, lang, onWelcome = () => {}, onView = () => {}, onState = () => {} }) {
    Object.assign(this, { role, lang, onWelcome, onView, onState });
    this.state = "cut";
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
   * Send a command; resolves with the reply `{ok, result, error}`. Where the link is cut, or stays cut too long
   * to act on the press any more, `error.code` is "cut".
   */
  ask(type, fields = {}) {
    if (this.state !== "connected") return Promise.resolve({ ok: false, error: { code: "cut" } });
    const id = uuid();
    const frame = JSON.stringify({ type, id, ...fields });
    return new Promise((resolve) => {
      this.open.set(id, { frame, resolve, at: performance.now() });
      this.socket.send(frame);
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
    socket.onclose = () => {
      if (socket === this.socket) this.#lost();
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
      this.tries = 0;
      this.onWelcome(message);
      this.#say("connected");
      for (const waiting of this.open.values()) this.socket.send(waiting.frame);
    } else if (message.type === "view") {
      this.onView(message.view, message.seq);
    } else if (message.type === "reply") {
      this.open.get(message.id)?.resolve(message);
      this.open.delete(message.id);
    } else if (message.type === "error" && ["unauthorised", "update_needed"].includes(message.code)) {
      this.#say(message.code);
    } else if (message.type === "error") {
      console.warn("the hall answers", message.code, message.detail);
    }
  }

  #lost() {
    clearTimeout(this.silence);
    const old = this.socket;
    this.socket = null;
    old?.close();
    if (["unauthorised", "update_needed"].includes(this.state)) return;
    this.#say("cut");
    const pause = DELAYS[Math.min(this.tries, DELAYS.length - 1)] * (0.75 + Math.random() / 2);
    this.tries += 1;
    setTimeout(() => {
      this.#forget();
      this.#connect();
    }, pause);
  }

  /** Give up the commands that are too old to act on; whether they took effect the next view shows. */
  #forget() {
    for (const [id, waiting] of this.open) {
      if (performance.now() - waiting.at > RESEND_WITHIN) {
        this.open.delete(id);
        waiting.resolve({ ok: false, error: { code: "cut" } });
      }
    }
  }

  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
