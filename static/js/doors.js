// The doors as this phone knows them: those taken along, and on top of them what waits in the outbox. The lists are those of
// skills/households/browse.py and skills/home/today.py; tests hold them together by the pages that come out.
import { vietnam } from "./render.js";
import { fold, queryWords } from "./words.js";

const AT_ONCE = 200; // doors on a page
const FEW = 3; // groups whose doors are shown together
const [MOST_DUE, MOST_STRIPS, MOST_WAITING] = [3, 4, 6];
const MANAGED = "3"; // the highest level of a skill
const UNTOLD = ["rejected", "returned"]; // what the server did not take is no visit yet
const DOOR = { is_business: 0, room: "", fold: "", mark: "todo", last_on: null, last_outcome: "", last_at: null, last_met_on: null, away_times: 0, follow_up_on: null, last_skills: [], alone_skills: 0, cores: "" };

export const todayHere = () => vietnam(new Date().toISOString()).slice(0, 10);
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400_000);

// Everything that the pages ask for. `entries`: what this person has in the outbox, oldest first.
export function readPackage(pack, entries, language, today = todayHere()) {
  const name = ([, vi, en]) => (language === "en" ? en : vi);
  const skills = pack.skills.map(([id, short_vi, short_en, core, taught]) => ({ id, short_vi, short_en, core, taught }));
  const found = {
    today,
    pack,
    rows: pack.doors.map((line) => opened(pack, line)),
    groups: pack.groups.map(([id, name, short_name, ward, place, doors, done, due]) => ({ id, name, short_name, ward, place, doors, done, due })),
    skills: skills.filter((skill) => skill.taught),
    skillNames: Object.fromEntries(pack.skills.map((skill) => [skill[0], name(skill)])),
    coreOf: Object.fromEntries(skills.map((skill) => [skill.id, skill.core])),
    audiences: pack.audiences.map(([id, short_vi, short_en]) => ({ id, short_vi, short_en })),
    cores: pack.cores.map((core) => [core[0], name(core)]),
    newcomer: pack.newcomer,
  };
  for (const entry of entries) if (!entry.sealed && !UNTOLD.includes(entry.state)) lay(found, entry);
  for (const row of found.rows) row.late = row.follow_up_on ? Math.max(days(row.follow_up_on, today), 0) : 0;
  return found;
}

function opened(pack, line) {
  const row = { ...DOOR };
  pack.columns.forEach((column, n) => n < line.length && (row[column] = line[n]));
  const [street, lane, heading] = pack.places[row.place];
  const one_person = row.cores.includes("5");
  return { ...row, ward_id: row.ward, street, lane, heading, one_person, cores: row.cores.replace("5", "") };
}

// What waits is shown as done, until a newer package says it itself.
function lay(found, entry) {
  const said = (name) => entry.fields.find(([field]) => field === name)?.[1] ?? "";
  if (entry.op === "door") addDoor(found, entry, said);
  const row = entry.op === "visit" && found.rows.find(({ id }) => id === said("household"));
  if (!row || (row.last_at && Date.parse(row.last_at) >= Date.parse(entry.saved_at))) return;
  found.newcomer = false;
  const on = said("visited_on") || vietnam(entry.saved_at).slice(0, 10);
  if (row.last_on && on < row.last_on) return; // typed in later: what happened since stands
  Object.assign(row, { last_on: on, last_at: entry.saved_at, last_outcome: said("outcome") });
  if (said("outcome") === "absent") row.away_times += 1;
  else knocked(found, row, entry, said, on);
}

