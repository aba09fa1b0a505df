// The board made smooth: the map is drawn in the page, to be dragged and zoomed, and stops and runs may be
// dragged to where they should go. All of it is also there as links and forms, for where this does not run.

const SVG = "http://www.w3.org/2000/svg";
const SETTLE_MS = 350;
const MOST_ZOOM = 16;

for (const frame of document.querySelectorAll("[data-map]")) draw(frame).catch(() => {});
if (document.querySelector("[data-run]")) letDrag();

async function draw(frame) {
  const image = frame.querySelector("img");
  const url = new URL(image.src);
  const view = {
    zoom: Number(url.searchParams.get("zoom") ?? 1),
    x: Number(url.searchParams.get("x") ?? 0.5),
    y: Number(url.searchParams.get("y") ?? 0.5),
  };
  const isSmall = matchMedia("(max-width: 40rem)").matches;
  const svg = await fetchMap(frame.dataset.map, view, isSmall);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", image.alt);
  image.closest("picture").replaceWith(svg);
  const size = { width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
  const fingers = new Map();
  let timer = 0;

  function look(zoom, x, y) {
    view.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
    const half = 0.5 / view.zoom;
    view.x = Math.min(1 - half, Math.max(half, x));
    view.y = Math.min(1 - half, Math.max(half, y));
    const [wide, high] = [size.width / view.zoom, size.height / view.zoom];
    svg.setAttribute("viewBox", `${view.x * size.width - wide / 2} ${view.y * size.height - high / 2} ${wide} ${high}`);
    clearTimeout(timer);
    timer = setTimeout(sharpen, SETTLE_MS);
  }

  // The server draws signs and letters at the size that suits the view.
  async function sharpen() {
    const asked = { ...view };
    const fresh = await fetchMap(frame.dataset.map, asked, isSmall).catch(() => null);
    if (!fresh || ["zoom", "x", "y"].some((name) => asked[name] !== view[name])) return;
    svg.replaceChildren(...fresh.childNodes);
  }

  function zoomAt(clientX, clientY, by) {
    const box = svg.getBoundingClientRect();
    const right = (clientX - box.left) / box.width - 0.5;
    const down = (clientY - box.top) / box.height - 0.5;
    const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * by));
    look(zoom, view.x + right / view.zoom - right / zoom, view.y + down / view.zoom - down / zoom);
  }

  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(event.clientX, event.clientY, event.deltaY < 0 ? 1.25 : 0.8);
  }, { passive: false });
  frame.addEventListener("pointerdown", (event) => {
    frame.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const box = svg.getBoundingClientRect();
    if (fingers.size === 1) {
      look(view.zoom, view.x - (event.clientX - before.clientX) / box.width / view.zoom,
        view.y - (event.clientY - before.clientY) / box.height / view.zoom);
    } else {
      const [other] = [...fingers.values()].filter((it) => it.pointerId !== event.pointerId);
      const apart = (it) => Math.hypot(it.clientX - other.clientX, it.clientY - other.clientY) || 1;
      zoomAt((event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2, apart(event) / apart(before));
    }
    fingers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    frame.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  for (const link of document.querySelectorAll(".map-ways a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const sign = link.textContent;
      const step = 0.5 / view.zoom;
      const [right, down] = { "←": [-step, 0], "→": [step, 0], "↑": [0, -step], "↓": [0, step] }[sign] ?? [0, 0];
      look(view.zoom * ({ "＋": 2, "－": 0.5 }[sign] ?? 1), view.x + right, view.y + down);
    });
  }
}

async function fetchMap(address, view, isSmall) {
  const answer = await fetch(`${address}?${new URLSearchParams(isSmall ? { ...view, small: 1 } : view)}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  if (drawn.namespaceURI !== SVG || drawn.tagName !== "svg") throw new Error("no map");
  return document.importNode(drawn, true);
}

// A drop leads to the page that says what it would cost and break; nothing is saved before that is seen.
function letDrag() {
  let held = null;
  for (const link of document.querySelectorAll("a[data-stop]")) {
    const item = link.closest("li");
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      event.stopPropagation();
      held = { address: link.href, item };
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", link.dataset.stop);
    });
  }
  for (const panel of document.querySelectorAll("[data-run]")) {
    const heading = panel.querySelector("h2");
    heading.draggable = true;
    heading.addEventListener("dragstart", (event) => {
      const address = [...panel.querySelectorAll("a")].find((link) => link.href.includes("/move?run="))?.href;
      held = { address, item: panel, isRun: true };
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", panel.dataset.run);
    });
  }
  document.addEventListener("dragend", () => { held = null; unmark(); });
  for (const target of document.querySelectorAll("[data-vehicle]")) {
    target.addEventListener("dragover", (event) => {
      if (!held || held.item === target) return;
      event.preventDefault();
      unmark();
      (held.isRun ? target : event.target.closest("li, [data-trip]") ?? target).classList.add("drop");
    });
    target.addEventListener("drop", (event) => {
      if (!held || held.item === target) return;
      event.preventDefault();
      const to = new URL(held.address);
      to.searchParams.set("vehicle", target.dataset.vehicle);
      if (!held.isRun) place(to, target, event);
      location.assign(to);
    });
  }

  function place(to, target, event) {
    const list = event.target.closest("[data-trip]") ?? [...target.querySelectorAll("[data-trip]")].at(-1);
    const others = list ? [...list.children].filter((item) => item !== held.item) : [];
    const before = event.target.closest("[data-trip] > li");
    const at = before && before !== held.item ? others.indexOf(before) : others.length;
    to.searchParams.set("trip", list?.dataset.trip ?? "1");
    to.searchParams.set("position", String(at + 1));
  }

  function unmark() {
    for (const marked of document.querySelectorAll(".drop")) marked.classList.remove("drop");
  }
}
