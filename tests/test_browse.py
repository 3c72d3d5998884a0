"""The page of traces: what it holds is what the tables say, and in a real browser it does what it promises."""

import json
import re
import sys
import time
from dataclasses import replace
from random import Random

import pytest
from browser import browser_or_skip
from builders import typing
from test_kills import KILLS, in_child

import browse_traces
import chat_codi
import collect_traces
from files import sha256, write_meta
from oracle_metrics import METRICS
from oracle_questions import all_questions, convergence, critical_steps
from oracle_replies import REFUSAL
from problems import chain_results
from scripting import run_script
from told_truths import question_of, read_replies
from trace_page import page_data, trace_page
from traces import Trace, read_traces

KINDS = ["zero", "skip", "swap"]
QUESTIONS = 14
HOSTILE = '<script>hacked = 1</script></script><!-- <b>bold</b> & "quoted" \\u003c\n\u2028 שלום'


@pytest.fixture(scope="module")
def traces_path(tmp_path_factory):
    """Traces of tiny-codi with all that the page can draw."""
    path = tmp_path_factory.mktemp("browse") / "traces.jsonl"
    collect_traces.main(
        ["-n", str(QUESTIONS), "--model", "tiny", "--data", "word-problems", "--device", "cpu", "--patches", "2",
         "--lens-layers", "all", "--ablation-types", *KINDS, "--output", str(path)]
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def traces(traces_path):
    return list(read_traces(traces_path))


@pytest.fixture(scope="module")
def replies_path(traces_path, traces):
    """What an oracle might have said, and the meta file that oracle_inference.py writes beside it."""
    path, trace = traces_path.with_name("readings.jsonl"), traces[1]
    wrong_answer = "1" + trace.early_decodes[2]["output"]
    rows = [
        (1, "What does it answer after step 0?", f"{trace.early_decodes[1]['output']} after step 0.", 0.9),
        (1, "What does it answer after step 1?", f"{wrong_answer} after step 1.", 0.6),
        (1, "What does it answer after step 2?", REFUSAL, 0.7),
        (1, "Which latent step matters the most?", "No single step, when zeroed.", 0.1),
        (1, "How are you <today>?", HOSTILE, 0.2),
    ]
    lines = [{"index": i, "query": q, "reply": r, "probability": p, "confidence": p} for i, q, r, p in rows]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_meta(path, {"made_by": {"traces_sha256": sha256(traces_path)}}, [path])
    return path


def browse(*argv):
    browse_traces.main([str(word) for word in argv])


# --- The page's numbers are the tables' --------------------------------------------------------------------------


def test_the_page_says_what_the_tables_say(traces_path, traces):
    """Counts is what collect_traces.py prints its tables from."""
    counts, data = collect_traces.Counts(iter(traces)), page_data("t", traces)
    rows = data["questions"]
    assert sum(row["right"] for row in rows) == counts.right > 0
    assert f"{counts.right}/{counts.scored} = " in data["notes"][0] and f"{counts.direct}/" in data["notes"][1]
    for kind in KINDS:
        for step in range(data["steps"]):
            assert sum(row["kinds"][kind][step][1] for row in rows) == counts.changed[f"{kind}_step{step}"]
    assert sum(counts.changed.values()) > 10
    for step in range(-1, data["steps"]):
        assert sum(row["decodesRight"][step + 1] for row in rows) == counts.early[step]
        shown = [shown_results(row, trace, step) for row, trace in zip(rows, traces, strict=True)]
        for number in counts.chains:
            results = [(chain_results(trace.gold_chain) + [...] * 9)[number - 1] for trace in traces]
            pairs = list(zip(results, shown, strict=True))
            assert sum(result in found for result, found in pairs) == counts.top5[number, step]
            assert sum(result in found[:1] for result, found in pairs) == counts.top1[number, step]
    final = [row["patches"][0]["marks"][-1] for row in rows]
    is_donors, is_own = map(sum, zip(*counts.telling_patches(), strict=True))
    assert final.count("d") == is_donors > 0 and final.count("s") >= is_own


def shown_results(row: dict, trace: Trace, step: int) -> list[str | None]:
    """The result of the chain that is marked on each of a state's five top tokens."""
    marks = [row["tokenResults"].get(token) for token in row["states"][step + 1][0][:5]]
    return [mark and chain_results(trace.gold_chain)[mark - 1] for mark in marks]


def test_every_number_of_a_state_is_the_trace_files(traces):
    data = page_data("t", traces)
    for row, trace in zip(data["questions"], traces, strict=True):
        for state, reading in zip(row["states"], [trace.encoding, *trace.steps], strict=True):
            assert [data["tokens"][token] for token in state[0]] == reading["top_k_tokens"]
            assert state[1] == reading["top_k_probs"]
            assert state[2:] == [reading[name] for name in ("entropy", "norm", "sparsity", "cosine_to_prev")]
        layers = dict(row["lens"])
        for step, state in enumerate(trace.lens):
            for entry in state:
                token, prob = layers[entry["layer"]][step]
                assert (data["tokens"][token], prob) == (entry["token"], entry["prob"])
        answers = data["answers"]
        assert [answers[number] for number in row["decodes"]] == [d["output"] for d in trace.early_decodes]
        assert row["settled"] == list(convergence(trace).values())
        for patch, record in zip(row["patches"], trace.patches, strict=True):
            assert [answers[number] for number in patch["decodes"]] == [d["output"] for d in record["early_decodes"]]


def test_a_cell_is_marked_where_it_shows_a_result_of_the_chain(traces):
    """As a number in an answer ("18.0 cards" for 18), word for word in the lens, as the table of the lens counts it."""
    step = traces[0].steps[0] | {"top_k_tokens": [" 18", "18.0", "018"] + ["x"] * 7}
    trace = replace(
        traces[0], gold_chain="<<9+9=18>><<18=18>><<18*2=36>>", steps=[step, *traces[0].steps[1:]],
        ablations={"zero_step0": "18.0 cards in all, I think", "zero_step1": "180", "zero_step2": "36"}, patches=[],
    )  # fmt: skip
    data = page_data("t", [trace])
    (row,) = data["questions"]
    tokens = {data["tokens"][int(number)]: place for number, place in row["tokenResults"].items()}
    answers = {data["answers"][int(number)]: place for number, place in row["answerResults"].items()}
    assert tokens[" 18"] == 1 and "18.0" not in tokens and "018" not in tokens
    assert answers["18.0 cards in all, I think"] == 1 and answers["36"] == 3 and "180" not in answers
    number = row["kinds"]["zero"][0][0]
    assert data["cells"][number] == "18" and row["kinds"]["zero"][3] is None


def test_an_answer_that_is_no_number_is_compared_by_its_judge(traces):
    question = "Where is the boat? Choices: A: bank B: river"
    trace = replace(
        traces[0], question=question, judge="choice", gold_answer="B", output="The answer is: (B)", gold_chain=None,
        ablations={"zero_step0": "it is the river, B", "zero_step1": "The answer is: (A)"}, changed={}, patches=[],
        early_decodes=[{"after_step": step, "output": f"({'AB'[step > 1]})"} for step in range(-1, 6)],
    )  # fmt: skip
    data = page_data("t", [trace, traces[1]])
    row = data["questions"][0]
    assert row["right"] and row["gold"] == "B" and row["decodesRight"] == [0, 0, 0, 1, 1, 1, 1]
    assert row["settled"] == [2, True] and [found and found[1] for found in row["kinds"]["zero"][:3]] == [0, 1, None]
    assert data["cells"][row["out"]] == "(B)" and data["cells"][row["kinds"]["zero"][1][0]] == "(A)"


def test_an_older_trace_gets_its_page(traces):
    """Earlier files have no chain, no gold answer's verdict, no state before step 0, no `changed`."""
    old = Trace(7, "Q?", 5.0, "5", None, traces[0].steps, ablations={"zero_step0": "5.0", "zero_step1": "6"})
    data = page_data("t", [old])
    (row,) = data["questions"]
    assert row["right"] and row["differs"] is None and row["states"][0] is None and row["chain"] == []
    assert [cell and cell[1] for cell in row["kinds"]["zero"]] == [0, 1, None, None, None, None]
    assert "no reasoning" not in " ".join(data["notes"])


def test_no_text_can_end_the_data(traces):
    hostile = replace(traces[0], question=HOSTILE, output=HOSTILE)
    page = trace_page(HOSTILE, [hostile])
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1]
    assert "<" not in data and json.loads(data)["questions"][0]["q"] == HOSTILE
    assert page.count("</script>") == 2 and "hacked = 1</script>" not in page


