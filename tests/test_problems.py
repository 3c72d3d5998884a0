"""Problems are read as they are written, bad lines named, and the generator shows no test story in training."""

import json
import os
import re
import threading
from collections import Counter

import datasets
import fsspec
import pytest
from published import COMMONSENSE, COMMONSENSE_FIRST, HUB_PRONTOQA, PRONTOQA, PUBLISHED

import problems
from answers import extract_number, gold_answer, number_text, same_number
from problems import (
    DATASETS,
    Problem,
    by_steps,
    chain_results,
    chain_steps,
    equations,
    load_all,
    load_problems,
    problem_from,
    read_problems,
    word_problems,
)
from scripting import UserError
from stories import NUMBERS, outside


@pytest.mark.parametrize(
    "text, number",
    [
        ("18", 18),
        ("The answer is: 18.", 18),
        ("1,234 and then 5,678.50", 5678.5),
        ("-7", -7),
        ("it fell to −7 degrees", -7),
        ("16-3", 3),
        ("$1,080.00", 1080),
        ("it is -$5", -5),
        ("80%", 80),
        (".5", 0.5),
        ("0.25 of it", 0.25),
        ("first 3, then 4", 4),
        ("3.", 3),
        ("<<16-3=13>>13", 13),
        ("x2", None),
        ("18cm", 18),
        ("3,4", 4),
        ("1,2345", 2345),
        ("so it is ...18", 18),
        ("9" * 400, None),
        ("none at all", None),
        ("", None),
        ("🦆", None),
    ],
)
def test_extract_number(text, number):
    assert extract_number(text) == number


@pytest.mark.parametrize(
    "value, number",
    [
        (18, 18),
        ("18", 18),
        ("so\n#### 1,080", 1080),
        ("$5.50", 5.5),
        ("-3", -3),
        (2.5, 2.5),
        (None, None),
        ("3 cups", 3),
    ],
)
def test_gold_answer(value, number):
    assert gold_answer(value) == number


@pytest.mark.parametrize("value", ["", "many", True, [1], float("nan"), "inf", "1/2", "18 in 5 days", "9" * 400])
def test_gold_answer_without_a_number_is_refused(value):
    with pytest.raises(UserError, match="row 7"):
        gold_answer(value, "row 7")


def test_same_number():
    assert same_number(18.0, 18) and same_number(1e9 + 1e-3, 1e9)
    assert not same_number(None, 18) and not same_number(None, None) and not same_number(18.1, 18)


def test_number_text_reads_back():
    for number in (18.0, 2.5, 12345678901.0, -3.0, 0.1):
        assert extract_number(number_text(number)) == number
    assert number_text(18.0) == "18" and number_text(1e15) == "1000000000000000"


def test_by_steps_counts_where_there_is_a_chain():
    problems = [*word_problems("test", 5), Problem("x", "Q?", None, 1.0)]
    counts = by_steps(problems, [True, False, True, True, True, True])
    assert counts == {str(k): {"correct": c, "total": t} for k, c, t in ((1, 2, 2), (2, 0, 1), (3, 1, 1), (4, 1, 1))}


def test_chain_steps():
    assert chain_steps("<<1+1=2>> <<2*2=4>>") == ["<<1+1=2>>", "<<2*2=4>>"]
    assert chain_steps("She has 3.5 eggs. Then she eats one.") == ["She has 3.5 eggs.", "Then she eats one."]
    assert chain_steps(None) == chain_steps("") == []


def test_every_layout_reads_alike(tmp_path):
    rows = {
        "gsm8k.jsonl": json.dumps({"question": "Q?", "answer": "16-3 is <<16-3=13>>13.\n#### 13"}),
        "aug.txt": "Q?||<<16-3=13>> #### 13",
        "list.json": json.dumps([{"question": "Q?", "cot": "<<16-3=13>>", "answer": "13"}]),
        "traces.jsonl": json.dumps({"question": "Q?", "chain": "<<16-3=13>>", "gold_answer": 13}),
    }
    for name, text in rows.items():
        (tmp_path / name).write_text(text + "\n")
        (problem,) = load_problems(str(tmp_path / name))
        assert (problem.question, problem.chain, problem.answer, problem.id) == ("Q?", "<<16-3=13>>", 13, "0"), name


