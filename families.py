"""
The families of public latent reasoners, one row of FAMILIES each: what their files do not say, as data.

A row says under which names its checkpoints are asked for, how their keys map to a language model and what feeds a
step back, which rows of the vocabulary are the markers, and how questions are worded. `checkpoints.py` reads files by
it, `loading.py` builds by it, and nothing after that asks which family a model is of: adding a family is one row here
and one test in tests/test_families.py.

A folder of one's own is told by `family_of`: the first row that its keys, its vocabulary and its tokenizer fit, unless
another that they fit would run it otherwise. Facts about the checkpoints: their files, cards and loaders.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from os.path import commonprefix

from transformers import GPT2Config, LlamaConfig, PreTrainedConfig, Qwen3Config

from scripting import UserError

# --- Prompt forms ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PromptForm:
    """What stands around a question, as data.

    `latent`, `direct` and `verbal` list the markers after question and suffix, up to where that mode begins to
    think or speak; in the latent and direct modes `opening` then opens the answer. Training also needs the markers
    between a verbal chain and its answer, and how the answer is worded.
    """

    suffix: str
    latent: tuple[str, ...]
    direct: tuple[str, ...]
    verbal: tuple[str, ...]
    chain_end: tuple[str, ...] = ("eot",)
    answer: str = "{answer}"
    single_spaces: bool = False  # whether two spaces in a question become one, as in the public test scripts
    opening: tuple[str, ...] = ("eot",)

    def worded(self, question: str) -> str:
        """What is asked in words: the question and the suffix."""
        return (question.replace("  ", " ") if self.single_spaces else question) + self.suffix

    @property
    def shared(self) -> tuple[str, ...]:
        """The markers with which all three modes begin, so that one encoding of the question serves all."""
        return commonprefix([self.latent, self.direct, self.verbal])


OFFICIAL_ANSWER = "The answer is: {answer}"
PROMPT_FORMS = {
    # bcywinski/codi_llama1b-answer_only
    "answer-only": PromptForm(
        " Output only the answer and nothing else.", ("eos", "bot"), ("eos",), ("eos", "bot"), single_spaces=True
    ),
    # zen-E/CODI-*: trained without EOS; its teacher reads no marker before the chain
    "official": PromptForm("", ("bot",), ("bot",), (), (), OFFICIAL_ANSWER, single_spaces=True),
    # the official script with remove_eos False
    "official-eos": PromptForm(
        "", ("eos", "bot"), ("eos", "bot"), (), (), OFFICIAL_ANSWER, single_spaces=True, opening=("eot", "eos")
    ),
    # the start and end markers of Coconut are bot and eot here; its chains are from before it had any
    "coconut": PromptForm("\n", ("bot",), ("bot",), (), (), "### {answer}"),
    # what an earlier implementation fed to every checkpoint; reproduces its figures
    "bare": PromptForm("", ("bot",), ("bot",), ("bot",), chain_end=()),
    # checkpoints/tiny-codi: answer-only without the English suffix
    "plain": PromptForm("", ("eos", "bot"), ("eos",), ("eos", "bot")),
}

# --- Rows -----------------------------------------------------------------------------------------------------

LORA_ALPHA = 32  # of every published training script, with r 128; the files hold r but not alpha
NUM_LATENT = 6  # latent steps of nearly every published checkpoint
ROTARY = ("float32", "bfloat16")  # what the rotary frequencies are rounded to

# The vocabulary rows that training added, in their order: what each is for, and its text where a tokenizer has it.
CODI_MARKERS = {"pad": "[PAD]", "bot": "<|bocot|>", "eot": "<|eocot|>"}
TWO_MARKERS = {"bot": "<|bocot|>", "eot": "<|eocot|>"}  # of a base whose tokenizer had its own padding
COCONUT_MARKERS = {"bot": "<|start-latent|>", "eot": "<|end-latent|>", "pad": "<|latent|>"}
MARKERS = tuple(CODI_MARKERS.values())  # the three rows that training here adds

# What makes z of h: the names of its tensors. "identity" feeds the hidden state itself back, "pause" one learned vector
# whatever was thought: the control that says what of an answer is due to thoughts, and what to more positions.
FEEDS = {
    "mlp-ln": ("1.weight", "1.bias", "3.weight", "3.bias", "ln.weight", "ln.bias"),
    "mlp": ("1.weight", "1.bias", "3.weight", "3.bias"),
    "identity": (),
    "pause": ("pause",),
}


@dataclass(frozen=True)
class Family:
    """Checkpoints that are written, prompted and run alike: what their files do not say."""

    # what --model may say, and the Hub id it stands for, with a path inside where a repository holds several
    names: dict[str, str] = field(default_factory=dict)
    form: str = "official"  # key of PROMPT_FORMS
    language: str = "codi."  # what the language model's keys begin with
    feeds: str = "mlp-ln"  # key of FEEDS
    projection: tuple[str, ...] = ("prj.",)  # what the keys of that module begin with
    apart: bool = False  # whether they may stand in a file of their own, which can be lost
    dropped: tuple[str, ...] = ()  # what keys begin with that training used and answering does not
    markers: dict[str, str] = field(default_factory=lambda: CODI_MARKERS)
    named: bool = False  # whether a folder is only taken for one of these if its tokenizer names the markers
    shape: tuple[int, int] | None = None  # the one original vocabulary and hidden size, of a row for one base
    files: tuple[str, ...] = ("model.safetensors", "pytorch_model.bin")  # the weights on the Hub; the first is taken
    adapter: bool = False  # whether it is a peft repository over a base
    num_latent: int = NUM_LATENT
    lora_alpha: float = LORA_ALPHA
    rotary: str = "float32"  # of ROTARY

    def ids(self, rows: int) -> dict[str, int]:
        """Which rows of a vocabulary of `rows` are the markers."""
        return dict(zip(self.markers, range(rows - len(self.markers), rows), strict=True))


COCONUT = {"form": "coconut", "language": "base_causallm.", "feeds": "identity", "projection": ()}
LATENT_TTS = {"language": "", "markers": COCONUT_MARKERS, "named": True}  # plain Hugging Face folders
ADAPTER = {
    "form": "answer-only", "adapter": True, "apart": True, "markers": TWO_MARKERS,
    "files": ("adapter_model.safetensors", "adapter_model.bin"),
}  # fmt: skip
CURRICULUM = "bmarti44/coconut-curriculum-checkpoints"
# Of rows that all fit a folder and run it alike the first is taken.
FAMILIES = {
    # its author's class rounds the frequencies with all else, in training as in testing (REFERENCE.md section 8)
    "answer-only-1b": Family(
        {"llama1b": "bcywinski/codi_llama1b-answer_only"},
        "answer-only", named=True, shape=(128256, 2048), rotary="bfloat16",
    ),
    "answer-only-qwen3": Family(
        {"qwen3-8b": "cds-jb/codi_qwen3-8b-answer_only"},
        "answer-only", named=True, shape=(151669, 4096), markers=TWO_MARKERS,
    ),
    "answer-only": Family(form="answer-only", named=True),
    "official": Family(
        {"official-llama1b": "zen-E/CODI-llama3.2-1b-Instruct", "official-gpt2": "zen-E/CODI-gpt2"}
    ),
    "official-no-ln": Family(feeds="mlp"),  # its option prj_no_ln
    "official-no-prj": Family(feeds="identity", projection=()),  # use_prj False
    "official-eos": Family(form="official-eos"),  # remove_eos False, which no key tells
    # decoder.* was taught to word each step
    "simcot": Family(
        {
            "simcot-llama1b": "internlm/SIM_COT-LLaMA3-CODI-1B", "simcot-llama3b": "internlm/SIM_COT-LLaMA3-CODI-3B",
            "simcot-llama8b": "internlm/SIM_COT-LLaMA3-CODI-8B", "simcot-gpt2": "internlm/SIM_COT-GPT2-CODI",
        },
        dropped=("decoder.", "pj_in.", "pj_out."),
        files=("model.safetensors", "model-00001-of-00001.safetensors", "pytorch_model.bin"),
    ),
    # embedding.* is the token embedding once more, which its class held twice
    "coconut": Family(
        {
            "coconut-gsm8k": "connordilgren/gpt2-gsm8k-coconut", "coconut-prosqa": "connordilgren/gpt2-prosqa-coconut",
            "coconut-prontoqa": "connordilgren/gpt2-prontoqa-coconut",
            "coconut-curriculum": f"{CURRICULUM}/coconut/checkpoint_best",
        },
        **COCONUT, dropped=("embedding.",), markers=COCONUT_MARKERS, files=("checkpoint_33", "checkpoint_28"),
    ),
    "simcot-coconut": Family(
        {"simcot-coconut": "internlm/SIM_COT-GPT2-Coconut"},
        **COCONUT, dropped=("expainable_llm.", "embedding."), markers=COCONUT_MARKERS,  # spelled so
        files=("checkpoint_28", "checkpoint_33"),
    ),
    # the control of Coconut: one learned vector is fed in place of every thought, in one pass or in several, which is
    # the same once it is trained
    "coconut-pause": Family(
        {
            "pause-curriculum": f"{CURRICULUM}/pause-curriculum/checkpoint_best",
            "pause-multipass": f"{CURRICULUM}/pause-multipass/checkpoint_best",
        },
        **COCONUT | {"feeds": "pause", "projection": ("pause_embedding",)},
        dropped=("embedding.",), markers=COCONUT_MARKERS,
    ),
    "latent-tts-codi": Family(
        {"latent-tts-codi": "ModalityDance/latent-tts-codi"},
        projection=("projector.", "prj."), apart=True, **LATENT_TTS,
    ),
    "latent-tts-coconut": Family(
        {"latent-tts-coconut": "ModalityDance/latent-tts-coconut"}, **COCONUT | LATENT_TTS
    ),
    # not seen: that these are worded as the checkpoint they are named after
    "adapter": Family({"pointer-chase": "cds-jb/qwen3-8b-codi-pointer-chase"}, **ADAPTER),
    "adapter-8": Family({"multihop-recall": "cds-jb/qwen3-8b-codi-multihop-recall"}, **ADAPTER, num_latent=8),
}  # fmt: skip
CHECKPOINTS = {name: family for family in FAMILIES.values() for name in family.names}
HUB_IDS = {name: hub_id for family in FAMILIES.values() for name, hub_id in family.names.items()}
EMBEDDED = {"tiny": "tiny-codi", "tiny-plain": "tiny-plain", "tiny-pause": "tiny-pause"}  # name: folder in checkpoints/
NAMES = (*EMBEDDED, *CHECKPOINTS)  # what --model may say besides a Hub id and a folder
MODEL_HELP = f"{', '.join(NAMES)}, a Hub id, or a local folder (default: llama1b with CUDA, else tiny)"

# --- Bases ----------------------------------------------------------------------------------------------------


def llama3(width: int, mlp: int, layers: int, heads: int, head_dim: int, factor: float, tied: bool) -> LlamaConfig:
    """Of meta-llama/Llama-3.*-Instruct, config.json: without the llama3 rope scaling 17 of the 32 rotary frequencies of
    the 1B differ."""
    return LlamaConfig(
        vocab_size=128256,
        hidden_size=width,
        intermediate_size=mlp,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=8,
        head_dim=head_dim,
        rms_norm_eps=1e-5,
        max_position_embeddings=131072,
        tie_word_embeddings=tied,
        bos_token_id=128000,
        eos_token_id=128009,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": factor,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    )


def qwen3_8b() -> Qwen3Config:
    """Of Qwen/Qwen3-8B, config.json."""
    return Qwen3Config(
        vocab_size=151669,
        hidden_size=4096,
        intermediate_size=12288,
        num_hidden_layers=36,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=128,
        rms_norm_eps=1e-6,
        max_position_embeddings=40960,
        tie_word_embeddings=False,
        bos_token_id=151643,
        eos_token_id=151645,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
    )


# The public checkpoints hold weights only, so the configs of their bases are here, by (vocabulary, hidden size).
KNOWN_BASES = {
    (128256, 2048): lambda: llama3(2048, 8192, 16, 32, 64, 32.0, tied=True),  # 3.2 1B
    (128256, 3072): lambda: llama3(3072, 8192, 28, 24, 128, 32.0, tied=True),  # 3.2 3B
    (128256, 4096): lambda: llama3(4096, 14336, 32, 32, 128, 8.0, tied=False),  # 3.1 8B
    (151669, 4096): qwen3_8b,
    (50257, 768): GPT2Config,  # openai-community/gpt2 is GPT2Config's own defaults
}
# Where a public checkpoint without tokenizer files finds its base's tokenizer, ungated, tried in order.
BASE_TOKENIZERS = {
    "llama": (HUB_IDS["llama1b"], "unsloth/Llama-3.2-1B-Instruct"),
    "gpt2": ("openai-community/gpt2", "distilbert/distilgpt2"),
    "qwen3": (HUB_IDS["qwen3-8b"], "Qwen/Qwen3-8B"),
}

# What keys of some family begin with, so that none of them is taken for a plain language model's.
PREFIXES = tuple({prefix for row in FAMILIES.values() for prefix in (row.language, *row.projection) if prefix})

# --- Keys -----------------------------------------------------------------------------------------------------

EMBEDDING = re.compile(r"(^|\.)(embed_tokens|wte|embed_in|word_embeddings)\.weight$")
# Buffers that old transformers saved beside the weights; the model computes them itself.
DROPPED_KEYS = re.compile(r"(\.rotary_emb\.inv_freq|\.attn\.bias|\.attn\.masked_bias)$")
LORA_ENDS = ("A.default.weight", "B.default.weight")


def part_of(family: Family, key: str) -> tuple[str, str]:
    """Where a key of a checkpoint belongs, and its name there: "language", "lora" (as module:A or module:B),
    "projection", "dropped" or "unknown"."""
    if DROPPED_KEYS.search(key) or key.startswith(family.dropped):
        return "dropped", key
    prefix = next((prefix for prefix in family.projection if key.startswith(prefix)), None)
    if prefix is not None:
        # one module in a row of its own, where the layer norm is the fifth; a pause token is all that its prefix names
        return "projection", re.sub(r"^4\.", "ln.", key.removeprefix(prefix)) or "pause"
    if not key.startswith(family.language) or (not family.language and key.startswith(PREFIXES)):
        return "unknown", key
    plain = key.removeprefix(family.language).removeprefix("base_model.model.")
    module, lora, rest = plain.partition(".lora_")
    if not lora:
        return "language", plain.replace(".base_layer.", ".")
    return ("lora", f"{module}:{rest[0]}") if rest in LORA_ENDS else ("unknown", key)


def parts_of(family: Family, keys: Collection[str]) -> dict[str, dict[str, str]]:
    """{part: {name there: key}} of all keys, as part_of() has the parts; unknown are half a LoRA and a second key of
    one name."""
    parts = {part: {} for part in ("language", "lora", "projection", "dropped", "unknown")}
    for key in keys:
        part, name = part_of(family, key)
        parts["unknown" if name in parts[part] else part][name] = key
    for name in list(parts["lora"]):
        module, _, letter = name.partition(":")
        if f"{module}:{'BA'[letter == 'B']}" not in parts["lora"] or f"{module}.weight" not in parts["language"]:
            parts["unknown"][name] = parts["lora"][name]
    return parts


# --- Which family a folder is of ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a folder shows of itself."""

    keys: Collection[str]
    shape: tuple[int, int] | None  # rows and width of its token embedding
    vocabulary: dict[str, int]  # of its own tokenizer, else empty
    adapter: bool = False


