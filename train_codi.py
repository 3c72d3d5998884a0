"""
Train a CODI by self-distillation: one model is teacher (verbal chain) and student (latent steps).

Reads   a data set with chains (problems.py); a causal language model, one of our checkpoints, or nothing
Writes  a checkpoint folder: model.safetensors (merged), config.json, tokenizer files, codi.json
Next    bench_codi.py --model FOLDER

    python train_codi.py --model meta-llama/Llama-3.2-1B-Instruct --data gsm8k-aug --output runs/llama1b
    python train_codi.py --from-scratch --data word-problems -n 2000 --distill 1 --lr 1e-3 --output runs/small
    torchrun --nproc_per_node 8 train_codi.py --model gpt2 --distill 1 --lr 3e-3 --epochs 40 --output runs/gpt2

Loss (arXiv 2502.21074, section 3): student·CE(answer after latents) + distill·smooth-L1 between the student's and the
teacher's hidden states just before the answer's number, over all layers, each divided by the teacher's spread
(official's formula) + teacher·CE(chain and answer) + direct·CE(answer with no reasoning). The same command again
resumes a killed run.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    PrinterCallback,
    TrainerCallback,
    set_seed,
)

from checkpoints import MARKERS, PROMPT_FORMS, sha256_prefix, weights_path
from codi_model import MODES, Answer, answer, answer_from, complete, prompt_ids
from examples import collate, stage_opening, tokenize
from families import FAMILIES, FEEDS, NUM_LATENT
from files import claimed, file_path
from loading import (
    Codi,
    Projection,
    feeds_of,
    is_reasoner,
    load_language_model,
    load_model,
    new_projection,
    save_checkpoint,
)
from problems import DATA_HELP, DATASETS, GENERATED, OneOrSeveral, Problem, by_steps, load_problems, names_of
from runs import Edit, Run, decode_all, encode, extend, fork, latent_steps, project, read
from scripting import UserError, log, non_negative, positive_int, processes, provenance, run_script
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
    training_arguments,
)

# Llama 3's way of cutting text before merging: digits in groups of up to three, words with their leading space.
LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END_OF_TEXT = "<|endoftext|>"
MIN_VOCAB = 256 + 1 + len(MARKERS)
LOSSES = {  # name: (default weight, what it is)
    "student": (1.0, "cross-entropy of the answer after the latent steps (the paper's alpha)"),
    "distill": (20.0, "distillation from teacher to student (beta; the paper: 20 for Llama, 1 for GPT-2)"),
    "teacher": (1.0, "cross-entropy of chain and answer in words (gamma)"),
    "direct": (1.0, "cross-entropy of the answer with no reasoning"),
    "teacher-answer": (0.0, "the teacher's first answer token once more by itself, not averaged over its chain"),
    # step supervision as in SIM-CoT (arXiv 2509.20317), the model being its own decoder
    "lens": (0.0, "SIM-CoT's, by lens: cross-entropy of the chain's result i+1 in the lens of every latent step i"),
    "step": (
        0.0,
        "SIM-CoT's, in words: cross-entropy of the chain's result i asked for after a random latent step i, which "
        "consumes it; of the first after step 0, of the answer after the last",
    ),
    # interchange intervention training (arXiv 2112.00826)
    "swap": (
        0.0,
        "as step, but the random step i > 0 and about half of the steps before it consume what they do in another "
        "question's run, and that question's result is asked for",
    ),
    "project": (0.0, "distance from what latent step i > 0 would consume to the embedding of the chain's result i"),
}
FORMS = [name for name, form in PROMPT_FORMS.items() if form.opening == ("eot",)]  # token_rows() knows no other
ON_LATENTS = ("lens", "step", "swap", "project", "teacher_forcing")  # options that teach single latent steps

# --- What is trained --------------------------------------------------------------------------------------------


def build_tokenizer(texts: list[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE, so any text can be encoded, of at most `vocab_size` tokens with END_OF_TEXT and MARKERS."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(LLAMA3_PATTERN), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(MARKERS),
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(list(MARKERS))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END_OF_TEXT, pad_token=MARKERS[0])


def new_codi(vocab_size: int, width: int, mlp_width: int, layers: int, heads: int) -> Codi:
    """A small random Llama, its tokenizer learned from the word problems, whose numbers are single tokens."""
    stories = [f"{p.question} {p.chain}" for p in load_problems("word-problems", "train", 4000)]
    numbers = [" ".join(map(str, range(100)))] * 200
    tokenizer = build_tokenizer(stories + numbers, vocab_size)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=mlp_width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    codi = with_markers(LlamaForCausalLM(config), tokenizer, "plain")
    # Latent embeddings of norm 1, about that of tiny-codi's trained token embeddings (1.15), instead of 11.
    nn.init.constant_(codi.prj.ln.weight, width**-0.5)
    return codi


def codi_from_language_model(name: str, dtype: torch.dtype) -> Codi:
    """Any causal language model from the Hub, a folder or a GGUF file, its vocabulary grown by MARKERS."""
    model, tokenizer = load_language_model(name, dtype)
    if set(MARKERS) & tokenizer.get_vocab().keys():
        raise UserError(f"The tokenizer of {name} already knows one of {', '.join(MARKERS)}. Take another model.")
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    tokenizer.pad_token = MARKERS[0]
    model.resize_token_embeddings(len(tokenizer))  # rows that were no token's go, so that the markers come last
    return with_markers(model, tokenizer, "answer-only")


def with_markers(model, tokenizer, form: str) -> Codi:
    """A Codi of a model whose last vocabulary rows are MARKERS."""
    width, (_, bot, eot) = model.config.hidden_size, tokenizer.convert_tokens_to_ids(list(MARKERS))
    return Codi(model, Projection(width, width), tokenizer, bot, eot, form)


def load_trainee(args) -> Codi:
    if args.from_scratch:
        codi = new_codi(args.vocab_size, args.width, args.mlp_width, args.layers, args.heads)
    elif is_reasoner(args.model, args.family):
        codi = load_model(args.model, device="cpu", dtype="float32", family=args.family)
    else:
        half = torch.cuda.is_available() and args.precision == "bf16" and not args.full
        codi = codi_from_language_model(args.model, torch.bfloat16 if half else torch.float32)
    name = args.model or "a new model"
    num_latent = args.num_latent or codi.num_latent
    codi = replace(codi, form=args.prompt_form or codi.form, num_latent=num_latent, name=name)
    check_trainee(codi, args)
    if args.feeds not in (None, feeds_of(codi.prj)):
        codi.prj = other_feed(codi, args.feeds)
    if not torch.cuda.is_available():
        # The backward pass of torch's CPU sdpa took longer than eager's: 1.30 s against 0.79 s a batch of tiny-codi.
        codi.model.set_attn_implementation("eager")
    return codi


def check_trainee(codi: Codi, args) -> None:
    """UserError where a model cannot be trained as asked, which the options alone do not tell."""
    wrong = (
        f"{args.feeds or feeds_of(codi.prj)} feeds steps one vector, no thoughts: leave "
        "--swap, --project and --teacher-forcing out"
        if (args.feeds or feeds_of(codi.prj)) == "pause" and (args.swap or args.project or args.teacher_forcing)
        else f"with {codi.num_latent} latent steps, --stage times --latents-per-step must be no more than --num-latent"
        if args.stage and args.stage * args.latents_per_step > codi.num_latent
        else "--project and --swap need --num-latent above 1"
        if (args.project or args.swap) and codi.num_latent < 2
        else f"no training in prompt form {codi.form}: choose another --prompt-form"
        if codi.form not in FORMS
        else None
    )
    if wrong:
        raise UserError(f"{codi.name}: {wrong}.")


def other_feed(codi: Codi, feeds: str) -> nn.Module:
    """A new module to feed steps of `codi` back, of another kind than its own."""
    made = new_projection(feeds, codi.width).to(codi.device)
    if feeds == "pause":
        made.pause.data.copy_(codi.embed.weight[codi.bot_id])  # of a token's size, and a token that announces thought
    return made


def add_lora(codi: Codi, r: int, alpha: int):
    """Wrap codi's model in place; the rows of MARKERS are trained too, since LoRA alone would leave them random."""
    embedding = next(name for name, module in codi.model.named_modules() if module is codi.embed)
    config = LoraConfig(
        r=r,
        lora_alpha=alpha,
        lora_dropout=0.1,
        target_modules="all-linear",  # of Llama and GPT-2 the paper's own choice
        trainable_token_indices={embedding: list(codi.added)},
        task_type="CAUSAL_LM",
    )
    return get_peft_model(codi.model, config)


