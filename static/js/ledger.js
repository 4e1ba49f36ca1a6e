// The end of the day: this phone says what was saved on it, the server says what of that it has, and both lists are shown side by side.
import { mintedAt, now } from "./mint.js";
import { everything, remembered } from "./storage.js";

export function startDay(me, row) {
  document.querySelector("[data-day]").addEventListener("click", () => compare(me, row));
}

async function compare(me, row) {
  const day = now().slice(0, 10);
  const mine = (await everything()).filter((entry) => entry.person === me && dayOf(entry) === day);
  const told = await ask(me, day, mine.filter((entry) => !entry.sealed));
  const say = (name, words = {}) => {
    const line = document.querySelector("[data-day-told]");
    line.textContent = Object.entries(words).reduce((text, [key, value]) => text.replace(`{${key}}`, value), line.dataset[name]);
  };
  for (const list of document.querySelectorAll("[data-day-list]")) list.hidden = true;
  if (!told) return say("unreachable");
  const asked = mine.filter((entry) => !entry.sealed).length;
  const off = told.missing_here.length + told.different.length;
  const unknown = told.missing_there.filter((item) => !mine.some((entry) => entry.item === item));
  say(off || unknown.length ? "differs" : "same", { n: asked - off, all: asked });
  list("missing_here", pick(mine, told.missing_here).map(row));
  list("different", pick(mine, told.different).map(row));
  list("missing_there", unknown.map((item) => row({ item, state: "pending", saved_at: now(new Date(mintedAt(item))) })));
}

const dayOf = (entry) => (entry.saved_at ?? now(new Date(mintedAt(entry.item)))).slice(0, 10);
const pick = (entries, items) => entries.filter((entry) => items.includes(entry.item));

function list(name, rows) {
  const section = document.querySelector(`[data-day-list=${name}]`);
  section.hidden = !rows.length;
  section.querySelector("ul").replaceChildren(...rows);
}

// What the server says of these items, or null when it can't be asked or answers something else.
async function ask(me, day, entries) {
  try {
    const { ticket } = await remembered(`ticket ${me}`);
    const answer = await fetch("/api/v1/sync/ledger", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", Authorization: `Bearer ${ticket}` },
      body: JSON.stringify({ day, items: entries.map(({ item, hash }) => [item, hash]) }),
      credentials: "omit",
    });
    const told = answer.ok ? await answer.json() : {};
    return ["missing_here", "different", "missing_there"].every((name) => Array.isArray(told[name])) ? told : null;
  } catch {
    return null;
  }
}
