"""Checkpoints load completely, or not at all and with a sentence."""

import json
import logging
from pathlib import Path

import pytest
import torch
from accelerate.utils import check_device_map
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

import bench_codi
import placing
import tensor_files
from checkpoints import CHECKPOINTS, KNOWN_BASES, PROMPT_FORMS, repository_of
from codi_model import generate, generate_latents, generate_with_ablation
from loading import Projection, load_language_model, load_model
from scripting import UserError

LAYOUTS = [(family, file) for family in ("llama", "gpt2") for file in ("pytorch_model.bin", "model.safetensors")]


@pytest.mark.parametrize("family, file", LAYOUTS)
def test_merged_model_equals_peft_unmerged(public_checkpoint, family, file):
    folder, peft_model, prj = public_checkpoint(family, file)
    codi = load_model(str(folder), device="cpu")
    ids = torch.randint(0, 300, (2, 20), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, got = peft_model(input_ids=ids).logits, codi.model(input_ids=ids).logits
        with peft_model.disable_adapter():
            base = peft_model(input_ids=ids).logits
        hidden = torch.randn(2, 1, 32)
        assert torch.allclose(prj(hidden), codi.prj(hidden), atol=1e-6)
    assert (expected - got).abs().max() < 1e-5
    assert (expected - base).abs().max() > 0.1, "the LoRA must matter, else this test proves nothing"
    assert (codi.bot_id, codi.eot_id) == (codi.model.config.vocab_size - 2, codi.model.config.vocab_size - 1)


def test_our_folder_round_trips_exactly(our_checkpoint):
    saved = load_file(our_checkpoint / "model.safetensors")
    codi = load_model(str(our_checkpoint), device="cpu")
    language, prj = codi.model.state_dict(), codi.prj.state_dict()
    assert codi.form == "plain" and codi.num_latent == 4
    for name, tensor in saved.items():
        loaded = prj[name.removeprefix("prj.")] if name.startswith("prj.") else language[name]
        assert torch.equal(tensor, loaded), name


def test_our_folder_is_a_transformers_folder(our_checkpoint):
    codi = load_model(str(our_checkpoint), device="cpu")
    plain = LlamaForCausalLM.from_pretrained(our_checkpoint)
    ids = torch.arange(10)[None]
    with torch.no_grad():
        assert torch.equal(plain(ids).logits, codi.model(ids).logits)


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
def test_weights_alone_take_the_config_of_a_known_base(public_checkpoint, monkeypatch, file):
    """The public checkpoints bring no usable config.json."""
    folder, peft_model, _ = public_checkpoint("llama", file)
    config = peft_model.config
    (folder / "config.json").write_text("{}")
    monkeypatch.setitem(KNOWN_BASES, (config.vocab_size - 3, 32), lambda: LlamaConfig(**config.to_dict()))
    codi = load_model(str(folder), device="cpu")
    ids = torch.arange(12)[None]
    with torch.no_grad():
        assert (peft_model(input_ids=ids).logits - codi.model(input_ids=ids).logits).abs().max() < 1e-5


@pytest.mark.parametrize("gone", ["model.embed_tokens.weight", "lm_head.weight"])
def test_a_tied_tensor_may_be_saved_under_either_name(public_checkpoint, gone):
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    before = load_model(str(folder), device="cpu").embed.weight
    edit_weights(folder, lambda w: w.pop(f"codi.base_model.model.{gone}"))
    codi = load_model(str(folder), device="cpu")
    assert torch.equal(codi.embed.weight, before) and torch.equal(codi.head.weight, before)


def test_known_llama_base_has_the_llama3_rope_scaling():
    """Leaving rope_scaling out changes 17 of the 32 rotary frequencies (REFERENCE.md section 2)."""
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    scaled = LlamaRotaryEmbedding(KNOWN_BASES[128256, 2048]()).inv_freq
    plain = 500000.0 ** (-torch.arange(0, 64, 2) / 64)
    assert len(scaled) == 32 and int((~torch.isclose(scaled, plain, rtol=1e-4)).sum()) == 17


def edit_weights(folder, edit):
    weights = load_file(folder / "model.safetensors")
    edit(weights)
    save_file(weights, folder / "model.safetensors")


def refuses(folder, *words):
    with pytest.raises(UserError) as error:
        load_model(str(folder), device="cpu")
    for word in words:
        assert word in str(error.value), str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_key_is_named(our_checkpoint):
    edit_weights(our_checkpoint, lambda w: w.update({"model.surprise": torch.zeros(1)}))
    refuses(our_checkpoint, "unknown", "model.surprise")


def test_missing_key_is_named(our_checkpoint):
    edit_weights(our_checkpoint, lambda w: w.pop("model.layers.1.mlp.up_proj.weight"))
    refuses(our_checkpoint, "missing", "model.layers.1.mlp.up_proj.weight")


def test_missing_projection_is_named(our_checkpoint):
    edit_weights(our_checkpoint, lambda w: [w.pop(k) for k in list(w) if k.startswith("prj.")])
    refuses(our_checkpoint, "missing", "prj.1.weight")


def test_wrong_shape_is_named(our_checkpoint):
    edit_weights(our_checkpoint, lambda w: w.update({"model.norm.weight": torch.ones(31)}))
    refuses(our_checkpoint, "misshapen", "model.norm.weight", "(31,)")


def test_nan_weight_is_named(our_checkpoint):
    edit_weights(our_checkpoint, lambda w: w["model.norm.weight"].fill_(torch.nan))
    refuses(our_checkpoint, "NaN", "model.norm.weight")


@pytest.mark.parametrize("kept", [0, 7, 5000])
def test_cut_safetensors_is_a_sentence(our_checkpoint, kept):
    path = our_checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    refuses(our_checkpoint, "model.safetensors", "cut short")


@pytest.mark.parametrize("kept", [0, 7, 5000])
def test_cut_pickle_is_a_sentence(public_checkpoint, kept):
    folder, *_ = public_checkpoint("llama", "pytorch_model.bin")
    path = folder / "pytorch_model.bin"
    path.write_bytes(path.read_bytes()[:kept])
    refuses(folder, "pytorch_model.bin", "cut short")


def test_malicious_pickle_is_refused(public_checkpoint, tmp_path):
    folder, *_ = public_checkpoint("llama", "pytorch_model.bin")

    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save({"codi.x": Payload()}, folder / "pytorch_model.bin")
    refuses(folder, "pytorch_model.bin")
    assert not (tmp_path / "owned").exists()


def test_plain_language_model_is_refused_as_wrong_layout(our_checkpoint):
    (our_checkpoint / "codi.json").unlink()
    refuses(our_checkpoint, "known CODI layout")


def test_lora_half_missing_is_refused(public_checkpoint):
    folder, *_ = public_checkpoint("gpt2", "model.safetensors")
    key = "codi.base_model.model.transformer.h.0.attn.c_attn.lora_B.default.weight"
    edit_weights(folder, lambda w: w.pop(key))
    refuses(folder, "transformer.h.0.attn.c_attn.lora")


def test_old_buffers_are_dropped_by_name(public_checkpoint):
    folder, *_ = public_checkpoint("gpt2", "model.safetensors")
    prefix = "codi.base_model.model.transformer.h.0.attn."
    edit_weights(folder, lambda w: w.update({prefix + "bias": torch.ones(4, 4), prefix + "masked_bias": torch.ones(1)}))
    load_model(str(folder), device="cpu")


def test_empty_config_of_unknown_shape_names_the_remedy(public_checkpoint):
    """Official checkpoints came with `{}` as config.json; ours must not guess heads from shapes."""
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    (folder / "config.json").write_text("{}")
    refuses(folder, "config.json")


def test_tokenizer_of_another_model_is_refused(our_checkpoint):
    from problems import word_problems
    from train_codi import build_tokenizer

    build_tokenizer([p.question for p in word_problems("train", 50)], vocab_size=300).save_pretrained(our_checkpoint)
    refuses(our_checkpoint, "tokenizer")


def test_damaged_settings_are_a_sentence(our_checkpoint):
    (our_checkpoint / "codi.json").write_text('{"prompt_form": "pla')
    refuses(our_checkpoint, "codi.json")
    for settings, word in (
        ({"prompt_form": "sung", "num_latent": 4}, "sung"),
        ({"prompt_form": "plain", "num_latent": -1}, "num_latent"),
    ):
        (our_checkpoint / "codi.json").write_text(json.dumps(settings))
        refuses(our_checkpoint, word)


@pytest.mark.parametrize(
    "edit", [{"hidden_size": "abc"}, {"num_attention_heads": 0}, {"model_type": "t5"}, {"hidden_act": "x"}]
)
def test_damaged_config_is_a_sentence(our_checkpoint, edit):
    path = our_checkpoint / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | edit))
    refuses(our_checkpoint, "config.json")


