// The page without a signal: which pages are kept for the user of this phone.
import * as store from "./store.js";

// Back on line this page is worth another try, but not over the head of somebody who leaves it.
let leaving = false;
window.addEventListener("beforeunload", () => (leaving = true));
window.addEventListener("pageshow", () => (leaving = false));
window.addEventListener("online", () => leaving || location.reload());
document.querySelector("[data-reload]").addEventListener("click", () => location.reload());

const found = window.caches ? await caches.match("/offline/who", { cacheName: "portal-who" }) : null;
const user = found ? await found.text() : "";
const ahead = user ? await store.get("facts", `${user}|ahead`).catch(() => null) : null;
const waiting = user ? (await store.all("ops").catch(() => [])).filter((op) => op.user === user) : [];
const pages = [...(ahead?.value || [])];
if (waiting.length) {
  pages.push({ url: "/offline/queue/", title: "待上传", hint: `${waiting.length} 项` });
  document.querySelector("[data-left]").prepend(`这台手机里有 ${waiting.length} 项待上传，有信号会自动上传。`);
}

const rows = document.querySelector("[data-kept-rows]");
for (const { url, title, hint } of pages) {
  const kept = await caches.match(url, { cacheName: `portal-pages-${user}`, ignoreVary: true });
  if (!kept) continue;
  const row = document.createElement("li");
  const link = document.createElement("a");
  Object.assign(link, { href: url, className: "row-main row-title", textContent: title });
  const note = document.createElement("span");
  Object.assign(note, { className: "hint", textContent: hint || "" });
  row.append(link, note);
  rows.append(row);
}
document.querySelector("[data-kept-list]").hidden = !rows.children.length;
