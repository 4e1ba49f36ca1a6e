// The flag in the bar: what waits on this phone, in words. And the strip when something waits for days.
import { mintedAt } from "./mint.js";
import { everything, remembered } from "./storage.js";

const DAY = 86400e3;

export async function showWaiting(me) {
  const flag = document.querySelector(".sync");
  if (!flag) return;
  const mine = (await everything()).filter((entry) => entry.person === me);
  const count = (...states) => mine.filter((entry) => states.includes(entry.state)).length;
  const [bad, waits] = [count("rejected", "returned"), count("pending")];
  const refused = waits > 0 && (await remembered(`ticket ${me}`))?.refused;
  const says = bad ? "bad" : refused ? "ask" : waits ? "wait" : "ok";
  const words = flag.dataset[says === "wait" && waits === 1 ? "one" : says];
  flag.dataset.state = { ask: "bad" }[says] ?? says;
  flag.querySelector("span").textContent = words.replace("{n}", bad || waits);
  showAge(mine.filter((entry) => entry.state === "pending"));
}

// Yellow after three days, red after six: somebody has to go where there is a network, or hand the phone to somebody who can help.
function showAge(pending) {
  const age = Math.max(0, ...pending.map((entry) => Date.now() - mintedAt(entry.item)));
  document.querySelector("main > [data-age]")?.remove();
  if (age < 3 * DAY) return;
  const note = document.querySelector("template[data-age]")?.content.firstElementChild.cloneNode(true);
  if (!note) return;
  note.dataset.age = "";
  note.dataset.kind = age < 6 * DAY ? "wait" : "bad";
  const told = note.querySelector("p");
  told.textContent = told.dataset.says.replace("{n}", Math.floor(age / DAY));
  document.querySelector("main").prepend(note);
}
