"""
Traces on disk: one JSON line per question, a meta file and the latent vectors beside them.

    from traces import read_traces, read_meta, Vectors
    for trace in read_traces(Path("traces_test.jsonl")): ...
    Vectors(Path("traces_test.jsonl"))[7]["h"]

`traces_test.jsonl` stands beside `traces_test.meta.json` (settings, versions, counts) and, where vectors were asked
for, `traces_test.vectors-00000.safetensors` and so on. collect_traces.py writes them; the oracle's scripts read them.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from answers import JUDGES, is_right, same_answer
from files import check_fields, check_hash, meta_path, parse_json, read_meta, vectors_path
from scripting import UserError

SPARSE_BELOW = 0.01  # |h| under this counts as zero in `sparsity`
MOST_QUESTIONS = 2**32 - 1
VECTORS_PER_FILE = 2048  # questions; 13 vectors of LLaMA-1B in bfloat16 are 53 kB a question
ANEW = "Collect the traces again, with --vectors."
COLLECT = "Make it with: python collect_traces.py --output {}"


@dataclass(frozen=True)
class StepReading:
    """What one hidden state looks like: its logit lens over the original vocabulary, and its size. Names as in earlier
    trace files."""

    top_k_ids: list[int]
    top_k_tokens: list[str]
    top_k_probs: list[float]
    entropy: float  # nats, of the whole lens distribution
    norm: float
    sparsity: float  # share of |h| < SPARSE_BELOW
    cosine_to_prev: float | None  # None for h[-1]


@dataclass
class Trace:
    """One question's record. Steps count from 0; step -1 is the encoded question, before any latent step.

    `steps[i]` is a StepReading as a dict with `step`. `ablations["zero_step0"]` is the answer with z[0] zeroed, and
    `changed` says for the same keys whether that is another answer than `output`. `early_decodes[k]` is the answer
    after step k - 1. `lens[k]` lists for step k - 1 the top-1 reading of each chosen layer. `donor` is the index of the
    question whose z every `swap` took. `patches` lists runs that consumed the donor's z at `steps`, with what they
    answered after each step, and from step -1 on the top lens token of the state that each step left.
    """

    index: int
    question: str
    gold_answer: float | str | None
    output: str
    no_reasoning_output: str | None  # None where it was not collected
    steps: list[dict]
    ablations: dict[str, str] = field(default_factory=dict)
    early_decodes: list[dict] = field(default_factory=list)
    # the fields above are those of earlier traces, the fields below are ours
    gold_chain: str | None = None
    correct: bool | None = None
    encoding: dict | None = None
    changed: dict[str, bool] = field(default_factory=dict)
    donor: int | None = None
    lens: list[list[dict]] = field(default_factory=list)
    patches: list[dict] = field(default_factory=list)
    judge: str = "number"  # key of answers.JUDGES; traces of earlier versions are judged so

    def is_right(self, text: str) -> bool:
        """Whether an answer to its question is the gold one."""
        return is_right(text, self.gold_answer, self.judge, self.question)

    def same(self, first: str, second: str) -> bool:
        """Whether two answers to its question come to the same."""
        return same_answer(first, second, self.judge, self.question)

    def to_json(self) -> str:
        """One line, without its newline."""
        return json.dumps(rounded(vars(self)), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str | bytes, where: str) -> "Trace":
        """The record of one line; `where` names it in the UserError that a malformed one raises."""
        try:
            row = parse_json(line)
        except ValueError as error:
            raise UserError(f"{where}: not valid JSON ({str(error)[:80]}). Was the file cut short?") from error
        if not isinstance(row, dict):
            raise UserError(f"{where}: expected a trace, found {type(row).__name__}.")
        known = {f.name for f in fields(cls)}
        missing = [name for name in REQUIRED if name not in row]
        if missing:
            raise UserError(f"{where}: the trace has no {', '.join(missing)}. {COLLECT.format('traces.jsonl')}")
        trace = cls(**{name: value for name, value in row.items() if name in known})
        trace.check(where)
        return trace

    def check(self, where: str) -> None:
        for fault in self.faults():
            raise UserError(f"{where}: {fault}.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the record, each for a sentence; what comes later is told only of a record without the
        faults before."""
        for name, (kinds, inner) in TYPES.items():
            value = getattr(self, name)
            items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
            if type(value) not in kinds or not all(type(item) in inner for item in items):
                yield f"{name} is {str(value)[:60]!r}, not what a trace holds there"
        if self.judge not in JUDGES:
            yield f"judge is {self.judge[:60]!r}; known are {', '.join(JUDGES)}"
        elif not isinstance(self.gold_answer, NUMBER_OR_NONE if self.judge == "number" else (str, type(None))):
            yield f"gold_answer is {str(self.gold_answer)[:60]!r}, not what the judge {self.judge} compares with"
        if self.encoding is not None and not is_reading(self.encoding):
            yield "encoding is no reading of a hidden state"
        for i, reading in enumerate(self.steps):
            if not is_reading(reading) or not is_number(reading.get("step"), i, i + 1):
                yield f"steps[{i}] is no reading of a hidden state"
        if self.early_decodes and len(self.early_decodes) != len(self.steps) + 1:
            yield f"{len(self.early_decodes)} early_decodes for {len(self.steps)} steps"
        for i, decode in enumerate(self.early_decodes):
            if not is_decode(decode, i - 1):
                yield f"early_decodes[{i}] is no answer after step {i - 1}"
        for i, patch in enumerate(self.patches):
            if fault := patch_fault(patch, len(self.steps)):
                yield f"patches[{i}] {fault}"
        if not all(is_lens_entry(entry) for state in self.lens for entry in state):
            yield "lens is no list of top-1 readings"
        for name, number in (("index", self.index), ("donor", self.donor or 0)):
            if not is_number(number):
                yield f"{name} is {str(number)[:20]}, not a number from 0 to {MOST_QUESTIONS}"

    @property
    def num_latent(self) -> int:
        return len(self.steps)


