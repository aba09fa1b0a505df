// One stop: what to bring, what to do there, what is left and taken, or why it failed. Each tap is written
// down at once; `done` names the evidence that stands.

import { cashDue, checksDue, draft, endingOf, isOver } from "./draft.js";
import { button, choice, h, money, notice, pill, say, WORDS } from "./page.js";
import { place, shrink } from "./photo.js";
import { batches, isRecalled, isWhole } from "./recalled.js";
import { canScan, scan } from "./scan.js";
import { signature } from "./signature.js";

export function stopPage(app, run, stop) {
  const events = () => app.eventsOf(stop.id);
  const tell = (kind, data = {}) => app.tell([{ kind, target: stop.id, data }]);
  const ending = endingOf(stop, events());
  return [
    h("p", { class: "crumbs" }, app.link("/courier/", say("sheet"))),
    h("h1", {}, `${stop.sequence}. ${stop.name ?? say("moved")}`),
    ...(stop.jobs.length ? [where(run, stop), what(stop), rightParcel(run, stop)] : []),
    ...state(app, run, stop, ending, () => form(app, stop, events, tell)),
  ];
}

function state(app, run, stop, ending, rest) {
  if (stop.state !== "pending") {
    return [
      ending?.outcome === "conflict" ? notice("bad", h("p", {}, ending.sentence)) : null,
      notice(stop.state === "done" ? "" : "warn", h("p", {}, stop.state === "done" ? say("delivered") : `${say("failed")} ${stop.reason}`)),
      h("p", {}, h("a", { class: "btn", href: `/courier/stops/${stop.id}?plain` }, say("proof"))),
    ];
  }
  if (app.stateOf(run) === "released") return [notice("info", h("p", {}, say("start-first")))];
  if (isOver(ending)) return [ended(app, stop, ending)];
  return [ending?.sentence ? notice("bad", h("p", {}, ending.sentence)) : null, ...rest()];
}

export function ended(app, thing, ending) {
  if (ending.outcome === "conflict") return notice("bad", h("p", {}, ending.sentence));
  const correct = async () => {
    await app.tell([{ kind: "undo", target: null, data: { of: ending.id, about: thing.id } }]);
    app.render();
  };
  return notice("info",
    h("p", {}, say(ending.kind === "done" ? "noted-done" : "noted-failed")),
    ending.outcome === null ? h("p", {}, say("not-sent")) : null,
    ending.isCorrectable ? h("p", {}, button(say("correct"), correct)) : null);
}

function where(run, stop) {
  return h("section", { class: "panel stack" },
    h("p", {}, stop.address, " ", stop.place === "station" ? pill(say("station")) : null),
    stop.hours ? h("p", {}, say("hours", { hours: stop.hours })) : null,
    h("p", { class: "row" },
      stop.may_call ? h("a", { class: "btn", href: `tel:${stop.phone}` }, say("call", { phone: stop.phone })) : h("span", {}, stop.phone),
      h("a", { class: "btn", href: `geo:${stop.lat},${stop.lon}?q=${stop.lat},${stop.lon}` }, say("navigate"))),
    stop.is_estimated ? h("p", { class: "small soft" }, say("estimated")) : null);
}

function what(stop) {
  const needs = [stop.people === 2 ? say("two-people") : null, ...stop.skills].filter(Boolean);
  return h("section", { class: "stack" },
    h("h2", {}, say("to-do")),
    h("ul", { class: "lines plain" }, stop.jobs.map((job) => h("li", {},
      h("b", {}, job.is_old ? [say("take-old"), ...(job.order_number.startsWith("H-") ? [job.items[0][0]] : [])].join("：") : (job.kind === "collect" ? [`${say("fetch")} `] : []).concat(job.items.map(([title, count]) => `${title} × ${count}`).join("；")).join("")),
      h("p", { class: "small soft" }, `${say("order", { number: job.order_number })} · ${say("kilos", { kg: job.weight_grams / 1000 })}`)))),
    needs.length ? h("p", { class: "row" }, needs.map((need) => pill(need, "wait"))) : null,
    isWhole(stop) ? notice("bad", h("p", {}, say("recalled-model"))) : null,
    ...batches(stop).map((batch) => notice("bad", h("p", {}, say("recalled-batch", { batch })))),
    stop.cash_due_fen ? h("p", { class: "notice warn" }, h("span", {}, `${say("cash-due")} `, h("b", { class: "big num" }, money(stop.cash_due_fen)))) : null);
}

