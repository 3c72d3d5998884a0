"""Oracle and base folders load whole, with no code of theirs, or not at all and with a sentence."""

import ast
import json
import shutil
from pathlib import Path

import pytest
import torch
from builders import VIEW, random_language_model
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import MistralConfig, MistralForCausalLM

from checkpoints import INDEX, PROMPT_FORMS
from loading import load_language_model, load_model, save_checkpoint
from oracle_model import TINY_ORACLE, Confidence, Oracle, generate_replies, load_base, load_oracle
from oracle_prompts import EncodedPrompt, View
from oracle_questions import read_pairs
from oracle_replies import REFUSAL, TASKS
from scripting import UserError

ALLOWED = {"checkpoints.py", "gguf_files.py", "loading.py"}  # the only files that load configs, tokenizers and models
ROOT = Path(__file__).parent.parent


def test_configs_tokenizers_and_models_are_loaded_in_one_file():
    """Where trust_remote_code was left out, transformers asked on standard input whether to run a folder's code."""
    found = set()
    for path in ROOT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("from_pretrained", "from_config"):
                found.add(path.name)
    assert found <= ALLOWED


@pytest.fixture
def oracle_folder(tmp_path):
    """A copy of the embedded oracle that does not say how wide its vectors are, as older ones did not."""
    folder = Path(shutil.copytree(TINY_ORACLE, tmp_path / "oracle"))
    settings = json.loads((folder / "oracle.json").read_text())
    del settings["vector_width"]
    (folder / "oracle.json").write_text(json.dumps(settings))
    return folder


def edit_json(path, **more):
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


def edit_weights(folder, edit):
    weights = load_file(folder / "model.safetensors")
    edit(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def refuses(folder, word):
    with pytest.raises(UserError, match=word) as error:
        load_oracle(folder, "cpu")
    assert "\n" not in str(error.value)


def test_code_of_a_folder_never_runs(oracle_folder, monkeypatch):
    """`echo y | python …` ran the folder's Python; now nothing is asked, and the native class is taken."""
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("something was asked"))
    (oracle_folder / "evil.py").write_text("raise SystemExit('the code ran')")
    auto_map = {"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.M"}
    edit_json(oracle_folder / "config.json", auto_map=auto_map)
    load_language_model(str(oracle_folder))
    edit_json(oracle_folder / "config.json", model_type="evil")
    with pytest.raises(UserError, match="never run here"):
        load_language_model(str(oracle_folder))


def test_kernels_that_a_config_names_are_not_fetched(oracle_folder):
    kernel = "someone/kernel"
    edit_json(oracle_folder / "config.json", attn_implementation=kernel, _attn_implementation=kernel)
    model, _ = load_language_model(str(oracle_folder))
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("edit, word", [
    (lambda w: w.pop("model.norm.weight"), "model.norm.weight"),
    (lambda w: w.update(surprise=torch.ones(1)), "surprise"),
    (lambda w: w["model.norm.weight"].fill_(torch.nan), "NaN"),
    (lambda w: w.update({"model.norm.weight": w["model.norm.weight"].int()}), "floating point"),
])  # fmt: skip
def test_an_oracle_with_missing_foreign_or_broken_weights_is_refused(oracle_folder, edit, word):
    edit_weights(oracle_folder, edit)
    refuses(oracle_folder, word)


@pytest.mark.parametrize("more", [
    {"base": 5}, {"num_latent": "6"}, {"num_latent": 0}, {"num_latent": True}, {"strategies": "x"},
    {"strategies": [1]}, {"traces": None}, {"train": {}}, {"train": {"pairs": "x"}}, {"max_tokens": "x"},
    {"reads": "tea"}, {"vectors": ["q"]}, {"vectors": [1]}, {"vectors": []}, {"token_info": 1}, {"steps": "some"},
    {"steps": True}, {"base_revision": 5}, {"vector_width": "x"}, {"vector_width": 0},
])  # fmt: skip
def test_wrong_settings_of_an_oracle_are_named(oracle_folder, more):
    edit_json(oracle_folder / "oracle.json", **more)
    refuses(oracle_folder, next(iter(more)))


def test_an_oracle_of_another_version_is_not_read_otherwise_than_it_learned(oracle_folder):
    """asked_only was the name of a form that read less, and `steps` was two booleans."""
    settings = json.loads((oracle_folder / "oracle.json").read_text())
    del settings["steps"]
    settings |= {"up_to_asked": True, "asked_only": False, "shows": ["trace"]}
    (oracle_folder / "oracle.json").write_text(json.dumps(settings))
    refuses(oracle_folder, "does not say steps. Another version made it: train it again")


