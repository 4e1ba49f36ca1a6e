// Sends what waits on this phone. One sender at a time over all tabs and the worker, everybody's queue with their own ticket. An item
// counts as sent only when an answer of the server names it; whatever else comes back tells nothing, and everything stays.
import { onTheWire } from "./item.js";
import { mintedAt, now } from "./mint.js";
import { isOver, offerAgain } from "./offer.js";
import { change, everything, remember, remembered } from "./storage.js";

const MOST = 50;
const MOST_BYTES = 200_000;
const ASK_EVERY = 5 * 60e3;
const SAID = ["accepted", "already", "held", "conflict", "returned", "rejected", "retry_later"];
const REST = { fails: 0, until: 0, closed: 0, odd: 0 }; // failures in a row; not by itself, and not at all, before; unreadable answers

// Tells the other pages of this phone (and this one) that the outbox has changed.
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("outbox") : null;
export const tellPages = (news) => channel?.postMessage(news);

// Sends now. `tapped`: somebody asked for it, so no pause is kept; `timer`: nobody did, so the pause after failures is kept too.
// Resolves when nothing more can be done now.
let waiting = null;
export function flush({ tapped = false, timer = false } = {}) {
  const run = async () => {
    await null; // without locks too, this begins after the line that remembers it
    waiting = null;
    await sendEverything(tapped, timer).catch(() => {}); // a phone too full to write down what it heard sends it again later
    tellPages("sent");
  };
  if (waiting && !tapped) return waiting; // one that has not begun yet sees everything that is there now
  return (waiting = navigator.locks ? navigator.locks.request("outbox", run) : run());
}

async function sendEverything(tapped, timer) {
  if (!globalThis.crypto?.subtle) return;
  const rest = (await remembered("rest")) ?? REST;
  if (tapped) await remember("rest", { ...REST, odd: rest.odd });
  else if (navigator.onLine === false || Date.now() < rest.closed || (timer && Date.now() < rest.until)) return;
  await clearOld();
  for (const person of new Set((await everything()).map((entry) => entry.person)))
    if ((await sendFor(person, tapped)) === "stop") return;
}

async function clearOld() {
  const over = (await everything()).filter(isOver);
  if (over.length) await change(["outbox"], (store) => Promise.all(over.map((entry) => store("outbox").delete(entry.item))));
}

// One person's queue, batch by batch, until each item was sent once. "stop": nobody else would fare better now.
async function sendFor(person, tapped) {
  const done = new Set();
  const pass = { most: MOST, alone: ((await remembered("rest")) ?? REST).odd >= 3, failed: 0 };
  for (let first = true; ; first = false) {
    const ticket = await remembered(`ticket ${person}`);
    if (!ticket || (ticket.refused && !tapped)) return "next";
    const queue = (await everything()).filter((entry) => entry.person === person);
    const left = queue.filter((entry) => entry.state === "pending" && !done.has(entry.item)).sort(byTurn);
    const ask = first ? await toAsk(queue, tapped, person) : [];
    if (!left.length && !ask.length) return "next";
    const batch = takeBatch(left, pass);
    const waits = queue.filter((entry) => entry.state === "pending" && !batch.includes(entry));
    const answer = await post(ticket.ticket, batch, ask, waits);
    const next = await hear(person, answer, batch, ask, pass);
    if (next === "sent") for (const entry of batch) done.add(entry.item);
    else if (next === "aside") done.add(batch[0].item);
    else if (next !== "again") return next;
  }
}

// The tail is for what the server could not take yet, and for what stood alone with an answer that nobody can read.
const byTurn = (one, other) => (one.late ?? 0) - (other.late ?? 0) || (one.item < other.item ? -1 : 1);

// What is held or in conflict may have been decided since; asked now and then, and whenever somebody taps.
async function toAsk(queue, tapped, person) {
  const open = queue.filter((entry) => ["held", "conflict"].includes(entry.state)).map((entry) => entry.item);
  if (!open.length) return open;
  const asked = (await remembered("asked")) ?? {};
  if (!tapped && Date.now() - (asked[person] ?? 0) < ASK_EVERY) return [];
  await remember("asked", { ...asked, [person]: Date.now() });
  return open.slice(0, 200);
}

function takeBatch(left, { most, alone }) {
  if (alone || left[0]?.alone) return left.slice(0, 1);
  let bytes = 0;
  const fits = left.findIndex((entry, n) => n === most || entry.alone || ((bytes += JSON.stringify(onTheWire(entry)).length) > MOST_BYTES && n > 0));
  return fits < 0 ? left : left.slice(0, fits);
}

