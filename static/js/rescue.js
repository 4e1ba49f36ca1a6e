// For a phone that finds no way to the server, or whose screen is about to go: its queue, sealed, as a file or as QR codes. Another
// phone takes it in and sends it; when both arrive the server keeps it once.
import { encode } from "uqr";
import { packed } from "./link.js";
import { sealed } from "./seal.js";
import { everything, remembered } from "./storage.js";

const SVG = "http://www.w3.org/2000/svg";
const LONGEST = 2900; // characters of the largest code

document.addEventListener("rescue", ({ detail: { wanted } }) => (wanted === "file" ? toFile() : toCodes()));

// Everything that the server has not answered yet, of everybody on this phone.
async function queue() {
  const seal = await remembered("seal");
  const waiting = (await everything()).filter((entry) => ["pending", "rejected"].includes(entry.state));
  return Promise.all(waiting.map(async (entry) => ({ about: entry.about, item: entry.item, sealed: entry.sealed ?? (await sealed(entry, seal)) })));
}

async function toFile() {
  const items = (await queue()).map(({ item, sealed }) => ({ item, sealed }));
  const file = new Blob([JSON.stringify({ tungnha: 1, items })], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `tung-nha-${items.length}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
}

async function toCodes() {
  const list = document.querySelector("[data-codes]");
  list.replaceChildren(...(await queue()).map(code));
  list.scrollIntoView();
}

function code({ about, ...box }) {
  const figure = document.createElement("figure");
  const address = `${location.origin}/sync/take-in#${packed(box)}`;
  const caption = Object.assign(document.createElement("figcaption"), { textContent: about?.door ?? "" });
  if (address.length > LONGEST) caption.textContent += ` ${document.querySelector("[data-codes]").dataset.long}`;
  else figure.append(drawn(address, about?.door ?? ""));
  figure.append(caption);
  return figure;
}

// Black on white in any theme, with the quiet zone that cameras need.
function drawn(address, label) {
  const { data, size } = encode(address, { ecc: "L", border: 4 });
  const dots = data.flatMap((line, y) => line.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  const svg = document.createElementNS(SVG, "svg");
  const put = (name, attributes) => {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  };
  for (const [key, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": `QR ${label}`, "shape-rendering": "crispEdges" }))
    svg.setAttribute(key, value);
  svg.dataset.address = address;
  put("rect", { width: size, height: size, fill: "#fff", stroke: "none" });
  put("path", { d: dots, fill: "#000", stroke: "none" }); // the stylesheet gives every drawing a line
  return svg;
}
