"""
Every family of public checkpoints, written here in its exact layout by plain code and run here by plain loops (one row,
no cache), gives the same thoughts and tokens by our loader and engine; wrong siblings are refused in a sentence.

A family is one row of families.FAMILIES and one row of LAYOUTS.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from builders import LORA_TARGETS, random_language_model, typing
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

import bench_codi
import chat_codi
import checkpoints
import codi_model
import collect_traces
import train_codi
from codi_model import (
    answer,
    generate,
    generate_latents,
    generate_with_ablation,
    generate_with_patch,
    generate_with_traces,
)
from families import FAMILIES, HUB_IDS, KNOWN_BASES, MARKERS, Family
from loading import load_model, open_checkpoint, save_checkpoint
from runs import lens
from scripting import UserError

QUESTIONS = ["Ava has 3 pens.  Ben has 4. How many?", "Hm?"]
CODI, TWO = ["[PAD]", "<|bocot|>", "<|eocot|>"], ["<|bocot|>", "<|eocot|>"]
COCONUT = ["<|start-latent|>", "<|end-latent|>", "<|latent|>"]
WIDTH, RANK, MOST = 32, 4, 8

# --- A random model of a family, and its forward as plainly as it can be said ------------------------------------


@dataclass
class Made:
    """A random latent reasoner: what is written, and what its author's code would run."""

    base: dict  # the language model's weights before its LoRA
    lora: dict  # {module: (A, B)}
    model: torch.nn.Module  # merged
    projection: dict  # 1.*, 3.*, ln.*; of which some layouts have a part
    tokenizer: PreTrainedTokenizerFast  # of the base
    original: int  # rows before the markers


def made_model(base, tokenizer, added, lora, alpha=32):
    original = len(tokenizer)
    model = qwen(original + added) if base == "qwen3" else random_language_model(base, original + added)
    draw = torch.Generator().manual_seed(5)
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    pairs = {}
    for key in [key for key in state if lora and any(key.endswith(f".{t}.weight") for t in targets(base))]:
        out, inner = state[key].shape[::-1] if base == "gpt2" else state[key].shape
        a, b = torch.randn(RANK, inner, generator=draw) * 0.1, torch.randn(out, RANK, generator=draw) * 0.1
        pairs[key.removesuffix(".weight")] = (a, b)
        delta = alpha / RANK * b @ a
        model.get_parameter(key).data += delta.T if base == "gpt2" else delta
    sizes = {"1.weight": (WIDTH, WIDTH), "3.weight": (WIDTH, WIDTH)}
    names = ("1.weight", "1.bias", "3.weight", "3.bias", "ln.weight", "ln.bias")
    projection = {name: torch.randn(sizes.get(name, (WIDTH,)), generator=draw) * 0.3 for name in names}
    return Made(state, pairs, model, projection, tokenizer, original)


def qwen(rows):
    torch.manual_seed(1)
    config = Qwen3Config(
        vocab_size=rows, hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=256, tie_word_embeddings=False,
        initializer_range=0.1,
    )  # fmt: skip
    return Qwen3ForCausalLM(config).eval()


def targets(base):
    return LORA_TARGETS["gpt2" if base == "gpt2" else "llama"]


def fed_back(layout, made, hidden):
    """z of h, as the family makes it."""
    if layout.feeds == "identity":
        return hidden
    w = made.projection
    if layout.feeds == "pause":
        return w["ln.bias"]
    z = F.linear(F.gelu(F.linear(hidden, w["1.weight"], w["1.bias"])), w["3.weight"], w["3.bias"])
    return F.layer_norm(z, (WIDTH,), w["ln.weight"], w["ln.bias"]) if layout.feeds == "mlp-ln" else z


