// The courier's day on the phone: the sheet, its stops, and what has not been sent yet. Opens with no signal.

import { endingOf, inOrder, isOver } from "./draft.js";
import { watch } from "./leave.js";
import { button, h, hour, money, notice, pill, say, WORDS } from "./page.js";
import { ended, failPanel, stopPage } from "./stop.js";
import { all, drop, get, record } from "./store.js";
import { sync } from "./sync.js";

const SOONEST_MS = 5_000;
const LATEST_MS = 5 * 60_000;
const CLICK_MS = 400; // a touch's click comes a moment after the finger is up
const main = document.getElementById("page");
const bar = document.getElementById("queue");
const leaving = document.getElementById("leave");

let day = null;
let events = [];
let state = "ok";
let wait = SOONEST_MS;
let timer;
let isLeaving = false;
let isPressed = false;
let isStale = false;
let lifted;
let told = 0;

const app = {
  eventsOf: (target) => events.filter((event) => event.target === target || event.data.about === target),
  async tell(happened) {
    const rows = await record(day.courier.id, happened);
    told += 1;
    events = [...events.filter((event) => !rows.some((row) => row.id === event.id)), ...rows];
    showQueue();
    soon(0);
  },
  stateOf(run) {
    const started = app.eventsOf(run.id).some((event) => event.kind === "start" && event.outcome !== "refused");
    return run.state === "released" && started ? "underway" : run.state;
  },
  link: (path, ...children) => h("a", { href: path, onclick: (event) => { event.preventDefault(); app.go(path); } }, ...children),
  go(path) {
    if (path !== location.pathname) history.pushState(null, "", path);
    app.render();
    window.scrollTo(0, 0);
  },
  render() {
    showQueue();
    main.replaceChildren(...page().flat(Infinity).filter(Boolean));
  },
};

function page() {
  if (state === "gone") return [notice("bad", h("p", {}, say("gone")))];
  const ask = state === "sign-in" ? [signIn()] : [];
  if (!day) return [...ask, state === "sign-in" ? null : notice("info", h("p", {}, say("no-day")))];
  const [, id] = location.pathname.match(/^\/courier\/stops\/([0-9a-f-]+)$/) ?? [];
  if (!id) return [...ask, ...sheet()];
  const run = day.runs.find((one) => one.stops.some((stop) => stop.id === id));
  if (run) return [...ask, ...stopPage(app, run, run.stops.find((stop) => stop.id === id))];
  return [...ask, notice("info", h("p", {}, say("not-here"))), h("p", {}, h("a", { class: "btn", href: `${location.pathname}?plain` }, say("proof")))];
}

const signIn = () => notice("warn", h("p", {}, say("sign-in-again")),
  h("p", {}, h("a", { class: "btn", href: "/account/sign-in?next=/courier/" }, say("sign-in"))));

function sheet() {
  const { courier, runs } = day;
  return [
    h("h1", {}, say("title", { name: courier.name })),
    courier.cash_fen ? notice("info", h("p", {}, `${say("cash-held")} `, h("b", {}, money(courier.cash_fen)), ` / ${money(courier.cash_limit_fen)} `, h("a", { href: "/courier/cash" }, say("hand-in")))) : null,
    settleAll(),
    ...conflicts(),
    runs.length ? runs.map(runSection) : notice("info", h("p", {}, say("free-day"))),
  ];
}

// All that may still be corrected, at once: before the cash is handed in.
function settleAll() {
  const endings = day.runs.flatMap((run) => [run, ...run.stops].map((thing) => [thing, endingOf(thing, app.eventsOf(thing.id))]));
  const open = endings.filter(([thing, ending]) => thing.state !== "done" && ending?.isOwn && ending.isCorrectable);
  const settle = async () => {
    await app.tell(open.map(([thing, ending]) => ({ kind: "settle", target: null, data: { of: ending.id, about: thing.id } })));
    app.render();
  };
  return open.length ? notice("info", h("p", {}, say("correctable", { n: open.length })), h("p", {}, button(say("settle"), settle))) : null;
}

