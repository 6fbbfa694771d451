// How the report's page works: filters, the table of files, the summary, the keyboard.

const ROWS = 50; // files listed at once; more when the reader comes to their end
const FINDINGS = 40; // findings of one file shown at once
const FILTERS = ["q", "status", "department", "unit", "code", "severity", "whose"];

const books = data.books.map(toBook).sort((a, b) => gravity(a) - gravity(b) || errors(b) - errors(a));
const joined = (lists) => [].concat(...lists);
const general = { hay: "", groups: data.general.map(toGroup) };

// Made ready file by file while the reader looks, so that the first letter typed does not wait.
function readyToSearch(from) {
  if (from >= books.length) return;
  books[from].groups.forEach(hay);
  setTimeout(readyToSearch, 0, from + 1);
}

// -- filters -------------------------------------------------------------------------------

const filter = {};
let listed = []; // { book, groups }: what the filters let through

function admits(book, groups, words) {
  return groups.filter((group) =>
    (!filter.severity || group.severity.key === filter.severity) &&
    (!filter.whose || group.whose.key === filter.whose) &&
    (!filter.code || group.code === filter.code) &&
    words.every((word) => book.hay.includes(word) || hay(group).includes(word)));
}

function select() {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  listed = [];
  for (const book of books) {
    if (filter.status && book.status.key !== filter.status) continue;
    if (filter.department && book.department !== filter.department) continue;
    if (filter.unit && book.id !== filter.unit) continue;
    const groups = admits(book, book.groups, words);
    const itself = !filter.severity && !filter.code && !filter.whose && words.every((word) => book.hay.includes(word));
    if (groups.length || itself) listed.push({ book, groups });
  }
  listed = inOrder(listed);
  return filter.status || filter.department || filter.unit ? [] : admits(general, general.groups, words);
}

// The units of which nothing has come, as far as the filters are about units.
function selectMissing() {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  if (filter.status || filter.code || filter.severity || filter.whose) return [];
  return missing.filter((unit) =>
    (!filter.department || unit.department === filter.department) &&
    (!filter.unit || unit.id === filter.unit) &&
    words.every((word) => unit.hay.includes(word)));
}

// Everything below the filters anew. `changed`: the filters are not what they were.
function show(changed) {
  const wide = select();
  if (changed && listed.length === 1) listed[0].book.isOpen = true;
  showMissing(selectMissing());
  showGeneral(wide);
  showOrder();
  showBooks();
  const counts = tally(joined(listed.map(({ groups }) => groups)).concat(wide));
  const words = severities.map(({ word }, n) => (counts[n] ? word + " " + counts[n] + " 处" : "")).filter(Boolean);
  const offices = tally(joined(listed.map(({ groups }) => groups)).filter(({ whose, severity }) => whose !== owners[0] && severity !== severities[2]));
  const own = offices[0] + offices[1];
  byId("found").textContent = "列出 " + listed.length + " 份（共 " + books.length + " 份）：" + (words.join("，") || "没有问题") + (own ? "；其中本级 " + own + " 处" : "");
  for (const name of FILTERS) {
    byId(name).value = filter[name];
    byId(name).classList.toggle("set", filter[name] !== "");
  }
  byId("found").append(make("span", "chosen", chosen())); // on paper, where the controls are not
  for (const card of byId("cards").querySelectorAll("button[value]")) {
    card.setAttribute("aria-pressed", String(card.value === filter.status));
  }
  nameExpand();
}

// The filters in words.
function chosen() {
  const said = FILTERS.filter((name) => filter[name]).map((name) => {
    const control = byId(name);
    const value = control.selectedOptions ? control.selectedOptions[0].textContent : "“" + control.value + "”";
    return control.parentNode.firstChild.textContent.trim() + " " + value;
  });
  return said.length ? "。只列出：" + said.join("，") : "";
}

function change(values) {
  Object.assign(filter, values);
  show(true);
  const set = FILTERS.filter((name) => filter[name]);
  const words = set.map((name) => name + "=" + encodeURIComponent(filter[name]));
  const hash = words.concat(order.key ? "sort=" + orderInWords() : []).join("&");
  // replace: each letter typed is no page to go back to; later: a browser limits how often
  clearTimeout(change.timer);
  change.timer = setTimeout(() => { if (hash !== location.hash.slice(1)) location.replace("#" + hash); }, 250);
}

