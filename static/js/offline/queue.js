// The queue: operations that wait on this phone until the server has taken them.
//
// An operation names its object ("sheets/5/items/12"); operations on one object, or on one
// inside the other, are sent in the order they were made; what is marked `last` (pictures) after
// everything else. `blob` is sent as it is, `body` as JSON. Each has a key of its own, so the
// server carries it out once however often it arrives (portal/offline/once.py).
//
// State: waiting -> gone once taken; conflict (somebody else was faster, both versions are
// kept for a choice); refused (a rule said no, in words).
import * as store from "./store.js";

export const user = () => document.body.dataset.user || "guest";
// Between tries: a browser does not always say that a signal is back.
const LONGEST_PAUSE = 30_000;
const LONGEST_PAUSE_IN_POCKET = 300_000;
const PATIENCE = 20_000;
const PATIENCE_FOR_PICTURES = 180_000; // half a megabyte over one bar

// -- kinds: what the trades know about their operations ------------------------------------------
//
// taken(op, answer)     the server's answer, to be remembered
// prepare(op)           the body of the first sending, when the clocks have just met
// version(op, answer)   the version a following operation on the same object builds upon
// theirs(op)            after a conflict: {title, words, version, ...}
// mine / both(op)       the body that settles it
const kinds = {};
export const register = (kind, handlers) => (kinds[kind] = handlers);

// -- what is in it --------------------------------------------------------------------------------

const bySeq = (a, b) => a.seq - b.seq;
export const related = (a, b) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

export async function list(object = null) {
  const ops = await store.all("ops").catch(() => []);
  const mine = ops.filter((op) => op.user === user()).sort(bySeq);
  return object === null ? mine : mine.filter((op) => related(op.object, object));
}

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // no https: the same by hand
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Puts an operation into the queue; resolves when it is on the disk. With `replaces`, one on the
// same object that was never sent takes over the new content instead of a second one.
export async function add(given) {
  await load();
  const op = await store.write(["ops"], async ({ ops }) => {
    const earlier = (await ops.all()).filter((o) => o.user === user() && o.object === given.object);
    const last = earlier.sort(bySeq).at(-1);
    const fresh = { ...given, key: newKey(), user: user(), madeAt: Date.now(), skew: clock.skew, tried: 0, state: "waiting" };
    if (given.replaces && last?.kind === given.kind && (!last.tried || last.state !== "waiting")) {
      // Its base stays: it was typed on that version. A conflict stays one until it is settled.
      fresh.seq = last.seq;
      fresh.body = { ...given.body, ...(last.body?.version === undefined ? {} : { version: last.body.version }) };
      fresh.follows = last.follows;
      fresh.waited = last.waited;
      if (last.state === "conflict") Object.assign(fresh, { state: "conflict", said: last.said, theirs: last.theirs });
    } else {
      fresh.follows = Boolean(last);
    }
    if (line.state === "offline") fresh.waited = true;
    fresh.seq = await ops.put(withoutGaps(fresh));
    return fresh;
  });
  told();
  sync();
  return op;
}

// An auto-incremented key may not be there and undefined.
const withoutGaps = (op) => Object.fromEntries(Object.entries(op).filter(([, value]) => value !== undefined));
const save = (op) => store.put("ops", withoutGaps(op));

// -- the server's clock -------------------------------------------------------------------------

// skew: the server's clock minus this phone's, in ms; null before they met.
export const clock = { skew: null };
export const WRONG_BY = 120_000;
const righted = (at, skew) => at + (Math.abs(skew ?? 0) > WRONG_BY ? skew : 0);
export async function now() {
  await load();
  return righted(Date.now(), clock.skew);
}
// When an operation was made, by the clock to go by.
export const when = (op) => righted(op.madeAt, op.skew);
const fact = (name) => `${user()}|${name}`;

let loading = null;
const load = () =>
  (loading ||= store
    .get("facts", fact("skew"))
    .then((found) => {
      if (clock.skew === null && found) clock.skew = found.value;
    })
    .catch(() => {}));

// -- sending --------------------------------------------------------------------------------------

// offline: no answer; signin: the session is dead; other: somebody else is signed in here.
export const line = { state: navigator.onLine ? "unknown" : "offline" };

let token = "";