@pytest.mark.parametrize("weights", [{"w": torch.ones(2, 2)}, {"weight": torch.ones(3)}, {"weight": torch.ones(3, 4)}])
def test_a_map_of_another_shape_is_refused(oracle_folder, weights):
    save_file(weights, oracle_folder / "map.safetensors")
    refuses(oracle_folder, "map")


def test_a_map_of_other_vectors_is_refused(oracle_folder):
    """Only its output's width was compared, so that asking ended in a RuntimeError. Folders that do not say which
    vectors they read are compared when they are asked."""
    save_file({"weight": torch.ones(128, 64)}, oracle_folder / "map.safetensors")
    assert load_oracle(oracle_folder, "cpu").vector_width == 64
    edit_json(oracle_folder / "oracle.json", vector_width=128)
    refuses(oracle_folder, "vectors of width 128, but the oracle .* reads those of width 64")


def test_an_oracle_of_other_weights_is_another_oracle(oracle_folder):
    """Its settings alone were hashed, so that the replies of two oracles came to stand in one file."""
    before = load_oracle(oracle_folder, "cpu").digest()
    assert load_oracle(oracle_folder, "cpu").digest() == before
    edit_weights(oracle_folder, lambda weights: weights["model.norm.weight"].mul_(2))
    changed = load_oracle(oracle_folder, "cpu").digest()
    save_file({"weight": torch.ones(128, 64)}, oracle_folder / "map.safetensors")
    assert len({before, changed, load_oracle(oracle_folder, "cpu").digest()}) == 3


def test_an_adapter_of_another_base_in_the_same_folder_is_refused(adapter_folder, tmp_path):
    """A base in a folder had no revision, so that its weights could change under the adapter."""
    base = shutil.copytree(json.loads((adapter_folder / "oracle.json").read_text())["base"], tmp_path / "base")
    edit_json(adapter_folder / "oracle.json", base=str(base), base_revision=load_base(str(base))[2])
    load_oracle(adapter_folder, "cpu")
    edit_weights(base, lambda weights: weights["model.norm.weight"].mul_(2))
    refuses(adapter_folder, "but that is now")


def shard(folder):
    weights = load_file(folder / "model.safetensors")
    names = sorted(weights)
    files = {"a-1.safetensors": names[:5], "a-2.safetensors": names[5:]}
    for file, some in files.items():
        save_file({name: weights[name] for name in some}, folder / file)
    weight_map = {name: file for file, some in files.items() for name in some}
    (folder / INDEX).write_text(json.dumps({"weight_map": weight_map}))
    (folder / "model.safetensors").unlink()
    return weights


def test_sharded_weights_load_and_a_missing_shard_is_named(our_checkpoint):
    weights = shard(our_checkpoint)
    codi = load_model(str(our_checkpoint), "cpu")
    assert torch.equal(codi.embed.weight, weights["model.embed_tokens.weight"])
    (our_checkpoint / "a-2.safetensors").unlink()
    with pytest.raises(UserError, match="a-2.safetensors"):
        load_model(str(our_checkpoint), "cpu")


@pytest.mark.parametrize("tensor", [
    torch.ones(32, dtype=torch.int32), torch.ones(32, dtype=torch.bool), torch.ones(32, dtype=torch.complex64),
    torch.ones(32).to(torch.float8_e4m3fn),
])  # fmt: skip
def test_weights_that_are_no_floats_are_named(our_checkpoint, tensor):
    """Integer weights loaded, and answered 343434…"""
    edit_weights(our_checkpoint, lambda w: w.update({"model.norm.weight": tensor}))
    with pytest.raises(UserError, match="model.norm.weight"):
        load_model(str(our_checkpoint), "cpu")


def test_rounded_rotary_frequencies_are_kept(our_checkpoint, tmp_path):
    codi = load_model(str(our_checkpoint), "cpu", rotary="bfloat16")
    frequencies = codi.body.rotary_emb.inv_freq
    assert torch.equal(frequencies, frequencies.bfloat16().float())
    save_checkpoint(codi, tmp_path / "again", {})
    again = load_model(str(tmp_path / "again"), "cpu")
    assert again.rotary == "bfloat16" and torch.equal(again.body.rotary_emb.inv_freq, frequencies)
    assert not torch.equal(load_model(str(our_checkpoint), "cpu").body.rotary_emb.inv_freq, frequencies)


