/* Twin: hotspots/pages/words.py (sentences of the first view). */
/* Every sentence and number as people read it. */
(function (H) {
  "use strict";

  const data = H.data;
  const SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
  const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
  const tenth = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

  /* The months that a change compares, whatever period is chosen; "" where there are too few. */
  const COMPARED = data.change.after ? `${data.change.after} against ${data.change.before}` : "";

  const MEASURES = {
    count: { title: "Incidents", unit: "incidents" },
    rate_per_1000: { title: "Incidents per 1,000 residents a year", unit: "per 1,000 residents a year" },
    rate_per_km2: { title: "Incidents per km² a year", unit: "per km² a year" },
    change: { title: COMPARED ? `Change, ${COMPARED}` : "Change", unit: "" },
  };

  function rate(value) {
    return value > 0 && value < 9.95 ? tenth.format(value) : whole.format(value);
  }

  function percent(share) {
    return share > 0 && share < 0.005 ? "under 1%" : whole.format(100 * share) + "%";
  }

  /* Small shares of the area differ by less than a whole per cent: 0.025 -> "2.5%". */
  function finePercent(share) {
    if (share > 0 && share < 0.0005) return "under 0.1%";
    return share < 0.0995 ? `${fine.format(100 * share)}%` : percent(share);
  }

  /* How sure a hot spot is: the share of test runs that find it again. */
  function firmness(share) {
    if (share === null) return "";
    return share >= 0.8 ? "firm" : share >= 0.5 ? "fairly firm" : "weak";
  }

  /* 1.12 -> "+12%" */
  function change(ratio) {
    const points = Math.round(100 * (ratio - 1));
    return (points > 0 ? "+" : points < 0 ? "−" : "") + Math.abs(points) + "%";
  }

  const FORMATS = {
    count: (value) => whole.format(value),
    share: percent,
    rate_per_1000: rate,
    rate_per_km2: rate,
    change,
    rank: (value) => whole.format(value),
  };

  function figure(column, value) {
    return value === null ? "–" : FORMATS[column](value);
  }

  function incidents(count) {
    return `${whole.format(count)} ${count === 1 ? "incident" : "incidents"}`;
  }

  function smallNumber(value) {
    return SMALL[value] || String(value);
  }

  /* 1 -> "1st" */
  function ordinal(value) {
    const teen = value % 100 > 10 && value % 100 < 14;
    return `${value}${(!teen && ["th", "st", "nd", "rd"][value % 10]) || "th"}`;
  }

  function joinNames(names, most = 4) {
    const shown = names.length > most
      ? names.slice(0, most - 1).concat(`${names.length - most + 1} others`)
      : names;
    return shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
  }

  function period(from, to) {
    if (!data.months.length) return "no months";
    const [first, final] = [data.months[from], data.months[to]];
    if (from === to) return H.monthName(first);
    const start = first.slice(0, 4) === final.slice(0, 4) ? H.monthName(first).slice(0, -5) : H.monthName(first);
    return `${start} to ${H.monthName(final)}`;
  }

  /* The months that the chosen measure is about. */
  function months(state) {
    return state.measure === "change" ? COMPARED || data.change.reason : period(state.from, state.to);
  }

  function themeOf(state) {
    return data.themes.find((theme) => theme.slug === state.theme);
  }

  /* The ward that holds an area's inner point; "" where none does. */
  function wardOf({ level }, i) {
    return level.ward[i] < 0 ? "" : data.levels.ward.names[level.ward[i]];
  }

  /* A small area's name is a code, so its ward says where it is: "Derby 013G (Arboretum)". */
  function nameOf(view, i, detail = "") {
    const ward = view.state.level === "lsoa" ? wardOf(view, i) : "";
    const said = [ward, detail].filter(Boolean).join(", ");
    return view.level.names[i] + (said && ` (${said})`);
  }

  function clause(view, i) {
    const { state, values } = view;
    return `${figure(state.measure, values[i])} ${MEASURES[state.measure].unit}`.trim();
  }

  function changes(view, theme, order) {
    const { level, results } = view;
    if (!order.length) return `${theme.name}: no change can be given${COMPARED ? "" : ` (${data.change.reason})`}.`;
    const clear = order.filter((i) => H.figures.isClear(results, i));
    const named = (list) => joinNames(list.map((i) => nameOf(view, i, change(results.change[i]))));
    const [up, down] = [clear.filter((i) => results.change[i] > 1), clear.filter((i) => results.change[i] < 1).reverse()];
    const said = [up.length ? `rose clearly in ${named(up)}` : "", down.length ? `fell clearly in ${named(down)}` : ""];
    const words = said.filter(Boolean).join(" and ") || `no ${level.words.one} changed more than chance could explain`;
    return `${theme.name}, ${COMPARED}: ${words}.`;
  }

  function isTogether(state) {
    return themeOf(state).kind === "combined";
  }

  /* Who has most. */
  function finding(view) {
    const { state, level, counts, columns, values, total } = view;
    const theme = themeOf(state);
    const many = level.words.many;
    if (view.blind) return `${theme.name}: ${view.blind} in these data. That none is recorded does not mean that there is none.`;
    if (!counts) return `${theme.name}: no figures by ${level.words.one} may be shown.`;
    const order = H.figures.ranked(values, level.names);
    if (state.measure === "change") return changes(view, theme, order);
    if (!total || !order.length) {
      const hidden = columns.count.some((value) => value === null);
      if (total && !hidden) return `${theme.name}: the rate is not known, because the ${many} have no number to divide by.`;
      return `${theme.name}: ${hidden ? "no figures can be shown for" : "no incident in"} ${months(state)}.`;
    }
    const top = order[0];
    const name = nameOf(view, top);
    if (state.measure === "count") {
      return `${theme.name}, ${months(state)}: ${name} had the most of all ${values.length} ${many}, ` +
        `${whole.format(values[top])} of ${whole.format(total)}${view.partial ? " that may be shown" : ""} ` +
        `(${percent(values[top] / total)}).`;
    }
    return `${theme.name}, ${months(state)}: ${name} had the highest rate of all ${values.length} ${many}, ${clause(view, top)}.`;
  }

  /* What the ranking goes by, always over the whole period. */
  function rankedBy({ state, level }) {
    if (isTogether(state)) return "over the themes together";
    return level.residents.some(Boolean) ? "by rate per resident" : "by number of incidents";
  }

  /* How sure the ranking is. */
  function sure(view) {
    const { state, level, results } = view;
    if (!results || view.blind) return "";
    const top = smallNumber(data.top);
    const scope = (isTogether(state) ? "Taking the themes together" :
      level.residents.some(Boolean) ? "By rate per resident" : "By number of incidents") +
      (view.whole ? "" : " over the whole period");
    const said = ["clearly", "very probably", "possibly"].flatMap((word) => {
      const found = view.byRank.filter((i) => results.certainty[i] === word).map((i) => nameOf(view, i));
      return found.length ? [[word, joinNames(found), found.length === 1 ? "is" : "are"]] : [];
    });
    if (!said.length) return `${scope}, no ${level.words.one} stands out as one of the top ${top}.`;
    const [[word, names, are], ...others] = said;
    const rest = others.map(([next, list, verb]) => (next === "possibly" ? ` ${list} may be too.` : ` ${list} ${next} ${verb} too.`));
    return `${scope}, ${names} ${are} ${word} among the top ${top}.${rest.join("")}`;
  }

  /* What the ranking says of one area: "clearly among the top three". */
  function verdict(view, i) {
    const { results } = view;
    if (!results || results.rank[i] === null) return "";
    const top = smallNumber(data.top);
    const word = results.certainty[i];
    // What is true of nearly all is not said of each.
    if (word === "not") return "";
    if (word !== "possibly") return word && `${word} among the top ${top}`;
    // Rivals: not ruled out themselves, and their interval of the rank overlaps.
    const rival = (j) => j !== i && ["priority", "possible"].includes(results.class[j]) &&
      results.rank_low[j] <= results.rank_high[i] && results.rank_high[j] >= results.rank_low[i];
    const others = view.byRank.filter(rival);
    if (!others.length) return `possibly among the top ${top}`;
    return `possibly among the top ${top}; cannot be told apart from ${joinNames(others.map((j) => nameOf(view, j)), 3)}`;
  }

  function assessment(view, i) {
    const said = [verdict(view, i)];
    if (said[0]) said.push(elsewhere(view, i));
    return said.filter(Boolean).join("; ");
  }

  /* Its rank by the other denominators: whoever names one only chooses the answer. The first is the one that ranks. */
  function elsewhere({ results }, i) {
    const ranks = results.by.slice(1).flatMap(([name, rank]) => (rank[i] === null ? [] : [`${ordinal(rank[i])} by ${name}`]));
    if (ranks.length > 1) return joinNames(ranks, ranks.length);
    return results.sensitive[i] ? "its place differs by households or by area" : "";
  }

  function changeText(view, i) {
    const { results } = view;
    if (!results || results.change[i] === null) return "change not known";
    return H.figures.isClear(results, i) ? change(results.change[i]) : `${change(results.change[i])}, which could be chance`;
  }

  /* Its place in the ranking, how sure that is, and how it came about over the months. */
  function ranking(view, i) {
    const { results, level } = view;
    if (!results || results.rank[i] === null) return [];
    const parts = [`${ordinal(results.rank[i])} of ${level.names.length} ${rankedBy(view)}`];
    if (!view.whole) parts.push("over the whole period");
    if (results.class[i] !== "no") parts.push(verdict(view, i));
    if (results.sensitive[i]) parts.push(elsewhere(view, i));
    if (results.category[i]) parts.push(data.categories[results.category[i]] || results.category[i]);
    return parts;
  }

  /* One area in one line, for the pointer, the keyboard and screen readers. */
  function area(view, i) {
    const { columns } = view;
    const name = nameOf(view, i);
    if (view.blind) return `${name}: ${view.blind} in these data`;
    if (columns.count[i] === null) return `${name}: withheld, too few incidents to show`;
    const parts = [`${name}: ${incidents(columns.count[i])}`];
    if (columns.share[i] !== null) parts.push(`${percent(columns.share[i])} of all`);
    if (columns.rate_per_1000[i] !== null) parts.push(`${rate(columns.rate_per_1000[i])} per 1,000 residents a year`);
    if (view.state.measure === "rate_per_km2") parts.push(`${rate(columns.rate_per_km2[i])} per km² a year`);
    if (view.state.measure === "change") parts.push(changeText(view, i));
    return parts.concat(ranking(view, i)).join(", ");
  }

  H.words = {
    MEASURES, COMPARED, months, whole: (value) => whole.format(value), incidents, percent, finePercent, firmness, rate, change, figure,
    smallNumber, ordinal, joinNames, period, themeOf, rankedBy, nameOf, wardOf, finding, sure, verdict, assessment, area,
  };
})(window.Hotspots);
