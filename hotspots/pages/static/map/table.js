/* No twin in Python. */
/* The table says what the map says: sorted, filtered, and ready to be taken away. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const TEXTS = ["name", "ward", "change", "verdict"]; // the other columns are figures, lined up on the right
  const COLUMNS = [
    ["name", "Area"], ["ward", "Ward"], ["count", "Incidents"], ["share", "Share"], ["rate_per_1000", "Per 1,000 residents a year"],
    ["rate_per_km2", "Per km² a year"], ["change", "Change"],
    ["rank", "Rank"], ["verdict", "Assessment"],
  ];
  const table = H.byId("areas-table");
  const filter = H.byId("filter");
  const sort = { column: "count", down: true };
  let view = null;
  let headed = null; // the level for which the head was made
  /* A big city has more small areas than can be written before the eye waits: the rest follow while nothing else is to do. */
  const AT_ONCE = 160;
  let waiting = []; // positions whose rows are still to come
  let timer = 0;

  /* Only small areas have a column for the ward that they lie in. */
  function columnsOf(level) {
    return level === "lsoa" ? COLUMNS : COLUMNS.filter(([column]) => column !== "ward");
  }

  function head(level) {
    headed = level;
    table.dataset.level = level;
    if (!columnsOf(level).some(([column]) => column === sort.column)) Object.assign(sort, { column: "count", down: true });
    const row = H.element("tr");
    for (const [column, title] of columnsOf(level)) {
      const sortable = column !== "verdict";
      const cell = H.element("th", { scope: "col", class: TEXTS.includes(column) ? "" : "figure" });
      if (sortable) {
        const button = H.element("button", { type: "button" }, title);
        button.addEventListener("click", () => sortBy(column));
        cell.append(button);
        cell.dataset.column = column;
      } else cell.append(title);
      row.append(cell);
    }
    table.tHead.replaceChildren(row);
  }

  function sortBy(column) {
    sort.down = sort.column === column ? !sort.down : !["name", "ward", "rank"].includes(column);
    sort.column = column;
    body();
  }

  /* Positions of the areas in the table: filtered by name and by ward, then sorted; missing ones last. */
  function rows() {
    const { level, columns, state } = view;
    const wanted = filter.value.trim().toLowerCase();
    const ward = state.level === "lsoa" ? data.levels.ward.codes.indexOf(state.ward) : -1;
    const named = { name: level.names, ward: level.names.map((_, i) => W.wardOf(view, i)) };
    const values = named[sort.column] || columns[sort.column];
    const compare = (a, b) => {
      if (values[a] === null || values[b] === null) return (values[a] === null) - (values[b] === null);
      const order = values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0;
      return sort.down ? -order : order;
    };
    return level.names.map((_, i) => i)
      .filter((i) => W.nameOf(view, i).toLowerCase().includes(wanted) && (ward < 0 || level.ward[i] === ward))
      .sort((a, b) => compare(a, b) || (level.names[a] < level.names[b] ? -1 : 1));
  }

  /* Rows are made once for each level; a change of theme or month only writes new figures into them. */
  const made = {};

  function rowOf(level, i) {
    made[level] = made[level] || [];
    if (!made[level][i]) {
      const cells = columnsOf(level).slice(1).map(([column]) => H.element("td", TEXTS.includes(column) ? {} : { class: "figure" }));
      made[level][i] = H.element("tr", {}, H.element("th", { scope: "row" }, data.levels[level].names[i]), ...cells);
    }
    return made[level][i];
  }

  function write(cell, text) {
    if (cell.textContent !== text) cell.textContent = text;
  }

  function cellText(column, i) {
    const { columns, results, blind } = view;
    if (column === "ward") return W.wardOf(view, i) || "–";
    const value = columns[column][i];
    if (value === null) return columns.count[i] === null && !blind ? "withheld" : "–";
    const chance = column === "change" && !H.figures.isClear(results, i) ? ", may be chance" : "";
    return W.figure(column, value) + chance;
  }

  function line(i) {
    const { level, state } = view;
    const row = rowOf(state.level, i);
    columnsOf(state.level).slice(1, -1).forEach(([column], k) => write(row.cells[k + 1], cellText(column, i)));
    write(row.lastChild, W.assessment(view, i));
    const chosen = level.codes[i] === state[state.level];
    row.className = chosen ? "chosen" : "";
    if (chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    return row;
  }

  function body() {
    const shown = rows();
    window.clearTimeout(timer);
    table.tBodies[0].replaceChildren(...shown.slice(0, AT_ONCE).map(line));
    waiting = shown.slice(AT_ONCE);
    if (waiting.length) timer = window.setTimeout(follow);
    for (const cell of table.tHead.rows[0].cells) {
      if (cell.dataset.column === sort.column) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    H.byId("rows-shown").textContent = `${shown.length} of ${view.level.names.length} ${view.level.words.many}`;
  }

  function follow(most = AT_ONCE) {
    table.tBodies[0].append(...waiting.splice(0, most).map(line));
    if (waiting.length) timer = window.setTimeout(follow);
    else scrollToChosen();
  }

  /* Within the table's own frame only: the page stays where the reader is. */
  function scrollToChosen() {
    const row = table.querySelector("tr.chosen");
    if (!row) return;
    const frame = table.parentElement;
    const top = row.getBoundingClientRect().top - frame.getBoundingClientRect().top;
    const [first, last] = [table.tHead.offsetHeight, frame.clientHeight - row.offsetHeight];
    if (top < first || top > last) frame.scrollTop += top - (first + last) / 2;
  }

  function draw(next, changed) {
    view = next;
    if (headed !== view.state.level) head(view.state.level);
    const ranked = view.results ? ` Rank and assessment: ${W.rankedBy(view)}, whole period.` : "";
    const change = view.results && W.COMPARED ? ` Change: ${W.COMPARED}.` : "";
    const areas = view.level.words.one + H.figures.within(view);
    H.byId("areas-table-caption-text").textContent =
      `${W.themeOf(view.state).name} by ${areas}, ${W.period(view.state.from, view.state.to)}.${change}${ranked}`;
    body();
    if (changed.some((key) => ["ward", "lsoa", "level"].includes(key))) scrollToChosen();
  }

  /* The table as it stands, in words, for a document. */
  function texts() {
    const columns = columnsOf(view.state.level);
    const lines = rows().map((i) => columns.map(([column]) =>
      (column === "name" ? view.level.names[i] : column === "verdict" ? W.assessment(view, i) : cellText(column, i))));
    return { caption: H.byId("areas-table-caption-text").textContent, head: columns.map(([, title]) => title), lines };
  }

  const rounded = (value, times = 1) => Math.round(value * times * 1000) / 1000;
  const RAW = {
    count: (value) => value, rank: (value) => value, share: (value) => rounded(value, 100), change: (value) => rounded(value - 1, 100),
    rate_per_1000: rounded, rate_per_km2: rounded,
  };

  /* The same as numbers, for a spreadsheet; the headings say of which theme and months they are. */
  function figures() {
    const { state, results } = view;
    const of = `${W.themeOf(state).name}, ${W.period(state.from, state.to)}`;
    const heads = {
      count: `Incidents: ${of}`, share: "Share (%)", change: W.COMPARED ? `Change (%), ${W.COMPARED}` : "Change (%)",
      rank: `Rank ${W.rankedBy(view)}, whole period`,
    };
    const columns = columnsOf(state.level);
    const cell = (column, i) => {
      const value = view.columns[column] ? view.columns[column][i] : null;
      return value === null ? cellText(column, i).replace("–", "") : RAW[column](value);
    };
    const clear = (i) => (results && results.change[i] !== null ? (H.figures.isClear(results, i) ? "yes" : "no") : "");
    const middle = columns.slice(1, -1);
    return {
      head: [
        "Code", "Area",
        ...middle.flatMap(([column, title]) => [
          heads[column] || title, ...(column === "change" ? ["Change beyond chance"] : []),
        ]),
        "Assessment",
      ],
      lines: rows().map((i) => [
        view.level.codes[i], view.level.names[i],
        ...middle.flatMap(([column]) => [cell(column, i), ...(column === "change" ? [clear(i)] : [])]), W.assessment(view, i),
      ]),
    };
  }

  filter.addEventListener("input", body);
  window.addEventListener("beforeprint", () => {
    if (waiting.length) follow(waiting.length);
  });
  H.table = { draw, texts, figures };
})(window.Hotspots);