function knocked(found, row, entry, said, on) {
  const back = said("come_back_on") || (said("come_back_in") && dayAfter(on, Number(said("come_back_in")))) || null;
  Object.assign(row, { away_times: 0, follow_up_on: said("outcome") === "declined" ? null : back });
  if (said("outcome") !== "met") return (row.mark = said("outcome") === "declined" ? "refuse" : "back");
  const taught = entry.fields.filter(([field]) => field === "skill").map(([, id]) => id);
  const alone = taught.filter((id) => said(`level-${id}`) === MANAGED);
  row.last_met_on = on;
  row.last_skills = taught.map(Number).sort((a, b) => a - b);
  row.alone_skills = Math.max(row.alone_skills, alone.length);
  row.cores = [..."DMTAN"].filter((core) => row.cores.includes(core) || alone.some((id) => found.coreOf[id] === core)).join("");
  row.one_person ||= said("five_by_one") === "true";
  row.mark = row.alone_skills ? "self" : back ? "back" : "met";
}

const dayAfter = (day, more) => new Date(Date.parse(day) + more * 86400_000).toISOString().slice(0, 10);

function addDoor(found, entry, said) {
  if (found.rows.some(({ id }) => id === entry.id)) return;
  const group = found.groups.findIndex(({ id }) => id === Number(said("group")));
  const [number, room, street] = ["number", "room", "street"].map((name) => said(name).trim());
  const painted = number.toUpperCase().replace(/^KIỆT *(?=\d)/, "K");
  const lane = /^K\d+[A-ZĐ]*/.exec(painted)?.[0] ?? "";
  const heading = lane ? `Kiệt ${lane.slice(1)} ${street}` : street;
  const row = { ...DOOR, id: entry.id, ward_id: entry.ward, group, number: painted, room, street, lane, heading, one_person: false };
  row.is_business = said("is_business") ? 1 : 0;
  row.fold = fold(`${painted} ${room} ${street} ${heading} ${painted.split("/").slice(1).join(" ")}`);
  const before = found.rows.findLastIndex?.((other) => other.heading === heading) ?? -1; // behind its neighbours, else last
  found.rows.splice(before + 1 || found.rows.length, 0, row);
}

// Lists

const marksOf = (rows) => {
  const marks = { todo: 0, met: 0, back: 0, self: 0, refuse: 0 };
  for (const row of rows) marks[row.mark] += 1;
  return marks;
};
const inGroup = (found, group) => (group ? found.rows.filter((row) => found.groups[row.group] === group) : found.rows);
const isDue = (row, today) => row.follow_up_on !== null && row.follow_up_on <= today;

// The group asked for, or the only one; null for all. A group that is not here is one of all.
export function chosen(found, id) {
  return found.groups.find((group) => group.id === Number(id)) ?? (found.groups.length === 1 ? found.groups[0] : null);
}

export function doorList(found, asked) {
  const { query, mark, start } = { query: asked.get("q") ?? "", mark: asked.get("mark") ?? "", start: Number(asked.get("start") ?? 0) };
  const whole = found.pack.whole;
  const groups = whole ? found.groups : [];
  const group = whole ? chosen(found, asked.get("group")) : null;
  const toChoose = !group && groups.length > FEW && !query && !mark;
  const mine = inGroup(found, group);
  const words = queryWords(query);
  const rows = toChoose ? [] : mine.filter((row) => (!mark || row.mark === mark) && words.every((word) => ` ${row.fold}`.includes(` ${word}`)));
  const marks = whole ? marksOf(mine) : { todo: 0, met: 0, back: 0, self: 0, refuse: 0, ...found.pack.marks };
  const total = Object.values(marks).reduce((sum, n) => sum + n, 0);
  const address = (from) => {
    const told = Object.entries({ group: group?.id, q: query, mark, start: from }).filter(([, value]) => value);
    return `/households?${new URLSearchParams(told)}`;
  };
  return {
    groups, group, query, mark, marks, total, start, address,
    few_groups: groups.length > 1 && groups.length <= FEW,
    done: total - marks.todo,
    lanes: byLane(rows, rows.slice(start, start + AT_ONCE)),
    groups_done: toChoose ? groupsDone(found) : [],
    found: rows.length,
    previous_start: Math.max(start - AT_ONCE, 0),
    next_start: rows.length > start + AT_ONCE ? start + AT_ONCE : null,
    next: nextOnTheWay(rows, found.today),
    skills: found.skillNames,
  };
}

