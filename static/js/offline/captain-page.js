// The captain's three buttons, with or without a signal. A press is on this phone at once and
// can be taken back for five seconds; then it goes, or waits for a signal.
import { icon, make } from "./conflict.js";
import { line, list, now, undo, when } from "./queue.js";
import { timeOf } from "./sheets.js";
import { MARKS, open, press, underWay } from "./turnouts.js";

const page = document.querySelector("[data-crew-home]");
const crew = Number(page.dataset.crew);
const crewName = page.dataset.crewName;
const template = page.querySelector("template[data-board]");
const startPanel = page.querySelector("[data-start-panel]");
const startForm = page.querySelector("form[data-start]");
const queuePlace = page.querySelector("[data-queue]");
const heading = page.querySelector("h1");
const where = page.querySelector(".crew-where");
const drawnBoard = page.querySelector("ol[data-turnout]");
const drawnHeading = heading.textContent;
const drawnWhere = where?.textContent ?? "";

const drawn = drawnBoard && {
  uuid: drawnBoard.dataset.turnout,
  crew,
  subject: drawnHeading,
  marks: Object.fromEntries(
    [...drawnBoard.querySelectorAll("[data-mark][data-at]")].map((row) => [row.dataset.mark, { at: Date.parse(row.dataset.at) }]),
  ),
};

const copied = (element) => element.cloneNode(true).childNodes;
const clock = page.querySelector("[data-board-clock]");
let board = null;
let current = drawn;

function drawBoard(turnout) {
  board ||= template.content.firstElementChild.cloneNode(true);
  if (!board.isConnected) {
    (drawnBoard || startPanel).before(board);
    board.after(clock, page.querySelector("[data-board-undo]"), page.querySelector("[data-board-new]"));
    board.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-board-press]");
      if (!button || button.dataset.pressed) return;
      button.dataset.pressed = "1";
      await press({ uuid: current.uuid, mark: button.closest("[data-mark]").dataset.mark, subject: current.subject, crewName });
      delete button.dataset.pressed;
    });
  }
  let next = true;
  let before = null;
  for (const row of board.querySelectorAll("[data-mark]")) {
    const { mark } = row.dataset;
    const pressed = turnout.marks[mark];
    const state = pressed ? "done" : next ? "next" : "later";
    if (!pressed) next = false;
    row.className = `crew-button crew-${state}`;
    row.querySelector("[data-board-press]").hidden = state !== "next";
    row.querySelector("[data-board-done]").hidden = state !== "done";
    row.querySelector("[data-board-later]").hidden = state !== "later";
    row.querySelector("[data-board-word]").hidden = state === "next";
    const time = row.querySelector("[data-board-time]");
    time.hidden = !pressed;
    if (!pressed) continue;
    const isDrawn = !pressed.op && turnout.uuid === drawn?.uuid;
    const known = isDrawn ? drawnBoard.querySelector(`[data-mark="${mark}"]:has(.crew-time)`) : null;
    if (known) {
      // The server knows more of it than this phone: since the order, how many people.
      time.replaceChildren(...copied(known.querySelector(".crew-time")));
      row.querySelector("[data-board-word]").replaceChildren(...copied(known.querySelector(".crew-word")));
    } else {
      const took = before && Math.round((pressed.at - before.at) / 60000);
      const after = before && took >= 0 ? `${before.word}后 ${took} 分` : "";
      time.replaceChildren(
        make("b", {}, timeOf(pressed.at)),
        make("span", {}, [after, pressed.op ? "待上传" : ""].filter(Boolean).join("，")),
      );
    }
    before = { at: pressed.at, word: MARKS[mark] };
  }
}

