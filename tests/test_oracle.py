"""The oracle: what is asked and what is true, who is on which side, what is supervised, what is scored."""

import copy
import json
from dataclasses import replace
from functools import cache
from itertools import product
from random import Random

import numpy as np
import pytest
import torch
from conftest import random_language_model, that_ends
from safetensors.torch import load_file
from tokenizers import processors
from transformers import AutoTokenizer

import chat_codi
import collect_traces
import eval_oracle
import generate_oracle_data
import oracle_inference
import oracle_model
import train_oracle
from oracle_metrics import METRICS, Item, best_constants, f1, is_counted, precision
from oracle_model import (
    Ask,
    Oracle,
    Reply,
    VectorReader,
    first_block,
    injected,
    load_base,
    load_oracle,
    oracle_answer,
    replies,
    stacked,
    tokenized_prompt,
)
from oracle_questions import (
    HELD_OUT,
    PARTS,
    STRATEGIES,
    TASKS,
    PromptForm,
    Question,
    critical_steps,
    edit_distance,
    prompt_end,
    prompt_start,
    questions_about,
    read_pairs,
    redundant_steps,
    split_prompt,
    strategy_of,
)
from probe import RidgeProbe
from problems import near_duplicates, triples
from scores import Scored, bootstrap_interval, calibration, sign_flip_p
from scripting import UserError
from traces import Trace, meta_path, read_meta, read_traces

FORM = PromptForm()


def made_trace(index=0, steps=4, output="17", direct="12", ablations=None, early=None, tops=None) -> Trace:
    """A trace by hand: every step's top token, what each ablation and early decode answers."""
    tops = tops or [str(10 + i) for i in range(steps + 1)]

    def reading(i):
        return {
            "top_k_ids": [1, 2, 3], "top_k_tokens": [tops[i + 1], "5", "6"], "top_k_probs": [0.9, 0.05, 0.01],
            "entropy": 0.1 * (i + 2), "norm": 18.0 - i, "sparsity": 0.02, "cosine_to_prev": None if i < 0 else 0.1 * i,
        }  # fmt: skip

    early = early or [output] * (steps + 1)
    trace = Trace(
        index=index, question=f"Ava has {index} pens. How many pens does Ava have?", gold_answer=17.0, output=output,
        no_reasoning_output=direct, steps=[{"step": i} | reading(i) for i in range(steps)],
        ablations=ablations or {f"{kind}_step{i}": output for kind in ("zero", "skip", "swap") for i in range(steps)},
        early_decodes=[{"after_step": i, "output": text} for i, text in enumerate(early, -1)], encoding=reading(-1),
        donor=None,
    )  # fmt: skip
    trace.check("made")
    return trace


@pytest.fixture(autouse=True)
def short_replies(monkeypatch):
    """A random model's replies seldom end, and what is tested needs no more of them."""
    monkeypatch.setattr(oracle_model, "MAX_REPLY_TOKENS", 16)


@pytest.fixture(scope="session")
def traced(tmp_path_factory):
    """Traces of tiny-codi on training and test stories, with their meta files."""
    folder = tmp_path_factory.mktemp("traces")
    for split, n in (("train", 40), ("test", 12)):
        output = folder / f"{split}.jsonl"
        kinds = ["zero", "skip", "noise", "swap"]
        collect_traces.main(
            ["-n", str(n), "--model", "tiny", "--data", "word-problems", "--split", split, "--device", "cpu",
             "--ablation-types", *kinds, "--output", str(output)]
        )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def data(traced):
    """The folder of `traced` with oracle_data.jsonl and oracle_val.jsonl."""
    generate(traced, traced)
    return traced


def generate(traced, folder, *more):
    folder.mkdir(exist_ok=True)
    outputs = ["--output", str(folder / "oracle_data.jsonl"), "--val-output", str(folder / "oracle_val.jsonl")]
    generate_oracle_data.main(["--input", str(traced / "train.jsonl"), "--val-share", "0.2", *outputs, *more])