# --- An oracle's replies -------------------------------------------------------------------------------------------


def test_replies_stand_beside_the_truth(traces_path, traces, replies_path):
    rows = read_replies(replies_path, traces_path, traces)[1]
    trace, early, wrong, refused, critical, unknown = traces[1], *rows
    assert (early["score"], early["step"], early["says"]) == (1.0, 0, trace.early_decodes[1]["output"])
    assert early["truth"] == early["reply"] and early["confidence"] == 0.9
    assert wrong["score"] == 0.0 and wrong["truth"] == f"{trace.early_decodes[2]['output']} after step 1."
    assert refused["refused"] and refused["says"] is None and refused["step"] == 2
    metric = METRICS["ablation"]
    assert critical["score"] == metric.score(critical_steps(trace, "zero"), []) and critical["truth"] != REFUSAL
    assert unknown["truth"] is None and unknown["score"] is None and unknown["reply"] == HOSTILE


def test_the_truth_of_a_plain_query_is_the_trained_answer(traces):
    """What an oracle is trained to say to a question's plainest query is what the page calls the truth."""
    for trace in traces[:4]:
        known = 0
        for question in all_questions(trace, Random(0)):
            if question.task in ("unanswerable", "patched") or "patch" in question.slots:
                continue
            found = question_of(trace, question.plain_query())
            assert found and found.response == question.response, question
            known += 1
        assert known > 20