function readHash() {
  for (const name of FILTERS) filter[name] = "";
  readOrder("");
  for (const part of location.hash.slice(1).split("&")) {
    const [name, value] = part.split("=");
    if (name === "sort" && value !== undefined) readOrder(value);
    if (!FILTERS.includes(name) || value === undefined) continue;
    try {
      filter[name] = decodeURIComponent(value);
    } catch (error) {
      continue; // a broken address filters nothing
    }
    const control = byId(name);
    control.value = filter[name];
    if (control.value !== filter[name]) filter[name] = ""; // no such unit, code … in this run
  }
}

const state = () => FILTERS.map((name) => filter[name]).concat(orderInWords()).join("\n");
const nothing = () => FILTERS.reduce((none, name) => Object.assign(none, { [name]: "" }), {});

// -- the table of files --------------------------------------------------------------------

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting && target.id === "rest") addBooks();
    else if (isIntersecting) fill(target);
  }
}, { rootMargin: "600px" });
const waiting = new Map(); // place of the findings of an open file → what to put there

function showBooks() {
  const table = byId("books");
  const current = document.activeElement && document.activeElement.closest("tbody");
  const book = current && current.entry ? current.entry.book : null;
  waiting.forEach((groups, place) => watcher.unobserve(place));
  waiting.clear();
  table.querySelectorAll("tbody").forEach((body) => body.remove());
  addBooks();
  if (table.tBodies.length) table.tBodies[0].querySelector(".toggle").tabIndex = 0;
  const again = Array.from(table.tBodies).find((body) => body.entry.book === book);
  if (again) focus(again);
}

function addBooks() {
  const table = byId("books");
  const rest = byId("rest");
  const from = table.tBodies.length;
  table.append(...listed.slice(from, isPrinting ? listed.length : from + ROWS).map(bookBody));
  const left = listed.length - table.tBodies.length;
  watcher.unobserve(rest); // seen anew, it is reported anew
  rest.textContent = left ? "还有 " + left + " 份" : "";
  if (left) watcher.observe(rest);
}

function bookBody(entry) {
  const { book, groups } = entry;
  const toggle = button("toggle", () => {}, badge(book.status)); // the row hears the click
  toggle.tabIndex = -1;
  toggle.setAttribute("aria-expanded", "false");
  const unit = make("th", "", make("span", "unit", book.name || book.id || "（无签发信息）"), " ", make("span", "id", book.name ? book.id : ""));
  unit.scope = "row";
  const file = make("td", "file", fileOf(book));
  file.title = book.file;
  const counts = tally(groups).map((count, n) => number(severities[n].word, count ? make("b", severities[n].key, String(count)) : "–"));
  const row = make("tr", "row", make("td", "", toggle), unit, make("td", "department", book.department), file,
    number("项目", String(book.records)), ...counts, make("td", "sha", book.sha256.slice(0, 12)));
  const body = make("tbody", "", row);
  body.entry = entry;
  row.addEventListener("click", () => { setOpen(body, !book.isOpen, true); focus(body); nameExpand(); });
  if (book.isOpen || isPrinting) setOpen(body, true, isPrinting);
  return body;
}

function number(label, content) {
  const cell = make("td", content === "–" ? "number none" : "number", content);
  cell.dataset.label = label; // on a phone it stands beside
  return cell;
}

// `atOnce`: its findings are made now, not when they come into view.
function setOpen(body, isOpen, atOnce) {
  const { book, groups } = body.entry;
  if (!isPrinting) book.isOpen = isOpen;
  body.querySelector(".toggle").setAttribute("aria-expanded", String(isOpen));
  const old = body.querySelector(".detail");
  if (old) old.remove();
  if (!isOpen) return;
  const place = make("div", "");
  place.style.minHeight = Math.min(groups.length, FINDINGS) * 120 + "px";
  const whole = make("div", "whole", book.file + (book.sha256 ? "　sha256 " + book.sha256 : ""));
  const letter = book.letter.length ? copyButton("复制给单位的文字", () => letterOf(book.letter)) : "";
  const cell = make("td", "", whole, letter, place);
  cell.colSpan = 9;
  body.append(make("tr", "detail", cell));
  waiting.set(place, groups);
  if (atOnce) fill(place);
  else watcher.observe(place);
}

