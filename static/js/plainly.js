// The way without the outbox: a plain post, so that a page of the server answers, with what was typed and what is wrong with it.
import { keepNow } from "./drafts.js";
import { keep } from "./storage.js";

export async function postPlainly(action, fields) {
  await keepNow(fields.find(([name]) => name === "id")?.[1] ?? "").catch(() => {});
  const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("textarea"), { name, value }));
  document.body.append(form);
  form.submit();
}

// The server's own page shows what has to be corrected. The entry is sent once more, should it have been taken in this way after all,
// and stays until another takes its place.
export async function handBack(entry) {
  await keep({ ...entry, state: "pending" });
  return postPlainly(entry.action, entry.fields);
}

// Whether the server itself answers, soon.
export async function reachable() {
  if (navigator.onLine === false) return false;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 4000);
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: abort.signal })).ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
