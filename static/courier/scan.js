// Read a code with the camera, where the phone has a reader; typing is always possible.

import { button, h, say } from "./page.js";

export const canScan = "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);

// The code, or nothing where the courier gave up or the camera may not be used.
export async function scan() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
  if (!stream) return "";
  const video = h("video", { playsinline: true, muted: true });
  video.srcObject = stream;
  const dialog = h("dialog", { class: "panel" }, video, button(say("close"), () => dialog.close(), "btn-big"));
  document.body.append(dialog);
  dialog.showModal();
  await video.play();
  const found = await read(video, dialog);
  stream.getTracks().forEach((track) => track.stop());
  dialog.remove();
  return found;
}

async function read(video, dialog) {
  const detector = new BarcodeDetector();
  while (dialog.open) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code) return code.rawValue;
    await new Promise((later) => setTimeout(later, 200));
  }
  return "";
}
