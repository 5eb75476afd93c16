// The bar under the top bar: what the line is like, what waits, and once that all is sent.
import * as store from "./store.js";
import { clock, line, list, user, WRONG_BY } from "./queue.js";
import { timeOf } from "./sheets.js";

const bar = document.querySelector("[data-offline]");
const SENT_STAYS = 8000;
let sent = null;
let seen = false; // whether this page has shown that something waits

function show(kind, text, end, href = "/offline/queue/") {
  bar.hidden = false;
  bar.classList.toggle("sent", kind === "sent");
  for (const icon of bar.querySelectorAll("[data-bar-state]")) icon.hidden = icon.dataset.barState !== kind;
  bar.querySelector("[data-bar-text]").textContent = text;
  const link = bar.querySelector("[data-bar-end]");
  link.hidden = !end;
  link.textContent = end;
  link.href = href;
}

async function draw() {
  if (!bar) return;
  const ops = await list();
  const waiting = ops.filter((op) => op.state === "waiting").length;
  const held = ops.length - waiting;
  const count = ops.length ? `${ops.length} 项待上传` : "";
  drawClock(ops.length);
  if (line.state === "signin" && ops.length) {
    show("signin", `登录已过期，${ops.length} 项还在本机`, "去登录", `${bar.dataset.login}?next=${encodeURIComponent(location.pathname)}`);
  } else if (line.state === "other" && ops.length) {
    show("signin", "这台设备换了人登录", count);
  } else if (line.state === "offline" || !navigator.onLine) {
    seen ||= ops.length > 0;
    show("offline", document.body.dataset.offlineSays || "离线，填的内容存在本机", count);
  } else if (held) {
    show("look", held === 1 ? "有 1 项没有收下，要您看一下" : `有 ${held} 项没有收下，要您看一下`, "去看");
  } else if (waiting && ops.some((op) => op.waited)) {
    seen = true;
    show("sending", "有信号了，正在上传", count);
  } else if (!ops.length && (sent ||= await justSent())) {
    show("sent", `已全部上传 ${timeOf(sent.at + (clock.skew ?? 0))}`, `${sent.value} 项`);
  } else if (!waiting) {
    bar.hidden = true;
  }
}

// How many that had waited are gone; said for a moment, over a page drawn anew if need be.
async function justSent() {
  const id = `${user()}|sent`;
  const found = await store.write(["facts"], async ({ facts }) => {
    const row = await facts.get(id);
    const left = row?.shownAt ? row.shownAt + SENT_STAYS - Date.now() : SENT_STAYS;
    if (row && (left <= 0 || left > SENT_STAYS)) await facts.remove(id);
    else if (row) await facts.put({ ...row, shownAt: row.shownAt || Date.now() });
    return row && left > 0 && left <= SENT_STAYS ? { ...row, left } : null;
  });
  if (!found) return null;
  setTimeout(() => {
    sent = null;
    draw();
  }, found.left);
  return found;
}

function drawClock(waits) {
  const notice = document.querySelector("[data-clock]");
  if (!notice) return;
  const out = clock.skew ?? 0;
  notice.hidden = Math.abs(out) < WRONG_BY || !(waits || "field" in document.body.dataset);
  if (notice.hidden) return;
  const minutes = Math.round(Math.abs(out) / 60000);
  const amount = minutes < 120 ? `${minutes} 分钟` : minutes < 2880 ? `${Math.round(minutes / 60)} 小时` : `${Math.round(minutes / 1440)} 天`;
  notice.querySelector("[data-clock-text]").textContent =
    `这台手机的时间${out < 0 ? "快" : "慢"}了 ${amount}。记下的时间按服务器校正，手机上的时间也一并留着。`;
}

let drawing = Promise.resolve();
export const watchBar = () => {
  const next = () => (drawing = drawing.then(draw, draw));
  document.addEventListener("portal:queue", next);
  next();
};