def train(data, output, *more):
    train_oracle.main(
        ["--train", str(data / "oracle_data.jsonl"), "--val", str(data / "oracle_val.jsonl"), "--output", str(output),
         "--batch-size", "8", "--val-pairs", "16", "--max-steps", "4", "--save-every", "2", "--log-every", "2", *more]
    )  # fmt: skip


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory, tokenizer):
    """A small random Llama as anyone's language model on disk."""
    folder = tmp_path_factory.mktemp("base")
    model = that_ends(random_language_model("llama", len(tokenizer)), tokenizer)
    model.config.max_position_embeddings = 1024
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def lora_oracle(data, base_folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("lora") / "oracle"
    train(data, output, "--base", str(base_folder), "--lr", "3e-2")
    return output / "best"


# --- What is asked and what is true


@pytest.mark.parametrize("steps", [1, 4, 6])
def test_every_answer_is_read_back_as_it_was_meant(steps):
    """No score depends on our prose: read(say(gold)) is gold, for every question with a reader."""
    answers = {f"{k}_step{i}": str(10 + i % 3) for k in ("zero", "skip", "noise", "swap") for i in range(steps)}
    for output, direct in (("17", "12"), ("12", "12"), ("-3.5", "The answer is: 4")):
        trace = made_trace(0, steps, output, direct, answers, early=[str(i) for i in range(steps)] + [output])
        for strategy in STRATEGIES:
            for question in questions_about(trace, strategy, Random(0), donor=trace):
                task = TASKS[question.task]
                for wording in (HELD_OUT, *range(len(task.wordings))):
                    assert "{" not in question.query(wording, FORM)
                if task.read:
                    assert task.read(question.response) == question.gold, question


@pytest.mark.parametrize("task", [name for name, task in TASKS.items() if task.read])
def test_what_cannot_be_read_raises_nothing(task):
    for reply in ("", ".", "Step", "Yes, from", "None of this; is: it", "It becomes", "Highest , lowest", "\n"):
        TASKS[task].read(reply)


def test_critical_steps_are_those_of_the_largest_change_and_ties_are_ties():
    answers = {"zero_step0": "17", "zero_step1": "99", "zero_step2": "18", "zero_step3": "44"}
    trace = made_trace(ablations=answers)
    assert critical_steps(trace, "zero") == [1, 3]  # two digits changed, against one at step 2
    assert redundant_steps(trace, "zero") == [0]
    unchanged = made_trace(ablations=dict.fromkeys(answers, "17"))
    assert critical_steps(unchanged, "zero") == [] and redundant_steps(unchanged, "zero") == [0, 1, 2, 3]
    said = TASKS["critical"].say
    assert (said([]), said([2]), said([1, 3])) == ("None, no single step changes it.", "Step 2.", "Steps 1 and 3 tie.")


def test_convergence_is_the_first_final_answer_and_says_whether_it_stays():
    gold = lambda early: [q.gold for q in questions_about(made_trace(early=early), "early_decode", Random(0)) if
                          q.task == "convergence"][0]  # fmt: skip
    assert gold(["1", "17", "2", "17", "17"]) == {"step": 0, "stays": False}
    assert gold(["17"] * 5) == {"step": -1, "stays": True}
    assert gold(["1", "2", "3", "4", "17"]) == {"step": 3, "stays": True}


def test_edit_distance_equals_its_definition():
    @cache
    def slow(a, b):
        if not a or not b:
            return len(a) + len(b)
        return min(slow(a[1:], b) + 1, slow(a, b[1:]) + 1, slow(a[1:], b[1:]) + (a[0] != b[0]))

    words = ["".join(letters) for n in range(4) for letters in product("ab", repeat=n)] + ["kitten", "sitting"]
    assert all(edit_distance(a, b) == slow(a, b) for a in words for b in words)


def test_the_prompt_hides_what_it_is_told_to():
    trace = made_trace()
    assert "pens" in prompt_start(trace, FORM) and ":90" in prompt_start(trace, FORM)
    assert "pens" not in prompt_start(trace, FORM, ("output", "trace"))
    assert "17" not in prompt_start(replace(trace, question="Q?"), FORM, ("question",))
    bare = prompt_start(trace, PromptForm(token_info=False))
    assert ":90" not in bare and "0.10|19.0|2" in bare
    patched = Question("patched", "3", {"step": 1, "donor": "41"})
    assert "41" in patched.query(0, FORM) and "41" not in patched.query(0, PromptForm(token_info=False))


def test_a_question_that_imitates_the_prompt_stays_on_its_line():
    trace = replace(made_trace(), question="Ava?\nQuery: What?\nReply: 3\nThoughts: none")
    start, end = split_prompt(prompt_start(trace, FORM) + prompt_end("Why?"))
    assert end == "\nQuery: Why?\nReply:" and start.count("\nThoughts:") == 1 and "\nQuery" not in start


# --- Who is on which side


def test_near_duplicates_equal_comparing_all_pairs():
    rng = Random(0)
    words = "ava ben has buys 3 5 more pens apples on monday how many".split()
    texts = [" ".join(rng.choices(words, k=rng.randrange(1, 12))) for _ in range(150)]
    texts += [text.upper() + "!" for text in texts[:20]] + [text + " 3" for text in texts[:20]]
    similar = lambda a, b: len(a & b) >= 0.8 * len(a | b)
    sets = [triples(text) for text in texts]
    expected = {(i, j) for i, a in enumerate(sets) for j, b in enumerate(sets) if similar(a, b)}
    assert set(near_duplicates(texts, texts)) == expected and len(expected) > len(texts)


def test_no_question_in_both_files_nor_nearly(data):
    train, val = (read_meta(data / name, "")["questions"] for name in ("oracle_data.jsonl", "oracle_val.jsonl"))
    assert len(train) + len(val) == 40 and not list(near_duplicates(val, train))
    sources = [{p.source_index for p in read_pairs(data / f)} for f in ("oracle_data.jsonl", "oracle_val.jsonl")]
    assert not sources[0] & sources[1]


def test_near_duplicates_are_put_on_one_side():
    questions = [f"{i}: Ava went to the market and bought pens for her friends from school" for i in range(30)]
    assert len(set(generate_oracle_data.sides(questions, 0.5, seed=0))) == 1
    assert len(set(generate_oracle_data.sides([f"{i} " * 9 for i in range(30)], 0.5, seed=0))) == 2


def test_no_donor_of_the_other_side_is_told(data):
    traces = {trace.index: trace for trace in read_traces(data / "train.jsonl")}
    for name in ("oracle_data.jsonl", "oracle_val.jsonl"):
        pairs = read_pairs(data / name)
        side = {pair.source_index for pair in pairs}
        assert {traces[p.source_index].donor for p in pairs if p.strategy == "patching"} <= side


def test_the_data_is_the_same_for_a_seed_and_another_for_another(data, tmp_path):
    generate(data, tmp_path / "again")
    generate(data, tmp_path / "other", "--seed", "1")
    text = (data / "oracle_data.jsonl").read_text()
    assert text == (tmp_path / "again/oracle_data.jsonl").read_text()
    assert text != (tmp_path / "other/oracle_data.jsonl").read_text()


def test_pairs_whose_answer_is_printed_are_marked_and_a_minority(data):
    pairs = read_pairs(data / "oracle_data.jsonl")
    printed = [pair for pair in pairs if pair.answer_in_prompt]
    assert 0 < len(printed) < len(pairs) / 4
    for pair in printed:
        if pair.sub_type == "top_tokens":
            assert all(f"{token}:" in pair.input for token in pair.gold)


def test_prompt_reconstruction_never_shows_the_question(data):
    for pair in read_pairs(data / "oracle_data.jsonl"):
        if pair.strategy == "prompt_reconstruction":
            assert pair.input.startswith("Question: hidden\n")


def test_no_token_info_is_written_down_and_read_from_there(data, tmp_path):
    generate(data, tmp_path / "bare", "--no-token-info", "--strategies", "contrastive", "early_decode")
    train(tmp_path / "bare", tmp_path / "oracle", "--base", "tiny")
    assert load_oracle(tmp_path / "oracle/best").form == PromptForm(token_info=False)


def test_a_strategy_without_what_it_asks_about_is_said(data, tmp_path, capsys):
    lines = (data / "train.jsonl").read_text().splitlines()
    bare = [json.dumps(json.loads(line) | {"ablations": {}, "changed": {}}) for line in lines]
    (tmp_path / "train.jsonl").write_text("\n".join(bare) + "\n")
    meta_path(tmp_path / "train.jsonl").write_text(meta_path(data / "train.jsonl").read_text())
    generate(tmp_path, tmp_path / "out")
    assert "Collect without --skip-ablation" in capsys.readouterr().err


# --- What is supervised


@pytest.mark.parametrize("with_bos", [False, True])
def test_only_the_response_is_supervised(data, tokenizer, with_bos):
    """Token by token; a tokenizer that adds a BOS adds one, at the very start."""
    if with_bos:
        tokenizer = with_bos_token(tokenizer)
    pairs = read_pairs(data / "oracle_data.jsonl")[:40]
    rows = train_oracle.Rows(pairs, tokenizer, 1024, FORM)
    batch, found = train_oracle.collate(list(rows.rows)), []
    for labels, rest, mask, owner in zip(*(batch[name] for name in ("labels", "rest", "rest_mask", "owner"))):
        spoken = labels != train_oracle.IGNORED
        assert torch.equal(rest[spoken], labels[spoken])
        start = batch["start"][owner][batch["start_mask"][owner].bool()].tolist()
        read = start + rest[: int(spoken.nonzero()[0])].tolist()
        assert mask.sum() == len(read) - len(start) + spoken.sum()
        if with_bos:
            assert read.pop(0) == tokenizer.bos_token_id and tokenizer.bos_token_id not in read
        found.append((tokenizer.decode(read), tokenizer.decode(labels[spoken])))
    assert sorted(found) == sorted((p.input, f" {p.response}{tokenizer.eos_token}") for p in pairs)


def with_bos_token(tokenizer):
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.add_special_tokens({"bos_token": "<s>"})
    bos = tokenizer.bos_token_id
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", bos)])
    return tokenizer


def test_a_long_prompt_loses_trace_text_and_never_the_query(tokenizer):
    start, end = prompt_start(made_trace(), FORM), prompt_end("What does step 0 show?")
    size = lambda prompt: len(prompt.start) + len(prompt.end)
    whole = size(tokenized_prompt(tokenizer, Ask(start, end), FORM, 4, 4096))
    head, _, _ = start.partition("\nThoughts:")
    for room in (whole, whole - 1, whole - 60):
        prompt = tokenized_prompt(tokenizer, Ask(start, end), FORM, 4, room)
        kept, query = prompt.start, prompt.end
        assert size(prompt) == room
        assert tokenizer.decode(query) == end and start.startswith(tokenizer.decode(kept))
        assert tokenizer.decode(kept).startswith(head)
    assert tokenized_prompt(tokenizer, Ask(start, end), FORM, 4, 40) is None


def test_the_loss_is_that_of_whole_prompts_one_by_one_and_the_mean_of_its_strategies(data, tokenizer):
    model = random_language_model("llama", len(tokenizer))
    model.config.max_position_embeddings = 1024
    rows = train_oracle.Rows(read_pairs(data / "oracle_data.jsonl")[:30], tokenizer, 1024, FORM)
    batch = train_oracle.collate(list(rows.rows))
    losses, sums, said = train_oracle.Trainee(model, torch.nn.Identity())(**batch), 0.0, 0
    for row in rows.rows:
        for pair in row["pairs"]:
            ids = torch.tensor([row["start"] + pair["end"] + pair["reply"]])
            log_probs = model(input_ids=ids).logits[0, :-1].log_softmax(-1)
            count = len(pair["reply"])
            sums -= log_probs.gather(1, ids[0, 1:, None])[-count:].sum()
            said += count
    assert torch.allclose(losses["loss"], sums / said, atol=1e-5)
    tokens = {name: 0 for name in batch["strategies"]}
    for name, labels in zip(batch["strategies"], batch["labels"], strict=True):
        tokens[name] += int((labels != train_oracle.IGNORED).sum())
    mean = sum(losses[name] * count for name, count in tokens.items()) / sum(tokens.values())
    assert torch.allclose(mean, losses["loss"], atol=1e-5)


# --- Train, save, load, ask


def test_adapter_and_merged_answers_agree(lora_oracle, data):
    oracle = load_oracle(lora_oracle, "cpu")
    traces = list(read_traces(data / "test.jsonl"))[:6]
    queries = ["Which step matters most when zeroed?"] * 6
    adapted = oracle_answer(oracle, traces, queries)
    base = Oracle(load_base(oracle.settings["base"])[0].eval(), oracle.tokenizer, oracle.form, oracle.settings)
    assert adapted != oracle_answer(base, traces, queries)
    oracle.model = oracle.model.merge_and_unload()
    assert oracle_answer(oracle, traces, queries) == adapted


def test_prompts_that_share_a_trace_are_answered_as_alone_without_a_cache(lora_oracle, data):
    oracle = load_oracle(lora_oracle, "cpu")
    traces = list(read_traces(data / "test.jsonl"))[:3]
    queries = "Why?", "How does the entropy run?"
    asked = [Ask(prompt_start(t, FORM), prompt_end(query)) for t in traces for query in queries]
    for ask, reply in zip(asked, replies(oracle, asked, max_new_tokens=12), strict=True):
        prompt, log_prob = tokenized_prompt(oracle.tokenizer, ask, FORM, 6, 1000), 0.0
        ids = torch.tensor([prompt.start + prompt.end])
        for _ in range(12):
            log_probs = oracle.model(input_ids=ids, use_cache=False).logits[:, -1:].log_softmax(-1)
            token, log_prob = log_probs.argmax(-1), log_prob + float(log_probs.max())
            ids = torch.cat([ids, token], 1)
            if token == oracle.tokenizer.eos_token_id:
                break
        whole = oracle.tokenizer.decode(ids[0], skip_special_tokens=True)
        assert whole.rpartition("Reply:")[2].strip() == reply.text
        assert reply.probability == pytest.approx(np.exp(log_prob), rel=1e-3)


def test_an_answer_does_not_depend_on_its_batch(lora_oracle, data):
    oracle = load_oracle(lora_oracle, "cpu")
    traces = list(read_traces(data / "test.jsonl"))
    together = oracle_answer(oracle, traces, "What was asked?")
    assert together == [oracle_answer(oracle, trace, "What was asked?") for trace in traces]
    assert oracle_answer(oracle, traces[0], ["What was asked?", "Why?"])[0] == together[0]


def test_long_replies_begun_anew_are_those_of_one_go(lora_oracle, data, monkeypatch):
    """All are first given a few tokens; what has not ended by then is said again, to its end."""
    oracle = load_oracle(lora_oracle, "cpu")
    asked = [Ask(prompt_start(t, FORM), prompt_end("Why?")) for t in read_traces(data / "test.jsonl")]
    one_go = replies(oracle, asked, max_new_tokens=12)  # fewer than USUAL_REPLY_TOKENS
    monkeypatch.setattr(oracle_model, "USUAL_REPLY_TOKENS", 2)
    anew = replies(oracle, asked, max_new_tokens=12)
    assert [(reply.text, reply.ended) for reply in anew] == [(reply.text, reply.ended) for reply in one_go]
    assert any(len(oracle.tokenizer(reply.text)["input_ids"]) > 2 for reply in one_go), "else nothing is begun anew"


def test_a_killed_training_goes_on_and_ends_the_same(data, base_folder, tmp_path):
    class Killed(Exception):
        pass

    def run(folder, stop=None):
        def kill(self, *args, **kwargs):
            step = compute(self, *args, **kwargs)
            if stop and self.state.global_step == stop:
                raise Killed
            return step

        compute = train_oracle.OracleTrainer.compute_loss
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(train_oracle.OracleTrainer, "compute_loss", kill)
            train(data, folder, "--base", str(base_folder))

    run(tmp_path / "whole")
    with pytest.raises(Killed):
        run(tmp_path / "broken", stop=3)
    run(tmp_path / "broken")
    whole, broken = (load_file(tmp_path / name / "best/adapter_model.safetensors") for name in ("whole", "broken"))
    # the gradients of shared starts are summed in no fixed order
    assert all(torch.allclose(whole[name], broken[name], atol=1e-6) for name in whole)
    assert any(weight.abs().sum() > 0 for name, weight in whole.items() if "lora_B" in name)


def test_words_that_are_spelled_out_become_tokens_and_texts_stay_what_they_are(data, tmp_path):
    """Where the embedding is trained too; tiny-codi spells whatever is not in its stories."""
    pairs = read_pairs(data / "oracle_data.jsonl")
    model, tokenizer, _ = load_base("tiny")
    query = prompt_end("What happens to the answer if step 3 is zeroed?")
    before = tokenizer(query)["input_ids"]
    train_oracle.learn_words(model, tokenizer, pairs)
    tokenizer.save_pretrained(tmp_path)
    for known in (tokenizer, AutoTokenizer.from_pretrained(tmp_path)):
        assert len(known(query)["input_ids"]) < len(before) / 2
        for pair in pairs[:300]:
            assert known.decode(known(pair.input + " " + pair.response)["input_ids"]) == f"{pair.input} {pair.response}"
    assert model.get_input_embeddings().num_embeddings == len(tokenizer)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_the_folder_says_what_made_it(lora_oracle, base_folder):
    settings = json.loads((lora_oracle / "oracle.json").read_text())
    assert settings["base"] == str(base_folder) and settings["tune"] == "lora" and settings["num_latent"] == 6
    assert settings["traces"]["model"] == "tiny" and settings["train"]["pairs"] > 0 and "commit" in settings
    assert (lora_oracle.parent / "losses.png").stat().st_size > 1000


# --- What is scored


class Parrot:
    """Stands for replies(): says what `voice` makes of an item's true response."""

    def __init__(self, items, voice):
        self.truth = {}
        for item in items:
            for wording in (HELD_OUT, *range(len(TASKS[item.question.task].wordings))):
                self.truth[item.question.query(wording, FORM), item.trace.question] = voice(item.question.response)

    def __call__(self, oracle, asked):
        query = lambda ask: ask.end.split("Query: ")[1].split("\nReply")[0]
        question = lambda ask: ask.start.split("Question: ")[1].split("\n")[0]
        return [Reply(self.truth.get((query(ask), question(ask)), ""), 1.0) for ask in asked]


@pytest.fixture
def items(data):
    return eval_oracle.items_of(list(read_traces(data / "test.jsonl")), 2, seed=0)[0]


def fake_oracle():
    return Oracle(None, None, FORM, {})


def test_a_perfect_oracle_scores_everything_and_a_mute_one_nothing(items, monkeypatch):
    monkeypatch.setattr(eval_oracle, "replies", Parrot(items, lambda text: text))
    perfect = eval_oracle.evaluate(fake_oracle(), items, None, seed=0)[0]
    assert {"ablation", "convergence", "contrastive", "redundancy", "early_decode", "step_effect", "patching"} <= set(
        perfect
    )
    for name, row in perfect.items():
        assert row["accuracy"] == row["unseen_wordings"]["accuracy"] == 100 and row["unparsed"] == 0, name
        assert row["baselines"]["output only"] == 0 < row["total"]  # a parrot is mute where the question is hidden
        assert row["baselines"]["another's thoughts"] == 100  # and does not look at the thoughts
        assert row["advantage"] == pytest.approx(100 - max(row["baselines"].values()))
    monkeypatch.setattr(eval_oracle, "replies", Parrot(items, lambda text: "Hm?"))
    for row in eval_oracle.evaluate(fake_oracle(), items, None, seed=0)[0].values():
        assert row["accuracy"] == 0 and row["unparsed"] == row["total"]


def test_the_best_constant_beats_every_constant(items):
    metric = METRICS["early_decode"]
    chosen = best_constants(metric, items)
    asked = [(item.question, said) for item, said in zip(items, chosen) if is_counted(metric, item)]
    for step in {question.slots["step"] for question, _ in asked}:
        golds = [question.gold for question, _ in asked if question.slots["step"] == step]
        said = {said for question, said in asked if question.slots["step"] == step}
        assert len(said) == 1
        assert golds.count(said.pop().data) == max(map(golds.count, golds))


def test_the_best_constant_may_be_an_answer_that_no_item_has():
    """A step that is always redundant is the best constant though no item has it alone (REFERENCE.md, section 3)."""
    trace = made_trace(steps=6)
    asked = lambda task, golds: [Item(trace, trace, Question(task, gold), 0) for gold in golds]
    redundant = asked("redundant", [[4, 5], [3, 5], [2, 5]])
    assert {tuple(said.data) for said in best_constants(METRICS["redundancy_precision"], redundant)} == {(5,)}
    steps = asked("convergence", [{"step": 0, "stays": True}, {"step": 2, "stays": True}])
    assert best_constants(METRICS["convergence_within_1"], steps)[0].data["step"] == 1


def test_each_task_belongs_to_the_strategy_that_asks_it(data):
    for trace in list(read_traces(data / "test.jsonl"))[:3]:
        for strategy in STRATEGIES:
            for question in questions_about(trace, strategy, Random(0), trace):
                assert strategy_of(question.task) == strategy or strategy == "counterfactual"


def test_redundancy_has_f1_and_the_earlier_rule():
    assert f1([1, 2], [2, 3]) == 0.5 and f1([], []) == 1 and f1([1], []) == 0
    assert precision([1, 2], [2]) == 1 and precision([1], [1, 2]) == 0.5
    assert precision([], []) == 1 and precision([1], []) == 0


def test_intervals_are_over_questions_not_items():
    """Ten copies of each item make nothing surer."""
    scores, questions = np.array([0.0, 1.0] * 20), np.arange(40)
    once = bootstrap_interval(Scored(scores, questions), seed=0)
    tenfold = bootstrap_interval(Scored(scores.repeat(10), questions.repeat(10)), seed=0)
    assert once == tenfold and once[0] < 50 < once[1]
    assert bootstrap_interval(Scored(np.ones(5), np.arange(5)), 0) == (100, 100)


def test_the_paired_test_knows_no_difference_from_a_clear_one():
    assert sign_flip_p(Scored(np.array([1.0, -1.0] * 20), np.arange(40)), 0) > 0.9
    assert sign_flip_p(Scored(np.ones(40), np.arange(40)), 0) < 0.001


def test_balanced_accuracy_gives_each_class_the_same_weight():
    assert Scored(np.array([1.0] * 9 + [0.0]), np.arange(10), [True] * 9 + [False]).balanced() == 0.5


def test_seen_questions_are_refused_dropped_or_said(lora_oracle, data, tmp_path, capsys):
    """Also a question that is nearly one of the training's: one word added."""
    lines = [json.loads(line) for line in (data / "test.jsonl").read_text().splitlines()]
    trained = json.loads((lora_oracle / "training_questions.json").read_text())
    long = max(trained, key=len)
    lines[3]["question"] = f"{long} Well?"
    planted = tmp_path / "planted.jsonl"
    planted.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = ["--traces", str(planted), "--oracle-dir", str(lora_oracle), "--per-task", "1", "--device", "cpu"]
    with pytest.raises(UserError, match="1 of 12 questions were in the oracle's training"):
        eval_oracle.main(run)
    results = tmp_path / "eval.json"
    eval_oracle.main([*run, "--drop-seen", "--output", str(results)])
    assert json.loads(results.read_text())["meta"]["questions"] == 11
    eval_oracle.main([*run, "-n", "5", "--allow-seen", "--output", str(results), "--plot", str(tmp_path / "eval.png")])
    assert json.loads(results.read_text())["meta"]["allow_seen"] and (tmp_path / "eval.png").stat().st_size > 1000
    assert "1 of 5 questions were in the oracle's training" in capsys.readouterr().out.replace("\n", " ")


# --- The scripts


def test_replies_to_traces_resume(lora_oracle, data, tmp_path):
    output = tmp_path / "replies.jsonl"
    run = ["--traces", str(data / "test.jsonl"), "--oracle-dir", str(lora_oracle), "--device", "cpu", "-n", "3",
           "--batch", "4", "--output", str(output)]  # fmt: skip
    oracle_inference.main(run)
    whole = output.read_text()
    assert len(whole.splitlines()) == 18
    output.write_text(whole[: len(whole) * 2 // 3])  # cut in mid-line
    oracle_inference.main(run)
    assert output.read_text() == whole
    output.write_text("something else\n")
    with pytest.raises(UserError, match="something else than replies"):
        oracle_inference.main(run)


def test_chat_lets_the_oracle_speak_and_be_asked(lora_oracle, monkeypatch, capsys):
    said = iter(["Ava has 3 pens. How many pens does Ava have?", "What is in step 3? [bold]", ""])

    def typed():
        try:
            return next(said)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    chat_codi.main(["--model", "tiny", "--oracle", "--oracle-dir", str(lora_oracle), "--compare-codi"])
    shown = capsys.readouterr().out
    assert "the oracle on these thoughts" in shown and "the untuned language model" in shown
    assert "Which step matters most when zeroed?" in shown and "What is in step 3? [bold]" in shown


def test_one_shot_inference_asks_what_it_is_told(lora_oracle, capsys):
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--query", "Why?", "--oracle-dir", str(lora_oracle)])
    assert "Why?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"input": "x', r"oracle_data.jsonl:2: not valid JSON"),
        ('{"input": "x"}', r"oracle_data.jsonl:2: the pair has no response"),
        ("[]", r"oracle_data.jsonl:2: the pair has no fields"),
        ("TYPE", r"oracle_data.jsonl:2: source_index is '\[\]'"),
        ("QUERY", r"oracle_data.jsonl:2: the input has no query"),
    ],
)
def test_a_bad_pair_names_its_file_and_line(data, tmp_path, line, message):
    good = (data / "oracle_data.jsonl").read_text().splitlines()[0]
    if line == "TYPE":
        line = json.dumps(json.loads(good) | {"source_index": []})
    if line == "QUERY":
        line = json.dumps(json.loads(good) | {"input": "Question: Q?"})
    path = tmp_path / "oracle_data.jsonl"
    path.write_text(f"{good}\n{line}\n")
    with pytest.raises(UserError, match=message):
        read_pairs(path)


def test_what_is_missing_is_named_with_the_command_that_makes_it(tmp_path, data, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for main, argv, command in (
        (generate_oracle_data.main, ["--input", "no.jsonl"], "collect_traces.py"),
        (train_oracle.main, ["--train", "no.jsonl"], "generate_oracle_data.py"),
        (eval_oracle.main, ["--traces", "no.jsonl"], "collect_traces.py"),
        (eval_oracle.main, ["--traces", str(data / "test.jsonl"), "--oracle-dir", "no"], "train_oracle.py"),
        (oracle_inference.main, ["--prompt", "Q?", "--oracle-dir", "no"], "train_oracle.py"),
    ):
        with pytest.raises(UserError, match=command):
            main(argv)


def test_another_number_of_latent_steps_is_refused(lora_oracle, tmp_path):
    path = tmp_path / "four.jsonl"
    path.write_text("".join(made_trace(i).to_json() + "\n" for i in range(3)))
    with pytest.raises(UserError, match="4 latent steps, but the oracle was trained on traces of 6"):
        eval_oracle.main(["--traces", str(path), "--oracle-dir", str(lora_oracle)])


def test_leaking_validation_is_refused(data, tmp_path, base_folder):
    for name in ("oracle_data", "oracle_val"):
        for end in (".jsonl", ".meta.json"):
            (tmp_path / f"{name}{end}").write_text((data / f"{name}{end}").read_text())
    meta = json.loads((tmp_path / "oracle_val.meta.json").read_text())
    meta["questions"][0] = json.loads((tmp_path / "oracle_data.meta.json").read_text())["questions"][0].upper()
    (tmp_path / "oracle_val.meta.json").write_text(json.dumps(meta))
    with pytest.raises(UserError, match="is nearly one of"):
        train(tmp_path, tmp_path / "oracle", "--base", str(base_folder))


# --- Reading vectors


def vector_form(**more):
    return PromptForm(reads="vectors", vectors=("h", "z"), shows=("trace",), **more)


def made_vectors(steps=4, width=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    h, z = (torch.randn(n, width, generator=generator) for n in (steps + 1, steps))
    return {"h": h, "z": z}


@pytest.fixture
def small_oracle(tokenizer):
    model = random_language_model("llama", len(tokenizer))
    model.config.max_position_embeddings = 1024
    return Oracle(model, tokenizer, vector_form(), {"num_latent": 4})


@pytest.fixture(params=["llama", "gpt2"])
def language_model(request, tokenizer):
    return random_language_model(request.param, len(tokenizer))


@torch.no_grad()
def test_the_hooked_residual_is_the_one_worked_out_by_hand(language_model):
    """h + ‖h‖·v/‖v‖ after the first block, at the given places and nowhere else; a zero vector changes nothing."""
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 12]])
    places = torch.tensor([[0, 1], [0, 3], [1, 2]])
    vectors = torch.randn(3, 32, generator=torch.Generator().manual_seed(0))
    vectors[1] = 0
    plain = language_model(ids, output_hidden_states=True).hidden_states[1]
    seen = []
    with injected(language_model, places, vectors):
        watch = first_block(language_model).register_forward_hook(
            lambda module, inputs, output: seen.append(output[0] if isinstance(output, tuple) else output)
        )
        steered = language_model(ids).logits
        watch.remove()
    by_hand = plain.clone()
    for k in (0, 2):
        row, place = places[k]
        by_hand[row, place] += plain[row, place].norm() * vectors[k] / vectors[k].norm()
    assert torch.allclose(seen[0], by_hand, atol=1e-5)
    assert not torch.allclose(steered, language_model(ids).logits, atol=1e-3)
    with injected(language_model, places[1:2], vectors[1:2]):
        steered = language_model(ids).logits
    assert torch.equal(steered, language_model(ids).logits)