@torch.no_grad()
def plain_run(layout, made, question, consume=lambda step, z: z):
    """h (N + 1, D) and the greedy tokens of one question; `consume(step, z)` is what each step takes."""
    eos, row = made.tokenizer.eos_token_id, made.original
    coconut = layout.markers == COCONUT
    bot, eot = (row, row + 1) if coconut else (row + layout.markers.index(text) for text in TWO)
    token = {"eos": eos, "bot": bot, "eot": eot}
    table = made.model.get_input_embeddings().weight
    ids = made.tokenizer(layout.text(question))["input_ids"] + [token[name] for name in layout.before]
    embeds, states = table[ids][None], []
    for step in range(layout.steps):
        states.append(made.model.base_model(inputs_embeds=embeds, use_cache=False).last_hidden_state[0, -1])
        embeds = torch.cat([embeds, consume(step, fed_back(layout, made, states[-1]))[None, None]], 1)
    states.append(made.model.base_model(inputs_embeds=embeds, use_cache=False).last_hidden_state[0, -1])
    reply, ids = [], [token[name] for name in layout.after]
    while len(reply) < MOST:
        embeds = torch.cat([embeds, table[ids][None]], 1)
        logits = made.model(inputs_embeds=embeds, use_cache=False).logits[0, -1]
        ids = [int(logits[: made.original].argmax())]
        if ids[0] == eos:
            break
        reply += ids
    return torch.stack(states), made.tokenizer.decode(reply, skip_special_tokens=True).strip()


# --- How each is written -----------------------------------------------------------------------------------------


def peft_keys(made, prefix="codi.base_model.model."):
    """The base and its LoRA under the names that peft's wrapped modules have."""
    keys = {}
    for key, tensor in made.base.items():
        module = key.removesuffix(".weight").removesuffix(".bias")
        keys[prefix + (key.replace(module, f"{module}.base_layer") if module in made.lora else key)] = tensor
    for module, (a, b) in made.lora.items():
        keys |= {f"{prefix}{module}.lora_A.default.weight": a, f"{prefix}{module}.lora_B.default.weight": b}
    return keys


def projection_keys(made, prefix="prj.", norm="ln.", names=("1.", "3.", "ln.")):
    chosen = {name: tensor for name, tensor in made.projection.items() if name.startswith(names)}
    return {prefix + name.replace("ln.", norm): tensor for name, tensor in chosen.items()}


def write_file(folder, file, weights):
    weights = {key: tensor.detach().clone() for key, tensor in weights.items()}
    if file.endswith(".safetensors"):
        save_file(weights, folder / file)
    else:
        torch.save(weights, folder / file)


def write_shards(folder, weights):
    """Two shards and their index."""
    where = {key: f"model-0000{i % 2 + 1}-of-00002.safetensors" for i, key in enumerate(sorted(weights))}
    for file in set(where.values()):
        write_file(folder, file, {key: tensor for key, tensor in weights.items() if where[key] == file})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))


def codi_file(file, names=("1.", "3.", "ln."), **more):
    """The official layout in one file."""
    return lambda folder, made: write_file(folder, file, peft_keys(made) | projection_keys(made, names=names))


def write_simcot(folder, made):
    decoder = {"decoder.base_model.model.model.norm.weight": torch.ones(8), "pj_in.weight": torch.ones(8, WIDTH)}
    write_shards(folder, peft_keys(made) | projection_keys(made) | decoder)
    (folder / "config.json").write_bytes(b"")


def write_simcot_gpt2(folder, made):
    decoder = {"decoder.transformer.wte.weight": torch.ones(7, WIDTH)}
    keys = peft_keys(made) | projection_keys(made) | decoder
    write_file(folder, "model-00001-of-00001.safetensors", keys)


def coconut_keys(made):
    table = {"embedding.weight": made.base["transformer.wte.weight"]}
    return {f"base_causallm.{key}": tensor for key, tensor in made.base.items()} | table


def write_pause(folder, made):
    """As code/coconut.py of the curriculum's repository saves one: a state dict, beside a config.json that is none."""
    torch.save(coconut_keys(made) | {"pause_embedding": made.projection["ln.bias"].clone()}, folder / "checkpoint_best")
    (folder / "config.json").write_text(json.dumps({"model_name": "pause-curriculum", "base_model": "gpt2"}))


def write_simcot_coconut(folder, made):
    explainer = {"expainable_llm.transformer.wte.weight": torch.ones(5, WIDTH)}
    write_file(folder, "checkpoint_28", coconut_keys(made) | explainer)