# --- Which questions -----------------------------------------------------------------------------------------------


def indices_of(path) -> list[int]:
    data = re.search(r'id="data">(.*?)</script>', path.read_text(), re.S)[1]
    return [row["i"] for row in json.loads(data)["questions"]]


def test_more_than_a_page_is_sampled_or_paged(traces_path, traces, tmp_path, monkeypatch):
    monkeypatch.setattr(browse_traces, "PAGE", 6)
    page = tmp_path / "p.html"
    found = []
    for number in (1, 2, 3):
        browse("--input", traces_path, "--output", page, "--page", number)
        found += indices_of(page)
        assert f"page {number} of 3: " in page.read_text()
    assert found == [trace.index for trace in traces]
    drawn = []
    for seed in (0, 0, 1):
        browse("--input", traces_path, "--output", page, "--sample", 5, "--seed", seed)
        drawn.append(indices_of(page))
    assert drawn[0] == drawn[1] != drawn[2] and len(drawn[0]) == 5 and drawn[0] == sorted(drawn[0])


def test_a_patched_runs_donor_is_shown_from_another_page(traces_path, traces, tmp_path):
    page = tmp_path / "p.html"
    browse("--input", traces_path, "--output", page, "--sample", 1)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
    (row,), donor = data["questions"], data["questions"][0]["patches"][0]["donor"]
    other = next(trace for trace in traces if trace.index == donor)
    assert donor != row["i"] and data["donors"][str(donor)]["q"] == other.question
    decodes = data["donors"][str(donor)]["decodes"]
    assert [data["answers"][number] for number in decodes] == [d["output"] for d in other.early_decodes]
    assert set(row["patches"][0]["marks"][1:]) <= set("sdbx") and "d" in row["patches"][0]["marks"] + "d"


def test_the_same_command_writes_the_same_page(traces_path, replies_path, tmp_path):
    page, again = tmp_path / "p.html", tmp_path / "q.html"
    for output in (page, page, again):
        browse("--input", traces_path, "--replies", replies_path, "--output", output)
    assert page.read_bytes() == again.read_bytes()


