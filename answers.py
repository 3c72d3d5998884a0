"""
What an answer in words comes to, and whether it is right.

    from answers import is_right, same_answer
    is_right("That makes $1,080.", 1080)  # True
    is_right("The answer is: (B)", "B", "choice", "Where? Choices: A: bank B: river")  # True

How an answer is judged is a row of JUDGES. What counts as a number in a text is said in numbers_in().
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scripting import UserError


class UnreadableAnswer(UserError):
    """An answer that is there, but is none of its kind: not one number, no letter of a choice."""


# --- What is a number in a text: see numbers_in() ------------------------------------------------------------

LETTER = r"[^\W\d_²³¹¼-¾⁰-₉⅐-↉]"
DIGITS = r"\d+(?:_\d+)*"  # as float() has them
CURRENCY = r"(?:(?:US|CA|AU|NZ|HK)?\$|[€£¥₹]|USD|EUR|GBP)"
# What multiplies the number before it. Of single letters "m", "b" and "t" do so only in money, else they are units.
SCALE_WORD = r"(?i:hundred|thousand|lakh|crore|[mbtr]+illion|[bmt]n|[bm]ln)"
SCALE_LETTER = r"(?:[kKMB]|(?(money)[mbtT]|(?!)))"
SPACE = r"[ \t\u00a0\u2009\u202f]"
# one sign, before the currency or behind it; digits, grouped in threes or not; decimals; an exponent; a unit
NUMBER = re.compile(
    rf"(?P<sign>[-−+]?)(?P<money>{CURRENCY}[ \t]?)?(?P<second>[-−+]?)"
    rf"(?P<value>(?:[1-9]\d{{0,2}}(?:,\d{{3}})+|{DIGITS})(?:\.{DIGITS})?|\.{DIGITS})"
    rf"(?P<exponent>(?:\.?[eE][-+−]?{DIGITS})?)"
    rf"(?:(?!(?:[eE]|{SCALE_LETTER}|{SCALE_WORD})(?!{LETTER})|(?<=(?<!\d)0)[xX]){LETTER}+)?"
)
SEVERAL = re.compile(r"[-−+]?\$?[1-9]\d*(?:,[1-9]\d*)+")  # "3,4"
GROUP_OF_THREE = re.compile(r",\d{3}(?!\d)")
PIECE = re.compile(
    # a dash or plus behind a word, a number or a bracket is no sign, but one in "the answer - 5" may be
    r"(?P<joins>(?<=[\w)\]%])[-−–+]\s*|(?<=[\d)\]%])[ \t]+[-−–+][ \t]+)"
    r"|(?P<written>\\(?:[dt]?frac|sqrt)[^\s$]*|[¼-¾⅐-↉])"
    # all that is glued to a digit, whether it is a number then or not
    rf"|(?P<chunk>(?:[-−–][ \t]*|[+±√]){{0,3}}(?P<money>{CURRENCY}[ \t]?)?[-−+]?"
    r"(?:\d{4}-\d\d?-\d\d?(?!\w)|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\w)|\d|(?<![\w.])[.·٫٬]\d|(?<!\S),\d)"
    r"(?:[^\W_]|_+(?=[^\W_])|[.,:'’·٫٬](?=\d)|\.(?=[eE][-+−]?\d)|(?<=[\d.][eE])[-+−](?=\d)"
    r"|[ \t]?(?:[/⁄^]|\*\*)[ \t]?(?=\d)|(?:\\[,;!]|\{,\})(?=\d))*"
    # emphasis may end in between; "5 M&Ms" and "5 K-pop songs" are counted one by one
    rf"(?:[*_$]{{0,2}}(?:(?:{SPACE}{{1,2}}|-){SCALE_WORD}s?|{SPACE}{{1,2}}{SCALE_LETTER}(?![-&'’.]?{LETTER}))(?!\w))?)"
    # a word that holds digits is none, unless it goes on as a number does
    r"|[^\W\d_]\w*(?P<tail>(?<=\d)[.,:'’](?=\d)[\w.,]*\w)?"
)


def gold_answer(value, where: str = "answer") -> int | float | None:
    """The gold number of an answer field: a number, "18", "$1,080.00", or a worked text ending in "#### 18".
    None for None; UserError for what is no answer, UnreadableAnswer for a text without exactly one number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UserError(f"{where}: the answer must be a number or text, not {shown(value)}.")
    numbers = numbers_in(value.rpartition("####")[2]) if isinstance(value, str) else [exact_number(value)]
    if len(numbers) != 1 or not isinstance(numbers[0], int | float):
        raise UnreadableAnswer(f"{where}: the answer must hold one number, not {shown(value)}.")
    return numbers[0]


