// Takes in what another phone could not send (/sync/take-in): one item out of a scanned address, or the items of a file. They are
// sealed; this phone only carries them, and hands them in with its own ticket.
import { unpacked } from "./link.js";
import { flush } from "./send.js";
import { change, everything, open, remembered } from "./storage.js";

const told = document.querySelector("[data-told]");
const say = (name, n = 0) => (told.textContent = told.dataset[name].replace("{n}", n));

async function start() {
  const file = document.querySelector("input[type=file]");
  file.addEventListener("change", async () => takeIn(await itemsOf(file.files[0])));
  addEventListener("hashchange", fromAddress);
  await fromAddress();
}

async function fromAddress() {
  if (location.hash.length < 2) return;
  const box = unpacked(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  await takeIn(box ? [box] : []);
}

async function itemsOf(file) {
  try {
    const { tungnha, items } = JSON.parse(await file.text());
    return tungnha === 1 && Array.isArray(items) ? items.filter(({ item, sealed }) => typeof item === "string" && sealed?.text) : [];
  } catch {
    return [];
  }
}

async function takeIn(boxes) {
  if (!boxes.length) return say("unreadable");
  const carrier = await whoCarries();
  if (!carrier) return say("nobody");
  await change(["outbox", "meta"], async (store) => {
    let seq = (await store("meta").get("seq")) ?? 0;
    for (const { item, sealed } of boxes) {
      if (await store("outbox").get(item)) continue; // taken in before, or this phone's own
      store("outbox").put({ item, person: carrier, state: "pending", seq: ++seq, late: 0, sealed });
    }
    store("meta").put(seq, "seq");
  });
  say("kept", boxes.length);
  await flush({ tapped: true });
  const waiting = (await everything()).filter(({ item, state }) => state === "pending" && boxes.some((box) => box.item === item)).length;
  if (!waiting) say("sent", boxes.length);
}

// Who holds this phone, else anybody whose ticket it still has.
async function whoCarries() {
  const holder = (await remembered("person"))?.id;
  if (holder && (await remembered(`ticket ${holder}`))) return holder;
  const names = await (await open()).getAllKeys("meta");
  return names.find((name) => name.startsWith("ticket "))?.slice("ticket ".length);
}

start().catch(() => say("broken"));
