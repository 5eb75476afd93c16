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

// The error summary is read out first.
document.querySelector('form[method="post"] [data-error-summary]')?.focus();

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
