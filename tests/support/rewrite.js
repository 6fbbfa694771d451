// Reads a workbook and writes it anew, as a program with this library does:
// node rewrite.js LIBRARY IN OUT [IN OUT]…
const [, , library, ...files] = process.argv;
const rewrite = {
  async exceljs(source, target) {
    const { Workbook } = require("exceljs");
    const book = new Workbook();
    await book.xlsx.readFile(source);
    await book.xlsx.writeFile(target);
  },
  async xlsx(source, target) {
    const xlsx = require("xlsx");
    xlsx.writeFile(xlsx.readFile(source, { cellStyles: true, cellNF: true }), target);
  },
  async "xlsx-populate"(source, target) {
    const book = await require("xlsx-populate").fromFileAsync(source);
    await book.toFileAsync(target);
  },
}[library];
(async () => {
  for (let n = 0; n < files.length; n += 2) await rewrite(files[n], files[n + 1]);
})();