def test_lora_alpha_scales_the_lora(public_checkpoint):
    folder, *_ = public_checkpoint("llama", "model.safetensors")

    def weight(alpha):
        return load_model(str(folder), "cpu", lora_alpha=alpha).model.model.layers[0].mlp.up_proj.weight

    base, half, whole = weight(1e-9), weight(16), weight(None)
    assert torch.allclose(2 * (half - base), whole - base, atol=1e-5) and not torch.equal(half, whole)


def test_what_another_project_wrote_is_not_overwritten(our_checkpoint, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "config.json").write_text("{}")
    with pytest.raises(UserError, match="did not write"):
        save_checkpoint(load_model(str(our_checkpoint), "cpu"), tmp_path / "theirs", {})
    assert (tmp_path / "theirs" / "config.json").read_text() == "{}"


@pytest.mark.parametrize("arguments", [
    {"name": 5}, {"name": b"x"}, {"name": "a\0b"}, {"device": 5}, {"dtype": 3}, {"prompt_form": 5}, {"rotary": "x"},
    {"lora_alpha": "x"}, {"lora_alpha": -1},
])  # fmt: skip
def test_wrong_arguments_are_sentences(arguments):
    with pytest.raises(UserError):
        load_model(**({"name": "tiny", "device": "cpu"} | arguments))


def test_two_spaces_become_one_where_the_form_says_so():
    assert PROMPT_FORMS["official"].worded("a  b") == "a b" and PROMPT_FORMS["plain"].worded("a  b") == "a  b"


@pytest.mark.parametrize("family", ["mistral", "gpt2"])
def test_a_reply_does_not_depend_on_its_batch(family, tokenizer):
    """Queries were padded between start and end, so a window or a learned position counted the gap."""
    if family == "mistral":
        torch.manual_seed(1)
        model = MistralForCausalLM(MistralConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, sliding_window=8, max_position_embeddings=256, initializer_range=0.1,
        )).eval()  # fmt: skip
    else:
        model = random_language_model("gpt2", len(tokenizer))
    oracle = Oracle(model, tokenizer, VIEW, {"num_latent": 4})
    draw = torch.Generator().manual_seed(0)

    def ids(count):
        return torch.randint(5, 300, (count,), generator=draw).tolist()

    groups = []
    for start in (ids(20), ids(11)):
        groups.append([EncodedPrompt(start, ids(count), [], [], None) for count in (3, 9, 1, 3)])
    for prompt, reply in zip(sum(groups, []), generate_replies(oracle, groups, 8), strict=True):
        read = torch.tensor([prompt.start + prompt.end])
        for _ in range(8):
            with torch.no_grad():
                token = model(input_ids=read, use_cache=False).logits[:, -1:].argmax(-1)
            read = torch.cat([read, token], 1)
            if token == tokenizer.eos_token_id:
                break
        said = read[0, len(prompt.start + prompt.end) :]
        assert tokenizer.decode(said, skip_special_tokens=True).strip() == reply.text


@pytest.fixture
def adapter_folder(base_folder, tmp_path):
    model, _ = load_language_model(str(base_folder))
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM")
    get_peft_model(model, config).save_pretrained(tmp_path / "adapter")
    settings = json.loads((TINY_ORACLE / "oracle.json").read_text())
    settings |= {"base": str(base_folder), "base_revision": None, "tune": "lora", "vector_width": 32}
    (tmp_path / "adapter" / "oracle.json").write_text(json.dumps(settings))
    return tmp_path / "adapter"


def test_half_an_adapter_is_refused(adapter_folder):
    """peft took the keys that were there, and left the others as they were drawn."""
    load_oracle(adapter_folder, "cpu")
    path = adapter_folder / "adapter_model.safetensors"
    weights = load_file(path)
    lost = next(iter(weights))
    save_file({name: tensor for name, tensor in weights.items() if name != lost}, path)
    refuses(adapter_folder, "missing")
    save_file(weights | {lost: weights[lost] * torch.nan}, path)
    refuses(adapter_folder, "NaN")
    save_file(weights | {lost: torch.ones(3)}, path)
    refuses(adapter_folder, "misshapen")


@pytest.mark.parametrize(
    "more", [{"megatron_config": {"x": 1}, "megatron_core": "os"}, {"r": "x"}, {"peft_type": "IA3"}]
)
def test_an_adapter_that_is_no_plain_lora_is_refused(adapter_folder, more):
    """peft imports the module that `megatron_core` names."""
    edit_json(adapter_folder / "adapter_config.json", **more)
    refuses(adapter_folder, "adapter_config.json")


