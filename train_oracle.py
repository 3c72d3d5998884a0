"""
Train an oracle: a language model that answers questions about CODI's latent thoughts, in plain words, from traces.

Reads   oracle_data.jsonl, oracle_val.jsonl and their meta files (generate_oracle_data.py); a causal language model
Writes  oracle_model/best: adapter or model, tokenizer, oracle.json; oracle_model/losses.png
Next    eval_oracle.py, oracle_inference.py, chat_codi.py --oracle

    python train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl
    accelerate launch --num_processes 8 train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl

Only the reply is supervised. The best checkpoint by validation loss is kept. The same command again resumes a killed
run.
"""

import argparse
import random
import shutil
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import PrinterCallback, set_seed

from codi_model import pad
from oracle_inference import load_base, prompt_ids, response_ids
from oracle_questions import GENERATE, STRATEGIES, Pair, PromptForm, read_pairs, split_prompt
from problems import near_duplicates
from scripting import UserError, log, positive_int, provenance, run_script, write_json
from traces import read_meta
from train_codi import (
    IGNORED,
    PartsTrainer,
    add_optimizer_arguments,
    check_optimizer_arguments,
    checkpoint_to_resume,
    claim,
    training_arguments,
)

BASES = {"cuda": "HuggingFaceTB/SmolLM-360M-Instruct", "cpu": "tiny"}

# --- Rows -------------------------------------------------------------------------------------------------------


class Rows(torch.utils.data.Dataset):
    """Pairs as token ids; the pairs about one trace share the ids of its text. Pairs that do not fit are left out."""

    def __init__(self, pairs: list[Pair], tokenizer, context: int):
        starts, self.rows = {}, []
        for pair in pairs:
            start, end = split_prompt(pair.input)
            reply = response_ids(tokenizer, pair.response)
            ids = prompt_ids(tokenizer, start, end, context - len(reply))
            if ids is not None:
                start_ids = starts.setdefault(tuple(ids[0]), ids[0])
                self.rows.append({"start": start_ids, "end": ids[1], "reply": reply, "strategy": pair.strategy})
        if len(self.rows) < len(pairs):
            log(f"Left out {len(pairs) - len(self.rows)} of {len(pairs)} pairs: longer than {context} tokens.")
        if not self.rows:
            raise UserError(f"No pair fits the base's context of {context} tokens. Take a base with a longer one.")

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, key):
        """A row, or for the sampler the column "length"."""
        if key == "length":
            return [len(row["start"]) + len(row["end"]) + len(row["reply"]) for row in self.rows]
        return self.rows[key]


def collate(rows: list[dict]) -> dict[str, Tensor | list[str]]:
    """Rows padded on the right to the longest; labels are IGNORED but for the reply."""
    ids, mask = pad([row["start"] + row["end"] + row["reply"] for row in rows], "right")
    unsaid = torch.tensor([len(row["start"]) + len(row["end"]) for row in rows])[:, None]
    is_said = (torch.arange(ids.shape[1]) >= unsaid) & mask.bool()
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "labels": ids.masked_fill(~is_said, IGNORED),
        "strategies": [row["strategy"] for row in rows],
    }


# --- The run ----------------------------------------------------------------------------------------------------


class Trainee(nn.Module):
    """A language model with the cross-entropy of its replies, in all and by strategy."""

    def __init__(self, model):
        super().__init__()
        self.model = model  # LoRA, where there is any, is inside its layers

    def forward(self, input_ids, attention_mask, labels, strategies: list[str]) -> dict[str, Tensor]:
        states = self.model.base_model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        is_said = labels[:, 1:] != IGNORED
        logits = self.model.get_output_embeddings()(states[:, :-1][is_said]).float()
        losses = F.cross_entropy(logits, labels[:, 1:][is_said], reduction="none")
        names = [strategies[row] for row in is_said.nonzero()[:, 0].tolist()]
        chosen = {name: torch.tensor([n == name for n in names], device=losses.device) for name in set(strategies)}
        return {"loss": losses.mean()} | {name: losses[rows].mean() for name, rows in sorted(chosen.items())}


class OracleTrainer(PartsTrainer):
    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        losses = model(**inputs)
        self.note({name: loss for name, loss in losses.items() if name != "loss" or model.training})
        return (losses["loss"], {}) if return_outputs else losses["loss"]


def prepare(args) -> tuple[nn.Module, object, object]:
    """(the language model, its LoRA wrapping or None, tokenizer), all that is trained requiring gradients."""
    model, tokenizer = load_base(args.base)
    if not torch.cuda.is_available():
        model.set_attn_implementation("eager")  # its backward pass is faster on a CPU; see train_codi.py
    if args.tune == "full":
        return model.requires_grad_(True), None, tokenizer
    config = LoraConfig(
        r=args.lora_r,
        lora_alpha=args.lora_alpha,
        lora_dropout=0.05,
        target_modules="all-linear",  # every projection of attention and MLP
        task_type="CAUSAL_LM",
    )
    return model, get_peft_model(model, config), tokenizer


