r"""Address blocks as patterns. CloudWatch compares texts, so a block becomes wildcards or a regex over its text.

Wildcards cost no regex slot (`"203.0.113.*"`), so they are taken where few are enough; otherwise all blocks go into one
regex in which every alternative repeats its anchor and prefix, as there are no groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from filterpattern._errors import PatternError
from filterpattern._limits import MAX_PATTERN_LENGTH
from filterpattern._pattern import parse

TYPE_CHECKING = (
    False  # type checkers know the name; importing it from `typing` doubles the time this package takes to load
)
if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network
    from typing import Literal

MAX_WILDCARD_STRINGS = 16
"""Up to this many strings are written out before a regex is taken. Ours: sixteen fit a pattern, and a slot is saved."""

# Calls that AWS makes carry the DNS name of a service or `AWS Internal` where others have an address (CloudTrail record
# contents). They are no addresses "outside" of anything.
_NOT_ADDRESSES = ("*.amazonaws.com", "AWS Internal*")
_HEX = "0123456789abcdef"
_ALTERNATIVES = (
    "use an EventBridge rule with a `cidr` matcher, Athena's contains() or Logs Insights' isIpInSubnet() instead"
)


class CidrError(ValueError):
    """The blocks are not blocks, or no pattern can say them. The message is meant for the person who wrote them."""


def cidr(
    blocks: str | Iterable[str],
    *,
    match: Literal["inside", "outside"] = "inside",
    selector: str = "$.sourceIPAddress",
) -> str:
    """The pattern, braces included, for events whose address lies inside (or outside) the given blocks.

    `blocks` is one address or block in CIDR notation, or several. Outside means: an address in none of them; the names
    of AWS services that stand in the place of an address do not count. Any IPv4 block can be said. An IPv6 block can
    be said where no zero group of it could hide in `::`; it is compared in the lower-case spelling of RFC 5952 (that
    CloudTrail writes it so is not documented). Raises CidrError.
    """
    if match not in ("inside", "outside"):
        raise CidrError(f"match is 'inside' or 'outside', not {match!r}")
    networks = _read([blocks] if isinstance(blocks, str) else list(blocks))
    if match == "outside" and any(network.prefixlen == 0 for network in networks):
        raise CidrError("no address lies outside 0.0.0.0/0")
    texts = [_conditions(values, match, selector) for values in (_strings(networks), _regex(networks)) if values]
    for text in texts:
        if len(text) <= MAX_PATTERN_LENGTH:
            return _checked(text, selector)
    raise CidrError(_too_long(len(networks), min(map(len, texts)), match))


def _conditions(values: list[str], match: str, selector: str) -> str:
    if match == "inside":
        return "{ " + " || ".join(f"{selector} = {value}" for value in values) + " }"
    values = values + [f'"{name}"' for name in _NOT_ADDRESSES]
    return "{ " + " && ".join(f"{selector} != {value}" for value in values) + " }"


def _checked(text: str, selector: str) -> str:
    try:
        parse(text)
    except PatternError as error:
        raise CidrError(f"{selector!r} is not a selector: {error.problem}") from error
    return text


def _too_long(blocks: int, length: int, match: str) -> str:
    said = f"{blocks} separate blocks make a pattern of {length:,} characters; it may have {MAX_PATTERN_LENGTH:,}"
    if match == "inside":
        return f"{said}. Split them over several entries"
    return f"{said}. They cannot be split, as each part would match the others' addresses: use fewer, larger blocks"


def _read(blocks: list[str]) -> list[IPv4Network | IPv6Network]:
    """The blocks in order, overlaps and neighbours joined. Raises CidrError for the first that is wrong."""
    # Imported here because only those who write patterns need it, and a Lambda that reads them starts sooner without.
    from ipaddress import IPv4Network, IPv6Network, collapse_addresses

    if not blocks:
        raise CidrError("no address block given")
    networks = [_network(block) for block in blocks]
    joined: list[IPv4Network | IPv6Network] = [
        *collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    ]
    given = [network for network in networks if isinstance(network, IPv6Network)]
    for network in collapse_addresses(given):
        if _can_say(network):
            joined.append(network)
            continue
        for part in dict.fromkeys(given):  # joined they cannot be said, but perhaps one by one
            if part.subnet_of(network):
                if not _can_say(part):
                    raise CidrError(_cannot_say(part))
                joined.append(part)
    return joined


def _network(block: str) -> IPv4Network | IPv6Network:
    from ipaddress import IPv4Network, IPv6Network

    text = block.strip()
    address, slash, prefix = text.partition("/")
    example = "write it like 203.0.113.9 or 203.0.113.0/24"
    if slash and not (prefix.isascii() and prefix.isdigit()):
        raise CidrError(f"{text!r} is not an address block; {example}")
    if "%" in address:
        raise CidrError(f"{text!r} names a network interface, which no event does; leave out the part from the % on")
    try:
        kind = IPv6Network if ":" in address else IPv4Network
        network = kind(text, strict=False)
        given = kind(address).network_address
    except ValueError as error:
        raise CidrError(f"{text!r} is not an address block ({error}); {example}") from error
    if given != network.network_address:
        raise CidrError(f"{text} has host bits set; did you mean {network}?")
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise CidrError(f"{text} is an IPv4 address in IPv6 clothes; write it as IPv4")
    return network


def _can_say(network: IPv6Network) -> bool:
    """Whether the text of every address in the block starts alike: no group of the prefix may be zero."""
    if network.prefixlen == 128:
        return True
    fixed, bits = divmod(network.prefixlen, 16)
    return network.prefixlen > 0 and all(_groups(network)[: fixed + (bits > 0)])


def _cannot_say(network: IPv6Network) -> str:
    return (
        f"{network} cannot be said in a filter pattern: a group of its prefix can be zero, and the text of an IPv6 "
        f"address hides zeros in ::; {_ALTERNATIVES}"
    )


def _groups(network: IPv6Network) -> list[int]:
    return [int(group, 16) for group in network.network_address.exploded.split(":")]


# As wildcards


def _strings(networks: Iterable[IPv4Network | IPv6Network]) -> list[str]:
    """Quoted strings that together cover the blocks, empty if that takes too many."""
    found: list[str] = []
    for network in networks:
        width = 8 if network.version == 4 else 16
        spread = -network.prefixlen % width
        if network.prefixlen == 0 or len(found) + 2**spread > MAX_WILDCARD_STRINGS:
            return []
        found += [f'"{text}"' for text in _texts(network, network.prefixlen + spread)]
    return found


def _texts(network: IPv4Network | IPv6Network, prefix: int) -> Iterator[str]:
    """The block cut into blocks of a whole number of octets (IPv4) or groups (IPv6), each as one string."""
    for part in network.subnets(new_prefix=prefix):
        if prefix == part.max_prefixlen:
            yield str(part.network_address)
        elif part.version == 4:
            yield ".".join(str(part.network_address).split(".")[: prefix // 8]) + ".*"
        else:
            yield ":".join(f"{group:x}" for group in _groups(part)[: prefix // 16]) + ":*"


# As a regex


def _regex(networks: Iterable[IPv4Network | IPv6Network]) -> list[str]:
    """One regex for all blocks, as the only element of a list."""
    branches = (_branches4(network) if network.version == 4 else _branches6(network) for network in networks)
    return [f"%{'|'.join(branch for some in branches for branch in some)}%"]


def _branches4(network: IPv4Network) -> list[str]:
    if network.prefixlen == 0:
        return ["^" + r"\.".join(["[0-9]{1,3}"] * 4) + "$"]
    fixed, bits = divmod(network.prefixlen, 8)
    octets = str(network.network_address).split(".")
    if fixed == 4:
        return ["^" + r"\.".join(octets) + "$"]
    prefix = "".join(rf"{octet}\." for octet in octets[:fixed])
    if not bits:
        return [f"^{prefix}"]
    low = int(octets[fixed])
    end = "$" if fixed == 3 else r"\."
    return [f"^{prefix}{band}{end}" for band in decimal_bands(low, low + 2 ** (8 - bits) - 1)]


def decimal_bands(low: int, high: int) -> list[str]:
    """Regexes without groups for the decimal numbers from `low` to `high`: one for each digit count and run of tens."""
    bands: list[str] = []
    while low <= high:
        for zeros in range(len(str(low)) - 1, -1, -1):
            unit = 10**zeros
            digit = low // unit % 10
            last = digit + min((high + 1 - low) // unit, 10 - digit) - 1
            if low % unit == 0 and last >= digit:
                prefix = str(low)[: -zeros - 1]
                bands.append(f"{prefix}{_char_range(str(digit), str(last))}{'[0-9]' * zeros}")
                low += (last - digit + 1) * unit
                break
    return bands


def _branches6(network: IPv6Network) -> list[str]:
    if network.prefixlen == 128:
        return [f"^{str(network.network_address).replace(':', _COLON)}$"]
    fixed, bits = divmod(network.prefixlen, 16)
    groups = _groups(network)
    prefix = "".join(f"{group:x}{_COLON}" for group in groups[:fixed])
    if not bits:
        return [f"^{prefix}"]
    # The range of the partial group is a power of two, aligned, and without zero: all its numbers are of one length.
    digits, (whole, part) = f"{groups[fixed]:x}", divmod(16 - bits, 4)
    head, rest = (
        (digits[: len(digits) - whole - 1], digits[len(digits) - whole - 1])
        if part
        else (digits[: len(digits) - whole], "")
    )
    partial = _char_range(rest, _HEX[int(rest, 16) + 2**part - 1]) if part else ""
    return [f"^{prefix}{head}{partial}{'[0-9a-f]' * whole}{'$' if fixed == 7 else _COLON}"]


# Some editions of the guide leave the plain colon out of the regex alphabet; its code always works.
_COLON = r"\x3A"


def _char_range(first: str, last: str) -> str:
    """A class for the characters from `first` to `last`, hexadecimal digits in two runs where needed."""
    if first == last:
        return first
    if first <= "9" < last:
        return f"[{first}-9a-{last}]"
    return f"[{first}-{last}]"
