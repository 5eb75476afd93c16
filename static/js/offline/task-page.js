// The task sheet with what waits on this phone laid over it, and a start that needs no signal.
import { make, unsettled } from "./conflict.js";
import { list, undo } from "./queue.js";
import { oneDecimal, recheck, sheetObject, sheetState, step, tickOf } from "./sheets.js";

const page = document.querySelector("[data-sheet-task]");
const sheet = Number(page.dataset.sheetTask);
const start = page.querySelector("form[data-start]");

// What was said of an earlier finding stands in its row, sent or not.
const spoken = new Map();
function said(op, waits) {
  spoken.set(op.finding, op);
  const form = page.querySelector(`[data-recheck="${op.finding}"]`);
  if (!form) return;
  const row = form.closest(".old");
  row.querySelector("[data-old-state]").replaceChildren(
    make("span", { class: `status status-${op.holds ? "done" : "late"}` }, op.holds ? "已改到位" : "退回再改", waits ? "（待上传）" : ""),
  );
  form.hidden = true;
  page.querySelector(`[data-recheck-back="${op.finding}"]`).hidden = !op.holds;
}
// Taken back before it left this phone: the row asks again.
function unsaid(finding) {
  spoken.delete(finding);
  page.querySelector(`[data-recheck="${finding}"]`).hidden = false;
  page.querySelector(`[data-recheck-back="${finding}"]`).hidden = true;
  page.querySelector(`[data-recheck="${finding}"]`).closest(".old").querySelector("[data-old-state]").replaceChildren();
}

function drawItem(entry) {
  const row = page.querySelector(`[data-entry="${entry.item}"]`);
  if (!row) return;
  const taken = Number(entry.full_marks) - Number(entry.marks);
  row.querySelector("[data-entry-marks]").textContent = oneDecimal(entry.marks);
  row.querySelector("[data-entry-state]").replaceChildren(
    make(
      "span",
      { class: entry.lines.length ? "line-minus" : "hint" },
      entry.state !== "due" ? "不评" : entry.lines.length ? `−${oneDecimal(taken)}` : entry.checked_at ? "无扣分" : "没有看",
      entry.lines.some((line) => !line.fact) ? "，没写事实" : entry.waits ? "（待上传）" : "",
    ),
  );
}

async function draw() {
  const ops = await list(sheetObject(sheet));
  const waiting = new Set(ops.filter((op) => op.kind === "sheet-recheck").map((op) => op.finding));
  for (const op of ops) if (waiting.has(op.finding)) said(op, true);
  for (const [finding, op] of spoken) if (!waiting.has(finding)) said(op, false);
  const place = page.querySelector("[data-task-alert]");
  place.replaceChildren(...[await unsettled(sheet)].filter(Boolean));
  const state = await sheetState(sheet);
  if (!state) return;
  // What the server drew is newer than anything on this phone, as long as nothing waits: only what
  // was typed and never left the pad is then laid over it.
  if (!ops.length && navigator.onLine && !page.dataset.drawn) return state.unfinished.forEach(drawItem);
  page.dataset.drawn = "1";
  page.querySelector("[data-task-sums]").textContent =
    `当前 ${oneDecimal(state.base)} 分，已扣 ${oneDecimal(state.deducted)}，还有 ${state.left.length} 项没有看${state.waits ? `，${state.waits} 项待上传` : ""}`;
  page.querySelectorAll(".pad-ticks .tick").forEach((tick, at) => (tick.className = `tick tick-${tickOf(state.items[at])}`));
  state.items.forEach(drawItem);
  const go = page.querySelector("[data-go-on]");
  if (go && (state.left[0] || ops.length)) {
    const next = state.left[0] || state.items[0];
    go.href = go.dataset.goOn.replace(/\d+\/$/, `${next.item}/`);
    go.textContent = state.left[0] ? `接着查 ${next.code}` : "从头看一遍";
  }
  if (start && ops.length) {
    start.hidden = true;
    page.querySelector("[data-started]").hidden = false;
  }
}

start?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await step(sheet, "start", { title: "开始检查", where: page.dataset.branch });
  location.assign(start.dataset.start);
});
for (const form of page.querySelectorAll("form[data-recheck]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const holds = event.submitter?.value === "yes";
    const note = holds ? "" : form.elements.note.value.trim();
    const problem = form.querySelector("[data-note-error]");
    problem.hidden = holds || note !== "";
    form.elements.note.setAttribute("aria-invalid", String(!problem.hidden));
    if (!problem.hidden) {
      form.elements.note.focus();
      return;
    }
    const finding = Number(form.dataset.recheck);
    await recheck(sheet, finding, { holds, note, where: page.dataset.branch, fact: form.dataset.fact });
    await draw();
  });
}
for (const form of page.querySelectorAll("form[data-recheck-back]")) {
  form.addEventListener("submit", async (event) => {
    const finding = Number(form.dataset.recheckBack);
    event.preventDefault();
    const waits = (await list(`${sheetObject(sheet)}/rechecks/${finding}`)).findLast((op) => op.kind === "sheet-recheck");
    if (!waits) form.submit(); // the server has it, and takes it back
    else if (await undo(waits.seq)) unsaid(finding);
  });
}
document.addEventListener("portal:queue", draw);
draw();