REQUIRED = tuple(f.name for f in fields(Trace) if f.default is f.default_factory is MISSING)
NUMBER_OR_NONE = (int, float, type(None))
TYPES = {  # field: (its types, its items' types)
    "index": ((int,), ()),
    "question": ((str,), ()),
    "gold_answer": ((int, float, str, type(None)), ()),
    "output": ((str,), ()),
    "no_reasoning_output": ((str, type(None)), ()),
    "steps": ((list,), (dict,)),
    "ablations": ((dict,), (str,)),
    "early_decodes": ((list,), (dict,)),
    "gold_chain": ((str, type(None)), ()),
    "correct": ((bool, type(None)), ()),
    "encoding": ((dict, type(None)), (list, int, float, type(None))),
    "changed": ((dict,), (bool,)),
    "donor": ((int, type(None)), ()),
    "lens": ((list,), (list,)),
    "patches": ((list,), (dict,)),
    "judge": ((str,), ()),
}


def is_number(value, low: int = 0, end: int = MOST_QUESTIONS + 1) -> bool:
    """Whether `value` is a whole number of low … end - 1."""
    return type(value) is int and low <= value < end


def is_decode(row, step: int) -> bool:
    """Whether `row` holds the answer after `step`."""
    return isinstance(row, dict) and is_number(row.get("after_step"), step, step + 1) and type(row.get("output")) is str


def patch_fault(patch: dict, steps: int) -> str | None:
    """What is wrong with a patched run's record, of a trace of so many steps; None if nothing is."""
    decodes, tops = patch.get("early_decodes"), patch.get("top_tokens")
    if not is_number(patch.get("donor")) or type(patch.get("steps")) is not list or type(decodes) is not list:
        return "has no donor, steps or early_decodes"
    if not all(is_number(step, 0, steps) for step in patch["steps"]):
        return "names steps that the trace has not"
    if len(decodes) != steps + 1 or not all(map(is_decode, decodes, range(-1, steps))):
        return "has no answer after each step"
    if type(tops) is not list or len(tops) != len(decodes) or not all(isinstance(top, str) for top in tops):
        return "has no top token for each step. Collect anew"
    return None if type(patch.get("output")) is str else "has no output"


def is_lens_entry(row) -> bool:
    kinds = {"layer": (int,), "id": (int,), "token": (str,), "prob": (int, float)}
    return isinstance(row, dict) and all(type(row.get(name)) in types for name, types in kinds.items())


def is_reading(row: dict) -> bool:
    """Whether `row` holds what a StepReading does."""
    top = [row.get(name) for name in ("top_k_ids", "top_k_tokens", "top_k_probs")]
    kinds = zip(top, ((int,), (str,), (int, float)), strict=True)
    return (
        all(isinstance(values, list) and all(type(v) in types for v in values) for values, types in kinds)
        and len({len(values) for values in top}) == 1
        and bool(top[0])
        and all(type(row.get(name)) in (int, float) for name in ("entropy", "norm", "sparsity"))
        and type(row.get("cosine_to_prev")) in NUMBER_OR_NONE
    )


def rounded(value):
    """`value` with every float inside at six significant digits, as float32 has little more."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else value
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


# --- Reading ----------------------------------------------------------------------------------------------------


def read_traces(path: Path) -> Iterator[Trace]:
    """Every record of a trace file, in its order, one at a time. UserError for a file that is missing, empty or
    malformed, for a record whose number of latent steps is another than that of the first, and for a question twice."""
    if meta_path(path).exists() and path.exists():
        read_meta(path, COLLECT.format(path))
    first, seen = None, set()
    for number, line in lines_of(path, COLLECT.format(path)):
        trace = Trace.from_json(line, f"{path}:{number}")
        first = trace if first is None else first
        if trace.num_latent != first.num_latent:
            raise UserError(
                f"{path}:{number}: {trace.num_latent} latent steps, but the first record has {first.num_latent}. "
                "Traces of different models do not belong in one file."
            )
        if trace.index in seen:
            raise UserError(f"{path}:{number}: question {trace.index} stands in the file twice. Keep one record each.")
        seen.add(trace.index)
        yield trace


def settings_of(path: Path, remedy: str) -> dict:
    """How a stage's output was made, in the words of its meta file."""
    return check_fields(read_meta(path, remedy), {"settings": (dict,)}, str(meta_path(path)), remedy)["settings"]


