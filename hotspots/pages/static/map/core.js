/* Twin: hotspots/pages/map_shapes.py (rings) and map_packing.py (numbers). */
/* The one name that the page's scripts share, the data, and small helpers.
   Text is set with textContent only: names and streets come from files that anyone may have written. */
window.Hotspots = (function () {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  unpack();
  // From here on the style sheet shows the live map in place of the still one.
  document.documentElement.classList.add("scripted");
  const SVG = "http://www.w3.org/2000/svg";
  const UNITS = 100000; // whole numbers in the data are 0.00001 degree
  const MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
  ];

  /* What map_packing.packed wrote shorter: whole numbers as signs, words as one letter each. */
  function unpack() {
    const { signs, words, groups } = data.packed;
    const half = signs.length / 2;
    const FULL = 64; // the sign that begins a group of which one number is not small
    const digits = new Uint8Array(128);
    for (let i = 0; i < signs.length; i += 1) digits[signs.charCodeAt(i)] = i;

    function numbers(text) {
      const found = [];
      let [number, times] = [0, 1];
      for (let i = 0; i < text.length; i += 1) {
        const digit = digits[text.charCodeAt(i)];
        if (digit < half) {
          found.push(number + digit * times);
          number = 0;
          times = 1;
        } else {
          number += (digit - half) * times;
          times *= half;
        }
      }
      return found;
    }

    const signed = (number) => (number % 2 ? -(number + 1) / 2 : number / 2);
    const known = (text, scale = 1) => numbers(text).map((number) => (number ? (number - 1) / scale : null));

    function shape(text) {
      const found = numbers(text);
      let at = 0;
      const next = () => found[at++];
      const many = (make) => Array.from({ length: next() }, make);
      return many(() => many(() => many(() => signed(next()))));
    }

    function points(text) {
      const steps = numbers(text).map(signed);
      let [x, y] = [0, 0];
      return Array.from({ length: steps.length / 2 }, (_, i) => [(x += steps[2 * i]), (y += steps[2 * i + 1])]);
    }

    /* Several small numbers in one sign. */
    function grouped(text, size) {
      const limit = groups[size];
      const found = [];
      let open = 0; // numbers still to come that have signs of their own
      let start = 0;
      for (let i = 0; i < text.length; i += 1) {
        const digit = digits[text.charCodeAt(i)];
        if (open) {
          if (digit >= half) continue;
          open -= 1;
          if (!open) found.push(...numbers(text.slice(start, i + 1)));
        } else if (digit === FULL) {
          open = size;
          start = i + 1;
        } else {
          for (let k = 0, rest = digit; k < size; k += 1, rest = Math.floor(rest / limit)) found.push(rest % limit);
        }
      }
      return found;
    }

    function counts([width, size, text]) {
      const flat = (size === 1 ? numbers(text) : grouped(text, size)).map((code) => (code ? code - 1 : null));
      return Array.from({ length: Math.floor(flat.length / width) }, (_, i) => flat.slice(i * width, (i + 1) * width));
    }

    const KINDS = { clearly: "priority", "very probably": "priority", possibly: "possible", "probably not": "no", not: "no" };

    function results(found) {
      for (const [column, few] of Object.entries(words)) {
        found[column] = Array.from(found[column], (letter) => few[parseInt(letter, 36)]);
      }
      found.class = found.certainty.map((word) => KINDS[word] || "");
      for (const column of ["change", "rank", "rank_low", "rank_high"]) found[column] = known(found[column][1], 10 ** found[column][0]);
      ["clear", "significant", "sensitive"].forEach((name, bit) => {
        found[name] = Array.from(found.marks, (mark) => (Number(mark) >> bit) & 1);
      });
      return found;
    }

    /* Figures that are the same as of an earlier theme stand there alone. */
    function byTheme(packed, make) {
      for (const [slug, value] of Object.entries(packed)) packed[slug] = typeof value === "string" ? packed[value] : make(value);
    }

    for (const level of Object.values(data.levels)) {
      level.shapes = level.shapes.map(shape);
      level.labels = points(level.labels);
      byTheme(level.counts, counts);
      byTheme(level.results, results);
    }
    for (const kind of ["clusters", "parts", "bands", "beats"]) {
      for (const [slug, [columns, ...rows]] of Object.entries(data[kind])) {
        data[kind][slug] = rows.map((values) => {
          const row = Object.fromEntries(columns.map((column, i) => [column, values[i]]));
          if ("monthly" in row) row.monthly = numbers(row.monthly);
          return { ...row, shape: shape(row.shape) };
        });
      }
    }
    data.streets.points = points(data.streets.points);
    for (const kind of data.basemap.context) {
      for (const column of ["lines", "areas"]) kind[column] = shape(kind[column]);
      for (const column of ["dots", "points"]) kind[column] = points(kind[column]);
      kind.names = numbers(kind.each).flatMap((many, i) => Array(many).fill(kind.names[i]));
    }
  }

  /* Make an element: attributes by name, then children (strings become text). */
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function svg(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function byId(id) {
    return document.getElementById(id);
  }

  /* Read a ring of steps back into [latitude, longitude] pairs, as Leaflet wants them. */
  function ringOf(steps) {
    const ring = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      ring.push([y / UNITS, x / UNITS]);
    }
    return ring;
  }

  function shapeOf(polygons) {
    return polygons.map((rings) => rings.map(ringOf));
  }

  function pointOf(units) {
    return [units[1] / UNITS, units[0] / UNITS];
  }

  /* "2025-03" -> "March 2025" */
  function monthName(month) {
    return MONTHS[Number(month.slice(5, 7)) - 1] + " " + month.slice(0, 4);
  }

  /* The style sheet keeps the map clear of the header, whose height the marking and banner decide. */
  function measureHeader() {
    const { offsetHeight } = document.querySelector(".page-header");
    document.documentElement.style.setProperty("--header", `${offsetHeight}px`);
  }
  measureHeader();

  return { measureHeader, data, element, svg, byId, shapeOf, pointOf, monthName, MONTHS };
})();
