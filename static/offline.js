// The pages seen last stay readable without a signal, where the browser can keep them.
if ("serviceWorker" in navigator && !navigator.connection?.saveData) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }));
}
