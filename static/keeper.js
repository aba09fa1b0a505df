// The storefront's service worker. It keeps the pages that were seen last, and shows them, saying how old they
// are, while there is no signal. What is somebody's own goes when she signs in or out on this phone.
const VERSION = "VERSION_OF_THIS_CODE";
const PAGES = "pages-1";
const FILES = `files-${VERSION}`;
const MOST_PAGES = 40;
const PATIENCE_MS = 8000;
const SEEN = /^\/($|category\/|listing\/|p\/|shops\/|zone|search|scenes|fairs|groups|cart$|orders|points|subsidies|inbox)/;
const OWN = /^\/(sign-in|sign-out|register|account\/)/;

const WORDS = {
  zh: {
    old: (when) => `现在没有信号。这是 ${when} 看过的页面，价格和库存可能已经变了。`,
    none: "现在没有信号，这一页还没有看过。",
    seen: "看过的页面",
    again: "再试一次",
  },
  en: {
    old: (when) => `There is no signal. This page is from ${when}; prices and stock may have changed.`,
    none: "There is no signal, and this page has not been seen yet.",
    seen: "Pages seen before",
    again: "Try again",
  },
};

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("files-") && name !== FILES))
      .then((names) => Promise.all(names.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && OWN.test(url.pathname)) {
    event.waitUntil(caches.delete(PAGES));
  } else if (request.method === "GET" && request.mode === "navigate" && SEEN.test(url.pathname)) {
    event.respondWith(page(event));
  } else if (request.method === "GET" && /^\/(static|pictures)\//.test(url.pathname)) {
    event.respondWith(file(request));
  }
});

async function page(event) {
  const fresh = fetch(event.request);
  const kept = await (await caches.open(PAGES)).match(event.request.url);
  event.waitUntil(fresh.then((answer) => keep(event.request.url, answer.clone())).catch(() => {}));
  try {
    return await (kept ? Promise.race([fresh, patience()]) : fresh);
  } catch {
    return kept ? old(kept) : none();
  }
}

function patience() {
  return new Promise((_, give_up) => setTimeout(give_up, PATIENCE_MS));
}

async function keep(url, answer) {
  if (answer.status !== 200 || answer.redirected || !answer.headers.get("Content-Type")?.includes("html")) return;
  const cache = await caches.open(PAGES);
  const headers = { "Content-Type": "text/html; charset=utf-8", "X-Kept-At": String(Date.now()) };
  const policy = answer.headers.get("Content-Security-Policy");
  if (policy) headers["Content-Security-Policy"] = policy;
  await cache.delete(url);
  await cache.put(url, new Response(await answer.text(), { headers }));
  const seen = await cache.keys();
  await Promise.all(seen.slice(0, Math.max(seen.length - MOST_PAGES, 0)).map((it) => cache.delete(it)));
}

async function old(kept) {
  const html = await kept.text();
  const english = /<html lang="en"/.test(html);
  const when = new Date(Number(kept.headers.get("X-Kept-At"))).toLocaleString(english ? "en" : "zh-CN", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const notice = `<p class="notice warn" role="status" data-kept>${WORDS[english ? "en" : "zh"].old(when)}</p>`;
  const shown = html.replace(/<main id="content"[^>]*><div class="content">/, (start) => start + notice);
  return new Response(shown, { headers: kept.headers });
}

async function none() {
  const pages = await (await caches.open(PAGES)).keys();
  const links = [];
  let spoken; // the language of the page seen last is what she reads here
  for (const request of pages.reverse()) {
    const html = await (await caches.match(request)).text();
    spoken ??= /<html lang="([^"]*)"/.exec(html)?.[1];
    const title = (/<title>([^<·]*)/.exec(html)?.[1] ?? request.url).trim();
    links.push(`<li><a href="${request.url.replace(/["<&]/g, encodeURIComponent)}">${title}</a></li>`);
  }
  const lang = spoken ?? (self.navigator.language.startsWith("en") ? "en" : "zh-CN");
  const words = WORDS[lang === "en" ? "en" : "zh"];
  const body = `<p class="notice warn">${words.none}</p><p><a class="btn btn-primary" href="">${words.again}</a></p>`;
  const style = (await (await caches.open(FILES)).keys()).find((it) => it.url.includes("/static/app.css"));
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${words.none}</title>`;
  const sheet = style ? `<link rel="stylesheet" href="${style.url}">` : "";
  const list = links.length ? `<h1>${words.seen}</h1><ul class="lines">${links.join("")}</ul>` : "";
  const html = `<!doctype html><html lang="${lang}"><head>${head}${sheet}</head><body><main class="wrap"><div class="content">${body}${list}</div></main></body></html>`;
  return new Response(html, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) await cache.put(request, answer.clone());
  return answer;
}
