// A phone that goes from hand to hand. Who leaves takes along everything that can be read: drafts, doors, the key for signing. What
// she saved and was not answered yet is sealed and still goes out under her name, with the ticket that stays.
//
// One rule repairs whatever was interrupted: what lies here in clear belongs to somebody whose signing key is here too.
import { closed, sealed } from "./seal.js";
import { tellPages } from "./send.js";
import { change, everything, open, remembered } from "./storage.js";

// Everybody's things go but those of `stays` (null: nobody stays). `signedOut`: whose session is to be ended, too.
export async function leave(stays = null, signedOut = null) {
  await change(["meta", "drafts", "package"], async (store) => {
    const meta = store("meta");
    for (const name of await meta.getAllKeys()) if (name.startsWith("key ") && name !== `key ${stays}`) meta.delete(name);
    if ((await meta.get("person"))?.id !== stays) meta.delete("person");
    if (signedOut) meta.put(signedOut, "leaving");
    for (const draft of await store("drafts").getAll()) if (draft.person !== stays) store("drafts").delete(draft.address);
    for (const person of await store("package").getAllKeys()) if (person !== stays) store("package").delete(person);
  });
  await sealStrangers();
  await clearCopies();
  tellPages("left");
}

// Seals every entry whose person has no signing key here. Safe to run at any time, and run at every start.
export async function sealStrangers() {
  const seal = await remembered("seal");
  const keys = await (await open()).getAllKeys("meta");
  const clear = (await everything()).filter((entry) => !entry.sealed && !keys.includes(`key ${entry.person}`));
  if (!clear.length || !seal) return;
  const boxes = await Promise.all(clear.map((entry) => sealed(entry, seal)));
  await change(["outbox"], async (store) => {
    for (const [n, { item }] of clear.entries()) {
      const entry = await store("outbox").get(item); // it may have been answered in the meantime
      if (entry && !entry.sealed) store("outbox").put(closed(entry, boxes[n]));
    }
  });
}

// What else a browser may have kept of her pages. The precache holds pages of nobody, and stays.
async function clearCopies() {
  for (const area of ["sessionStorage", "localStorage"]) globalThis[area]?.clear();
  for (const name of (await globalThis.caches?.keys()) ?? []) if (!name.includes("precache")) await caches.delete(name);
}

// Ends the session of who signed out without a network. For the worker, before it answers any navigation: true means that the server
// could not be told yet, so her session still lives there, and no page but the one for signing in may be shown.
export async function leaveFirst() {
  const leaving = await remembered("leaving");
  if (!leaving) return false;
  try {
    const headers = { "X-Person": leaving, Accept: "application/json" }; // if somebody else has signed in since, they stay
    const answer = await fetch("/sign-out", { method: "POST", headers, credentials: "same-origin", redirect: "error" });
    if (answer.status !== 204) return true; // some other network's page
  } catch {
    return true;
  }
  await change(["meta"], (store) => store("meta").delete("leaving"));
  return false;
}
