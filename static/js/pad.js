// The deduction pad: counts, marks at once, kept on this phone as one goes and sent through the
// queue. Without this script the same form saves with its buttons.
import { versions } from "./offline/conflict.js";
import { add, line, list, now, sync, when } from "./offline/queue.js";
import { draftKey as keyOf, fetchSheet, itemObject, oneDecimal, sheetState, tickOf, timeOf } from "./offline/sheets.js";

const form = document.querySelector("form[data-pad]");
const $ = (name) => document.querySelector(`[data-${name}]`);
const data = form.dataset;
const sheet = Number(data.sheet);
const item = Number(data.item);
const object = itemObject(sheet, item);
const full = Number(data.full);
const rules = [...form.querySelectorAll("[data-rule]")];
const draftKey = keyOf(sheet, item);
const GO_ON_AFTER = 1500; // an answer is waited for so long before the next page is opened

// What the form stands on: the item's version, whether it is judged, and whether it was looked at.
let base = { version: Number($("version").value), state: data.state, reason: data.reason, seen: "seen" in data };

const input = (rule) => rule.querySelector("[data-count-value]");
const textOf = (rule) => rule.querySelector("textarea");
const choice = (rule, name) => rule.querySelector(`[name^="${name}-"]`);
const countOf = (rule, value = (field) => field.value) => Math.max(0, Math.min(999, parseInt(value(input(rule)), 10) || 0));
// What the server drew, whatever was typed before this script had arrived.
const drawnValue = (field) => field.defaultValue ?? [...field.options].find((option) => option.defaultSelected)?.value ?? field.value;
const pointsOf = (rule, count) => (!count ? 0 : "takesAll" in rule.dataset ? full : Math.min(full, Number(rule.dataset.points) * count));
const isDue = () => base.state === "due";

// -- reading and filling the form ---------------------------------------------------------------

const linesOf = (value = (field) => field.value) =>
  rules
    .filter((rule) => isDue() && countOf(rule, value))
    .map((rule) => ({
      rule: Number(rule.dataset.rule),
      count: countOf(rule, value),
      fact: value(textOf(rule)).trim(),
      severity: value(choice(rule, "severity")),
      kind: value(choice(rule, "kind")),
      text: rule.dataset.text,
      points: pointsOf(rule, countOf(rule, value)),
    }));

const marks = () => Math.max(0, full - (isDue() ? rules.reduce((sum, rule) => sum + pointsOf(rule, countOf(rule)), 0) : 0));

function fill(lines) {
  for (const rule of rules) {
    const line = lines.find((found) => found.rule === Number(rule.dataset.rule));
    input(rule).value = line ? line.count : 0;
    textOf(rule).value = line ? line.fact : "";
    if (line) {
      choice(rule, "severity").value = line.severity;
      choice(rule, "kind").value = line.kind;
    }
  }
}

// -- on the screen ------------------------------------------------------------------------------

function draw() {
  for (const rule of rules) {
    const count = countOf(rule);
    rule.classList.toggle("pad-warm", count > 0);
    rule.querySelector("[data-why]").hidden = count === 0;
    rule.querySelector('[data-count="-1"]').disabled = count === 0;
    rule.querySelector('[data-count="1"]').disabled = count === 999;
  }
  $("marks").textContent = oneDecimal(marks());
  $("taken-value").textContent = oneDecimal(full - marks());
  $("taken").hidden = marks() === full;
  $("pad-rules").hidden = !isDue();
  $("pad-na").hidden = !isDue();
  $("pad-grey").hidden = isDue();
  form.querySelector(".pad-card").classList.toggle("pad-grey", !isDue());
  const said = base.state === "not_applicable" && base.reason;
  for (const part of form.querySelectorAll("[data-grey]")) {
    part.hidden = part.dataset.grey !== (said ? "said" : base.state);
  }
  $("grey-reason").textContent = base.reason || "";
}

