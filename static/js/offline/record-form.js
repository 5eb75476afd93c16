// 记一件事 without a signal: the form goes into the queue instead of nowhere.
import { keep, newKey } from "./records.js";

const form = document.querySelector("form[data-record-new]");
const text = (name) => form.elements[name]?.value.trim() ?? "";
const key = (name) => (text(name) ? Number(text(name)) : null);
const count = (name) => (text(name) === "" ? null : Number(text(name)));
const numbered = (prefix) =>
  [...form.querySelectorAll(`[name^="${prefix}"]`)].map((field) => field.name.slice(prefix.length));

function values() {
  const duties = [...form.querySelectorAll('[name="duties"]:checked')].map((box) => box.value);
  return {
    branch: Number(form.dataset.recordNew),
    duties,
    held_on: text("held_on"),
    starts_at: text("starts_at") || null,
    place: text("place"),
    subject: text("subject"),
    chair: key("chair"),
    recorder: key("recorder"),
    group: key("group"),
    agenda: text("agenda"),
    statements: text("statements"),
    resolution: text("resolution"),
    study_hours: text("study_hours") || "0",
    ayes: count("ayes"),
    nays: count("nays"),
    motion: text("motion"),
    late_reason: text("late_reason"),
    client_key: text("client_key"),
    also: [...form.querySelectorAll('[name="also"]:checked')].map((box) => box.value),
    absences: numbered("absent_")
      .filter((person) => text(`absent_${person}`))
      .map((person) => ({
        person: Number(person),
        kind: text(`absent_${person}`),
        reason: text(`reason_${person}`),
        made_up_on: text(`made_up_${person}`) || null,
      })),
    sessions: numbered("session_day_")
      .filter((row) => text(`session_day_${row}`))
      .map((row) => ({ held_on: text(`session_day_${row}`), place: text(`session_place_${row}`) })),
    follow_ups: numbered("follow_text_")
      .filter((row) => text(`follow_text_${row}`))
      .map((row) => ({ text: text(`follow_text_${row}`), person: key(`follow_person_${row}`), due_on: text(`follow_due_${row}`) || null })),
  };
}

if (form) {
  // A page from the phone's store has been sent before: each opening is a record of its own. A
  // form that came back with errors is still the same one, and so is one that somebody came back to
  // after it was sent (ui.js, [data-once]).
  if (!form.querySelector("[data-error-summary]") && !history.state?.once) form.elements.client_key.value = newKey();

  form.addEventListener(
    "submit",
    (event) => {
      if (navigator.onLine) return; // the server answers field by field
      event.preventDefault();
      event.stopImmediatePropagation();
      const body = values();
      const missing = [
        [!body.duties.length, "完成了哪几项"],
        [!body.held_on, "日期"],
        [!body.place, "地点"],
        [!body.subject, "主题"],
        [!body.chair, "主持人"],
      ].filter(([is]) => is);
      const note = form.querySelector("[data-saved]");
      if (missing.length) {
        note.textContent = `还没有填：${missing.map(([, name]) => name).join("、")}`;
        return;
      }
      const draft = `portal.draft.${document.body.dataset.user}.${form.dataset.draft}`;
      const words = [`${body.held_on} ${body.place}`, `${body.duties.length} 项`];
      form.dispatchEvent(new CustomEvent("draft:save"));
      form.dataset.sent = "1";
      history.replaceState({ ...history.state, once: body.client_key }, "");
      keep({ branch: form.dataset.branchName, body, title: body.subject, words, draft }).then(() => {
        note.textContent = "已存在本机，有信号会自动上传。";
        form.querySelector('[type="submit"]').disabled = true;
      });
    },
    true,
  );
  document.addEventListener("portal:taken", ({ detail: { op, answer } }) => {
    if (op.kind === "record-new" && op.body.client_key === text("client_key")) {
      location.assign(`/records/${answer.id}/`);
    }
  });
}