def write_plain(folder, made, more=None):
    """A plain Hugging Face folder, with more keys in its file."""
    made.model.config.save_pretrained(folder)
    keys = {key: tensor for key, tensor in made.base.items() if key != "lm_head.weight"}
    write_file(folder, "model.safetensors", keys | (more or {}))


def write_tts_apart(folder, made):
    write_plain(folder, made)
    write_file(folder, "prj.pt", projection_keys(made, ""))


def write_adapter(folder, made):
    """A peft repository over a base that has no markers; the grown embedding is saved in full, and so is the head where
    it is another tensor, while the base's file has both in either case."""
    base = folder.parent / "adapters-base"
    base.mkdir(exist_ok=True)
    replace_config = json.loads(made.model.config.to_json_string()) | {"vocab_size": made.original}
    (base / "config.json").write_text(json.dumps(replace_config))
    grown = ("model.embed_tokens.weight", "lm_head.weight")
    plain = {key: t[: made.original] if key in grown else t for key, t in made.base.items()}
    write_file(base, "model.safetensors", plain)
    tied = made.model.config.tie_word_embeddings
    keys = {f"base_model.model.{key}": made.base[key] for key in (grown[:1] if tied else grown)}
    for module, (a, b) in made.lora.items():
        keys |= {f"base_model.model.{module}.lora_{x}.weight": tensor for x, tensor in (("A", a), ("B", b))}
    write_file(folder, "adapter_model.safetensors", keys)
    write_file(folder, "prj.pt", projection_keys(made, "prj."))
    settings = {"peft_type": "LORA", "base_model_name_or_path": str(base), "r": RANK, "lora_alpha": 16, "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps(settings))


@dataclass(frozen=True)
class Layout:
    """A family as its author's code has it, and how its checkpoint is written."""

    write: Callable
    base: str = "llama"
    markers: list = field(default_factory=lambda: CODI)  # in the order of their rows
    text: Callable = lambda question: question.replace("  ", " ")
    before: tuple = ("bot",)
    after: tuple = ("eot",)
    feeds: str = "mlp-ln"
    steps: int = 6
    lora: bool = True
    alpha: float = 32
    named: bool = False  # whether its tokenizer files are there, with the markers
    asked: str | None = None  # a --family, or a name, where the files do not tell
    rounded: bool = False  # rotary frequencies


def answer_only(question):
    return question.replace("  ", " ") + " Output only the answer and nothing else."


ANSWER_ONLY = {"text": answer_only, "before": ("eos", "bot"), "named": True}
LIKE_COCONUT = {
    "base": "gpt2", "markers": COCONUT, "text": lambda question: question + "\n", "feeds": "identity", "lora": False,
}  # fmt: skip
ADAPTER = {**ANSWER_ONLY, "base": "qwen3", "markers": TWO, "alpha": 16}
TTS = {"base": "gpt2", "markers": COCONUT, "lora": False, "named": True}
LAYOUTS = {
    "answer-only-1b": Layout(codi_file("pytorch_model.bin"), **ANSWER_ONLY, asked="llama1b", rounded=True),
    "answer-only-qwen3": Layout(
        codi_file("pytorch_model.bin"), **ANSWER_ONLY, base="qwen3", markers=TWO, asked="qwen3-8b"
    ),
    "answer-only": Layout(codi_file("model.safetensors"), **ANSWER_ONLY),
    "official": Layout(codi_file("model.safetensors"), base="gpt2"),
    "official-no-ln": Layout(codi_file("model.safetensors", ("1.", "3.")), feeds="mlp"),
    "official-no-prj": Layout(codi_file("model.safetensors", ("-",)), feeds="identity"),
    "official-eos": Layout(
        codi_file("pytorch_model.bin"), before=("eos", "bot"), after=("eot", "eos"), asked="official-eos"
    ),
    "simcot": Layout(write_simcot),
    "simcot (one odd file)": Layout(write_simcot_gpt2, base="gpt2"),
    "coconut": Layout(lambda folder, made: write_file(folder, "checkpoint_33", coconut_keys(made)), **LIKE_COCONUT),
    "simcot-coconut": Layout(write_simcot_coconut, **LIKE_COCONUT),
    "coconut-pause": Layout(write_pause, **LIKE_COCONUT | {"feeds": "pause"}),
    "latent-tts-codi": Layout(
        lambda folder, made: write_plain(folder, made, projection_keys(made, "projector.", "4.")), **TTS
    ),
    "latent-tts-codi (prj.pt)": Layout(write_tts_apart, **TTS),
    "latent-tts-coconut": Layout(write_plain, **LIKE_COCONUT | {"named": True, "asked": "latent-tts-coconut"}),
    "adapter": Layout(write_adapter, **ADAPTER, asked="adapter"),
    "adapter (tied base)": Layout(write_adapter, **ADAPTER | {"base": "llama"}, asked="adapter"),
    "adapter-8": Layout(write_adapter, **ADAPTER, steps=8, asked="adapter-8"),
}


@pytest.fixture(scope="session")
def base_tokenizer(tokenizer):
    """One without markers, as a base has it."""
    plain = json.loads(tokenizer.backend_tokenizer.to_str())
    plain["added_tokens"] = [token for token in plain["added_tokens"] if token["content"] not in MARKERS]
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(plain)), eos_token="<|endoftext|>")


