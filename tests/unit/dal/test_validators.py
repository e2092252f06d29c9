"""The documented validators (NAMES-07)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime.dal import validators as v
from runtime.foundation.current import current

DOCUMENTED = """ANY_OF CLEANUP CRYPT IS_ALPHANUMERIC IS_DATE IS_DATE_IN_RANGE IS_DATETIME IS_DATETIME_IN_RANGE
IS_DECIMAL_IN_RANGE IS_EMAIL IS_EMPTY_OR IS_EQUAL_TO IS_EXPR IS_FILE IS_FLOAT_IN_RANGE IS_IMAGE IS_IN_DB IS_IN_SET
IS_INT_IN_RANGE IS_IPADDRESS IS_IPV4 IS_IPV6 IS_JSON IS_LENGTH IS_LIST_OF IS_LIST_OF_EMAILS IS_LOWER IS_MATCH
IS_NOT_EMPTY IS_NOT_IN_DB IS_NULL_OR IS_SAFE IS_SLUG IS_STRONG IS_TIME IS_UPLOAD_FILENAME IS_UPPER IS_URL""".split()

GOOD: list[tuple[Any, Any, Any]] = [
    (v.IS_INT_IN_RANGE(0, 10), "7", 7),
    (v.IS_FLOAT_IN_RANGE(0, 1), "0.5", 0.5),
    (v.IS_DECIMAL_IN_RANGE(0, 10), "2.5", Decimal("2.5")),
    (v.IS_ALPHANUMERIC(), "ab_1", "ab_1"),
    (v.IS_DATE(), "2024-02-03", datetime.date(2024, 2, 3)),
    (v.IS_DATETIME(), "2024-02-03 01:02:03", datetime.datetime(2024, 2, 3, 1, 2, 3)),
    (v.IS_TIME(), "9:30 pm", datetime.time(21, 30)),
    (v.IS_EMAIL(), "a@b.com", "a@b.com"),
    (v.IS_EMPTY_OR(v.IS_INT_IN_RANGE(1, 3)), "", None),
    (v.IS_IN_SET(["a", "b"]), "a", "a"),
    (v.IS_IPV4(), "1.2.3.4", "1.2.3.4"),
    (v.IS_IPV6(), "::1", "::1"),
    (v.IS_JSON(), '{"a": 1}', {"a": 1}),
    (v.IS_LENGTH(3), "abc", "abc"),
    (v.IS_LIST_OF(v.IS_INT_IN_RANGE(0, 5)), ["1", "2"], [1, 2]),
    (v.IS_LIST_OF_EMAILS(), "a@b.com, c@d.org", ["a@b.com", "c@d.org"]),
    (v.IS_LOWER(), "ABC", "abc"),
    (v.IS_UPPER(), "abc", "ABC"),
    (v.IS_MATCH("a+"), "aab", "aab"),
    (v.IS_SLUG(), "Hello World!", "hello-world"),
    (v.IS_STRONG(min=8, special=1, upper=1), "Abcdef12!", "Abcdef12!"),
    (v.IS_URL(), "example.com", "http://example.com"),
    (v.CLEANUP(), "a\x01b ", "ab"),
    (v.ANY_OF([v.IS_EMAIL(), v.IS_ALPHANUMERIC()]), "abc", "abc"),
]
BAD: list[tuple[Any, Any]] = [
    (v.IS_INT_IN_RANGE(0, 10), "x"),
    (v.IS_INT_IN_RANGE(0, 10), "10"),
    (v.IS_DATE(), "2024-02-30"),
    (v.IS_EMAIL(), "a@@b"),
    (v.IS_EQUAL_TO("a"), "b"),
    (v.IS_IN_SET(["a"]), "c"),
    (v.IS_IPADDRESS(), "300.1.1.1"),
    (v.IS_JSON(), "{a"),
    (v.IS_LENGTH(3), "abcd"),
    (v.IS_NOT_EMPTY(), "  "),
    (v.IS_SAFE(), "<script>x</script>"),
    (v.IS_STRONG(min=8), "abc"),
    (v.IS_URL(), "htp://x"),
    (v.IS_EXPR(lambda value: "bad"), "x"),
]


def test_names_07_all_are_there() -> None:
    """NAMES-07"""
    assert set(DOCUMENTED) <= set(v.__all__)
    assert all(callable(getattr(v, name)) for name in v.__all__)


@pytest.mark.parametrize(("validator", "value", "result"), GOOD)
def test_names_07_good_values_are_converted(validator: Any, value: Any, result: Any) -> None:
    """NAMES-07: `(value, None)`."""
    assert validator(value) == (result, None)


@pytest.mark.parametrize(("validator", "value"), BAD)
def test_names_07_bad_values_come_back_with_a_message(validator: Any, value: Any) -> None:
    """NAMES-07: `(value, message)`."""
    back, message = validator(value)
    assert back == value
    assert message


def test_names_07_crypt_compares() -> None:
    """NAMES-07: a hash is salted, and equal to the right password only."""
    first, second = v.CRYPT()("secret")[0], v.CRYPT()("secret")[0]
    assert str(first) != str(second)
    assert v.CRYPT()("secret")[0] == str(first)
    assert v.CRYPT()("Secret")[0] != str(first)


def test_names_07_messages_are_translated_when_a_request_is_there() -> None:
    """NAMES-07: at the time of validation, not of making the validator."""
    validator = v.IS_INT_IN_RANGE(0, 10)
    try:
        current._begin(T=lambda text: text.replace("Enter an integer", "Gib eine ganze Zahl"))
        assert validator("x")[1] == "Gib eine ganze Zahl between 0 and 9"
    finally:
        current._begin()
    assert validator("x")[1] == "Enter an integer between 0 and 9"
