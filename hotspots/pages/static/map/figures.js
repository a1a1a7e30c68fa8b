/* Twin: hotspots/pages/map_page.py (classes of the first view). */
/* From the state to the figures that are shown: one value, one class and one status for each area. */
(function (H) {
  "use strict";

  const data = H.data;
  const last = data.months.length - 1;

  function isWhole(state) {
    return state.from === 0 && state.to === last;
  }

  function countsOf(level, theme) {
    return data.levels[level].counts[theme] || null;
  }

  /* The count of one area in the chosen months; null where any part of it is withheld. */
  function countIn(row, state) {
    if (isWhole(state)) return row[0];
    let sum = 0;
    for (let month = state.from; month <= state.to; month += 1) {
      // rows of rare types end after the whole period
      if ((row[month + 1] ?? null) === null) return null;
      sum += row[month + 1];
    }
    return sum;
  }

  /* Some audiences get LSOA counts for the whole period only. */
  function hasMonths(level, theme) {
    const counts = countsOf(level, theme);
    return counts !== null && counts.some((row) => row.slice(1).some((value) => value !== null));
  }

  function rate(count, denominator) {
    return count === null || !denominator ? null : count / denominator;
  }

  function monthsOf(state) {
    return state.to - state.from + 1;
  }

  /* Limits of the classes. A month's limits, times the months chosen, hold for every window of that length. */
  function breaksOf(state) {
    if (state.measure === "change") return [];
    const breaks = (data.levels[state.level].breaks[state.theme] || {})[state.measure];
    if (!breaks) return [];
    if (isWhole(state)) return breaks.period;
    return state.measure === "count" ? breaks.month.map((upper) => upper * monthsOf(state)) : breaks.month;
  }

  function classOf(value, breaks) {
    const position = breaks.findIndex((upper) => value <= upper);
    return (position < 0 ? breaks.length - 1 : position) + 1;
  }

  function lookOf(value, breaks) {
    if (value === null) return "area-withheld";
    return value === 0 ? "area-0" : "area-" + classOf(value, breaks);
  }

  /* A change that chance could explain gets no colour: it would be read as news. */
  function isClear(results, i) {
    return results.clear[i] === 1;
  }

  function changeLook(results, i) {
    if (!results || results.change[i] === null) return "area-none";
    if (!isClear(results, i)) return "change-3";
    const [low, high] = data.changeBreaks;
    const ratio = results.change[i];
    if (ratio < 1) return ratio < low ? "change-1" : "change-2";
    return ratio > high ? "change-5" : "change-4";
  }

  /* Everything that the map, legend, table and sentences need to know about the chosen view. */
  function compute(state) {
    const level = data.levels[state.level];
    const counts = countsOf(state.level, state.theme);
    const results = level.results[state.theme] || null;
    const n = level.names.length;
    const found = Array.from({ length: n }, (_, i) => (counts ? countIn(counts[i], state) : null));
    const known = found.reduce((sum, value) => sum + (value || 0), 0);
    const theme = data.themes.find(({ slug }) => slug === state.theme);
    // Withheld areas are in the theme's total, not in the sum of those shown.
    const total = isWhole(state) && theme.total !== null ? theme.total : known;
    const partial = total === known && found.includes(null);
    // Where the data cannot show a theme, none recorded does not mean none: no zeros are drawn.
    const unseen = known === 0 && ["not visible", "not recognised"].includes(theme.observability);
    const blind = unseen ? theme.observability : "";
    const count = blind ? found.map(() => null) : found;
    // Every rate is one for a year.
    const years = monthsOf(state) / 12;
    const columns = {
      count,
      share: count.map((value) => rate(value, total)),
      rate_per_1000: count.map((value, i) => rate(value, level.residents[i] && level.residents[i] / 1000 * years)),
      rate_per_km2: count.map((value, i) => rate(value, level.km2[i] && level.km2[i] * years)),
      change: results ? results.change : new Array(n).fill(null),
      rank: results ? results.rank : new Array(n).fill(null),
    };
    const values = columns[state.measure];
    const breaks = breaksOf(state);
    const looks = values.map((value, i) => {
      if (blind) return "area-none";
      if (state.measure === "change") return changeLook(results, i);
      return value === null && count[i] !== null ? "area-none" : lookOf(value, breaks);
    });
    const byRank = results ? ranked(results.rank.map((rank) => (rank === null ? null : -rank)), level.names) : [];
    return { state, level, byRank, counts, results, columns, values, looks, breaks, total, partial, blind, whole: isWhole(state) };
  }

  /* Positions of the areas, highest value first, ties by name. */
  function ranked(values, names) {
    return values
      .map((_, i) => i)
      .filter((i) => values[i] !== null)
      .sort((a, b) => values[b] - values[a] || (names[a] < names[b] ? -1 : 1));
  }

  /* The one area that is chosen, with the view that has its figures: among LSOAs an LSOA, else the ward. */
  function chosen(view) {
    const { state } = view;
    const position = (level) => data.levels[level].codes.indexOf(state[level]);
    if (position(state.level) >= 0) return { view, level: state.level, i: position(state.level) };
    if (state.level === "ward" || position("ward") < 0) return null;
    return { view: compute({ ...state, level: "ward" }), level: "ward", i: position("ward") };
  }

  /* "in Normanton", where only the LSOAs of one ward are listed. */
  function within({ state }) {
    const ward = state.level === "ward" ? -1 : data.levels.ward.codes.indexOf(state.ward);
    return ward < 0 ? "" : ` in ${data.levels.ward.names[ward]}`;
  }

  /* The area that the finding names first, -1 where it names none as having most. */
  function leader({ state, level, values, total, blind }) {
    const order = blind || !total || state.measure === "change" ? [] : ranked(values, level.names);
    return order.length ? order[0] : -1;
  }

  H.figures = { compute, leader, chosen, within, ranked, isWhole, isClear, hasMonths, last };
})(window.Hotspots);