def test_tokenizer_code_never_runs(oracle_folder):
    auto_map = {"AutoTokenizer": ["evil.T", None]}
    edit_json(oracle_folder / "tokenizer_config.json", auto_map=auto_map, tokenizer_class="EvilTokenizer")
    refuses(oracle_folder, "never run here")


def test_a_tokenizer_of_another_size_is_refused(oracle_folder):
    """Also of an oracle that went on from another: only the embedded base's name once made it looked at."""
    shutil.copy(ROOT / "checkpoints/tiny-codi/tokenizer.json", oracle_folder)
    refuses(oracle_folder, "tokenizer")


def test_an_oracle_says_with_how_many_tokens_it_learned(lora_oracle):
    settings = json.loads((lora_oracle / "oracle.json").read_text())
    assert settings["tokens"] == len(load_oracle(lora_oracle, "cpu").tokenizer)


def test_logits_that_overflow_are_an_error(oracle_folder, tokenizer):
    model = random_language_model("gpt2", len(tokenizer))
    with torch.no_grad():
        model.transformer.ln_f.weight.fill_(torch.inf)
    oracle = Oracle(model, tokenizer, VIEW, {"num_latent": 4})
    with pytest.raises(UserError, match="overflows"):
        generate_replies(oracle, [[EncodedPrompt([5, 6], [7, 8], [], [], None)]], 2)


def test_a_local_copy_tells_its_prompt_form_by_its_tokenizer(public_checkpoint):
    """A copy of the author's checkpoint was taken for an official one."""
    folder, *_ = public_checkpoint("llama", "pytorch_model.bin")
    assert load_model(str(folder), "cpu").form == "answer-only"


def test_a_config_of_no_bytes_counts_as_missing(public_checkpoint):
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    (folder / "config.json").write_text("")
    with pytest.raises(UserError, match="no config.json, or an empty one"):
        load_model(str(folder), "cpu")


def test_a_tensor_that_a_small_file_claims_to_be_huge_is_refused(public_checkpoint):
    folder, *_ = public_checkpoint("llama", "pytorch_model.bin")
    torch.save({"codi.x": torch.ones(1).expand(10**13)}, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="codi.x"):
        load_model(str(folder), "cpu")


def test_confidence_is_the_share_that_was_right():
    """Replies of probability 0.9 of which half are right are half sure; where all are right, none is certain."""
    generator = torch.Generator().manual_seed(0)
    true = torch.rand(4000, generator=generator) * 0.9 + 0.05
    right = (torch.rand(4000, generator=generator) < true).tolist()
    claimed = torch.sigmoid(3 * torch.logit(true) + 1).tolist()  # surer than it should be, and biased
    fitted = Confidence.fit(claimed, right)
    assert all(abs(fitted.of(p) - share) < 0.05 for p, share in zip(claimed, true.tolist(), strict=True))
    always = Confidence.fit([0.99] * 50, [True] * 50)
    assert 0.97 < always.of(0.99) < 1 and Confidence().of(0.3) == pytest.approx(0.3)
    assert 0 < fitted.of(0.0) < fitted.of(1.0) < 1


@pytest.mark.parametrize(
    "value",
    [
        [], {"slope": 1.0}, {"x": 1}, *({"slope": 1.0, "intercept": 0.0, "threshold": 0.5} | more for more in (
            {"slope": "1"}, {"slope": -3.0}, {"slope": 1e308}, {"intercept": -1e308}, {"threshold": 7}, {"more": 1}))
    ],
)  # fmt: skip
def test_a_damaged_confidence_is_refused(oracle_folder, value):
    edit_json(oracle_folder / "oracle.json", confidence=value)
    refuses(oracle_folder, "confidence")


def test_an_adapter_is_bfloat16_and_knows_its_confidence(lora_oracle):
    adapter = load_file(lora_oracle / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in adapter.values()} == {torch.bfloat16}
    assert json.loads((lora_oracle / "oracle.json").read_text())["confidence"].keys() == vars(Confidence()).keys()


def test_vectors_alone_are_refused_what_they_cannot_tell(data):
    pairs = [pair for pair in read_pairs(data / "oracle_data.jsonl") if not TASKS[pair.sub_type].in_vectors]
    assert {pair.sub_type for pair in pairs} == {"norms", "asked", "about"}
    for pair in pairs:
        is_shown = "trace" in pair.shows
        assert (pair.reply_for(View(reads="vectors", vectors=("h",))) == REFUSAL) == is_shown
        assert pair.reply_for(View()) == pair.reply_for(View(reads="both", vectors=("h",))) == pair.response
