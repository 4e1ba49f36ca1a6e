// What this phone keeps, in IndexedDB. Four stores:
//   outbox   {item, person, op, ward, id, base, needs, saved_at, fields, hash, key, mac, seq, app, state, …}, one for each Save;
//            after a sign-out only {item, person, state, seq, sealed}
//   package  {person, …}: the doors that a person takes along; deleted when somebody else takes the phone
//   drafts   {address, person, fields, at}: what was typed and not saved yet; deleted with the package
//   meta     small things by name: device, tickets, signing keys, epoch, counter, clock
import { openDB } from "idb";

const STORES = { outbox: "item", package: "person", drafts: "address", meta: undefined };
const DISK = { durability: "strict" }; // on the disk, not in a buffer

let opened;
export function open() {
  // Some browsers never answer when storage is broken: after three seconds that is a no.
  opened ??= Promise.race([
    openDB("tungnha", 2, {
      upgrade(db) {
        for (const [name, keyPath] of Object.entries(STORES))
          if (!db.objectStoreNames.contains(name)) db.createObjectStore(name, keyPath ? { keyPath } : undefined);
      },
      blocking: (_old, _new, event) => event.target.close(), // a newer page or worker must not wait for this one
    }),
    new Promise((_, reject) => setTimeout(reject, 3000, new Error("no answer from storage"))),
  ]);
  return opened;
}

// One change in one transaction over the named stores. Resolves when it is on the disk.
export async function change(names, write) {
  const transaction = (await open()).transaction(names, "readwrite", DISK);
  await Promise.all([write((name) => transaction.objectStore(name)), transaction.done]);
}

export const keep = (entry) => change(["outbox"], (store) => store("outbox").put(entry));
export const remove = (item) => change(["outbox"], (store) => store("outbox").delete(item));

// Oldest first: item ids sort by the time at which they were minted.
export async function kept(person, state) {
  const all = await (await open()).getAll("outbox");
  return all.filter((entry) => entry.person === person && entry.state === state);
}

export const everything = async () => (await open()).getAll("outbox");
export const remembered = async (name) => (await open()).get("meta", name);
export const remember = (name, value) => change(["meta"], (store) => store("meta").put(value, name));

export const packageOf = async (person) => (await open()).get("package", person);
export const keepPackage = (pack) => change(["package"], (store) => store("package").put(pack));
