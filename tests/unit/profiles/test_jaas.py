"""Java's login entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.profiles.jaas import jaas_line, parse_jaas

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,12}", fullmatch=True)


@given(options=st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_written_entry_is_read_as_it_was(options: dict[str, str]) -> None:
    entry = parse_jaas(jaas_line("a.ScramLoginModule", options))
    assert (entry.module, entry.name, entry.options) == ("a.ScramLoginModule", "ScramLoginModule", options)


def test_both_quotes_octal_escapes_comments_and_bare_words() -> None:
    text = """a.b.M required /* c */ one='it"s' two="o\\101\\n\\"" three = bare-word // end
        four="";"""
    assert parse_jaas(text).options == {"one": 'it"s', "two": 'oA\n"', "three": "bare-word", "four": ""}


@pytest.mark.parametrize("text", ["", "M", "M maybe;", "M required a;", "M required a='geheim", "M required a=b; c"])
def test_a_malformed_entry_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match="is not one entry") as failure:
        parse_jaas(text)
    assert "geheim" not in str(failure.value)


def test_several_modules_are_refused_without_quoting_them() -> None:
    for password in ("geheim", '"ge;heim"', "'gehe\\'im'"):
        one = f"a.M required username=u password={password};"
        assert parse_jaas(f"/* {one} */ {one} // {one}").options["username"] == "u"
        with pytest.raises(ValueError, match="not one entry but several") as failure:
            parse_jaas(one + one)
        assert "geh" not in str(failure.value)


def test_an_entry_does_not_show_its_options() -> None:
    assert repr(parse_jaas("a.M required username=u password=geheim;")) == "LoginEntry(M, username, password)"
