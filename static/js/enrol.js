// Makes this phone one from which a person may save without a network: the server gives it a ticket for handing in, a key for signing
// what is saved, and the key to which things are sealed. Without WebCrypto (plain http) it stays a phone that posts forms.
import { bytesOf } from "./item.js";
import { offerAgain } from "./offer.js";
import { change, remembered } from "./storage.js";

const RENEW = 150 * 86400e3; // a ticket lasts 180 days

// Whether `me` can save on this phone. Asks the server only when something is missing or runs out soon.
export async function enrol(me) {
  if (!globalThis.crypto?.subtle) return false;
  const once = () => (navigator.locks ? navigator.locks.request("enrol", () => ask(me)) : ask(me));
  return (await enrolled(me)) || once();
}

async function enrolled(me) {
  const [key, ticket] = await Promise.all([remembered(`key ${me}`), remembered(`ticket ${me}`)]);
  return Boolean(key && ticket && !ticket.refused && Date.now() - ticket.at < RENEW);
}

async function ask(me) {
  if (await enrolled(me)) return true; // another page was quicker
  const still = Boolean(await remembered(`key ${me}`)); // an old key is better than none
  try {
    const answer = await fetch("/api/v1/devices", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-Person": me },
      body: JSON.stringify({ device: (await remembered("device")) ?? null, label: browserName() }),
    });
    const told = answer.ok ? await answer.json() : {};
    return told.person === me && told.ticket ? await keepTold(me, told) : still;
  } catch {
    return still;
  }
}

async function keepTold(me, told) {
  const how = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", bytesOf(told.key.secret), how, false, ["sign"]);
  const skew = Date.parse(told.server_time) - Date.now();
  return change(["meta", "outbox"], async (store) => {
    const meta = store("meta");
    if ((await meta.get("person"))?.id !== me) return false; // signed out in the meantime
    meta.put({ id: told.key.id, secret }, `key ${me}`);
    meta.put({ ticket: told.ticket, at: Date.now() }, `ticket ${me}`);
    for (const name of ["device", "seal"]) meta.put(told[name], name);
    meta.put(skew, "skew");
    await offerAgain(store, told.epoch);
    return true;
  });
}

// "Chrome · Android": by which somebody recognises the phone in a list.
function browserName() {
  const told = navigator.userAgent;
  const first = (names) => names.find(([mark]) => told.includes(mark))?.[1] ?? "?";
  const browser = [["Edg", "Edge"], ["Firefox", "Firefox"], ["FxiOS", "Firefox"], ["Chrome", "Chrome"], ["CriOS", "Chrome"], ["Safari", "Safari"]];
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]];
  return `${first(browser)} · ${first(system)}`;
}
