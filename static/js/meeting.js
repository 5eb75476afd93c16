// The meeting from the keyboard and the presenter. Pages are walked in place, so that full screen
// lasts; nothing that was typed is left behind: words are sent before the next page comes, and an
// unfinished decision keeps the page.
import { forgetTaken, taken, watchForms } from "./drafts.js";

const find = (selector) => document.querySelector(selector);
const say = (text) => {
  document.getElementById("live").textContent = text;
};
const typing = (target) => target.closest("input:not([type=hidden]), textarea, select, [contenteditable]");

function refuse(text) {
  const place = find("[data-refusal]");
  if (!place) return;
  find("[data-sign-in]").hidden = true;
  place.hidden = !text;
  place.querySelector("span").textContent = text;
}


const words = {
  line: "没有存上：网络断了。您写的还在这里，再按一次。",
  session: "没有存上：登录已过期。您写的留在这台电脑里，请重新登录。",
  failed: "没有存上。您写的还在这里，请再按一次。",
  unfinished: "这条决定还没记下：写明谁来办、什么时候办完，按“记下决定”再往下走。",
  dark: "已黑屏，按任意键恢复。",
  kept: "意见已存。",
  silent: "支部会前没有写自己的话。",
};

// -- walking --------------------------------------------------------------------------------

let walking = false;

function put(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.getElementById("main");
  if (!page.body.classList.contains("meeting") || !main) {
    location.assign(url);
    return;
  }
  document.title = page.title;
  find("#main").replaceWith(document.adoptNode(main));
  window.scrollTo(0, 0);
  begin();
  find("#main").focus({ preventScroll: true });
}

async function open(url, { push = true } = {}) {
  if (walking) return; // a double press is one step
  walking = true;
  try {
    const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) {
      location.assign(url); // the sign-in page, or a page that says what is wrong
      return;
    }
    const html = await answer.text();
    if (push) history.pushState(null, "", url);
    put(html, url);
  } catch {
    refuse(words.line);
  } finally {
    walking = false;
  }
}

const decisionForm = () => find("form[data-decision]");

function unfinished() {
  const form = decisionForm();
  if (!form || form.dataset.sending) return false;
  const typed = [...form.querySelectorAll("input[type=text], textarea")].some((field) => field.value.trim());
  if (!typed) return false;
  form.closest("details").open = true;
  const told = form.querySelector("[data-unfinished]");
  told.hidden = false;
  told.textContent = words.unfinished;
  [...form.querySelectorAll("input[type=text]")].find((field) => !field.value.trim())?.focus();
  return true;
}

async function go(where) {
  const link = find(`[data-go="${where}"]`);
  if (!link || unfinished() || !(await keepWords())) return;
  await open(link.href);
}

window.addEventListener("popstate", () => open(location.href, { push: false }));

// -- the committee's word ---------------------------------------------------------------------

const verdicts = () => find("form[data-verdicts]");

async function keepWords() {
  const form = verdicts();
  const field = form?.elements.text;
  if (!field || field.disabled || field.value.trim() === (field.dataset.said ?? "").trim()) return true;
  return give("");
}

let giving = false;

async function give(verdict) {
  if (giving) return false;
  giving = true;
  const form = verdicts();
  const body = new FormData(form);
  body.set("verdict", verdict);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
    });
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    // Led to the sign-in page, or the page's token is of a session that has gone.
    if (answer.type === "opaqueredirect" || (answer.status === 403 && !isJson)) {
      refuse(words.session);
      find("[data-sign-in]").hidden = false;
      return false;
    }
    const told = isJson ? await answer.json() : {};
    if (!answer.ok || told.version === undefined) {
      // Seen what a colleague wrote meanwhile, the next press stands.
      if (told.version !== undefined) form.elements.version.value = told.version;
      refuse(told.detail ?? words.failed);
      return false;
    }
    refuse("");
    form.elements.version.value = told.version;
    // Typed on while it was sent: what is in the field stays, and is still to be sent.
    if (form.elements.text.value.trim() === String(body.get("text")).trim()) {
      form.elements.text.value = told.text;
      taken(form);
    }
    form.elements.text.dataset.said = told.text;
    for (const button of form.querySelectorAll("[data-verdict]"))
      button.setAttribute("aria-pressed", String(button.value === told.verdict));
    say(form.querySelector(`[data-verdict][value="${verdict}"]`)?.firstChild.textContent ?? words.kept);
    return true;
  } catch {
    refuse(words.line);
    return false;
  } finally {
    giving = false;
  }
}

async function decide(form) {
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  try {
    if (!(await keepWords())) return;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (answer.ok && answer.redirected) forgetTaken();
    put(await answer.text(), location.href);
  } catch {
    const told = form.querySelector("[data-unfinished]");
    told.hidden = false;
    told.textContent = words.line;
  } finally {
    delete form.dataset.sending;
  }
}

// -- what is pressed ----------------------------------------------------------------------------

// Before the shell hears of it: what is sent in place stays pressable, and its draft is kept.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.matches("form[data-verdicts]")) {
      event.preventDefault();
      give(event.submitter?.value ?? "");
    } else if (event.target.matches("form[data-decision]")) {
      event.preventDefault();
      decide(event.target);
    }
  },
  true,
);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(link.dataset.go);
  } else if (event.target.closest("[data-full]")) {
    full();
  }
});

const full = () =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();

function dark(on) {
  document.body.classList.toggle("is-dark", on);
  if (on) say(words.dark);
}

const WALKS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (document.body.classList.contains("is-dark")) {
    event.preventDefault();
    dark(false);
    return;
  }
  // A presenter's page keys mean nothing in a line of text: they walk even from there.
  if (key === "Escape") {
    const opened = [...document.querySelectorAll("details.meeting-own[open], details.meeting-decide[open]")];
    for (const one of opened) {
      one.open = false;
      one.querySelector("summary").focus(); // not left in a field that is no longer to be seen
    }
    if (opened.length) return;
  }
  if (typing(event.target) && !(["PageDown", "PageUp"].includes(key) && event.target.type === "text")) return;
  const onControl = event.target.closest("a, button, summary");
  if (key in WALKS) {
    event.preventDefault();
    go(WALKS[key]);
  } else if (key === " " && !onControl) {
    event.preventDefault();
    go(event.shiftKey ? "previous" : "next");
  } else if (key === "b" || key === ".") {
    dark(true);
  } else if (key === "f") {
    full();
  } else if (key === "0") {
    const own = find("details.meeting-own");
    if (own) own.open = !own.open;
    else if (verdicts()) refuse(words.silent);
  } else if (key === "d") {
    const sheet = find("details.meeting-decide");
    if (!sheet) return;
    event.preventDefault();
    sheet.open = true;
    sheet.querySelector("input[type=text]")?.focus();
  } else if (/^[1-4]$/.test(key)) {
    const button = document.querySelectorAll("[data-verdict]")[key - 1];
    const closed = verdicts()?.dataset.closed;
    if (closed) refuse(closed);
    if (!button || button.disabled) return;
    event.preventDefault();
    give(button.value);
  }
});

// -- a page begins --------------------------------------------------------------------------------

let ticking = 0;

function begin() {
  clearInterval(ticking);
  watchForms();
  const clock = find("[data-countdown]");
  if (!clock) return;
  const left = clock.querySelector("[data-left]");
  const end = Date.now() + Number(clock.dataset.countdown) * 1000;
  const draw = () => {
    const seconds = Math.round((end - Date.now()) / 1000);
    left.textContent = seconds > 0 ? `本位还有 ${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒` : clock.dataset.over;
  };
  draw();
  ticking = setInterval(draw, 1000);
}

begin();