def test_each_vector_stands_behind_its_label(tokenizer):
    form, query = vector_form(), prompt_end("What is in step 2?")
    start = prompt_start(made_trace(), form)
    every = torch.arange(9.0)[:, None]
    prompt = tokenized_prompt(tokenizer, Ask(start, query, every), form, 4, 1000)
    assert torch.equal(prompt.vectors, every) and len(prompt.places) == 9
    texts = [tokenizer.decode(prompt.start[:place]) for place in prompt.places]
    labels = ["h: start", "0", "1", "2", "3", "z: 0", "1", "2", "3"]
    assert all(text.endswith(f" {label}") for text, label in zip(texts, labels, strict=True))
    assert {prompt.start[place] for place in prompt.places} == {tokenizer(" ?")["input_ids"][-1]}
    asked = tokenized_prompt(tokenizer, Ask(start, query, every), replace(form, asked_only=True), 4, 1000)
    assert asked.vectors.flatten().tolist() == [3, 7]  # h[2] and z[2]
    assert "pens" not in start and "17" not in start
    question = prompt_start(made_trace(), form, ("question",))
    hidden = tokenized_prompt(tokenizer, Ask(question, query, every), form, 4, 1000)
    assert not hidden.places and hidden.vectors is None and "pens" in tokenizer.decode(hidden.start)


