// The courier's service worker: the shell opens from the phone, everything else from the market.
// It keeps no page with a name in it.

import { sync } from "/static/courier/sync.js";

const { version, kept } = SHELL_OF_THIS_VERSION;
const CACHE = `courier-${version}`;
const SHELL = "/courier/app";
const OURS = /^\/courier\/(stops\/[0-9a-f-]{36})?$/;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const isShell = OURS.test(url.pathname) && !url.searchParams.has("plain");
    event.respondWith(isShell ? shell(request) : fetch(request).catch(() => shell(request)));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request, { ignoreSearch: true, cacheName: CACHE }).then((found) => found ?? fetch(request)));
  }
});

// Background Sync: the signal is back, although no page may be open.
self.addEventListener("sync", (event) => {
  if (event.tag === "courier") event.waitUntil(syncOrRetry());
});

async function syncOrRetry() {
  const state = await sync();
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage(state);
  if (state === "offline") throw new Error("still no signal");
}

async function keep() {
  const cache = await caches.open(CACHE);
  await Promise.all(kept.map(async (path) => {
    // Around the browser's cache, in which modules have no version; a sign-in page is not the shell.
    const answer = await fetch(path, { cache: "reload", redirect: "error" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(path, answer);
  }));
}

async function dropOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith("courier-") && name !== CACHE) await caches.delete(name);
  }
}

const shell = async (request) => (await caches.match(SHELL, { cacheName: CACHE })) ?? fetch(request);
