"""A number is read right or not at all, whole ones exactly, and answers are the same when all their numbers are; other
answers are judged as their kind says."""

import json
import math
import struct
import time
from random import Random

import pytest

from answers import (
    JUDGES,
    UnreadableAnswer,
    choices_in,
    extract_number,
    gold_answer,
    gold_text,
    is_right,
    judge_of,
    number_text,
    numbers_in,
    same_answer,
    same_number,
)
from oracle_metrics import METRICS
from scripting import UserError

READ = {
    "1e5": 1e5, "1E5": 1e5, "1.e5": 1e5, "2.0107e-06": 2.0107e-06, "1e-7": 1e-7, "5e-324": 5e-324, "1.5e+3": 1500,
    "USD1,250": 1250, "US$5": 5, "-€5": -5, "$-5": -5, "-$5": -5, "-USD 5": -5, "$ 5": 5, "1_000": 1000,
    "1_0.2_5": 10.25,
    "+5": 5, "−5": -5, "-.5": -0.5, "٣": 3, "18.": 18, "18.5.": 18.5, "5%": 5, "007": 7, "_18_": 18, "**18**": 18,
    "5 m2": 5, "5kg": 5, "5 eggs": 5, "10x": 10, "1st": 1, "0e-400": 0, "x = -5": -5, "fig.5": 5, "H2O: 5": 5,
    "1,234,567.89": 1234567.89, "1e5kg": 1e5, "5 millionaires": 5, "18/day": 18,
}  # fmt: skip
NOT_READ = [
    "- 5", "the answer - 5", "- $5", "--5", "+-5", "-$-5", "±5", "√2", "5e", "5e+", "1.5e", "e5", "1e400", "1e-400",
    "9" * 400, "1e5.5", "1.000.000", "1.2.3", "v1.2", "1.000,50", "0,5", "0,123", "12,34,567", "1234,567", "1,234,56",
    "1'000", "1’000", "1 000", "1\u202f000", "1__0", "12:30", "1/2", "1 / 2", "3½", "½", "5²", "10^5", "2**3", "0x10",
    "0xFF", "0b11", "5x3", "18cm2", "5k", "5M", "2.5bn", "5 million", "3 thousand", "2024-01-02", "٣٫٥", "A5,200",
    "\\frac{1}{2}", "\\sqrt{2}", "1\\,000", "1{,}000", "5'10\"",
]  # fmt: skip
SEVERAL = {
    "1,23": [1, 23], "16-3": [16, 3], "16 - 3": [16, 3], "20-30": [20, 30], "20–30": [20, 30], "3 + 5": [3, 5],
    "16--3": [16, -3], "-3,4": [-3, 4], "18..20": [18, 20], "3 1/2": [3, "1/2"], "2 * 10^5": [2, "10^5"],
    "5)-3": [5, 3], "5 M-6 M": ["5M", "6M"], "3 ,5": [3, ",5"],
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_what_float_reads_is_read_and_so_is_what_people_write(text):
    """A gold answer "2.0107e-06" ended gsm-hard at its row 218; "1e5" was 1 and "USD1,250" was 250."""
    assert extract_number(text) == gold_answer(text) == READ[text]
    assert extract_number(f"3 hens, so it is {text}.") == READ[text]


@pytest.mark.parametrize("text", NOT_READ)
def test_no_fragment_is_taken_for_a_number(text):
    """ "1.000.000" was 1, "- 5" was 5 and "1/2" was 2; nor is the number before such a one the answer."""
    assert extract_number(text) is None
    assert extract_number(f"Of 3 hens: {text}") is None or text == "e5"
    with pytest.raises(UserError, match="row 7"):
        gold_answer(text, "row 7")


@pytest.mark.parametrize("text", SEVERAL)
def test_several_numbers_are_several(text):
    assert numbers_in(text) == SEVERAL[text]
    with pytest.raises(UserError):
        gold_answer(text)


MULTIPLIED = [
    "$5 M", "$5 k", "5 bn", "1.5 K", "5 k", "5 B.", "5\u00a0M", "5 Million", "5MILLION", "5-million", "**5** million",
    "5 lakh", "5 tn", "$5 m", "$5m", "-$5 b", "$ 5 t",
]  # fmt: skip


@pytest.mark.parametrize("text", MULTIPLIED)
def test_a_number_is_not_read_without_what_multiplies_it(text):
    """ "5k" and "5 million" were not read, but "$5 M", "5 bn" and "5 Million" were 5."""
    assert extract_number(text) is None and extract_number(f"Of 3 hens: {text}") is None


@pytest.mark.parametrize("unit", ["m", "b", "m2", "kg", "Kids", "minutes", "millionaires", "B's", "M&Ms", "K-pop"])
def test_a_unit_is_not_taken_for_a_multiple(unit):
    """ "5 m" is a length, while in money "m" is a million."""
    assert numbers_in(f"5 {unit}") == [5]
    assert len(unit) == 1 or numbers_in(f"$5 {unit}") == [5]


@pytest.mark.parametrize("text", ["٫5", ",5", "·5", "-٫5"])
def test_a_fraction_behind_another_mark_than_a_point_is_no_whole_number(text):
    """ "٫5", a half, was 5."""
    assert extract_number(text) is None


def some_floats(count):
    rng = Random(0)
    for _ in range(count):
        yield struct.unpack("d", rng.randbytes(8))[0]  # of all sizes
        yield rng.uniform(-1, 1) * 10 ** rng.randint(-9, 20)
        yield float(rng.randint(-(10**20), 10**20))


def test_every_finite_float_reads_back():
    """number_text(1e-7) was "1e-07", which was read as 1."""
    special = [1e-7, 1e22, 5e-324, 1.7e308, 2.0**53, 0.1, 1e15, 123456.789]
    for number in [*special, *(-x for x in special), *filter(math.isfinite, some_floats(2000))]:
        text = number_text(number)
        assert extract_number(text) == gold_answer(text) == gold_answer(number) == number, text
        assert type(gold_answer(text)) is float


def test_whole_numbers_of_any_size_are_exact():
    """9007199254740993 became …992, so that an answer off by one was right."""
    for text in ("9007199254740993", "-9007199254740993.0", "90071992547409930e-1", "9,007,199,254,740,993"):
        assert abs(gold_answer(text)) == abs(extract_number(text)) == 2**53 + 1
    assert gold_answer(2**53 + 1) == 2**53 + 1 and not same_number(2.0**53, 2**53 + 1)
    assert json.dumps([gold_answer(2**53 + 1), gold_answer("18")]) == "[9007199254740993, 18.0]"
    assert extract_number(number_text(2**53 + 1)) == 2**53 + 1
    with pytest.raises(UserError):
        gold_answer(10**5000)


def test_an_answer_off_by_one_is_wrong():
    """609 of the 1319 answers of gsm-hard are so large that a tolerance of a millionth let an error of one pass."""
    assert not same_number(9867625, 9867630) and same_number(9867630, 9867630.0)
    assert not same_number(1e15 + 1, 1e15) and not same_number(10**300, 1e300) and same_number(0, -0.0)
    assert not same_number(float("nan"), 1) and not same_number(float("inf"), 1e308)


def test_decimals_are_right_to_a_millionth_and_half_a_cent():
    assert same_number(0.333333, 1 / 3) and same_number(18, 17.999999999999996) and same_number(1234567.89, 1234567.894)
    assert not same_number(0.33333, 1 / 3) and not same_number(1234567.8, 1234567.894)
    assert not same_number(1.5e-6, 2.0107e-06) and not same_number(9867630.5, 9867630) and not same_number(1e-9, 0)


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("The answer is: 18", "18", True),
        ("18.0", "18", True),
        ("1,000", "$1000", True),
        ("10:30", "11:30", False),
        ("1/2", "3/2", False),
        ("The answer is: 1/2", "1 / 2", True),
        ("3,4", "2,4", False),
        ("3 and 4", "3,4", True),
        ("4", "3,4", False),
        ("9867625", "9867630", False),
        ("yes", "yes", True),
        ("yes", "no", False),
        ("yes", "18", False),
        ("x2", "x3", False),
        ("", "", True),
        ("", "18", False),
    ],
)
def test_answers_are_the_same_by_their_text_or_by_all_their_numbers(one, other, same):
    """10:30 and 11:30 counted as unchanged, as their last numbers are the same."""
    assert same_answer(one, other) == same_answer(other, one) == same
    assert METRICS["early_decode"].score(one, other) == METRICS["patching"].score(one, other) == same