@pytest.fixture
def written(tmp_path, base_tokenizer, monkeypatch):
    """write(layout) -> (folder, Made): a checkpoint of that layout, and a Hub where all that is asked for is there."""

    def write(layout):
        folder, base = tmp_path / "checkpoint", tmp_path / "base-tokenizer"
        folder.mkdir()
        made = made_model(layout.base, base_tokenizer, len(layout.markers), layout.lora, layout.alpha)
        layout.write(folder, made)
        base_tokenizer.save_pretrained(base)
        if layout.named:
            with_markers(base, layout.markers).save_pretrained(folder)
        if layout.rounded:
            frequencies = made.model.base_model.rotary_emb.inv_freq
            frequencies.copy_(frequencies.bfloat16().float())
        config = made.model.config
        known = type(config)(**config.to_dict() | {"vocab_size": made.original})
        monkeypatch.setitem(KNOWN_BASES, (made.original, WIDTH), lambda: known)
        monkeypatch.setattr(
            checkpoints, "fetch", lambda hub_id, files=("model.safetensors",): folder if files else base
        )
        return folder, made

    return write


def with_markers(folder, markers):
    """The tokenizer of a folder with further tokens at its end."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": markers})
    return tokenizer


def opened(layout, folder):
    """What load_model() is told of a checkpoint."""
    name = layout.asked if layout.asked in HUB_IDS else str(folder)
    return name, layout.asked if layout.asked in FAMILIES else None


def loaded(layout, folder):
    name, family = opened(layout, folder)
    return load_model(name, device="cpu", family=family)


# --- Parity ------------------------------------------------------------------------------------------------------


def test_every_family_has_a_layout_here():
    assert {name.partition(" (")[0] for name in LAYOUTS} == FAMILIES.keys()


@pytest.fixture(autouse=True)
def short_patched_answers(monkeypatch):
    """generate_with_patch() takes no number of tokens, and random models seldom end."""
    whole = codi_model.answer_edited
    monkeypatch.setattr(codi_model, "answer_edited", lambda *four, most=MOST: whole(*four[:4], most))


def check_parity(layout, codi, made):
    """Thoughts, answers, an ablation and a patch of every question are those of the plain loops."""
    vector = torch.linspace(-1, 1, WIDTH)
    for question in QUESTIONS:
        states, reply = plain_run(layout, made, question)
        assert torch.allclose(generate_latents(*codi, question, layout.steps)["h"], states, atol=2e-4)
        assert generate(*codi, question, MOST, num_latent=codi.num_latent) == reply
        zeroed = plain_run(layout, made, question, lambda step, z: z * (step != 1))[1]
        assert generate_with_ablation(*codi, question, 1, max_new_tokens=MOST, num_latent=layout.steps) == zeroed
        patched = plain_run(layout, made, question, lambda step, z: vector if step == 2 else z)[1]
        assert generate_with_patch(*codi, question, {2: vector}, layout.steps) == patched
        assert lens(codi, states).shape == (layout.steps + 1, made.original)
        trace = generate_with_traces(*codi, question, MOST, layout.steps, top_k=3)
        tops = made.model.lm_head(states)[:, : made.original].argmax(-1).tolist()
        assert [step["top_k_ids"][0] for step in (trace.encoding, *trace.steps)] == tops


@pytest.mark.parametrize("name", LAYOUTS)
def test_loader_and_engine_equal_plain_loops(written, name):
    layout = LAYOUTS[name]
    folder, made = written(layout)
    assert open_checkpoint(*opened(layout, folder)).row is FAMILIES[name.partition(" (")[0]]
    codi = loaded(layout, folder)
    assert codi.num_latent == layout.steps and codi.vocabulary == made.original
    check_parity(layout, codi, made)


@pytest.mark.parametrize("name", ["coconut", "coconut-pause", "answer-only-qwen3", "official-no-ln"])
def test_what_is_saved_in_our_layout_is_the_same_model(written, tmp_path, name):
    folder, made = written(LAYOUTS[name])
    save_checkpoint(loaded(LAYOUTS[name], folder), tmp_path / "ours", origin={})
    if name == "coconut":
        assert json.loads((tmp_path / "ours" / "codi.json").read_text())["markers"]["<|bocot|>"] == made.original
    codi = load_model(str(tmp_path / "ours"), device="cpu")
    check_parity(LAYOUTS[name], codi, made)


@pytest.mark.parametrize("asked", sorted(HUB_IDS))
def test_names_and_hub_ids_lead_to_their_row(written, asked):
    family = next(name for name, row in FAMILIES.items() if asked in row.names)
    folder, _ = written(replace(LAYOUTS[family], asked=None))
    for name in (asked, HUB_IDS[asked]):
        found = open_checkpoint(name, None)
        assert found.row is FAMILIES[family] and found.folder == folder


def test_adding_a_family_is_one_row(written, monkeypatch):
    """A layout that nobody has: keys under net., a projection without layer norm under step., eot before bot."""
    markers = {"eot": "<|stop|>", "bot": "<|go|>"}
    row = Family(form="plain", language="net.", feeds="mlp", projection=("step.",), markers=markers, num_latent=3)
    monkeypatch.setitem(FAMILIES, "mine", row)

    def write(folder, made):
        keys = {f"net.{key}": tensor for key, tensor in made.base.items()}
        write_file(folder, "my.safetensors", keys | projection_keys(made, "step.", names=("1.", "3.")))

    layout = Layout(
        write, "llama", ["<|eocot|>", "<|bocot|>"], str, ("eos", "bot"), feeds="mlp", steps=3, lora=False
    )  # fmt: skip
    folder, made = written(layout)
    check_parity(layout, load_model(str(folder), device="cpu"), made)


@pytest.mark.parametrize("name", LAYOUTS)
def test_scripts_run_on_it(written, tmp_path, monkeypatch, capsys, short_answers, name):
    layout = LAYOUTS[name]
    folder, _ = written(layout)
    checkpoint, family = opened(layout, folder)
    model = ["--model", checkpoint, "--device", "cpu", *(["--family", family] if family else [])]
    data = ["--data", "word-problems", "-n", "2"]
    bench_codi.main([*model, *data])
    traces = ["--ablation-types", "zero", "swap", "hide", "--vectors", "--patches", "1", "--lens-layers", "all"]
    collect_traces.main([*model, *data, *traces, "--output", str(tmp_path / "traces.jsonl")])
    records = [json.loads(line) for line in (tmp_path / "traces.jsonl").read_text().splitlines()]
    assert [len(record["steps"]) for record in records] == [layout.steps] * 2
    monkeypatch.setattr(chat_codi, "decode", partial(chat_codi.decode, max_new_tokens=MOST))
    typing(monkeypatch, "Ava has 3 pens. How many?")
    capsys.readouterr()
    chat_codi.main(model)
    said = capsys.readouterr().out
    assert f"latent step {layout.steps - 1}" in said and f"latent step {layout.steps}" not in said


# --- Refusals ----------------------------------------------------------------------------------------------------


def refuses(name, *words, **more):
    with pytest.raises(UserError) as error:
        load_model(str(name), device="cpu", **more)
    for word in words:
        assert word in str(error.value), str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_layout_names_the_nearest_rows_and_why(written):
    layout = replace(LAYOUTS["official"], write=lambda folder, made: write_file(
        folder, "model.safetensors", peft_keys(made) | projection_keys(made) | {"gate.weight": torch.ones(2)}
    ))  # fmt: skip
    folder, _ = written(layout)
    refuses(folder, "known CODI layout", "Nearest: official (unknown keys gate.weight)", "simcot (")


@pytest.mark.parametrize("asked", ["official-gpt2", "simcot-gpt2", "latent-tts-codi"])
def test_a_coconut_file_given_as_codi_is_refused(written, asked):
    written(LAYOUTS["coconut"])
    why = "missing projector." if asked == "latent-tts-codi" else "unknown keys base_causallm."
    refuses(asked, "not in the layout of", why, "Nearest: coconut (fits)")


@pytest.mark.parametrize(
    "name, asked, why, near",
    [
        ("coconut", "pause-curriculum", "missing pause_embedding", "coconut (fits)"),
        ("coconut-pause", "coconut-curriculum", "unknown keys pause_embedding", "coconut-pause (fits)"),
        ("coconut-pause", "latent-tts-coconut", "unknown keys base_causallm.", "coconut-pause (fits)"),
        ("simcot-coconut", "coconut-gsm8k", "unknown keys expainable_llm.", "simcot-coconut (fits)"),
        ("simcot", "official-llama1b", "decoder.base_model.", "simcot (fits)"),
        ("adapter", "llama1b", "an adapter repository", "adapter"),
        ("official", "pointer-chase", "not an adapter repository", "official (fits)"),
        ("latent-tts-codi", "latent-tts-coconut", "unknown keys projector.", "latent-tts-codi (fits)"),
    ],
)
def test_siblings_given_as_each_other_are_refused_and_named(written, name, asked, why, near):
    """A pause-token model run as Coconut would answer, and be counted as one that thinks."""
    written(LAYOUTS[name])
    refuses(asked, "not in the layout of", why, near)


@pytest.mark.parametrize(
    "name, rows",
    [
        ("adapter", ("adapter (6 latent steps", "adapter-8 (8 latent steps")),
        ("adapter-8", ("adapter (6 latent steps", "adapter-8 (8 latent steps")),
        ("latent-tts-coconut", ("latent-tts-coconut (6 latent steps, fed by identity)", "latent-tts-codi")),
        ("latent-tts-codi (prj.pt)", ("latent-tts-coconut (6 latent steps, fed by identity)", "latent-tts-codi")),
    ],
)
def test_files_that_do_not_tell_how_they_run_need_a_family(written, name, rows):
    """A CODI folder that lost its prj.pt ran as Coconut, and one that takes 8 latent steps with 6."""
    folder, _ = written(LAYOUTS[name])
    if name == "latent-tts-codi (prj.pt)":
        (folder / "prj.pt").unlink()
    refuses(folder, *rows, f"--family {rows[0].split()[0]} or --family {rows[1].split()[0]}")


def test_three_markers_given_as_two_are_refused(written):
    """Its padding row would have been a word that can be answered."""
    written(LAYOUTS["answer-only"])
    refuses("qwen3-8b", "no known base")


def test_a_model_that_never_learned_latents_is_refused(written):
    """The curriculum's baseline in words is a plain GPT-2."""
    folder, _ = written(replace(LAYOUTS["latent-tts-coconut"], named=False))
    refuses("coconut-curriculum", "not in the layout of coconut", "no base_causallm.* keys")
    refuses(folder, "known CODI layout")