// {status, told, after}: the HTTP status or 0, the answer read as JSON or null, the seconds of Retry-After.
async function post(ticket, batch, ask, waits) {
  const times = waits.map((entry) => Date.parse(entry.saved_at ?? "") || mintedAt(entry.item));
  const oldest = times.length ? now(new Date(Math.min(...times))) : null;
  const items = batch.map(onTheWire);
  const text = JSON.stringify({ app: (await remembered("app")) ?? "", sent_at: now(), pending: waits.length, oldest, items, ask });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 30e3);
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", Authorization: `Bearer ${ticket}` };
    const body = text.length > 1000 && globalThis.CompressionStream ? await packed(text) : text;
    if (body !== text) headers["Content-Encoding"] = "gzip";
    const answer = await fetch("/api/v1/sync", { method: "POST", headers, body, credentials: "omit", redirect: "error", signal: abort.signal });
    const told = await answer.json().catch(() => null);
    return { status: answer.status, told, after: Number(answer.headers.get("Retry-After")) || 0 };
  } catch {
    return { status: 0, told: null, after: 0 };
  } finally {
    clearTimeout(timer);
  }
}

const packed = (text) => new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();

// What an answer means for the queue: "sent" (the batch is answered), "again" (the same items in another batch), "aside" (go on without
// the one item of this batch), "next" (person), "stop".
async function hear(person, { status, told, after }, batch, ask, pass) {
  if (status === 200 && isAnswer(told, batch)) {
    await take(told, batch, ask);
    return "sent";
  }
  if (status === 401) {
    await change(["meta"], async (store) => {
      const ticket = await store("meta").get(`ticket ${person}`);
      if (ticket) store("meta").put({ ...ticket, refused: true }, `ticket ${person}`);
    });
    return "next";
  }
  if (status === 413 && batch.length > 1) {
    pass.most = Math.ceil(batch.length / 2);
    return "again";
  }
  const odd = ![0, 429, 503].includes(status); // an answer, but not one that anybody meant for us
  const alone = batch.length === 1 && (pass.alone || batch[0].alone || status === 413);
  if (alone && odd && ++pass.failed < 3) {
    await putAside(batch[0]);
    return "aside";
  }
  await pause(after, odd);
  return "stop";
}

const isAnswer = (told, batch) =>
  typeof told?.epoch === "string" &&
  Array.isArray(told.results) &&
  told.results.length === batch.length &&
  told.results.every((result, n) => result?.item === batch[n].item && SAID.includes(result.status));

// Writes down what the server said of each item, in one transaction. An entry that was sealed meanwhile learns its state alone.
function take(told, batch, ask) {
  const results = [...told.results, ...ask.filter((item) => told.states?.[item]).map((item) => ({ ...told.states[item], item }))];
  return change(["outbox", "meta"], async (store) => {
    for (const result of results) {
      const entry = await store("outbox").get(result.item);
      const learnt = entry && after(entry, result);
      if (learnt) store("outbox").put(learnt);
    }
    const skew = Date.parse(told.server_time) - Date.now();
    if (!Number.isNaN(skew)) store("meta").put(skew, "skew");
    store("meta").put(REST, "rest");
    await offerAgain(store, told.epoch, batch.map((entry) => entry.item));
  });
}

function after(entry, { status, code, fields, version, location }) {
  if (!SAID.includes(status)) return null;
  const late = (entry.late ?? 0) + (status === "retry_later" ? 1 : 0);
  const state = { retry_later: "pending", already: "accepted" }[status] ?? status;
  if (entry.sealed) return { ...entry, state: state === "rejected" ? "pending" : state, late };
  const news = { state, late, code: code ?? "", wrong: fields ?? {}, version, location, tries: entry.tries + 1, alone: false };
  return { ...entry, ...news, received: state === "accepted" ? (entry.received ?? Date.now()) : undefined };
}

const putAside = ({ item }) =>
  change(["outbox"], async (store) => {
    const entry = await store("outbox").get(item);
    if (entry) store("outbox").put({ ...entry, late: (entry.late ?? 0) + 1, alone: true });
  });

// 5 seconds, doubled with each failure up to 10 minutes, and of that a part by chance, so that phones do not all come at once.
async function pause(after, odd) {
  const rest = (await remembered("rest")) ?? REST;
  const longest = Math.min(600e3, 5e3 * 2 ** rest.fails);
  const until = Date.now() + Math.max(after * 1000, 1000 + Math.random() * longest);
  await remember("rest", { fails: Math.min(rest.fails + 1, 10), until, closed: after ? until : 0, odd: odd ? rest.odd + 1 : rest.odd });
}

// Milliseconds until the next try by itself is due.
export async function pauseLeft() {
  const rest = (await remembered("rest")) ?? REST;
  return Math.max(0, rest.until - Date.now());
}
