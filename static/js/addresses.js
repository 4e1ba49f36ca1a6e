// Which pages a phone can show by itself: the worker asks before it waits for the server, the shell to know what to fill.
const PAGES = [
  ["home", /^\/$/],
  ["doors", /^\/households$/],
  ["newDoor", /^\/households\/new$/],
  ["door", /^\/households\/(\d+)\/([0-9a-f-]{36})$/],
  ["visit", /^\/visits\/new$/],
  ["practice", /^\/visits\/practice$/],
  ["sync", /^\/sync$/],
  ["takeIn", /^\/sync\/take-in$/],
  ["groupCounts", /^\/group-counts\/new$/],
];

// The name of the page at a path, with the parts that the path names; null for a page that only the server has.
export function pageAt(path) {
  for (const [name, pattern] of PAGES) {
    const found = pattern.exec(path);
    if (found) return { name, parts: found.slice(1) };
  }
  return null;
}