def test_a_codi_file_given_as_coconut_is_refused(written):
    folder, _ = written(LAYOUTS["official"])
    refuses(folder, "not in the layout of coconut", "no base_causallm.* keys", "Nearest: official", family="coconut")


def test_a_projection_with_layer_norm_given_as_one_without_is_refused(written):
    folder, _ = written(LAYOUTS["official"])
    refuses(folder, "unknown keys prj.ln.bias, prj.ln.weight", "Nearest: official (fits)", family="official-no-ln")


@pytest.mark.parametrize("name", ["answer-only", "latent-tts-codi", "latent-tts-coconut", "adapter"])
def test_swapped_markers_are_refused(written, tmp_path, name):
    """With bot and eot in each other's place every question would be answered, and wrongly."""
    folder, _ = written(LAYOUTS[name])
    bot = next(i for i, text in enumerate(LAYOUTS[name].markers) if "boc" in text or "start" in text)
    swapped = list(LAYOUTS[name].markers)
    swapped[bot], swapped[bot + 1] = swapped[bot + 1], swapped[bot]
    with_markers(tmp_path / "base-tokenizer", swapped).save_pretrained(folder)
    refuses(folder, swapped[bot + 1], "in its tokenizer, not")


def test_markers_of_another_family_are_refused(written, tmp_path):
    folder, _ = written(LAYOUTS["official"])
    with_markers(tmp_path / "base-tokenizer", COCONUT).save_pretrained(folder)
    refuses(folder, "its tokenizer names <|start-latent|>")


