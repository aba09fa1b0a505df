// All that the browser keeps for this market: the rows of its databases, and the text in each of its caches.
async () => {
  const answer = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const found = { rows: {}, cached: {} };
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      found.rows[store] = await answer(database.transaction(store).objectStore(store).getAll());
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found.cached[name] = "";
    for (const request of await cache.keys()) found.cached[name] += await (await cache.match(request)).text();
  }
  return found;
}