def shown(value) -> str:
    """The beginning of any value on one line, for a message."""
    try:
        return repr(value.rpartition("####")[2].strip() if isinstance(value, str) else value)[:60]
    except (ValueError, RecursionError):
        return f"a vast {type(value).__name__}"


def extract_number(text: str) -> int | float | None:
    """The last number in `text`; None when there is none, or when it cannot be read (see numbers_in)."""
    numbers = numbers_in(text)
    return numbers[-1] if numbers and not isinstance(numbers[-1], str) else None


def numbers_in(text: str) -> list[int | float | str]:
    """Every number in `text`, in order: those that can be read as numbers, the others as they are written.

    Read: what float() reads and is finite ("1e5", "2.0107e-06", ".5", "+5", "1_000", "٣", the "18." that ends a
    sentence); thousands in commas ("1,234"); a minus, also as "−"; a currency before it ("$5", "-$5", "$-5",
    "USD1,250"); a unit behind it ("18cm", "5%"). A comma between other digits parts two numbers ("3,4", "1,23"), and so
    does a hyphen or a sign of arithmetic ("16-3", "20-30": not a minus three). Digits behind a letter ("x2", "e5",
    "5 m2") belong to a word.

    Not read, so that no part of them is taken for the whole: "- 5" (a minus or a bullet), "--5", "±5", "5e", "1e400",
    "1e-400", "1.000.000", "1.2.3", "1.000,50", "0,5", "12,34,567", "1'000", "1 000", "12:30", "1/2", "3½", "5²",
    "√2", "10^5", "0x10", "5x3", "2024-01-02", "٫5", ",5"; and what a word or letter behind it multiplies, as
    "5k", "5 M", "5 bn", "$5 m", "5 million" ("5 m" is a length, and read).
    """
    found = []
    for piece in PIECE.finditer(text):
        if piece["chunk"]:
            found += read_chunk(piece["chunk"])
        elif piece["written"] or piece["tail"]:
            found.append(piece[0])
    return found


def read_chunk(chunk: str) -> list[int | float | str]:
    """The number that is all of `chunk`; where it is none, several numbers parted by commas, or the chunk itself."""
    match = NUMBER.fullmatch(chunk)
    if match and not (match["sign"] and match["second"]):
        sign = (match["sign"] or match["second"]).replace("−", "-")
        value = exact_number(sign + match["value"].replace(",", "") + match["exponent"].replace("−", "-"))
        if value is not None:
            return [value]
    elif SEVERAL.fullmatch(chunk) and not GROUP_OF_THREE.search(chunk):
        return [number for part in chunk.split(",") for number in read_chunk(part)]
    return ["".join(chunk.split())]


def exact_number(value: str | int | float) -> int | float | None:
    """`value` as a float, or where a float would lose digits of a whole number as an int; None where a float overflows
    or underflows."""
    try:
        number = float(value)
    except OverflowError:  # an int
        return None
    if not math.isfinite(number):
        return None
    if isinstance(value, str) and not number:
        return number if not Decimal(re.split("[eE]", value)[0]) else None
    if abs(number) < 2**53 or isinstance(value, float):
        return number
    exact = Decimal(value)
    return int(exact) if exact == int(exact) != number else number


def number_text(number: int | float) -> str:
    """18.0 as "18", 2.5 as "2.5", and no exponents for whole numbers of any size; numbers_in() reads it back."""
    return str(int(number)) if number == int(number) else repr(number)


RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-6, 0.005  # the smaller of the two counts; the second is half a cent


def same_number(predicted: int | float | None, gold: int | float | None) -> bool:
    """Whether an answer is right; no number is never right. Two whole numbers are equal or not, whatever their size;
    where one has decimals, they may differ by a millionth of the gold number, and by no more than 0.005."""
    if predicted is None or gold is None:
        return False
    if predicted % 1 == 0 and gold % 1 == 0:
        return predicted == gold
    return abs(predicted - gold) <= min(RELATIVE_TOLERANCE * abs(gold), ABSOLUTE_TOLERANCE)


# --- What else an answer may be -------------------------------------------------------------------------------

LEAD = re.compile(r"(?i:\banswer(?: is)?:|\banswer is\b)|##+")  # "The answer is: " of CODI, "### " of Coconut
ARTICLES = ("a", "an", "the")
LETTERS = "ABCDE"  # of a question whose choices cannot be read
MARKED = re.compile(r"(?:^|(?<=\s))[(\[]?([A-Ja-j])[.):\]]\s*(?=\S)")  # "A: ", "(a) ", "A. "
BRACKETED = re.compile(r"[(\[]([A-Ja-j])[)\]]")
LONE = re.compile(r"(?<![\w'’])(?!(?:A|I)\s+(?!(?:or|and|is)\b)[a-z])([A-J])(?![\w'’])")  # no article, nor "I"
TRUTH = re.compile(r"(?i)(?P<not>\bnot |n't )?\b(?:(?P<yes>yes|true)|no|false)\b")


def final_part(text: str) -> str:
    """What of a text is the answer: the first line after the last "The answer is:" or "###", or all of it."""
    start = max((match.end() for match in LEAD.finditer(text)), default=None)
    return text.strip() if start is None else text[start:].strip().partition("\n")[0]


def plain(text: str) -> str:
    """The words of a text, without case, articles and the marks around words."""
    words = [word.strip(".,;:!?\"'“”‘’()[]*") for word in text.casefold().split()]
    words = [word for word in words if word]
    return " ".join([word for word in words if word not in ARTICLES] or words)


