// The page of what waits (/sync): fills its lists out of this phone's outbox, and compares a day with the server.
import { openAgain } from "./drafts.js";
import { startDay } from "./ledger.js";
import { closed, sealed } from "./seal.js";
import { handBack, reachable } from "./plainly.js";
import { flush } from "./send.js";
import { everything, keep, remembered } from "./storage.js";

const LISTS = { act: ["rejected", "returned"], clash: ["conflict"], wait: ["pending"], there: ["accepted", "held"] };
const MOST = 50; // rows of what the server has
let me = null;

async function start() {
  me = document.body.dataset.person ?? (await remembered("person"))?.id;
  if (!me) return;
  await draw();
  document.querySelector("[data-phone]").hidden = false;
  new BroadcastChannel("outbox").onmessage = draw;
  for (const name of ["online", "offline"]) addEventListener(name, draw);
  document.querySelector("[data-send]").addEventListener("click", async () => {
    await flush({ tapped: true });
    draw();
  });
  startDay(me, row);
  document.addEventListener("click", rescue);
}

async function draw() {
  const all = await everything();
  const mine = all.filter((entry) => entry.person === me);
  for (const [name, states] of Object.entries(LISTS)) {
    const found = mine.filter((entry) => states.includes(entry.state));
    const section = document.querySelector(`[data-list=${name}]`);
    section.hidden = !found.length;
    section.querySelector("strong").textContent = found.length;
    section.querySelector("ul").replaceChildren(...found.reverse().slice(0, name === "there" ? MOST : undefined).map(row));
  }
  const known = new Set(mine.flatMap(({ item, id }) => [item, id]));
  for (const line of document.querySelectorAll("[data-known]")) line.hidden = known.has(line.dataset.known);
  for (const list of document.querySelectorAll("[data-server]")) list.hidden = !list.querySelector("li:not([hidden])");
  const others = all.filter((entry) => entry.person !== me && entry.state === "pending").length;
  show("[data-others]", others, { n: others });
  const refused = (await remembered(`ticket ${me}`))?.refused;
  show("[data-refused]", refused);
  show("[data-offline]", !navigator.onLine && !refused);
  show("[data-none]", !mine.some((entry) => entry.state !== "accepted"));
}

function show(what, when, words = {}) {
  const line = document.querySelector(what);
  line.hidden = !when;
  line.dataset.text ??= line.textContent;
  line.textContent = Object.entries(words).reduce((text, [name, value]) => text.replace(`{${name}}`, value), line.dataset.text);
}

// One row of a list: made of the page's template for its state.
export function row(entry) {
  const kind = entry.sealed ? `sealed-${entry.state}` : entry.state;
  const template = document.querySelector(`template[data-row="${kind}"]`) ?? document.querySelector("template[data-row=pending]");
  const line = template.content.firstElementChild.cloneNode(true);
  const slot = (name) => line.querySelector(`[data-slot=${name}]`);
  const { about = {}, saved_at = "", received } = entry;
  const time = (moment) => `${moment.slice(11, 16)}, ${Number(moment.slice(8, 10))}/${Number(moment.slice(5, 7))}`;
  line.querySelector(".plate").textContent = about.door || "?";
  slot("place").textContent = [about.place, word(entry.op ?? "sealed")].filter(Boolean).join(" · ");
  const text = slot("line").textContent.replace("{saved}", saved_at && time(saved_at));
  slot("line").textContent = text.replace("{received}", received ? new Date(received).toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" }) : "");
  const why = slot("why");
  if (why) why.textContent = [word(`${entry.state}.${entry.code}`), ...Object.values(entry.wrong ?? {})].filter(Boolean).join(" ");
  const href = addressOf(entry);
  if (href) line.querySelector("a").href = href;
  else line.querySelector("a").removeAttribute("href");
  for (const [name, act] of Object.entries(ACTS)) line.querySelector(`[data-act=${name}]`)?.addEventListener("click", () => act(entry));
  return line;
}

const word = (name) => document.querySelector("template[data-words]").content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";

function addressOf({ location, ward, fields, op, state }) {
  if (location) return location;
  const household = fields?.find(([name]) => name === "household")?.[1];
  return household && op !== "door" && state !== "rejected" ? `/households/${ward}/${household}` : null;
}

// What somebody may do about an item that came back.
const ACTS = {
  async correct(entry) {
    if (entry.state === "rejected" && (await reachable())) return handBack(entry);
    location.assign(await openAgain(entry));
  },
  // Sealed, it is kept by the server for the ward, whatever is wrong with it.
  async handover(entry) {
    await keep(closed(entry, await sealed(entry, await remembered("seal"))));
    await flush({ tapped: true });
    draw();
  },
};

// Files and QR codes come in a script of their own, fetched when they are asked for.
async function rescue(event) {
  const wanted = event.target.closest("[data-rescue]")?.dataset.rescue;
  if (!wanted) return;
  const src = document.querySelector("[data-rescue-src]").dataset.rescueSrc;
  if (!document.querySelector(`script[src="${src}"]`))
    await new Promise((onload, onerror) => document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror })));
  document.dispatchEvent(new CustomEvent("rescue", { detail: { wanted, me } }));
}

start();
