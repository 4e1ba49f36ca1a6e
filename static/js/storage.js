// What waits on this phone, in IndexedDB: {item, person, action, fields, at, state: "pending" or "refused"}, one for each Save.
import { openDB } from "idb";

let opened;
export function open() {
  // Some browsers never answer when storage is broken: after three seconds that is a no.
  opened ??= Promise.race([
    openDB("tungnha", 1, { upgrade: (db) => void db.createObjectStore("outbox", { keyPath: "item" }) }),
    new Promise((_, reject) => setTimeout(reject, 3000, new Error("no answer from storage"))),
  ]);
  return opened;
}

export async function keep(entry) {
  const change = (await open()).transaction("outbox", "readwrite", { durability: "strict" }); // on the disk, not in a buffer
  await Promise.all([change.store.put(entry), change.done]);
}

export async function remove(item) {
  await (await open()).delete("outbox", item);
}

// Oldest first: item ids sort by the time at which they were minted.
export async function kept(person, state) {
  const all = await (await open()).getAll("outbox");
  return all.filter((entry) => entry.person === person && entry.state === state);
}
