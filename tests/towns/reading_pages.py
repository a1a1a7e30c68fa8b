"""What a person reads off the map page, and the choices that they make on it."""

from __future__ import annotations

#: WCAG 2.0 to 2.2 at A and AA, and axe's own good practice; what is well is not listed.
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}


def areas(page):
    return page.eval_on_selector_all(
        "path.area[data-area]", "paths => paths.map(p => [p.dataset.area, p.getAttribute('class')])"
    )


#: Comes true once all that moves by itself, page, map, labels and card, has stood still for some frames.
STILL = """() => new Promise(done => {
  const where = () => {
    const moving = "#map, #card, .card-close, #map .leaflet-marker-icon, #map path";
    const boxes = [...document.querySelectorAll(moving)].map(e => e.getBoundingClientRect())
      .map(r => [r.left, r.top, r.width, r.height]);
    const { lat, lng } = Hotspots.map.leaflet.getCenter();
    return JSON.stringify([scrollX, scrollY, lat, lng, Hotspots.map.leaflet.getZoom(), boxes]);
  };
  let last = where(), left = 12;
  const look = () => {
    const now = where();
    left = now === last ? left - 1 : 12;
    last = now;
    left ? requestAnimationFrame(look) : done(true);
  };
  requestAnimationFrame(look);
})"""


def at_rest(page):
    """Wait until nothing on the page moves any more, however slow the machine is."""
    page.evaluate(STILL)
    return page


def choose(page, **fields):
    page.evaluate("changes => window.Hotspots.state.update(changes)", fields)


def table(page):
    return page.eval_on_selector_all(
        "#areas-table tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
    )


def text(page, selector):
    return page.locator(selector).inner_text()


def violations(axe, page):
    found = axe.run(page, options=AXE).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]
