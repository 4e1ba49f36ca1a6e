// The worker that takes itself away, served when the server is set to have none. What waits in IndexedDB is not touched.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(takeAway()));

async function takeAway() {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
}
