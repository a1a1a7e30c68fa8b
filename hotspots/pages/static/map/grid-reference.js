/* Twin: hotspots/geography/gridref.py, which reads what this writes. */
/* WGS84 to the British National Grid: a seven-parameter Helmert shift, then Airy's transverse
   Mercator. Ordnance Survey gives it as good to about 5 m; over Derby it is about 2 m off.
   Source: Ordnance Survey, A Guide to Coordinate Systems in Great Britain, sections 6.6 and annexe C. */
(function (H) {
  "use strict";

  const WGS84 = { a: 6378137, b: 6356752.3142 };
  const AIRY = { a: 6377563.396, b: 6356256.909 };
  const SECOND = Math.PI / 180 / 3600;
  const SHIFT = { x: -446.448, y: 125.157, z: -542.06, rx: -0.1502 * SECOND, ry: -0.247 * SECOND, rz: -0.8421 * SECOND, s: 20.4894e-6 };
  const SCALE = 0.9996012717;
  const ORIGIN = { lat: (49 * Math.PI) / 180, lon: (-2 * Math.PI) / 180, e: 400000, n: -100000 };
  const LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"; // the grid has no I

  function squared({ a, b }) {
    return 1 - (b * b) / (a * a);
  }

  function toCartesian(lat, lon) {
    const nu = WGS84.a / Math.sqrt(1 - squared(WGS84) * Math.sin(lat) ** 2);
    return {
      x: nu * Math.cos(lat) * Math.cos(lon),
      y: nu * Math.cos(lat) * Math.sin(lon),
      z: (1 - squared(WGS84)) * nu * Math.sin(lat),
    };
  }

  function shift({ x, y, z }) {
    const k = 1 + SHIFT.s;
    return {
      x: SHIFT.x + k * x - SHIFT.rz * y + SHIFT.ry * z,
      y: SHIFT.y + SHIFT.rz * x + k * y - SHIFT.rx * z,
      z: SHIFT.z - SHIFT.ry * x + SHIFT.rx * y + k * z,
    };
  }

  function toAngles({ x, y, z }) {
    const e2 = squared(AIRY);
    const p = Math.hypot(x, y);
    let lat = Math.atan2(z, p * (1 - e2));
    for (let turn = 0; turn < 6; turn += 1) {
      const nu = AIRY.a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
      lat = Math.atan2(z + e2 * nu * Math.sin(lat), p);
    }
    return { lat, lon: Math.atan2(y, x) };
  }

  function meridionalArc(lat) {
    const n = (AIRY.a - AIRY.b) / (AIRY.a + AIRY.b);
    const d = lat - ORIGIN.lat;
    const s = lat + ORIGIN.lat;
    return AIRY.b * SCALE * (
      (1 + n + (5 / 4) * n ** 2 + (5 / 4) * n ** 3) * d -
      (3 * n + 3 * n ** 2 + (21 / 8) * n ** 3) * Math.sin(d) * Math.cos(s) +
      ((15 / 8) * n ** 2 + (15 / 8) * n ** 3) * Math.sin(2 * d) * Math.cos(2 * s) -
      (35 / 24) * n ** 3 * Math.sin(3 * d) * Math.cos(3 * s)
    );
  }

  function project({ lat, lon }) {
    const e2 = squared(AIRY);
    const [sin, cos, tan] = [Math.sin(lat), Math.cos(lat), Math.tan(lat)];
    const nu = (AIRY.a * SCALE) / Math.sqrt(1 - e2 * sin ** 2);
    const rho = (AIRY.a * SCALE * (1 - e2)) / (1 - e2 * sin ** 2) ** 1.5;
    const eta = nu / rho - 1;
    const t = tan ** 2;
    const p = lon - ORIGIN.lon;
    const northing = ORIGIN.n + meridionalArc(lat) + (nu / 2) * sin * cos * p ** 2 +
      (nu / 24) * sin * cos ** 3 * (5 - t + 9 * eta) * p ** 4 +
      (nu / 720) * sin * cos ** 5 * (61 - 58 * t + t ** 2) * p ** 6;
    const easting = ORIGIN.e + nu * cos * p + (nu / 6) * cos ** 3 * (nu / rho - t) * p ** 3 +
      (nu / 120) * cos ** 5 * (5 - 18 * t + t ** 2 + 14 * eta - 58 * t * eta) * p ** 5;
    return { easting, northing };
  }

  function nationalGrid(latitude, longitude) {
    const radians = Math.PI / 180;
    return project(toAngles(shift(toCartesian(latitude * radians, longitude * radians))));
  }

  /* "SK 3530 3627": the 10 m square that holds the point; "" off the grid. */
  function reference({ easting, northing }) {
    const east = Math.floor(easting / 100000);
    const north = Math.floor(northing / 100000);
    if (east < 0 || east > 6 || north < 0 || north > 12) return "";
    const large = 17 - 5 * Math.floor(north / 5) + Math.floor(east / 5);
    const small = 20 - 5 * (north % 5) + (east % 5);
    const digits = (metres) => String(Math.floor((metres % 100000) / 10)).padStart(4, "0");
    return `${LETTERS[large]}${LETTERS[small]} ${digits(easting)} ${digits(northing)}`;
  }

  H.grid = { nationalGrid, reference };
})(window.Hotspots);
