// The outbox: what is saved waits on this phone until the server has said that it has it.
//
// A form with data-outbox posts as it is, with or without this file. With it, Save first writes the fields to IndexedDB, then
// posts those very fields, and deletes them only on a receipt. The server keeps each item once however often it comes,
// so sending again is always safe and losing an answer loses nothing.
import { now, uuid7 } from "./mint.js";
import { keep, kept, open, remove } from "./storage.js";

const me = document.body.dataset.person; // on a shared phone everybody sends only what is their own
const visit = uuid7(); // the forms of one page are ways to write one visit, so they share its id
let saved = null; // the item of this page's Save, once Save was tapped

export function startOutbox() {
  if (!me) return;
  document.addEventListener("submit", save);
  open().then(greet, () => {}); // no storage on this browser: forms go the plain way, and the page does not promise more
}

async function save(event) {
  const form = event.target;
  if (!form.matches("form[data-outbox]")) return;
  event.preventDefault();
  if (saved) return; // a second tap on Save is the same Save
  saved = uuid7();

  const data = new FormData(form);
  if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
  data.set("item", saved);
  if (!("keepId" in form.dataset)) data.set("id", visit);
  data.set("saved_at", now());
  const action = form.getAttribute("action");
  const fields = [...data].map(([name, value]) => [name, value.replace(/\r?\n/g, "\r\n")]); // as a plain form sends its lines
  const entry = { item: saved, person: me, action, fields, at: data.get("saved_at"), state: "pending" };

  try {
    await keep(entry);
  } catch {
    return postPlainly(entry); // full, private or broken storage: the form itself must not be lost
  }
  const outcome = await send(entry);
  if (outcome.location) return location.assign(outcome.location);
  if (outcome.refused) return postPlainly(entry);
  showSaved();
  await showWaiting();
}

// Sends what waits, oldest first (item ids sort by time), one at a time, in one tab at a time.
async function flush() {
  const run = async () => {
    for (const entry of await kept(me, "pending")) {
      const outcome = await send(entry);
      if (outcome.location && entry.item === saved) return location.assign(outcome.location); // this page's visit has arrived after all
      if (outcome.unreachable) break; // the rest would fare no better
    }
    await showWaiting();
  };
  return navigator.locks ? navigator.locks.request("outbox", run) : run();
}

// One item to the server. Only an answer that names this very item is a receipt: anything may answer 200 on a public network.
async function send(entry) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 20000);
  try {
    const answer = await fetch(entry.action, {
      method: "POST",
      body: new URLSearchParams(entry.fields),
      headers: { Accept: "application/json", "X-Person": entry.person },
      credentials: "same-origin",
      redirect: "manual",
      signal: abort.signal,
    });
    if (answer.status === 409 || answer.status === 422) {
      await keep({ ...entry, state: "refused" }); // stored nowhere else: stays here until a page shows it for correction
      return { refused: true };
    }
    const receipt = answer.ok ? await answer.json() : {};
    if (receipt.item !== entry.item) return { unreachable: [0, 401, 429].includes(answer.status) || answer.status >= 500 };
    await remove(entry.item);
    return { location: receipt.location };
  } catch {
    return { unreachable: true };
  } finally {
    clearTimeout(timer);
  }
}

// Hands the fields to the server as a plain form would, so that its own page answers, with what was typed and what is wrong with it.
function postPlainly(entry) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: entry.action, hidden: true });
  for (const [name, value] of entry.fields) form.append(Object.assign(document.createElement("textarea"), { name, value }));
  document.body.append(form);
  form.submit();
}

// A tap on the flag: first whatever needs correcting, else everything that waits.
async function sendNow() {
  const [refused] = await kept(me, "refused");
  return refused ? postPlainly(refused) : flush();
}

async function greet() {
  document.querySelector(".sync")?.addEventListener("click", sendNow);
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  // This page shows a refused form with everything that was typed into it: the copy on the phone has done its work.
  const shown = document.querySelector("[data-refused-item]");
  if (shown) await remove(shown.dataset.refusedItem);
  for (const line of document.querySelectorAll("[data-ready-text]")) line.textContent = line.dataset.readyText;
  await showWaiting();
  await flush();
}

async function showWaiting() {
  const flag = document.querySelector(".sync");
  if (!flag) return;
  const bad = (await kept(me, "refused")).length;
  const n = bad || (await kept(me, "pending")).length;
  const text = bad ? flag.dataset.bad : n === 1 ? flag.dataset.one : flag.dataset.many;
  flag.dataset.state = bad ? "bad" : "wait";
  flag.querySelector("span").textContent = text.replace("{n}", n);
  flag.hidden = n === 0;
}

function showSaved() {
  const status = document.querySelector("[data-outbox-status]");
  if (!status) return;
  status.textContent = status.dataset.savedText;
  document.querySelector("main").dataset.saved = ""; // what is on its way can no longer be typed over
  scrollTo(0, 0);
}