// What the market did not take, and that the courier has not seen yet: of one stop and one reason, once.
function conflicts() {
  const groups = new Map();
  for (const event of events) {
    if (!event.sentence) continue;
    const about = event.target ?? event.data.about;
    const key = `${about} ${event.sentence}`;
    groups.set(key, { about, sentence: event.sentence, ids: [...(groups.get(key)?.ids ?? []), event.id] });
  }
  return [...groups.values()].map(({ about, sentence, ids }) => {
    const seen = async () => {
      await drop(ids);
      await load();
      app.render();
    };
    const stop = day.runs.flatMap((run) => run.stops).find((one) => one.id === about);
    const which = stop ? app.link(`/courier/stops/${stop.id}`, `${stop.sequence}. ${stop.name ?? ""} `) : null;
    return notice("bad", h("p", {}, which, sentence), h("p", {}, button(say("seen"), seen)));
  });
}

function runSection(run) {
  const underway = app.stateOf(run) === "underway";
  const tell = (kind, data = {}) => app.tell([{ kind, target: run.id, data }]);
  const ending = endingOf(run, app.eventsOf(run.id));
  const stops = inOrder(run.stops, app.eventsOf);
  const next = stops.find((stop) => stop.state === "pending" && !isOver(endingOf(stop, app.eventsOf(stop.id))));
  const resting = run.break_at && stops.find((stop) => stop.arrive_at > run.break_at);
  const load = run.stops.reduce((sum, stop) => sum + (stop.weight_grams ?? 0), 0);
  const start = async () => {
    await tell("start");
    app.render();
  };
  return h("section", { class: "stack" },
    h("div", { class: "row between" }, h("h2", {}, run.day), pill(run.plate)),
    h("p", { class: "soft" }, say("run", { stops: run.stops.length, km: (run.meters / 1000).toFixed(1), kg: Math.round(load / 1000), back: hour(run.return_at) })),
    run.by_roads ? h("p", { class: "small soft" }, h("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener", lang: "en" }, "© OpenStreetMap contributors, ODbL")) : null,
    run.state === "released" && !underway ? button(say("start"), start, "btn-primary btn-big") : null,
    isOver(ending) ? ended(app, run, ending) : null,
    h("ol", { class: "lines plain" }, stops.map((stop, index) => [
      stop === resting ? rest(run) : null,
      index === 0 || stop.trip !== stops[index - 1].trip ? h("li", {}, h("h3", {}, say("trip", { n: stop.trip }))) : null,
      stopLine(stop, stop === next && underway),
    ]), run.break_at && !resting ? rest(run) : null),
    underway && !isOver(ending) ? failPanel(app, tell, "run_failed", WORDS["run-failures"], say("run-failed"), say("run-failed-button")) : null);
}

const rest = (run) => h("li", {}, h("p", {}, say("rest", { t: hour(run.break_at), n: run.break_minutes })));

function stopLine(stop, isNext) {
  const ending = endingOf(stop, app.eventsOf(stop.id));
  const details = [`${say("about")} ${hour(stop.arrive_at)}`, say("things", { n: stop.jobs.length }), stop.hours ? say("hours", { hours: stop.hours }) : null, stop.people === 2 ? say("two-people") : null,
    stop.cash_due_fen ? `${say("take-cash")} ${money(stop.cash_due_fen)}` : null, ...(stop.skills ?? [])];
  return h("li", {}, h("div", { class: "stack tight" },
    h("div", { class: "row between" }, app.link(`/courier/stops/${stop.id}`, h("b", {}, `${stop.sequence}. ${stop.name ?? say("moved")}`)), mark(stop, ending, isNext)),
    stop.address ? h("p", {}, stop.address) : null,
    h("p", { class: "small soft" }, details.filter(Boolean).join(" · ")),
    isNext ? app.link(`/courier/stops/${stop.id}`, h("span", { class: "btn btn-primary btn-big" }, say("open-next"))) : null));
}

function mark(stop, ending, isNext) {
  if (ending?.outcome === "conflict") return pill(say("conflict"), "bad");
  if (stop.state === "done") return pill(say("delivered"));
  if (stop.state === "failed") return pill(say("failed-mark"), "bad");
  if (isOver(ending)) return pill(say(ending.outcome === null ? "waits-for-signal" : ending.kind === "done" ? "delivered" : "failed-mark"), ending.kind === "done" ? "" : "bad");
  if (ending?.outcome === "refused") return pill(say("again"), "bad");
  return isNext ? pill(say("next"), "wait") : null;
}