BAD = [
    (["--input", "none.jsonl"], "collect_traces.py"),
    (["--input", "empty.jsonl"], "empty"),
    (["--input", "half.jsonl"], "half.jsonl:2"),
    (["--input", "number.jsonl"], "expected a trace"),
    (["--input", "TRACES", "--output", "TRACES"], ".html"),
    (["--input", "TRACES", "--output", "mine.html"], "did not write it"),
    (["--input", "TRACES", "--output", "no/t.html"], "mkdir -p"),
    (["--input", "TRACES", "--output", "t.txt"], ".html"),
    (["--input", "TRACES", "--sample", "0"], "sample"),
    (["--input", "TRACES", "--sample", "15"], "more than there are"),
    (["--input", "TRACES", "--page", "2"], "--page 2 is not there"),
    (["--input", "TRACES", "--page", "1", "--sample", "2"], "not allowed"),
    (["--input", "TRACES", "--replies", "none.jsonl"], "oracle_inference.py"),
    (["--input", "TRACES", "--replies", "bare.jsonl"], "bare.meta.json not found"),
    (["--input", "TRACES", "--replies", "others.jsonl"], "about other traces"),
    (["--input", "TRACES", "--replies", "cut.jsonl"], "cut.jsonl:2"),
    (["--input", "TRACES", "--replies", "words.jsonl"], "confidence"),
]


