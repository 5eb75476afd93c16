// Records made on this phone: written without a signal, sent by itself, each once (client_key).
import { add, newKey, register } from "./queue.js";

// The draft stays until the server has taken the record: what a rule refuses can be put right.
register("record-new", {
  taken(op) {
    try {
      localStorage.removeItem(op.draft);
    } catch {
      /* nothing was kept */
    }
  },
});

export const keep = ({ branch, body, title, words, draft }) =>
  add({
    object: `activities/${body.client_key}`,
    kind: "record-new",
    draft,
    where: branch,
    title: `记一件事：${title}`,
    words,
    method: "POST",
    url: "/api/v1/activities/",
    body,
  });

export { newKey };