def lines_of(path: Path, remedy: str) -> Iterator[tuple[int, str]]:
    """(number, line) of every line that is not blank. UserError with the `remedy` where there is none."""
    try:
        empty = True
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    empty = False
                    yield number, line
    except FileNotFoundError as error:
        raise UserError(f"{path} not found. {remedy}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}). {remedy}") from error
    if empty:
        raise UserError(f"{path} is empty. {remedy}")


class Vectors:
    """The vectors beside a trace file, by question index.

    vectors[index] is a dict of `h` (N + 1, D): the hidden states h[-1] … h[N-1], after the final norm; `z` (N, D):
    the embeddings that steps 0 … N-1 consumed; and `resid_L` (N + 1, D) per chosen layer L: the residual stream after
    block L at the same positions as `h`. Of K patched runs (collect_traces.py --patches) `patch_h` (K, N + 1, D),
    `patch_z` (K, N, D) and `patch_resid_L` are the same. Raises UserError where the file or the question is missing.
    """

    def __init__(self, path: Path):
        self.path, self.files, self.first = path, {}, None  # the first shard's shapes, which all others have

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        shard, row = divmod(index, VECTORS_PER_FILE)
        file = self.file(shard)
        if row >= file.get_slice("h").get_shape()[0]:
            raise UserError(f"{vectors_path(self.path, shard)} has no vectors of question {index}.")
        vectors = {name: file.get_slice(name)[row] for name in file.keys()}  # noqa: SIM118, it is no dict
        for name, tensor in vectors.items():
            if not tensor.isfinite().all():
                raise UserError(f"{vectors_path(self.path, shard)}: {name} of question {index} is not finite. {ANEW}")
        return vectors

    @property
    def width(self) -> int:
        """D."""
        return self.file(0).get_slice("h").get_shape()[-1]

    @cached_property
    def described(self) -> dict:
        """The traces' meta file."""
        return read_meta(self.path, ANEW)

    def file(self, shard: int):
        if shard not in self.files:
            path = vectors_path(self.path, shard)
            try:
                file = safe_open(path, framework="pt")
                self.check(file, path)
                self.files[shard] = file
            except FileNotFoundError as error:
                raise UserError(
                    f"{path} not found: these traces have no vectors. "
                    "Collect anew: python collect_traces.py --vectors --output with_vectors.jsonl"
                ) from error
            except (SafetensorError, OSError) as error:
                raise UserError(f"{path} cannot be read ({error}). Collect the traces again.") from error
        return self.files[shard]

    def check(self, file, path: Path) -> None:
        """UserError unless a shard is what the traces' meta file describes, and of the shapes that vectors have."""
        check_hash(path, self.described, ANEW)
        if not {self.path.name, path.name} <= self.described.get("files", {}).keys():
            raise UserError(
                f"{meta_path(self.path)} does not name {path.name}: these vectors are of other traces, an earlier "
                f"version's, or renamed. {ANEW}"
            )
        settings = self.described.get("settings")
        steps = settings.get("num_latent") if isinstance(settings, dict) else None
        tensors = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
        wrong = shape_fault({name: (rows.get_shape(), rows.get_dtype()) for name, rows in tensors.items()}, steps)
        shapes = {name: rows.get_shape()[1:] for name, rows in tensors.items()}
        self.first = self.first or shapes
        if wrong or shapes != self.first:
            raise UserError(f"{path}: {wrong or 'other shapes than in the first file'}. {ANEW}")


def shape_fault(tensors: dict[str, tuple[list[int], str]], steps: int | None) -> str | None:
    """What is wrong with a shard's tensors, {name: (shape, type)}; None if nothing is."""
    if missing := [name for name in ("h", "z") if name not in tensors]:
        return f"it has no {', '.join(missing)}"
    (rows, states, width), _ = tensors["h"] if len(tensors["h"][0]) == 3 else ((0, 0, 0), "")
    for name, (shape, kind) in tensors.items():
        if kind not in ("F64", "F32", "F16", "BF16"):
            return f"{name} holds {kind}, not floating-point numbers"
        expected = [rows, *shape[1:2] * name.startswith("patch_"), states - name.endswith("z"), width]
        if not width or list(shape) != expected:
            return f"{name} has the shape {list(shape)}, not {expected}"
    if type(steps) is int and states != steps + 1:
        return f"h has {states} states, but the traces have {steps} latent steps"
    return None


def of_patch(vectors: dict[str, Tensor], patch: int | None) -> dict[str, Tensor]:
    """The vectors of one patched run as `h`, `z`, `resid_L`; those of the plain run for None."""
    if patch is None:
        return vectors
    return {name.removeprefix("patch_"): rows[patch] for name, rows in vectors.items() if name.startswith("patch_")}
