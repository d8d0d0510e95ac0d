"""Generated regexes near CloudWatch's subset, and texts that nearly fit them."""

from hypothesis import strategies as st

chars = st.sampled_from(
    [
        *"ab01 :_#=@/;,-",
        r"\.",
        r"\\",
        r"\x41",
        r"\x0A",
        r"\-",
        r"\]",
        ".",
        r"\d",
        r"\D",
        r"\s",
        r"\S",
        r"\w",
        r"\W",
        "]",
        "}",
    ]
)
class_items = st.one_of(
    st.sampled_from([*"ab0-9.^$|*+?{}[", r"\d", r"\W", r"\s", r"\]", r"\\", r"\x62", "a-c", "0-9", "+-.", "A-z"]),
    st.just("-"),
)
classes = st.builds(
    lambda negated, items: f"[{negated}{''.join(items)}]",
    st.sampled_from(["", "^"]),
    st.lists(class_items, min_size=1, max_size=4),
)
repeats = st.sampled_from(
    ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,2}", "{0,3}", "{2,}", "{1,2}?", "{", "{a}", "{01}"]
)
anchors = st.sampled_from(["^", "$"])
atoms = st.one_of(chars, chars, chars, classes, anchors)
branches = st.lists(st.builds(lambda atom, repeat: atom + repeat, atoms, repeats), max_size=6).map("".join)
bodies = st.lists(branches, min_size=1, max_size=3).map("|".join).filter(bool)
texts = st.text(alphabet=st.sampled_from(list("aabbcA01 \n\t\x0b:.-]}{é\u2028\U0001f600")), max_size=12)