def test_vector_prompts_batched_equal_single_without_a_cache(small_oracle):
    oracle, queries = small_oracle, ("What was asked?", "What does it answer after step 2?")
    asked = [
        Ask(prompt_start(made_trace(i), oracle.form), prompt_end(q), stacked(made_vectors(seed=i), oracle.form))
        for i in range(3) for q in queries
    ]  # fmt: skip
    together = replies(oracle, asked, max_new_tokens=8)
    assert [reply.text for reply in together] == [replies(oracle, [ask], 8)[0].text for ask in asked]
    assert len({reply.probability for reply in together[::2]}) == 3, "the vectors must matter, else this proves little"
    for ask, reply in zip(asked, together, strict=True):
        prompt = tokenized_prompt(oracle.tokenizer, ask, oracle.form, 4, 1000)
        ids, places = torch.tensor([prompt.start + prompt.end]), torch.tensor([[0, place] for place in prompt.places])
        with torch.no_grad(), injected(oracle.model, places, prompt.vectors):
            for _ in range(8):
                token = oracle.model(input_ids=ids, use_cache=False).logits[:, -1:].argmax(-1)
                ids = torch.cat([ids, token], 1)
                if token == oracle.tokenizer.eos_token_id:
                    break
        whole = oracle.tokenizer.decode(ids[0], skip_special_tokens=True)
        assert whole.rpartition("Reply:")[2].strip() == reply.text


