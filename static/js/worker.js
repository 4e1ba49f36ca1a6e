// Has the worker started on this phone, or taken away, as the page says; and offers a new version once it is here.
import { remember, remembered } from "./storage.js";

const root = document.documentElement;

export async function startWorker() {
  if (!navigator.serviceWorker) return;
  if (root.dataset.worker === "off") return takeAway();
  if ((await remembered("language")) !== root.lang) await remember("language", root.lang); // which shell to show
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  addEventListener("online", () => registration.active?.postMessage("online"));
  offer(registration);
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", () => offer(registration)));
}

// Asks for /sw.js, which is now the worker that takes itself away.
async function takeAway() {
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.update();
}

// A page in which somebody may be writing is left alone: the next one will say it.
function offer({ waiting }) {
  const words = document.querySelector("template[data-new-version]");
  if (!waiting || !navigator.serviceWorker.controller || !words || document.querySelector("main form[data-outbox]")) return;
  document.querySelector("main > [data-new-version]")?.remove();
  const strip = words.content.firstElementChild.cloneNode(true);
  strip.dataset.newVersion = "";
  strip.querySelector("button").addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("take over");
  });
  document.querySelector("main").prepend(strip);
}