@pytest.mark.parametrize(("argv", "word"), BAD, ids=[" ".join(argv) for argv, _ in BAD])
def test_bad_input_is_one_sentence(argv, word, traces_path, tmp_path, monkeypatch, capsys):
    line, reply = traces_path.read_text().partition("\n")[0], '{"index": 1, "query": "Q?", "reply": "5"}\n'
    files = {
        "empty.jsonl": "", "half.jsonl": f"{line}\n{line[:400]}", "number.jsonl": "3\n", "mine.html": "<p>mine</p>",
        "bare.jsonl": reply, "others.jsonl": reply, "cut.jsonl": reply + '{"index": 1, "que',
        "words.jsonl": '{"index": 1, "query": "Q?", "reply": "5", "confidence": "much"}\n',
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    hashes = {"others.jsonl": "0" * 64} | dict.fromkeys(("cut.jsonl", "words.jsonl"), sha256(traces_path))
    for name, digest in hashes.items():
        write_meta(tmp_path / name, {"made_by": {"traces_sha256": digest}}, [tmp_path / name])
    monkeypatch.chdir(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    words = [str(traces_path) if word == "TRACES" else word for word in argv]
    monkeypatch.setattr(sys, "argv", ["browse_traces.py", *words])
    with pytest.raises(SystemExit) as exit:
        run_script(browse_traces.main)
    said = capsys.readouterr().err
    assert exit.value.code == 2 and word in said and "Traceback" not in said, said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_page_too_large_is_refused_with_how_many_fit(traces_path, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(browse_traces, "MOST_BYTES", 50_000)
    monkeypatch.setattr(
        sys, "argv", ["browse_traces.py", "--input", str(traces_path), "--output", str(tmp_path / "p.html")]
    )
    with pytest.raises(SystemExit):
        run_script(browse_traces.main)
    assert re.search(r"Give --sample \d\.", capsys.readouterr().err) and not list(tmp_path.iterdir())


def test_a_killed_run_leaves_a_whole_page_or_none(traces_path, tmp_path):
    page, argv = tmp_path / "p.html", ["--input", traces_path, "--output", tmp_path / "p.html"]
    for number in range(1, KILLS + 1):
        in_child(browse_traces.main, argv, tmp_path, kill_at=number)
        assert not page.exists() or page.read_text().endswith("</html>\n")
    assert in_child(browse_traces.main, argv, tmp_path)[0] == 0
    assert page.read_text().endswith("</html>\n") and [path.name for path in tmp_path.glob("*.html*")] == ["p.html"]


# --- In a browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browser_or_skip(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(traces_path, replies_path, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "traces.html"
    browse("--input", traces_path, "--replies", replies_path, "--output", path)
    return path


@pytest.fixture
def opened(browser, page):
    """The page, opened anew; at the end nothing may have been complained of."""
    browser.open("about:blank")
    browser.open(f"file://{page}")
    yield browser
    assert browser.problems() == []


def each(browser, selector: str, value: str) -> list:
    """A JavaScript expression of n for each element."""
    return browser.run(f"return [...document.querySelectorAll(arguments[0])].map(n => {value})", selector)


def numbers(browser) -> list[int]:
    """The questions in the list. Chromium lays an item out when it comes into view; until then it has no innerText."""
    return each(browser, ".item:not([hidden]) .number", "Number(n.textContent)")


def test_the_first_question_is_shown_at_once(opened, traces):
    assert opened.text("h1") == traces[0].question
    assert opened.text(".shown") == f"{QUESTIONS} of {QUESTIONS} questions"
    assert numbers(opened) == [trace.index for trace in traces]
    assert opened.texts(".pick") == ["start", *map(str, range(6))]


def test_the_grid_shows_the_trace(opened, traces):
    opened.open(opened.run("return location.href.split('#')[0]") + "#q4")
    trace = traces[4]
    readings = [trace.encoding, *trace.steps]
    tops = opened.run(
        "return [...document.querySelectorAll('[data-row=lens-0] td')].map(n => [n.innerText, n.dataset.p])"
    )
    for (shown, p), reading in zip(tops, readings, strict=True):
        assert shown.startswith(reading["top_k_tokens"][0]) and float(p) == reading["top_k_probs"][0]
    assert opened.texts("[data-row=norm] td") == [f"{reading['norm']:.1f}" for reading in readings]
    cosines = [reading["cosine_to_prev"] for reading in readings]
    assert opened.texts("[data-row=cosine] td")[1:] == [f"{value:.2f}" for value in cosines[1:]]
    assert len(opened.texts("[data-row^=layer-] th")) == len(trace.lens[0]) == 3
    for kind in KINDS:
        changed = each(opened, f"[data-row=ablation-{kind}] td", "n.classList.contains('changed')")
        assert changed == [False, *(trace.changed[f"{kind}_step{step}"] for step in range(6))]
    rings = each(opened, "[data-row=decode] td", "n.querySelector('.result')?.dataset.result")
    results = chain_results(trace.gold_chain)
    expected = [str(results.index(d["output"]) + 1) if d["output"] in results else None for d in trace.early_decodes]
    assert rings == expected and any(expected)
    names = opened.texts("[data-row^=patch-] th, [data-row^=donor-] th")
    assert names[:2] == [f"donor #{trace.donor}", "all steps"] and len(names) == 3
    taken = opened.run(
        "return [...document.querySelectorAll('[data-row=patch-1] .taken')].map(n => Number(n.dataset.step))"
    )
    assert taken == trace.patches[1]["steps"]


def test_keys_go_from_question_to_question_and_step_to_step(opened):
    opened.press("jj")
    assert opened.run("return location.hash") == "#q2"
    opened.press("kl")
    assert opened.run("return location.hash") == "#q1s-1" and opened.text(".step h2").startswith("Start")
    opened.press("llll")
    assert opened.run("return location.hash") == "#q1s3" and opened.text(".step h2") == "Step 3"
    opened.press("h")
    assert opened.text(".pick[aria-pressed=true]") == "2"
    opened.press("kkk")
    assert opened.run("return location.hash") == "#q0"
    opened.press("/jk")
    assert opened.run("return document.querySelector('.search').value") == "jk" and numbers(opened) == []
    assert opened.texts(".list .none") == ["No question is like this."]
    opened.press("\ue00cj")  # Escape leaves the search; no question is left to go to
    assert opened.run("return location.hash") == "#q0"


@pytest.mark.parametrize("name", ["wrong", "changed", "early", "differs"])
def test_each_filter_keeps_what_it_names(opened, traces, name):
    kept = {
        "wrong": [t.index for t in traces if not t.correct],
        "changed": [t.index for t in traces if any(t.changed.values())],
        "early": [t.index for t in traces if convergence(t)["stays"] and convergence(t)["step"] < 5],
        "differs": [t.index for t in traces if t.no_reasoning_output != t.output],
    }[name]
    assert opened.text(f"[data-filter={name}] .count") == str(len(kept))
    opened.click(f"[data-filter={name}]")
    assert numbers(opened) == kept and opened.text(".shown") == f"{len(kept)} of {QUESTIONS} questions"
    opened.click(f"[data-filter={name}]")
    assert len(numbers(opened)) == QUESTIONS


def test_filters_and_search_join(opened, traces):
    opened.click("[data-filter=differs]")
    word = traces[3].question.split()[0]
    opened.click(".search")
    opened.press(word)
    differ = [trace for trace in traces if trace.no_reasoning_output != trace.output]
    expected = [trace.index for trace in differ if word.lower() in trace.question.lower()]
    assert numbers(opened) == expected
    opened.run("const s = document.querySelector('select'); s.value = 'skip'; s.dispatchEvent(new Event('change'))")
    skipped = {t.index for t in traces if any(on for key, on in t.changed.items() if key.startswith("skip"))}
    assert numbers(opened) == [i for i in expected if i in skipped]


def test_links_name_a_question_and_a_step(opened, traces, page):
    opened.open(f"file://{page}#q7s3")
    assert opened.text("h1") == traces[7].question and opened.text(".step h2") == "Step 3"
    assert opened.run("return document.querySelector('.item[aria-current=true]').getAttribute('href')") == "#q7"
    donor = traces[7].donor
    opened.click("[data-row^=donor-] a")
    for _ in range(100):  # the browser draws a new hash in its own time
        if opened.text("h1") == traces[donor].question:
            break
        time.sleep(0.05)
    assert opened.run("return location.hash") == f"#q{donor}" and opened.text("h1") == traces[donor].question
    opened.run("history.back()")
    opened.click(".item[href='#q3']")
    assert opened.text("h1") == traces[3].question
    opened.open(f"file://{page}#q99")
    assert "Question 99 is not on this page." in opened.texts(".none")
    opened.open(f"file://{page}#nonsense")
    assert opened.texts("h1") and not opened.texts(".middle > .none")


def test_a_click_on_a_cell_opens_its_step(opened):
    opened.click("[data-row=norm] td[data-step='4']")
    assert opened.text(".step h2") == "Step 4" and opened.run("return location.hash") == "#q0s4"
    opened.click(".pick[data-step='4']")
    assert opened.texts(".step h2") == []


def test_hovering_tells_the_ten_likeliest_tokens(opened, traces):
    opened.hover("[data-row=lens-0] td[data-step='2']")
    card = opened.text(".tip")
    assert f"entropy {traces[0].steps[2]['entropy']:.3f} nats" in card
    tokens = each(opened, ".tip .token", "n.firstChild.textContent")
    assert tokens == traces[0].steps[2]["top_k_tokens"]
    opened.hover("[data-row=ablation-zero] td[data-step='1']")
    assert traces[0].ablations["zero_step1"] in opened.text(".tip")
    opened.hover("h1")
    assert opened.texts(".tip") == []


def test_replies_are_shown_with_the_truth(opened, traces, page):
    opened.open(f"file://{page}#q1")
    rows = opened.run(
        "return [...document.querySelectorAll('.replies tbody tr')].map(r => [...r.cells].map(c => c.innerText))"
    )
    assert [row[2:4] for row in rows] == [
        ["90%", "✓"],
        ["60%", "✗"],
        ["70%", "refused"],
        ["10%", rows[3][3]],
        ["20%", ""],
    ]
    assert rows[1][4] == f"{traces[1].early_decodes[2]['output']} after step 1." and rows[4][4] == "not known"
    classes = each(opened, "[data-row=oracle] td", "n.className")
    assert classes[1:4] == ["isright", "iswrong", "refused"]


def test_text_is_text(browser, traces, tmp_path):
    odd = [HOSTILE, "", "\n", " x"]
    hostile = replace(
        traces[0], question=HOSTILE, output=HOSTILE, ablations=dict.fromkeys(traces[0].ablations, HOSTILE),
        steps=[step | {"top_k_tokens": odd + step["top_k_tokens"][4:]} for step in traces[0].steps],
    )  # fmt: skip
    path = tmp_path / "hostile.html"
    path.write_text(trace_page(HOSTILE, [hostile]))
    browser.open(f"file://{path}#q0s1")
    assert browser.run("return document.querySelector('h1').textContent") == HOSTILE
    assert browser.run("return typeof hacked") == "undefined"
    assert browser.run("return document.querySelectorAll('b').length") == 1  # the list's own
    cells = browser.texts("[data-row=lens-1] td, [data-row=lens-2] td, [data-row=lens-3] td")
    assert {"∅", "↵", "x"} <= {text.split()[0] for text in cells}
    assert browser.problems() == []


@pytest.mark.parametrize(("typed", "found"), [("#3", [3]), ("#33", []), ("#", []), ("NO SUCH WORDS", [])])
def test_search_finds_a_question_by_its_number(opened, typed, found):
    opened.click(".search")
    opened.press(typed)
    assert numbers(opened) == found


def test_a_chat_is_drawn_as_traces_are(browser, monkeypatch, tmp_path, capsys):
    page = tmp_path / "chat.html"
    typing(monkeypatch, chat_codi.EXAMPLE, f"{chat_codi.EXAMPLE} {HOSTILE.splitlines()[0]}")
    chat_codi.main(["--model", "tiny", "--device", "cpu", "--save-html", str(page)])
    browser.open(f"file://{page}#q0s0")
    answer = re.findall(r"answer: (.*)", capsys.readouterr().out)[0]
    assert browser.text("h1") == chat_codi.EXAMPLE and browser.text(".facts dd") == answer
    assert browser.texts("[data-row=decode] td")[-1] == answer and browser.text(".step h2") == "Step 0"
    assert len(browser.texts("[data-row^=layer-]")) == 3 and len(browser.texts("[data-row^=ablation-]")) == 3
    assert browser.texts(".terminal summary") and "latent step 5" in browser.run(
        "return document.querySelector('.terminal').textContent"
    )
    browser.press("j")
    assert "hacked = 1" in browser.text("h1") and browser.run("return typeof hacked") == "undefined"
    assert browser.problems() == []


def test_a_chat_without_steps_or_questions_has_a_page(browser, monkeypatch, tmp_path):
    for number, lines in enumerate(([chat_codi.EXAMPLE], [])):
        page = tmp_path / f"{number}.html"
        typing(monkeypatch, *lines)
        chat_codi.main(["--model", "tiny", "--device", "cpu", "--no-reasoning", "--save-html", str(page)])
        browser.open(f"file://{page}")
        assert browser.texts("h1") == lines and browser.texts(".grid") == []
        assert browser.texts(".list .none") == ([] if lines else ["No question was asked."])
        browser.press("jlhk")
        assert browser.problems() == []


@pytest.mark.parametrize("width", [1400, 700, 390])
def test_nothing_overflows(browser, page, width):
    browser.call("POST", "/window/rect", {"width": width, "height": 900})
    browser.open("about:blank")
    browser.open(f"file://{page}#q1s2")
    wide, room = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
    browser.call("POST", "/window/rect", {"width": 1400, "height": 1000})
    assert wide <= room


def test_a_linked_step_of_a_wide_grid_is_in_sight(browser, traces, tmp_path):
    readings = traces[0].steps * 5
    steps = [reading | {"step": step} for step, reading in enumerate(readings)]
    path = tmp_path / "wide.html"
    path.write_text(trace_page("wide", [replace(traces[0], steps=steps, early_decodes=[], ablations={}, patches=[])]))
    for step in (29, 3):
        browser.open(f"file://{path}#q0s{step}")
        left, right, edge = browser.run(
            "const [a, b] = ['.pick[aria-pressed=true]', '.scroll'].map(s => document.querySelector(s)"
            ".getBoundingClientRect()); return [a.left - b.left, a.right, b.right]"
        )
        assert left > 150 and right <= edge, step


def test_it_prints(opened):
    assert opened.call("POST", "/print", {}).startswith("JVBERi0")  # %PDF-


def test_two_thousand_questions_open_in_two_seconds(browser, traces, tmp_path):
    """In seconds of the processor, as other programs may have most of it while tests run."""
    path = tmp_path / "many.html"
    path.write_text(trace_page("many", [replace(traces[i % QUESTIONS], index=i) for i in range(2000)]))
    assert path.stat().st_size < browse_traces.MOST_BYTES
    browser.open("about:blank")
    before = browser.busy_s()
    browser.open(f"file://{path}")
    assert browser.text(".shown") == "2000 of 2000 questions"
    opened = browser.busy_s()
    assert opened - before < 2
    browser.press("jjjjj")
    assert browser.run("return location.hash") == "#q5" and browser.busy_s() - opened < 1