def test_svamp_and_gsm_hard_fields(tmp_path):
    path = tmp_path / "x.json"
    rows = [
        {"Body": "A has 3.", "Question": "How many?", "Answer": 3.0},
        {"instruction": "Q?", "response": 5},
        {"question": "Q?", "final_ans": "7"},
    ]
    path.write_text(json.dumps(rows))
    assert [(p.question, p.answer) for p in load_problems(str(path))] == [
        ("A has 3. How many?", 3),
        ("Q?", 5),
        ("Q?", 7),
    ]


@pytest.mark.parametrize(
    "name, text, where",
    [
        ("x.jsonl", '{"question": "Q?", "answer": 1}\n{"question": "Q', "x.jsonl:2"),
        ("x.jsonl", '{"question": "Q?", "answer": 1}\n\n[1]\n', "x.jsonl:3"),
        ("x.jsonl", '{"answer": 1}', "x.jsonl:1"),
        ("x.jsonl", '{"question": 5, "answer": 1}', "x.jsonl:1"),
        ("x.jsonl", '{"question": " ", "answer": 1}', "x.jsonl:1"),
        ("x.jsonl", '{"Body": null, "Question": "x", "Answer": 1}', "x.jsonl:1"),
        ("x.jsonl", '{"question": "Q?", "cot": ["a"], "answer": 1}', "x.jsonl:1"),
        ("x.jsonl", "[" * 100000, "x.jsonl:1"),
        ("x.jsonl", '{"question": "Q?", "answer": ' + "9" * 5000 + "}", "x.jsonl:1"),
        ("x.txt", "Q?||<<1+1=2>> #### 2\nQ? ||no mark", "x.txt:2"),
        ("x.json", '{"question": "Q?"}', "x.json"),
        ("x.json", "[1, ", "x.json"),
    ],
)
def test_bad_line_is_named(tmp_path, name, text, where):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError) as error:
        read_problems(tmp_path / name)
    assert where in str(error.value)


def test_problem_without_an_answer_is_kept(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"question": "Q?"}')
    assert load_problems(str(tmp_path / "x.jsonl"))[0].answer is None


