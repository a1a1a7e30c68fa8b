"""Where labels are put."""

from __future__ import annotations

import pytest
from reading_pages import text

pytestmark = pytest.mark.browser


class TestPlacing:
    def test_a_point_is_inside_or_not(self, opened):
        ring = "[[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]"
        for point, inside in (([3, 3], True), ([1.5, 1.5], False), ([5, 3], False), ([-1, 3], False)):
            assert opened.evaluate(f"p => Hotspots.placing.isInside({ring}, p)", point) is inside

    def test_a_label_that_would_leave_its_area_gives_way_to_its_short_form(self, opened):
        found = opened.evaluate(
            """() => {
              const spot = { name: "spot", x: 0, y: 0, w: 20, h: 20, moves: [[0, 0]] };
              const short = { name: "3", x: 0, y: 0, w: 10, h: 10, moves: [[0, 0], [16, 0]], must: true };
              const area = { name: "3 Abbey", x: 0, y: 0, w: 60, h: 20, moves: [[0, 0], [0, 30]], short };
              const place = (...all) => Hotspots.placing.place(all).map(({ name, move }) => [name, ...move]);
              const holds = (x, y) => y < 20;
              const held = { ...area, holds };
              return [place(spot, area), place(spot, held), place(spot, { ...held, short: null })];
            }"""
        )
        assert found == [
            [["spot", 0, 0], ["3 Abbey", 0, 30]],
            [["spot", 0, 0], ["3", 16, 0]],
            [["spot", 0, 0]],
        ]

    def test_a_name_moves_for_numbers_and_the_first_one_displaces_them_if_it_must(self, opened):
        found = opened.evaluate(
            """() => {
              const { ORDER, arrange } = Hotspots.placing;
              const box = { x: 0, y: 0, w: 20, h: 20, moves: [[0, 0]] };
              const spot = { ...box, name: "9", order: ORDER.firstCluster };
              const area = { ...box, name: "Ash", order: ORDER.leader, leads: true };
              const names = moves => arrange([spot, { ...area, moves }]).map(({ name }) => name);
              const tiny = { ...area, holds: () => false };
              const rank = { ...tiny, name: "1", leads: false, must: true };
              const ranked = arrange([spot, { ...tiny, short: rank }]).map(({ name }) => name);
              return [names([[0, 0], [0, 30]]), names([[0, 0]]), ranked];
            }"""
        )
        assert found[:2] == [["9", "Ash"], ["Ash"]]
        assert "1" in found[2]

    def test_the_legend_says_when_numbers_are_left_out(self, opened):
        assert "more numbers" not in text(opened, "#legend")
        opened.evaluate("Hotspots.map.leaflet.setZoom(10, { animate: false })")
        assert opened.locator(".cluster-label").count() < 2
        assert "hot spot, numbered as in the list; more numbers when zoomed in" in text(opened, "#legend")
        opened.evaluate("Hotspots.map.leaflet.setZoom(14, { animate: false })")
        assert "more numbers" not in text(opened, "#legend")