@pytest.mark.parametrize("name", ["no-such-thing", "", "a/b/c", "README.md", "x" * 5000])
def test_unknown_name_lists_the_known(name):
    with pytest.raises(UserError, match="official-gpt2"):
        load_model(name, device="cpu")


@pytest.mark.parametrize("hub_id, parts", [
    ("gpt2", ("gpt2", "")), ("owner/name", ("owner/name", "")), ("owner/name/a/b", ("owner/name", "a/b")),
])  # fmt: skip
def test_a_hub_id_is_a_repository_and_a_path_inside(hub_id, parts):
    """Older repositories have no owner, and ended in a traceback."""
    assert repository_of(hub_id) == parts


@pytest.mark.parametrize("file", ["checkpoint_33", "model.safetensors", "model.safetensors.index.json", "a.bin"])
@pytest.mark.parametrize("load", [load_model, load_language_model])
def test_one_file_of_a_checkpoint_names_its_folder(tmp_path, load, file):
    (tmp_path / file).write_bytes(b"")
    with pytest.raises(UserError, match=f"Give its folder: {tmp_path}$"):
        load(str(tmp_path / file))


def test_a_refused_language_model_is_one_sentence_without_a_table(public_checkpoint):
    """transformers told of every key, in 30 lines."""
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    said, handler = [], logging.Handler()
    handler.emit = said.append
    transformers_logging.add_handler(handler)
    try:
        with pytest.raises(UserError, match="missing or unknown"):
            load_language_model(str(folder))
    finally:
        transformers_logging.remove_handler(handler)
    assert not said and transformers_logging.get_verbosity() == logging.WARNING


