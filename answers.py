"""
The number in an answer, and whether it is right.

    from answers import extract_number, same_number, same_answer, gold_answer
    same_number(extract_number("That makes $1,080."), gold_answer("... #### 1080"))  # True

What counts as a number in a text is said in numbers_in().
"""

import math
import re
from decimal import Decimal

from scripting import UserError


class UnreadableAnswer(UserError):
    """An answer that is there, but is not one number."""


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


def is_right(text: str, gold: int | float | None) -> bool:
    """Whether the last number of an answer in words is the gold one."""
    return same_number(extract_number(text), gold)


def same_answer(first: str, second: str) -> bool:
    """Whether two answers in words come to the same: the same text, or the same numbers in the same order."""
    return first == second or numbers_in(first) == numbers_in(second) != []