@pytest.mark.parametrize("asked", [None, "simcot-llama8b"])
def test_an_index_with_a_missing_shard_is_refused_by_its_name(written, asked):
    folder, _ = written(LAYOUTS["simcot"])
    (folder / "model-00002-of-00002.safetensors").unlink()
    refuses(asked or folder, "model-00002-of-00002.safetensors", "does not have")


def test_shards_without_their_index_are_refused(written):
    folder, _ = written(LAYOUTS["simcot"])
    (folder / "model.safetensors.index.json").unlink()
    refuses(folder, "without their model.safetensors.index.json")


def test_two_odd_files_are_refused_by_name(written):
    folder, _ = written(LAYOUTS["coconut"])
    (folder / "checkpoint_28").write_bytes((folder / "checkpoint_33").read_bytes())
    refuses(folder, "several", "checkpoint_28", "checkpoint_33")


def test_an_odd_pickle_runs_no_code(written, tmp_path):
    folder, _ = written(LAYOUTS["coconut"])

    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save({"base_causallm.x": Payload()}, folder / "checkpoint_33")
    refuses(folder, "checkpoint_33")
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "change",
    [
        *[{"lora_alpha": alpha} for alpha in ("x", 0, -3)],
        *[{"use_rslora": True}, {"bias": "all"}, {"peft_type": "IA3"}, {"r": 99}, {"base_model_name_or_path": ""}],
    ],
    ids=str,
)
def test_adapters_that_are_not_merged_here_are_refused(written, change):
    """Of peft_type, r and lora_alpha any value was taken, and merged at another strength than was trained."""
    folder, _ = written(LAYOUTS["adapter"])
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    refuses(folder, "adapter_config.json", *change, family="adapter")


