// An item as docs/sync.md has it: what it says, the hash and the signature of that, and how it goes over the wire.

export const SCHEMA = 1;
const text = new TextEncoder();

export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const bytesOf = (base64Text) => Uint8Array.from(atob(base64Text), (letter) => letter.charCodeAt(0));

// {hash, key, mac} of an item that is about to be kept, under the signing key {id, secret} of who saved it.
export async function signed({ item, op, ward, id, base, saved_at, needs, fields }, key) {
  const said = JSON.stringify([SCHEMA, op, ward, id, base, saved_at, needs, fields]);
  const digest = await crypto.subtle.digest("SHA-256", text.encode(said));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const mac = await crypto.subtle.sign("HMAC", key.secret, text.encode(`${item}\n${hash}`));
  return { hash, key: key.id, mac: base64(mac) };
}

// What is sent of an entry of the outbox: the item, or its sealed form once who saved it has gone.
export function onTheWire(entry) {
  if (entry.sealed) return { item: entry.item, sealed: entry.sealed };
  const { item, op, ward, id, base, saved_at, needs, fields, key, mac, seq, skew, tries, app } = entry;
  return { item, op, schema: SCHEMA, ward, id, base, saved_at, needs, fields, key, mac, seq, skew, tries, app };
}