async function contact() {
  const before = Date.now();
  let response;
  try {
    response = await fetch("/offline/me/", {
      redirect: "manual",
      cache: "no-store",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return "offline";
  }
  if (response.type === "opaqueredirect" || [401, 403].includes(response.status)) return "signin";
  if (!response.ok) return "offline";
  const who = await response.json();
  const skew = who.now - Math.round((before + Date.now()) / 2);
  if (clock.skew === null || Math.abs(skew - clock.skew) > 1000) {
    clock.skew = skew;
    store.put("facts", { id: fact("skew"), user: user(), value: skew }).catch(() => {});
  }
  token = who.token;
  return who.user === user() ? "ok" : "other";
}

async function meet() {
  const before = line.state;
  line.state = await contact();
  if (line.state !== before) told();
  return line.state === "ok";
}

// Which of these wait behind one that needs a choice: they are not on their way.
export function blocked(ops) {
  const held = ops.filter((op) => op.state !== "waiting");
  return new Set(ops.filter((op) => op.state === "waiting" && held.some((other) => other.seq < op.seq && related(other.object, op.object))));
}

let running = null;
let again = false;
let pause = 0;
let timer = 0;

// Sends what waits; safe to call at any time and from several tabs.
export function sync() {
  if (user() === "guest") return Promise.resolve();
  if (running) {
    again = true;
    return running;
  }
  clearTimeout(timer);
  running = alone(run)
    .catch(() => "later")
    .then((outcome) => {
      running = null;
      if (again) {
        again = false;
        return sync();
      }
      if (outcome === "later") {
        const longest = document.hidden ? LONGEST_PAUSE_IN_POCKET : LONGEST_PAUSE;
        pause = Math.min(longest, Math.max(2000, pause * 2));
        timer = setTimeout(sync, pause * (0.8 + Math.random() * 0.4));
      } else {
        pause = 0;
      }
      return told();
    });
  return running;
}

const alone = (work) =>
  navigator.locks ? navigator.locks.request(`portal.queue.${user()}`, work) : work();

async function run() {
  await load();
  const ops = await list();
  if (!ops.some((op) => op.state === "waiting")) return "done";
  if (!(await meet())) {
    await mark(ops);
    return line.state === "offline" ? "later" : "done";
  }
  const held = []; // objects on which an earlier operation still waits for a choice
  ops.sort((a, b) => Boolean(a.last) - Boolean(b.last) || bySeq(a, b));
  for (const { seq, state, object, madeAt, holdFor = 0 } of ops) {
    const young = madeAt + holdFor - Date.now();
    if (young > 0 && young <= holdFor) wake(young);
    if (state !== "waiting" || (young > 0 && young <= holdFor) || held.some((other) => related(other, object))) {
      held.push(object);
      continue;
    }
    const outcome = await send(seq);
    if (outcome === "later" || outcome === "signin") {
      line.state = outcome === "later" ? "offline" : "signin";
      await mark(await list());
      return outcome === "later" ? "later" : "done";
    }
    if (outcome === "taken") pause = 0; // it goes, if slowly
    if (outcome === "held") held.push(object);
    told();
  }
  return "done";
}

// An operation that may still be taken back is sent a little later.
let waking = 0;
function wake(after) {
  clearTimeout(waking);
  waking = setTimeout(sync, after + 20);
}

// These have waited: when they are gone, the page says so once.
async function mark(ops) {
  for (const op of ops.filter((op) => !op.waited)) {
    await store.write(["ops"], async ({ ops: all }) => {
      const fresh = await all.get(op.seq);
      if (fresh) await all.put({ ...fresh, waited: true });
    });
  }
}

async function send(seq) {
  // From here on its content may be on the server: it is not changed any more.
  const op = await store.write(["ops"], async ({ ops }) => {
    const found = await ops.get(seq);
    if (found) {
      if (!found.foreign) found.skew = clock.skew;
      if (!found.tried) found.body = kinds[found.kind]?.prepare?.(found) ?? found.body;
      found.tried += 1;
      await ops.put(found);
    }
    return found;
  });
  if (!op) return "gone";
  let response;
  try {
    response = await fetch(op.url, {
      method: op.method,
      redirect: "manual",
      keepalive: !op.blob, // browsers keep no more than 64 KB alive
      headers: {
        Accept: "application/json",
        "Content-Type": op.blob ? op.blob.type : "application/json",
        "X-CSRFToken": token,
        "Idempotency-Key": op.key,
        "X-Made-At": new Date(op.madeAt).toISOString(),
        ...(op.skew === null || op.skew === undefined ? {} : { "X-Clock-Skew": String(op.skew) }),
      },
      body: op.blob ?? JSON.stringify(op.body ?? {}),
      signal: AbortSignal.timeout(op.blob ? PATIENCE_FOR_PICTURES : PATIENCE),
    });
  } catch {
    return "later";
  }
  if (response.type === "opaqueredirect" || response.status === 401) return "signin";
  if (response.status >= 500 || response.status === 429) return "later";
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    await taken(op, answer);
    return "taken";
  }
  op.said = answer.detail || firstWords(answer) || "服务器没有收下。";
  op.field = answer.field || "";
  op.state = answer.code === "conflict" ? "conflict" : "refused";
  if (op.state === "conflict") op.theirs = await kinds[op.kind]?.theirs?.(op).catch(() => null);
  await save(op);
  announce("held", { op });
  return "held";
}

const firstWords = (answer) => {
  const found = Object.values(answer).flat(3).find((value) => typeof value === "string");
  return found || "";
};

async function taken(op, answer) {
  const kind = kinds[op.kind];
  await kind?.taken?.(op, answer);
  await store.write(["ops", "facts"], async ({ ops, facts }) => {
    await ops.remove(op.seq);
    // The next one on this object was typed on top of this one.
    const next = (await ops.all()).sort(bySeq).find((o) => o.user === op.user && o.object === op.object && o.seq > op.seq);
    if (next?.follows && kind?.version) {
      const body = next.body?.version === undefined ? next.body : { ...next.body, version: kind.version(op, answer) };
      await ops.put({ ...next, follows: false, body });
    }
    if (op.waited) {
      const id = fact("sent");
      const found = await facts.get(id);
      const before = found && !found.shownAt ? found.value : 0;
      await facts.put({ id, user: user(), value: before + 1, at: Date.now() });
    }
  });
  announce("taken", { op, answer });
}

// -- settling what was not taken ----------------------------------------------------------------

// choice: "mine" | "theirs" | "both". What is not chosen stays readable on this phone.
export async function settle(seq, choice) {
  const op = await store.get("ops", seq);
  if (!op) return;
  if (choice === "theirs") await setAside(op);
  else {
    const body = kinds[op.kind][choice](op);
    const { said, theirs, ...rest } = op;
    await save({ ...rest, body, key: newKey(), tried: 0, state: "waiting", follows: false });
  }
  told();
  await sync();
}

export async function setAside(op) {
  await store.write(["ops", "aside"], async ({ ops, aside }) => {
    await aside.put({ ...op, asideAt: Date.now() });
    await ops.remove(op.seq);
  });
  told();
}

// Takes an operation back, as long as it never left; whether it worked.
export async function undo(seq) {
  const gone = await store.write(["ops"], async ({ ops }) => {
    const op = await ops.get(seq);
    const free = op && !op.tried;
    if (free) await ops.remove(seq);
    return free;
  });
  told();
  return gone;
}

export async function tryAgain(seq) {
  const op = await store.get("ops", seq);
  if (op) await save({ ...op, state: "waiting", said: "" });
  told();
  await sync();
}

export const knows = (op, choice) => Boolean(kinds[op.kind]?.[choice]) && Boolean(op.theirs);

// -- the last known state of an object ----------------------------------------------------------

export const remember = (object, value) =>
  store.put("known", { id: `${user()}|${object}`, user: user(), object, value, at: Date.now() });
export const recall = (object) =>
  store.get("known", `${user()}|${object}`).then((found) => found?.value, () => undefined);

// -- telling the page -----------------------------------------------------------------------------

const announce = (name, detail = {}) => document.dispatchEvent(new CustomEvent(`portal:${name}`, { detail }));

// "portal:queue": something about the queue or the line has changed.
async function told() {
  const ops = await list();
  announce("queue", { ops, line: line.state });
}

export function start({ meets = false } = {}) {
  const go = () => {
    pause = 0;
    line.state = navigator.onLine ? line.state : "offline";
    sync();
  };
  window.addEventListener("online", () => {
    line.state = "unknown";
    told();
    go();
  });
  window.addEventListener("offline", () => {
    line.state = "offline";
    list().then(mark).then(told);
  });
  window.addEventListener("pageshow", go);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") go();
  });
  load().then(told);
  if (meets && user() !== "guest") load().then(meet).catch(() => {});
  go();
}
