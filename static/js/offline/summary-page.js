// Summing up and both sides' word, with what waits on this phone counted in.
import { icon, make, unsettled } from "./conflict.js";
import { photosOf } from "./photos.js";
import { line, list, sync, undo, when } from "./queue.js";
import { oneDecimal, sheetObject, sheetState, step, timeOf } from "./sheets.js";

const page = document.querySelector("[data-sheet-summary]");
const sheet = Number(page.dataset.sheetSummary);
const where = page.dataset.branch;
const $ = (name) => document.querySelector(`[data-${name}]`);
const submitted = !["planned", "under_way"].includes(page.dataset.status);
const ANSWER_WITHIN = 1500;

const chip = (state, name, text) => make("span", { class: `status status-${state}` }, icon(name, 16), make("span", {}, text));

// How many pictures stand beside a rule; the pictures themselves are on the item's page.
const pictured = (photos) => {
  const waits = photos.filter((photo) => photo.op).length;
  return photos.length ? [make("span", { class: "line-sub" }, icon("camera", 16), ` 照片 ${photos.length} 张${waits ? `，待上传 ${waits} 张` : ""}`)] : [];
};

function row(item, photos) {
  const key = item.is_key_work ? [" ", make("span", { class: "star" }, "★")] : [];
  return make(
    "li",
    { class: "line line-top" },
    make(
      "span",
      { class: "line-what" },
      make("span", { class: "line-title" }, make("span", { class: "code" }, item.code, ...key), ` ${item.name}`),
      ...item.lines.flatMap((entry) => [
        make("span", { class: "line-sub" }, `${entry.text}×${entry.count}：${entry.fact || "没写事实"}`),
        ...pictured(photos.filter((photo) => photo.rule === entry.rule)),
      ]),
    ),
    make("b", { class: "line-minus" }, `−${oneDecimal(item.full_marks - item.marks)}`),
  );
}

function drawKey(state) {
  const percent = Number(page.dataset.keyPercent);
  const key = state.items.filter((item) => item.is_key_work);
  const failed = key.filter(
    (item) => item.state === "due" && (item.marks * 100 < item.full_marks * percent || item.lines.some((entry) => entry.severity === "critical")),
  );
  const text = failed.length
    ? `重点工作不落实：${failed.map((item) => `${item.code} ${item.name}`).join("、")}。是否提出整改通知书在通报时按各组平均判定。`
    : `重点工作 ${key.length} 项都不低于 ${percent}%，这张表不提出整改通知书。`;
  const place = $("sum-key");
  place.classList.toggle("why-key-bad", failed.length > 0);
  place.replaceChildren(icon(failed.length ? "alert-circle" : "circle-check"), make("span", {}, make("span", { class: "star" }, "★"), ` ${text}`));
}

function drawSheet(state, photos) {
  const lines = state.items.flatMap((item) => item.lines);
  const biggest = state.items.filter((item) => item.lines.length).sort((a, b) => b.full_marks - b.marks - (a.full_marks - a.marks));
  $("sum-base").textContent = oneDecimal(state.base);
  $("sum-taken").textContent = `扣 ${lines.length} 条，共 ${oneDecimal(state.deducted)}`;
  $("sum-count").textContent = `${biggest.length} 项，从多到少`;
  $("sum-rows").replaceChildren(
    biggest.length ? make("ul", { class: "plain lines" }, ...biggest.map((item) => row(item, photos))) : make("p", { class: "panel-foot" }, "没有扣分。"),
  );
  drawKey(state);
  const left = $("sum-left");
  if (left) {
    left.hidden = !state.left.length;
    $("sum-left-label").textContent = `其余 ${state.left.length} 项无扣分`;
    $("sum-left-codes").textContent = state.left.map((item) => item.code).join("、");
  }
}

