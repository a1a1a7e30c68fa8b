/* The search of the index of a country: rows whose name or code holds the words stay. */
(function () {
  "use strict";

  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const rows = [...document.querySelectorAll("#authorities tbody tr")];

  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let n = 0;
    for (const row of rows) {
      row.hidden = !row.querySelector("th").textContent.toLowerCase().includes(wanted);
      n += row.hidden ? 0 : 1;
    }
    found.textContent = wanted ? `${n} of ${rows.length}` : "";
  });
})();
