"""
Ask a publisher for data over the network: politely, with patience, and a file whole or not at all.
"""

from __future__ import annotations

import io
import re
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from hotspots._version import __version__
from hotspots.errors import NetworkError

if TYPE_CHECKING:
    import requests

#: Answers that another attempt may better.
BUSY: Final = (429, 500, 502, 503, 504)


class StatusError(NetworkError):
    """An answer that says no; `status` is its number."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Web:
    """
    Ask politely: at most `per_second` requests a second, and again when the other side is busy.

    Attributes
    ----------
    attempts : int
        How often one thing is asked for.
    pause : float
        Seconds before the second attempt; each later pause is twice as long. A
        Retry-After header counts instead, up to a minute.
    timeout : tuple of float
        Seconds to connect, and between two bytes.
    per_second : float
        data.police.uk allows 15.
    """

    attempts: int = 5
    pause: float = 1.0
    timeout: tuple[float, float] = (10.0, 60.0)
    per_second: float = 15.0
    _last: float = field(default=0.0, init=False, repr=False)

    def get(
        self,
        url: str,
        parameters: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
        part: str = "",
    ) -> requests.Response:
        """Ask for an address, with query parameters; `part` is a range of bytes, such as "bytes=0-99"."""
        headers = {"Range": part} if part else {}
        return self._ask("GET", url, params=parameters, stream=stream, headers=headers)

    def post(self, url: str, form: Mapping[str, str], *, final: Collection[int] = ()) -> requests.Response:
        """Send a form, which may be long; a status in `final` is an answer, not a reason to ask again."""
        return self._ask("POST", url, data=form, final=final)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        final: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        import requests

        headers = {"User-Agent": f"derby-hotspots/{__version__}", **(headers or {})}
        reason, status = "", 0
        for attempt in range(self.attempts):
            self._keep_pace()
            wait = self.pause * 2**attempt
            try:
                answer = requests.request(method, url, timeout=self.timeout, headers=headers, **options)
            except requests.RequestException as error:
                reason = type(error).__name__
            else:
                if answer.status_code < 400:
                    return answer
                status, reason = answer.status_code, f"status {answer.status_code}"
                if status not in BUSY or status in final:
                    break
                wait = _retry_after(answer, wait)
            if attempt + 1 < self.attempts:
                time.sleep(wait)
        raise StatusError(f"{_host(url)} did not answer as it should ({reason}): {remedy(reason)}.", status)

    def _keep_pace(self) -> None:
        time.sleep(max(0.0, self._last + 1 / self.per_second - time.monotonic()))
        self._last = time.monotonic()


def _retry_after(answer: requests.Response, otherwise: float) -> float:
    """Return the seconds that the other side asks for, if it says a number, a minute at most."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), 60.0) if said.isdigit() else otherwise


def _host(url: str) -> str:
    return url.split("/")[2]


def remedy(reason: str) -> str:
    """Say what may help."""
    if reason == "status 503":
        return "try again later, or ask for a smaller area, as data.police.uk gives at most 10,000 incidents"
    if reason.startswith("status 4") and reason != "status 429":
        return "the publisher may have moved the data; look for a newer version of this project"
    return "check the connection and try again; no file was changed"


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".fetching-", delete=False) as part:
        unfinished = Path(part.name)
        try:
            yield part
            part.close()
            unfinished.chmod(0o644)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> Path:
    """Write a text or bytes whole."""
    with whole(path) as part:
        part.write(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def read_json(answer: requests.Response) -> Any:
    """Read JSON; ArcGIS reports its own errors with status 200."""
    try:
        content = answer.json()
    except ValueError:
        content = {"error": {"message": "no JSON"}}
    if isinstance(content, dict) and "error" in content:
        said = str(content["error"].get("message", "an error"))[:80]
        raise NetworkError(f"{_host(answer.url)} answered with an error ({said}): {remedy('status 400')}.")
    return content


def download(url: str, path: Path, *, starts: tuple[bytes, ...], web: Web) -> Path:
    """Stream a file to its place, if it begins as one of its kind does."""
    import requests

    with web.get(url, stream=True) as answer, whole(path) as part:
        try:
            for chunk in answer.iter_content(1 << 16):
                if part.tell() == 0 and not chunk.startswith(starts):
                    raise NetworkError(
                        f"{_host(url)} sent something else than {path.name}: {remedy('status 400')}."
                    )
                part.write(chunk)
        except requests.RequestException as error:
            reason = type(error).__name__
            raise NetworkError(
                f"{_host(url)} broke off sending {path.name} ({reason}): {remedy('')}."
            ) from None
        if part.tell() == 0:
            raise NetworkError(f"{_host(url)} sent an empty {path.name}: {remedy('')}.")
    return path


class RemoteFile(io.RawIOBase):
    """
    A file that stays with its publisher and is read by ranges, as `zipfile` reads an archive.

    What was read last is kept, since the small reads of an archive's list lie side by side.

    Raises
    ------
    NetworkError
        If the publisher does not give parts.
    """

    #: Least that is asked for at once.
    AHEAD: Final = 1 << 18

    def __init__(self, url: str, web: Web) -> None:
        self._url, self._web, self._position = url, web, 0
        self._start, self._kept = 0, b""
        said = self._range(0, 0).headers.get("Content-Range", "")
        size = re.fullmatch(r"bytes 0-0/(\d+)", said)
        if size is None:
            raise NetworkError(f"{_host(url)} does not give parts of a file: {remedy('status 400')}.")
        self.size = int(size[1])

    def _range(self, first: int, last: int) -> requests.Response:
        answer = self._web.get(self._url, part=f"bytes={first}-{last}", stream=True)
        if answer.status_code != 206:
            answer.close()
            raise NetworkError(f"{_host(self._url)} does not give parts of a file: {remedy('status 400')}.")
        return answer

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        wanted = self.size - self._position if size is None or size < 0 else size
        end = min(self._position + wanted, self.size)
        if not (self._start <= self._position and end <= self._start + len(self._kept)):
            self._fill(end)
        got = self._kept[self._position - self._start : end - self._start]
        self._position += len(got)
        return got

    def _fill(self, end: int) -> None:
        import requests

        last = min(max(end, self._position + self.AHEAD), self.size) - 1
        if last < self._position:
            self._start, self._kept = self._position, b""
            return
        try:
            with self._range(self._position, last) as answer:
                self._start, self._kept = self._position, answer.content
        except requests.RequestException as error:
            reason = type(error).__name__
            raise NetworkError(f"{_host(self._url)} broke off ({reason}): {remedy('')}.") from None
