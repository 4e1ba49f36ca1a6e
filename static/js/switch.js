// The page on which somebody takes the phone (/switch): what waits for each, the pad, and leaving for whoever had it before.
// A PIN is checked by the server: without a network nobody comes in, but whoever had the phone still leaves it.
import { leave, leaveFirst } from "./leave.js";
import { everything, open, remembered } from "./storage.js";

const form = document.querySelector("[data-switch]");
const field = form.elements.pin;
let sure = false; // the sentence about drafts stands there; the next tap is the answer

showWaiting().catch(() => {}); // no storage: the page says "—"
if (field) startPad();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await goesOn().catch(() => true)) form.submit();
});

async function showWaiting() {
  const waits = (await everything()).filter(({ state }) => state === "pending");
  for (const line of document.querySelectorAll("[data-waits]")) {
    const n = waits.filter(({ person }) => person === line.dataset.waits).length;
    line.lastChild.data = n ? form.dataset.some.replace("{n}", n) : form.dataset.none;
  }
}

// The keys of the page serve where a keyboard would cover half of it; a real keyboard types as ever.
function startPad() {
  field.inputMode = "none";
  form.querySelector("[data-pad]").addEventListener("click", ({ target }) => {
    const key = target.closest("button[type=button]");
    if (!key) return;
    field.value = key.value ? (field.value + key.value).slice(0, 6) : field.value.slice(0, -1);
  });
}

// Clears the phone of who had it, unless it is the same person who comes back. False when the page has something to say first.
async function goesOn() {
  const holder = (await remembered("person"))?.id;
  if (holder && holder !== form.elements.person.value) {
    const drafts = (await (await open()).getAll("drafts")).filter(({ person }) => person === holder);
    if (drafts.length && !sure) {
      sure = true;
      return say("drafts");
    }
    await leave(null, holder);
  }
  const unheard = await leaveFirst(); // the server has still to end a session, and can't be reached
  return (!unheard && navigator.onLine !== false) || say("offline");
}

function say(what) {
  const told = form.querySelector("[data-says]");
  told.hidden = false;
  told.textContent = told.dataset[what];
  return false;
}
