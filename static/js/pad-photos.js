// Photos beside the rules of the pad: chosen or taken, shown at once, sent when there is a signal.
import { icon, make } from "./offline/conflict.js";
import { addPhoto, BadPicture, dropPhoto, fetchPhotos, photosOf, shrink, thumb } from "./offline/photos.js";

const form = document.querySelector("form[data-pad]");
const { sheet: sheetKey, item: itemKey, code, name, branch } = form.dataset;
const sheet = Number(sheetKey);
const item = Number(itemKey);
const MOST = 6;
const places = new Map([...form.querySelectorAll("[data-photos]")].map((place) => [Number(place.dataset.photos), place]));

const about = (rule) => ({
  sheet,
  item,
  rule,
  where: branch,
  title: `${code} ${name}`,
  words: form.querySelector(`[data-rule="${rule}"]`).dataset.text,
});

function say(place, text) {
  const error = place.querySelector("[data-photo-error]");
  error.hidden = !text;
  error.querySelector("span").textContent = text;
}

// -- on the screen ------------------------------------------------------------------------------

async function picture(row) {
  if (row.op) return make("span", { class: "photo-frame" }, await thumb(row.op.blob));
  const image = make("img", { src: row.url, alt: "", width: row.width, height: row.height });
  const link = make("a", { class: "photo-frame", href: row.url }, image);
  image.addEventListener("error", () => link.replaceChildren(icon("photo"), make("span", {}, "有信号时显示")));
  return link;
}

const stateOf = (row) => (!row.op ? "" : row.op.state === "waiting" ? "待上传" : "没有收下");

function label(figure, row, at) {
  const state = stateOf(row);
  const frame = figure.querySelector(".photo-frame");
  frame.setAttribute("aria-label", `照片${at + 1}${state ? `，${state}` : ""}`);
  if (frame.tagName === "SPAN") frame.setAttribute("role", "img");
  const note = figure.querySelector("[data-photo-state]");
  note.textContent = state;
  note.hidden = !state;
  figure.querySelector("[data-photo-drop] .visually-hidden").textContent = `去掉照片${at + 1}`;
}

async function figureOf(row) {
  return make(
    "li",
    { "data-photo": row.id },
    await picture(row),
    make("span", { class: "photo-state", "data-photo-state": "" }),
    make("button", { type: "button", class: "photo-drop", "data-photo-drop": row.id }, icon("x"), make("span", { class: "visually-hidden" })),
  );
}

async function drawAll() {
  const rows = await photosOf(sheet);
  for (const [rule, place] of places) {
    const wanted = rows.filter((row) => row.rule === rule);
    const list = place.querySelector("[data-photo-rows]");
    const there = new Map([...list.children].map((figure) => [figure.dataset.photo, figure]));
    for (const [id, figure] of there) if (!wanted.some((row) => row.id === id)) figure.remove();
    for (const [at, row] of wanted.entries()) {
      const figure = there.get(row.id) || list.appendChild(await figureOf(row));
      label(figure, row, at);
    }
    list.hidden = !wanted.length;
    const refused = wanted.find((row) => row.op?.state === "refused");
    if (refused) say(place, `没有收下：${refused.op.said}`);
    place.dataset.count = wanted.length;
  }
}
let drawing = Promise.resolve();
const draw = () => (drawing = drawing.then(drawAll, drawAll));

// -- hands --------------------------------------------------------------------------------------

form.addEventListener("change", async (event) => {
  const place = event.target.matches("[data-photo-pick]") && event.target.closest("[data-photos]");
  if (!place) return;
  const rule = Number(place.dataset.photos);
  const chosen = [...event.target.files];
  event.target.value = "";
  say(place, "");
  const room = MOST - Number(place.dataset.count || 0);
  if (chosen.length > room) say(place, `一条扣分最多放${MOST}张照片${room > 0 ? `，只收下前${room}张` : "。先去掉一张再加"}。`);
  for (const file of chosen.slice(0, Math.max(0, room))) {
    try {
      await addPhoto({ ...about(rule), blob: await shrink(file) });
    } catch (error) {
      say(place, error instanceof BadPicture ? error.message : "没有存上：这台手机的存储空间满了。事实已经记下，照片可以不传。");
    }
  }
  await draw();
});

form.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-photo-drop]");
  if (!button) return;
  event.preventDefault();
  const place = button.closest("[data-photos]");
  const rule = Number(place.dataset.photos);
  button.disabled = true;
  say(place, "");
  await dropPhoto({ ...about(rule), photo: button.dataset.photoDrop });
  await draw();
  place.querySelector("[data-photo-pick]").focus();
});

document.addEventListener("portal:queue", draw);
document.addEventListener("portal:taken", draw);
(async () => {
  if (navigator.onLine) await fetchPhotos(sheet).catch(() => {});
  await draw();
})();
