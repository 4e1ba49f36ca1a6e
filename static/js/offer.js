// What was sent stays here for 14 days: a server that was restored from a backup has another epoch, and is offered it again.
import { mintedAt } from "./mint.js";

export const KEPT_FOR = 14 * 86400e3;

// Puts everything that the server was sent back to pending when its epoch is another than before, but for `just`: the items that it
// has answered under the new one. What was refused too: what waits for it would wait for ever at a server that never saw it. Inside a transaction over meta and outbox.
export async function offerAgain(store, epoch, just = []) {
  const before = await store("meta").get("epoch");
  if (before === epoch) return;
  store("meta").put(epoch, "epoch");
  if (before === undefined) return;
  for (const entry of await store("outbox").getAll())
    if (entry.state !== "pending" && !just.includes(entry.item)) store("outbox").put({ ...entry, state: "pending" });
}

// Whether an entry has been kept long enough: counted 14 days ago, or sealed and at the server in any form.
export function isOver(entry) {
  const since = entry.received ?? mintedAt(entry.item);
  const there = entry.state === "accepted" || (entry.sealed && entry.state !== "pending");
  return there && Date.now() - since > KEPT_FOR;
}
