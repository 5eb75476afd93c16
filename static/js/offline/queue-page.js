// 待上传: what waits, what was not taken, the queue as a file and back.
import { icon, make, versions } from "./conflict.js";
import { read, saveAsFile, takeIn } from "./file.js";
import { blocked, line, list, setAside, sync, tryAgain, user, when } from "./queue.js";
import { thumb } from "./photos.js";
import { timeOf } from "./sheets.js";
import * as store from "./store.js";

const $ = (name) => document.querySelector(`[data-${name}]`);
const LINES = { offline: "没有信号，有了自动传", signin: "登录已过期，登录后自动传", other: "请用本人账号登录" };

const chip = (state, name, text) => make("span", { class: `status status-${state}` }, icon(name, 16), make("span", {}, text));
const main = (op) =>
  make(
    "div",
    { class: "row-main" },
    make("span", { class: "row-title" }, op.title),
    ...(op.words || []).map((words) => make("span", { class: "row-line" }, words)),
    op.blob ? pictured(op.blob) : null,
    make("span", { class: "hint" }, `${timeOf(when(op))} 存在${op.foreign ? "别的设备" : "本机"}`),
  );
function pictured(blob) {
  const place = make("span", { class: "queue-picture", role: "img", "aria-label": "照片" });
  thumb(blob, 96).then((small) => place.append(small));
  return place;
}

function row(op, number) {
  if (op.state === "conflict") return make("li", { class: "queue-held" }, versions(op));
  if (op.state === "refused") {
    return make(
      "li",
      { class: "queue-held" },
      make("div", { class: "rows-line" }, main(op), chip("late", "alert-circle", "没有收下")),
      make("p", { class: "field-error" }, icon("alert-circle", 16), make("span", {}, op.said)),
      make(
        "div",
        { class: "btn-row" },
        make("button", { type: "button", class: "btn btn-secondary", on: () => tryAgain(op.seq) }, "再交一次"),
        make("button", { type: "button", class: "btn btn-link", on: () => setAside(op) }, "不交了，留一份在本机"),
      ),
    );
  }
  if (!number) return make("li", {}, main(op), chip("late", "lock", "等您先看过前面那项"));
  return make("li", {}, main(op), chip("soon", "cloud-up", `排队 ${number}`));
}

function grouped(ops, rowOf) {
  const groups = by(ops);
  return [...groups].flatMap(([where, found]) => [
    where ? make("div", { class: "group" }, make("h3", {}, where), make("span", {}, `${found.length} 项`)) : null,
    make("ul", { class: "rows queue-rows" }, ...found.map(rowOf)),
  ]);
}
const by = (ops) => ops.reduce((map, op) => map.set(op.where || "", [...(map.get(op.where || "") || []), op]), new Map());

async function draw() {
  const ops = await list();
  const heading = document.querySelector("h1");
  const held = ops.filter((op) => op.state !== "waiting").length;
  const behind = blocked(ops);
  const going = ops.filter((op) => op.state === "waiting" && !behind.has(op));
  heading.textContent = held ? `有 ${held} 项没有收下，要您看一下` : ops.length ? `还有 ${ops.length} 项待上传` : "都上传了";
  $("queue-empty").hidden = ops.length > 0;
  $("queue-panel").hidden = !ops.length;
  $("queue-line").textContent = LINES[line.state] || (going.length ? "正在传" : "等您看过再传");
  $("queue-groups").replaceChildren(...grouped(ops, (op) => row(op, going.indexOf(op) + 1)).filter(Boolean));
  const aside = (await store.all("aside")).filter((op) => op.user === user());
  $("aside-panel").hidden = !aside.length;
  $("aside-rows").replaceChildren(...aside.map((op) => make("li", {}, main(op))));
}

document.addEventListener("portal:queue", draw);
$("queue-send").addEventListener("click", () => sync());
$("queue-save").addEventListener("click", () => saveAsFile());

// -- a file from another device ------------------------------------------------------------------

let given = [];
document.getElementById("queue-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const found = read(await file.text());
  const error = $("file-error");
  error.hidden = !found.error;
  error.querySelector("span").textContent = found.error || "";
  given = found.ops || [];
  $("file-holds").hidden = !given.length;
  $("file-count").textContent = `${given.length} 项，${found.savedAt ? timeOf(found.savedAt) : ""} 存的`;
  $("file-rows").replaceChildren(...given.map((op) => make("li", {}, main({ ...op, foreign: true }))));
});
$("file-take").addEventListener("click", async () => {
  await takeIn(given);
  given = [];
  $("file-holds").hidden = true;
  await draw();
  await sync();
});

draw();
