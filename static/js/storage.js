// What this phone keeps, in IndexedDB. Four stores:
//   outbox   {item, person, op, ward, id, base, needs, saved_at, fields, hash, key, mac, seq, skew, app, action, about, state,
//            tries, late, …}, one for each Save; after a sign-out only {item, person, state, seq, late, sealed}
//   package  {person, …}: the doors that a person takes along; deleted when somebody else takes the phone
//   drafts   {address, person, at, forms}: what was typed and not saved yet; deleted with the package
//   meta     small things by name: device, person (who has the phone), "key ID" and "ticket ID" of each person, seal, epoch,
//            seq and minted (the last counter and id given out), skew, rest (when to try again), leaving (whose session must end)
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
      blocking: (_old, _new, event) => (event.target.close(), (opened = undefined)), // a newer page or worker must not wait for this one
      terminated: () => (opened = undefined),
    }),
    new Promise((_, reject) => setTimeout(reject, 3000, new Error("no answer from storage"))),
  ]);
  opened.catch(() => (opened = undefined)); // the next one may try again
  return opened;
}

// One change in one transaction over the named stores: all of it or nothing. `write` gets a function from name to store and may wait
// for nothing but these stores. Resolves to what it returned, when that is on the disk.
export async function change(names, write) {
  const transaction = (await open()).transaction(names, "readwrite", DISK);
  const written = Promise.resolve(write((name) => transaction.objectStore(name))).catch((error) => {
    transaction.abort();
    throw error;
  });
  const [result] = await Promise.all([written, transaction.done]);
  return result;
}

export const keep = (entry) => change(["outbox"], (store) => store("outbox").put(entry));
export const remove = (item) => change(["outbox"], (store) => store("outbox").delete(item));

// Oldest first: item ids sort by the time at which they were minted.
export async function kept(person, ...states) {
  const all = await everything();
  return all.filter((entry) => entry.person === person && states.includes(entry.state));
}

export const everything = async () => (await open()).getAll("outbox");
export const remembered = async (name) => (await open()).get("meta", name);
export const remember = (name, value) => change(["meta"], (store) => store("meta").put(value, name));

export const packageOf = async (person) => (await open()).get("package", person);
export const keepPackage = (pack) => change(["package"], (store) => store("package").put(pack));
