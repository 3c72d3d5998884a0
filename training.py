"""
What both trainings share: batches of like length, runs that resume to the weights of an unbroken one, a folder of the
trainer's own that is removed name by name, and the options of an optimizer.

    from training import PartsTrainer, checkpoint_to_resume, training_arguments, add_optimizer_arguments

While OUTPUT is in the making, OUTPUT/training holds `arguments.json`, what the run was asked for, and `checkpoint-N`,
each with a manifest of its files' SHA-256, written last.
"""

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from accelerate import PartialState
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Trainer, TrainerState, TrainingArguments
from transformers.trainer_pt_utils import get_length_grouped_indices

from files import (
    PART,
    RUN,
    check_same_settings,
    read_json,
    reason_of,
    remove_made,
    replacing,
    settings_before,
    sha256,
    write_json,
)
from scripting import UserError, is_main_process, log, non_negative, positive_int, whole_number

IGNORED = -100  # label of a position without loss
MANIFEST = "manifest.json"
KEPT_CHECKPOINTS = 2  # the older one is there in case the newer is damaged
# the files of a checkpoint, as transformers' Trainer and PartsTrainer name them
TRAINERS = (
    r"model\.safetensors|(optimizer|scheduler|scaler)\.pt|(trainer_state|manifest)\.json|training_args\.bin"
    r"|rng_state(_\d+)?\.pth"
)

# --- Batches ----------------------------------------------------------------------------------------------------


class ShuffledLengthGroups(torch.utils.data.Sampler):
    """transformers' batches of like length, in random order. Its own order runs from the longest to the shortest over
    and over, so that for a dozen batches on end the model saw stories of one number of steps and forgot the others.

    Each epoch's order comes from (seed, epoch) alone. From torch's global generator, as transformers draws it, a run
    that was killed in its second epoch or later resumed to other batches: its state is restored only after the
    resumed epoch's first batch.
    """

    def __init__(self, batch_size: int, lengths: list[int], seed: int = 0, epoch: Callable[[], int] = lambda: 0):
        self.batch_size, self.lengths, self.seed, self.epoch = batch_size, lengths, seed, epoch

    def __len__(self):
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch())
        indices = list(get_length_grouped_indices(self.lengths, self.batch_size, generator=generator))
        batches = [indices[i : i + self.batch_size] for i in range(0, len(indices), self.batch_size)]
        order = torch.randperm(len(batches), generator=generator).tolist()
        return iter([index for i in order for index in batches[i]])


# --- The trainer ------------------------------------------------------------------------------------------------


