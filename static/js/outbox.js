// The outbox: what is saved waits on this phone until the server has said that it has it.
//
// A form with data-outbox posts as it is, with or without this file. With it, Save writes an item to IndexedDB (docs/sync.md), signed
// by who saved it; "saved" is said when it is on the disk. send.js takes it to the server, from this page, another one or the worker.
import { currentDraft, noteEmpty, startDrafts } from "./drafts.js";
import { enrol } from "./enrol.js";
import { showWaiting } from "./flag.js";
import { signed } from "./item.js";
import { leave, leaveFirst, sealStrangers } from "./leave.js";
import { now, uuid7 } from "./mint.js";
import { handBack, postPlainly, reachable } from "./plainly.js";
import { flush, pauseLeft } from "./send.js";
import { goingOut, startSignOut } from "./sign_out.js";
import { change, everything, open, remember, remembered } from "./storage.js";

export { flush } from "./send.js"; // for the worker
export { leaveFirst } from "./leave.js"; // for the worker, before a navigation

let me = null; // who holds the phone
let starting = null; // resolves to whether this person can save on this phone
let visit = null; // the forms of one page are ways to write one visit, so they share its id
let saving = false; // a second tap on Save is the same Save
let saved = null; // the item of this page's Save, once it is on the disk

export function startOutbox() {
  visit = uuid7();
  noteEmpty();
  document.addEventListener("submit", save);
  starting = start().catch(() => false); // no storage on this browser: forms go the plain way, and the page does not promise more
}

async function start() {
  await open();
  const body = document.body;
  me = body.dataset.person ?? ("shell" in body.dataset ? (await remembered("person"))?.id : null) ?? null;
  const leaving = await remembered("leaving");
  if (leaving) await leaveFirst();
  if (leaving && leaving === me) return location.replace("/sign-in"); // a page of somebody who signed out while there was no network
  if (!me) return sendForOthers();
  const last = await remembered("person");
  if (last?.id !== me) await leave(me);
  else await sealStrangers();
  startSignOut(me);
  if (!document.querySelector(".sync")) return false; // who logs no visits has nothing to hand in
  if (body.dataset.person) await introduce(body, last);
  const ready = await enrol(me);
  if (ready) for (const line of document.querySelectorAll("[data-ready-text]")) line.textContent = line.dataset.readyText;
  startDrafts(me);
  await showWaiting(me);
  listen();
  sendMine();
  return ready;
}

// Who has the phone, for pages that come without a server, and which build they had.
async function introduce({ dataset: { person, name, role } }, last) {
  const holder = { id: person, name, role, language: document.documentElement.lang };
  if (JSON.stringify(holder) !== JSON.stringify(last)) await remember("person", holder);
  const build = document.querySelector("script[src*='/app.']")?.src.match(/app\.(\w+)\.js/)?.[1];
  if (build && build !== (await remembered("app"))) await remember("app", build);
}

// Nobody is signed in: what others left sealed here still goes out.
async function sendForOthers() {
  await sealStrangers();
  addEventListener("online", () => flush());
  flush();
  return false;
}

// When to send, and what to do when something was sent.
function listen() {
  const news = globalThis.BroadcastChannel && new BroadcastChannel("outbox");
  if (news) news.onmessage = ({ data }) => (data === "left" ? checkStillHere() : hear());
  addEventListener("online", () => sendMine());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sendMine());
  setInterval(() => sendMine({ timer: true }), 5 * 60e3);
}

let again;
async function sendMine(how) {
  await flush(how);
  if ((await remembered(`ticket ${me}`))?.refused && (await enrol(me))) await flush(how);
  await hear();
  clearTimeout(again);
  const wait = await pauseLeft();
  if (wait) again = setTimeout(sendMine, wait, { timer: true });
}

async function checkStillHere() {
  if (!goingOut && (await remembered("person"))?.id !== me) location.replace("/sign-in"); // she signed out in another window
}

async function save(event) {
  const form = event.target;
  if (!form.matches("form[data-outbox]")) return;
  event.preventDefault();
  if (saving) return;
  saving = true;
  const fields = readForm(form, event.submitter);
  const action = form.getAttribute("action");
  const ready = await starting;
  const last = await remembered("person").catch(() => null);
  if (last && last.id !== me) return sayAndGoOn("other"); // the phone has gone to somebody else: nothing is stored in their name
  const asks = form.dataset.outbox === "door" && (await reachable()); // online, the server asks first whether this door is known
  if (!ready || asks) return postPlainly(action, fields);
  try {
    saved = await write(form, action, fields);
  } catch (error) {
    return tellNotKept(error, action, fields);
  }
  if (!saved) return postPlainly(action, fields);
  showSaved(saved);
  askToStay();
  await showWaiting(me);
  await sendMine();
}

