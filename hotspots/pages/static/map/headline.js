/* No twin in Python. */
/* The sentence at the top answers for what is chosen: a ward or small area, a theme, a period. */
(function (H) {
  "use strict";

  const data = H.data;
  const W = H.words;
  const PARTS = [[0.1, "a tenth"], [0.2, "a fifth"], [0.25, "a quarter"], [1 / 3, "a third"], [0.5, "half"]];

  /* "Anti-social behaviour" within a sentence; "ASB" stays. */
  function within(name) {
    return /^[A-Z][a-z]/.test(name) ? name[0].toLowerCase() + name.slice(1) : name;
  }

  function held({ state, columns }, i) {
    const theme = W.themeOf(state);
    return W.incidents(columns.count[i]) + (theme.kind === "all" ? "" : ` of ${within(theme.name)}`);
  }

  /* "5th most of 18 wards"; places that are shared are said to be. */
  function place(view, i) {
    const rated = ["rate_per_1000", "rate_per_km2"].includes(view.state.measure);
    const values = rated ? view.values : view.columns.count;
    if (!values[i] || values.includes(null)) return "";
    const before = values.filter((value) => value > values[i]).length;
    const shared = values.filter((value) => value === values[i]).length > 1 ? "joint " : "";
    const figure = rated ? `${W.figure(view.state.measure, values[i])} ${W.MEASURES[view.state.measure].unit}, ` : "";
    const first = before || shared ? `${shared}${W.ordinal(before + 1)} ` : "the ";
    return `${figure}${first}${rated ? "highest" : "most"} of ${values.length} ${view.level.words.many}`;
  }

  /* "one firm hot spot: Charlotte Street" */
  function spots(view, level, i) {
    const theme = W.themeOf(view.state);
    if (level !== "ward" || theme.withheld || !theme.clusters) return "";
    const here = (data.clusters[theme.slug] || []).filter(({ wards }) => wards.includes(i));
    const scope = view.whole ? "" : " over the whole period";
    if (!here.length) return `no hot spot${scope}`;
    const groups = ["firm", "fairly firm", "weak", ""].map((word) => [
      word, here.filter(({ confidence }) => W.firmness(confidence) === word),
    ]);
    const said = groups.filter(([, list]) => list.length).map(([word, list], k) => {
      const noun = k ? "" : list.length === 1 ? "hot spot" : "hot spots";
      const names = W.joinNames(list.map(({ name }) => name), 3);
      return `${[W.smallNumber(list.length), word, noun].filter(Boolean).join(" ")}${k ? "" : scope}: ${names}`;
    });
    return said.join(", and ");
  }

  /* 0.8 -> "down a fifth"; where no such word is near the figure itself. */
  function moved(ratio) {
    const percent = Math.round(100 * Math.abs(ratio - 1));
    if (!percent) return "about the same as";
    if (percent >= 98 && percent <= 102 && ratio > 1) return "double";
    const near = PARTS.find(([part]) => Math.abs(Math.abs(ratio - 1) - part) <= 0.012);
    return `${ratio > 1 ? "up" : "down"} ${near ? near[1] : `${percent}%`} on`;
  }

  function change({ results }, i) {
    if (!results || results.change[i] === null || !data.change.after) return "";
    const before = data.change.reason.startsWith("the same months") ? "the same months a year before" : "the months before";
    const chance = H.figures.isClear(results, i) ? "more than chance explains" : "which may be chance";
    return `${data.change.after} ${moved(results.change[i])} ${before}, ${chance}`;
  }

  function answer({ view, level, i }) {
    const name = W.nameOf(view, i) + (view.whole ? "" : `, ${W.period(view.state.from, view.state.to)}`);
    if (view.blind) return `${name}: ${within(W.themeOf(view.state).name)} is ${view.blind} in these data.`;
    if (!view.counts) return `${name}: no figures of this theme may be shown.`;
    const count = view.columns.count[i];
    const first = count === null ? "too few incidents to show" : [held(view, i), place(view, i)].filter(Boolean).join(", ");
    return `${name}: ${[first, spots(view, level, i), count === null ? "" : change(view, i)].filter(Boolean).join("; ")}.`;
  }

  /* How it ranks, by what, and how sure that is. */
  function standing({ view, i }) {
    const { results, level } = view;
    if (!results || view.blind || results.rank[i] === null) return "";
    const by = W.rankedBy(view);
    const said = W.verdict(view, i) || `not among the top ${W.smallNumber(data.top)}`;
    const start = `${by[0].toUpperCase()}${by.slice(1)}${view.whole ? "" : " and over the whole period"}`;
    return `${start} it is ${W.ordinal(results.rank[i])} of ${level.names.length}, ${said}.`;
  }

  /* Two sentences: what there is, and how sure the ranking is. */
  function say(view) {
    const chosen = H.figures.chosen(view);
    return chosen ? [answer(chosen), standing(chosen)] : [W.finding(view), W.sure(view)];
  }

  H.headline = { say, moved, within };
})(window.Hotspots);
