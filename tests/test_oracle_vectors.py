"""The oracle that reads vectors: where they stand, what they do, what is refused."""

import json
import shutil

import pytest
import torch
from builders import made_trace, oracle_rows, prompt_of, random_language_model, train, vector_view
from safetensors.torch import load_file, save_file

import eval_oracle
import oracle_inference
import oracle_model
import train_oracle
from files import meta_path, sha256, vectors_path, write_json, write_meta
from oracle_model import (
    Oracle,
    Reply,
    ask_about,
    check_fits_traces,
    check_same_vectors,
    first_block,
    injected,
    load_base,
    load_oracle,
    oracle_answer,
    replies,
)
from oracle_prompts import VectorReader, encode_prompt, stacked
from oracle_questions import read_pairs
from oracle_replies import REFUSAL
from scripting import UserError
from traces import read_traces

pytestmark = pytest.mark.usefixtures("short_replies")


def made_vectors(steps=4, width=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    h, z = (torch.randn(n, width, generator=generator) for n in (steps + 1, steps))
    return {"h": h, "z": z}


@pytest.fixture
def small_oracle(tokenizer):
    model = random_language_model("llama", len(tokenizer))
    model.config.max_position_embeddings = 1024
    return Oracle(model, tokenizer, vector_view(), {"num_latent": 4})


@pytest.fixture(params=["llama", "gpt2"])
def language_model(request, tokenizer):
    return random_language_model(request.param, len(tokenizer))


@torch.no_grad()
def test_a_step_that_is_not_there_is_refused_without_asking(small_oracle, monkeypatch):
    vectors = made_vectors(small_oracle.num_latent)
    trace = made_trace(steps=small_oracle.num_latent)
    there, *beyond = (f"What does it answer after step {step}?" for step in (3, 4, 99))
    alone = oracle_answer(small_oracle, trace, there, vectors)
    assert alone != REFUSAL
    assert oracle_answer(small_oracle, trace, [beyond[0], there, beyond[1]], vectors) == [REFUSAL, alone, REFUSAL]
    monkeypatch.setattr(oracle_model, "generate_replies", None)
    assert oracle_answer(small_oracle, trace, beyond, vectors) == [REFUSAL, REFUSAL]
    (prompt,) = (ask_about(small_oracle, trace, query, stacked(vectors, small_oracle.view)) for query in beyond[:1])
    assert replies(small_oracle, [prompt]) == [Reply(REFUSAL, 1.0)]


@pytest.mark.parametrize("kind", ["hz", "patch_h", "resid_", "Z"])
def test_vectors_that_there_are_not_are_refused(kind, capsys):
    with pytest.raises(SystemExit):
        train_oracle.parse_arguments(["--reads", "vectors", "--vectors", "h", kind])
    assert f"'{kind}' is not h, z or resid_L" in capsys.readouterr().err


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
    every, trace = torch.arange(9.0)[:, None], made_trace()

    def encoded(**more):
        view = vector_view(**more)
        prompt = prompt_of(trace, view, "What is in step 2?", asked=2, vectors=every)
        assert "pens" not in prompt.text() and "17" not in prompt.text()
        return encode_prompt(tokenizer, prompt, view, 4, 1000)

    prompt = encoded()
    assert torch.equal(prompt.vectors, every) and len(prompt.places) == 9
    texts = [tokenizer.decode(prompt.start[:place]) for place in prompt.places]
    labels = ["h: start", "0", "1", "2", "3", "z: 0", "1", "2", "3"]
    assert all(text.endswith(f" {label}") for text, label in zip(texts, labels, strict=True))
    assert {prompt.start[place] for place in prompt.places} == {tokenizer(" ?")["input_ids"][-1]}
    asked = encoded(steps="up-to-asked")
    assert asked.vectors.flatten().tolist() == [0, 1, 2, 5, 6, 3, 7]  # h[-1:2], z[:2], then h[2] and z[2]
    assert tokenizer.decode(asked.start).endswith(
        "Earlier h: start? 0? 1?\nEarlier z: 0? 1?\nVectors h: 2?\nVectors z: 2?"
    )
    apart = encoded(steps="apart")
    assert apart.vectors.flatten().tolist() == [0, 1, 2, 4, 5, 6, 8, 3, 7]  # all but h[2] and z[2], then these
    assert tokenizer.decode(apart.start).endswith(
        "Others h: start? 0? 1? 3?\nOthers z: 0? 1? 3?\nVectors h: 2?\nVectors z: 2?"
    )
    assert encoded(steps="asked").vectors.flatten().tolist() == [3, 7]
    question = prompt_of(trace, vector_view(), shows=("question",), vectors=every)
    hidden = encode_prompt(tokenizer, question, vector_view(), 4, 1000)
    assert not hidden.places and hidden.vectors is None and "pens" in tokenizer.decode(hidden.start)


def test_vector_prompts_batched_equal_single_without_a_cache(small_oracle):
    oracle, queries = small_oracle, ("What was asked?", "What does it answer after step 2?")
    asked = [
        ask_about(oracle, made_trace(i), query, stacked(made_vectors(seed=i), oracle.view))
        for i in range(3) for query in queries
    ]  # fmt: skip
    together = replies(oracle, asked, max_new_tokens=8)
    assert [reply.text for reply in together] == [replies(oracle, [prompt], 8)[0].text for prompt in asked]
    assert len({reply.probability for reply in together[::2]}) == 3, "the vectors must matter, else this proves little"
    for prompt, reply in zip(asked, together, strict=True):
        prompt = encode_prompt(oracle.tokenizer, prompt, oracle.view, 4, 1000)
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
    prompt = ask_about(small_oracle, made_trace(), "Why?", stacked(zero, small_oracle.view))
    (reply,) = replies(small_oracle, [prompt], max_new_tokens=8)
    prompt = encode_prompt(small_oracle.tokenizer, prompt, small_oracle.view, 4, 1000)
    ids = torch.tensor([prompt.start + prompt.end])
    plain = small_oracle.model.generate(
        ids, max_new_tokens=8, do_sample=False, eos_token_id=small_oracle.tokenizer.eos_token_id
    )
    assert reply.text == small_oracle.tokenizer.decode(plain[0, ids.shape[1] :], skip_special_tokens=True).strip()


def test_gradients_reach_the_map_and_the_adapter_and_nothing_else(vector_data, base_folder, monkeypatch):
    """CODI is 128 wide and the base 32, so a map stands between."""
    pairs = list(read_pairs(vector_data / "oracle_data.jsonl"))[:40]
    start = train_oracle.start_from(str(base_folder), vector_view(), "lora")
    train_oracle.prepare(start, pairs, "lora")
    rows = oracle_rows(pairs, start.tokenizer, vector_view(), vector_data / "train.jsonl")
    trainee = train_oracle.Trainee(start.model, torch.nn.Linear(128, 32, bias=False))
    trainee(**train_oracle.collate(rows))["loss"].backward()
    for name, parameter in trainee.named_parameters():
        wanted = "lora_" in name or name == "vector_map.weight"
        assert parameter.requires_grad == wanted and (parameter.grad is not None) == wanted, name
    assert trainee.vector_map.weight.grad.abs().sum() > 0


def test_a_map_begins_where_the_base_has_the_likeliest_token_of_each_state(vector_data, base_folder):
    model, tokenizer, _ = load_base(str(base_folder))
    reader, traces = VectorReader(vector_data / "train.jsonl", vector_view()), vector_data / "train.jsonl"
    known = list(read_traces(traces))[:20]
    vectors, targets = [], []
    for trace in known:
        tokens = [reading["top_k_tokens"][0].strip() for reading in (trace.encoding, *trace.steps)]
        own = reader.vectors[trace.index]
        vectors += [*own["h"].float(), *own["z"].float()]
        for token in [*tokens, *tokens[:-1]]:  # z[0] is made from h[-1]
            ids = tokenizer(f"Vectors h: start {token}", return_tensors="pt")["input_ids"]
            with torch.no_grad():
                residual = model(ids, output_hidden_states=True).hidden_states[1][0, -1]
            targets.append(residual / residual.norm())
    x = torch.stack([vector / vector.norm() for vector in vectors]).double()
    prior = (train_oracle.RIDGE * len(x) / 128) ** 0.5 * torch.eye(128).double()
    y = torch.cat([torch.stack(targets).double(), torch.zeros(128, 32)])
    expected = torch.linalg.lstsq(torch.cat([x, prior]), y).solution.T.float()
    torch.testing.assert_close(train_oracle.lens_map(model, tokenizer, reader, known), expected, atol=1e-4, rtol=1e-3)


def test_a_map_begins_without_the_questions_held_out(vector_data, base_folder, tmp_path, monkeypatch):
    start = train_oracle.start_from(str(base_folder), vector_view(), "lora")
    pairs = [pair for pair in read_pairs(vector_data / "oracle_data.jsonl") if pair.source_index % 2]
    reader, seen = VectorReader(vector_data / "train.jsonl", vector_view()), []
    path = tmp_path / "half.arrow"
    train_oracle.write_rows(path, pairs, start.tokenizer, 1024, reader)
    rows = train_oracle.Rows(path, reader)
    monkeypatch.setattr(train_oracle, "lens_map", lambda *args: (seen.extend(args[-1]), torch.zeros(32, 128))[1])
    train_oracle.map_to(start, rows, vector_data / "train.jsonl")
    assert {trace.index for trace in seen} == {pair.source_index for pair in pairs}


def test_patched_pairs_read_the_patched_vectors_and_show_no_line_of_the_plain_run(vector_data):
    pairs = [p for p in read_pairs(vector_data / "oracle_data.jsonl") if p.strategy == "counterfactual"]
    traces = {trace.index: trace for trace in read_traces(vector_data / "train.jsonl")}
    reader = VectorReader(vector_data / "train.jsonl", vector_view())
    assert pairs
    for pair in pairs:
        _, answer, query, *_ = pair.input.split("\n")
        assert answer == "Answer: hidden" and query.startswith("Query: ") and pair.input.count("Query: ") == 1
    for pair in pairs[:20]:
        patch = traces[pair.source_index].patches[pair.slots["patch"]]
        assert pair.gold == patch["early_decodes"][pair.slots["step"] + 1]["output"]
        donor_z = reader.vectors[patch["donor"]]["z"]
        z = reader.of(pair.source_index, pair.slots["patch"])[-6:]
        assert all(torch.allclose(z[step], donor_z[step].float(), atol=1e-5) for step in patch["steps"])


def test_a_training_goes_on_from_an_oracle_that_is_an_adapter(vector_data, base_folder, tmp_path):
    """At no rate to speak of it ends where it began; the questions of both trainings count as seen."""
    run = ["--reads", "vectors", "--vectors", "z", "--lr", "3e-2", "--base", str(base_folder), "--max-steps", "2"]
    train(vector_data, tmp_path / "first", *run)
    first = tmp_path / "first/best"
    write_json(first / "training_questions.json", ["What is one and one?"])
    run[run.index("--base") + 1], run[run.index("--lr") + 1] = str(first), "1e-12"
    train(vector_data, tmp_path / "second", *run)
    second = tmp_path / "second/best"
    settings, was = (json.loads((folder / "oracle.json").read_text()) for folder in (second, first))
    assert all(settings[name] == was[name] for name in ("base", "base_revision", "tune", "vector_width"))
    for name in ("adapter_model.safetensors", "map.safetensors"):
        one, other = (load_file(folder / name) for folder in (first, second))
        assert one.keys() == other.keys() and any(tensor.abs().sum() > 0 for tensor in one.values())
        assert all(torch.allclose(one[key].float(), other[key].float(), atol=1e-6) for key in one)
    asked = json.loads((second / "training_questions.json").read_text())
    assert asked[0] == "What is one and one?" and len(asked) > 1
    train(vector_data, tmp_path / "fast", *run, "--lr", "3e-2")
    moved = load_file(tmp_path / "fast/best/adapter_model.safetensors")
    start = load_file(first / "adapter_model.safetensors")
    assert any(not torch.allclose(moved[key], start[key]) for key in start)


@pytest.mark.parametrize(
    "more, words",
    [
        (["--vectors", "h", "z"], "is an oracle with other --reads, --vectors or --steps"),
        (["--tune", "full"], "goes on as one. Leave --tune full out"),
    ],
)
def test_what_an_oracle_cannot_go_on_as_is_refused(vector_data, base_folder, tmp_path, more, words):
    run = ["--reads", "vectors", "--vectors", "z", "--max-steps", "1", "--base"]
    train(vector_data, tmp_path / "first", *run, str(base_folder))
    with pytest.raises(UserError, match=words):
        train(vector_data, tmp_path / "second", *run, str(tmp_path / "first/best"), *more)
    assert not (tmp_path / "second/training").exists()


def test_an_oracle_does_not_go_on_with_vectors_of_another_width(vector_data, base_folder, tmp_path):
    run = ["--reads", "vectors", "--vectors", "z", "--max-steps", "1", "--base"]
    train(vector_data, tmp_path / "first", *run, str(base_folder))
    save_file({"weight": torch.zeros(32, 64)}, tmp_path / "first/best/map.safetensors")
    with pytest.raises(UserError, match="of width 128, but the oracle to go on from reads those of 64"):
        train(vector_data, tmp_path / "second", *run, str(tmp_path / "first/best"))


@pytest.mark.parametrize("reads", ["vectors", pytest.param("both", marks=pytest.mark.slow)])
def test_a_vector_oracle_goes_through_all_stages(vector_data, base_folder, tmp_path, reads, capsys):
    train(vector_data, tmp_path / "oracle", "--reads", reads, "--vectors", "z", "resid_1", "--base", str(base_folder))
    best = tmp_path / "oracle/best"
    oracle = load_oracle(best, "cpu")
    assert oracle.settings["vector_width"] == 128
    assert oracle.view.vectors == ("z", "resid_1") and oracle.vector_map.weight.shape == (32, 128)
    results = tmp_path / "eval.json"
    run = ["--traces", str(vector_data / "test.jsonl"), "--oracle-dir", str(best), str(best), "--beside", str(best)]
    eval_oracle.main(
        [*run, "--questions", "none", "--per-task", "1", "--output", str(results), "--plot", str(tmp_path / "eval.png")]
    )
    saved = json.loads(results.read_text())
    row = saved["early_decode"]
    assert {"zero vectors", "mean vectors", "random vectors", "another's thoughts", "linear probe"} <= set(
        row["baselines"]
    )
    assert row["seeds"]["mean"] == row["beside"][str(best)] == row["accuracy"]
    assert saved["another's vectors"]["total"] > 0 and ("patched runs" in saved) == (reads == "vectors")
    if reads == "vectors":
        row = saved["patched runs"]
        assert row["beside"].keys() == {"lens rule", "linear probe", str(best)}
        assert row["beside"][str(best)] == row["seeds"]["mean"] == row["accuracy"]
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--query", "What was asked?", "--oracle-dir", str(best)])
    assert "What was asked?" in capsys.readouterr().out
    meta = json.loads(meta_path(vector_data / "test.jsonl").read_text())
    meta["settings"]["revision"] = "other"
    moved = tmp_path / "moved.jsonl"
    moved.write_text((vector_data / "test.jsonl").read_text())
    meta_path(moved).write_text(json.dumps(meta))
    with pytest.raises(UserError, match=r"vectors of tiny, other, plain, but the oracle's data is of those of tiny"):
        eval_oracle.main(["--traces", str(moved), "--oracle-dir", str(best)])


def test_vectors_of_otherwise_rounded_rotary_frequencies_are_another_models():
    """They were taken: the weights' revision is the same."""
    trained = {"model": "m", "revision": "r", "prompt_form": "plain", "rotary": "bfloat16", "lora_alpha": 32}
    check_same_vectors(trained, trained, "t.jsonl")
    check_same_vectors(trained, {"model": "m", "revision": "r", "prompt_form": "plain"}, "t.jsonl")
    for key, value in (("rotary", "float32"), ("lora_alpha", 16)):
        with pytest.raises(UserError, match=f"{key} {value}, but .* {key} {trained[key]}"):
            check_same_vectors(trained | {key: value}, trained, "t.jsonl")


def test_the_vectors_of_other_questions_than_the_pairs_are_not_trained_on(vector_data, tmp_path):
    """u.jsonl was collected anew from other questions after the pairs were made of it: one model, other thoughts."""
    for name in ("oracle_data", "oracle_val"):
        for end in (".jsonl", ".meta.json"):
            shutil.copy(vector_data / f"{name}{end}", tmp_path)
    with pytest.raises(UserError, match="was not made of .*test.jsonl as it is now.* generate_oracle_data.py --input"):
        train(tmp_path, tmp_path / "oracle", "--reads", "vectors", "--traces", str(vector_data / "test.jsonl"))


def test_another_collection_of_vectors_under_the_same_name_is_another_run(vector_data):
    """A killed training went on with the vectors that stood there by then."""
    files = vector_data / "oracle_data.jsonl", vector_data / "oracle_val.jsonl"
    settings, _ = train_oracle.data_settings(*files)
    hashes = train_oracle.hashes_of(files, settings, vector_view(), vector_data / "train.jsonl")
    for name in ("oracle_data.jsonl", "oracle_val.jsonl", "train.jsonl", "train.vectors-00000.safetensors"):
        path = vector_data / name
        assert sha256(path).startswith(hashes[f"{path}_sha256"])


def test_a_probe_is_not_trained_on_what_stands_where_the_training_traces_stood(tmp_path):
    path = tmp_path / "t.jsonl"
    assert eval_oracle.why_gone(path, None) == "is not there"
    path.write_text("made first")
    digest = sha256(path)
    assert not eval_oracle.why_gone(path, digest) and not eval_oracle.why_gone(path, None)
    path.write_text("made anew")
    assert eval_oracle.why_gone(path, digest) == "was made anew since"


def test_vectors_of_another_width_are_a_sentence(small_oracle, tmp_path):
    """They ended in a RuntimeError of torch, when the oracle was asked."""
    width = r"vectors of width 16, but the oracle .* reads those of width 32"
    with pytest.raises(UserError, match=width):
        oracle_answer(small_oracle, made_trace(), "Why?", made_vectors(width=16))
    path = tmp_path / "t.jsonl"
    path.write_text(made_trace().to_json() + "\n")
    save_file({name: rows[None] for name, rows in made_vectors(width=16).items()}, vectors_path(path, 0))
    write_meta(path, {"settings": {}}, [path, vectors_path(path, 0)])
    small_oracle.settings["traces"] = {}
    with pytest.raises(UserError, match=f"t.jsonl has {width}"):
        check_fits_traces(small_oracle, path, 4)


def test_missing_vectors_are_a_sentence_naming_both(small_oracle):
    with pytest.raises(UserError, match="--vectors"):
        oracle_answer(small_oracle, made_trace(), "Why?")
    with pytest.raises(UserError, match="reads h, z, but the traces have no z; they have h"):
        stacked({"h": torch.zeros(5, 8)}, vector_view())


def test_patched_runs_show_vectors_and_neither_lines_nor_output_of_the_plain_run(vector_data):
    traces = list(read_traces(vector_data / "test.jsonl"))
    plain, patched = eval_oracle.items_of(traces, 2, 0, vector_view())
    assert patched and all(item.patch is None for item in plain)
    oracle, sources = Oracle(None, None, vector_view(), {}), eval_oracle.Sources(vector_data / "test.jsonl", 0)
    conditions = eval_oracle.Conditions(oracle, sources)
    for item in patched:
        prompt = conditions.prompt(item)
        assert prompt.head() + prompt.thoughts() == "Question: hidden\nAnswer: hidden"
        assert torch.equal(prompt.vectors, conditions.reader.of(item.trace.index, item.patch))
        other = conditions.prompt(plain[0], thoughts=plain[0].other)
        assert torch.equal(other.vectors, conditions.reader.of(plain[0].other.index))
