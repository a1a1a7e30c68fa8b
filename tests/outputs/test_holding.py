"""A run withholds more until its release holds, ends where it never does, and writes nothing till then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hotspots import analysis
from hotspots.analysis import MOST_TRIES, Analysis
from hotspots.auditing.guard import Narrowed
from hotspots.errors import AuditError
from hotspots.outputs import publish as outputs
from hotspots.release.further import EVERYWHERE

NARROW = Narrowed("robbery", "ward", "E05000001", "robbery, ward_2023 E05000001, 2025: 0 to 1")


class Run:
    """Stands for an analysis: it only notes what it is asked to withhold."""

    areas = SimpleNamespace(area_code="E06000015")
    settings = SimpleNamespace(word=False, also=())
    publish = Analysis.publish
    _layers_below = staticmethod(dict)

    def __init__(self):
        self._released = {}

    def release(self, **_):
        return "plain"


@pytest.fixture
def asked(monkeypatch):
    """Note what each release is told to withhold."""
    found = []
    monkeypatch.setattr(
        analysis, "disclose", lambda _, *, further, **__: found.append(further.cells) or "anew"
    )
    return found


def refusing(times, found=(NARROW,)):
    """Refuse so many releases, then write."""
    refused = []

    def publish(release, out, **_):
        if len(refused) < times:
            refused.append(release)
            raise AuditError("Nothing was written: it does not hold.", found=found)
        return {"release": release}

    return publish


def test_what_holds_is_written_as_it_is(asked, monkeypatch):
    monkeypatch.setattr(outputs, "publish", refusing(0))
    assert Run().publish("maps")["release"] == "plain"
    assert asked == []


def test_a_theme_s_table_is_withheld_then_all_of_its_tables(asked, monkeypatch):
    monkeypatch.setattr(outputs, "publish", refusing(2))
    told = []
    assert Run().publish("maps", progress=told.append)["release"] == "anew"
    ward, lsoa = (("robbery", level, EVERYWHERE) for level in ("ward", "lsoa"))
    assert asked == [{ward}, {ward, lsoa}]
    assert len(told) == 2


def test_what_is_said_after_publishing_is_of_what_was_published(asked, monkeypatch):
    monkeypatch.setattr(outputs, "publish", refusing(1))
    run = Run()
    run.publish("maps")
    # An index over several districts, and the last lines of a run, go by this.
    assert run._released == {(None, None): "anew"}


def test_for_a_count_that_an_earlier_release_lists_all_tables_go_at_once(asked, monkeypatch):
    foreign = Narrowed("robbery", "", "E05000001", "robbery, ward_2003 E05000001, 2025: 0 to 1")
    monkeypatch.setattr(outputs, "publish", refusing(1, (foreign,)))
    Run().publish("maps")
    assert asked == [{("robbery", level, EVERYWHERE) for level in ("ward", "lsoa")}]


def test_it_ends_with_what_could_not_be_held(asked, monkeypatch):
    monkeypatch.setattr(outputs, "publish", refusing(99))
    with pytest.raises(AuditError, match="after more was withheld 3 times, such as robbery, ward_2023") as it:
        Run().publish("maps")
    assert it.value.found == (NARROW,)
    assert len(asked) == MOST_TRIES - 1


def test_below_policy_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs, "_write_outputs", lambda _, stage, *__: (stage / "index.html").touch())
    monkeypatch.setattr(outputs, "manifest", lambda _: {})
    monkeypatch.setattr(outputs, "narrowed", lambda *_: (NARROW,))
    public = SimpleNamespace(audience="public")
    with pytest.raises(AuditError, match="1 withheld count could be narrowed below policy, such as robbery"):
        outputs.publish(public, tmp_path / "maps")
    assert list(tmp_path.iterdir()) == []
    # For internal use nothing is withheld, so nothing is attacked.
    outputs.publish(SimpleNamespace(audience="internal"), tmp_path / "maps")
    assert (tmp_path / "maps" / "index.html").is_file()