class PartsTrainer(Trainer):
    """Trainer whose batches are of like length, that logs each part of the loss by name, and saves only what is
    trained. compute_loss() is a subclass's, and gives the parts to note()."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.parts = {"": {}, "eval_": {}}

    def note(self, losses: dict[str, Tensor]) -> None:
        parts = self.parts["" if self.model.training else "eval_"]
        for name, loss in losses.items():
            parts.setdefault(name, []).append(loss.detach())

    def _get_train_sampler(self, train_dataset=None):
        dataset = self.train_dataset if train_dataset is None else train_dataset
        rows = self.args.train_batch_size * self.args.gradient_accumulation_steps
        lengths = list(dataset["length"]) if self.groups_by_length() else [0] * len(dataset)
        return ShuffledLengthGroups(rows, lengths, self.args.seed, epoch=lambda: int(self.state.epoch or 0))

    def groups_by_length(self) -> bool:
        return True

    def log(self, logs, start_time=None):
        prefix = "eval_" if "eval_loss" in logs else ""
        parts = self.parts[prefix]
        means = {prefix + name: round(torch.stack(losses).mean().item(), 4) for name, losses in parts.items()}
        parts.clear()
        super().log(logs | means, start_time)
        if self.is_world_process_zero():
            rest = {name: logs[name] for name in ("grad_norm", "learning_rate", "train_runtime") if name in logs}
            said = "  ".join(f"{name} {value:.4g}" for name, value in (means | rest).items())
            log(f"step {self.state.global_step}/{self.state.max_steps}  {said}")

    def train(self, resume_from_checkpoint=None, **kwargs):
        """As Trainer's; a run that was stopped after its last save trains no further, where Trainer took one more
        step."""
        if resume_from_checkpoint:
            state = TrainerState.load_from_json(str(Path(resume_from_checkpoint) / "trainer_state.json"))
            if state.global_step >= state.max_steps:
                self.state = state
                self._load_from_checkpoint(state.best_model_checkpoint or resume_from_checkpoint)
                return
        super().train(resume_from_checkpoint=resume_from_checkpoint, **kwargs)

    def trained(self) -> dict[str, Tensor]:
        return {name: p.detach() for name, p in self.model.named_parameters() if p.requires_grad}

    def _save(self, output_dir=None, state_dict=None):
        if not self.args.should_save:  # each process comes here, and one writes
            return
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: tensor.contiguous() for name, tensor in self.trained().items()}
        with replacing(folder / "model.safetensors") as part, saying_full_disks(folder):
            save_file(weights, part, metadata={"format": "pt"})

    def _save_checkpoint(self, model, trial):
        with saying_full_disks(self.args.output_dir):
            super()._save_checkpoint(model, trial)
            self.accelerator.wait_for_everyone()
            folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            if self.is_world_process_zero():
                write_json(folder / MANIFEST, {path.name: sha256(path) for path in sorted(folder.iterdir())})

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None):
        saved, trained = load_file(Path(resume_from_checkpoint) / "model.safetensors"), self.trained()
        assert saved.keys() == trained.keys(), saved.keys() ^ trained.keys()
        for name, tensor in trained.items():
            tensor.copy_(saved[name])

    def _load_best_model(self):
        self._load_from_checkpoint(self.state.best_model_checkpoint)


@contextmanager
def saying_full_disks(folder) -> Iterator[None]:
    """A write that fails within is one sentence; torch and safetensors have errors of their own for it."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        full = isinstance(error, OSError | SafetensorError) or "unexpected pos" in str(error) or "write" in str(error)
        if not full:
            raise
        raise UserError(
            f"Cannot write to {folder} ({reason_of(error)}). Make room and give the same command again; it goes on "
            "from the last checkpoint."
        ) from error


# --- Runs that resume -------------------------------------------------------------------------------------------


def checkpoint_to_resume(output: Path, arguments: dict) -> str | None:
    """The newest whole trainer checkpoint of the same run, if there is one; UserError if the run there is another."""
    if not (output / RUN).exists():
        return None
    before = settings_before(output / RUN)
    check_same_settings({name: value for name, value in before.items() if name in arguments}, arguments, output)
    return newest_whole(output / "training")


def newest_whole(training: Path) -> str | None:
    """The last checkpoint whose files are those that were saved; the log names those passed over."""
    steps = sorted((int(path.name.rpartition("-")[2]) for path in own_checkpoints(training)), reverse=True)
    for step in steps:
        folder = training / f"checkpoint-{step}"
        if is_whole(folder):
            return str(folder)
        log(f"Passing over {folder}: it was cut short or damaged.")
    if steps:
        log(f"No checkpoint in {training} is whole; the run starts anew.")
    return None


