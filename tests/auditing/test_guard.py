"""The bounds before a folder appears: what they let pass, what they name, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from small_releases import honest, quiet, town

from hotspots.auditing import guard
from hotspots.auditing.guard import NO_LEDGER, Narrowed, narrowed, read_ledger
from hotspots.errors import InputError

AREA = "E06000001"


def by_ward(counts):
    """Give true counts by ward over the whole period."""
    return {key: n for key, n in town(counts).items() if key[1] == "ward" and not key[3]}


def spoilt(tmp_path):
    """Write a release that withholds one ward's robberies alone: the city less the other gives them."""
    robbery = np.array([[1, 1], [0, 1], [30, 30], [20, 20]])
    truth = by_ward({"all": np.full((4, 2), 80), "robbery": robbery})
    return honest(truth).write(tmp_path / "spoilt")


def test_a_release_that_holds_passes(tmp_path):
    assert narrowed(quiet().write(tmp_path / "new")) == ()


def test_a_count_that_a_sum_gives_back_is_named(tmp_path):
    (found,) = narrowed(spoilt(tmp_path))
    assert (found.theme, found.level, found.code) == ("robbery", "ward", "E05000001")
    assert found.words.startswith("robbery, ward_2023 E05000001, 2025-01 to 2025-02: ")


def test_a_release_for_internal_use_is_not_attacked(tmp_path):
    folder = spoilt(tmp_path)
    record = folder / "run.json"
    record.write_text(record.read_text().replace('"public"', '"internal"'))
    assert narrowed(folder) == ()
    assert read_ledger([folder], area=AREA) == NO_LEDGER


def test_what_an_earlier_release_alone_lists_is_named_without_a_level(tmp_path):
    robbery = np.array([[1, 1], [0, 1], [30, 30], [20, 20]])
    truth = by_ward({"all": np.full((4, 2), 80), "robbery": robbery})
    hidden = (("robbery", "ward", "E05000002", ""),)
    old = honest(truth, further=hidden, ward_vintage="ward_2003").write(tmp_path / "old")
    assert narrowed(old) == ()
    found = narrowed(spoilt(tmp_path), read_ledger([old], area=AREA))
    assert {(one.level, one.code) for one in found} == {("ward", "E05000001"), ("", "E05000001")}


def test_a_release_is_attacked_by_itself_too_whatever_it_leaves_beside_others(tmp_path, monkeypatch):
    folder, old = spoilt(tmp_path), quiet().write(tmp_path / "old")
    # What a reader supposes of the one fits no counts beside the other, so that nothing is found there.
    alone, held = guard.bounds, quiet().published()
    monkeypatch.setattr(
        guard, "bounds", lambda group, **more: alone(group, **more) if len(group) == 1 else alone([held])
    )
    (found,) = narrowed(folder, read_ledger([old], area=AREA))
    assert (found.theme, found.code) == ("robbery", "E05000001")


def test_a_release_of_another_area_is_refused(tmp_path):
    folder = quiet().write(tmp_path / "old")
    with pytest.raises(InputError, match="is a release of another area: name releases of the same one"):
        read_ledger([folder], area="E06000015")


def test_a_folder_that_is_no_release_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        read_ledger([tmp_path], area=AREA)


def test_a_release_of_other_incidents_is_refused(tmp_path):
    truth = by_ward({"all": np.full((4, 2), 800)})
    old = honest(truth).write(tmp_path / "old")
    new = quiet().write(tmp_path / "new")
    with pytest.raises(InputError, match=r"No counts fit this release and .*old together"):
        narrowed(new, read_ledger([old], area=AREA))


def test_narrowed_counts_have_an_order():
    one, other = Narrowed("a", "ward", "E1", ""), Narrowed("b", "ward", "E1", "")
    assert sorted([other, one]) == [one, other]