def test_unreachable_hub_names_the_embedded_checkpoint():
    with pytest.raises(UserError, match="--model tiny"):
        load_model("nobody/there", device="cpu")


def test_folder_without_weights_is_refused(tmp_path):
    refuses(tmp_path, "model.safetensors")


def test_unknown_device_and_dtype_are_refused(our_checkpoint):
    for arguments in (
        {"device": "toaster"},
        {"device": "meta"},
        {"device": "cpu", "dtype": "int3"},
        {"device": "cpu", "prompt_form": "x"},
    ):
        with pytest.raises(UserError):
            load_model(str(our_checkpoint), **arguments)


def test_bfloat16_on_request(our_checkpoint):
    codi = load_model(str(our_checkpoint), device="cpu", dtype="bfloat16")
    assert codi.model.dtype == torch.bfloat16 and codi.prj[1].weight.dtype == torch.bfloat16


def test_projection_wider_inside(our_checkpoint):
    edit_weights(
        our_checkpoint, lambda w: w.update({f"prj.{k}": v for k, v in Projection(32, 48).state_dict().items()})
    )
    assert load_model(str(our_checkpoint), device="cpu").prj[1].out_features == 48


# --- No code of a folder runs


def test_models_and_tokenizers_are_loaded_in_two_modules():
    """Where every load is told to trust no code; transformers otherwise asks on standard input, and a chat's first
    question answered it."""
    import ast

    loads = {"AutoConfig", "AutoTokenizer", "AutoModelForCausalLM"}
    for path in Path(__file__).parent.parent.glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        for node in [call for call in calls if isinstance(call.func, ast.Attribute)]:
            if isinstance(node.func.value, ast.Name) and node.func.value.id in loads:
                trust = [word.value.value for word in node.keywords if word.arg == "trust_remote_code"]
                assert path.name in ("checkpoints.py", "gguf_files.py") and trust == [False], ast.unparse(node)


@pytest.mark.parametrize("model_type", ["llama", "mine"])
def test_code_in_a_folder_is_not_run(our_checkpoint, tmp_path, monkeypatch, model_type):
    """`echo y | bench_codi.py --model FOLDER` ran the folder's Python."""
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked"))
    (our_checkpoint / "mine.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w')\n")
    for name, change in (
        ("config.json", {"model_type": model_type, "auto_map": {"AutoConfig": "mine.Config"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["mine.Tokenizer", None]}}),
    ):
        path = our_checkpoint / name
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
    if model_type == "mine":
        refuses(our_checkpoint, "never run here")
    else:
        load_model(str(our_checkpoint), device="cpu")
    assert not (tmp_path / "owned").exists()


def test_attention_code_from_the_hub_is_not_fetched(our_checkpoint):
    path = our_checkpoint / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"attn_implementation": "someone/kernel"}))
    assert load_model(str(our_checkpoint), device="cpu").model.config._attn_implementation in ("sdpa", "eager")


