// The pages that a phone can show by itself, as text: each with what its route on the server gives to the same template.
import { pages, weekdays, words } from "pages";
import { pageAt } from "./addresses.js";
import { chosen, doorList, readPackage, todayPage } from "./doors.js";
import { uuid7 } from "./mint.js";
import { say, speak } from "./render.js";

const CHAT_APPS = /Zalo|FBAN|FBAV|Instagram/;
const NO_NETWORK = "/cannot-send"; // where the worker leads a form that could not be sent

// `pack`: the package of who has the phone, or nothing; `entries`: what waits in the outbox; `around`: language, path, search, demo,
// worker, agent, today. Gives the whole page, the line over it that says how old its doors are, and the search inside it.
export function filled(pack, entries, around) {
  speak(around.language, { words, weekdays });
  const found = pack && readPackage(pack, entries, around.language, around.today);
  const here = pageAt(around.path);
  const asked = new URLSearchParams(around.search);
  const [template, given] = (found && here && PAGES[here.name]?.(found, asked, here.parts)) || without(found, here, around.path);
  const context = { ...common(found, around), ...given };
  const { root, blocks } = pages[template];
  const dated = found && template !== "shell/network.html" && here.name !== "practice";
  return {
    html: root(context, blocks),
    age: dated ? pages["shell/_age.html"].root({ at: pack.at, today: found.today, whole: pack.whole }) : "",
    search: here?.name === "doors" && found ? (query) => blocks.doors({ ...context, doors: doorList(found, query) }, blocks) : null,
  };
}

// What every page is given (skills/web/render.py), and the pages themselves, as their routes give them.

function common(found, around) {
  const who = found?.pack.who;
  const viewer = who ? { person: { id: who.id, full_name: who.name }, role: who.role, today: found.today, led_team_ids: who.leads ? [true] : [], may: () => true } : null;
  return {
    viewer,
    locale: around.language,
    demo: around.demo,
    worker: around.worker,
    chat_app: CHAT_APPS.test(around.agent),
    tabs: viewer ? tabs(around.path, who.role) : [],
    request_path: around.path + around.search,
    of_nobody: false,
  };
}

function tabs(path, role) {
  const offered = [["/", say("Hôm nay"), "i-today"], ["/households", say("Hộ dân"), "i-doors"], ["/reports", say("Báo cáo"), "i-report"]];
  if (role === "ward_lead") offered.splice(2, 0, ["/coverage/tray", say("Rà soát"), "i-review"]);
  if (role === "ward_lead" || role === "team_leader") offered.push(["/admin", say("Quản trị"), "i-people"]);
  const within = (href) => path === href || (href !== "/" && path.startsWith(`${href}/`));
  return offered.map(([href, text, icon]) => ({ href, text, icon, current: within(href) }));
}

const PAGES = {
  home(found, asked) {
    const today = todayPage(found, asked.get("group"));
    return [today.wide && !today.group ? "home/office.html" : "home/volunteer.html", { today }];
  },
  doors: (found, asked) => ["households/index.html", { doors: doorList(found, asked), today: found.today }],
  door(found, _asked, [, id]) {
    const door = found.rows.find((row) => row.id === id);
    return door && ["households/show.html", { door, cores: found.cores, skills: found.skillNames, today: found.today }];
  },
  newDoor(found, asked) {
    const group = chosen(found, asked.get("group"));
    return ["households/new.html", {
      values: { id: uuid7(), group: group ? String(group.id) : "" },
      groups: found.groups.map(({ id, name }) => [String(id), name]),
      wards: Object.fromEntries(found.groups.map(({ id, ward }) => [id, ward])),
      streets: [...new Set(found.pack.places.map(([street]) => street))].slice(0, 300),
      errors: {}, alike: [], clash: false,
    }];
  },
  visit(found, asked) {
    const row = found.rows.find(({ id }) => id === asked.get("household"));
    return row && ["visits/new.html", { page: visitPage(found, row, ""), clash: null }];
  },
  groupCounts(found, asked) {
    const months = lastMonths(found.today);
    const month = months.includes(asked.get("month")) ? asked.get("month") : months[0];
    const group = found.groups.find(({ id }) => String(id) === asked.get("group")) ?? found.groups[0] ?? null;
    const title = (one) => say("Tháng %(month)s/%(year)s", { month: Number(one.slice(5)), year: one.slice(0, 4) });
    return ["group_counts/new.html", {
      page: {
        group, groups: found.groups, ward: group?.ward ?? 0, month, months: months.map((one) => [one, title(one)]), month_title: title(month),
        stands: null, by: "", values: { disabled: "", minority: "", poor: "" }, errors: blank({}), item: uuid7(), id: uuid7(),
      },
      clash: false,
    }];
  },
  practice(found) {
    const row = { ward_id: 0, id: "00000000-0000-0000-0000-000000000000", street: say("Ghi thử"), number: "123", heading: say("Nhà ghi thử"), mark: "todo", late: 0, follow_up_on: null, away_times: 0, last_met_on: null, last_skills: [], cores: "", one_person: false };
    return ["visits/new.html", { page: visitPage(found, row, "open"), clash: null }];
  },
};

// This month and the eleven before it (skills/group_counts/page.py).
function lastMonths(today) {
  const whole = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1;
  return Array.from({ length: 12 }, (_, n) => `${Math.floor((whole - n) / 12)}-${String(((whole - n) % 12) + 1).padStart(2, "0")}`);
}

// Values or errors by field: one that nothing was typed into is empty.
const blank = (given) => new Proxy(given, { get: (all, name) => (name in all ? all[name] : "") });

function visitPage(found, row, practice) {
  const { today, skills, audiences } = found;
  return {
    row, practice, today, audiences,
    last_skills: row.last_skills.map((id) => skills.find((skill) => skill.id === id)).filter(Boolean),
    more_skills: skills.filter(({ id }) => !row.last_skills.includes(id)),
    asks_five: row.cores.length === 5 && !row.one_person,
    visit: uuid7(),
    items: [uuid7(), uuid7(), uuid7()],
    values: blank({ people: "1", people_new: "0", visited_on: today }),
    errors: blank({}),
    many: null,
    groups_told: false,
    visited_on: today,
    summary: () => ({}),
  };
}

function without(found, here, path) {
  const posted = path === NO_NETWORK;
  const why = posted ? "post" : !found ? "first" : ["door", "visit"].includes(here?.name) ? "door" : "page";
  return ["shell/network.html", { why }];
}
