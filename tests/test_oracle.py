"""The oracle: what is supervised, training and asking it, its scripts."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import VIEW, made_trace, oracle_rows, prompt_of, random_language_model, train, typing, vector_view
from peft import PeftModel
from safetensors.torch import load_file
from tokenizers import processors
from transformers import AutoTokenizer

import chat_codi
import eval_oracle
import generate_oracle_data
import oracle_inference
import oracle_model
import oracle_talk
import train_oracle
import training
from oracle_model import Oracle, ask_about, load_base, load_oracle, oracle_answer, replies
from oracle_prompts import VectorReader, View, encode_prompt, response_ids
from oracle_questions import read_pairs
from oracle_replies import REFUSAL
from scripting import UserError
from traces import read_traces

pytestmark = pytest.mark.usefixtures("short_replies")


# --- What is supervised


@pytest.mark.parametrize("with_bos", [False, True])
def test_only_the_response_is_supervised(data, tokenizer, with_bos):
    """Token by token; a tokenizer that adds a BOS adds one, at the very start."""
    if with_bos:
        tokenizer = with_bos_token(tokenizer)
    pairs = list(read_pairs(data / "oracle_data.jsonl"))[:40]
    rows = oracle_rows(pairs, tokenizer, VIEW, data / "train.jsonl")
    batch, found = train_oracle.collate(rows), []
    columns = (batch[name] for name in ("labels", "rest", "rest_mask", "owner"))
    for labels, rest, mask, owner in zip(*columns, strict=True):
        spoken = labels != training.IGNORED
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
    prompt = prompt_of(made_trace(), VIEW, "What does step 0 show?", asked=0)

    def size(encoded):
        return len(encoded.start) + len(encoded.end)

    whole = size(encode_prompt(tokenizer, prompt, VIEW, 4, 4096))
    for room in (whole, whole - 1, whole - 60):
        encoded = encode_prompt(tokenizer, prompt, VIEW, 4, room)
        kept = tokenizer.decode(encoded.start)
        assert size(encoded) == room
        assert tokenizer.decode(encoded.end) == prompt.end() and (prompt.head() + prompt.thoughts()).startswith(kept)
        assert kept.startswith(prompt.head())
    assert encode_prompt(tokenizer, prompt, VIEW, 4, 40) is None


def test_the_loss_is_that_of_whole_prompts_one_by_one_and_the_mean_of_its_strategies(data, tokenizer):
    model = random_language_model("llama", len(tokenizer))
    model.config.max_position_embeddings = 1024
    pairs = list(read_pairs(data / "oracle_data.jsonl"))[:30]
    rows = oracle_rows(pairs, tokenizer, VIEW, data / "train.jsonl")
    batch = train_oracle.collate(rows)
    losses, sums, said = train_oracle.Trainee(model, torch.nn.Identity())(**batch), 0.0, 0
    for row in rows:
        for pair in row["pairs"]:
            ids = torch.tensor([row["prompt"].start + pair["end"] + pair["reply"]])
            log_probs = model(input_ids=ids).logits[0, :-1].log_softmax(-1)
            count = len(pair["reply"])
            sums -= log_probs.gather(1, ids[0, 1:, None])[-count:].sum()
            said += count
    assert torch.allclose(losses["loss"], sums / said, atol=1e-5)
    tokens = dict.fromkeys(batch["strategies"], 0)
    for name, labels in zip(batch["strategies"], batch["labels"], strict=True):
        tokens[name] += int((labels != training.IGNORED).sum())
    mean = sum(losses[name] * count for name, count in tokens.items()) / sum(tokens.values())
    assert torch.allclose(mean, losses["loss"], atol=1e-5)


def test_rows_hold_every_pair_once_with_the_others_of_its_start(vector_data, tokenizer):
    """Pairs were held in memory, 210 MB per thousand traces; rows are written source by source and read where they lie.
    The plain way: one dict of all pairs by their start and vectors. (What is hidden whole has one start for all
    sources, and a row for each.)"""
    view = vector_view()
    pairs = list(read_pairs(vector_data / "oracle_data.jsonl"))
    reader, plain = VectorReader(vector_data / "train.jsonl", view), {}
    for pair in pairs:
        reply = response_ids(tokenizer, pair.response)
        vectors = reader.of(pair.source_index, pair.slots.get("patch"))
        prompt = replace(pair.prompt.seen(view, pair.shows), vectors=vectors)
        encoded = encode_prompt(tokenizer, prompt, view, pair.num_latent, 1024 - len(reply))
        plain.setdefault(encoded.key, []).append((encoded.end, reply, pair.strategy))
    found = {}
    for row in oracle_rows(pairs, tokenizer, view, vector_data / "train.jsonl"):
        assert 1 <= len(row["pairs"]) <= train_oracle.PAIRS_PER_START
        some = found.setdefault(row["prompt"].key, [])
        some.extend((pair["end"], pair["reply"], pair["strategy"]) for pair in row["pairs"])
    assert found.keys() == plain.keys() and all(sorted(found[key]) == sorted(plain[key]) for key in plain)


def test_a_run_that_finds_no_pair_to_read_leaves_no_folder(data, base_folder, tmp_path):
    """The folder was claimed before the rows were written, and refused the same command with a longer --max-tokens."""
    with pytest.raises(UserError, match="No pair fits"):
        train(data, tmp_path / "out", "--base", str(base_folder), "--max-tokens", "5")
    assert not (tmp_path / "out" / "training").exists()


# --- Train, save, load, ask


def test_an_adapter_merged_as_it_is_loaded_answers_as_beside_its_base(lora_oracle, data):
    oracle = load_oracle(lora_oracle, "cpu")
    traces = list(read_traces(data / "test.jsonl"))[:6]
    queries = ["Which step matters most when zeroed?"] * 6
    adapted = oracle_answer(oracle, traces, queries)
    base = Oracle(load_base(oracle.settings["base"])[0].eval(), oracle.tokenizer, oracle.view, oracle.settings)
    assert adapted != oracle_answer(base, traces, queries)
    beside = PeftModel.from_pretrained(load_base(oracle.settings["base"])[0], lora_oracle).eval()
    oracle.model = beside.get_base_model()  # its layers still hold the adapter
    assert oracle_answer(oracle, traces, queries) == adapted


def test_prompts_that_share_a_trace_are_answered_as_alone_without_a_cache(lora_oracle, data):
    oracle = load_oracle(lora_oracle, "cpu")
    traces = list(read_traces(data / "test.jsonl"))[:3]
    queries = "Why?", "How does the entropy run?"
    asked = [prompt_of(trace, VIEW, query) for trace in traces for query in queries]
    for prompt, reply in zip(asked, replies(oracle, asked, max_new_tokens=12), strict=True):
        encoded, log_prob = encode_prompt(oracle.tokenizer, prompt, VIEW, 6, 1000), 0.0
        ids = torch.tensor([encoded.start + encoded.end])
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
    oracle.model = load_base(oracle.settings["base"])[0].eval()  # untrained, so that replies do not end soon
    asked = [prompt_of(trace, VIEW) for trace in read_traces(data / "test.jsonl")]
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
    pairs = list(read_pairs(data / "oracle_data.jsonl"))
    model, tokenizer, _ = load_base("tiny")
    query = prompt_of(made_trace(), VIEW, "What happens to the answer if step 3 is zeroed?").end()
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


# --- The scripts


def test_replies_to_traces_resume(lora_oracle, data, tmp_path):
    output = tmp_path / "replies.jsonl"
    run = ["--traces", str(data / "test.jsonl"), "--oracle-dir", str(lora_oracle), "--device", "cpu", "-n", "3",
           "--batch", "4", "--output", str(output)]  # fmt: skip
    oracle_inference.main(run)
    whole = output.read_text()
    assert len(whole.splitlines()) == 18
    assert all({"reply", "probability", "confidence"} <= json.loads(line).keys() for line in whole.splitlines())
    output.write_text(whole[: len(whole) * 2 // 3])  # cut in mid-line
    oracle_inference.main(run)
    assert output.read_text() == whole
    output.write_text("something else\n")
    with pytest.raises(UserError, match="something else than replies"):
        oracle_inference.main(run)


def test_replies_about_traces_made_anew_do_not_join_the_old_ones(lora_oracle, data, tmp_path):
    """t.jsonl was collected with another seed between -n 3 and -n 6, and the new replies were appended to the old."""
    traces, output = tmp_path / "t.jsonl", tmp_path / "replies.jsonl"
    run = ["--traces", str(traces), "--oracle-dir", str(lora_oracle), "--device", "cpu", "--query", "Why?",
           "--output", str(output)]  # fmt: skip
    lines = (data / "test.jsonl").read_text().splitlines(keepends=True)
    traces.write_text("".join(lines[:3]))
    oracle_inference.main([*run, "-n", "1"])
    before = output.read_text()
    traces.write_text("".join(lines[3:]))
    with pytest.raises(UserError, match="traces_sha256 was .* Choose another --output"):
        oracle_inference.main([*run, "-n", "2"])
    assert output.read_text() == before


def test_chat_lets_the_oracle_speak_and_be_asked(lora_oracle, monkeypatch, capsys):
    typing(monkeypatch, "Ava has 3 pens. How many pens does Ava have?", "What is in step 3? [bold]", "")
    chat_codi.main(["--model", "tiny", "--oracle", "--oracle-dir", str(lora_oracle), "--compare-codi"])
    shown = capsys.readouterr().out
    assert "the oracle on these thoughts" in shown and "the untuned language model" in shown
    assert "Ask about these thoughts; an empty line ends it. For example: " in shown
    assert "What is in step 3? [bold]" in shown and shown.count("the oracle: ") == 1


def test_one_shot_inference_asks_what_it_is_told(lora_oracle, capsys):
    queries = ["Why?", "What does it answer after step 6?"]
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--query", *queries, "--oracle-dir", str(lora_oracle)])
    shown = capsys.readouterr().out
    assert re.search(r"^Why\?\n  .*\(\d+%( sure)?\)$", shown, re.M)
    assert f"{queries[1]}\n  {REFUSAL}\n  Steps count from 0 to 5.\n" in shown


def test_inference_without_a_query_gives_a_reading_and_then_listens(lora_oracle, capsys, monkeypatch):
    monkeypatch.setattr(oracle_talk, "reading", lambda oracle, trace, vectors: ["It says 3.", trace.question])
    monkeypatch.setattr("builtins.input", lambda: "")
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--oracle-dir", str(lora_oracle)])
    assert "It says 3.\nAva has 3 pens.\nAsk about these thoughts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"input": "x', r"oracle_data.jsonl:2: not valid JSON"),
        ('{"input": "x"}', r"oracle_data.jsonl:2: the pair has no response"),
        ("[]", r"oracle_data.jsonl:2: the pair has no fields"),
        ("TYPE", r"oracle_data.jsonl:2: source_index is '\[\]'"),
        ({"gold": {}}, r"oracle_data.jsonl:2: gold is '{}'"),
        ({"gold": 5}, r"oracle_data.jsonl:2: gold is '5'"),
        ({"gold": None}, r"oracle_data.jsonl:2: gold is 'None'"),
        ({"sub_type": "tea"}, r"oracle_data.jsonl:2: sub_type is 'tea'"),
        ({"strategy": "tea"}, r"oracle_data.jsonl:2: strategy is 'tea'"),
        ("QUERY", r"oracle_data.jsonl:2: the input has no query"),
    ],
)
def test_a_bad_pair_names_its_file_and_line(data, tmp_path, line, message):
    good = (data / "oracle_data.jsonl").read_text().splitlines()[0]
    if line == "TYPE":
        line = json.dumps(json.loads(good) | {"source_index": []})
    if isinstance(line, dict):
        line = json.dumps(json.loads(good) | line)
    if line == "QUERY":
        line = json.dumps(json.loads(good) | {"input": "Question: Q?"})
    path = tmp_path / "oracle_data.jsonl"
    path.write_text(f"{good}\n{line}\n")
    with pytest.raises(UserError, match=message):
        list(read_pairs(path))


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


@pytest.mark.parametrize("value", [3, "x", [3], True, None, {}])
@pytest.mark.parametrize("name", ["settings", "questions", "token_info", "traces", "num_latent", "strategies"])
def test_a_damaged_meta_file_of_pairs_is_a_sentence(data, tmp_path, name, value):
    """Three questions were "questions": 3, which ended in a TypeError."""
    if (name, value) in (("token_info", True), ("traces", {}), ("num_latent", 3)):
        return  # what may stand there
    path = tmp_path / "d.jsonl"
    path.write_text((data / "oracle_data.jsonl").read_text())
    meta = json.loads((data / "oracle_data.meta.json").read_text())
    del meta["files"]
    (meta if name in meta else meta["settings"])[name] = value
    (tmp_path / "d.meta.json").write_text(json.dumps(meta))
    with pytest.raises(UserError, match=r"d.meta.json.*generate_oracle_data.py"):
        train_oracle.data_settings(path, path)


def test_the_embedded_oracle_learned_from_the_embedded_checkpoint(tiny):
    """tiny-codi was once trained on and its oracle not, so that the README's first command ended in an error."""
    made_of = json.loads((Path(__file__).parent.parent / "checkpoints/tiny-oracle/oracle.json").read_text())["traces"]
    assert made_of["revision"] == tiny.revision


