// What the phone keeps: `meta` (who, which phone, token), `day` (names, addresses: cleared at sign-out) and
// `events` (what happened, without any names: kept until it has arrived). One database for page and worker.

const NAME = "lvxiang-courier";
const STORES = { meta: null, day: null, events: "id" };
let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        request.result.createObjectStore(name, keyPath ? { keyPath } : undefined);
      }
    };
    request.onsuccess = () => {
      // Clearing the site's data closes it under us: the next call opens it anew.
      request.result.onclose = request.result.onversionchange = () => { request.result.close(); opening = undefined; };
      resolve(request.result);
    };
    request.onerror = () => { opening = undefined; reject(request.error); };
  });
  return opening;
}

// Do `work` in one transaction; answers what `work`'s request found, once all of it is on the disk.
async function within(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    const request = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const get = (store, key) => within([store], "readonly", (one) => one.get(key));
export const put = (store, value, key) => within([store], "readwrite", (one) => one.put(value, key));
export const all = (store) => within([store], "readonly", (one) => one.getAll());
export const drop = (ids) => within(["events"], "readwrite", (events) => { ids.forEach((id) => events.delete(id)); });

// Write events down, each with the phone's next number. Only then has something happened.
export function record(owner, happened) {
  const rows = happened.map(({ kind, target, data = {} }) => ({
    id: crypto.randomUUID(), kind, target, data, owner, outcome: null, recorded_at: new Date().toISOString(),
  }));
  return within(["meta", "events"], "readwrite", (meta, events) => {
    const count = meta.get("count");
    count.onsuccess = () => {
      let sequence = count.result ?? 0;
      for (const row of rows) events.add({ ...row, sequence: ++sequence });
      meta.put(sequence, "count");
    };
  }).then(() => rows);
}

// Note what the market answered. Pictures and strokes that have arrived need not stay here.
export function answered(answers) {
  return within(["events"], "readwrite", (events) => {
    for (const { id, outcome, sentence, settles_at } of answers) {
      const request = events.get(id ?? "");
      request.onsuccess = () => {
        if (!request.result) return;
        const { jpeg, strokes, ...rest } = request.result.data;
        const data = jpeg || strokes ? { ...rest, arrived: true } : rest;
        events.put({ ...request.result, data, outcome, sentence, settles_at });
      };
    }
  });
}

export async function device() {
  const known = await get("meta", "device");
  if (known) return known;
  const fresh = crypto.randomUUID();
  await put("meta", fresh, "device");
  return fresh;
}

export const queued = async () =>
  (await all("events")).filter((event) => event.outcome === null).sort((a, b) => a.sequence - b.sequence);

// Names, telephones, addresses and the token are gone; what has not arrived stays, and says nobody's name.
export async function wipe() {
  const arrived = (await all("events")).filter((event) => event.outcome !== null).map((event) => event.id);
  await within(["day", "meta", "events"], "readwrite", (day, meta, events) => {
    day.clear();
    meta.delete("token");
    meta.delete("owner");
    arrived.forEach((id) => events.delete(id));
  });
}
