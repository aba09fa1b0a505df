// A field to sign in with a finger. Strokes are x and y in thousandths of its width.

import { button, h, say } from "./page.js";

const WIDTH = 1000;
const HEIGHT = 400;
const QUIET_MS = 1200;
const MOST_NUMBERS = 5900; // the market takes 6000

// Calls `keep` with the strokes when the finger has rested, and with null when they are wiped away.
export function signature(keep, isSigned) {
  const canvas = h("canvas", { width: WIDTH, height: HEIGHT, class: "sign", "aria-label": say("signature"), role: "img" });
  const pen = canvas.getContext("2d");
  pen.lineWidth = 6;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#1c2a22";
  let strokes = [];
  let current = null;
  let waiting;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * WIDTH);
    const y = Math.round(((event.clientY - box.top) / box.height) * HEIGHT);
    return [Math.min(Math.max(x, 0), WIDTH), Math.min(Math.max(y, 0), HEIGHT)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    clearTimeout(waiting);
    current = at(event);
    if (strokes.flat().length >= MOST_NUMBERS) current = null;
    if (!current) return;
    strokes.push(current);
    pen.beginPath();
    pen.moveTo(...current);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || strokes.flat().length >= MOST_NUMBERS) return;
    const point = at(event);
    current.push(...point);
    pen.lineTo(...point);
    pen.stroke();
  });
  const rest = () => {
    current = null;
    clearTimeout(waiting);
    waiting = setTimeout(() => strokes.flat().length >= 4 && keep(strokes), QUIET_MS);
  };
  canvas.addEventListener("pointerup", rest);
  canvas.addEventListener("pointercancel", rest);

  const clear = () => {
    clearTimeout(waiting);
    strokes = [];
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    keep(null);
  };
  return h("fieldset", { class: "field" },
    h("legend", {}, say("signature")),
    isSigned ? h("p", { class: "hint" }, say("signed")) : null,
    canvas,
    button(say("sign-again"), clear, "btn-quiet"));
}