function say(text, bad = false) {
  $("saved-text").textContent = text;
  $("saved").classList.toggle("pad-unsaved", bad);
}

function complain(text, field = "") {
  const rule = rules.find((found) => field.endsWith(`-${found.dataset.rule}`));
  if (rule) {
    const error = rule.querySelector("[data-rule-error]");
    error.hidden = false;
    error.querySelector("span").textContent = text;
    textOf(rule).classList.add("is-invalid");
    textOf(rule).setAttribute("aria-invalid", "true");
    textOf(rule).setAttribute("aria-describedby", error.id);
  } else {
    $("pad-alert").hidden = false;
    $("pad-alert-text").textContent = text;
  }
}
function settle() {
  $("pad-alert").hidden = true;
  for (const rule of rules) {
    rule.querySelector("[data-rule-error]").hidden = true;
    textOf(rule).classList.remove("is-invalid");
    textOf(rule).removeAttribute("aria-invalid");
  }
}
// Counted and not written down: said where the fact is missing, and one is brought there.
function demandFacts() {
  const missing = linesOf().filter((line) => !line.fact);
  for (const { rule } of missing) complain("请写上事实再往下走：时间、地点、人数。没有这回事就把次数减到 0。", `fact-${rule}`);
  const first = rules.find((rule) => Number(rule.dataset.rule) === missing[0].rule);
  textOf(first).focus();
  textOf(first).scrollIntoView({ block: "center" });
}

// The numbers of the whole sheet, with what waits on this phone counted in.
function drawSheet(state) {
  $("total").textContent = oneDecimal(state.base);
  $("total-deducted").textContent = oneDecimal(state.deducted);
  $("left").textContent = state.left.length;
  document.querySelectorAll(".pad-ticks .tick").forEach((tick, at) => {
    const entry = state.items[at];
    if (entry && entry.item !== item) tick.className = `tick tick-${tickOf(entry)}`;
  });
}

// -- kept at once as typed, put into the queue when it says something whole ------------------------

// A count without its fact can't be sent; it is kept here all the same.
function keepDraft() {
  try {
    const rows = rules.map((rule) => [input(rule).value, textOf(rule).value, choice(rule, "severity").value, choice(rule, "kind").value]);
    localStorage.setItem(draftKey, JSON.stringify({ at: Date.now(), version: base.version, rows, shown: { state: base.state, lines: linesOf(), marks: marks() } }));
  } catch {
    /* private window: the queue still works */
  }
}
function dropDraft() {
  try {
    localStorage.removeItem(draftKey);
  } catch {
    /* nothing was kept */
  }
}
function readDraft() {
  try {
    const found = JSON.parse(localStorage.getItem(draftKey) || "null");
    return found?.rows?.length === rules.length ? found : null;
  } catch {
    return null;
  }
}

// A fact still to be written is no mistake yet: wait for it.
const isWhole = () => linesOf().every((line) => line.fact);

let agreed = ""; // what the queue or the server has already
const content = (value) => JSON.stringify([base.state, base.reason, linesOf(value)]);
let timer = 0;

async function put() {
  clearTimeout(timer);
  if (!isWhole()) {
    say("写上事实后自动保存", true);
    return false;
  }
  const lines = linesOf();
  const sent = content();
  const said = base.state === "not_applicable" && base.reason ? "not_applicable" : base.judged ? "judged" : "";
  const at = await now();
  await add({
    object,
    kind: "sheet-item",
    replaces: true,
    sheet,
    item,
    where: data.branch,
    title: `${data.code} ${data.name}`,
    words: said === "not_applicable" ? [`本月不涉及：${base.reason}`] : lines.length ? lines.map((l) => `${l.text}×${l.count}：${l.fact}`) : ["没有扣分"],
    method: "PUT",
    url: data.api,
    body: {
      version: base.version,
      lines: lines.map(({ text, points, ...rest }) => rest),
      override: said ? { state: said, reason: base.reason } : null,
    },
    shown: { state: base.state, reason: base.reason, lines, marks: marks(), checked_at: new Date(at).toISOString() },
  });
  agreed = sent;
  base.seen = true;
  if (content() === sent) dropDraft();
  if (line.state === "offline" || !navigator.onLine) say(`已存在本机 ${timeOf(at)}`);
  return true;
}