// The pairs that the form would post, lines as a plain form sends them.
function readForm(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const { outbox } = form.dataset;
  if (outbox === "visit") data.set("id", visit);
  if (outbox === "visit" || outbox === "correction" || outbox === "void") data.set("saved_at", now());
  return [...data].map(([name, value]) => [name, value.replace(/\r?\n/g, "\r\n")]);
}

// Writes the entry and takes the draft away, in one transaction. Null when this person may not add to the outbox any more.
async function write(form, action, fields) {
  const draft = currentDraft();
  const seen = (name) => fields.find(([field]) => field === name)?.[1];
  for (;;) {
    const [key, minted, skew, app] = await Promise.all(["key " + me, "minted", "skew", "app"].map(remembered));
    if (!key) return null;
    const item = uuid7(minted);
    const put = fields.map(([name, value]) => [name, name === "item" ? item : value]);
    const entry = {
      item,
      person: me,
      op: form.dataset.outbox,
      ward: wardOf(form, seen),
      id: form.dataset.id ?? seen("id"),
      base: Number(seen("base") ?? 0),
      saved_at: seen("saved_at") ?? now(),
      needs: null,
      fields: put,
      action,
      about: aboutOf(form, seen),
      skew: skew ?? null,
      app: app ?? "",
      state: "pending",
      late: 0,
      tries: 0,
    };
    entry.needs = await neededBy(entry, seen("household"));
    Object.assign(entry, await signed(entry, key));
    const kept = await change(["outbox", "meta", "drafts"], async (store) => {
      const meta = store("meta");
      if ((await meta.get(`key ${me}`))?.id !== key.id) return "left";
      if (((await meta.get("minted")) ?? "") >= item) return "late"; // another page has saved in between
      entry.seq = ((await meta.get("seq")) ?? 0) + 1;
      meta.put(entry.seq, "seq");
      meta.put(item, "minted");
      if (draft.address) store("drafts").delete(draft.address);
      if (draft.replaces) store("outbox").delete(draft.replaces);
      store("outbox").put(entry);
      return "kept";
    });
    if (kept === "kept") return entry;
    if (kept === "left") return null;
  }
}

// A ward as this phone knows it: of the visit or door, else of the residential group that was chosen.
function wardOf(form, seen) {
  const wards = form.dataset.wards ? JSON.parse(form.dataset.wards) : {};
  return Number(form.dataset.ward ?? seen("ward") ?? wards[seen("group")] ?? 0);
}

// How the list of what waits calls it: a number plate and a place.
function aboutOf(form, seen) {
  const { door, place } = form.dataset;
  return { door: door ?? seen("number") ?? "", place: place ?? seen("street") ?? "", outcome: seen("outcome") ?? "" };
}

// The item that made the door or the visit that this one is about, when it was made on this phone and is not accepted yet.
async function neededBy(entry, household) {
  const made = { visit: ["door", household], correction: ["visit", entry.id], void: ["visit", entry.id] }[entry.op];
  const first = made && (await everything()).find(({ op, id, state }) => op === made[0] && id === made[1] && state !== "accepted");
  return first?.item ?? null;
}

// Full, private or broken storage: the page says so and keeps what was typed. With a network it goes straight to the server.
async function tellNotKept(error, action, fields) {
  sayAndGoOn(error?.name === "QuotaExceededError" ? "full" : "broken");
  if (await reachable()) postPlainly(action, fields);
}

// This page's item may have been answered, here or in another window.
async function hear() {
  await showWaiting(me);
  const mine = saved;
  const entry = mine && (await everything()).find(({ item }) => item === mine.item);
  if (!entry || mine !== saved) return;
  const arrived = entry.state === "accepted" && entry.location;
  const wrong = entry.state === "rejected" && entry.code === "invalid";
  if (arrived || wrong) saved = null; // once, though this page hears it from two sides
  if (arrived) location.assign(arrived);
  else if (wrong) handBack(entry);
  else if (["held", "conflict", "rejected"].includes(entry.state)) say(entry.state);
}

function showSaved({ saved_at }) {
  say("saved", saved_at.slice(11, 16));
  document.querySelector("main").dataset.saved = ""; // what is on its way can no longer be typed over
  for (const link of document.querySelectorAll("[data-after-save]")) link.hidden = false;
  scrollTo(0, 0);
}

function say(what, time = "") {
  const status = document.querySelector("[data-outbox-status]");
  if (status) status.textContent = (status.dataset[what] ?? "").replace("{time}", time);
}

function sayAndGoOn(what) {
  say(what);
  scrollTo(0, 0);
  saving = false;
}

// The browser may throw away what a site keeps when the phone runs full; asked nicely, most do not. And where the browser can, it sends by
// itself once there is a network, with no page open.
async function askToStay() {
  try {
    if (!(await remembered("asked to stay"))) {
      await remember("asked to stay", true);
      await navigator.storage?.persist?.();
    }
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.sync?.register("outbox");
  } catch {
    // not every browser has either, and neither is needed
  }
}
