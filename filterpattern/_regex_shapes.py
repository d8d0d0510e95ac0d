r"""Regexes that say no more than a wildcard, or than a list of address blocks: what EventBridge has words for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from filterpattern._regex_syntax import EVERY, OTHER, Branch, parse_regex

_ANY_BUT_NEWLINE = EVERY ^ (1 << ord("\n"))
# One alternative of the regexes that `cidr` writes: whole octets, then perhaps a band of one, then a dot or the end.
_OCTETS = re.compile(r"\^(?P<fixed>(?:[0-9]{1,3}\\\.){0,3})(?P<band>(?:[0-9]|\[[0-9]-[0-9]\]){0,3})(?P<end>\\\.|\$)?")
_DIGIT = re.compile(r"\[([0-9])-([0-9])\]|([0-9])")


def as_globs(body: str) -> tuple[tuple[str, ...], ...] | None:
    """For each alternative the pieces between its wildcards, None if one of them is more than that."""
    found: list[tuple[str, ...]] = []
    for branch in parse_regex(body, text=body, offset=0):
        pieces = _pieces(branch)
        if pieces is None:
            return None
        found.append(pieces)
    return tuple(found)


def _pieces(branch: Branch) -> tuple[str, ...] | None:
    at_start, items, at_end = branch
    pieces = [""] if at_start else ["", ""]
    for chars, low, high in items:
        if chars == _ANY_BUT_NEWLINE and (low, high) == (0, None):
            pieces.append("")
        elif low == high and chars & (chars - 1) == 0 and 0 < chars < 1 << OTHER:
            pieces[-1] += chr(chars.bit_length() - 1) * low
        else:
            return None
    if not at_end:
        pieces.append("")
    inner = [piece for piece in pieces[1:-1] if piece]
    return (pieces[0], *inner, pieces[-1]) if len(pieces) > 1 else (pieces[0],)


def as_blocks(body: str) -> tuple[str, ...] | None:
    """The IPv4 blocks that a regex of the kind `cidr` writes stands for, None for any other."""
    from ipaddress import IPv4Address, collapse_addresses, summarize_address_range

    ranges: list[tuple[int, int]] = []
    for alternative in body.split("|"):
        match = _OCTETS.fullmatch(alternative)
        span = match and _range_of(match)
        if not span:
            return None
        ranges += span
    networks = [
        network for first, last in ranges for network in summarize_address_range(IPv4Address(first), IPv4Address(last))
    ]
    return tuple(str(network) for network in collapse_addresses(networks))


def _range_of(match: re.Match[str]) -> list[tuple[int, int]] | None:
    """The addresses, as first and last numbers, of one alternative; None if it is no block of octets."""
    fixed = [int(octet) for octet in match["fixed"].split("\\.") if octet]
    last_octet, end = len(fixed) == 3, match["end"]
    if not match["band"]:
        return None if end or not fixed or max(fixed) > 255 else [_cover(fixed)]
    values = _band(match["band"])
    if end != ("$" if last_octet else "\\.") or max([*fixed, *values]) > 255:
        return None
    return [_cover([*fixed, value]) for value in values]


def _cover(octets: list[int]) -> tuple[int, int]:
    free = 8 * (4 - len(octets))
    base = 0
    for octet in octets:
        base = base << 8 | octet
    return base << free, (base << free) + (1 << free) - 1


def _band(text: str) -> list[int]:
    """The numbers that digits and ranges of digits stand for."""
    numbers = [0]
    for first, last, digit in _DIGIT.findall(text):
        digits: Iterable[int] = range(int(first or digit), int(last or digit) + 1)
        numbers = [10 * number + value for number in numbers for value in digits]
    return numbers
