from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.bulk import journal
from chat_core.bulk.inputs import BulkRefused, Mark
from chat_core.bulk.journal import Kept

if TYPE_CHECKING:
    from pathlib import Path

KEPT = Kept(
    told={"model": "toy:m", "dimensions": None},
    mark=Mark(7, 2, "ab"),
    rows=2,
    blank=1,
    size=99,
    dimensions=4,
    tokens=None,
    finished=True,
)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.progress"
    assert journal.read(path) is None
    for kept in (Kept(told={}), KEPT):
        journal.write(path, kept)
        assert journal.read(path) == kept
    assert [each.name for each in tmp_path.iterdir()] == ["a.progress"]


@pytest.mark.parametrize("data", [b"", b"{", b'{"version":2}', b'{"version":1}'])
def test_what_is_damaged_is_refused_with_the_fix(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.progress"
    path.write_bytes(data)
    with pytest.raises(BulkRefused, match=r"a\.progress is damaged, or of a newer version: begin anew with restart"):
        journal.read(path)


@pytest.mark.parametrize("data", [b"[]", b"{}", b"notes of mine"])
def test_what_is_no_state_is_anothers_and_left_alone(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.progress"
    for there in (path, path.with_name("a.progress.new")):
        there.write_bytes(data)
        with pytest.raises(BulkRefused, match=r"is there already, and of no run: move it away, or name another file"):
            journal.write(path, journal.read(path) or KEPT)
        assert there.read_bytes() == data
        there.unlink()


def test_a_state_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.progress"
    journal.write(path, KEPT)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BulkRefused):
        journal.read(path)


def test_a_run_that_is_told_otherwise_is_another_one(tmp_path: Path) -> None:
    journal.require_same(tmp_path, KEPT, dict(KEPT.told))
    with pytest.raises(BulkRefused) as caught:
        journal.require_same(tmp_path / "a", KEPT, {"model": "toy:n", "dimensions": 3})
    assert str(caught.value).endswith(
        "a is of a run that was told otherwise: model was 'toy:m', is 'toy:n', dimensions was not said, is 3. "
        "Tell the same, or restart=True"
    )
