"""Address blocks as patterns, held against Python's `ipaddress` at every prefix length."""

import ipaddress

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

import filterpattern
from filterpattern import CidrError, cidr
from filterpattern._cidr import decimal_bands

SERVICES = ["cloudformation.amazonaws.com", "AWS Internal", "AWS Internal/3"]


def inside(pattern, address):
    return pattern.matches({"sourceIPAddress": str(address)})


def edges(network):
    """Addresses at and around the edges of a block, and their textual neighbours."""
    first, last = int(network.network_address), int(network.broadcast_address)
    size = 2**network.max_prefixlen
    near = {first, last, (first + last) // 2, first - 1, last + 1, first - 256, last + 256, 0, size - 1}
    near |= {first ^ 1 << bit for bit in range(network.max_prefixlen)} | {
        last ^ 1 << bit for bit in range(network.max_prefixlen)
    }
    kind = type(network.network_address)
    return [kind(number) for number in sorted(near) if 0 <= number < size]


@pytest.mark.parametrize("prefix", range(33))
def test_every_ipv4_prefix_length_on_every_aligned_octet(prefix):
    bits = prefix % 8 or (8 if prefix else 0)
    octet_at = (prefix - 1) // 8 if prefix else 0
    for value in range(0, 256, 2 ** (8 - bits)) if prefix else [0]:
        octets = [198, 51, 100, 0][:octet_at] + [value] + [0] * (3 - octet_at)
        network = ipaddress.ip_network(".".join(map(str, octets)) + f"/{prefix}")
        pattern = filterpattern.compile(cidr(str(network)))
        outside = filterpattern.compile(cidr(str(network), match="outside")) if prefix else None
        for address in edges(network):
            assert inside(pattern, address) is (address in network), (network, address)
            if outside:
                assert inside(outside, address) is (address not in network), (network, address)


@pytest.mark.parametrize("prefix", range(8, 33))
def test_the_octet_that_a_block_cuts_is_exact(prefix):
    """All 256 values of the octet in which the prefix ends, for the regex and for the wildcards alike."""
    at = (prefix - 1) // 8
    network = ipaddress.ip_network(f"203.0.113.96/{prefix}", strict=False)
    pattern = filterpattern.compile(cidr(str(network)))
    for value in range(256):
        octets = str(network.network_address).split(".")
        octets[at] = str(value)
        address = ipaddress.ip_address(".".join(octets))
        assert inside(pattern, address) is (address in network)


def test_decimal_bands_say_every_range_exactly():
    for low in range(0, 256, 7):
        for high in range(low, 256, 5):
            bands = decimal_bands(low, high)
            judge = re2.compile("|".join(f"^{band}$" for band in bands))
            assert [n for n in range(300) if judge.search(str(n))] == list(range(low, high + 1))


def test_an_aligned_block_takes_at_most_four_alternatives():
    for bits in range(1, 9):
        size = 2 ** (8 - bits)
        assert max(len(decimal_bands(low, low + size - 1)) for low in range(0, 256, size)) <= 4


WRITTEN = [
    (["203.0.113.9"], '{ $.ip = "203.0.113.9" }'),
    (["203.0.113.9/32"], '{ $.ip = "203.0.113.9" }'),
    (["10.0.0.0/8"], '{ $.ip = "10.*" }'),
    (["10.1.0.0/16"], '{ $.ip = "10.1.*" }'),
    ([" 203.0.113.0/24 "], '{ $.ip = "203.0.113.*" }'),
    (["198.51.100.0/30"],
     '{ $.ip = "198.51.100.0" || $.ip = "198.51.100.1" || $.ip = "198.51.100.2" || $.ip = "198.51.100.3" }'),
    (["198.51.100.64/26"],
     (r"{ $.ip = %^198\.51\.100\.6[4-9]$|^198\.51\.100\.[7-9][0-9]$|"
     r"^198\.51\.100\.1[0-1][0-9]$|^198\.51\.100\.12[0-7]$% }")),
    (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
     r"{ $.ip = %^10\.|^172\.1[6-9]\.|^172\.2[0-9]\.|^172\.3[0-1]\.|^192\.168\.% }"),
    (["0.0.0.0/0"], r"{ $.ip = %^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$% }"),
    (["0.0.0.0/1", "128.0.0.0/1"], r"{ $.ip = %^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$% }"),
    (["10.0.1.0/24", "10.0.0.0/24", "10.0.0.7"], '{ $.ip = "10.0.0.*" || $.ip = "10.0.1.*" }'),
    (["2001:DB8::1"], '{ $.ip = "2001:db8::1" }'),
    (["2001:db8::/32"], '{ $.ip = "2001:db8:*" }'),
    (["2600:1f00::/24"], r"{ $.ip = %^2600\x3A1f[0-9a-f][0-9a-f]\x3A% }"),
    (["2600:8000::/17"], r"{ $.ip = %^2600\x3A[8-9a-f][0-9a-f][0-9a-f][0-9a-f]\x3A% }"),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "text"), WRITTEN, ids=[",".join(row[0]) for row in WRITTEN])
