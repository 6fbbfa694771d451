// The parts of the report's page: its data, and the elements of a finding and of a rule. ES2017, for
// Chromium 80 and later; all scripts of the page are put into one function, this one first.
// Texts come from strangers: they reach the page through text nodes only (make), never as HTML.

const LINES = 8; // lines of the form shown of one finding

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const texts = data.texts;

// -- the data ------------------------------------------------------------------------------

const kind = ([key, word, sign]) => ({ key, word, sign });
const severities = data.severities.map(kind);
const statuses = data.statuses.map(kind);
const owners = data.whose.map(kind);

function toGroup(packed) {
  const [severity, whose, code, sheet, record, message, hint, waiver, labels, value, count, cells, others, lines, shared, explanation] = packed;
  return {
    severity: severities[severity], whose: owners[whose], code, sheet: texts[sheet], record: texts[record], message: texts[message],
    hint: texts[hint], waiver: texts[waiver], labels: texts[labels], value: texts[value], count,
    cells: cells ? cells.split(" ") : [], others: others ? others.split(" ") : [], lines, shared: shared ? code + message : "", explanation: texts[explanation], hay: "",
  };
}

function toBook(packed) {
  const [status, file, id, name, department, records, sha256, groups, letter] = packed;
  const book = {
    status: statuses[status], file: texts[file], id: texts[id], name: texts[name], department: texts[department],
    records, sha256, letter, groups: groups.map(toGroup), isOpen: false,
  };
  book.hay = [book.file, book.id, book.name, book.department, sha256].join("\n").toLowerCase();
  return book;
}

const fileOf = (book) => book.file.split(/[\\/]/).pop();

// What is searched of a finding: also what stands in its cells.
function hay(group) {
  if (!group.hay) {
    const values = group.lines.map((number) => data.lines[number].slice(2).map((text) => texts[text]).join("\n"));
    const own = [group.code, group.severity.word, group.whose.word, group.sheet, group.record, group.labels, group.message, group.hint];
    group.hay = own.concat(group.waiver, group.explanation, group.value, group.cells, values).join("\n").toLowerCase();
  }
  return group.hay;
}

// How many errors, warnings, infos; one that several workbooks share counts once.
function tally(groups) {
  const counts = severities.map(() => 0);
  const seen = new Set();
  for (const group of groups) {
    if (group.shared && seen.has(group.shared)) continue;
    seen.add(group.shared);
    counts[severities.indexOf(group.severity)] += group.count;
  }
  return counts;
}

// A code in one sentence: its rule, or, where several rules have the same code, what is said of one.
const title = (code) => (data.rules[code] ? texts[data.titles[code]] : "四舍五入尾差");

let isPrinting = false;

// -- making elements -----------------------------------------------------------------------

function make(tag, name, ...content) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

function button(name, action, ...content) {
  const element = make("button", name, ...content);
  element.type = "button";
  element.addEventListener("click", action);
  return element;
}

const signed = ({ sign, word }) => [make("span", "sign", sign), " ", word];
const badge = (what) => make("span", "badge " + what.key, ...signed(what));
const empty = (element) => { while (element.lastChild) element.lastChild.remove(); };

// -- one finding ---------------------------------------------------------------------------

function findingOf(group) {
  const cells = group.cells.join("、");
  const place = group.sheet && cells ? group.sheet + "!" + cells : group.sheet || cells;
  const record = group.record !== group.sheet ? group.record : "";
  const head = make("div", "head", badge(group.severity), " ", codeLink(group.code), " ", make("span", "place", place));
  if (group.whose !== owners[0]) head.append(" ", make("span", "what owner", "责任：" + group.whose.word));
  if (record) head.append(" ", make("span", "what", "项目：" + record));
  if (group.labels) head.append(" ", make("span", "what", "栏目：" + group.labels));
  if (group.count > 1) head.append(" ", make("span", "what", group.count + " 处"));
  const finding = make("article", "finding " + group.severity.key, head, make("p", "message", group.message + "。"));
  finding.append(group.waiver ? make("p", "waiver", group.waiver + "。") : make("p", "hint", group.hint + "。"));
  if (group.explanation) finding.append(make("p", "explanation", group.explanation));
  if (group.value) finding.append(make("p", "value", group.value));
  addLines(finding, group, isPrinting ? group.lines.length : LINES);
  return finding;
}

