// How the reader wants to see the page: the order of the files, light or dark.

const gravity = (book) => ["unreadable", "pending", "failed", "warned", "passed", "superseded"].indexOf(book.status.key);
const errors = (book) => tally(book.groups)[0];
const inWords = new Intl.Collator("zh-CN", { numeric: true });

// What the files are ordered by: the key of a column → what it compares. Numbers begin with the most.
const KEYS = {
  status: ({ book }) => gravity(book),
  unit: ({ book }) => book.id || "￿", // a file of nobody comes last
  department: ({ book }) => book.department || "￿",
  file: ({ book }) => fileOf(book),
  records: ({ book }) => -book.records,
  error: ({ groups }) => -tally(groups)[0],
  warning: ({ groups }) => -tally(groups)[1],
  info: ({ groups }) => -tally(groups)[2],
};
const order = { key: "", isTurned: false }; // no key: the gravest first

function inOrder(entries) {
  if (!order.key) return entries;
  const keys = new Map(entries.map((entry) => [entry, KEYS[order.key](entry)]));
  const compare = (a, b) => (typeof a === "number" ? a - b : inWords.compare(a, b));
  const sorted = entries.slice().sort((a, b) => compare(keys.get(a), keys.get(b)) * (order.isTurned ? -1 : 1));
  return sorted;
}

const orderInWords = () => (order.key ? order.key + (order.isTurned ? ".desc" : "") : "");

function readOrder(words) {
  const [key, turned] = words.split(".");
  const isKnown = Object.keys(KEYS).includes(key);
  order.key = isKnown ? key : "";
  order.isTurned = isKnown && turned === "desc";
}

// By a column; by the same once more: turned round; a third time: as at first.
function orderBy(key) {
  if (order.key !== key) readOrder(key);
  else if (!order.isTurned) order.isTurned = true;
  else readOrder("");
  change({});
}

// What the columns say of the order. The most first is descending to whoever reads the numbers.
function showOrder() {
  for (const head of byId("books").querySelectorAll("thead th[data-key]")) {
    if (!head.dataset.key) continue;
    const isNumber = head.classList.contains("number");
    const way = order.isTurned === isNumber ? "ascending" : "descending";
    head.setAttribute("aria-sort", head.dataset.key === order.key ? way : "none");
  }
}

function listenToHeads() {
  for (const head of byId("books").querySelectorAll("thead th[data-key]")) {
    if (head.dataset.key) head.querySelector("button").addEventListener("click", () => orderBy(head.dataset.key));
  }
}

// -- light and dark ------------------------------------------------------------------------

const dark = matchMedia("(prefers-color-scheme: dark)");
const THEME = "xltool-theme";

// What the reader chose on an earlier page; some browsers keep nothing for files.
function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem(THEME, value);
    return localStorage.getItem(THEME) || "";
  } catch (error) {
    return value || "";
  }
}

function wear(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "浅色" : "深色";
}

function listenToThemes() {
  let chosen = kept();
  const look = () => wear(chosen || (dark.matches ? "dark" : "light"));
  byId("theme").addEventListener("click", () => {
    chosen = kept(document.documentElement.dataset.theme === "dark" ? "light" : "dark") || "light";
    look();
  });
  if (dark.addEventListener) dark.addEventListener("change", look);
  look();
}