function changed(delay) {
  settle();
  keepDraft();
  draw();
  sheetState(sheet).then((state) => state && drawSheet(state));
  say("正在保存…");
  clearTimeout(timer);
  timer = setTimeout(put, delay);
}

// -- what becomes of it ---------------------------------------------------------------------------

async function watch() {
  const ops = (await list(object)).filter((op) => op.kind === "sheet-item");
  const last = ops.at(-1);
  drawConflict(ops.find((op) => op.state === "conflict"));
  if (last?.state === "refused") {
    complain(last.said, last.field);
    say("没有收下，您填的还在", true);
  } else if (last?.state === "conflict") {
    say("没有存上，您填的还在", true);
  } else if (last && line.state === "signin") {
    say(`登录已过期，已存在本机 ${timeOf(when(last))}，登录后自动上传`, true);
  } else if (last && line.state === "offline" && content() === agreed) {
    say(`已存在本机 ${timeOf(when(last))}`);
  }
  const state = await sheetState(sheet, item);
  if (!state) return;
  drawSheet(await sheetState(sheet));
  const sealed = Boolean(state.steps.submit);
  if (form.inert !== sealed) {
    form.inert = sealed;
    if (sealed) complain("这张表已经签了，等待上传。要改，先在汇总页撤回。");
  }
  const entry = state.items.find((found) => found.item === item);
  if (entry?.checked_at && !entry.waits && content() === agreed && !opening) {
    // All is on the server, perhaps also what the colleague did meanwhile.
    if (entry.version > base.version) show(entry);
    else say(`已保存 ${timeOf(entry.checked_at)}`);
  }
}

let opening = true;
let drawn = "";
function drawConflict(op) {
  const place = $("pad-versions");
  const key = op ? `${op.key}${op.words}${Boolean(op.theirs)}` : "";
  if (key === drawn) return;
  drawn = key;
  place.replaceChildren(...(op ? [versions(op, { after: settled })] : []));
}

async function settled(choice) {
  drawn = "";
  const state = await fetchSheet(sheet).catch(() => null);
  const entry = (await sheetState(sheet, item))?.items.find((found) => found.item === item);
  if (entry && (choice !== "mine" || state)) show(entry);
  await watch();
}

function show(entry) {
  base = { version: entry.version, state: entry.state, reason: entry.reason, seen: Boolean(entry.checked_at) };
  fill(entry.lines);
  agreed = content();
  dropDraft();
  draw();
  if (!entry.waits && entry.checked_at) say(`已保存 ${timeOf(entry.checked_at)}`);
}

document.addEventListener("portal:queue", watch);
document.addEventListener("portal:taken", ({ detail: { op, answer } }) => {
  if (op.object !== object || op.kind !== "sheet-item") return;
  const entry = answer.items.find((found) => found.item === item);
  base.version = entry.version;
  if (content() === agreed && entry.checked_at) {
    settle();
    say(`已保存 ${timeOf(entry.checked_at)}`);
  }
});

// -- hands on the form ------------------------------------------------------------------------------

// What the records say is filled in only when the inspector says so on the spot.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-propose]");
  const rule = button && rules.find((found) => found.dataset.rule === button.dataset.propose);
  if (!rule) return;
  input(rule).value = button.dataset.proposeCount;
  const why = textOf(rule);
  if (!why.value.trim()) why.value = button.dataset.proposeFact;
  input(rule).dispatchEvent(new Event("input", { bubbles: true }));
  rule.scrollIntoView({ block: "center" });
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-count]");
  if (!button) return;
  const rule = button.closest("[data-rule]");
  input(rule).value = Math.max(0, Math.min(999, (parseInt(input(rule).value, 10) || 0) + Number(button.dataset.count)));
  changed(400);
  if (input(rule).value === "1" && button.dataset.count === "1") textOf(rule).focus();
});
form.addEventListener("input", (event) => {
  if (/^(count|fact|severity|kind)-\d+$/.test(event.target.name)) changed(900);
});