def test_the_tokens_of_the_step_asked_about_stand_beside_the_query(tiny):
    """Of the state before it and of its own, where a prompt shows lines with tokens and has room for them."""
    trace, view = made_trace(tops=["<<", "12|x", "17", "18", "19"]), View(steps="up-to-asked")

    def told(asked, view=view, **more):
        return prompt_of(trace, view, asked=asked, **more).tokens_again(asked)

    assert told(0) == "\nStep 0: <<:90,5:5,6:1 > 12|x:90,5:5,6:1"
    assert told(2) == "\nStep 2: 17:90,5:5,6:1 > 18:90,5:5,6:1"
    assert not told(9) and not told(None) and not told(2, shows=("question",))
    assert not told(2, view=replace(view, token_info=False))
    prompt = prompt_of(trace, view, "And step 2?", asked=2)

    def end(prompt, view, room=1000):
        return tiny.tokenizer.decode(encode_prompt(tiny.tokenizer, prompt, view, 4, room).end)

    assert end(prompt, view) == "\nStep 2: 17:90,5:5,6:1 > 18:90,5:5,6:1\nQuery: And step 2?\nReply:"
    assert end(prompt, VIEW) == "\nQuery: And step 2?\nReply:"
    room = sum(
        len(tiny.tokenizer(part, add_special_tokens=False)["input_ids"]) for part in (prompt.head(), prompt.end())
    )
    assert end(prompt, view, room) == prompt.end()
    asked = ask_about(Oracle(None, None, view, {"num_latent": 4}), trace, "And step 1 or step 2?").asked
    assert asked == 2 and end(replace(prompt, asked=asked), view) == end(prompt, view)