function codeLink(code) {
  const link = button("code", () => explain(code), code);
  link.title = title(code);
  return link;
}

// The lines of the form: lines of the same kind share a table.
function addLines(finding, group, most) {
  const lines = group.lines.slice(0, most).map((number) => {
    const [shape, row, ...cells] = data.lines[number];
    return { shape, row, cells: cells.map((text) => texts[text]) };
  });
  for (let from = 0, to; from < lines.length; from = to) {
    const isRow = (line) => data.shapes[line.shape][0];
    const alike = (line) => line.shape === lines[from].shape || (!isRow(line) && !isRow(lines[from]));
    for (to = from + 1; to < lines.length && alike(lines[to]);) to += 1;
    const part = lines.slice(from, to);
    finding.append(isRow(part[0]) ? underHeadings(part, group) : besideLabels(part, group));
  }
  if (most < group.lines.length) {
    const more = button("more", () => { more.remove(); finding.querySelectorAll(".around").forEach((old) => old.remove()); addLines(finding, group, group.lines.length); },
      "再显示 " + (group.lines.length - most) + " 行");
    finding.append(more);
  }
}

function underHeadings(lines, group) {
  const [, columns, labels] = data.shapes[lines[0].shape];
  const table = make("table", "around", make("tr", "", make("th", "line", "行"), ...labels.map((label) => make("th", "", texts[label]))));
  const letters = columns.split(" ");
  for (const { row, cells } of lines) {
    table.append(make("tr", "", make("th", "line", String(row)), ...cells.map((text, n) => formCell(text, letters[n] + row, group))));
  }
  return table;
}

function besideLabels(lines, group) {
  const table = make("table", "around");
  const most = Math.max(...lines.map(({ cells }) => cells.length));
  for (const { shape, row, cells } of lines) {
    const [, columns, labels] = data.shapes[shape];
    const letters = columns.split(" ");
    const line = make("tr", "", make("th", "line", String(row)));
    cells.forEach((text, n) => {
      const cell = formCell(text, letters[n] + row, group);
      if (n === cells.length - 1) cell.colSpan += 2 * (most - cells.length);
      if (labels[n]) line.append(make("th", "", texts[labels[n]]));
      else cell.colSpan += 1; // a printed text has no label itself
      line.append(cell);
    });
    table.append(line);
  }
  return table;
}

function formCell(text, address, group) {
  const cell = make("td", "");
  if (group.cells.includes(address)) {
    cell.className = "faulty";
    cell.append(make("span", "mark " + group.severity.key, group.severity.sign + " " + address), " ");
  } else if (group.others.includes(address)) {
    cell.className = "involved";
    cell.append(make("span", "mark", address), " ");
  }
  cell.append(text || make("span", "blank", "（空白）"));
  return cell;
}

// -- what a rule means ---------------------------------------------------------------------

function ruleOf(code) {
  const article = make("article", "rule", make("h3", "", code));
  if (!data.rules[code]) article.append(make("p", "", title(code) + "：各数都按印出的位数四舍五入，差在尾差之内，无需处理。"));
  for (const [severity, sentence, why, message, hint, header, rows] of data.rules[code] || []) {
    article.append(make("p", "", make("b", "", severity + "：" + sentence)));
    if (why) article.append(make("p", "", why));
    if (message) article.append(make("p", "words", message + "。"));
    article.append(make("p", "hint", hint + "。"));
    if (rows.length) {
      const line = (tag, cells) => make("tr", "", ...cells.map((cell) => make(tag, "", cell)));
      article.append(make("table", "around", line("th", header), ...rows.map((cells) => line("td", cells))));
    }
  }
  return article;
}

function explain(code) {
  const dialog = byId("dialog");
  const pick = () => { dialog.close(); change(Object.assign(nothing(), { code })); };
  empty(dialog);
  dialog.append(ruleOf(code), make("p", "", button("more", () => dialog.close(), "关闭"), button("more", pick, "只看这条规则的问题")));
  dialog.showModal();
}
