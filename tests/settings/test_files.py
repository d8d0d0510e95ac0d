"""A stack file is written whole or not at all, and what cannot be written says so."""

import errno
import os
import stat
from pathlib import Path

import pytest

from settings import Settings, SettingsError, StackFile
from settings.files import write_atomically

TEXT = "config:\n  aws:region: eu-west-1\n  trailwarden:emails: [security@example.com]\n"


def identity(path: Path) -> tuple[int, ...]:
    """What changes when a file is written, and not when it is read."""
    state = path.stat()
    return state.st_ino, state.st_mode, state.st_size, state.st_mtime_ns


def said(path: Path, *, expected: str | None = TEXT) -> str:
    with pytest.raises(SettingsError) as caught:
        write_atomically(path, "new\n", expected=expected)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(TEXT)
    return path


def test_text_mode_and_folder(path: Path) -> None:
    path.chmod(0o640)
    write_atomically(path, "new\r\n", expected=TEXT)
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_new_file_gets_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", "new\n", expected=None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere/Pulumi.prod.yaml"
    link.symlink_to(path)
    write_atomically(link, "new\n", expected=TEXT)
    assert link.is_symlink()
    assert path.read_text() == "new\n"


def test_a_read_only_file(path: Path) -> None:
    path.chmod(0o444)
    assert said(path) == (
        "Pulumi.prod.yaml: is read-only, so nothing was written; `chmod u+w Pulumi.prod.yaml` changes that"
    )
    assert path.read_text() == TEXT


def test_a_read_only_stack_file_is_untouched_by_the_whole_way(path: Path) -> None:
    path.chmod(0o444)
    before = identity(path)
    settings = Settings.parse(
        {"homeRegion": "us-east-1", "emails": ["security@example.com"]}, stack="prod", source="test"
    )
    change = StackFile.read(path).plan_changes(settings)
    assert not change.is_empty
    with pytest.raises(SettingsError, match="is read-only"):
        change.write()
    assert (path.read_text(), identity(path)) == (TEXT, before)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.EACCES, "Permission denied"), (errno.EROFS, "Read-only file system"), (errno.ENOSPC, "No space left")],
)
def test_a_folder_that_takes_no_file(path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        message = said(path)
    assert message.startswith(f"Pulumi.prod.yaml: cannot be written: {reason}")
    assert message.endswith("; nothing was written")
    assert path.read_text() == TEXT


def test_a_disk_that_fills_up_on_the_way_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        assert "No space left" in said(path)
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_no_folder(tmp_path: Path) -> None:
    message = said(tmp_path / "missing/Pulumi.prod.yaml", expected=None)
    assert message == "Pulumi.prod.yaml: cannot be written: No such file or directory; nothing was written"


@pytest.mark.parametrize("expected", [None, "something else\n"])
def test_a_file_that_changed_in_the_meantime(path: Path, expected: str | None) -> None:
    assert said(path, expected=expected) == (
        "Pulumi.prod.yaml: was changed by somebody else in the meantime; nothing was written, run this again"
    )
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_vanished_in_the_meantime(path: Path) -> None:
    path.unlink()
    assert "was changed by somebody else" in said(path)
    assert list(path.parent.iterdir()) == []
