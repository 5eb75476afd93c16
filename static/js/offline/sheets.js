// A score sheet on this phone: the server's last word with what still waits laid over it.
import { add, list, recall, register, remember, user } from "./queue.js";

export const sheetObject = (sheet) => `sheets/${sheet}`;
export const itemObject = (sheet, item) => `sheets/${sheet}/items/${item}`;
const itemsUrl = (sheet) => `/api/v1/sheets/${sheet}/items/`;

export const oneDecimal = (value) => (Math.round(Math.round(Number(value) * 100) / 10) / 10).toFixed(1).replace("-", "−");
export const timeOf = (at) =>
  new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

export async function fetchSheet(sheet) {
  const response = await fetch(itemsUrl(sheet), { redirect: "manual", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("no answer");
  const state = await response.json();
  await remember(sheetObject(sheet), state);
  return state;
}

// null where this phone has never seen the sheet. `without`: an item whose draft is left out.
export async function sheetState(sheet, without = null) {
  const state = await recall(sheetObject(sheet));
  if (!state) return null;
  const ops = await list(sheetObject(sheet));
  return withQueue(state, ops, drafts(sheet).filter((draft) => draft.item !== without));
}

// What was typed into the pad and is not whole enough for the queue: [{ item, shown }].
export const draftKey = (sheet, item) => `portal.draft.${user()}.pad-${sheet}.${item}`;
export function drafts(sheet) {
  const start = draftKey(sheet, "");
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(start))
      .map((name) => ({ item: Number(name.slice(start.length)), shown: JSON.parse(localStorage.getItem(name))?.shown }))
      .filter((draft) => draft.shown);
  } catch {
    return []; // a private window keeps none
  }
}

export function withQueue(known, ops, typed = []) {
  const state = structuredClone(known);
  state.steps = {};
  for (const op of ops) {
    if (op.kind === "sheet-item") {
      const entry = state.items.find((item) => item.item === op.item);
      if (entry) Object.assign(entry, op.shown, { waits: true });
    } else if (op.step) {
      state.steps[op.step] = op;
    }
  }
  for (const draft of typed) {
    const entry = state.items.find((item) => item.item === draft.item);
    if (entry) Object.assign(entry, draft.shown, { unfinished: true });
  }
  state.waits = ops.length;
  state.unfinished = state.items.filter((item) => item.unfinished);
  return total(state);
}

function total(state) {
  const hundredths = (value) => Math.round(Number(value) * 100);
  let marks = 0;
  let full = 0;
  let dueMarks = 0;
  let dueFull = 0;
  for (const item of state.items) {
    if (item.state !== "due") item.marks = item.full_marks;
    marks += hundredths(item.marks);
    full += hundredths(item.full_marks);
    if (item.state === "due") {
      dueMarks += hundredths(item.marks);
      dueFull += hundredths(item.full_marks);
    }
  }
  state.base = (state.scales ? (dueFull ? Math.round((dueMarks * 10000) / dueFull) : 10000) : marks) / 100;
  state.deducted = (full - marks) / 100;
  state.left = state.items.filter((item) => item.state === "due" && !item.checked_at);
  return state;
}

export const tickOf = (item) => (item.lines.length ? "deducted" : item.checked_at || item.state !== "due" ? "plain" : "todo");

export const wordsOf = (entry) => {
  if (entry.state === "not_applicable") return [`本月不涉及：${entry.reason || ""}`];
  return entry.lines.length ? entry.lines.map((line) => `${line.text}×${line.count}：${line.fact}`) : ["没有扣分"];
};

register("sheet-item", {
  taken: (op, answer) => remember(sheetObject(op.sheet), answer),
  version: (op, answer) => answer.items.find((item) => item.item === op.item)?.version ?? op.body.version,
  async theirs(op) {
    const state = await fetchSheet(op.sheet);
    const entry = state.items.find((item) => item.item === op.item);
    return { ...entry, title: entry.checked_by, at: entry.checked_at, words: wordsOf(entry) };
  },
  mine: (op) => ({ ...op.body, version: op.theirs.version, overrules: true }),
  both(op) {
    const rules = new Set(op.body.lines.map((line) => line.rule));
    const others = op.theirs.lines.filter((line) => !rules.has(line.rule));
    return { ...op.body, version: op.theirs.version, overrules: true, lines: [...op.body.lines, ...others] };
  },
});

for (const step of ["start", "submit", "sign", "confirm", "object"]) {
  // What a step changed is asked anew; the page it belongs to is drawn again anyway.
  register(`sheet-${step}`, { taken: (op) => fetchSheet(op.sheet).catch(() => {}) });
}

// Puts a step of the whole sheet into the queue, behind everything that was typed before.
export const step = (sheet, name, { title, words = [], body = {}, where }) =>
  add({
    object: sheetObject(sheet),
    kind: `sheet-${name}`,
    step: name,
    replaces: true,
    sheet,
    where,
    title,
    words,
    method: "POST",
    url: `/api/v1/sheets/${sheet}/${name}/`,
    body,
  });

// An earlier finding, said on the spot to be put right or not.
register("sheet-recheck", { taken: () => {} });

export const recheck = (sheet, finding, { holds, note, where, fact }) =>
  add({
    object: `${sheetObject(sheet)}/rechecks/${finding}`,
    kind: "sheet-recheck",
    replaces: true,
    sheet,
    finding,
    holds,
    where,
    title: holds ? "已改到位" : "没有改到位",
    words: note ? [fact, note] : [fact],
    method: "POST",
    url: `/api/v1/sheets/${sheet}/rechecks/${finding}/`,
    body: { holds, note },
  });