DAMAGED = [{}, {"<|eocot|>": 5}, {"x": 1, "<|eocot|>": 6}, {"<|eocot|>": "6"}, {"<|eocot|>": -1}]


@pytest.mark.parametrize("rows", DAMAGED)
def test_damaged_markers_are_a_sentence(our_checkpoint, rows):
    path = our_checkpoint / "codi.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"markers": {"<|bocot|>": 5} | rows}))
    refuses(our_checkpoint, "codi.json", "damaged")


def test_an_unknown_family_lists_the_known(our_checkpoint):
    refuses(our_checkpoint, "sung", "simcot", family="sung")
    refuses(our_checkpoint, "Leave --family out", family="coconut")


def test_swapped_markers_of_our_layout_are_refused(our_checkpoint):
    path = our_checkpoint / "codi.json"
    settings = json.loads(path.read_text())
    pad, bot, eot = settings["markers"].values()
    path.write_text(json.dumps(settings | {"markers": dict(zip(MARKERS, (pad, eot, bot), strict=True))}))
    refuses(our_checkpoint, "tokenizer")


def test_a_tokenizer_that_names_one_marker_elsewhere_is_refused(our_checkpoint, base_tokenizer, tmp_path):
    base_tokenizer.save_pretrained(tmp_path / "base")
    with_markers(tmp_path / "base", ["<|bocot|>"]).save_pretrained(our_checkpoint)
    refuses(our_checkpoint, "tokenizer")