def test_empty_file_unknown_name_and_binary_are_sentences(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00\x01")
    for data in (tmp_path / "empty.jsonl", tmp_path / "binary.jsonl", tmp_path / "missing.jsonl", "gsm9k"):
        with pytest.raises(UserError):
            load_problems(str(data))
    with pytest.raises(UserError, match="train, validation and test"):
        load_problems("word-problems", "tset")
    with pytest.raises(UserError, match="split"):
        load_problems("svamp", "train")


def test_unreachable_data_set_names_the_generator():
    with pytest.raises(UserError, match="word-problems"):
        load_problems(next(iter(DATASETS)), "test", 3)


WORDED = {word: str(number) for number, word in enumerate(NUMBERS, 2)}


def value_of(chain):
    """The chain recomputed by Python, each step from the one before."""
    last = None
    for step in chain_steps(chain):
        left, result = re.fullmatch(r"<<(.*)=(\d+)>>", step).groups()
        assert last is None or left.startswith(str(last))
        assert eval(left) == int(result)
        last = int(result)
    return last


def test_stories_are_right_in_range_and_of_every_length():
    problems = word_problems("train", 2000)
    assert len({p.question for p in problems}) == 2000
    for i, problem in enumerate(problems):
        assert len(chain_steps(problem.chain)) == i % 4 + 1
        assert value_of(problem.chain) == problem.answer
        numbers = [int(x) for x in re.findall(r"\d+", problem.chain)]
        assert min(numbers) >= 1 and max(numbers) <= 99
        told = [WORDED.get(word, word) for word in re.findall(r"\w+", problem.question)]
        for step in chain_steps(problem.chain):
            operand = re.split(r"[-+*/=]", step)[1]
            assert operand in told or "=" in step[:5] or re.search("half|double|triple", problem.question)


def test_a_storys_length_does_not_tell_when_its_result_is_there():
    """Events that change nothing or undo each other: 3 of 10 stories of four events reach their result before the
    last, and most lengths have stories that need no thought at all."""
    needed = {length: Counter() for length in range(1, 5)}
    for problem in word_problems("train", 4000):
        results = [*map(int, chain_results(problem.chain))]
        start = int(re.match(r"<<(\d+)", problem.chain)[1])
        needed[len(results)][[start, *results].index(results[-1])] += 1
    assert needed[4][4] < 0.75 * needed[4].total() and needed[2][2] < 0.65 * needed[2].total()
    assert all(counts[0] for counts in needed.values())


def test_what_is_told_undoes_itself_in_words_and_in_numbers():
    for problem in word_problems("train", 2000):
        if "lends" in problem.question:
            assert re.search(r"(\w+) \w+ back", problem.question), problem.question


def test_a_story_has_no_word_that_is_outside():
    assert not any(outside(problem.question) for problem in word_problems("test", 3000))
    assert outside("Ava has 160 zebras. She sells 1.5 of them.") == ["160", "zebras", "1.5"]
    assert outside("Janet has 16 ducks. She sells 3 of them. How many ducks does Janet have?") == []


def arithmetic_of(problem):
    return re.sub(r"=\d+", "", problem.chain)


def test_splits_share_no_arithmetic():
    """Not even with other names and things: what decides the split is the numbers and operations."""
    splits = (("train", 0), ("validation", 1), ("test", 2))
    train, validation, test = ({arithmetic_of(p) for p in word_problems(s, 3000, seed)} for s, seed in splits)
    assert not train & test and not train & validation and not validation & test


def test_stories_are_seeded_and_grow_from_the_front():
    assert word_problems("test", 50) == word_problems("test", 80)[:50]
    assert word_problems("test", 50, seed=1) != word_problems("test", 50, seed=2)


def test_equations():
    for problem in equations("train", 200):
        assert value_of(problem.chain) == problem.answer == eval(problem.question)


ROWS = [
    {"question": 'Ava, "A", has 3.\nHow many?', "answer": "3", "id": "a"},
    {"question": "Q?", "answer": "1e5", "id": "b"},
]


def as_table(mark):
    lines = [mark.join('"' + text.replace('"', '""') + '"' for text in row.values()) for row in ROWS]
    return "\r\n".join([mark.join(ROWS[0]), *lines]) + "\r\n"


@pytest.mark.parametrize(
    "name, content",
    [
        ("x.csv", as_table(",").encode()),
        ("x.csv", as_table(";").encode("utf-8-sig")),
        ("x.tsv", as_table("\t").encode("utf-16")),
        ("x.txt", as_table(",").encode()),
        ("x.jsonl", json.dumps(ROWS).encode("utf-16")),
        ("x.jsonl", json.dumps(ROWS, indent=2).encode()),
        ("x.json", "\n".join(map(json.dumps, ROWS)).encode("utf-8-sig")),
        ("x.jsonl", "\r\n\r\n".join(map(json.dumps, ROWS)).encode("utf-16")),
    ],
)
def test_questions_are_read_from_what_people_have(tmp_path, name, content):
    """CSV, UTF-16, and a list in a .jsonl were refused with the words of a JSON parser."""
    (tmp_path / name).write_bytes(content)
    problems = load_problems(tmp_path / name)
    assert [(p.question, p.answer, p.id) for p in problems] == [(ROWS[0]["question"], 3, "a"), ("Q?", 1e5, "b")]
    assert len(load_problems(str(tmp_path / name), n=1)) == 1


HEADERS = ['"question","answer"', '"question", "answer"', "question, answer", '"answer";"question"']


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_in_quotes_names_columns_whatever_the_suffix(tmp_path, header):
    """A table with such a header was "not valid JSON" as x.txt, and a blank before "answer" lost every gold answer."""
    row = "3;Q?" if ";" in header else '"Q?", "3"'
    for name in ("x.txt", "x.csv"):
        (tmp_path / name).write_text(f"{header}\n{row}\n")
        assert [(p.question, p.answer) for p in load_problems(tmp_path / name)] == [("Q?", 3)]


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    """The last was taken in silence. Columns without a name may be many, as spreadsheets write them."""
    (tmp_path / "x.csv").write_text("question,answer,answer\nQ?,3,4\n")
    with pytest.raises(UserError, match="x.csv: more than one column is named 'answer'"):
        load_problems(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("question,answer,,\nQ?,3,,\n")
    assert load_problems(tmp_path / "x.csv")[0].answer == 3


def test_a_pipe_is_read(tmp_path):
    """/dev/stdin was no file, and so "no data set"."""
    os.mkfifo(pipe := tmp_path / "pipe")
    writer = threading.Thread(target=pipe.write_text, args=[json.dumps({"question": "Q?", "answer": 3})])
    writer.start()
    assert load_problems(str(pipe))[0].answer == 3
    writer.join()


def test_fields_of_official_gsm_hard_and_mawps():
    mawps = {"sQuestion": "Q?", "lSolutions": [3.0]}
    for row in ({"input": "Q?", "target": 3.0}, mawps, {"Question": "Q?", "Answer": "3"}):
        assert problem_from(row, "row 7", "0") == Problem("0", "Q?", None, 3.0)


@pytest.mark.parametrize(
    "fields",
    [
        *({"question": value} for value in (5, [], {}, True, " ")),
        *({"id": value} for value in ({}, ["a"], True)),
        *({"answer": value} for value in ({}, [3], "", 10**400, 10**5000, float("inf"), "1/2", [[[]]])),
        *({"cot": value} for value in (5, [], {})),
        *({"answer": None, "lSolutions": value} for value in ([], [1, 2], {}, "many")),
    ],
)
def test_a_wrong_type_in_any_field_names_the_row(fields):
    with pytest.raises(UserError, match="row 7"):
        problem_from({"question": "Q?", "answer": 3, "id": "a"} | fields, "row 7", "0")


@pytest.mark.parametrize(
    "name, content",
    [
        ("x.csv", b"name,number\nAva,3\n"),
        ("x.csv", b"question,answer\nAva, who has 3?,3\n"),
        ("x.csv", b'question,answer\n"Ava,3\n'),
        ("x.csv", b"question,answer\n"),
        ("x.jsonl", b""),
        ("x.jsonl", b"\x89PNG\r\n\0\0"),
        ("x.jsonl", "Zoë".encode("latin1")),
        ("x.jsonl", '{"question": "Q?"}'.encode("utf-16-le")),
        ("x.jsonl", b'{"question": "Q?", "answer": NaN}'),
        ("x.jsonl", b'{"question": "\\ud800"}'),
        ("x.json", b'{"train": [{"question": "Q?"}]}'),
        ("x.txt", b"just a line"),
    ],
)
def test_what_is_no_data_is_one_sentence_that_names_the_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        load_problems(str(tmp_path / name))


@pytest.mark.parametrize("data", ["", "a\0b", "x" * 300, ".", "/dev/null", "/proc/self/mem", None, 5, b"x", ["gsm8k"]])
def test_what_is_no_path_is_one_sentence(data):
    with pytest.raises(UserError):
        load_problems(data)


@pytest.mark.parametrize(
    "wrong",
    [*({"n": n} for n in ("3", 2.5, True, -1, 0)), *({"split": s} for s in (5, None, [])),
     *({"seed": s} for s in ("x", None, 10**5000, -1, 1.5))],
)  # fmt: skip
@pytest.mark.parametrize("data", ["word-problems", "equations"])
def test_wrong_arguments_are_one_sentence(data, wrong):
    with pytest.raises(UserError):
        load_problems(data, **wrong)


def test_a_public_row_without_a_number_is_left_out_and_counted(monkeypatch, capsys, tmp_path):
    """One gold "2.0107e-06" at row 218 ended all of gsm-hard. In a file of the user's own it is theirs to mend."""
    rows = [{"question": "Q?", "answer": text} for text in ("1", "1/2", "3", "many")]
    monkeypatch.setattr(problems, "hub_rows", lambda data, split, n: rows)
    assert [(p.id, p.answer) for p in load_problems("gsm-hard")] == [("0", 1), ("2", 3)]
    assert "Left out 2 of 4 rows of gsm-hard/test: no number in the answer (first: row 1)" in capsys.readouterr().err
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(UserError, match="x.jsonl:2"):
        load_problems(str(tmp_path / "x.jsonl"))


# --- Answers that are no numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_public_layouts_with_other_answers_read_alike_by_name_and_as_files(tmp_path, monkeypatch, name):
    rows, judge, answer, steps = PUBLISHED[name]
    split, asked = next(iter(DATASETS[name].splits)), []

    def load(*args, **kwargs):
        asked.append((args, kwargs))
        return datasets.Dataset.from_list(rows)

    monkeypatch.setattr(datasets, "load_dataset", load)
    (tmp_path / "x.json").write_text(json.dumps(rows))
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    named = load_problems(name, split, n=3)
    assert named == load_problems(tmp_path / "x.json", n=3) == load_problems(str(tmp_path / "x.jsonl"), n=3)
    assert (named[0].judge, named[0].answer, named[0].question) == (judge, answer, rows[0]["question"])
    assert len(chain_steps(named[0].chain)) == steps and not chain_results(named[0].chain)
    assert all(problem.is_right(f"The answer is: {problem.answer_text}") for problem in named)
    ((args, kwargs),) = asked
    (part,) = DATASETS[name].splits[split]
    assert args[0] == DATASETS[name].id
    assert kwargs == ({"data_files": part, "split": "train"} if name == "prosqa" else {"split": part})


def test_what_reads_files_on_the_web_is_installed_and_its_lack_is_a_sentence(monkeypatch):
    """--data prosqa ended in an ImportError: datasets does not ask for what it reads files over HTTP with."""
    assert fsspec.get_filesystem_class("https").protocol == ("http", "https")

    def lacking(*args, **kwargs):
        raise ImportError('HTTPFileSystem requires "requests" and "aiohttp" to be installed')

    monkeypatch.setattr(datasets, "load_dataset", lacking)
    with pytest.raises(UserError, match="Could not fetch prosqa .*aiohttp"):
        load_problems("prosqa")


def test_prontoqa_of_the_hub_is_asked_in_the_words_of_coconuts(monkeypatch):
    monkeypatch.setattr(problems, "hub_rows", lambda data, split, n: HUB_PRONTOQA)
    (problem,) = load_problems("prontoqa")
    assert problem.question == "Hens are loud. Max is a hen. True or false: Max is not loud."
    assert (problem.judge, problem.answer, problem.chain) == ("yes-no", "False", None)


@pytest.mark.parametrize(
    "choices",
    [
        COMMONSENSE_FIRST[0]["choices"],
        ["river", "coop", "bus", "market", "roof"],
        ["A. river", "B. coop", "C. bus", "D. market", "E. roof"],
        {"A": "river", "B": "coop", "C": "bus", "D": "market", "E": "roof"},
        "(a) river (b) coop (c) bus (d) market (e) roof",
    ],
)
@pytest.mark.parametrize("answer", ["B", "coop"])
def test_choices_of_their_own_field_are_asked_too(choices, answer):
    problem = problem_from(COMMONSENSE_FIRST[0] | {"choices": choices, "answerKey": answer}, "row 7", "0")
    assert problem.question == "Where does a hen sleep?\nChoices:\nA: river\nB: coop\nC: bus\nD: market\nE: roof"
    assert (problem.judge, problem.answer) == ("choice", "B") and problem.is_right("a coop")
    again = problem_from({"question": problem.question, "choices": choices, "answer": answer}, "row 7", "0")
    assert again.question == problem.question


def test_a_public_row_of_another_kind_is_left_out(monkeypatch, capsys):
    monkeypatch.setattr(problems, "hub_rows", lambda data, split, n: [*COMMONSENSE, COMMONSENSE[0] | {"answer": "F"}])
    assert len(load_problems("commonsenseqa")) == len(COMMONSENSE)
    assert "Left out 1 of 5 rows of commonsenseqa/test: no choice in the answer" in capsys.readouterr().err


def lines(*answers, **more):
    return "\n".join(json.dumps({"question": "Q?", "answer": answer} | more) for answer in answers)


@pytest.mark.parametrize(
    "text, judges",
    [
        (lines("18", 5, "3 cups"), "number number number"),
        (lines("yes", "No", True), "yes-no yes-no yes-no"),
        (lines("a hen", "18", "yes", "B"), "text text text text"),
        (lines("B", "18"), "text text"),  # no choices
        (lines("18", answer_type="text"), "text"),
        (lines("18", answer_type="text") + "\n" + lines("3"), "text number"),
        (lines("3") + "\n" + lines("yes", answer_type="yes-no") + "\n" + lines("4"), "number yes-no number"),
        (lines("B", answer_type="choice"), "choice"),
        (lines(None, "a hen"), "number text"),
    ],
)
def test_how_an_answer_is_judged_is_said_or_is_as_the_first(tmp_path, text, judges):
    (tmp_path / "x.jsonl").write_text(text)
    assert [p.judge for p in load_problems(tmp_path / "x.jsonl")] == judges.split()


@pytest.mark.parametrize(
    "text, message",
    [
        (lines("18", "many"), "x.jsonl:2: the answer must hold one number, not 'many'. Mend it, or say its kind"),
        (lines("yes", "18"), "x.jsonl:2: the answer must be yes, no, true or false, not '18'. Mend it"),
        (lines("1/2"), "x.jsonl:1: the answer must hold one number"),
        (lines("18 in 5 days"), "answer_type: number, choice, yes-no, text"),
        (lines(""), "x.jsonl:1: the answer must hold one number"),
        (lines("B", "F", question="A: hen B: duck"), "x.jsonl:2: the answer must be the letter or the text of one"),
        (lines("yes", answer_type="boolean"), "x.jsonl:1: the answer_type is 'boolean'; known are number, choice"),
        (lines("yes", answer_type=["text"]), "x.jsonl:1: the answer_type is"),
        (lines("...", answer_type="text"), "x.jsonl:1: the answer must be a text"),
        (lines("B", choices="hen, duck"), "x.jsonl:1: the choices must be two or more"),
        (lines("B", choices=["hen"]), "x.jsonl:1: the choices must be"),
        (lines("B", choices=["hen", None]), "x.jsonl:1: the choices must be"),
        (lines("B", choices={"label": ["A"], "text": 5}), "x.jsonl:1: the choices must be"),
        (lines("B", steps="one"), "x.jsonl:1: the steps must be a list of texts"),
        (lines("B", steps=["one", 2]), "x.jsonl:1: the steps must be a list of texts"),
    ],
)
def test_a_bad_record_is_one_sentence_with_its_file_line_and_fault(tmp_path, text, message):
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(UserError) as error:
        load_problems(tmp_path / "x.jsonl")
    assert message in str(error.value) and "\n" not in str(error.value)


def test_a_table_may_say_how_its_answers_are_judged(tmp_path):
    (tmp_path / "x.csv").write_text("question,answer,answer_type\nQ?,18,text\nQ?,3,\n")
    assert [(p.judge, p.answer) for p in load_problems(tmp_path / "x.csv")] == [("text", "18"), ("number", 3)]


def test_a_problem_judged_by_number_is_told_as_before():
    """Half-done runs of earlier versions go on: their digests of the problems knew no judge."""
    assert Problem("0", "Q?", None, 3.0).told() == {"id": "0", "question": "Q?", "chain": None, "answer": 3.0}
    assert Problem("0", "Q?", None, "a", "text").told()["judge"] == "text"


def test_several_data_sets_are_one_after_the_other():
    both = load_all(["equations", "word-problems"], "train", 3)
    assert both == [*equations("train", 3), *word_problems("train", 3)]
    assert load_all("equations", "train", 3) == both[:3]


def test_steps_of_two_sentences_stay_whole():
    problem = problem_from(PRONTOQA[0], "row 7", "0")
    assert chain_steps(problem.chain) == PRONTOQA[0]["steps"]


def test_a_choice_may_be_a_number():
    problem = problem_from({"question": "2 + 2?", "options": [3, 4], "answer": "B"}, "row 7", "0")
    assert problem.question == "2 + 2?\nChoices:\nA: 3\nB: 4" and problem.is_right("4") and not problem.is_right("3")
