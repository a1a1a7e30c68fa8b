/* No twin in Python. */
/* A small chart of the months: bars from nought, an axis of whole numbers, the months below. */
(function (H) {
  "use strict";

  const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [300, 96, 34, 20, 8];

  /* The least round number that no bar exceeds: 1, 2 or 5 times a power of ten, twice. */
  function axisTop(most) {
    const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
    return [1, 2, 4, 5, 10].map((step) => step * power).find((top) => top >= most);
  }

  function text(x, y, anchor, said) {
    return H.svg("text", { x: x.toFixed(1), y, "text-anchor": anchor }, said);
  }

  /* Every month gets its initial; years stand where they begin. */
  function monthLabels(months, middle) {
    const every = Math.ceil(months.length / 14);
    return months.flatMap((month, i) => {
      if (i % every) return [];
      const name = H.MONTHS[Number(month.slice(5, 7)) - 1];
      return [text(middle(i), HEIGHT - 6, "middle", months.length > 14 ? month.slice(2) : name[0])];
    });
  }

  function bars(monthly, name) {
    const months = H.data.months;
    const top = axisTop(Math.max(...monthly));
    const wide = (WIDTH - LEFT - 4) / monthly.length;
    const y = (n) => HEIGHT - BOTTOM - (n * (HEIGHT - BOTTOM - TOP)) / top;
    const middle = (i) => LEFT + (i + 0.5) * wide;
    const ticks = [0, top / 2, top].filter(Number.isInteger);
    const grid = ticks.flatMap((tick) => [
      H.svg("path", { class: "chart-grid", d: `M${LEFT} ${y(tick).toFixed(1)}H${WIDTH - 4}` }),
      text(LEFT - 5, (y(tick) + 4).toFixed(1), "end", H.words.whole(tick)),
    ]);
    const drawn = monthly.map((n, i) => H.svg("rect", {
      class: "chart-bar", x: (middle(i) - wide * 0.36).toFixed(1), y: y(n).toFixed(1), width: (wide * 0.72).toFixed(1),
      height: (HEIGHT - BOTTOM - y(n)).toFixed(1),
    }, H.svg("title", {}, `${H.monthName(months[i])}: ${H.words.whole(n)}`)));
    const listed = monthly.map((n, i) => `${H.monthName(months[i])} ${n}`).join(", ");
    return H.svg("svg", {
      class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Incidents by month in ${name}: ${listed}.`,
    }, ...grid, ...drawn, ...monthLabels(months, middle));
  }

  H.chart = { bars, axisTop };
})(window.Hotspots);