function fill(place) {
  const groups = waiting.get(place);
  if (!groups) return;
  waiting.delete(place);
  watcher.unobserve(place);
  place.style.minHeight = "";
  if (!groups.length) place.append(isPrinting ? "" : make("p", "", "没有问题。"));
  else addFindings(place, groups, 0);
}

function addFindings(place, groups, from) {
  const to = isPrinting ? groups.length : from + FINDINGS;
  place.append(...groups.slice(from, to).map(findingOf));
  if (to >= groups.length) return;
  const more = button("more", () => { more.remove(); addFindings(place, groups, to); },
    "再显示 " + Math.min(FINDINGS, groups.length - to) + " 条（还有 " + (groups.length - to) + " 条）");
  place.append(more);
}

function showGeneral(groups) {
  const section = byId("general");
  empty(section);
  section.hidden = !groups.length;
  if (groups.length) section.append(make("h2", "", "整批的问题"), ...groups.map(findingOf));
}

// -- the summary ---------------------------------------------------------------------------

function showSummary() {
  for (const status of statuses) {
    const count = books.filter((book) => book.status === status).length;
    if (!count && ["pending", "superseded"].includes(status.key)) continue; // few runs have one
    const card = button("card " + (count ? status.key : "none"), () => change({ status: filter.status === status.key ? "" : status.key }),
      make("span", "", ...signed(status)), make("b", "", count + " 份"));
    card.value = status.key;
    byId("cards").append(card);
  }
  if (missing.length) {
    const card = button("card plain link", () => { change(nothing()); byId("missing").scrollIntoView(); }, make("span", "", "还没有交"), make("b", "", missing.length + " 个"));
    byId("cards").append(card);
  }
  const all = joined(books.map((book) => book.groups)).concat(general.groups);
  tally(all).forEach((count, n) => byId("cards").append(
    make("div", "card plain", make("span", count ? severities[n].key : "none", ...signed(severities[n])), make("b", "", count + " 处"))));
  const found = byCode();
  showFirst(found.filter((rule) => rule.counts[0] + rule.counts[1]));
  showChart(found);
}

// Of each code: how many of each severity, in how many files.
function byCode() {
  const rules = new Map();
  for (const book of books.concat(general)) {
    const seen = new Set();
    for (const group of book.groups) {
      if (!rules.has(group.code)) rules.set(group.code, { code: group.code, counts: severities.map(() => 0), books: 0 });
      const rule = rules.get(group.code);
      rule.counts[severities.indexOf(group.severity)] += group.count;
      if (!seen.has(group.code) && book !== general) rule.books += 1;
      seen.add(group.code);
    }
  }
  return Array.from(rules.values());
}

const sum = (counts) => counts.reduce((total, count) => total + count, 0);

function pick(code) {
  return () => {
    change(Object.assign(nothing(), { code }));
    byId("filters").scrollIntoView();
  };
}

// The problems of most units, errors first: mending these mends most returns.
function showFirst(rules) {
  const list = byId("first");
  rules.sort((a, b) => Math.sign(b.counts[0]) - Math.sign(a.counts[0]) || b.books - a.books || sum(b.counts) - sum(a.counts));
  for (const { code, counts, books: count } of rules.slice(0, 10)) {
    const worst = severities[counts.findIndex(Boolean)];
    const much = count ? count + " 份文件，" + sum(counts) + " 处" : sum(counts) + " 处";
    const what = make("div", "", button("pick", pick(code), title(code)), make("div", "much", codeLink(code), "　" + much));
    list.append(make("li", "", make("div", "entry", badge(worst), what)));
  }
  if (!rules.length) list.replaceWith(make("p", "", "没有错误和提醒。"));
}

function showChart(rules) {
  const chart = byId("chart");
  rules.sort((a, b) => sum(b.counts) - sum(a.counts));
  const most = rules.length ? sum(rules[0].counts) : 0;
  for (const { code, counts } of rules.slice(0, 12)) {
    const link = button("code", pick(code), code);
    link.title = title(code);
    const parts = counts.map((count, n) => {
      const part = make("span", "part " + severities[n].key);
      part.style.width = (80 * count) / most + "%";
      return count ? part : "";
    });
    const words = counts.map((count, n) => (count ? severities[n].word + " " + count : "")).filter(Boolean);
    chart.append(make("div", "bar", link, make("span", "track", ...parts, make("span", "much", words.join("，")))));
  }
  const legend = severities.map(({ key, word }) => [make("span", "part " + key), word + " "]);
  chart.append(rules.length ? make("p", "legend", ...[].concat(...legend)) : make("p", "", "没有发现问题。"));
}

