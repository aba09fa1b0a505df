// Signing out: what has not arrived is sent if that is possible, then names and pages leave this phone.

import { queued, wipe } from "./store.js";
import { sync } from "./sync.js";

export async function clearPhone() {
  if (navigator.onLine) await Promise.race([sync(), new Promise((done) => setTimeout(done, 4000))]);
  await wipe();
  for (const name of await caches.keys()) if (name.startsWith("courier-")) await caches.delete(name);
  const left = (await queued()).length;
  const worker = left ? null : await navigator.serviceWorker?.getRegistration("/courier/");
  await worker?.unregister();
  return left;
}

export function watch(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let left = 0;
    try {
      left = await clearPhone();
    } finally {
      // The market's answer clears the rest; what has not arrived must outlive it.
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "wipe", value: left ? "cache" : "storage" });
      form.append(field);
      HTMLFormElement.prototype.submit.call(form);
    }
  });
}

document.querySelectorAll("form[data-leave]").forEach(watch);
