// What this phone takes along: the doors of its person, asked for anew now and then, so that every page opens without a network too.
import { change, packageOf } from "./storage.js";

const EVERY = 10 * 60_000; // ms
const SOONEST = 60_000;

// `now`: something was sent, so what the server knows has changed.
export async function takeAlong(now = false) {
  const { person } = document.body.dataset;
  if (!person || !("takesDoors" in document.documentElement.dataset) || navigator.onLine === false) return;
  const before = await packageOf(person);
  if (before && Date.now() - before.asked < (now ? SOONEST : EVERY)) return;
  const headers = before ? { "If-None-Match": before.etag } : {};
  const answer = await fetch("/api/v1/package", { headers, credentials: "same-origin", cache: "no-store", redirect: "error" });
  if (answer.status === 304) return keepFor(person, { ...before, at: new Date().toISOString(), asked: Date.now() });
  if (!answer.ok) return;
  const found = await answer.json();
  if (found.person?.id !== person || !found.doors) return; // another network's page, or somebody else has signed in
  await keepFor(person, { ...found, who: found.person, person, etag: answer.headers.get("ETag"), asked: Date.now() });
}

// One person's at a time; and nobody's, if the phone was given to somebody else meanwhile, or she signed out.
async function keepFor(person, pack) {
  await change(["package", "meta"], async (store) => {
    if ((await store("meta").get("person"))?.id !== person) return;
    await store("package").clear();
    await store("package").put(pack);
  });
}