@lru_cache(4096)
def choices_in(question: str) -> dict[str, str]:
    """{"A": "bank", "B": "river"} of a question that lists its choices, as "A: bank", "(a) bank" or "A. bank" in one
    line or in several; {} of another."""
    lists = [[]]
    for mark in MARKED.finditer(question):
        if mark[1].upper() == "A":
            lists.append([mark])
        elif ord(mark[1].upper()) == ord("A") + len(lists[-1]):
            lists[-1].append(mark)
    marks = max(reversed(lists), key=len)
    if len(marks) < 2:
        return {}
    ends = [mark.start() for mark in marks[1:]] + [len(question)]
    texts = [question[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    return {mark[1].upper(): text.partition("\n")[0].rstrip(" ,;") for mark, text in zip(marks, texts, strict=True)}


def read_choice(text: str, question: str) -> str | None:
    """The letter of the choice that a text names: by its words or by its letter, at the start, in brackets or alone;
    None where it names none, or several."""
    choices, answer = choices_in(question) or dict.fromkeys(LETTERS, ""), final_part(text)
    named = [letter for letter, choice in choices.items() if choice and plain(choice) == plain(answer)]
    start = MARKED.match(answer.lstrip("*\"'"))
    if named or start:
        return named[0] if len(named) == 1 else start[1].upper() if start and start[1].upper() in choices else None
    for letter, choice in choices.items():
        if answer.casefold() == letter.casefold() or (choice and plain(answer) == plain(f"{letter} {choice}")):
            return letter
    for pattern in (BRACKETED, LONE):
        if found := {letter.upper() for letter in pattern.findall(answer)} & choices.keys():
            return found.pop() if len(found) == 1 else None
    return None


def read_yes_no(text: str, question: str = "") -> str | None:
    """ "yes" or "no" of a text that says yes, no, true or false; None of one that says neither, or both without
    beginning with one."""
    answer = final_part(text)
    first = TRUTH.match(answer.lstrip("*\"'( "))
    said = {("yes", "no")[bool(m["yes"]) == bool(m["not"])] for m in ([first] if first else TRUTH.finditer(answer))}
    return said.pop() if len(said) == 1 else None


def read_text(text: str, question: str = "") -> str | None:
    """The words of an answer, as plain() has them."""
    return plain(final_part(text)) or None


def written(value) -> str:
    """A gold answer that is no number as it is written: after the last ####, if there is one."""
    return str(value).rpartition("####")[2].strip() if isinstance(value, str | bool) else ""


def gold_choice(value, question: str) -> str | None:
    """The letter of a gold answer, which is a letter or a choice's text."""
    choices, text = choices_in(question) or dict.fromkeys(LETTERS, ""), written(value).strip("()")
    named = [letter for letter, choice in choices.items() if text and text in (letter, letter.lower(), choice)]
    return named[0] if len(named) == 1 else None


def gold_yes_no(value, question: str = "") -> str | None:
    return written(value) if plain(written(value)) in ("yes", "no", "true", "false") else None


def must_be(wanted: str, gold: Callable[[object, str], str | None]) -> Callable[[object, str, str], str]:
    """Reads a data set's field as a gold answer, by `gold`; UnreadableAnswer where it is none."""

    def read(value, where, question):
        found = gold(value, question)
        if found is None:
            raise UnreadableAnswer(f"{where}: the answer must be {wanted}, not {shown(value)}.")
        return found

    return read


# --- The judges -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judge:
    """How answers of one kind are read and compared. `question` is what was asked, as its choices stand in it."""

    # (value of a data set's field, where it stands, question): the gold answer as it is kept and learned
    gold: Callable[[object, str, str], int | float | str]
    read: Callable[[str, str], object]  # (a model's text, question): what it answers; None where that cannot be told
    same: Callable[[object, object], bool] = operator.eq  # of what is read, and what the gold answer is read as
    # (text, question): what two answers are compared by; where that is nothing, by their words. None: by what is read
    key: Callable[[str, str], object] | None = None


JUDGES = {
    "number": Judge(
        lambda value, where, question: gold_answer(value, where),
        lambda text, question: extract_number(text),
        same_number,
        lambda text, question: numbers_in(text),
    ),
    "choice": Judge(must_be("the letter or the text of one of the question's choices", gold_choice), read_choice),
    "yes-no": Judge(must_be("yes, no, true or false", gold_yes_no), read_yes_no),
    "text": Judge(
        must_be("a text", lambda value, question: written(value) if read_text(written(value)) else None), read_text
    ),
}


def judge_of(value, question: str) -> str:
    """By which judge a gold answer is judged that does not say so: a number where it holds one; yes-no for true, false,
    yes or no; choice where it is the letter or the text of one of the question's choices; else text."""
    text = written(value)
    if gold_yes_no(value):
        return "yes-no"
    if not text or numbers_in(text):
        return "number"
    return "choice" if choices_in(question) and gold_choice(value, question) else "text"


def gold_text(gold: int | float | str) -> str:
    """A gold answer in words, as a model learns to say it."""
    return gold if isinstance(gold, str) else number_text(gold)


def is_right(text: str, gold: int | float | str | None, judge: str = "number", question: str = "") -> bool:
    """Whether an answer in words is the gold one. Where there is no gold answer, or none can be read, it is not."""
    kind = JUDGES[judge]
    said = kind.read(text, question)
    wanted = kind.read(gold, question) if isinstance(gold, str) else gold
    return said is not None and wanted is not None and kind.same(said, wanted)


def same_answer(first: str, second: str, judge: str = "number", question: str = "") -> bool:
    """Whether two answers in words come to the same: by the judge (the same numbers in the same order, the same letter,
    …), or where nothing of its kind can be read, by their words."""
    if first == second:
        return True
    key = JUDGES[judge].key or JUDGES[judge].read
    one, other = (key(text, question) or plain(final_part(text)) for text in (first, second))
    return one == other and bool(one)
