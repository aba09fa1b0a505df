// On the plain pages: bring in the service worker, fetch the day, and go over to the phone's own pages.
// Where the browser cannot, the plain pages go on as they are.

import { sync } from "./sync.js";

const OURS = /^\/courier\/(stops\/[0-9a-f-]{36})?$/;

async function install() {
  await navigator.serviceWorker.register("/courier/sw.js", { type: "module", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  if ((await sync()) !== "ok") return;
  const isPlain = new URL(location.href).searchParams.has("plain");
  const typed = [...document.querySelectorAll("main input:not([type=hidden]), main textarea")].some(
    (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value),
  );
  if (OURS.test(location.pathname) && !isPlain && !typed) location.replace(location.pathname);
}

if ("serviceWorker" in navigator && "indexedDB" in window) install().catch(() => {});