const SAYS = {
  // The item doesn't concern this branch this month, or it was done early, or it is judged again.
  not_applicable: () => say_({ state: "not_applicable", reason: form.elements.na_reason.value.trim() }, form.elements.na_reason),
  judged: () => say_({ state: "due", judged: true, reason: form.elements.early_reason.value.trim() }, form.elements.early_reason),
  ordinary: () => say_({ state: "due", reason: "" }, null),
};

async function say_(next, field) {
  if (field && !next.reason) {
    complain("请写明为什么。");
    field.focus();
    return;
  }
  base = { ...base, judged: false, ...next };
  settle();
  draw();
  await put();
  await watch();
}

form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const say = button?.dataset.says;
  const lead = button?.dataset.leads;
  event.preventDefault();
  if (!say && !lead) return (await put()) || demandFacts();
  if (say) return SAYS[say]();
  if (content() !== agreed || (!base.seen && isDue())) {
    if (!(await put())) return demandFacts();
  }
  await Promise.race([sync(), new Promise((resolve) => setTimeout(resolve, GO_ON_AFTER))]);
  const held = (await list(object)).some((op) => op.state !== "waiting");
  if (!held) location.assign(lead);
});

// One thumb: a swipe to the side does what the buttons below do. Not from the very edge, where
// the browser has a swipe of its own, and not where text is marked.
const EDGE = 32;
const FAR = 96;
let from = null;
form.addEventListener("touchstart", ({ touches, target }) => {
  const [touch] = touches;
  const free = touches.length === 1 && touch.clientX > EDGE && touch.clientX < window.innerWidth - EDGE;
  from = free && !target.closest("input, textarea, select") ? touch : null;
}, { passive: true });
form.addEventListener("touchend", ({ changedTouches }) => {
  if (!from) return;
  const [touch] = changedTouches;
  const [aside, down] = [touch.clientX - from.clientX, touch.clientY - from.clientY];
  from = null;
  if (Math.abs(aside) < FAR || Math.abs(down) > FAR / 2) return;
  document.querySelector(`[form="pad"][value="${aside < 0 ? "next" : "previous"}"]:not(:disabled)`)?.click();
});

// -- opening the page -----------------------------------------------------------------------------

async function open() {
  base.judged = "judged" in data;
  agreed = content(drawnValue);
  const ops = (await list(object)).filter((op) => op.kind === "sheet-item");
  let state = await sheetState(sheet, item);
  if (!state && navigator.onLine) {
    await fetchSheet(sheet).catch(() => {});
    state = await sheetState(sheet, item);
  }
  const entry = state?.items.find((found) => found.item === item);
  // The page may be an old one that was kept; the last word of the server is newer.
  if (entry && (ops.length || entry.version > base.version)) {
    show(entry);
    if (ops.length) base = { ...base, version: ops.at(-1).body.version, judged: ops.at(-1).body.override?.state === "judged" };
  }
  const draft = readDraft();
  if (draft && !ops.some((op) => op.madeAt > draft.at)) {
    rules.forEach((rule, at) => {
      const [count, fact, severity, kind] = draft.rows[at];
      input(rule).value = count;
      textOf(rule).value = fact;
      choice(rule, "severity").value = severity;
      choice(rule, "kind").value = kind;
    });
    if (content() !== agreed) base.version = draft.version; // the server says if it is no longer so
  }
  draw();
  opening = false;
  if (content() !== agreed) changed(0);
  else dropDraft();
  await watch();
}
open();
