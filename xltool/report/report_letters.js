// What to write to a unit, as `status --format remind` has it; a button copies it.

const letterOf = (numbers) => numbers.map((number) => data.written[number]).join("\n");

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
const missing = data.missing.map(([id, name, department, letter]) => ({ id, name, department, letter, hay: [id, name, department].join("\n").toLowerCase() }));

function showMissing(units) {
  const section = byId("missing");
  empty(section);
  section.hidden = !units.length;
  if (!units.length) return;
  const head = make("h2", "", "还没有交的单位（" + units.length + " 个）");
  head.id = "missing-title";
  const list = make("ul", "");
  section.append(head, list, copyButton("复制全部催报文字", () => units.map(({ letter }) => letterOf(letter)).join("\n\n")));
  addMissing(list, units, isPrinting ? units.length : MISSING);
}

function addMissing(list, units, most) {
  list.append(...units.slice(0, most).map((unit) => make("li", "",
    make("span", "", make("span", "id", unit.id), " " + unit.name),
    copyButton("复制催报", () => letterOf(unit.letter), "复制给" + (unit.name || unit.id) + "的催报文字"))));
  if (units.length <= most) return;
  const more = button("more", () => { more.remove(); addMissing(list, units.slice(most), units.length); }, "再显示 " + (units.length - most) + " 个");
  list.after(more);
}
