// Sealing: what is closed here only the server can open (docs/sync.md, "Sealed"). P-256, HKDF, AES-256-GCM, all of the browser.
import { base64, bytesOf, onTheWire } from "./item.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = new TextEncoder();

// The sealed form of an entry, under the server's key {id, public}. A new pair of keys for each, so that this phone cannot open it.
export async function sealed(entry, seal) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  const server = await crypto.subtle.importKey("raw", bytesOf(seal.public), CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, pair.privateKey, 256);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: point, info: text.encode("tungnha-item-1") },
    await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const closed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: text.encode(entry.item) },
    key,
    text.encode(JSON.stringify(onTheWire(entry))),
  );
  return { key: seal.id, point: base64(point), iv: base64(iv), text: base64(closed) };
}

// An entry of which nothing can be read but that it is there. What was rejected is pending again: a sealed item the server keeps for
// the ward, since nobody on this phone can correct it any more.
export const closed = ({ item, person, state, seq, late }, box) => ({
  item,
  person,
  state: state === "rejected" ? "pending" : state,
  seq,
  late: late ?? 0,
  sealed: box,
});