function showQueue() {
  const left = events.filter((event) => event.outcome === null).length;
  bar.textContent = left ? say("queued", { n: left }) : say(navigator.onLine ? "all-sent" : "no-signal");
  bar.className = left ? "pill wait" : "pill";
}

// What is on the disk, read again where something was told meanwhile.
async function load() {
  let found, before;
  do {
    before = told;
    day = (await get("day", "day")) ?? null;
    leaving.elements.csrf_token.value = (await get("meta", "token")) ?? "";
    const owner = day?.courier.id ?? (await get("meta", "owner"));
    found = (await all("events")).filter((event) => !owner || event.owner === owner);
  } while (before !== told);
  events = found.sort((a, b) => a.sequence - b.sequence);
}

// Send and fetch; then again later, and later still while there is no signal.
async function exchange() {
  const found = navigator.onLine ? await sync() : "offline";
  const before = looks();
  state = found;
  await load();
  if (looks() !== before || state !== "ok") refresh();
  showQueue();
  const waiting = events.some((event) => event.outcome === null);
  if (state === "offline" && waiting) askForBackgroundSync();
  wait = state === "offline" ? Math.min(wait * 2, LATEST_MS) : SOONEST_MS;
  soon(state === "offline" ? wait : LATEST_MS);
  if (state === "ok" && day?.shell !== document.body.dataset.shell) takeNewShell();
}

// A stop that is being filled in is left alone, unless somebody else has ended it. A tap that has begun keeps what is
// under it: a link drawn anew between a finger's down and up is never followed.
function refresh() {
  if (isPressed) {
    isStale = true;
    return;
  }
  const [, id] = location.pathname.match(/stops\/([0-9a-f-]+)$/) ?? [];
  const stop = day?.runs.flatMap((run) => run.stops).find((one) => one.id === id);
  if (isFillingIn() && stop?.state === "pending" && !isOver(endingOf(stop, app.eventsOf(id))) && state === "ok") return;
  if (isFillingIn() && state === "offline") return;
  app.render();
}

function lift() {
  isPressed = false;
  if (isStale) refresh();
  isStale = false;
}

const looks = () => JSON.stringify([state, day?.runs, day?.courier, events.map(({ id, outcome }) => [id, outcome])]);

function soon(milliseconds) {
  clearTimeout(timer);
  if (isLeaving) return;
  timer = setTimeout(exchange, milliseconds);
}

async function askForBackgroundSync() {
  const registration = await navigator.serviceWorker.ready;
  await registration.sync?.register("courier").catch(() => {});
}

// Other code is the worker's to fetch; other words (another language) are put beside the code that is here.
async function takeNewShell() {
  const registration = await navigator.serviceWorker.getRegistration("/courier/");
  await registration?.update().catch(() => {});
  const page = await fetch("/courier/app", { redirect: "error", cache: "reload" }).catch(() => null);
  if (!page?.ok || !(await page.clone().text()).includes(day.shell)) return;
  for (const name of await caches.keys()) {
    if (name.startsWith("courier-")) await (await caches.open(name)).put("/courier/app", page.clone());
  }
  if (!isFillingIn()) startAnew();
}

// Never while signing out is under way: the page would come back.
function startAnew() {
  if (!isLeaving) location.reload();
}

const isFillingIn = () => main.querySelector("form.form [name=recipient]") !== null;

window.addEventListener("online", () => { wait = SOONEST_MS; soon(0); });
window.addEventListener("offline", showQueue);
window.addEventListener("popstate", () => app.render());
document.addEventListener("pointerdown", () => { clearTimeout(lifted); isPressed = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { lifted = setTimeout(lift, CLICK_MS); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") soon(0); });
navigator.serviceWorker?.addEventListener("message", () => soon(0));
navigator.serviceWorker?.addEventListener("controllerchange", () => {
  if (navigator.serviceWorker.controller && !isFillingIn()) startAnew();
});

leaving.addEventListener("submit", () => {
  isLeaving = true;
  clearTimeout(timer);
});
watch(leaving);
await load();
app.render();
exchange();