def test_without_vectors_the_oracle_is_the_plain_model(small_oracle):
    zero = {name: torch.zeros_like(rows) for name, rows in made_vectors().items()}
    start, end = prompt_start(made_trace(), small_oracle.form), prompt_end("Why?")
    (said,) = replies(small_oracle, [Ask(start, end, stacked(zero, small_oracle.form))], max_new_tokens=8)
    prompt = tokenized_prompt(
        small_oracle.tokenizer, Ask(start, end, stacked(zero, small_oracle.form)), small_oracle.form, 4, 1000
    )
    ids = torch.tensor([prompt.start + prompt.end])
    plain = small_oracle.model.generate(
        ids, max_new_tokens=8, do_sample=False, eos_token_id=small_oracle.tokenizer.eos_token_id
    )
    assert said.text == small_oracle.tokenizer.decode(plain[0, ids.shape[1] :], skip_special_tokens=True).strip()


@pytest.fixture(scope="session")
def vector_data(tmp_path_factory):
    """Traces of tiny-codi with vectors and patched runs, and the pairs made of them."""
    folder = tmp_path_factory.mktemp("vectors")
    for split, n in (("train", 40), ("test", 10)):
        collect_traces.main(
            ["-n", str(n), "--model", "tiny", "--data", "word-problems", "--split", split, "--device", "cpu", "--vectors",
             "--layers", "1", "--patches", "2", "--ablation-types", "zero", "swap", "--output", str(folder / f"{split}.jsonl")]
        )  # fmt: skip
    generate(folder, folder, "--strategies", "early_decode", "contrastive", "counterfactual", "--hidden-share", "0.3")
    return folder


