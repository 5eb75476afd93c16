// The turnout's form through the queue: only what was changed is sent, with the version it was
// typed on.
import { list } from "./queue.js";
import { edit, turnoutObject } from "./turnouts.js";

const form = document.querySelector("form[data-turnout-form]");
const SKIP = new Set(["csrfmiddlewaretoken", "version", "key", "reason", "_draft"]);
const isBox = (field) => field.type === "checkbox";
const drawnValue = (field) =>
  isBox(field) ? field.defaultChecked : (field.defaultValue ?? [...field.options].find((option) => option.defaultSelected)?.value ?? "");
const valueOf = (field) => (isBox(field) ? field.checked : field.value.trim());
const sent = (field) => {
  const value = valueOf(field);
  if (field.type === "number" || ["operation"].includes(field.name)) return value === "" ? null : Number(value);
  return field.name === "city_goal" && value === "" ? null : value;
};
const labelOf = (field) => (field.labels?.[0]?.firstChild?.textContent || field.name).trim();
const shown = (field) => (isBox(field) ? (field.checked ? "是" : "否") : field.selectedOptions ? field.selectedOptions[0].textContent : valueOf(field) || "未填");
const optionsOf = (field) => (field.options ? Object.fromEntries([...field.options].map((option) => [option.value, option.textContent])) : undefined);

const waits = async () => (await list(turnoutObject(form.dataset.turnoutForm))).length > 0;

form.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine && !form.dataset.queued) return; // the server answers field by field
    event.preventDefault();
    if (!form.reportValidity()) return;
    const fields = [...form.elements].filter((field) => field.name && !SKIP.has(field.name) && field.type !== "hidden" && valueOf(field) !== drawnValue(field));
    if (!fields.length) return;
    edit({
      uuid: form.dataset.turnoutForm,
      subject: form.dataset.subject,
      crewName: form.dataset.crewName,
      values: Object.fromEntries(fields.map((field) => [field.name, sent(field)])),
      fields: Object.fromEntries(fields.map((field) => [field.name, { label: labelOf(field), options: optionsOf(field) }])),
      words: fields.map((field) => `${labelOf(field)}：${shown(field)}`),
      reason: form.elements.reason?.value.trim() || "",
      drawnVersion: Number(form.elements.version.value),
    }).then((op) => {
      const note = form.querySelector("[data-saved]");
      if (note) note.textContent = `已存在本机，${op.words.length} 项待上传`;
    });
  },
  true,
);

// What waits here was typed on top of the page: more of it goes the same way.
waits().then((some) => {
  if (some) form.dataset.queued = "1";
});
document.addEventListener("portal:taken", ({ detail: { op } }) => {
  if (op.kind === "turnout-edit" && op.uuid === form.dataset.turnoutForm) location.reload();
});
