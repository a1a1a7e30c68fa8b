"""What a person reads off the map page, and the choices that they make on it."""

from __future__ import annotations

#: WCAG 2.0 to 2.2 at A and AA, and axe's own good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def areas(page):
    return page.eval_on_selector_all(
        "path.area[data-area]", "paths => paths.map(p => [p.dataset.area, p.getAttribute('class')])"
    )


def choose(page, **fields):
    page.evaluate("changes => window.Hotspots.state.update(changes)", fields)


def table(page):
    return page.eval_on_selector_all(
        "#areas-table tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
    )


def text(page, selector):
    return page.locator(selector).inner_text()


def violations(axe, page):
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}}).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]
