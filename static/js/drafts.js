// What is typed into a form of the outbox is kept as it is typed, and put back when that form is opened again: after a crash, after the
// phone went to sleep, in a new version of the page. Save takes it away, and so does whoever leaves this phone.
import { change, kept, open, remove } from "./storage.js";

const forms = () => [...document.querySelectorAll("form[data-outbox]")];
const pairs = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !form.querySelector(`[type=hidden][name="${CSS.escape(name)}"]`));
const controls = (form) => [...form.elements].filter((control) => control.name && control.type !== "hidden" && control.type !== "submit");

let me = null;
let empty = null; // what stands in the forms when nothing was typed
let replaces = null; // an item that the server gave back: saving the draft that was made of it takes its place
let timer;

// By what a draft is found again: whose it is, what it is for, and at which door.
export function draftAddress(person, action, household) {
  return [person, action, household ?? ""].join(" ");
}

const here = () => {
  const [form] = forms();
  return draftAddress(me, form.getAttribute("action"), form.elements.household?.value);
};

// Called as soon as the forms stand there: somebody may type before storage has opened.
export const noteEmpty = () => (empty = written());

// Puts the draft of this page back, and keeps what is typed from now on.
export async function startDrafts(person) {
  await dropPosted(person);
  if (!forms().length) return;
  me = person;
  empty ??= written();
  replaces = await givenBack(person);
  const found = await (await open()).get("drafts", here());
  if (written() !== empty) await keepNow();
  else if (found) putBack(found);
  document.addEventListener("input", soon);
  document.addEventListener("change", soon);
  addEventListener("pagehide", keepNow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepNow());
}

// A form that was posted plainly keeps its draft until a page shows that it arrived: the address then names what was posted.
async function dropPosted(person) {
  for (const draft of await (await open()).getAll("drafts"))
    if (draft.person === person && draft.posted && location.href.includes(draft.posted)) {
      await dropDraft(draft.address);
      if (draft.replaces) await remove(draft.replaces);
    }
}

// The item that this page shows for correction.
async function givenBack(person) {
  const shown = document.querySelector("[data-refused-item]")?.dataset.refusedItem;
  const ids = forms().map((form) => form.elements.id?.value);
  return shown ?? (await kept(person, "rejected")).find(({ op, id }) => op === "door" && ids.includes(id))?.item ?? null;
}

const shown = () => document.querySelector("[name=show]:checked")?.id;
const written = () => JSON.stringify([shown(), forms().map(pairs)]);

function soon(event) {
  if (!event.target.closest?.("form[data-outbox], main")) return;
  clearTimeout(timer);
  timer = setTimeout(keepNow, 500);
}

// Writes the draft down now. `posted`: the id of what is being posted plainly.
export async function keepNow(posted) {
  clearTimeout(timer);
  if (!me || !forms().length || "saved" in document.querySelector("main").dataset) return;
  const text = written();
  if (text === empty && typeof posted !== "string") return dropDraft(here());
  const [show, fields] = JSON.parse(text);
  const draft = { address: here(), person: me, at: Date.now(), show, forms: fields, replaces, posted: typeof posted === "string" ? posted : null };
  await change(["drafts", "meta"], async (store) => {
    if ((await store("meta").get("person"))?.id === draft.person) store("drafts").put(draft); // nothing stays of who has left
  }).catch(() => {}); // a full phone says so at Save
}

export const dropDraft = (address) => change(["drafts"], (store) => store("drafts").delete(address)).catch(() => {});

// The draft of this page, for Save: where it is kept, and which item it takes the place of.
export function currentDraft() {
  clearTimeout(timer);
  return { address: me ? here() : null, replaces };
}

function putBack(draft) {
  replaces = draft.replaces ?? replaces;
  if (draft.show) document.getElementById(draft.show).checked = true;
  forms().forEach((form, n) => fill(form, draft.forms[n]));
  const note = document.querySelector("template[data-draft]")?.content.firstElementChild.cloneNode(true);
  if (!note) return;
  const told = note.querySelector("p");
  const time = new Date(draft.at).toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" });
  told.textContent = told.dataset.says.replace("{time}", time);
  note.querySelector("button").addEventListener("click", () => startEmpty(note));
  document.querySelector("main").prepend(note);
}

function fill(form, fields) {
  if (!fields) return; // nothing was typed into this one
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const control of controls(form)) {
    const values = left.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (values.length) control.value = values.shift();
    if (control.value !== control.defaultValue || control.checked !== control.defaultChecked) control.closest("details")?.setAttribute("open", "");
  }
}

function startEmpty(note) {
  for (const form of forms()) form.reset();
  for (const radio of document.querySelectorAll("[name=show]")) radio.checked = radio.defaultChecked;
  replaces = null;
  note.remove();
  return dropDraft(here());
}

// The form of something that was given back, with what it said: keeps its fields as the draft of that form, and returns its address.
// Saving it takes the place of the entry.
export async function openAgain({ item, person, op, ward, fields, action }) {
  const seen = (name) => fields.find(([field]) => field === name)?.[1];
  const household = seen("household");
  const outcome = op === "visit" ? seen("outcome") : null;
  const place = { come_back: 1, met: 2 }[outcome] ?? 0; // the form of the page of a visit
  const written = [];
  written[place] = fields;
  const draft = { address: draftAddress(person, action, household), person, at: Date.now(), forms: written, replaces: item, posted: null };
  if (place) draft.show = place === 1 ? "back" : "met";
  await change(["drafts"], (store) => store("drafts").put(draft));
  const pages = { visit: `/visits/new?ward=${ward}&household=${household}`, door: "/households/new", group_count: "/group-counts/new" };
  return pages[op] ?? action;
}
