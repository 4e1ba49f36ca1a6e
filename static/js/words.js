// Searching as the server does it (skills/text.py: fold, skills/households/find.py: query_words): accents, case and đ don't matter.

export function fold(text) {
  const spaced = text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "");
  const plain = spaced.normalize("NFD").toLowerCase().replace(/ß/g, "ss").normalize("NFD").replace(/\p{M}/gu, "");
  return plain.replace(/[đð]/g, "d").replace(/ +/g, " ").trim().normalize("NFC");
}

const SAID_ONLY = ["so", "nha", "duong"]; // "số nhà 12 đường Hàng Dừa"
const LANE = /\b(k)(?:iet[ .:-]*|[ .]*)(?=\d)|\b(h)(?:em[ .:-]*|[ .]*)(?=\d)/g;

// The words of a search, at most eight: "kiệt 45" as k45.
export function queryWords(query) {
  const words = fold(query).replace(/,/g, " ").split(" ").map((word) => word.replace(/^[/.,;:-]+|[/.,;:-]+$/g, ""));
  const said = words.filter((word) => word && !SAID_ONLY.includes(word)).join(" ");
  return said.replace(LANE, (_whole, k, h) => k ?? h).split(" ").filter(Boolean).slice(0, 8);
}
