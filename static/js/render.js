// What the templates need when they run here: Jinja's and Python's way with values, our filters, and the two languages.
// static/templates_to_js.py writes the calls; tests/test_templates_to_js.py holds both renderings together.

class Safe {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

export const safe = (value) => (value instanceof Safe ? value : new Safe(String(value)));
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

// A value as it stands in the page. A name that the page was not given is an error here too, not a blank.
export function out(value) {
  return value instanceof Safe ? value.text : string(value).replace(/[&<>"']/g, (sign) => ESCAPES[sign]);
}

export function string(value) {
  if (value === undefined) throw new Error("a name that this page was not given");
  if (value instanceof Safe || typeof value === "string") return value;
  return value === null ? "None" : value === true ? "True" : value === false ? "False" : String(value);
}

const plain = (value) => (value instanceof Safe ? value.text : value);
export const isText = (value) => typeof plain(value) === "string";

// Python's truth: what is empty is false.
export function yes(value) {
  if (value === undefined) throw new Error("a name that this page was not given");
  value = plain(value);
  if (value && typeof value === "object") return (Array.isArray(value) ? value : Object.keys(value)).length > 0;
  return Boolean(value);
}
export const and = (left, right) => (yes(left) ? right() : left);
export const or = (left, right) => (yes(left) ? left : right());
export const eq = (left, right) => plain(left) === plain(right);
export function holds(value, many) {
  if (Array.isArray(many)) return many.some((one) => eq(one, value));
  return isText(many) ? plain(many).includes(plain(value)) : plain(value) in many;
}

export const each = (many) => (Array.isArray(many) ? many : Object.keys(many));
export const slice = (many, from, to) => many.slice(from, to);
export const add = (left, right) => (Array.isArray(left) ? [...left, ...right] : typeof left === "number" ? left + right : join(left, right));
export function join(...parts) {
  return parts.some((part) => part instanceof Safe) ? safe(parts.map(out).join("")) : parts.map(string).join("");
}
export const within = (context, names) => Object.assign(Object.create(context), names);
export const asset = () => ""; // the head of the page is there already

// A method of what the page was given, else of a dictionary.
const METHODS = {
  get: (dictionary, key, otherwise = null) => (plain(key) in dictionary ? dictionary[plain(key)] : otherwise),
  items: (dictionary) => Object.entries(dictionary),
};
export const call = (owner, name, ...given) => (typeof owner[name] === "function" ? owner[name](...given) : METHODS[name](owner, ...given));

// Sentences: Vietnamese is what stands in the templates.

let language = "vi";
let words = {};
let weekdays = {};
export function speak(wanted, known) {
  language = wanted;
  words = wanted === "en" ? known.words : {};
  weekdays = known.weekdays;
}

const filled = (text, given) => safe(text.replace(/%\((\w+)\)s|%%/g, (sign, name) => (name ? out(given[name]) : "%")));
export const say = (text, given = {}) => filled(words[text] ?? text, given);
export function count(one, many, n, given = {}) {
  const known = words[one];
  return filled(known ? known[n === 1 ? 0 : 1] : one, { num: n, ...given });
}

// Filters, as in skills/web/render.py. Days are 2026-08-28, moments 2026-08-28T09:05:00+07:00.

const NOTHING = "—";
const AHEAD = 7 * 3600_000; // Vietnam's wall clock, all year
export const vietnam = (moment) => new Date(Date.parse(moment) + AHEAD).toISOString();
const dayOf = (moment) => (moment.length > 10 ? vietnam(moment).slice(0, 10) : moment);

export const num = (number) => (number === null ? NOTHING : String(number).replace(/\B(?=(\d{3})+$)/g, language === "en" ? "," : "."));
export const day = (moment) => (moment === null ? NOTHING : dayOf(moment).split("-").reverse().join("/"));
export const day_short = (moment) => (moment === null ? NOTHING : dayOf(moment).split("-").slice(1).reverse().map(Number).join("/"));
export const clock = (moment) => (moment === null ? NOTHING : vietnam(moment).slice(11, 16));
export const weekday = (moment) => weekdays[language][(new Date(dayOf(moment)).getUTCDay() + 6) % 7];

export function batch(many, size) {
  return Array.from({ length: Math.ceil(many.length / size) }, (_, row) => many.slice(row * size, (row + 1) * size));
}
export const length = (many) => (isText(many) ? [...plain(many)] : each(many)).length;
export function tojson(dictionary) {
  const told = Object.entries(dictionary).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return safe(`{${told.join(", ")}}`.replace(/[<>&']/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`));
}
export const min = (many) => many.reduce((least, one) => (one < least ? one : least));
export function xmlattr(attributes) {
  const told = Object.entries(attributes).filter(([, value]) => value !== null);
  return safe(told.map(([name, value]) => ` ${out(name)}="${out(value)}"`).join(""));
}
export function format(pattern, ...given) {
  return plain(pattern).replace(/%(?:\.(\d)f|[sd%])/g, (sign, digits) => (sign === "%%" ? "%" : digits ? fixed(given.shift(), Number(digits)) : string(given.shift())));
}

// Half to even, as Python rounds; toFixed takes exact halves up.
function fixed(number, digits) {
  const half = Number.isInteger(number * 2 ** (digits + 1)) && (number * 10 ** digits) % 1 === 0.5;
  return half && Math.floor(number * 10 ** digits) % 2 === 0 ? (Math.floor(number * 10 ** digits) / 10 ** digits).toFixed(digits) : number.toFixed(digits);
}