# --- As they were trained


def test_lora_alpha_scales_the_merge_and_an_unknown_one_is_said(public_checkpoint, capsys):
    """A checkpoint trained with 16 was merged with 32 in silence."""
    folder, peft_model, _ = public_checkpoint("llama", "model.safetensors")
    for module in peft_model.modules():
        if isinstance(getattr(module, "scaling", None), dict):
            module.scaling["default"] /= 2
    codi, ids = load_model(str(folder), device="cpu", lora_alpha=16), torch.arange(12)[None]
    assert codi.describe()["lora_alpha"] == 16
    with torch.no_grad():
        assert (peft_model(input_ids=ids).logits - codi.model(input_ids=ids).logits).abs().max() < 1e-5
    load_model(str(folder), device="cpu")
    assert "--lora-alpha 32" in capsys.readouterr().err


def test_rotary_frequencies_are_rounded_as_in_training_and_the_folder_says_so(our_checkpoint, tmp_path):
    from loading import save_checkpoint

    exact, rounded = (load_model(str(our_checkpoint), device="cpu", rotary=rotary) for rotary in (None, "bfloat16"))
    frequencies = [codi.body.rotary_emb.inv_freq for codi in (exact, rounded)]
    assert torch.equal(frequencies[0].bfloat16().float(), frequencies[1]) and not torch.equal(*frequencies)
    assert exact.describe()["rotary"] == "float32" and rounded.describe()["rotary"] == "bfloat16"
    save_checkpoint(rounded, tmp_path / "again", origin={})
    assert torch.equal(load_model(str(tmp_path / "again"), device="cpu").body.rotary_emb.inv_freq, frequencies[1])
    assert CHECKPOINTS["llama1b"].rotary == "bfloat16"


@pytest.mark.parametrize("marked, form", [(True, "answer-only"), (False, "official")])
def test_a_local_copy_is_prompted_as_its_tokenizer_tells(public_checkpoint, capsys, marked, form):
    """The author's tokenizer files have the markers; a local copy of his checkpoint was taken for an official one."""
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    if not marked:
        path = folder / "tokenizer.json"
        plain = json.loads(path.read_text())
        plain["added_tokens"] = [
            token for token in plain["added_tokens"] if not any(mark in token["content"] for mark in ("bocot", "eocot"))
        ]
        path.write_text(json.dumps(plain))
    assert load_model(str(folder), device="cpu").form == form
    assert f"--prompt-form {form}" in capsys.readouterr().err


def test_double_spaces_become_one_where_the_public_scripts_do_so():
    """336 of GSM8K's 1319 test questions have some."""
    assert PROMPT_FORMS["official"].worded("a  b.  C") == "a b. C"
    assert PROMPT_FORMS["plain"].worded("a  b") == PROMPT_FORMS["bare"].worded("a  b") == "a  b"
    assert PROMPT_FORMS["answer-only"].worded("a  b") == "a b Output only the answer and nothing else."


def test_an_empty_config_file_is_none(public_checkpoint, monkeypatch):
    folder, peft_model, _ = public_checkpoint("llama", "model.safetensors")
    (folder / "config.json").write_bytes(b"")
    config = peft_model.config
    monkeypatch.setitem(KNOWN_BASES, (config.vocab_size - 3, 32), lambda: LlamaConfig(**config.to_dict()))
    load_model(str(folder), device="cpu")


def test_sharded_weights_load_whole_or_are_refused(public_checkpoint):
    folder, *_ = public_checkpoint("llama", "model.safetensors")
    before = load_model(str(folder), device="cpu").model.state_dict()
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = {key: f"model-0000{i % 2 + 1}-of-00002.safetensors" for i, key in enumerate(sorted(weights))}
    for name in set(names.values()):
        save_file({key: weights[key] for key in names if names[key] == name}, folder / name)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": names}))
    after = load_model(str(folder), device="cpu").model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    index.write_text(json.dumps({"weight_map": dict(list(names.items())[1:])}))
    refuses(folder, "index.json", sorted(weights)[0])
    index.write_text(json.dumps({"weight_map": names | {"x": "../../etc.safetensors"}}))
    refuses(folder, "index.json")
    index.write_text(json.dumps({"weight_map": names}))
    (folder / "model-00002-of-00002.safetensors").unlink()
    refuses(folder, "model-00002-of-00002.safetensors")