// Whether the parcel in hand belongs here: by the label that the hub printed (the job's id), or its order number.
function rightParcel(run, stop) {
  if (!stop.jobs.some((job) => job.kind === "deliver")) return null;
  const said = h("div", { role: "status" });
  const input = h("input", { id: "parcel", autocomplete: "off", maxlength: 40, enterkeyhint: "done" });
  const check = (code) => {
    const asked = code.trim().toLowerCase();
    if (!asked) return;
    const isIt = (job) => job.kind === "deliver" && [job.id, job.order_number.toLowerCase()].includes(asked);
    const here = stop.jobs.find(isIt);
    const there = run.stops.find((other) => other.jobs.some(isIt));
    said.replaceChildren(here ? notice("", h("p", {}, say("parcel-right", { number: here.order_number })))
      : notice("bad", h("p", {}, there ? say("parcel-elsewhere", { n: there.sequence }) : say("parcel-unknown"))));
  };
  input.addEventListener("change", () => check(input.value));
  return h("div", { class: "field" },
    h("label", { for: "parcel" }, say("parcel")),
    h("p", { class: "hint" }, say("parcel-hint")),
    input,
    h("div", { class: "row" },
      button(say("parcel-check"), () => check(input.value)),
      canScan ? button(say("camera"), async () => check(await scan())) : null),
    said);
}

function form(app, stop, events, tell) {
  const now = () => draft(events());
  const first = now();
  const deliveries = stop.jobs.filter((job) => job.kind === "deliver");
  const old = stop.jobs.filter((job) => job.kind === "collect");
  const errors = h("div", { role: "alert" });

  const cash = h("div");
  const drawCash = () => {
    const due = cashDue(stop, now());
    cash.replaceChildren(...(due ? [choice("checkbox", "cash", say("cash-taken", { yuan: money(due) }), {
      checked: now().cash === due,
      onchange: (event) => tell("cash", { fen: due, on: event.target.checked }),
    })] : []));
  };
  drawCash();

  const note = h("textarea", { id: "note", rows: 2, maxlength: 300, autocomplete: "off" });
  const confirmed = choice("checkbox", "confirmed", say("confirmed"), {});
  // What cash is due for is handed over face to face.
  const recipients = ["self", "family", "neighbor", ...(stop.place === "station" && !stop.cash_due_fen ? ["station"] : [])];
  const pickup = h("input", { id: "pickup", inputmode: "numeric", maxlength: 6, autocomplete: "off" });

  const finish = async (event) => {
    event.preventDefault();
    const recipient = done.elements.recipient?.value;
    const wrong = wrongWith(stop, now(), recipient);
    errors.replaceChildren(...(wrong.length ? [notice("bad", ...wrong.map((text) => h("p", {}, text)))] : []));
    if (wrong.length) return errors.scrollIntoView({ block: "center" });
    const data = { recipient, confirmed: Boolean(done.elements.confirmed?.checked), note: note.value, pickup_code: pickup.value.trim(), needs: now().evidence };
    await tell("done", { ...data, ...(await place()) });
    app.go("/courier/");
  };
  const done = h("form", { class: "form", novalidate: true, onsubmit: finish },
    h("h2", {}, say("arrived-title")),
    first.arrived ? null : arriveButton(tell),
    stop.checks.length ? boxes(say("checks"), stop.checks.map(({ code, label }) => choice("checkbox", "checks", label, {
      value: code, checked: first.checks.has(code), onchange: (event) => tell("check", { code, on: event.target.checked }),
    }))) : null,
    deliveries.length ? codes("serial", "serials", stop, now, tell) : null,
    deliveries.length ? codes("scan", "labels", stop, now, tell) : null,
    photoField(first, tell),
    signature((strokes) => tell("signature", strokes ? { strokes } : { on: false }), Boolean(first.signature)),
    old.length ? boxes(say("old"), old.map((job) => choice("checkbox", "old", job.is_old ? say("old-taken") : say("fetched", { what: job.items[0][0] }), {
      value: job.id, checked: first.taken.has(job.id), onchange: async (event) => { await tell("old_taken", { job_id: job.id, on: event.target.checked }); drawCash(); },
    })), say("old-hint")) : null,
    deliveries.length > 1 ? itemFailures(deliveries, first, tell, drawCash) : null,
    cash,
    boxes(say("recipient"), recipients.map((who) => choice("radio", "recipient", say(`recipient-${who}`), { value: who }))),
    deliveries.length ? h("div", { class: "field" }, h("label", { for: "pickup" }, say("pickup")), h("p", { class: "hint" }, say("pickup-hint")), pickup) : null,
    deliveries.length ? confirmed : null,
    h("div", { class: "field" }, h("label", { for: "note" }, say("note")), h("p", { class: "hint" }, say("note-hint")), note),
    errors,
    h("div", { class: "thumb" }, h("button", { class: "btn btn-primary btn-big" }, say("deliver"))));
  return [done, skipPanel(app, first, tell), failPanel(app, tell, "failed", WORDS.failures, say("failed"), say("take-back"))];
}

function wrongWith(stop, told, recipient) {
  const deliveries = stop.jobs.filter((job) => job.kind === "deliver");
  const due = cashDue(stop, told);
  return [
    checksDue(stop, told.failed).every(({ code }) => told.checks.has(code)) ? null : say("checks-missing"),
    deliveries.length && deliveries.every((job) => told.failed.has(job.id)) ? say("all-failed") : null,
    due && told.cash !== due ? say("cash-missing", { yuan: money(due) }) : null,
    recipient ? null : say("recipient-missing"),
    isWhole(stop) ? say("recalled-model") : null,
    ...told.serials.filter((number) => isRecalled(stop, number)).map((number) => say("recalled", { number })),
  ].filter(Boolean);
}

