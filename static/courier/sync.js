// Tell the market what happened, in order, and fetch the day. Used by the page and by the worker.

import { all, answered, device, drop, get, put, queued, wipe } from "./store.js";

const MOST_EVENTS = 25;
const MOST_BYTES = 300_000;
const PATIENCE_MS = 60_000;

// "ok", "offline" (try again later), "sign-in" (the queue waits for its owner), "gone" (no courier any more).
export function sync() {
  if (!navigator.locks) return exchange();
  return navigator.locks.request("lvxiang-courier-sync", exchange);
}

async function exchange() {
  try {
    let tokens = 2;
    let state = (await get("meta", "token")) && (await mine()).length ? "ok" : await fetchDay();
    while (state === "ok" && (await mine()).length) {
      state = await send(await mine());
      if (state === "stale-token") state = --tokens ? await fetchDay() : "offline";
      else if (state === "ok" && !(await mine()).length) state = await fetchDay();
    }
    return state;
  } catch {
    return "offline";
  }
}

// Another person's events wait on a shared phone until that person signs in again.
async function mine() {
  const owner = await get("meta", "owner");
  return (await queued()).filter((event) => event.owner === owner);
}

let share = MOST_EVENTS;

async function send(events) {
  const batch = [];
  for (let bytes = 0; batch.length < Math.min(events.length, share); ) {
    const event = events[batch.length];
    bytes += JSON.stringify(event.data).length;
    if (batch.length && bytes > MOST_BYTES) break;
    batch.push(event);
  }
  const answer = await ask("/courier/sync", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": await get("meta", "token") },
    body: JSON.stringify({ device_id: await device(), sent_at: new Date().toISOString(), events: batch.map(told) }),
  });
  if (answer.status === 400) return "stale-token";
  if (answer.status === 413 && batch.length > 1) {
    share = Math.ceil(batch.length / 2);
    return "ok";
  }
  if (answer.status !== 200) return leave(answer);
  share = MOST_EVENTS;
  await answered((await answer.json()).events);
  return "ok";
}

const told = ({ id, sequence, kind, target, recorded_at, data }) => ({ id, sequence, kind, target, recorded_at, data });

async function fetchDay() {
  const answer = await ask("/courier/day.json");
  if (answer.status !== 200) return leave(answer);
  const day = await answer.json();
  await put("meta", day.csrf_token, "token");
  await put("meta", day.courier.id, "owner");
  delete day.csrf_token;
  await put("day", day, "day");
  await forget(day);
  return "ok";
}

// What is over in the day needs no memory here, except what the courier still has to be told.
async function forget(day) {
  const pending = new Set(day.runs.flatMap((run) => [run.id, ...run.stops.filter((stop) => stop.state === "pending").map((stop) => stop.id)]));
  const events = await all("events");
  const over = events.filter((event) => ["applied", "duplicate", "undone", "open"].includes(event.outcome) && !pending.has(event.target ?? event.data.about));
  await drop(over.map((event) => event.id));
}

// Not signed in any more, or no courier any more: either way the names go.
async function leave(answer) {
  if (answer.type === "opaqueredirect") {
    await wipe();
    return "sign-in";
  }
  if (answer.status === 404 || answer.status === 403) {
    await wipe();
    return "gone";
  }
  return "offline";
}

function ask(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  return fetch(path, { ...options, headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
}
