(() => {
"use strict";
// Tables: a click on a head sorts by it, once more the other way round; numbers by value, nothing last.
document.querySelectorAll("table.sortable").forEach((table) => {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const of = (row) => {
      const cell = row.cells[column], value = cell.dataset.sort;
      return value !== undefined ? +value : head.classList.contains("number") ? null : cell.textContent;
    };
    const compare = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1 : (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true})) * (down ? -1 : 1);
    [...body.rows].map((row) => [of(row), row]).sort((a, b) => compare(a[0], b[0])).forEach(([, row]) => body.append(row));
  }));
});
// The theme is the machine's until somebody chooses the other one.
const root = document.documentElement, theme = document.querySelector(".theme");
const machine = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme || (machine.matches ? "dark" : "light")) === "dark";
const name = () => { theme.textContent = dark() ? theme.dataset.light : theme.dataset.dark; theme.setAttribute("aria-label", theme.dataset.switch + ": " + theme.textContent); };
if (window.CSS && CSS.supports("color", "light-dark(#000,#fff)")) {
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  machine.addEventListener("change", name);
  name();
}
// A link to a source opens the list it stands in.
const open = () => {
  const found = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1))), list = found && found.closest("details");
  if (list) { list.open = true; found.scrollIntoView({block: "center"}); }
};
addEventListener("hashchange", open);
open();
})();