UNITS = [
    "-", "- ", " ", "9", "1,", "a1.", "1:", "_", "1_", "$", "1^ ", "\\frac", "5 ", "1 000", "√-", "5 M", "5**-", " ,5",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_is_read_in_a_moment(unit):
    start = time.perf_counter()
    numbers_in(unit * (40_000 // len(unit)))
    assert time.perf_counter() - start < 2


# --- Choices, yes or no, texts ----------------------------------------------------------------------------------

ASKED = "Question: Where does a hen sleep?\nChoices:\nA: river\nB: a coop\nC: school bus\nD: market\nE: coop roof"
LAYOUTS = [
    ASKED, "Where does a hen sleep? Choices: A: river B: a coop C: school bus D: market E: coop roof",
    "Where does a hen sleep? (a) river (b) a coop (c) school bus (d) market (e) coop roof",
    "Where does a hen sleep?\nA. river\nB. a coop\nC. school bus\nD. market\nE. coop roof\nAnswer:",
    "Options: A) river, B) a coop, C) school bus, D) market, E) coop roof",
    "Is vitamin A. good? And B. too? A: river B: a coop C: school bus D: market E: coop roof",
]  # fmt: skip


@pytest.mark.parametrize("asked", LAYOUTS)
def test_choices_are_read_as_people_list_them(asked):
    assert choices_in(asked) == {"A": "river", "B": "a coop", "C": "school bus", "D": "market", "E": "coop roof"}


@pytest.mark.parametrize("asked", ["Who?", "A: only one", "B: first C: second", "Vitamin A is what?"])
def test_a_question_without_choices_has_none(asked):
    assert choices_in(asked) == {}


CHOSEN = {
    "B": "B", "b": "B", "(B)": "B", "(b)": "B", "B.": "B", "**B**": "B", "The answer is: B": "B", "### B": "B",
    "a coop": "B", "Coop.": "B", "The coop": "B", "B: a coop": "B", "B coop": "B", "(B) a coop, as it is dry": "B",
    "It must be (C), since A and B are wet.": "C", "I think it is D": "D", "D, as D sells hens": "D",
    "Hens sleep. The answer is: B\nThe answer is: C": "C", "The answer is: B\nQuestion: A?": "B",
    "A": "A", "A.": "A", "The answer is: A": "A", "A river": "A", "A is.": "A",
    "A hen": None, "A or B": None, "(A) is wet, (B)?": "A", "It is (A) or (B)": None, "F": None, "(F)": None, "": None,
    "18": None, "a coop roof or a coop": None, "The answer is:": None, "Apple": None, "I": None,
}  # fmt: skip


@pytest.mark.parametrize("text", CHOSEN)
def test_a_choice_is_named_by_its_letter_or_its_words(text):
    """The public script takes the first letter of anything ("Apple" is A), and C where there is none."""
    assert JUDGES["choice"].read(text, ASKED) == CHOSEN[text]
    assert is_right(text, "B", "choice", ASKED) == (CHOSEN[text] == "B")


def test_a_choice_whose_words_are_there_twice_needs_its_letter():
    asked = "Where? A: box B: jewelry box C: jewelry box"
    assert not is_right("jewelry box", "B", "choice", asked) and is_right("B: jewelry box", "B", "choice", asked)


SAID = {
    "True": "yes", "true.": "yes", "Yes": "yes", "The answer is: True": "yes", "### True": "yes",
    "Yes, it is not.": "yes", "False": "no", "no": "no", "No, that is true of hens.": "no", "It is not true.": "no",
    "It is not false": "yes",
    "It isn't true": "no", "Hens are true birds. The answer is: False": "no", "**No**": "no",
    "perhaps": None, "true and false": "yes", "it is true and false": None, "": None, "1": None, "Nobody": None,
    "know": None,
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_yes_and_no_are_also_true_and_false(text):
    assert JUDGES["yes-no"].read(text, "") == SAID[text]
    for gold, meant in (("True", "yes"), ("no", "no")):
        assert is_right(text, gold, "yes-no") == (SAID[text] == meant)


@pytest.mark.parametrize(
    "text, right",
    [
        ("Alex is a shumpus.", True),
        ("### Alex is a shumpus.", True),
        ("The answer is: alex is an  shumpus", True),
        ("Alex is a storpus.\nEvery storpus is a shumpus.\n### Alex is a shumpus.", True),
        ("Alex is a gerpus.", False),
        ("Alex is not a shumpus.", False),
        ("Every alex is a shumpus.", False),
        ("", False),
        ("### ", False),
    ],
)
def test_a_text_is_right_word_by_word(text, right):
    assert is_right(text, "Alex is a shumpus.", "text") == right
    assert same_answer(text, "Alex is a shumpus.", "text") == right


def test_a_text_that_is_an_article_is_not_nothing():
    assert is_right("A", "a", "text") and not is_right("the", "a", "text")


@pytest.mark.parametrize(
    "judge, one, other, same",
    [
        ("choice", "The answer is: B", "a coop", True),
        ("choice", "(B)", "B", True),
        ("choice", "B", "C", False),
        ("choice", "nothing", "Nothing.", True),
        ("choice", "nothing", "B", False),
        ("yes-no", "True", "yes", True),
        ("yes-no", "True", "False", False),
        ("text", "Alex is 5", "Ben is 5", False),
        ("text", "Alex is 5.", "alex is 5", True),
        ("number", "Alex is 5", "Ben has 5", True),
        ("number", "The answer is: B", "b", True),
        ("number", "...", "!", False),
    ],
)
def test_two_answers_are_compared_by_the_judge_else_by_their_words(judge, one, other, same):
    assert same_answer(one, other, judge, ASKED) == same_answer(other, one, judge, ASKED) == same


GOLD = {  # judge: fields of a data set, and how they are kept
    "number": {"18": 18, "#### 1,080": 1080, 2.5: 2.5},
    "choice": {"B": "B", "b": "B", "(B)": "B", "a coop": "B", "so #### B": "B"},
    "yes-no": {True: "True", False: "False", "True": "True", "yes": "yes", "#### No": "No"},
    "text": {"Alex is a shumpus.": "Alex is a shumpus.", "#### 5 hens": "5 hens"},
}


@pytest.mark.parametrize("judge", JUDGES)
def test_a_gold_answer_is_right_in_its_own_words_and_inferred(judge):
    for value, gold in GOLD[judge].items():
        assert JUDGES[judge].gold(value, "row 7", ASKED) == gold, value
        assert is_right(gold_text(gold), gold, judge, ASKED)
        assert is_right(f"The answer is: {gold_text(gold)}", gold, judge, ASKED)
        assert is_right(f"### {gold_text(gold)}", gold, judge, ASKED)
        assert judge_of(value, ASKED) == judge or value == "#### 5 hens"
        assert not is_right("", gold, judge, ASKED) and not is_right("", None, judge, ASKED)


@pytest.mark.parametrize(
    "judge, value",
    [("choice", "F"), ("choice", "coop"), ("choice", ""), ("choice", 1), ("yes-no", "maybe"), ("yes-no", "18"),
     ("yes-no", ""), ("text", ""), ("text", "..."), ("text", 5), ("text", ["a"]), ("choice", {}), ("yes-no", None)],
)  # fmt: skip
def test_a_gold_answer_of_no_such_kind_is_refused(judge, value):
    with pytest.raises(UnreadableAnswer, match="row 7: the answer must be"):
        JUDGES[judge].gold(value, "row 7", ASKED)


@pytest.mark.parametrize("unit", ["A: ", "(a) ", "A: B: ", "not ", "answer is ", "# ", "A B C ", "true not "])
def test_a_long_answer_is_judged_in_a_moment(unit):
    start, text = time.perf_counter(), unit * (40_000 // len(unit))
    for judge in JUDGES:
        same_answer(text, f"{text}.", judge, text)
    assert time.perf_counter() - start < 2