function byLane(rows, shown) {
  const lanes = [];
  for (const row of shown) {
    const last = lanes[lanes.length - 1];
    if (last?.heading === row.heading && last.lane === row.lane) last.rows.push(row);
    else lanes.push({ heading: row.heading, lane: row.lane, rows: [row] });
  }
  for (const lane of lanes) {
    const all = rows.filter(({ heading }) => heading === lane.heading);
    Object.assign(lane, { doors: all.length, done: all.filter(({ mark }) => mark !== "todo").length });
  }
  return lanes;
}

// Where to knock next: the first door to visit after the one visited last today, or the first of all.
function nextOnTheWay(rows, today) {
  let last = -1;
  rows.forEach((row, n) => {
    if (row.last_on === today && row.last_at && (last < 0 || Date.parse(row.last_at) > Date.parse(rows[last].last_at))) last = n;
  });
  const onward = [...rows.slice(last + 1), ...rows.slice(0, Math.max(last, 0))];
  return onward.find((row) => row.last_on !== today && (row.mark === "todo" || isDue(row, today))) ?? null;
}

function groupsDone(found) {
  return found.groups.map((group) => [group, found.pack.whole ? counted(inGroup(found, group), found.today) : group]);
}
const counted = (rows, today) => ({ doors: rows.length, done: rows.filter(({ mark }) => mark !== "todo").length, due: rows.filter((row) => isDue(row, today)).length });

export function todayPage(found, groupId) {
  const { wide, whole, place } = found.pack;
  let group = whole ? chosen(found, groupId) : null;
  if (!wide && !group) group = found.groups[0] ?? null;
  const rows = group ? inGroup(found, group) : [];
  const marks = marksOf(rows);
  const strips = stripsOf(byLane(rows, rows));
  const due = found.rows.filter((row) => isDue(row, found.today)).sort((a, b) => (a.follow_up_on < b.follow_up_on ? -1 : a.follow_up_on > b.follow_up_on ? 1 : 0));
  const open = rows.filter((row) => row.mark !== "refuse" && row.follow_up_on === null);
  const [all, done, dueInAll] = found.pack.all;
  const everything = whole ? counted(found.rows, found.today) : { doors: all, done, due: dueInAll };
  const groups_done = groupsDone(found);
  return {
    day: found.today, wide, group, groups: found.groups, strips, marks, everything, groups_done,
    place: [group?.short_name, group ? group.place : place].filter(Boolean).join(" · "),
    shown: strips.length <= MOST_STRIPS + 1 ? strips.length : MOST_STRIPS,
    total: rows.length,
    in_no_group: everything.doors - groups_done.reduce((sum, [, told]) => sum + told.doors, 0),
    kept: [], // told by the server alone
    elsewhere: null, // and so is this
    due: due.slice(0, MOST_DUE),
    due_in_all: due.length,
    long_ago: open.filter((row) => row.last_on && row.last_on < `${found.today.slice(0, 8)}01`).sort((a, b) => (a.last_on < b.last_on ? -1 : a.last_on > b.last_on ? 1 : 0)).slice(0, MOST_WAITING),
    never: open.filter((row) => row.last_on === null).slice(0, MOST_WAITING),
    skills: found.skillNames,
    newcomer: found.newcomer,
    tray: null, // told by the server alone
    fresh: null,
  };
}

function stripsOf(lanes) {
  const short = ({ lane, heading }) => (lane ? heading.slice(0, heading.indexOf(" ", heading.indexOf(" ") + 1)) : heading);
  return lanes.map((lane) => ({
    name: lanes.filter((other) => short(other) === short(lane)).length === 1 ? short(lane) : lane.heading,
    heading: lane.heading,
    marks: lane.rows.map(({ mark }) => mark),
    done: lane.done,
  }));
}