def test_how_it_is_written(blocks, text):
    assert cidr(blocks, selector="$.ip") == text


def test_outside_leaves_out_what_is_no_address():
    text = cidr("10.0.0.0/8", match="outside")
    assert text == (
        '{ $.sourceIPAddress != "10.*" && $.sourceIPAddress != "*.amazonaws.com"'
        ' && $.sourceIPAddress != "AWS Internal*" }'
    )
    pattern = filterpattern.compile(text)
    assert [inside(pattern, source) for source in [*SERVICES, "10.1.2.3"]] == [False] * 4
    assert inside(pattern, "203.0.113.9")
    assert inside(pattern, "2001:db8::1")
    assert not pattern.matches({})


def test_services_are_inside_of_nothing():
    for block in ("0.0.0.0/0", "10.0.0.0/8", "172.16.0.0/12", "198.51.100.64/26"):
        pattern = filterpattern.compile(cidr(block))
        assert [inside(pattern, source) for source in SERVICES] == [False] * 3


def test_another_selector():
    text = cidr(["10.0.0.0/8"], selector="$.requestParameters.['cidr-ip']")
    assert text == "{ $.requestParameters.['cidr-ip'] = \"10.*\" }"
    with pytest.raises(CidrError, match="'sourceIPAddress' is not a selector: a condition starts with a selector"):
        cidr("10.0.0.0/8", selector="sourceIPAddress")


blocks4 = st.builds(
    lambda number, prefix: ipaddress.ip_network((number, prefix), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)


@given(st.lists(blocks4, min_size=1, max_size=6), st.lists(st.integers(0, 2**32 - 1), max_size=5))
def test_unions(networks, numbers):
    addresses = [address for network in networks for address in edges(network)[:80]] + [
        ipaddress.IPv4Address(n) for n in numbers
    ]
    pattern = filterpattern.compile(cidr(map(str, networks)))
    everything = next(iter(ipaddress.collapse_addresses(networks))).prefixlen == 0
    outside = None if everything else filterpattern.compile(cidr(map(str, networks), match="outside"))
    assert pattern.regexes <= 1
    for address in addresses:
        expected = any(address in network for network in networks)
        assert inside(pattern, address) is expected
        if outside:
            assert inside(outside, address) is not expected


# IPv6


@pytest.mark.parametrize("prefix", range(1, 129))
def test_every_ipv6_prefix_length(prefix):
    network = ipaddress.ip_network(f"aa05:d018:9f2e:bc4d:db6a:f988:9abc:def1/{prefix}", strict=False)
    pattern = filterpattern.compile(cidr(str(network)))
    outside = filterpattern.compile(cidr(str(network), match="outside"))
    for address in edges(network):
        assert inside(pattern, address) is (address in network), address
        assert inside(outside, address) is (address not in network), address


@given(
    st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8),
    st.integers(0, 128),
    st.lists(st.integers(0, 2**128 - 1), max_size=8),
)
def test_an_ipv6_block_is_exact_or_refused(groups, prefix, numbers):
    network = ipaddress.ip_network(":".join(f"{group:x}" for group in groups) + f"/{prefix}", strict=False)
    try:
        pattern = filterpattern.compile(cidr(str(network)))
    except CidrError as error:
        assert "EventBridge" in str(error) or "IPv4" in str(error)  # noqa: PT017
        return
    for address in edges(network) + [ipaddress.IPv6Address(number) for number in numbers]:
        assert inside(pattern, address) is (address in network), address