// How long they have been there, by this phone.
async function drawClock(turnout) {
  clock.hidden = !turnout;
  if (!turnout) return;
  const [since, time] = clock.querySelectorAll("dd");
  const at = await now();
  const minutes = turnout.marks.arrived ? Math.max(0, Math.floor((at - turnout.marks.arrived.at) / 60000)) : null;
  since.textContent = minutes === null ? "—" : minutes < 60 ? `${minutes} 分` : `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
  time.textContent = timeOf(at);
}
setInterval(() => drawClock(clock.hidden ? null : current), 20_000);

// -- what waits, as rows below the buttons -------------------------------------------------------

function drawQueue(ops) {
  const rows = ops.map((op, at) =>
    make(
      "li",
      {},
      make(
        "div",
        { class: "row-main" },
        make("span", { class: "row-title" }, `${op.mark ? MARKS[op.mark] : "补填"} ${timeOf(when(op))}`),
        make("span", { class: "row-line" }, op.state === "refused" ? op.said : op.title.replace(/^.*?：/, "") || "没有定位，只记时间"),
      ),
      op.state === "waiting"
        ? make("span", { class: "status status-soon" }, icon("cloud-up", 16), make("span", {}, `排队 ${at + 1}`))
        : make("a", { class: "status status-late", href: "/offline/queue/" }, icon("alert-circle", 16), make("span", {}, "要您看")),
    ),
  );
  queuePlace.replaceChildren(
    ...(ops.length
      ? [
          make(
            "section",
            { class: "panel" },
            make("header", { class: "panel-head" }, make("h2", { class: "panel-title" }, "待上传"), make("span", { class: "panel-link hint" }, "有信号自动传")),
            make("div", { class: "panel-rows" }, make("ul", { class: "rows queue-rows" }, ...rows)),
          ),
        ]
      : []),
  );
}

// -- five seconds to think again -----------------------------------------------------------------

let ticking = 0;
function drawUndo(ops) {
  const place = page.querySelector("[data-board-undo]");
  const last = ops.filter((op) => op.holdFor && !op.tried && op.state === "waiting").at(-1);
  const left = last ? last.madeAt + last.holdFor - Date.now() : 0;
  clearTimeout(ticking);
  place.hidden = !(left > 0 && left <= (last?.holdFor ?? 0));
  if (place.hidden) return;
  place.querySelector("span").textContent = `已记${MARKS[last.mark]} ${timeOf(when(last))}`;
  place.querySelector("button").onclick = () => undo(last.seq);
  ticking = setTimeout(draw, left + 50);
}

async function draw() {
  const ops = (await list()).filter((op) => op.uuid);
  const mine = ops.filter((op) => op.kind !== "turnout-open" || op.body.crew === crew);
  current = await underWay({ drawn, crew, ops: mine });
  const local = ops.length > 0 || line.state === "offline" || (current && current.uuid !== drawn?.uuid);
  const finished = current?.marks.restored;
  const shows = current && local;
  if (drawnBoard) drawnBoard.hidden = Boolean(shows);
  if (shows) drawBoard(current);
  if (board) board.hidden = !shows;
  await drawClock(shows && !finished && current.uuid !== drawn?.uuid ? current : null);
  for (const part of page.querySelectorAll("[data-only-drawn]")) part.hidden = Boolean(shows && current.uuid !== drawn?.uuid);
  startPanel.hidden = Boolean(current && !finished);
  heading.textContent = shows ? current.subject : drawn && !current ? "现在没有出队" : drawnHeading;
  if (where) where.textContent = shows && current.uuid !== drawn?.uuid ? current.place || "地点回来再补" : drawnWhere;
  page.querySelector("[data-board-new]").hidden = !finished;
  drawQueue(ops);
  drawUndo(mine);
}

startForm.noValidate = true; // our own sentences, beside the field

// -- setting out -----------------------------------------------------------------------------------

function refuse(field, text) {
  startForm.querySelector("[data-start-error]")?.remove();
  field.after(make("p", { class: "field-error", "data-start-error": "", role: "alert" }, icon("alert-circle", 16), make("span", {}, text)));
  field.focus();
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!page.contains(form) || !("press" in form.dataset)) return;
    event.preventDefault();
    event.stopPropagation();
    if (form === startForm) {
      const { subject, place, service_kind: kind, operation, ordered_at: ordered, crew: chosen } = form.elements;
      if (!subject.value.trim()) return refuse(subject, "请写出队事由，一句话就行。");
      startForm.querySelector("[data-start-error]")?.remove();
      const orderedAt = ordered?.value ? new Date(`${ordered.value}:00+08:00`) : null;
      if (orderedAt && orderedAt > Date.now()) return refuse(ordered, "接令不能晚于出发，请核对时间。");
      const values = { subject: subject.value.trim(), place: place.value.trim(), service_kind: kind.value };
      if (operation?.value) values.operation = Number(operation.value);
      const name = chosen.selectedOptions?.[0]?.textContent || crewName;
      await open({ crew: Number(chosen.value), crewName: name, values, orderedAt: orderedAt?.toISOString() });
      form.reset();
      window.scrollTo({ top: 0 });
    } else {
      await press({ uuid: drawn.uuid, mark: form.closest("[data-mark]").dataset.mark, subject: drawn.subject, crewName });
    }
  },
  true,
);

document.addEventListener("portal:queue", draw);
// With a signal the server draws the page anew: minutes, promises, what is owed.
document.addEventListener("portal:taken", async ({ detail: { op } }) => {
  if (!op.uuid || (await list()).some((other) => other.uuid)) return;
  if (op.mark === "restored" && !op.waited) location.assign(`/turnouts/${op.uuid}/`);
  else location.reload();
});
draw();

