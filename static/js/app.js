// What every page runs. The pages work without it: it adds the outbox, the plus and minus of numbers, and where focus goes.
import { focusFirstError } from "./focus.js";
import { startOutbox } from "./outbox.js";
import { startPractice } from "./practice.js";
import { startSteppers } from "./stepper.js";

document.documentElement.classList.add("js"); // the stylesheet shows what needs script only now

// A page that comes back out of the browser's memory may be of somebody who signed out since, or a form that was already sent.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.body.dataset.person) location.reload();
});

// What can wait comes when the page stands still and Save has long answered.
const later = () => setTimeout(() => document.head.append(Object.assign(document.createElement("script"), { src: document.documentElement.dataset.later })), 2000);
if (document.readyState === "complete") later();
else addEventListener("load", later);

// A search in the server's list that meets no network is asked again as a page, which the worker has.
document.addEventListener("htmx:error", ({ target }) => {
  if (navigator.serviceWorker?.controller && target.matches?.("form[role=search]")) target.submit();
});

startSteppers();
startPractice();
focusFirstError();
startOutbox();
