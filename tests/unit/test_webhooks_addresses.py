"""Where nothing is sent: both sides of every range, and URLs that hide what they mean."""

from ipaddress import ip_address

import pytest

from metering.domain.addresses import Target, parse_target, refusal_of

# Addresses in pairs around a boundary: what is refused, and its public neighbour.
REFUSED = [
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"),  # noqa: S104  # nothing is bound
    *("127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255"),
    *("172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.9", "192.0.0.255", "192.0.2.0", "192.0.2.255"),
    *("192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255"),
    *("198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255"),
    *("240.0.0.0", "255.255.255.255"),
    *("::", "::1", "::a00:1", "::ffff:0:0", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("64:ff9b::", "64:ff9b::a00:1", "64:ff9b::ffff:ffff", "64:ff9b:1::1", "100::1", "1fff:ffff::"),
    *("2001::", "2001::1", "2001:0:a00:1::", "2001:2::1", "2001:1ff:ffff::", "2001:db8::", "2001:db8:ffff::1"),
    *("2002::", "2002:a00:1::", "2002:808:808::1", "2002:ffff:ffff::", "3fff::", "3fff:fff::1"),
    *("4000::", "5f00::1", "fc00::", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1"),
    *("ff00::", "ff02::1", "ff0e::1", "ffff::"),
]
PUBLIC = [
    *("1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255"),
    *("192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0"),
    *("198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0"),
    "223.255.255.255",
    *("2000::", "2000:ffff::1", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2001:ffff::1", "2003::"),
    *("2606:4700::1111", "2a00::1", "3ffe:ffff::1", "3fff:1000::"),
]


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert refusal_of(ip_address(address), allow_loopback=False) == f"{ip_address(address)} is not a public address"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_sent_to(address: str) -> None:
    assert refusal_of(ip_address(address), allow_loopback=False) is None


@pytest.mark.parametrize("address", ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"])
def test_the_local_cloud_may_send_to_loopback(address: str) -> None:
    assert refusal_of(ip_address(address), allow_loopback=True) is None


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.1", "::", "fe80::1", "192.168.1.1"])
def test_the_local_cloud_may_send_to_no_other_address_that_is_not_public(address: str) -> None:
    assert refusal_of(ip_address(address), allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example", Target("https", "hooks.example", 443, "/")),
        ("https://hooks.example/in?a=b&c=%20", Target("https", "hooks.example", 443, "/in?a=b&c=%20")),
        ("HTTPS://Hooks.Example:8443/X", Target("https", "hooks.example", 8443, "/X")),
        ("https://hooks.example:65535/", Target("https", "hooks.example", 65535, "/")),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
        ("https://1.example/", Target("https", "1.example", 443, "/")),
        ("https://8.8.8.8/", Target("https", "8.8.8.8", 443, "/")),
        ("https://[2606:4700::1111]:444/", Target("https", "2606:4700::1111", 444, "/")),
        ("https://hooks.example/" + "x" * 2026, Target("https", "hooks.example", 443, "/" + "x" * 2026)),
    ],
)
def test_a_public_https_url_is_taken_apart(url: str, target: Target) -> None:
    assert parse_target(url, allow_loopback=False) == target


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://hooks.example/",
            "ftp://hooks.example/",
            "//hooks.example/",
            "hooks.example",
            "https:hooks.example",
            "",
        ),
        *("https://user:secret@hooks.example/", "https://user@hooks.example/", "https://@hooks.example/"),
        *("https://hooks.example/#part", "https://hooks.example:0/", "https://hooks.example:65536/"),
        *("https://hooks.example:-1/", "https://hooks.example:x/", "https:///path", "https://[::1", "https://."),
        *(
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::ffff:8.8.8.8]/",
        ),
        *("https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/"),
        *("https://localhost/", "https://api.localhost/", "https://printer.local/", "https://db.internal/"),
        *("https://metadata/", "https://hooks.example./", "https://hooks..example/", "https://-hooks-.example-/"),
        *("https://[fe80::1%25eth0]/", "https://hooks.example\\@127.0.0.1/", "https://hooks.example/a b"),
        *("https://hooks.example/\r\nHost:x", "https://bücher.example/", "https://hooks.example/\x00"),
        *(f"https://{'a' * 64}.example/", f"https://{'a.' * 127}example/", "https://hooks.example/" + "x" * 2027),
    ],
)
def test_a_url_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|not a public address"):
        parse_target(url, allow_loopback=False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/", "http://hooks.example/"]
)
def test_the_local_cloud_takes_loopback_and_http(url: str) -> None:
    assert parse_target(url, allow_loopback=True).scheme == "http"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://api.localhost/", "http://metadata/", "http://u@localhost/"]
)
def test_the_local_cloud_takes_nothing_else(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|not a public address"):
        parse_target(url, allow_loopback=True)
