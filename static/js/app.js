// What every page runs. The pages work without it: it adds the outbox, the plus and minus of numbers, and where focus goes.
import { focusFirstError } from "./focus.js";
import { startOutbox } from "./outbox.js";
import { startSteppers } from "./stepper.js";

document.documentElement.classList.add("js"); // the stylesheet shows what needs script only now

// A page that comes back out of the browser's memory may be of somebody who signed out since, or a form that was already sent.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.body.dataset.person) location.reload();
});

startSteppers();
focusFirstError();
startOutbox();