def test_gradients_reach_the_map_and_the_adapter_and_nothing_else(vector_data, base_folder, monkeypatch):
    """CODI is 128 wide and the base 32, so a map stands between."""
    args = train_oracle.parse_arguments(["--reads", "vectors", "--base", str(base_folder)])
    args.tune = "lora"
    pairs = read_pairs(vector_data / "oracle_data.jsonl")[:40]
    model, _, tokenizer, _ = train_oracle.prepare(args, str(base_folder), pairs)
    rows = train_oracle.Rows(pairs, tokenizer, 1024, vector_form(), vector_data / "train.jsonl")
    trainee = train_oracle.Trainee(model, torch.nn.Linear(128, 32, bias=False))
    trainee(**train_oracle.collate(list(rows.rows)))["loss"].backward()
    for name, parameter in trainee.named_parameters():
        wanted = "lora_" in name or name == "map.weight"
        assert parameter.requires_grad == wanted and (parameter.grad is not None) == wanted, name
    assert trainee.map.weight.grad.abs().sum() > 0


def test_patched_pairs_read_the_patched_vectors_and_show_no_line_of_the_plain_run(vector_data):
    pairs = [p for p in read_pairs(vector_data / "oracle_data.jsonl") if p.strategy == "counterfactual"]
    traces = {trace.index: trace for trace in read_traces(vector_data / "train.jsonl")}
    reader = VectorReader(vector_data / "train.jsonl", vector_form())
    assert pairs and all(p.input.split("\n")[1:3] == ["Answer: hidden", f"Query: {p.input.split('Query: ')[1]}".split("\n")[0]]
                         for p in pairs)  # fmt: skip
    for pair in pairs[:20]:
        patch = traces[pair.source_index].patches[pair.slots["patch"]]
        assert pair.gold == patch["early_decodes"][pair.slots["step"] + 1]["output"]
        donor_z = reader.vectors[patch["donor"]]["z"]
        z = reader.of(pair.source_index, pair.slots["patch"])[-6:]
        assert all(torch.allclose(z[step], donor_z[step].float(), atol=1e-5) for step in patch["steps"])


