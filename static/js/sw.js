// The worker: keeps the program's own files and an empty page in each language, and shows that page where the server doesn't answer.
// Pages of people are never kept here; what fills the empty page lies in IndexedDB. self.KEPT is written by skills/web/worker.py.
import { PrecacheController } from "workbox-precaching/PrecacheController.js";
import { pageAt } from "./addresses.js";
import { leaveFirst } from "./leave.js";
import { flush } from "./send.js";
import { remembered } from "./storage.js";

const PATIENCE = 3000; // ms that the server has for a page that the phone can show too
const QUIET = 30_000; // ms without asking again after it did not answer
const AWAY = [502, 503, 504]; // somebody else answers, or it says itself that it can't now

const kept = new PrecacheController({ cacheName: "tungnha-precache" }); // whoever leaves the phone deletes all others
kept.addToCacheList(self.KEPT);
let quietUntil = 0;

// A new version waits until a page says that its person wants it; the first one starts at once.
self.addEventListener("install", (event) => kept.install(event));
self.addEventListener("activate", (event) => {
  kept.activate(event);
  event.waitUntil(self.clients.claim());
});
self.addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
  if (data === "online") quietUntil = 0;
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (request.method === "GET" && kept.getCacheKeyForURL(url.href)) event.respondWith(file(request));
});

async function file(request) {
  return (await kept.matchPrecache(request.url)) ?? fetch(request);
}

// The server first, as long as it answers: only it knows everything.
async function page(request, url) {
  const here = request.method === "GET" ? pageAt(url.pathname) : null;
  if (here?.name !== "takeIn" && (await leaveFirst().catch(() => false))) return shell(null); // her session still lives on the server
  const mine = here !== null;
  if (mine && Date.now() < quietUntil) return shell(here);
  try {
    const answer = await (mine ? soon(fetch(request)) : fetch(request));
    if (mine && AWAY.includes(answer.status)) throw new Error(answer.status);
    quietUntil = 0;
    return answer;
  } catch {
    quietUntil = Date.now() + QUIET;
    return request.method === "GET" ? shell(here) : Response.redirect("/cannot-send", 303);
  }
}

function soon(answer) {
  return Promise.race([answer, new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("no answer in time")))]);
}

// The page for this address: the empty one, or one that its own script fills.
async function shell(here) {
  const language = (await remembered("language").catch(() => null)) === "en" ? "en" : "vi";
  const own = { sync: "/sync", takeIn: "/take-in" }[here?.name] ?? "";
  return (await kept.matchPrecache(`/shell/${language}${own}`)) ?? Response.error();
}

// Where the browser can, it sends what waits once there is a network, with no page open.
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(leaveFirst().catch(() => {}).then(() => flush()));
});