def test_one_tensor_under_two_keys_is_refused(written):
    """One of the two was taken, whichever came last."""

    def twice(folder, made):
        write_plain(folder, made, projection_keys(made, "projector.", "4.") | projection_keys(made))

    folder, _ = written(replace(LAYOUTS["latent-tts-codi"], write=twice))
    refuses(folder, "known CODI layout", "latent-tts-codi (unknown keys projector.")


def test_a_checkpoint_whose_vocabulary_never_grew_is_refused(written, tmp_path):
    """Its last rows are words, which would have been fed as markers."""
    folder, made = written(replace(LAYOUTS["adapter"], named=False))
    grown = "base_model.model.model.embed_tokens.weight", "base_model.model.lm_head.weight"
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({k: t for k, t in weights.items() if k not in grown}, folder / "adapter_model.safetensors")
    refuses(folder, "tokenizer", f"({made.original} tokens)", family="adapter")


# --- Fetched --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_of_one_file_runs(written, monkeypatch):
    folder, made = written(LAYOUTS["coconut-pause"])
    base = checkpoints.fetch("any", ())
    file = folder / "checkpoint_best"
    monkeypatch.setattr(checkpoints, "fetch", lambda hub_id, files=("any",): file if files else base)
    check_parity(LAYOUTS["coconut-pause"], load_model("pause-curriculum", device="cpu"), made)


def test_a_tokenizer_comes_from_the_first_copy_that_can_be_had(written, monkeypatch, capsys, tmp_path):
    folder, made = written(LAYOUTS["official"])
    first, second = checkpoints.BASE_TOKENIZERS["gpt2"]

    def fetch(hub_id, files=("any",)):
        if hub_id == first:
            raise UserError("It is gated.")
        if hub_id.startswith("no/"):
            raise UserError(f"There is no {hub_id}.")
        return tmp_path / "base-tokenizer"

    monkeypatch.setattr(checkpoints, "fetch", fetch)
    assert len(load_model(str(folder), device="cpu").tokenizer) == made.original
    assert f"taking those of {second}" in capsys.readouterr().err
    monkeypatch.setattr(checkpoints, "fetch", lambda hub_id, *_: fetch(first if hub_id == first else "no/" + hub_id))
    refuses(folder, "It is gated.", f"There is no no/{second}")


@pytest.mark.parametrize("name", LAYOUTS)
def test_training_goes_on_from_every_family(written, name, tmp_path):
    """After a step too small to matter the saved checkpoint answers as the one that it was trained from."""
    layout = LAYOUTS[name]
    folder, _ = written(layout)
    model, family = opened(layout, folder)
    flags = ["--model", model, *(["--family", family] if family else []), "--full", "--data", "word-problems"]
    flags += ["-n", "16", "--batch-size", "8", "--max-steps", "1", "--lr", "1e-12", "--precision", "fp32"]
    if name == "official-eos":  # its answers open with two markers
        with pytest.raises(UserError, match="--prompt-form"):
            train_codi.main([*flags, "--output", str(tmp_path / "trained")])
        return
    train_codi.main([*flags, "--output", str(tmp_path / "trained")])
    before, after = loaded(layout, folder), load_model(str(tmp_path / "trained"), device="cpu")
    assert (after.form, after.num_latent) == (before.form, layout.steps)
    assert {*after.prj.state_dict()} == {*before.prj.state_dict()}
    for question in QUESTIONS[:2]:
        assert answer(after, [question], max_new_tokens=MOST) == answer(before, [question], max_new_tokens=MOST)
