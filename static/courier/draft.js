// What the events of one stop add up to. Pure.

const CORRECTABLE_MS = 10 * 60 * 1000;
const ENDINGS = ["done", "failed", "run_failed"];

// The evidence that stands: of each thing the last word, unless that took it back.
export function draft(events) {
  const last = new Map();
  for (const event of events) last.set(keyOf(event), event);
  const standing = [...last.values()].filter((event) => event.data.on !== false && event.outcome !== "refused");
  const of = (kind) => standing.filter((event) => event.kind === kind);
  return {
    arrived: of("arrive").length > 0,
    skipped: events.filter((event) => event.kind === "skip" || event.kind === "resume").at(-1)?.kind === "skip",
    checks: new Set(of("check").map((event) => event.data.code)),
    serials: of("serial").map((event) => event.data.number),
    labels: of("scan").map((event) => event.data.code),
    photo: of("photo").at(-1),
    signature: of("signature").at(-1),
    taken: new Set(of("old_taken").map((event) => event.data.job_id)),
    failed: new Map(of("item_failed").map((event) => [event.data.job_id, event.data.reason])),
    cash: of("cash").at(-1)?.data.fen,
    evidence: standing.filter((event) => EVIDENCE.has(event.kind)).map((event) => event.id),
  };
}

const EVIDENCE = new Set(["check", "serial", "scan", "photo", "signature", "old_taken", "item_failed", "cash"]);

function keyOf({ kind, data, id }) {
  const thing = { check: data.code, serial: data.number, scan: data.code, old_taken: data.job_id, item_failed: data.job_id };
  if (kind in thing) return `${kind} ${thing[kind]}`;
  return ["photo", "signature", "cash"].includes(kind) ? kind : id;
}

// How a stop or a run was ended on this phone, or on another as the market tells it; null while it is to do.
export function endingOf(thing, events) {
  const undone = new Set(events.filter((event) => event.kind === "undo" && event.outcome !== "refused").map((event) => event.data.of));
  const settled = new Set(events.filter((event) => event.kind === "settle").map((event) => event.data.of));
  const own = events.filter((event) => ENDINGS.includes(event.kind) && !undone.has(event.id)).at(-1);
  const told = thing.ending && !undone.has(thing.ending.id) ? thing.ending : null;
  if (!own) return told && { ...told, isOwn: false, isCorrectable: told.outcome === "open" };
  const known = told?.id === own.id ? told : own;
  const isFresh = Date.now() - Date.parse(own.recorded_at) < CORRECTABLE_MS;
  return {
    id: own.id,
    kind: own.kind,
    reason: own.data.reason,
    outcome: known.outcome,
    sentence: known.sentence,
    isOwn: true,
    isCorrectable: isFresh && !settled.has(own.id) && [null, "open", "held"].includes(known.outcome),
  };
}

// Whether there is still something to do: a refusal is done again, a conflict is not.
export const isOver = (ending) => Boolean(ending) && ending.outcome !== "refused";

// Freight for fetching is due once the thing is on the truck.
export function cashDue(stop, { failed, taken }) {
  const isDone = (job) => (job.kind === "collect" ? taken.has(job.id) : !failed.has(job.id));
  return stop.jobs.filter(isDone).reduce((sum, job) => sum + job.cash_due_fen, 0);
}

// The checks of what is really installed here.
export function checksDue(stop, failed) {
  const deliveries = stop.jobs.filter((job) => job.kind === "deliver");
  const kept = deliveries.filter((job) => !failed.has(job.id));
  return kept.length === deliveries.length || kept.some((job) => job.skills.length) ? stop.checks : [];
}

// The order of the day: what was skipped comes last.
export function inOrder(stops, eventsOf) {
  const skipped = (stop) => (stop.state === "pending" && draft(eventsOf(stop.id)).skipped ? 1 : 0);
  return [...stops].sort((a, b) => skipped(a) - skipped(b) || a.sequence - b.sequence);
}
