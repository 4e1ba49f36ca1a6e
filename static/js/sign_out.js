// Signing out at the foot of the page. Works without a network: this phone forgets her at once, the server ends the session later.
import { leave, leaveFirst } from "./leave.js";
import { open } from "./storage.js";

export let goingOut = false; // this page is doing it; pages in other windows follow
let sure = false;

export function startSignOut(me) {
  const form = document.querySelector("form[action='/sign-out']");
  document.querySelector(".foot [href='/switch']")?.addEventListener("click", (event) => {
    event.preventDefault(); // who hands the phone on leaves it first; the page after that asks who has it
    form.querySelector("button").click();
  });
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const drafts = (await (await open()).getAll("drafts")).filter((draft) => draft.person === me);
    if (drafts.length && !sure) {
      sure = true; // the sentence stands there now; the next tap is the answer
      const told = form.querySelector("[data-drafts]");
      told.hidden = false;
      told.textContent = told.dataset.drafts;
      return;
    }
    goingOut = true;
    await leave(null, me);
    const later = await leaveFirst();
    if (later && !navigator.serviceWorker?.controller) return sayGone(form); // no worker that could show the page for signing in
    location.replace("/sign-in");
  });
}

// Nothing of hers may stand on the screen while there is no network to load another page with.
function sayGone(form) {
  const told = Object.assign(document.createElement("p"), { textContent: form.dataset.gone, role: "status" });
  document.title = "Từng Nhà";
  history.replaceState(null, "", "/sign-in");
  const main = Object.assign(document.createElement("main"), { id: "main" });
  main.append(told);
  document.body.replaceChildren(main);
  delete document.body.dataset.person;
}
