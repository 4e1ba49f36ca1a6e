// What can wait until the page is ready for its person: the worker, what the phone takes along, the picture for a home screen.
import { takeAlong } from "./package.js";
import { startWorker } from "./worker.js";

const quietly = (work) => work.catch(() => {}); // no storage, no network, no worker: the page works all the same

document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href: "/manifest.webmanifest" }));
quietly(startWorker().catch(() => {}).then(() => takeAlong()));

// Pages tell each other what was sent.
const told = globalThis.BroadcastChannel && new BroadcastChannel("outbox");
told?.addEventListener("message", ({ data }) => data === "sent" && quietly(takeAlong(true)));