def misfits(family: Family, seen: Evidence, asked: bool = False) -> list[str]:
    """Why a folder is none of a family's, each reason a few words; none if it is one. Of a family that was asked for,
    what only tells it from others need not be shown."""
    parts, reasons = parts_of(family, seen.keys), []
    if family.adapter != seen.adapter:
        reasons.append("not an adapter repository" if family.adapter else "an adapter repository")
    if parts["unknown"]:
        reasons.append(f"unknown keys {named(list(parts['unknown'].values()))}")
    if not parts["language"]:
        reasons.append(f"no {family.language}* keys")
    missing = [name for name in FEEDS[family.feeds] if name not in parts["projection"]]
    extra = [key for name, key in parts["projection"].items() if name not in FEEDS[family.feeds]]
    if missing:
        keys = family.projection if family.feeds == "pause" else [f"{family.projection[0]}{name}" for name in missing]
        reasons.append(f"missing {named(keys)}")
    if extra:
        reasons.append(f"unknown keys {named(extra)}")
    if family.named and not asked and not {family.markers["bot"], family.markers["eot"]} <= seen.vocabulary.keys():
        reasons.append(f"its tokenizer does not name {family.markers['bot']}")
    if seen.shape and family.shape and not asked:
        original = (seen.shape[0] - len(family.markers), seen.shape[1])
        if original != family.shape:
            reasons.append(f"a base of {original[0]} x {original[1]}, not {family.shape[0]} x {family.shape[1]}")
    return reasons + ([misplaced(family, seen)] if seen.shape and misplaced(family, seen) else [])