def settings_of(args) -> tuple[dict, list[str]]:
    """The data's settings and the questions trained on; UserError if the two files do not belong together."""
    train, val = (read_meta(path, GENERATE) for path in (args.train, args.val))
    differ = [key for key in train["settings"] if val.get("settings", {}).get(key) != train["settings"][key]]
    if differ:
        raise UserError(f"{args.train} and {args.val} were made with other settings: {', '.join(differ)}. {GENERATE}")
    leak = next(near_duplicates(val["questions"], train["questions"]), None)
    if leak:
        raise UserError(
            f"A question of {args.val} is nearly one of {args.train}: {val['questions'][leak[0]][:100]!r}. Validation "
            f"would reward what was learned by heart. {GENERATE}"
        )
    return train["settings"], train["questions"]


def finish(args, output: Path, model, lora, tokenizer, settings: dict, trainer, origin: dict, questions) -> None:
    """Write the best oracle's folder and the plot, and remove the trainer's own files."""
    if not all(torch.isfinite(p).all() for p in model.parameters()):
        raise UserError("The training diverged: weights are NaN or infinite, so nothing is written. Try a lower --lr.")
    best = output / "best"
    (model if lora is None else lora).save_pretrained(best)
    tokenizer.save_pretrained(best)
    write_json(best / "training_questions.json", questions)
    plot_losses(trainer.state.log_history, output / "losses.png")
    summary = {"pairs": len(trainer.train_dataset), "questions": len(questions), "steps": trainer.state.global_step}
    loss = {"val_loss": trainer.state.best_metric}
    write_json(
        best / "oracle.json", {"base": args.base, "tune": args.tune} | settings | {"train": summary | loss} | origin
    )
    shutil.rmtree(output / "training")
    log(
        f"Wrote {best} (validation loss {trainer.state.best_metric:.4f}). Next: python eval_oracle.py --oracle-dir {best}"
    )


def plot_losses(history: list[dict], path: Path) -> None:
    """Training loss, and validation loss in all and by strategy, over the steps."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 5), layout="constrained")
    for name in ["loss", "eval_loss", *(f"eval_{strategy}" for strategy in STRATEGIES)]:
        points = [(row["step"], row[name]) for row in history if name in row]
        if points:
            bold = name in ("loss", "eval_loss")
            label = name.replace("eval_", "validation: ").replace("validation: loss", "validation, all")
            axis.plot(*zip(*points, strict=True), label=label, linewidth=2.5 if bold else 1)
    axis.set(xlabel="step", ylabel="cross-entropy per reply token (nats)", yscale="log")
    axis.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(argv=None):
    args = parse_arguments(argv)
    output, arguments = args.output, vars(args)
    origin = provenance(arguments)
    set_seed(args.seed)
    settings, questions = settings_of(args)
    PromptForm.of(settings, args.train)  # said now if it is missing
    resume_from = checkpoint_to_resume(output, arguments, "best/oracle.json")
    model, lora, tokenizer = prepare(args)
    context = min(args.max_tokens, model.config.max_position_embeddings)
    train, val = (Rows(read_pairs(path), tokenizer, context) for path in (args.train, args.val))
    if len(val) > args.val_pairs:
        val.rows = random.Random(args.seed).sample(val.rows, args.val_pairs)
    trainee = Trainee(model)
    count = sum(p.numel() for p in trainee.parameters() if p.requires_grad)
    log(f"Training {count:,} parameters of {args.base} on {len(train):,} pairs, {len(val):,} for validation")
    training = training_arguments(
        args, output,
        eval_strategy="steps", eval_steps=args.save_every, per_device_eval_batch_size=args.batch_size,
        load_best_model_at_end=True, metric_for_best_model="eval_loss", greater_is_better=False,
        label_names=["labels"],
    )  # fmt: skip
    if training.process_index == 0:
        claim(output, arguments)
    trainer = OracleTrainer(trainee, training, data_collator=collate, train_dataset=train, eval_dataset=val)
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=resume_from)
    if trainer.is_world_process_zero():
        finish(args, output, model, lora, tokenizer, settings, trainer, origin, questions)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, default=Path("oracle_data.jsonl"))
    parser.add_argument("--val", type=Path, default=Path("oracle_val.jsonl"))
    parser.add_argument("--val-pairs", type=positive_int, default=2000, help="at most, drawn by --seed (default: 2000)")
    parser.add_argument("--output", type=Path, default=Path("oracle_model"))
    parser.add_argument(
        "--base", default=BASES["cuda" if torch.cuda.is_available() else "cpu"],
        help="tiny, another CODI checkpoint, or any causal LM from the Hub or a folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--tune", choices=["lora", "full"], help="default: lora; full for --base tiny")
    parser.add_argument("--lora-r", type=positive_int, default=32)
    parser.add_argument("--lora-alpha", type=positive_int, default=64)
    parser.add_argument("--max-tokens", type=positive_int, default=1024, help="per pair; a longer trace is cut")
    add_optimizer_arguments(parser, "those of --tune lora, or of full")
    parser.set_defaults(lr=None, batch_size=32, epochs=3, weight_decay=0.01, clip=1.0, save_every=200)
    args = parser.parse_args(argv)
    args.tune = args.tune or ("full" if args.base == "tiny" else "lora")
    args.lr = {"lora": 2e-4, "full": 2e-3}[args.tune] if args.lr is None else args.lr
    check_optimizer_arguments(parser, args)
    return args


if __name__ == "__main__":
    run_script(main)
