// What is called back of a stop's goods, as the market told before the signal went. Numbers are compared as
// market/catalog/recall_rule.py compares them.

const normalized = (text) => text.replace(/\s+/g, "").toUpperCase();
const told = (stop) => stop.jobs.map((job) => job.recalled).filter(Boolean);

function split(serial) {
  const found = /^[\x00-\x7f]*$/.test(serial) ? /^(.*?)(\d+)$/.exec(serial) : null;
  return found && [found[1], found[2]];
}

function isRun(first, last) {
  const [start, end] = [split(first), split(last)];
  return Boolean(start && end) && start[0] === end[0] && start[1].length === end[1].length && start[1] <= end[1];
}

export const isRecalled = (stop, number) => told(stop).some(({ runs, serials }) =>
  serials.includes(normalized(number)) || runs.some(([first, last]) => isRun(first, normalized(number)) && isRun(normalized(number), last)));

export const isWhole = (stop) => told(stop).some(({ whole }) => whole);

export const batches = (stop) => [...new Set(told(stop).flatMap((one) => one.batches))];
