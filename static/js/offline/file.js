// The queue as a file, and back. The keys go along, so nothing is carried out twice even if this
// phone wakes up again later.
import * as store from "./store.js";
import { list, user } from "./queue.js";

const FORMAT = "portal-offline-queue";
const ALLOWED = /^\/api\/v1\/[\w/.-]+$/;

// Pictures travel as text.
const asText = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
const PICTURE = /^data:(image\/jpeg);base64,([A-Za-z0-9+/=]+)$/;
const asBlob = (text) => {
  const [, type, data] = text.match(PICTURE);
  return new Blob([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], { type });
};
const packed = async ({ blob, ...op }) => (blob ? { ...op, picture: await asText(blob) } : op);
const unpacked = ({ picture, ...op }) => (picture ? { ...op, blob: asBlob(picture) } : op);

export async function saveAsFile() {
  const ops = await Promise.all((await list()).map(packed));
  const who = document.body.dataset.name || "";
  const content = { format: FORMAT, edition: 1, user: user(), name: who, savedAt: new Date().toISOString(), ops };
  const blob = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
  const link = document.createElement("a");
  const at = new Date();
  const two = (n) => String(n).padStart(2, "0");
  link.href = URL.createObjectURL(blob);
  link.download = `待上传-${who}-${two(at.getMonth() + 1)}${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}.json`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// {ops} of a file that may be handed in here, or {error} in words.
export function read(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    return { error: "这不是门户存的待上传文件。" };
  }
  if (content?.format !== FORMAT || content.edition !== 1 || !Array.isArray(content.ops)) {
    return { error: "这不是门户存的待上传文件。" };
  }
  if (content.user !== user()) {
    return { error: `这份文件是${content.name || "别人"}的，请用本人的账号登录后再交。` };
  }
  const good = content.ops.every(
    (op) =>
      ["POST", "PUT", "PATCH", "DELETE"].includes(op.method) &&
      ALLOWED.test(op.url) &&
      typeof op.key === "string" &&
      typeof op.object === "string" &&
      (op.picture === undefined || PICTURE.test(op.picture)),
  );
  return good ? { ops: content.ops.map(unpacked), savedAt: content.savedAt } : { error: "文件里有看不懂的内容，没有读入。" };
}

// Puts the operations behind what is here already; the same key is not put twice.
export const takeIn = (given) =>
  store.write(["ops"], async ({ ops }) => {
    const here = new Set((await ops.all()).map((op) => op.key));
    let count = 0;
    for (const { seq, ...op } of given) {
      if (here.has(op.key)) continue;
      await ops.put({ ...op, user: user(), foreign: true, waited: true });
      count += 1;
    }
    return count;
  });