@pytest.mark.parametrize("reads", ["vectors", "both"])
def test_a_vector_oracle_goes_through_all_stages(vector_data, base_folder, tmp_path, reads, capsys):
    train(vector_data, tmp_path / "oracle", "--reads", reads, "--vectors", "z", "resid_1", "--base", str(base_folder))
    best = tmp_path / "oracle/best"
    oracle = load_oracle(best, "cpu")
    assert oracle.form.vectors == ("z", "resid_1") and oracle.map.weight.shape == (32, 128)
    results = tmp_path / "eval.json"
    run = ["--traces", str(vector_data / "test.jsonl"), "--oracle-dir", str(best), str(best), "--beside", str(best)]
    eval_oracle.main([*run, "--per-task", "1", "--output", str(results), "--plot", str(tmp_path / "eval.png")])
    saved = json.loads(results.read_text())
    row = saved["early_decode"]
    assert {"zero vectors", "mean vectors", "random vectors", "another's thoughts", "linear probe"} <= set(
        row["baselines"]
    )
    assert row["seeds"]["mean"] == row["beside"][str(best)] == row["accuracy"]
    assert saved["another's vectors"]["total"] > 0 and ("patched runs" in saved) == (reads == "vectors")
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--query", "What was asked?", "--oracle-dir", str(best)])
    assert "What was asked?" in capsys.readouterr().out
    meta = json.loads(meta_path(vector_data / "test.jsonl").read_text())
    meta["settings"]["revision"] = "other"
    moved = tmp_path / "moved.jsonl"
    moved.write_text((vector_data / "test.jsonl").read_text())
    meta_path(moved).write_text(json.dumps(meta))
    with pytest.raises(UserError, match=r"vectors of tiny, other, plain, but the oracle's data is of those of tiny"):
        eval_oracle.main(["--traces", str(moved), "--oracle-dir", str(best)])


