/* No twin in Python. */
/* The form beside the map. */
(function (H) {
  "use strict";

  const data = H.data;
  const form = H.byId("controls");
  const [from, to] = [H.byId("from"), H.byId("to")];

  function options(wanted) {
    return data.themes.filter(({ kind }) => kind === wanted).map(({ slug, name }) => H.element("option", { value: slug }, name));
  }

  function fill() {
    H.byId("theme").append(...["all", "combined"].flatMap(options));
    for (const [kind, label] of [["theme", "Themes"], ["type", "Crime types"]]) {
      const list = options(kind);
      if (list.length) H.byId("theme").append(H.element("optgroup", { label }, ...list));
    }
    const wards = data.levels.ward;
    H.byId("ward").append(H.element("option", { value: "" }, "All of " + data.area.name));
    H.byId("ward").append(...wards.names.map((name, i) => H.element("option", { value: wards.codes[i] }, name)));
    for (const range of [from, to]) range.max = String(Math.max(H.figures.last, 0));
  }

  function months(start, end) {
    H.state.update({ from: Math.min(start, end), to: Math.max(start, end) });
  }

  /* Shift the window of months, keeping its length; from the whole period go to one month at its end. */
  function shift(step) {
    const state = H.state.get();
    if (H.figures.isWhole(state)) {
      const month = step < 0 ? H.figures.last : 0;
      months(month, month);
    } else if (state.from + step >= 0 && state.to + step <= H.figures.last) {
      months(state.from + step, state.to + step);
    }
  }

  /* A ward picked by its name may be out of sight: the map goes there. */
  function goToWard(ward) {
    H.state.update({ ward });
    H.map.goTo(ward);
  }

  function listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    H.byId("theme").addEventListener("change", (event) => H.state.update({ theme: event.target.value }));
    H.byId("ward").addEventListener("change", (event) => goToWard(event.target.value));
    for (const name of ["measure", "level"]) {
      form.querySelectorAll(`[name=${name}]`).forEach((radio) =>
        radio.addEventListener("change", () => H.state.update({ [name]: radio.value })));
    }
    H.byId("layers").addEventListener("change", () => {
      const boxes = form.querySelectorAll("[name=layer]:checked");
      H.state.update({ layers: Array.from(boxes, (box) => box.value) });
    });
    // A handle that passes the other one takes it along.
    from.addEventListener("input", () => months(Number(from.value), Math.max(Number(from.value), Number(to.value))));
    to.addEventListener("input", () => months(Math.min(Number(from.value), Number(to.value)), Number(to.value)));
    H.byId("earlier").addEventListener("click", () => shift(-1));
    H.byId("later").addEventListener("click", () => shift(1));
    H.byId("whole").addEventListener("click", () => months(0, H.figures.last));
  }

  function themeNote(theme) {
    // That nothing is drawn of what the data cannot show goes without saying.
    const withheld = ["not visible", "not recognised"].includes(theme.observability) ? "" : theme.withheld;
    return [theme.observabilityText, theme.note, withheld].filter(Boolean).join(" ");
  }

  function periodNote({ state, counts }) {
    if (state.measure === "change") {
      const { before, after, reason } = data.change;
      if (!after) return `Change: ${reason}.`;
      return `Change compares ${after} with ${before} (${reason}). The period chosen here does not alter it.`;
    }
    if (counts && !H.figures.isWhole(state) && !H.figures.hasMonths(state.level, state.theme)) {
      return "Single months are not given for these areas. Choose the whole period.";
    }
    return "";
  }

  function draw(view) {
    const { state } = view;
    H.byId("theme").value = state.theme;
    H.byId("ward").value = state.ward;
    for (const name of ["measure", "level"]) {
      form.querySelectorAll(`[name=${name}]`).forEach((radio) => { radio.checked = radio.value === state[name]; });
    }
    form.querySelectorAll("[name=layer]").forEach((box) => { box.checked = state.layers.includes(box.value); });
    const ends = [[from, state.from], [to, state.to]];
    for (const [range, month] of ends) {
      range.value = String(month);
      range.setAttribute("aria-valuetext", data.months.length ? H.monthName(data.months[month]) : "");
    }
    H.byId("period").textContent = H.words.period(state.from, state.to);
    H.byId("theme-note").textContent = themeNote(H.words.themeOf(state));
    const note = periodNote(view);
    H.byId("period-note").textContent = note;
    H.byId("period-note").hidden = !note;
    H.byId("earlier").disabled = !H.figures.isWhole(state) && state.from === 0;
    H.byId("later").disabled = !H.figures.isWhole(state) && state.to === H.figures.last;
  }

  fill();
  listen();
  H.controls = { draw, goToWard };
})(window.Hotspots);
