// Behaviour of the shell and of forms. Everything works without it; this makes it pleasant.
import { watchDrafts } from "./drafts.js";
import { boot } from "./offline/boot.js";

const closest = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

// htmx sends the token that Django expects.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});

// A sentence from the server (409 and the like) is shown where the answer was expected.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
const say = (text) => {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
};
document.addEventListener("htmx:sendError", () => say("没有连上。填的内容还在，请稍后再试。"));

// Menus are <details>: close them on a click elsewhere and on Escape.
document.addEventListener("click", (event) => {
  const inside = closest(event, "details[data-menu]");
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (menu !== inside) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
});

// Sheets: <button data-opens="id"> opens <dialog id class="sheet">, data-closes closes it.
document.addEventListener("click", (event) => {
  const opener = closest(event, "[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (closest(event, "[data-closes]")) closest(event, "dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// Tabs within a page: role=tab buttons with aria-controls.
const choose = (tab, focus = false) => {
  const list = tab.closest('[role="tablist"]');
  for (const other of list.querySelectorAll('[role="tab"]')) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    const pane = document.getElementById(other.getAttribute("aria-controls"));
    if (pane) pane.hidden = !on;
  }
  if (focus) tab.focus();
};
document.addEventListener("click", (event) => {
  const tab = closest(event, '[role="tab"]');
  if (tab) choose(tab);
});
document.addEventListener("keydown", (event) => {
  const tab = closest(event, '[role="tab"]');
  if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const step = event.key === "ArrowRight" ? 1 : -1;
  choose(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true);
});

// One form, one record: [data-once] names the field that carries the form's key. Who comes back to a
// form that was sent (history), sends the same key again, and is led to what it made.
for (const form of document.querySelectorAll("form[data-once]")) {
  const field = form.elements[form.dataset.once];
  if (history.state?.once) field.value = history.state.once;
  form.addEventListener("submit", (event) => {
    // Not what goes to the anonymous door: nothing of it stays in this browser.
    if (event.submitter?.hasAttribute("formaction")) return;
    history.replaceState({ ...history.state, once: field.value }, "");
  }, true);
}

// A pressed button is not pressed twice. The server is safe against it anyway.
const rearm = () => {
  document.querySelectorAll("[data-pressed]").forEach((button) => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    delete button.dataset.pressed;
  });
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  form.dataset.sent = "1";
  // After this turn, so that the pressed button's own name and value are still sent.
  setTimeout(() => {
    form.querySelectorAll('button[type="submit"], button:not([type])').forEach((button) => {
      button.dataset.pressed = "1";
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
    });
  }, 0);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) rearm();
});
document.addEventListener("htmx:afterRequest", rearm);

// Filters: a changed choice is applied at once.
document.addEventListener("change", (event) => {
  const form = closest(event, "form[data-autosubmit]");
  if (form) form.requestSubmit();
});

// How many characters of how many: always where a page has a place for it ([data-count-for]), else
// from nine tenths of what a text area holds. What a paste loses is said, not dropped in silence.
const counted = (field) => document.querySelector(`[data-count-for="${CSS.escape(field.id)}"]`);
const noteOf = (field) => {
  if (field.nextElementSibling?.matches(".length-note")) return field.nextElementSibling;
  const note = document.createElement("p");
  note.className = "length-note";
  note.setAttribute("role", "status");
  field.after(note);
  return note;
};
const count = (field, cut = 0) => {
  const [long, most] = [field.value.length, field.maxLength];
  const place = field.id && counted(field);
  if (place) place.textContent = most > 0 ? `${long} / ${most}` : `${long}`;
  if (most <= 0 || (!field.nextElementSibling?.matches(".length-note") && long * 10 < most * 9)) return;
  const note = noteOf(field);
  note.classList.toggle("late-text", cut > 0);
  if (cut) note.textContent = `最多 ${most} 字，粘贴的内容后面 ${cut} 字放不下，没有贴进来。`;
  else note.textContent = long * 10 < most * 9 || place ? "" : `${long} / ${most}`;
};
document.addEventListener("input", ({ target }) => {
  if (target instanceof HTMLTextAreaElement) count(target);
});
document.addEventListener("paste", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement) || field.maxLength <= 0) return;
  const text = (event.clipboardData?.getData("text") || "").replaceAll("\r\n", "\n");
  const room = field.maxLength - field.value.length + (field.selectionEnd - field.selectionStart);
  if (text.length > room) setTimeout(() => count(field, text.length - room), 0);
});
for (const place of document.querySelectorAll("[data-count-for]")) {
  const field = document.getElementById(place.dataset.countFor);
  if (field) count(field);
}

// The error summary is read out first; a form without one leads to its first wrong field.
const wrong =
  document.querySelector('form[method="post"] [data-error-summary]') ??
  document.querySelector('form[method="post"] [aria-invalid="true"]');
wrong?.focus();
if (wrong && wrong.dataset.errorSummary === undefined) wrong.scrollIntoView({ block: "center" });

// Without TLS a browser has no clipboard to offer; the old way still works there.
function putInClipboard(text, done) {
  if (navigator.clipboard) {
    navigator.clipboard.writeText(text).then(done);
    return;
  }
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  document.body.append(field);
  field.select();
  if (document.execCommand("copy")) done();
  field.remove();
}

document.addEventListener("click", (event) => {
  if (closest(event, "[data-print]")) window.print();
  const copy = closest(event, "[data-copy]");
  if (copy) putInClipboard(copy.dataset.copy, () => (copy.querySelector("span").textContent = "已复制"));
});

watchDrafts();
boot();
