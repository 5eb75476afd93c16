// Drafts: what was typed outlives a closed tab, a dead session and a lost connection.
//
// <form data-draft="activity-new"> is kept in this browser as it is typed and put back when
// the page opens again. It is let go only when the server has taken it: the form carries its
// key (_draft), and portal.kernel.drafts names it in a cookie once a post led on.
//
// Every other form in which one writes more than a word is kept too, under its address. Those
// that keep their words in another way say so: data-pad, data-recheck, data-no-draft.

const PREFIX = "portal.draft.";
const COOKIE = "portal_draft_done";
const LONGEST_DAYS = 14;

const user = () => document.body.dataset.user || "guest";
const nameOf = (key) => `${PREFIX}${user()}.${key}`;
const clock = (at) =>
  new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) || "null");
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // private window or full store: the form still works
  }
}

function drop(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    /* nothing was kept */
  }
}

const kept = (field) =>
  field.name &&
  !field.name.startsWith("_") &&
  !["csrfmiddlewaretoken", "version"].includes(field.name) &&
  !["file", "password", "hidden", "submit", "button", "reset", "image"].includes(field.type);

function valuesOf(form) {
  const values = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    const list = (values[field.name] ||= []);
    if (["checkbox", "radio"].includes(field.type)) {
      if (field.checked) list.push(field.value);
    } else if (field.type === "select-multiple") {
      list.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      list.push(field.value);
    }
  }
  return values;
}

function fill(form, values) {
  const used = {};
  const filled = [...form.elements].filter((field) => kept(field) && field.name in values);
  for (const field of filled) {
    const list = values[field.name];
    if (["checkbox", "radio"].includes(field.type)) {
      field.checked = list.includes(field.value);
    } else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = list.includes(option.value);
    } else {
      const index = (used[field.name] = (used[field.name] ?? -1) + 1);
      if (index < list.length) field.value = list[index];
    }
  }
  // Only now: what listens may send the whole form off, and must not see it half filled.
  for (const field of filled) field.dispatchEvent(new Event("change", { bubbles: true }));
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The choice of a form with which nothing may be kept, and whether a draft was made under it.
const noTrace = (form) => form.querySelector("[data-no-trace]");
const madeUnder = (choice, values) => choice !== null && (values[choice.name] ?? []).includes(choice.value);

// On signing out: the drafts of forms that can be sent without a name.
const MAY_BE_NAMELESS = ["say"];

function forgetOnSignOut() {
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return; // what waits to be sent is asked about first
    if ("signOut" in event.target.dataset) MAY_BE_NAMELESS.forEach((key) => drop(nameOf(key)));
  });
}

export function forgetTaken() {
  const match = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([^;]*)`));
  if (!match) return;
  for (const key of decodeURIComponent(match[1]).split("|")) drop(nameOf(key));
  document.cookie = `${COOKIE}=; Max-Age=0; path=/; SameSite=Lax`;
}

function forgetOld() {
  const limit = Date.now() - LONGEST_DAYS * 86400000;
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && (read(name)?.at ?? 0) < limit) drop(name);
    }
  } catch {
    /* no store */
  }
}

function watch(form) {
  const name = nameOf(form.dataset.draft);
  let blank = valuesOf(form);
  form.dataset.watched = "1";
  const note = form.querySelector("[data-saved]") ?? document.querySelector(`[data-saved="${form.id}"]`);
  const tell = (text) => {
    if (note) note.textContent = text;
  };

  const key = document.createElement("input");
  Object.assign(key, { type: "hidden", name: "_draft", value: form.dataset.draft });
  form.append(key);

  const secret = noTrace(form);
  let draft = read(name);
  if (draft && madeUnder(secret, draft.values)) {
    drop(name);
    draft = null;
  }
  const answered = form.querySelector(REFUSED) !== null;
  if (draft && !answered && !same(draft.values, blank)) {
    fill(form, draft.values);
    form.dataset.dirty = "1";
    const bar = document.createElement("div");
    bar.className = "was-draft";
    bar.setAttribute("role", "status");
    const words = document.createElement("span");
    words.textContent = `已放回 ${clock(draft.at)} 没有提交的内容。`;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-secondary btn-sm", textContent: "不要这份草稿" });
    button.addEventListener("click", () => {
      drop(name);
      fill(form, blank);
      delete form.dataset.dirty;
      bar.remove();
      tell("");
    });
    bar.append(words, button);
    form.prepend(bar);
    // What came back is not left behind a fold.
    for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }
  if (answered) form.dataset.dirty = "1";
  if (secret?.checked) drop(name);

  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    if (secret?.checked) {
      drop(name);
      tell("");
      return;
    }
    if (form.dataset.sent) return; // it waits in the queue, and the draft went with it
    const values = valuesOf(form);
    if (same(values, blank) && !answered) {
      drop(name);
      delete form.dataset.dirty;
      tell("");
      return;
    }
    const at = Date.now();
    tell(write(name, { at, values }) ? `已保存 ${clock(at)}` : "这台设备不能存草稿");
  };
  form.addEventListener("input", () => {
    form.dataset.dirty = "1";
    clearTimeout(timer);
    if (secret?.checked) save();
    else timer = setTimeout(save, 400);
  });
  form.addEventListener("submit", save);
  form.addEventListener("draft:save", save);
  form.addEventListener("draft:taken", () => {
    clearTimeout(timer);
    blank = valuesOf(form);
    delete form.dataset.dirty;
    form.querySelector(".was-draft")?.remove();
    drop(name);
    tell("");
  });
  window.addEventListener("pagehide", () => {
    if (form.dataset.dirty && form.isConnected) save();
  });
}

// A form that was sent without leaving the page: the server has what it holds now.
export const taken = (form) => form.dispatchEvent(new CustomEvent("draft:taken"));

const WRITES = "textarea:not([readonly])";
const OTHER_WAYS = "[data-draft], [data-pad], [data-recheck], [hx-post]";
const REFUSED = "[data-error-summary], .field-error";

// A form that the house keeps as it is typed. What it refused it does not have: that is kept here
// like any other, until the server has taken it.
const keptByHouse = (form, key) =>
  form.matches("[data-no-draft]") && !form.querySelector(REFUSED) && !read(nameOf(key));

// A key for each form that has none, from where it is sent to. Not for a visitor: what is said
// without a name must leave nothing in the browser.
function nameForms() {
  if (user() === "guest") return;
  const seen = new Set();
  for (const form of document.querySelectorAll("form[method=post]")) {
    if (form.matches(OTHER_WAYS) || !form.querySelector(WRITES)) continue;
    const address = form.getAttribute("action") || location.pathname;
    const key = address.replace(/[^A-Za-z0-9_.:-]+/g, "-").slice(-100);
    if (!seen.has(key) && !keptByHouse(form, key)) form.dataset.draft = key;
    seen.add(key);
  }
}

// Also for a page that was put in place of another.
export function watchForms() {
  forgetTaken();
  nameForms();
  document.querySelectorAll("form[data-draft]:not([data-watched])").forEach(watch);
}

export function watchDrafts() {
  forgetOld();
  forgetOnSignOut();
  watchForms();

  // Leaving asks only where nothing is kept for you: [data-ask-leave] without a draft.
  document.querySelectorAll("form[data-ask-leave]:not([data-draft])").forEach((form) => {
    form.addEventListener("input", () => {
      form.dataset.dirty = "1";
    });
  });
  window.addEventListener("beforeunload", (event) => {
    const open = document.querySelector("form[data-ask-leave][data-dirty]:not([data-sent])");
    if (open) event.preventDefault();
  });
}