# --- The losses -------------------------------------------------------------------------------------------------


class SelfDistillation(nn.Module):
    """The losses of LOSSES from one shared encoding of the questions; what nothing weighs is not computed."""

    def __init__(
        self,
        codi: Codi,
        weights: dict[str, float],
        teacher_forcing: bool = False,
        num_latent: int | None = None,  # else the checkpoint's own
    ):
        super().__init__()
        self.teacher_forcing, self.num_latent = teacher_forcing, num_latent or codi.num_latent
        self.model, self.prj = codi.model, codi.prj  # registered, so that Trainer finds their parameters
        self.codi, self.weights = codi, weights
        form = PROMPT_FORMS[codi.form]
        self.before_latents = form.latent[len(form.shared) :]
        self.before_direct = form.direct[len(form.shared) :]

    def forward(
        self,
        question,
        question_mask,
        probe: int | None = None,
        swapped: tuple[int, ...] = (),
        **batch,
    ):
        """{name: loss} and their weighted sum as "loss"; `probe` is the latent step that the "step" loss asks, and
        `swapped` are those that the "swap" loss gives another question's vectors."""
        shared = encode(self.codi, question, question_mask)
        reply = batch["reply"], batch["reply_mask"], batch["reply_labels"]
        rows, losses, taught = torch.arange(len(question), device=question.device), {}, None
        if self.weights["teacher"]:
            losses["teacher"], states = self.speak(
                shared, batch["teacher"], batch["teacher_mask"], batch["teacher_labels"]
            )
            at = batch["teacher_at"]
            taught = [state[rows, at] for state in states]  # per layer (B, D)
            first = self.codi.logits(taught[-1]).float()
            losses["teacher-answer"] = F.cross_entropy(first, batch["teacher"][rows, at + 1])
        if self.weights["direct"]:
            losses["direct"], _ = self.speak(self.mark(shared, self.before_direct), *reply)
        if self.weights["student"]:
            results = batch["step_replies"]

            def result(number):
                return results[min(number, len(results)) - 1]  # the last one again once all are done

            # of each step's result the first token after eot (B, N)
            wanted = torch.stack([result(i + 1)[0][:, 1] for i in range(self.num_latent)], 1) if results else None
            start = self.mark(shared, self.before_latents)
            runs, hidden = self.think(start, wanted, swapped)
            losses |= self.result_losses(hidden, wanted)

            def reply_after(step):
                return reply if step == self.num_latent - 1 else result(max(step, 1))

            if probe is not None:
                losses["step"], _ = self.speak(runs[probe].pick([0]), *reply_after(probe))
            if swapped:
                theirs = [tensor.roll(1, 0) for tensor in reply_after(max(swapped))]
                losses["swap"], _ = self.speak(runs[max(swapped)].pick([1]), *theirs)
            said = batch["student"], batch["student_mask"], batch["student_labels"]
            losses["student"], states = self.speak(runs[-1].pick([0]), *said)
            if taught is not None:
                student = [state[rows, batch["student_at"]] for state in states]
                losses["distill"] = distillation(student, taught)
        total = sum(loss * self.weights[name] for name, loss in losses.items())
        return {"loss": total} | {name: loss.detach() for name, loss in losses.items()}

    def result_losses(self, hidden: Tensor, wanted: Tensor | None) -> dict[str, Tensor]:
        """The losses on what each latent step yields (B, N, D), whose tokens should be `wanted` (B, N)."""
        losses = {}
        if self.weights["lens"]:
            losses["lens"] = F.cross_entropy(self.codi.logits(hidden).float().flatten(0, 1), wanted.flatten())
        if self.weights["project"]:
            embeds = self.codi.embed(wanted[:, :-1]).detach()
            missed = project(self.codi, hidden[:, :-1]) - embeds
            losses["project"] = missed.square().mean() / embeds.square().mean()
        return losses

    def think(self, run: Run, wanted: Tensor | None, swapped: tuple[int, ...]) -> tuple[list[Run], Tensor]:
        """The runs after each latent step (with teacher forcing after the last alone), and what the steps of the plain
        one yield (B, N, D). Beside it, where there are steps `swapped`, runs one in which these consume what they do in
        the row before. Under teacher forcing step i > 0 consumes the embedding of wanted[:, i - 1], so that all steps
        but the first are read at once."""
        if self.teacher_forcing:
            embeds = torch.cat([project(self.codi, run.hidden), self.codi.embed(wanted[:, :-1])], 1)
            run = extend(self.codi, fork(run), embeds, keep_states=True)
            return [run], run.states[-1]
        swap = Edit(min(swapped, default=0), lambda step, z, plain: plain.roll(1, 0) if step in swapped else z)
        runs = list(latent_steps(self.codi, fork(run), self.num_latent, [swap] if swapped else []))
        return runs, torch.stack([run.hidden[:, 0] for run in runs], 1)

    def mark(self, run: Run, markers: tuple[str, ...]) -> Run:
        """`run` after the markers that open a mode."""
        return read(self.codi, fork(run), self.codi.marker_ids(markers))

    def speak(self, run: Run, ids: Tensor, mask: Tensor, labels: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Cross-entropy of `ids` (B, L) following `run`, and the states per layer (B, L, D) while reading them."""
        states = extend(self.codi, fork(run), self.codi.embed(ids), mask, keep_states=True).states
        hidden = torch.cat([run.hidden, states[-1][:, :-1]], 1)  # (B, L, D): each predicts its id
        spoken = labels != IGNORED
        return F.cross_entropy(self.codi.logits(hidden[spoken]).float(), labels[spoken]), states


def distillation(student: list[Tensor], teacher: list[Tensor]) -> Tensor:
    """Smooth-L1 to the detached teacher, per layer divided by the teacher's standard deviation, averaged over the
    embedding and all layers: the formula of the official code (REFERENCE.md section 9)."""
    teacher = [target.detach().float() for target in teacher]
    losses = [F.smooth_l1_loss(s.float(), t) / t.std() for s, t in zip(student, teacher, strict=True)]
    return sum(losses) / len(losses)


# --- The run ----------------------------------------------------------------------------------------------------


class CodiTrainer(PartsTrainer):
    """Trains with the losses of SelfDistillation."""

    def groups_by_length(self) -> bool:
        return not self.model.weights["swap"]  # questions of different length have to trade vectors too

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        step, trainee = self.state.global_step, self.accelerator.unwrap_model(model)
        # From (seed, step), so that a resumed run draws what an unbroken one draws.
        generator = torch.Generator().manual_seed(self.args.seed * 1_000_003 + step)

        def draw(low, high):
            return int(torch.randint(low, high, (1,), generator=generator))

        num_latent, drawn = trainee.num_latent, {}
        if trainee.weights["step"]:
            drawn["probe"] = draw(0, num_latent)
        if trainee.weights["swap"]:
            last = draw(1, num_latent)
            drawn["swapped"] = (*(i for i in range(last) if draw(0, 2)), last)
        losses = model(**inputs, **drawn)
        self.note(losses)
        return losses["loss"]


class Validation(TrainerCallback):
    """Accuracy of all three modes on held-out problems every so many steps, by number of steps in the chain; in a stage
    of Coconut's curriculum, of `stage_latents` latent steps, "latent" is these and the rest in words."""

    def __init__(self, codi: Codi, problems: list[Problem], every: int, stage_latents: int | None = None):
        self.codi, self.problems, self.every, self.stage_latents = codi, problems, every, stage_latents
        for problem in problems:
            prompt_ids(codi, problem.question, "latent", codi.num_latent)  # too long is better said now

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step % self.every or not state.is_world_process_zero:
            return
        self.codi.model.eval()
        with torch.autocast(self.codi.device.type, torch.bfloat16, enabled=args.bf16):
            for mode in MODES:
                log(f"step {state.global_step} {mode:7}{accuracy_by_steps(self.problems, self.answers(mode))}")
        self.codi.model.train()

    def answers(self, mode: str) -> list[Answer]:
        questions = [problem.question for problem in self.problems]
        if mode != "latent" or not self.stage_latents:
            return answer(self.codi, questions, mode, max_new_tokens=64)
        prompts = [prompt_ids(self.codi, question, mode, self.stage_latents) for question in questions]

        def decoded(run: Run, indices: list[int]) -> list[Answer]:
            replies = decode_all(self.codi, run, stage_opening(self.codi), 64, eot_allowed=True)
            return [answer_from(self.codi, ids, verbal=True) for (ids,) in replies]

        return complete(self.codi, prompts, self.stage_latents, decoded)


def accuracy_by_steps(problems: list[Problem], answers: list[Answer]) -> str:
    """3/4 = 75% in words, for 1, 2, … steps."""
    right = [problem.is_right(reply.text) for problem, reply in zip(problems, answers, strict=True)]
    counts = by_steps(problems, right).items()
    return "".join(f"  {k}-step {c['correct']}/{c['total']} = {c['correct'] / c['total']:.0%}" for k, c in counts)


def usable(problems: list[Problem], data: str) -> list[Problem]:
    """The problems that have a chain and an answer; UserError when none has."""
    kept = [p for p in problems if p.chain and p.answer is not None]
    if not kept:
        raise UserError(f"{data} has no chains, which the teacher needs. Try --data gsm8k-aug or word-problems.")
    return kept


def main(argv=None):
    args = parse_arguments(argv)
    processes()  # says so where fewer run than were asked for
    with claimed(args, ["output"], ["data", "validation", "model"], last="codi.json"):
        run(args)


def run(args) -> None:
    output, arguments = Path(args.output), processes_of(vars(args))
    origin = provenance(vars(args))  # now: the code may change while a long run goes on
    set_seed(args.seed)
    if is_finished(output, "codi.json"):
        return
    resume_from = checkpoint_to_resume(output, arguments)
    problems, validation = training_problems(args)
    codi = load_trainee(args)
    codi.check()  # before anything is spent
    arguments |= started_from(args, codi, problems + validation)
    resume_from = resume_from and checkpoint_to_resume(output, arguments)  # the data and the model are known now
    lora = None if args.full or args.from_scratch else add_lora(codi, args.lora_r, args.lora_alpha)
    codi.model.train()
    weights = {name: getattr(args, name.replace("-", "_")) for name in LOSSES}
    latents = args.stage and args.stage * args.latents_per_step
    trainee = SelfDistillation(codi, weights, args.teacher_forcing, latents)
    count = sum(p.numel() for p in trainee.parameters() if p.requires_grad)
    log(f"Training {count:,} parameters on {len(problems):,} problems of {', '.join(names_of(args.data))}")
    rows = tokenize(codi, problems, args.include_last_step, given(args, *ON_LATENTS, "terse"), args.stage, args.terse)
    validate = Validation(codi, validation, args.validate_every, latents)
    # without a student the projection is unused
    settings = training_arguments(args, output, ddp_find_unused_parameters=args.student == 0)
    if settings.process_index == 0:
        claim(output, arguments)
    trainer = CodiTrainer(trainee, settings, data_collator=collate, train_dataset=rows, callbacks=[validate])
    trainer.remove_callback(PrinterCallback)  # log() says it, unbuffered and on standard error
    trainer.train(resume_from_checkpoint=resume_from)
    if trainer.is_world_process_zero():
        finish(codi, lora, output, origin | {"steps": trainer.state.global_step})


def started_from(args, codi: Codi, problems: list[Problem]) -> dict:
    """What else a run that resumes must find as it was, beside its arguments: these name the data and the model, and
    another may stand under the same name."""
    told = json.dumps([problem.told() for problem in problems])
    start = None if args.from_scratch else codi.revision or codi.model.config._commit_hash
    if not (args.from_scratch or start):  # a language model in a folder
        start = sha256_prefix(weights_path(Path(args.model)))
    return {"problems_sha256": hashlib.sha256(told.encode()).hexdigest(), "model_revision": start}


def training_problems(args) -> tuple[list[Problem], list[Problem]]:
    """The problems to train on, and those to validate on, of all data sets; what is validated on is in none."""
    pairs = [problems_of(args, data) for data in names_of(args.data)]
    validation = validation_of(args, args.validation) if args.validation else [p for _, held in pairs for p in held]
    held = {p.question for p in validation}
    problems = [p for found, _ in pairs for p in found]
    kept = [p for p in problems if p.question not in held]
    if not kept:
        raise UserError("All questions of --data are validated on too: none is left to train on. Validate on others.")
    if len(kept) < len(problems):
        log(f"{len(problems) - len(kept)} of {len(problems)} problems are left out of training: they are validated on.")
    return kept, validation


def problems_of(args, data: str) -> tuple[list[Problem], list[Problem]]:
    """The problems of one data set to train on, and those to validate on: where it has no validation split of its
    own, a tenth at most of its questions are held out, whatever their order. With --validation, none are."""
    problems = usable(load_problems(data, "train", args.n, args.seed), data)
    if args.validation or has_validation(data):
        return problems, [] if args.validation else validation_of(args, data)

    def rank(question):
        return hashlib.sha256(f"{args.seed}/{question}".encode()).digest()

    questions = sorted({p.question for p in problems}, key=rank)
    held = set(questions[: min(args.validation_n, len(questions) // 10)])
    if not held:
        raise UserError(f"{data} has {len(questions)} questions, too few to hold any out. Give --validation.")
    log(f"{data} has no validation split: {len(held)} of its {len(questions)} questions are held out of training.")
    return [p for p in problems if p.question not in held], [p for p in problems if p.question in held]


def validation_of(args, data: str) -> list[Problem]:
    split = "validation" if has_validation(data) else "test"
    return usable(load_problems(data, split, args.validation_n), data)


def has_validation(data: str) -> bool:
    """Whether a data set has a validation split of its own."""
    return data in GENERATED or (data in DATASETS and "validation" in DATASETS[data].splits)


def finish(codi: Codi, lora, output: Path, origin: dict) -> None:
    """Merge LoRA in float32, write the checkpoint folder, and remove the trainer's own files."""
    codi.model.float()
    if not all(torch.isfinite(p).all() for part in (codi.model, codi.prj) for p in part.parameters()):
        raise UserError("The training diverged: weights are NaN or infinite, so nothing is written. Try a lower --lr.")
    if lora is not None:
        codi.model = lora.merge_and_unload()
    save_checkpoint(codi, output, origin)
    remove_training(output)
    data = names_of(origin["arguments"]["data"])[0]
    log(f"Wrote {output}. Next: python bench_codi.py --model {output} --data {data} --mode all")


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument(
        "--model", help="a causal LM from the Hub, a folder or a GGUF file, or one of our checkpoints to go on from"
    )
    start.add_argument("--from-scratch", action="store_true", help="a small random Llama and its own tokenizer")
    parser.add_argument("--output", required=True, type=file_path, help="the checkpoint folder to write")
    parser.add_argument(
        "--data", default="gsm8k-aug", nargs="+", action=OneOrSeveral,
        help=f"one or several, with chains: {DATA_HELP} (default: gsm8k-aug)",
    )  # fmt: skip
    parser.add_argument("-n", type=positive_int, help="the first N problems of each (default: all; 1000 generated)")
    parser.add_argument(
        "--validation", help="data set for the accuracies on the way (default: those of --data, or some of it held out)"
    )
    parser.add_argument("--validation-n", type=positive_int, default=200)
    parser.add_argument("--validate-every", type=positive_int, default=500, help="in steps")
    parser.add_argument(
        "--family", choices=list(FAMILIES), help="in which layout --model is (default: as its files tell)"
    )
    parser.add_argument(
        "--prompt-form", choices=FORMS, help="default: the checkpoint's own; answer-only, or plain from scratch"
    )
    parser.add_argument("--num-latent", type=positive_int, help=f"default: the checkpoint's own, or {NUM_LATENT}")
    parser.add_argument("--include-last-step", action="store_true", help="let the teacher read the chain's last step")
    parser.add_argument("--terse", action="store_true", help="chains are their results alone: 13 26")
    for name, (default, text) in LOSSES.items():
        parser.add_argument(
            f"--{name}", type=non_negative, default=default, metavar="WEIGHT", help=f"{text} ({default:g})"
        )

    add_variant_arguments(parser)
    add_size_arguments(parser)
    training = add_optimizer_arguments(parser, "the paper's for Llama-1B")
    training.add_argument(
        "--teacher-forcing", action="store_true",
        help="feed each latent step i > 0 the embedding of the chain's result i, so that all steps are learned at once",
    )  # fmt: skip
    args = parser.parse_args(argv)
    check_together(parser, args)
    check_optimizer_arguments(parser, args)
    return args


def add_variant_arguments(parser) -> None:
    variants = parser.add_argument_group("variants (default: CODI)")
    variants.add_argument(
        "--feeds",
        choices=list(FEEDS),
        help="what feeds a step back: an MLP with or without layer norm, the hidden state itself as in Coconut, or one "
        "learned vector in place of every thought, the control (default: the checkpoint's own; mlp-ln for a new one)",
    )
    variants.add_argument(
        "--stage",
        type=positive_int,
        metavar="K",
        help="of Coconut's curriculum (arXiv 2412.06769): K*C latent steps take the place of the chain's first K, and "
        "--student is of the rest of the chain and the answer in words (default: all latent steps for all the chain)",
    )
    variants.add_argument("--latents-per-step", type=positive_int, default=2, metavar="C", help="of --stage")


def add_size_arguments(parser) -> None:
    size = parser.add_argument_group("size (--from-scratch), or LoRA (--model)")
    size.add_argument("--layers", type=positive_int, default=2)
    size.add_argument("--width", type=positive_int, default=128)
    size.add_argument("--mlp-width", type=positive_int, default=512)
    size.add_argument("--heads", type=positive_int, default=4)
    size.add_argument("--vocab-size", type=positive_int, default=1024)
    size.add_argument("--full", action="store_true", help="train every parameter instead of LoRA")
    size.add_argument("--lora-r", type=positive_int, default=128)
    size.add_argument("--lora-alpha", type=positive_int, default=32)


def check_together(parser, args) -> None:
    """Ends with what is wrong about options that do not go together."""
    on_latents = given(args, *ON_LATENTS)
    for wrong, reason in (
        (args.from_scratch and args.family, "--family is the layout of --model: leave it out with --from-scratch"),
        (args.width % (2 * args.heads), "--width must be an even multiple of --heads"),
        (args.vocab_size < MIN_VOCAB, f"--vocab-size must be at least {MIN_VOCAB}: every byte and the markers"),
        (not (args.student or args.teacher or args.direct), "one of --student, --teacher, --direct must be above 0"),
        (args.teacher_answer and not args.teacher, "--teacher-answer needs --teacher above 0"),
        (on_latents and not args.student, f"with {on_latents}, --student must be above 0"),
        (
            (args.step or args.swap) and args.teacher_forcing,
            "--step and --swap ask single latent steps, which --teacher-forcing reads at once",
        ),
        (args.stage and not args.student, "--stage needs --student above 0"),
        (args.stage and on_latents, f"--stage asks for words alone: leave {on_latents} out"),
        (args.swap and args.batch_size < 2, "--swap needs --batch-size above 1: questions of one batch trade vectors"),
    ):
        if wrong:
            parser.error(reason)


def given(args, *names: str) -> str | None:
    """Those of some options that are given."""
    return ", ".join(f"--{name.replace('_', '-')}" for name in names if getattr(args, name)) or None


if __name__ == "__main__":
    run_script(main)