const boxes = (title, choices, hint) => h("fieldset", { class: "field" },
  h("legend", {}, title),
  hint ? h("p", { class: "hint" }, hint) : null,
  h("ul", { class: "choices" }, choices.map((one) => h("li", {}, one))));

function arriveButton(tell) {
  const arrive = async (event) => {
    event.target.disabled = true;
    await tell("arrive", await place());
    event.target.remove();
  };
  return button(say("arrive"), arrive, "btn-big");
}

// A list of codes: read by the camera where there is a reader, typed always.
function codes(kind, held, stop, now, tell) {
  const name = kind === "serial" ? "number" : "code";
  const list = h("ul", { class: "plain stack tight" });
  const input = h("input", { id: kind, autocomplete: "off", autocapitalize: "characters", maxlength: 300, enterkeyhint: "done" });
  const draw = () => list.replaceChildren(...now()[held].map((code) => h("li", { class: "row between" },
    h("span", {}, h("span", { class: "code" }, code), kind === "serial" && isRecalled(stop, code) ? h("p", { class: "error", role: "alert" }, say("recalled", { number: code })) : null),
    button(say("remove"), async () => { await tell(kind, { [name]: code, on: false }); draw(); }, "btn-quiet", { "aria-label": `${say("remove")} ${code}` }))));
  const add = async (code) => {
    if (!code.trim()) return;
    await tell(kind, { [name]: code.trim(), on: true });
    input.value = "";
    draw();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add(input.value);
  });
  input.addEventListener("change", () => add(input.value));
  draw();
  const pieces = stop.jobs.reduce((sum, job) => sum + job.pieces, 0);
  return h("div", { class: "field" },
    h("label", { for: kind }, say(kind)),
    h("p", { class: "hint" }, say(`${kind}-hint`, { n: pieces })),
    list, input,
    h("div", { class: "row" },
      button(say("add"), () => add(input.value)),
      canScan ? button(say("camera"), async () => add(await scan())) : null));
}

function photoField(first, tell) {
  const shown = h("div", {}, first.photo ? h("p", { class: "hint" }, say("photo-there")) : null);
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const jpeg = await shrink(file).catch(() => null);
    if (!jpeg) return shown.replaceChildren(h("p", { class: "error" }, say("photo-unreadable")));
    await tell("photo", { jpeg, ...(await place()) });
    shown.replaceChildren(h("img", { src: `data:image/jpeg;base64,${jpeg}`, alt: say("photo") }));
  };
  return h("div", { class: "field" },
    h("label", { for: "photo" }, say("photo")),
    h("p", { class: "hint" }, say("photo-hint")),
    h("input", { id: "photo", type: "file", accept: "image/*", capture: "environment", onchange: take }),
    shown);
}

function itemFailures(deliveries, first, tell, changed) {
  return h("details", { class: "panel" }, h("summary", {}, say("item-failed")), deliveries.map((job) => {
    const choose = async (event) => {
      const reason = event.target.value;
      const before = first.failed.get(job.id) ?? "damaged";
      await tell("item_failed", { job_id: job.id, reason: reason || before, on: Boolean(reason), ...(await place()) });
      changed();
    };
    const options = [["", say("item-left")], ...Object.entries(WORDS["item-failures"])];
    const id = `item-${job.id}`;
    return h("div", { class: "field" },
      h("label", { for: id }, `${job.order_number} ${job.items[0][0]}`),
      h("select", { id, onchange: choose }, options.map(([code, text]) => h("option", { value: code, selected: first.failed.get(job.id) === code }, text))));
  }));
}

function skipPanel(app, first, tell) {
  const turn = async () => {
    await tell(first.skipped ? "resume" : "skip");
    app.go("/courier/");
  };
  return button(say(first.skipped ? "resume" : "skip"), turn, "btn-big");
}

// Reasons to choose from, and the button that ends it; for a stop and for a whole run.
export function failPanel(app, tell, kind, reasons, title, label) {
  const wrong = h("div", { role: "alert" });
  const fail = async (event) => {
    event.preventDefault();
    const reason = event.target.elements.reason.value;
    wrong.replaceChildren(...(reason ? [] : [h("p", { class: "error" }, say("reason-missing"))]));
    if (!reason) return;
    await tell(kind, { reason, needs: [], ...(await place()) });
    app.go("/courier/");
  };
  return h("details", { class: "panel" },
    h("summary", {}, title),
    h("form", { class: "form", onsubmit: fail },
      boxes(say("reason"), Object.entries(reasons).map(([code, text]) => choice("radio", "reason", text, { value: code }))),
      wrong,
      h("button", { class: "btn btn-danger btn-big" }, label)));
}
