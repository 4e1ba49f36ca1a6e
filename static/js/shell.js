// Fills the worker's empty page out of what lies on this phone; then it is a page like any.
import { filled } from "./filled.js";
import { everything, open, packageOf, remembered } from "./storage.js";

const root = document.documentElement;

fill().then(() => import("./app.js"));

async function fill() {
  const pack = await ownPackage().catch(() => null); // no storage, nothing to show
  const entries = pack ? (await everything()).filter(({ person }) => person === pack.person) : [];
  const demo = document.querySelector("aside.demo") !== null;
  const around = { language: root.lang, path: location.pathname, search: location.search, demo, worker: root.dataset.worker, agent: navigator.userAgent };
  const { html, age, search } = filled(pack, entries, around);
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  document.querySelector("main").insertAdjacentHTML("afterbegin", age);
  if (search) searchHere(search);
}

// The package of who has the phone. Only one is kept at a time, so before anybody was enrolled it is the one there is.
async function ownPackage() {
  const person = await remembered("person");
  return person ? packageOf(person.id) : (await (await open()).getAll("package"))[0];
}

// The list answers while somebody types, as the server's does.
function searchHere(search) {
  const form = document.querySelector("form[role=search]");
  const again = () => {
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", `/households${String(asked) && `?${asked}`}`);
    document.getElementById("doors").outerHTML = search(asked);
  };
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(again, 100);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    again();
  });
}