// -- controls ------------------------------------------------------------------------------

function options(name, pairs) {
  const control = byId(name);
  for (const [value, text] of [["", "全部"]].concat(pairs)) {
    const option = make("option", "", text.length > 40 ? text.slice(0, 39) + "…" : text);
    option.value = value;
    control.append(option);
  }
  control.parentNode.hidden = !pairs.length;
  control.addEventListener("change", () => change({ [name]: control.value }));
}

const unique = (values) => Array.from(new Set(values)).filter(Boolean).sort();

function showControls() {
  const departments = unique(books.concat(missing).map((each) => each.department));
  const names = new Map(books.concat(missing).map((each) => [each.id, each.name]));
  const found = byCode().sort((a, b) => (a.code < b.code ? -1 : 1));
  options("status", statuses.map(({ key, word }) => [key, word]));
  options("department", departments.map((name) => [name, name]));
  options("unit", unique(names.keys()).map((id) => [id, id + " " + names.get(id)]));
  options("code", found.map(({ code, counts }) => [code, code + "（" + sum(counts) + "）" + title(code)]));
  options("severity", severities.map(({ key, word }) => [key, word]));
  const seen = joined(books.map(({ groups }) => groups)).some(({ whose }) => whose !== owners[0]);
  options("whose", seen ? owners.map(({ key, word }) => [key, word]) : []);
  byId("books").classList.toggle("alone", !departments.length);
  const q = byId("q");
  q.addEventListener("input", (event) => { if (!event.isComposing) change({ q: q.value }); });
  q.addEventListener("compositionend", () => change({ q: q.value }));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => change(nothing()));
  byId("print").addEventListener("click", () => print());
  byId("expand").addEventListener("click", () => {
    const isOpen = !allOpen();
    for (const { book } of listed) book.isOpen = isOpen;
    show(false);
  });
}

const allOpen = () => listed.length > 0 && listed.every(({ book }) => book.isOpen);
const nameExpand = () => { byId("expand").textContent = allOpen() ? "全部收起" : "全部展开"; };

function focus(body) {
  for (const other of body.parentNode.querySelectorAll(".toggle[tabindex='0']")) other.tabIndex = -1;
  const toggle = body.querySelector(".toggle");
  toggle.tabIndex = 0;
  toggle.focus();
}

function walk(event, body) {
  const bodies = Array.from(byId("books").tBodies);
  const here = bodies.indexOf(body);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: bodies.length - 1 }[event.key];
  const isOpen = { ArrowRight: true, ArrowLeft: false }[event.key];
  if (to !== undefined && bodies[to]) focus(bodies[to]);
  else if (isOpen !== undefined) setOpen(body, isOpen, true);
  if (to !== undefined || isOpen !== undefined) event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || byId("dialog").open) return;
  const target = event.target;
  if (event.key === "Escape") {
    change(target.id === "q" && filter.q ? { q: "" } : nothing());
  } else if ((event.key === "/" || event.code === "Slash") && target.id !== "q") {
    event.preventDefault(); // with a Chinese input method on, the key says "Process"
    byId("q").focus();
    byId("q").select();
  } else if (target.classList.contains("toggle")) {
    walk(event, target.closest("tbody"));
  }
});

function printWhole() {
  isPrinting = true;
  show(false);
  const groups = joined(listed.map((entry) => entry.groups)).concat(general.groups);
  byId("rules").append(...unique(groups.map((group) => group.code)).map(ruleOf));
}

function printed() {
  isPrinting = false;
  byId("rules").querySelectorAll("article").forEach((old) => old.remove());
  show(false);
}

addEventListener("beforeprint", printWhole);
addEventListener("afterprint", printed);
addEventListener("hashchange", () => {
  const before = state();
  readHash();
  if (state() !== before) show(true); // else it was change()
});
listenToThemes();
listenToHeads();
showControls();
showSummary();
readHash();
show(true);
setTimeout(readyToSearch, 0, 0);
