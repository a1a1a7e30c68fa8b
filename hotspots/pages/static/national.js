/* The table of a country: rows whose name or code holds the words stay, in the order of the column that was pressed. */
(function () {
  "use strict";

  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const table = document.getElementById("authorities");
  const rows = [...table.tBodies[0].rows]; // by name, as the page has them
  const shapes = new Map();
  for (const shape of document.querySelectorAll(".country a")) shapes.set(shape.getAttribute("href"), shape);

  function find() {
    const wanted = search.value.trim().toLowerCase();
    let n = 0;
    for (const row of rows) {
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
      n += row.hidden ? 0 : 1;
      const shape = shapes.get(row.querySelector("a").getAttribute("href"));
      if (shape) shape.classList.toggle("found", Boolean(wanted) && !row.hidden);
    }
    document.querySelector(".country").classList.toggle("searched", Boolean(wanted));
    found.textContent = wanted ? `${n} of ${rows.length} authorities` : "";
  }

  /* Figures as the page writes them; what is no figure, as "withheld", comes last in either order. */
  function figure(row, column) {
    return Number.parseFloat(row.cells[column].textContent.replaceAll(",", ""));
  }

  function sortBy(column, head) {
    const named = column === 0;
    const down = head.getAttribute("aria-sort") === "descending" ? false : head.getAttribute("aria-sort") === "ascending" || !named;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const ordered = named && down ? rows.toReversed() : [...rows];
    if (!named) {
      const values = new Map(rows.map((row) => [row, figure(row, column)]));
      const known = ordered.filter((row) => !Number.isNaN(values.get(row)));
      known.sort((a, b) => (down ? values.get(b) - values.get(a) : values.get(a) - values.get(b)));
      ordered.splice(0, ordered.length, ...known, ...ordered.filter((row) => Number.isNaN(values.get(row))));
    }
    table.tBodies[0].append(...ordered);
  }

  function makeSortable(head, column) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(column, head));
    head.append(button);
  }

  /* All but the last column, which holds names of others. */
  [...table.tHead.rows[0].cells].slice(0, -1).forEach(makeSortable);
  table.tHead.rows[0].cells[0].setAttribute("aria-sort", "ascending");
  search.addEventListener("input", find);
  find(); // a browser that goes back keeps what was typed
})();
