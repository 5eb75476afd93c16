// On every page: the worker, the bar, the queue, what is fetched ahead, and signing out.
import "./kinds.js";
import { watchBar } from "./bar.js";
import * as queue from "./queue.js";
import { saveAsFile } from "./file.js";
import * as store from "./store.js";

const AHEAD_EVERY = 600_000;
const cacheOf = (user) => `portal-pages-${user}`;

export async function boot() {
  const user = queue.user();
  if (!window.indexedDB) return;
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").catch(() => {});
  }
  watchBar();
  if (user === "guest") {
    sayWhatWaits();
    return;
  }
  await belongTo(user);
  const inField = "field" in document.body.dataset;
  queue.start({ meets: inField });
  guardSignOut(user);
  if (navigator.onLine) setTimeout(() => fetchAhead(user, inField).catch(() => {}), 300);
}

// Tells the worker whose phone this is now; what was kept for somebody else goes.
async function belongTo(user) {
  if (!window.caches) return;
  try {
    const others = (await caches.keys()).filter((name) => name.startsWith(cacheOf("")) && name !== cacheOf(user));
    await Promise.all(others.map((name) => caches.delete(name)));
    const who = await caches.open("portal-who");
    const known = await (await who.match("/offline/who"))?.text();
    if (known !== user) await who.put("/offline/who", new Response(user));
  } catch {
    /* no store here: pages are simply not kept */
  }
}

// The sign-in page: what was typed is still here, whoever it belongs to.
async function sayWhatWaits() {
  const note = document.querySelector("[data-waits]");
  const ops = note ? await store.all("ops").catch(() => []) : [];
  if (!ops.length) return;
  note.hidden = false;
  note.querySelector("[data-waits-count]").textContent = ops.length;
}

// -- fetched ahead ------------------------------------------------------------------------------

async function fetchAhead(user, now) {
  if (!window.caches) return;
  const id = `${user}|ahead`;
  const last = await store.get("facts", id);
  if (!now && last && Date.now() - last.at < AHEAD_EVERY && Date.now() >= last.at) return say(last.value);
  const response = await fetch("/offline/pages/", { redirect: "manual", headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const { version, pages } = await response.json();
  const cache = await caches.open(cacheOf(user));
  const wanted = pages.flatMap((page) => [page.url, ...page.further]);
  for (const url of wanted) {
    const kept = await cache.match(url, { ignoreVary: true });
    if (kept?.headers.get("X-Portal-Keep") === version) continue;
    const page = await fetch(url, { redirect: "manual", headers: { Accept: "text/html" } });
    if (page.ok && page.headers.get("X-Portal-User") === user && page.headers.has("X-Portal-Keep")) {
      await cache.put(url, page);
    }
  }
  for (const [object, url] of pages.flatMap((page) => Object.entries(page.data))) {
    const answer = await fetch(url, { redirect: "manual", headers: { Accept: "application/json" } });
    if (answer.ok) await queue.remember(object, await answer.json());
  }
  const value = pages.filter((page) => page.title).map(({ url, title, hint }) => ({ url, title, hint }));
  await store.put("facts", { id, user, value, at: Date.now() });
  if (value.length) navigator.storage?.persist?.().catch(() => {});
  say(value);
}

function say(pages) {
  for (const note of document.querySelectorAll("[data-kept]")) {
    note.hidden = !pages.some((page) => page.url === note.dataset.kept);
  }
  document.body.dataset.ahead = "1";
}

// -- signing out ----------------------------------------------------------------------------------

async function forgetAll(user) {
  await store.forget(user).catch(() => {});
  if (window.caches) await caches.delete(cacheOf(user)).catch(() => {});
}

function guardSignOut(user) {
  const dialog = document.getElementById("leave-with-queue");
  let leaving = null;
  const leave = async () => {
    await forgetAll(user);
    leaving.dataset.free = "1";
    leaving.requestSubmit();
  };
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !("signOut" in form.dataset) || "free" in form.dataset) return;
      event.preventDefault();
      leaving = form;
      await queue.sync();
      const ops = await queue.list();
      if (!ops.length) return leave();
      dialog.querySelector("[data-leave-count]").textContent = ops.length;
      dialog.showModal();
    },
    true,
  );
  dialog?.querySelector("[data-leave-file]").addEventListener("click", () => saveAsFile());
  dialog?.querySelector("[data-leave-drop]").addEventListener("click", leave);
}