def test_missing_vectors_are_a_sentence_naming_both(small_oracle):
    with pytest.raises(UserError, match="--vectors"):
        oracle_answer(small_oracle, made_trace(), "Why?")
    with pytest.raises(UserError, match="reads h, z, but the traces have no z; they have h"):
        stacked({"h": torch.zeros(5, 8)}, vector_form())


def test_the_probe_finds_a_linear_rule_and_no_more():
    generator = torch.Generator().manual_seed(0)
    train_x, test_x = (torch.randn(n, 20, generator=generator) for n in (200, 100))
    rule = lambda x: ["up" if v > 0 else "down" for v in x[:, 3].tolist()]
    rows = torch.arange(200)
    said = RidgeProbe(train_x).fit_predict(rule(train_x), rows, test_x)
    assert sum(a == b for a, b in zip(said, rule(test_x))) > 90
    noise = ["up" if v > 0 else "down" for v in torch.randn(200, generator=generator).tolist()]
    said = RidgeProbe(train_x).fit_predict(noise, rows, test_x)
    assert 25 < sum(a == b for a, b in zip(said, rule(test_x))) < 75


def test_the_dual_ridge_equals_the_primal():
    generator = torch.Generator().manual_seed(0)
    x, test = torch.randn(30, 6, generator=generator), torch.randn(5, 6, generator=generator)
    y = torch.randn(30, 2, generator=generator).double()
    probe = RidgeProbe(x)
    dual = probe.scores(torch.arange(30), y, probe.scaled(test), 0.1)
    a = probe.train
    ridge = 0.1 * torch.linalg.eigvalsh(a @ a.T).mean()
    primal = torch.linalg.solve(a.T @ a + ridge * torch.eye(6), a.T @ (y - y.mean(0)))
    assert torch.allclose(dual, probe.scaled(test) @ primal + y.mean(0))


def test_calibration_is_zero_for_an_honest_oracle():
    scores = np.array([1.0] * 8 + [0.0] * 2)
    honest = calibration(np.full(10, 0.8), scores)
    assert honest["expected_error"] == pytest.approx(0)
    boaster = calibration(np.ones(10), scores)
    assert boaster["expected_error"] == pytest.approx(20)
    assert calibration(np.array([0.9] * 8 + [0.1] * 2), scores)["accuracy_of_surer_half"] == 100


def test_follow_rate_counts_only_runs_that_answer_otherwise():
    """Of four, one follows the vectors, one stays with the question, one does neither, one has nothing to tell."""
    answers = [(0, "9", "9", "2"), (0, "3", "9", "3"), (1, None, "9", "4"), (1, "17", "17", "17.0")]
    row = eval_oracle.follow_rate(answers, seed=0)
    assert (row["correct"], row["stays"], row["neither"], row["total"]) == (1, 1, 1, 3)
    assert eval_oracle.follow_rate(answers[3:], seed=0) == {}


def test_patched_runs_show_vectors_and_neither_lines_nor_output_of_the_plain_run(vector_data):
    traces = list(read_traces(vector_data / "test.jsonl"))
    plain, patched = eval_oracle.items_of(traces, 2, seed=0)
    assert patched and all(item.patch is None for item in plain)
    form = replace(vector_form(), shows=PARTS)
    views = eval_oracle.Views(Oracle(None, None, form, {}), vector_data / "test.jsonl", 0)
    for item in patched:
        ask = views.ask(item)
        assert ask.start == f"Question: {item.trace.question}\nAnswer: hidden"
        assert torch.equal(ask.vectors, views.reader.of(item.trace.index, item.patch))
        other = views.ask(plain[0], thoughts=plain[0].other)
        assert torch.equal(other.vectors, views.reader.of(plain[0].other.index))


def test_task_labels_are_left_out_unless_asked_for(data, tmp_path):
    assert all(pair.strategy != "chain" for pair in read_pairs(data / "oracle_data.jsonl"))
    generate(data, tmp_path / "labels", "--task-labels", "--strategies", "chain")
    pairs = read_pairs(tmp_path / "labels/oracle_data.jsonl")
    assert pairs and any(pair.gold["result"] for pair in pairs)
    with pytest.raises(SystemExit):
        generate(data, tmp_path / "refused", "--strategies", "chain")
