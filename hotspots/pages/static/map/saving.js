/* Twin: hotspots/outputs/csv.py (the guard against formulas). */
/* What leaves the page: the table as it stands, as CSV or copied for Word and Excel; the view on paper. */
(function (H) {
  "use strict";

  const data = H.data;
  const FORMULA = /^[=+\-@\t\r]/;

  /* A change such as "+40%" is a figure of ours and no formula. */
  const CHANGE = /^\+\d+%(, may be chance)?$/;

  function guarded(cell) {
    return typeof cell === "string" && !CHANGE.test(cell) && FORMULA.test(cell) ? `'${cell}` : String(cell);
  }

  function quoted(cell) {
    const safe = guarded(cell);
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }

  function csv() {
    const { head, lines } = H.table.figures();
    return [head, ...lines].map((cells) => cells.map(quoted).join(",")).join("\n") + "\n";
  }

  /* "derby-anti-social-behaviour-ward-2025-01-to-2025-12": what it holds, without opening it. */
  function name(kind) {
    const { theme, from, to } = H.state.get();
    const months = data.months.length ? [data.months[from], "to", data.months[to]] : [];
    return [data.area.name, theme, kind, ...months].join("-").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  }

  function save(blob, file) {
    const link = H.element("a", { href: URL.createObjectURL(blob), download: file });
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function download() {
    // The byte order mark tells Excel that it is UTF-8.
    save(new Blob(["\ufeff" + csv()], { type: "text/csv;charset=utf-8" }), `${name(H.state.get().level)}.csv`);
  }

  function asTable({ caption, head, lines }) {
    const row = (cells, kind) => H.element("tr", {}, ...cells.map((cell) => H.element(kind, {}, guarded(cell))));
    return H.element("table", { border: "1" }, H.element("caption", {}, caption),
      H.element("thead", {}, row(head, "th")), H.element("tbody", {}, ...lines.map((cells) => row(cells, "td"))));
  }

  function asText({ caption, head, lines }) {
    return [[caption], head, ...lines].map((cells) => cells.map((cell) => guarded(cell).replace(/[\t\r\n]/g, " ")).join("\t")).join("\n");
  }

  /* The event works where the page is a file, in every browser; the newer clipboard asks for a server. */
  function copy() {
    const shown = H.table.texts();
    document.addEventListener("copy", (event) => {
      event.clipboardData.setData("text/html", new XMLSerializer().serializeToString(asTable(shown)));
      event.clipboardData.setData("text/plain", asText(shown));
      event.preventDefault();
    }, { once: true });
    const done = document.execCommand("copy");
    H.byId("live").textContent = done ? `${shown.lines.length} rows are copied.` : "Copying is not allowed here.";
    H.byId("copied").textContent = done ? "Copied" : "Copying is not allowed here";
  }

  H.byId("download").addEventListener("click", download);
  H.byId("copy").addEventListener("click", copy);
  H.byId("print-all").addEventListener("change", (event) =>
    document.documentElement.classList.toggle("print-all", event.target.checked));
  H.byId("print").addEventListener("click", () => window.print());

  H.saving = { csv, name, save, guarded };
})(window.Hotspots);
