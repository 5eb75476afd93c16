// The service worker. /sw.js sets self.portal = {version, page, logout, files} and loads this.
//
// Files of the shell come from the cache, under the digest of all of them. Pages come from the
// network; a page that the server marked with X-Portal-Keep is kept for the user it names in
// X-Portal-User and shown when there is no answer. Nothing else is ever kept.
const { version, page, logout, files } = self.portal;
const FILES = `portal-files-${version}`;
const WHO = "portal-who";
const PATIENCE = 4000; // one bar: after this the kept page is better than none

const isFiles = (name) => name.startsWith("portal-files-");
const pagesOf = (user) => `portal-pages-${user}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(FILES);
      // Without cookies: what is kept for everybody must not know anybody.
      await cache.addAll(files.map((url) => new Request(url, { credentials: "omit", cache: "reload" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // The edition before stays: pages that were kept with it still ask for its files.
      const editions = (await caches.keys()).filter(isFiles).filter((name) => name !== FILES);
      await Promise.all(editions.slice(0, -1).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(request.method === "GET" ? open(event, url) : post(request, url));
  } else if (request.method === "GET" && !live(url)) {
    event.respondWith(file(request));
  }
});

// What only the server can answer: data, and whether it is there at all.
const live = (url) => url.pathname.startsWith("/api/") || url.pathname === "/offline/me/";

async function file(request) {
  const kept = await caches.match(request, { cacheName: FILES });
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    const older = await caches.match(request);
    if (older && isFile(older)) return older;
    throw error;
  }
}
const isFile = (response) => !response.headers.has("X-Portal-Keep");

async function open(event, url) {
  const kept = await keptPage(url);
  // Led here by formOf: the browser would still look in its own cache only.
  const led = event.request.cache === "only-if-cached";
  const answer = fetch(led ? new Request(url, { redirect: "manual" }) : event.request).then(async (response) => {
    await notice(response.clone(), url);
    return response;
  });
  answer.catch(() => {});
  if (kept) event.waitUntil(answer.catch(() => {}));
  try {
    const response = await (kept ? Promise.race([answer, tooLong()]) : answer);
    return response.status >= 502 && response.status <= 504 && kept ? kept : response;
  } catch {
    return kept || nothing();
  }
}

const tooLong = () => new Promise((_, reject) => setTimeout(() => reject(new Error("too long")), PATIENCE));

async function post(request, url) {
  if (request.isHistoryNavigation) return formOf(request, url);
  try {
    const response = await fetch(request);
    if (url.pathname === logout) await forget();
    return response;
  } catch {
    return nothing();
  }
}

// Back to the answer of a form: the browser would look for it in its own cache only and not find
// it. The form is opened anew instead, where it is shown: under the address it was sent to, on the
// page it was sent from, or on the nearest page above. What was typed comes back as a draft.
async function formOf(request, url) {
  const places = [url.href];
  if (request.referrer.startsWith(`${url.origin}/`)) places.push(request.referrer);
  for (let path = url.pathname; path !== "/"; places.push(url.origin + path)) path = path.replace(/[^/]*\/?$/, "");
  try {
    for (const place of new Set(places)) {
      const answer = await fetch(place, { redirect: "manual" });
      answer.body?.cancel();
      if (answer.status !== 404 && answer.status !== 405) return Response.redirect(place, 303);
    }
  } catch {
    /* no signal */
  }
  return nothing();
}

const nothing = async () =>
  (await caches.match(page, { cacheName: FILES, ignoreVary: true })) || new Response("没有信号", { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } });

// -- whose pages --------------------------------------------------------------------------------

async function who() {
  const found = await caches.match("/offline/who", { cacheName: WHO });
  return found ? found.text() : "";
}

async function notice(response, url) {
  const user = response.headers.get("X-Portal-User");
  if (!user) return;
  if (user !== (await who())) {
    await forget(user);
    await (await caches.open(WHO)).put("/offline/who", new Response(user));
  }
  if (response.status === 200 && !response.redirected && response.headers.has("X-Portal-Keep")) {
    await (await caches.open(pagesOf(user))).put(url.pathname, response);
  }
}

// Another person, or nobody: what was kept for those before goes.
async function forget(except = "") {
  const names = (await caches.keys()).filter((name) => name.startsWith("portal-pages-") && name !== pagesOf(except));
  await Promise.all([...names.map((name) => caches.delete(name)), caches.delete(WHO)]);
}

async function keptPage(url) {
  const user = await who();
  return user ? caches.match(url.pathname, { cacheName: pagesOf(user), ignoreVary: true }) : undefined;
}