@pytest.mark.parametrize("name", [None, 5, b"tiny", ["tiny"], "a\0b"])
def test_names_of_other_types_are_sentences(name):
    if name is not None:
        with pytest.raises(UserError):
            load_model(name, device="cpu")
    for wrong in ({"device": 5}, {"dtype": 3}, {"rotary": 1}, {"lora_alpha": "x"}, {"prompt_form": ["plain"]}):
        with pytest.raises(UserError):
            load_model("tiny", **{"device": "cpu"} | wrong)


# --- Where the weights go


def whole_model(folder, dtype="float32"):
    """The language model of our own layout as transformers loads it."""
    return LlamaForCausalLM.from_pretrained(folder, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_filling_gives_what_transformers_loads(our_checkpoint, dtype):
    """Parameters, buffers that no file holds, dtypes, and what is tied."""
    ours, theirs = load_model(str(our_checkpoint), device="cpu", dtype=dtype).model, whole_model(our_checkpoint, dtype)
    for parts in ("named_parameters", "named_buffers"):
        named, expected = dict(getattr(ours, parts)()), dict(getattr(theirs, parts)())
        assert named.keys() == expected.keys()
        assert all(named[name].dtype == t.dtype and torch.equal(named[name], t) for name, t in expected.items())
        assert all(t.requires_grad == expected[name].requires_grad for name, t in named.items())
    assert ours.lm_head.weight is ours.model.embed_tokens.weight
    assert not any(module.training for module in ours.modules())


def test_a_loaded_model_does_not_lean_on_its_file(our_checkpoint):
    """What was mapped from the file would change with it, or end the process with it."""
    codi = load_model(str(our_checkpoint), device="cpu")
    before = {name: tensor.clone() for name, tensor in codi.model.state_dict().items()}
    path = our_checkpoint / "model.safetensors"
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    assert all(torch.equal(tensor, before[name]) for name, tensor in codi.model.state_dict().items())


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
def test_a_file_mapped_anew_at_each_tensor_is_the_same(public_checkpoint, monkeypatch, file):
    folder, *_ = public_checkpoint("gpt2", file)
    before = load_model(str(folder), device="cpu").model.state_dict()
    maps, whole = [], tensor_files.read_tensors
    monkeypatch.setattr(tensor_files, "REMAP", 0)
    monkeypatch.setattr(tensor_files, "PIECE", 7)
    monkeypatch.setattr(tensor_files, "read_tensors", lambda path: maps.append(path) or whole(path))
    after = load_model(str(folder), device="cpu").model.state_dict()
    assert len(maps) > len(after) / 2 and all(torch.equal(before[key], after[key]) for key in before)


def test_a_file_that_is_replaced_while_it_is_read_is_refused(our_checkpoint, monkeypatch):
    """Half of the model would have been of the one, half of the other."""
    path, whole = our_checkpoint / "model.safetensors", tensor_files.TensorFile.check_finite

    def replaced(self, key, values):
        save_file(load_file(path), path.with_suffix(".new"))
        path.with_suffix(".new").rename(path)
        whole(self, key, values)

    monkeypatch.setattr(tensor_files, "REMAP", 0)
    monkeypatch.setattr(tensor_files.TensorFile, "check_finite", replaced)
    refuses(our_checkpoint, "model.safetensors", "changed while it was read")


def test_a_pickle_of_old_is_read_whole(public_checkpoint, monkeypatch):
    folder, *_ = public_checkpoint("llama", "pytorch_model.bin")
    before = load_model(str(folder), device="cpu").model.state_dict()
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    torch.save(weights, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    monkeypatch.setattr(tensor_files, "REMAP", 0)
    after = load_model(str(folder), device="cpu").model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


@pytest.mark.slow
def test_loading_allocates_little_besides_the_model(monkeypatch):
    """It held the file, a state dict with the LoRA merged in float32, and the model at once."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "benchmarks")
    from bench_memory import MIB, measure

    took = measure("pytorch_model.bin", 512, 1000)
    assert took["model"] > 110 * MIB
    assert took["allocated"] - took["model"] < 90 * MIB
    assert took["peak"] - took["model"] < 180 * MIB


# --- Over several devices

STORY = "Ava has 3 pens. Ben has 4. How many?"
MAPS = {
    "one part": {"": "cpu"},
    "two parts": {"model.layers.0": "cpu", "model.layers.1": "disk"},
    "all on disk": {"model.layers": "disk"},
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("form", ["ours", "public"])
def test_a_model_spread_over_devices_thinks_and_answers_alike(our_checkpoint, public_checkpoint, name, form):
    """The tests have no second GPU; blocks on disk go the same way, and do not stand in memory."""
    folder = our_checkpoint if form == "ours" else public_checkpoint("llama", "model.safetensors")[0]
    plain, spread = (load_model(str(folder), **more) for more in ({"device": "cpu"}, {"device_map": MAPS[name]}))
    on_disk = [name for name, p in spread.model.named_parameters() if p.device.type == "meta"]
    assert {key.split(".")[2] for key in on_disk} == {"one part": set(), "two parts": {"1"}}.get(name, {"0", "1"})
    assert spread.device.type == "cpu" and spread.prj[1].weight.device.type == "cpu"
    for ask in (generate, generate_with_ablation):
        more = [1] if ask is generate_with_ablation else []
        assert ask(*plain, STORY, *more, max_new_tokens=8) == ask(*spread, STORY, *more, max_new_tokens=8)
    assert torch.equal(generate_latents(*plain, STORY)["h"], generate_latents(*spread, STORY)["h"])


def test_the_folder_of_what_is_on_disk_goes_with_the_model(our_checkpoint):
    codi = load_model(str(our_checkpoint), device_map=MAPS["all on disk"])
    folder = Path(codi.model.spread_folder.name)
    assert any(folder.iterdir())
    codi.model.spread_folder.cleanup()
    assert not folder.exists()


def test_auto_keeps_all_but_blocks_on_the_first_gpu_and_fills_the_others_evenly(our_checkpoint, monkeypatch):
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(num_hidden_layers=6, hidden_size=32, intermediate_size=64, vocab_size=99))
    block = sum(4 * p.numel() for p in model.model.layers[0].parameters())
    outer = sum(4 * p.numel() for p in model.parameters()) - 6 * block
    outside = ("model.embed_tokens", "model.norm", "model.rotary_emb", "lm_head")

    def blocks(**room):
        monkeypatch.setattr(
            placing, "room_here", lambda: {int(k[1:]) if k[0] == "g" else k: v for k, v in room.items()}
        )
        places = placing.device_map_of(model, "auto")
        check_device_map(model, places)
        first = next(iter(places.values()))
        assert {part: device for part, device in places.items() if "layers" not in part} == dict.fromkeys(
            outside, first
        )
        return [places[f"model.layers.{number}"] for number in range(6)]

    assert blocks(g0=outer + 99 * block, cpu=0) == [0] * 6
    assert blocks(g0=outer + 9 * block, g1=9 * block, cpu=0) in ([0] * 3 + [1] * 3, [0] * 4 + [1] * 2)
    assert blocks(g0=outer + 3 * block, g1=3 * block, cpu=99 * block)[-1] in ("cpu", 1)
    assert blocks(cpu=outer + 99 * block) == ["cpu"] * 6
    mixed = blocks(cpu=outer + 4 * block)
    assert mixed[0] == "cpu" and mixed[-1] == "disk"


def test_a_script_answers_alike_with_device_map_auto(our_checkpoint, tmp_path, monkeypatch, short_answers, capsys):
    """Half of the blocks have no room but on disk."""
    model = load_model(str(our_checkpoint), device="cpu").model
    block = sum(4 * p.numel() for p in model.model.layers[0].parameters())
    outer = sum(4 * p.numel() for p in model.parameters()) - 2 * block
    monkeypatch.setattr(placing, "room_here", lambda: {"cpu": outer + 2 * block - 1})
    results = []
    for more in (["--device", "cpu"], ["--device-map", "auto"]):
        output = tmp_path / f"{more[0]}.json"
        data = ["--model", str(our_checkpoint), "--data", "word-problems", "-n", "4", "--output", str(output)]
        bench_codi.main([*data, *more])
        results.append([row["response"] for row in json.loads(output.read_text())["reasoning"]["details"]])
    assert results[0] == results[1] and "blocks on disk, all else on cpu" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more, word",
    [
        ({"device_map": "auto", "device": "cpu"}, "both say where"),
        ({"device_map": "balanced"}, "auto"),
        ({"device_map": {}}, "auto"),
        ({"device_map": {"model.layers.0": "cpu"}}, "model.layers.1"),
    ],
)
def test_device_maps_that_make_no_sense_are_refused(our_checkpoint, more, word):
    with pytest.raises(UserError, match=word):
        load_model(str(our_checkpoint), **more)


def test_a_device_map_under_torchrun_is_refused(our_checkpoint, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="without torchrun"):
        load_model(str(our_checkpoint), device_map="auto")
