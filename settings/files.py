"""Text files: read as they are, written whole or not at all."""

import codecs
import contextlib
import os
import stat
from pathlib import Path

from settings.problems import Problem, SettingsError

CHANGED = "was changed by somebody else in the meantime; nothing was written, run this again"


def read_text(path: Path, *, shown: str | None = None) -> str:
    """The text of a file as it is, line ends included.

    Raises `SettingsError`, which calls the file `shown`, else by its name.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        is_wide = error.object.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        what = "is UTF-16 text; save it as UTF-8" if is_wide else f"is not UTF-8 text (byte {error.start + 1})"
        raise _refusal(path, what, shown=shown) from error
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}", shown=shown) from error


def write_atomically(path: Path, text: str, *, expected: str | None) -> None:
    """Put `text` in place of the file, which must still hold `expected` (None: there must be no file).

    The text goes to a file beside it, which then takes the name; mode and owner stay. A symbolic link stays, its target
    is written. Raises `SettingsError`, and leaves everything as it was, if the file or its folder cannot be written.
    """
    target = path.resolve()
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        before = _state(target)
        if before is not None and not _is_writable(target, before):
            raise _refusal(path, f"is read-only, so nothing was written; `chmod u+w {path.name}` changes that")
        try:
            _write(new, text, like=before)
            if _bytes(target) != (None if expected is None else expected.encode()):
                raise _refusal(path, CHANGED)
            new.replace(target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
        _sync(target.parent)
    except OSError as error:
        raise _refusal(path, f"cannot be written: {error.strerror}; nothing was written") from error


def _state(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _bytes(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None


def _is_writable(target: Path, state: os.stat_result) -> bool:
    # Replacing a file asks only the folder, and root may do anything; a file marked read-only is still meant to be.
    return bool(state.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)) and os.access(target, os.W_OK)


def _write(new: Path, text: str, *, like: os.stat_result | None) -> None:
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # the umask makes of it what a new file gets
    with os.fdopen(handle, "wb") as file:
        if like is not None:
            os.fchmod(handle, stat.S_IMODE(like.st_mode))
            with contextlib.suppress(PermissionError):  # only root can give a file away; a new owner is no harm
                os.fchown(handle, like.st_uid, like.st_gid)
        file.write(text.encode())
        file.flush()
        os.fsync(handle)


def _sync(folder: Path) -> None:
    """Make the new name last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refusal(path: Path, problem: str, *, shown: str | None = None) -> SettingsError:
    return SettingsError([Problem(shown or path.name, "", None, problem)])