def own_checkpoints(training: Path) -> list[Path]:
    return [path for path in training.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d+", path.name)]


def is_whole(folder: Path) -> bool:
    """Whether a checkpoint's manifest, written last, agrees with its files."""
    try:
        manifest = read_json(folder / MANIFEST, "")
        return bool(manifest) and all(sha256(folder / name) == digest for name, digest in manifest.items())
    except (UserError, OSError, AttributeError, TypeError):
        return False


def is_finished(output: Path, finished: str) -> bool:
    """Whether a run was stopped after it wrote its result, before it removed the trainer's own files; removes them."""
    is_left = (output / finished).exists() and (output / RUN).exists()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        PartialState().wait_for_everyone()  # all have looked before the main process removes what they look for
    if is_left and is_main_process():
        shutil.rmtree((output / finished).with_name(PART), ignore_errors=True)
        remove_training(output)
        log(f"{output} is already complete.")
    return is_left


def claim(output: Path, arguments: dict) -> None:
    """Make the output folder this run's."""
    try:
        (output / RUN).parent.mkdir(parents=True, exist_ok=True)
        write_json(output / RUN, arguments)
    except OSError as error:
        raise UserError(f"Cannot write to {output} ({error.strerror}). Choose another --output.") from error


def remove_training(output: Path) -> None:
    """Remove the trainer's own files, each by its name; the log names what else stands there, and stays."""
    for folder in own_checkpoints(output / "training"):
        remove_made(folder, TRAINERS)
    remove_made(output / "training", r"arguments\.json|(train|val)\.arrow")


def processes_of(arguments: dict) -> dict:
    """The arguments of a run, with the number of its processes: another number has other batches and another
    schedule."""
    return arguments | {"processes": int(os.environ.get("WORLD_SIZE", "1"))}


# --- Options ----------------------------------------------------------------------------------------------------


def training_arguments(args, output: Path, **more) -> TrainingArguments:
    """What add_optimizer_arguments() and --seed and --report-to say, and `more` of Trainer's own."""
    arguments = TrainingArguments(
        str(output / "training"),
        per_device_train_batch_size=args.batch_size,
        gradient_accumulation_steps=args.accumulate,
        learning_rate=args.lr,
        lr_scheduler_type="cosine",
        warmup_steps=args.warmup,
        weight_decay=args.weight_decay,
        adam_beta2=args.adam_beta2,
        max_grad_norm=args.clip,
        num_train_epochs=args.epochs,
        max_steps=args.max_steps,
        bf16=args.precision == "bf16",
        use_cpu=not torch.cuda.is_available(),
        logging_steps=args.log_every,
        save_steps=args.save_every,
        save_total_limit=KEPT_CHECKPOINTS,
        report_to=args.report_to,
        remove_unused_columns=False,  # the collator needs columns that forward() does not name
        disable_tqdm=True,
        seed=args.seed,
        **more,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # many GPUs go through torchrun, not through DataParallel
    return arguments


def add_optimizer_arguments(parser, whose: str):
    """The options of a training run, in a group of its own; a script's other defaults go through set_defaults()."""
    group = parser.add_argument_group(f"training (defaults: {whose})")
    group.add_argument("--lr", type=non_negative, default=8e-4)
    group.add_argument("--batch-size", type=positive_int, default=128, help="per device")
    group.add_argument("--accumulate", type=positive_int, default=1, help="batches per optimizer step")
    group.add_argument("--epochs", type=non_negative, default=10)
    group.add_argument("--max-steps", type=positive_int, default=-1)
    group.add_argument("--warmup", type=non_negative, default=0.03, help="steps, or a share of all steps below 1")
    group.add_argument("--weight-decay", type=non_negative, default=0.1)
    group.add_argument("--adam-beta2", type=non_negative, default=0.999)
    group.add_argument("--clip", type=non_negative, default=2.0, help="gradient norm")
    group.add_argument("--precision", choices=["bf16", "fp32"], default=default_precision())
    group.add_argument("--save-every", type=positive_int, default=500, help="in steps; a killed run resumes there")
    group.add_argument("--log-every", type=positive_int, default=100, help="in steps")
    group.add_argument("--seed", type=whole_number, default=0)
    group.add_argument("--report-to", default="none", choices=["none", "tensorboard", "wandb"])
    return group


def check_optimizer_arguments(parser, args) -> None:
    if args.epochs == 0 or args.lr == 0:
        parser.error("--epochs and --lr must be above 0")
    if args.adam_beta2 >= 1:
        parser.error("--adam-beta2 must be below 1")
    if args.report_to != "none" and not importlib.util.find_spec(args.report_to):
        parser.error(f"--report-to {args.report_to} needs that package: pip install {args.report_to}")


def default_precision() -> str:
    return "bf16" if torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported() else "fp32"