function drawSteps({ submit, sign, confirm, object }, held) {
  const answer = confirm || object || sign;
  const waits = submit || answer;
  if (submit) $("sum-inspectors").replaceChildren(chip("done", "signature", `已签 ${timeOf(when(submit))}，${held ? "还没有上传" : "待上传"}`));
  if (answer) {
    const objects = answer.body.objection || answer.body.text;
    $("sum-inspected").replaceChildren(
      objects
        ? chip("soon", "message-report", `有异议 ${timeOf(when(answer))}，待上传`)
        : chip("done", "signature", `已签 ${timeOf(when(answer))}，待上传`),
    );
  }
  for (const [name, hide] of [
    ["sum-submit", submit],
    ["sum-answer", answer],
    ["sum-foot", waits],
  ]) {
    const part = $(name);
    if (part) part.hidden = Boolean(hide);
  }
  const toSign = $("sum-sign");
  if (toSign) toSign.hidden = !(submitted || submit) || Boolean(answer) || held;
  $("sum-sealed").hidden = !waits;
  if (held) $("sum-sealed-text").textContent = "已签的评分表锁定。先处理上面那几项，才传得上去。";
  $("sum-undo").hidden = ![submit, answer].some((op) => op && !op.tried);
}

const stepsIn = (ops) => Object.fromEntries(ops.filter((op) => op.step).map((op) => [op.step, op]));

async function draw() {
  const ops = await list(sheetObject(sheet));
  const open = await unsettled(sheet, { submitted });
  const refused = ops.filter((op) => op.step && op.state === "refused");
  drawSteps(stepsIn(ops.filter((op) => op.state === "waiting")), Boolean(open));
  $("sum-alert").replaceChildren(
    ...[open].filter(Boolean),
    ...refused.map((op) => make("div", { class: "notice notice-late", role: "alert" }, icon("alert-circle"), make("div", {}, make("b", {}, op.title), `：${op.said}`))),
  );
  if (!ops.length && line.state !== "offline") return; // what the server drew is the newest
  const state = await sheetState(sheet);
  if (state && page.dataset.status !== "submitted") drawSheet(state, await photosOf(sheet));
}

// Into the queue; with a signal the page is drawn anew by the server.
let busy = false; // a second press means the same
async function take(name, given) {
  if (busy) return;
  // Nothing is signed over a thing that the server does not have as it is on this phone.
  if (await unsettled(sheet, { submitted })) {
    await draw();
    $("unsettled").scrollIntoView({ block: "center" });
    $("unsettled").focus({ preventScroll: true });
    return;
  }
  busy = true;
  const op = await step(sheet, name, { where, ...given });
  await Promise.race([sync(), new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN))]);
  const still = (await list(sheetObject(sheet))).find((found) => found.seq === op.seq);
  if (!still) location.reload();
  else {
    busy = false;
    await draw();
    window.scrollTo({ top: 0 });
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const text = (name) => form.elements[name]?.value.trim() || "";
  if (form.id === "submit-form") {
    event.preventDefault();
    const state = await sheetState(sheet);
    const fine = form.elements.rest_is_fine.checked;
    if (state?.left.length && !fine) {
      const error = $("sum-left-error");
      error.hidden = false;
      error.querySelector("span").textContent = `还有 ${state.left.length} 项没有看。都没有问题的话，请勾选“其余各项无扣分”再提交。`;
      form.elements.rest_is_fine.focus();
      return;
    }
    await take("submit", { title: "提交评分表", words: [text("highlights")].filter(Boolean), body: { highlights: text("highlights"), rest_is_fine: fine } });
  } else if (form.id === "sign-form") {
    event.preventDefault();
    const objects = event.submitter?.dataset.sign === "object";
    $("sign-error").hidden = !objects || Boolean(text("objection"));
    if (objects && !text("objection")) return form.elements.objection.focus();
    const who = form.querySelector('[name="person"]:checked');
    await take("sign", {
      title: `${who.dataset.name}当面签`,
      words: [objects ? `有异议：${text("objection")}` : "事实属实"],
      body: { person: Number(who.value), objection: objects ? text("objection") : "" },
    });
  } else if (form.id === "confirm-form") {
    event.preventDefault();
    await take("confirm", { title: "确认评分表", words: ["事实属实"] });
  } else if (form.id === "object-form" && text("objection")) {
    event.preventDefault();
    await take("object", { title: "对评分表有异议", words: [text("objection")], body: { text: text("objection") } });
  }
}, true);

$("sum-undo").addEventListener("click", async () => {
  const found = stepsIn(await list(sheetObject(sheet)));
  for (const name of ["sign", "confirm", "object", "submit"]) {
    if (found[name]) await undo(found[name].seq);
  }
  await draw();
});

document.addEventListener("portal:queue", draw);
document.addEventListener("portal:taken", async ({ detail: { op } }) => {
  if (op.sheet === sheet && op.step && !(await list(sheetObject(sheet))).length) location.reload();
});
draw();
