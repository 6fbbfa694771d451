// What to write to a unit: its problems, or that nothing of it has come; a button copies it.

const CELLS = 6; // cells of one problem that a letter names

// To whom, and what follows after the problems.
const greeting = (id, name) => (id || name ? "【" + [id, name].filter(Boolean).join(" ") + "】\n" : "");
const closing = () => (data.letter.contact ? "如有疑问，请联系 " + data.letter.contact + "。" : "") + "谢谢配合。";
const limit = () => (data.letter.deadline ? "，截止日期 " + data.letter.deadline : "");
const fileOf = (book) => book.file.split(/[\\/]/).pop();

// The findings that the unit is to mend or to look at.
const concerning = (book) => book.groups.filter(({ severity, whose, waiver }) =>
  severity !== severities[2] && whose === owners[0] && !waiver);

function letterTo(book) {
  const groups = concerning(book);
  const [wrong, doubtful] = tally(groups);
  const much = [wrong ? wrong + " 处错误" : "", doubtful ? doubtful + " 处提醒" : ""].filter(Boolean).join("、");
  const what = !wrong ? "请核对；确有问题的，请改正后交回" : doubtful ? "请逐处改正、核对后交回" : "请逐处改正后交回";
  const lines = groups.map((group, n) => n + 1 + ". " + placeOf(group) + group.message + "。" + group.hint + "。");
  return greeting(book.id, book.name) + "贵单位交来的“" + data.letter.title + "”（" + fileOf(book) + "）有 " + much + "，" + what + limit() + "：\n" +
    lines.join("\n") + "\n" + closing();
}

// Where a problem is, as the unit finds it: sheet, cells, and what stands there in the words of the form.
function placeOf(group) {
  const more = group.cells.length > CELLS ? "等 " + group.cells.length + " 处" : "";
  const where = [group.sheet, group.cells.slice(0, CELLS).join("、") + more].filter(Boolean).join(" ");
  return where ? where + (group.labels && group.count === 1 ? "（" + group.labels + "）" : "") + "：" : "";
}

const reminderTo = ({ id, name }) =>
  greeting(id, name) + "贵单位的“" + data.letter.title + "”尚未收到，请填写下发的工作簿后交回" + limit() + "。" + closing();

// -- copying -------------------------------------------------------------------------------

function copyButton(words, text, label) {
  const copier = button("copy", (event) => { event.stopPropagation(); copy(text(), copier, words); }, words);
  if (label) copier.setAttribute("aria-label", label);
  return copier;
}

function copy(text, copier, words) {
  const said = () => {
    byId("said").textContent = "已复制，可以直接粘贴";
    copier.textContent = "已复制";
    copier.classList.add("done");
    clearTimeout(copier.timer);
    copier.timer = setTimeout(() => {
      byId("said").textContent = "";
      copier.textContent = words;
      copier.classList.remove("done");
    }, 2500);
  };
  const otherwise = () => { if (copyBySelection(text)) said(); else showToCopy(text); };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(said, otherwise);
  else otherwise();
}

// As browsers did before they had a clipboard for pages, and do where it is refused.
function copyBySelection(text) {
  const area = make("textarea", "");
  const before = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before) before.focus();
  return done;
}

// By hand, where the browser does neither.
function showToCopy(text) {
  const dialog = byId("dialog");
  const area = make("textarea", "");
  area.id = "by-hand";
  area.value = text;
  empty(dialog);
  dialog.append(make("p", "", "浏览器不让复制，请按 Ctrl+C："), area, button("more", () => dialog.close(), "关闭"));
  dialog.showModal();
  area.select();
}

// -- units of which nothing has come -------------------------------------------------------

const MISSING = 30; // units named at once
const missing = data.missing.map(([id, name, department]) => ({ id, name, department, hay: [id, name, department].join("\n").toLowerCase() }));

function showMissing(units) {
  const section = byId("missing");
  empty(section);
  section.hidden = !units.length;
  if (!units.length) return;
  const head = make("h2", "", "还没有交的单位（" + units.length + " 个）");
  head.id = "missing-title";
  const list = make("ul", "");
  section.append(head, list, copyButton("复制全部催报文字", () => units.map(reminderTo).join("\n\n")));
  addMissing(list, units, isPrinting ? units.length : MISSING);
}

function addMissing(list, units, most) {
  list.append(...units.slice(0, most).map((unit) => make("li", "",
    make("span", "", make("span", "id", unit.id), " " + unit.name),
    copyButton("复制催报", () => reminderTo(unit), "复制给" + (unit.name || unit.id) + "的催报文字"))));
  if (units.length <= most) return;
  const more = button("more", () => { more.remove(); addMissing(list, units.slice(most), units.length); }, "再显示 " + (units.length - most) + " 个");
  list.after(more);
}