HIDING = [
    "::/0",
    "::/16",
    "2001:db8::/33",
    "2001:db8:0:1::/64",
    "2001:db8::/48",
    "fe80:0:0:1::/64",
    "ff02::/112",
]


@pytest.mark.parametrize("block", HIDING)
def test_ipv6_blocks_that_could_hide_are_refused_with_the_way_out(block):
    with pytest.raises(CidrError) as caught:
        cidr(block)
    for way in ("EventBridge", "Athena", "isIpInSubnet"):
        assert way in str(caught.value)


def test_ipv6_neighbours_are_joined_only_if_that_can_be_said():
    assert (
        cidr(["2001:db8::2", "2001:db8::3"])
        == '{ $.sourceIPAddress = "2001:db8::2" || $.sourceIPAddress = "2001:db8::3" }'
    )
    assert cidr(["2600:8000::/18", "2600:c000::/18"]) == cidr("2600:8000::/17")
    # Alone the lower half could hide a zero group, together they fill the group above.
    assert cidr(["2600:1f14::/33", "2600:1f14:8000::/33"]) == '{ $.sourceIPAddress = "2600:1f14:*" }'


def test_both_families_in_one_regex():
    pattern = filterpattern.compile(cidr(["198.51.100.64/26", "2001:db8::1", "2600:1f00::/24"]))
    assert pattern.regexes == 1
    assert [inside(pattern, a) for a in ("198.51.100.70", "2001:db8::1", "2600:1fff::")] == [True] * 3
    assert [inside(pattern, a) for a in ("198.51.100.7", "2001:db8::10", "2600:2000::", "a2001:db8::1")] == [False] * 4


REFUSED = [
    ("10.0.0.5/24", "10.0.0.5/24 has host bits set; did you mean 10.0.0.0/24?"),
    ("2001:db8::1/32", "2001:db8::1/32 has host bits set; did you mean 2001:db8::/32?"),
    ("office", "'office' is not an address block"),
    ("", "'' is not an address block"),
    ("10.0.0", "'10.0.0' is not an address block"),
    ("10.0.0.0/33", "'10.0.0.0/33' is not an address block"),
    ("10.0.0.0/", "'10.0.0.0/' is not an address block"),
    ("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' is not an address block"),
    ("010.0.0.1", "'010.0.0.1' is not an address block"),
    ("fe80::1%eth0", "names a network interface"),
    ("::ffff:192.0.2.1", "write it as IPv4"),
    ([], "no address block given"),
]


@pytest.mark.parametrize(("blocks", "message"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_refused(blocks, message):
    with pytest.raises(CidrError) as caught:
        cidr(blocks)
    assert message in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_nothing_is_outside_of_everything():
    with pytest.raises(CidrError, match="no address lies outside"):
        cidr(["0.0.0.0/1", "128.0.0.0/1"], match="outside")
    with pytest.raises(CidrError, match="'inside' or 'outside', not 'within'"):
        cidr("10.0.0.0/8", match="within")  # pyright: ignore[reportArgumentType]


def test_a_list_that_is_too_long_says_whether_it_can_be_split():
    blocks = [f"198.{18 + (n & 1)}.{n}.{(n * 64) % 256}/27" for n in range(40)]
    with pytest.raises(
        CidrError, match=r"40 separate blocks make a pattern of [\d,]+ characters; it may have 1,024. Split"
    ):
        cidr(blocks)
    with pytest.raises(CidrError, match="cannot be split"):
        cidr(blocks, match="outside")
