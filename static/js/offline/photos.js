// Pictures beside a rule of a sheet: made small on the phone, kept in the queue as they are, sent
// after everything else, so that a slow picture holds up no word.
import { add, list, newKey, recall, register, remember, setAside, undo } from "./queue.js";

const LONGEST = 1600; // pixels
const MOST_BYTES = 2_000_000; // what the server reads at once is a little more
const known = (sheet) => `photos/${sheet}`;
const objectOf = (sheet, photo) => `photos/${sheet}/${photo}`;
const addressOf = (sheet, rule, photo) => `/api/v1/sheets/${sheet}/rules/${rule}/photos/${photo}/`;

export class BadPicture extends Error {}

// The picture upright and small; place, time and device that a camera writes into it stay behind.
export async function shrink(file) {
  if (file.type && !file.type.startsWith("image/")) throw new BadPicture("这不是照片，请选图片或直接拍一张。");
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new BadPicture(
      /hei[cf]/i.test(`${file.type} ${file.name}`)
        ? "苹果手机的HEIC照片这里打不开。请在“设置、相机、格式”里选“兼容性最佳”，或截图后再选。"
        : "这张照片打不开，可能已损坏。请重新拍一张。",
    );
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of [0.82, 0.6]) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= MOST_BYTES) return blob;
  }
  throw new BadPicture("这张照片太大，缩小后仍放不下。请重新拍一张。");
}

// A small picture of what waits. Drawn, not addressed: the policy of the page lets no other in.
export async function thumb(blob, height = 144) {
  const canvas = document.createElement("canvas");
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (!bitmap) return canvas;
  canvas.height = height;
  canvas.width = Math.max(1, Math.round((bitmap.width * height) / bitmap.height));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

export const addPhoto = ({ sheet, item, rule, blob, where, title, words }) => {
  const photo = newKey();
  return add({
    object: objectOf(sheet, photo),
    kind: "sheet-photo",
    last: true,
    sheet,
    item,
    rule,
    photo,
    where,
    title,
    words: [words, `照片，${Math.ceil(blob.size / 1024)} KB`],
    method: "PUT",
    url: addressOf(sheet, rule, photo),
    blob,
  });
};

// Gone from the queue if it never left, else taken away on the server too.
export async function dropPhoto({ sheet, item, rule, photo, where, title, words }) {
  const object = objectOf(sheet, photo);
  const waiting = (await list(object)).find((op) => op.kind === "sheet-photo");
  if (waiting && (await undo(waiting.seq))) return;
  if (waiting && waiting.state !== "waiting") return setAside(waiting);
  await add({
    object,
    kind: "sheet-photo-drop",
    replaces: true,
    last: true,
    sheet,
    item,
    rule,
    photo,
    where,
    title,
    words: [words, "去掉照片"],
    method: "DELETE",
    url: addressOf(sheet, rule, photo),
    body: {},
  });
}

export async function fetchPhotos(sheet) {
  const response = await fetch(`/api/v1/sheets/${sheet}/photos/`, { redirect: "manual", headers: { Accept: "application/json" } });
  if (response.ok) await remember(known(sheet), await response.json());
}

// The server's last word with what waits laid over it: [{id, rule, url} or {id, rule, op}].
export async function photosOf(sheet) {
  const ops = await list(known(sheet));
  const gone = new Set(ops.filter((op) => op.kind === "sheet-photo-drop").map((op) => op.photo));
  const kept = ((await recall(known(sheet))) || []).filter((row) => !gone.has(row.id));
  const here = new Set(kept.map((row) => row.id));
  const waiting = ops.filter((op) => op.kind === "sheet-photo" && !gone.has(op.photo) && !here.has(op.photo));
  return [...kept, ...waiting.map((op) => ({ id: op.photo, item: op.item, rule: op.rule, op }))];
}

const without = async (sheet, ...ids) => ((await recall(known(sheet))) || []).filter((row) => !ids.includes(row.id));
// The same picture a second time gets the answer of the first.
register("sheet-photo", {
  taken: async (op, answer) => remember(known(op.sheet), [...(await without(op.sheet, op.photo, answer.id)), answer]),
});
register("sheet-photo-drop", { taken: async (op) => remember(known(op.sheet), await without(op.sheet, op.photo)) });
