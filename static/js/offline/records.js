// Records made on this phone: written without a signal, sent by itself, each once (client_key).
import { add, newKey, register } from "./queue.js";

register("record-new", {});

// The draft moves into the queue: the next form must not offer what is on its way. What a rule
// refuses is put back, so that it can be put right.
export async function keep({ branch, body, title, words, draft }) {
  let typed = null;
  try {
    typed = localStorage.getItem(draft);
  } catch {
    /* nothing was kept */
  }
  const op = await add({
    object: `activities/${body.client_key}`,
    kind: "record-new",
    draft,
    typed,
    where: branch,
    title: `记一件事：${title}`,
    words,
    method: "POST",
    url: "/api/v1/activities/",
    body,
  });
  if (typed) localStorage.removeItem(draft);
  return op;
}
document.addEventListener("portal:held", ({ detail: { op } }) => {
  if (op.kind === "record-new" && op.typed && !localStorage.getItem(op.draft)) localStorage.setItem(op.draft, op.typed);
});

export { newKey };