def misplaced(family: Family, seen: Evidence) -> str | None:
    """The first marker that the tokenizer has elsewhere than the family does."""
    for role, where in family.ids(seen.shape[0]).items():
        text = family.markers[role]
        if role != "pad" and seen.vocabulary.get(text, where) != where:
            return f"{text} is token {seen.vocabulary[text]} in its tokenizer, not {where}"
    foreign = {CODI_MARKERS["bot"], COCONUT_MARKERS["bot"]} - {family.markers["bot"]}
    stray = sorted(foreign & seen.vocabulary.keys())
    return f"its tokenizer names {stray[0]}" if stray else None


def family_of(folder, seen: Evidence) -> str:
    """The key of FAMILIES whose row a folder fits; UserError names the nearest, or those that would run it in several
    ways."""
    fitting = [name for name, family in FAMILIES.items() if not misfits(family, seen)]
    if not fitting:
        raise UserError(f"{folder} is not in a known CODI layout. {nearest(seen)}")
    runs = {}
    for name in [*fitting, *(name for name in FAMILIES if lost_projection(FAMILIES[name], seen))]:
        runs.setdefault((FAMILIES[name].feeds, FAMILIES[name].num_latent), name)
    if len(runs) > 1:
        told = [f"{name} ({steps} latent steps, fed by {feeds})" for (feeds, steps), name in runs.items()]
        raise UserError(
            f"{folder} may be of {' or '.join(told)}, and its files do not tell, or "
            f"one is missing. Say which: --family {' or --family '.join(runs.values())}"
        )
    return fitting[0]


