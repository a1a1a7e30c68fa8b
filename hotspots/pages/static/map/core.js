/* Twin: hotspots/pages/map_shapes.py (rings) and map_payload.py (packing). */
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

  /* What map_payload.packed wrote shorter: words as one letter each, streets as steps. */
  function unpack() {
    for (const level of Object.values(data.levels)) {
      for (const results of Object.values(level.results)) {
        for (const [column, few] of Object.entries(data.packed)) {
          results[column] = Array.from(results[column], (letter) => few[parseInt(letter, 36)]);
        }
        results.sensitive = Array.from(results.sensitive, Number);
      }
    }
    const steps = data.streets.points;
    let [x, y] = [0, 0];
    data.streets.points = data.streets.names.map((_, i) => [(x += steps[2 * i]), (y += steps[2 * i + 1])]);
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
