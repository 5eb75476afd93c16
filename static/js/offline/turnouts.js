// Turnouts on this phone: what was pressed without a signal, laid over the server's last word.
import { add, newKey, recall, register, remember, when } from "./queue.js";

export const turnoutObject = (uuid) => `turnouts/${uuid}`;
const urlOf = (uuid, step = "") => `/api/v1/turnouts/${uuid}/${step}`;
const UNDO_FOR = 5000;
const CURRENT = "turnouts/current";
export const MARKS = { departed: "出发", arrived: "到场", restored: "复电" };
const COLUMNS = { departed: "departed_at", arrived: "arrived_at", restored: "restored_at" };

const version = (op, answer) => answer.version;
const taken = (op, answer) => remember(CURRENT, answer);

// The phone's clock as it stood, and how far it was out when it last met the portal.
const offset = (skew) => (skew === null || skew === undefined ? null : -skew);

register("turnout-open", {
  taken,
  version,
  prepare: (op) => ({ ...op.body, times: op.body.times.map((time) => ({ ...time, offset_ms: offset(op.skew) })) }),
});
register("turnout-mark", { taken, version, prepare: (op) => ({ ...op.body, offset_ms: offset(op.skew) }) });
register("turnout-edit", {
  taken,
  version,
  async theirs(op) {
    const response = await fetch(urlOf(op.uuid), { headers: { Accept: "application/json" } });
    const current = await response.json();
    const words = Object.entries(op.fields).map(([name, { label, options }]) => {
      const value = current[name] ?? "";
      return `${label}：${options?.[value] ?? (value === true ? "是" : value === false ? "否" : value === "" ? "未填" : value)}`;
    });
    return { version: current.version, title: "", at: current.updated_at, words };
  },
  mine: (op) => ({ ...op.body, version: op.theirs.version, key: newKey() }),
});

// -- pressing -----------------------------------------------------------------------------------

export function open({ crew, crewName, values, orderedAt }) {
  const uuid = newKey();
  const at = new Date().toISOString();
  const times = [{ key: newKey(), mark: "departed", at, is_measured: true }];
  if (orderedAt) times.unshift({ key: newKey(), mark: "ordered", at: orderedAt, is_measured: false });
  return add({
    object: turnoutObject(uuid),
    kind: "turnout-open",
    uuid,
    mark: "departed",
    where: crewName,
    title: `出发：${values.subject}`,
    words: [values.place].filter(Boolean),
    method: "POST",
    url: "/api/v1/turnouts/",
    body: { uuid, crew, entered_via: "phone", ...values, times },
    holdFor: UNDO_FOR,
  });
}

export const press = ({ uuid, mark, subject, crewName }) =>
  add({
    object: turnoutObject(uuid),
    kind: "turnout-mark",
    uuid,
    mark,
    where: crewName,
    title: `${MARKS[mark]}：${subject}`,
    words: [],
    method: "POST",
    url: urlOf(uuid, "mark/"),
    body: { key: newKey(), mark, at: new Date().toISOString(), is_measured: true },
    holdFor: UNDO_FOR,
  });

// values: what differs from what was drawn; fields: {name: {label, options}} for the words.
export const edit = ({ uuid, subject, crewName, values, fields, words, reason, drawnVersion }) =>
  add({
    object: turnoutObject(uuid),
    kind: "turnout-edit",
    replaces: true,
    uuid,
    where: crewName,
    title: `补填：${subject}`,
    words,
    fields,
    method: "PATCH",
    url: urlOf(uuid),
    body: { ...values, reason, version: drawnVersion, key: newKey() },
  });

// -- what is under way -----------------------------------------------------------------------------

const fromServer = (answer) => ({
  uuid: answer.uuid,
  crew: answer.crew,
  subject: answer.subject,
  place: answer.place,
  marks: Object.fromEntries(
    Object.entries(COLUMNS)
      .filter(([, column]) => answer[column])
      .map(([mark, column]) => [mark, { at: Date.parse(answer[column]) }]),
  ),
});

// The turnout whose buttons are shown: what the page was drawn with, what the server answered
// last, and what waits here, the newest of it. null when nobody is out.
export async function underWay({ drawn, crew, ops }) {
  const known = await recall(CURRENT);
  let found = drawn;
  if (known && known.crew === crew && (!drawn || drawn.uuid === known.uuid)) found = fromServer(known);
  for (const op of ops) {
    if (op.kind === "turnout-open" && op.body.crew === crew) {
      found = { uuid: op.uuid, crew, subject: op.body.subject, place: op.body.place, marks: {} };
    }
    if (found && op.uuid === found.uuid && op.mark) {
      found = { ...found, marks: { ...found.marks, [op.mark]: { at: when(op), op } } };
    }
  }
  return found && !found.marks.restored?.at ? found : found?.marks.restored?.op ? found : null;
}

