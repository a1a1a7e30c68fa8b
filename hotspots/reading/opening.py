"""Sources opened one after the other, and known again where two hold the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from hotspots.reading.content import MIB, Source, content_sha256
from hotspots.reading.formats import Opened, format_of

Opening = Callable[[], Sequence[Opened]]
#: Bytes below which a source is not opened ahead.
_SMALL: Final = MIB


def opened_ahead(sources: Iterable[Source], sheet: str) -> Iterator[tuple[Source, Opening]]:
    """
    Yield sources with what opens each; a large one is unpacked while the one before it is parsed.

    Small ones are not: two threads that hand each other thousands of files wait most of the time.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        waiting: deque[tuple[Source, Opening]] = deque()
        for source in sources:
            opening = partial(format_of(source.form).open, source, sheet)
            waiting.append((source, opening if source.size < _SMALL else worker.submit(opening).result))
            if len(waiting) > 1:
                yield waiting.popleft()
        yield from waiting


@dataclass
class _Alike:
    """Sources of one size: names by SHA-256, and packed ones whose content was not looked at."""

    names: dict[str, str] = field(default_factory=dict)
    packed: list[Source] = field(default_factory=list)


class Contents:
    """What was opened so far, so that each content is read once; each is hashed once at most."""

    def __init__(self) -> None:
        self._seen: dict[int, _Alike] = {}

    def same(self, source: Source, opened: Opened) -> str:
        """Return the name of an earlier source with the same content, packed or not; "" if there is none."""
        alike, sha256 = self._seen.setdefault(opened.survey.size, _Alike()), opened.survey.sha256
        if sha256 in alike.names:
            return alike.names[sha256]
        if not alike.names:
            alike.packed += [source] * source.packed
        else:
            for packed in alike.packed:
                alike.names.setdefault(content_sha256(packed), packed.name)
            alike.packed.clear()
            # Of what is not packed the survey's is that of the content.
            whole = content_sha256(source) if source.packed else sha256
            if whole in alike.names:
                return alike.names[whole]
            alike.names[whole] = source.name
        alike.names[sha256] = source.name
        return ""