def lost_projection(family: Family, seen: Evidence) -> bool:
    """Whether a folder is of a family but for the file of what feeds a step back."""
    return family.apart and not misfits(replace(family, feeds="identity"), seen)


def check_family(folder, name: str, seen: Evidence) -> None:
    """UserError unless a folder is of the family that was asked for; it names what the folder is nearer to."""
    reasons = misfits(FAMILIES[name], seen, asked=True)
    if reasons:
        raise UserError(f"{folder} is not in the layout of {name}: {'; '.join(reasons)}. {nearest(seen, name)}")


def nearest(seen: Evidence, but: str | None = None) -> str:
    """A sentence with the three rows that come nearest to what a folder shows, and why they do not fit."""

    def distance(family: Family) -> tuple:
        parts, reasons = parts_of(family, seen.keys), misfits(family, seen)
        return (len(parts["unknown"]) + len(reasons) if reasons else -1, len(parts["dropped"]))

    rows = sorted((name for name in FAMILIES if name != but), key=lambda name: distance(FAMILIES[name]))[:3]
    told = [f"{name} ({'; '.join(misfits(FAMILIES[name], seen)) or 'fits'})" for name in rows]
    return f"Nearest: {', '.join(told)}. Give --model a CODI checkpoint: {MODEL_HELP}."


def named(keys: list[str]) -> str:
    """A few of many keys, for an error message."""
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def base_config(rows: int, width: int, added: int) -> PreTrainedConfig | None:
    """The config of a known base with `added` rows of vocabulary; None where none has that shape."""
    known = KNOWN_BASES.get((rows - added, width))
    return known() if known else None
