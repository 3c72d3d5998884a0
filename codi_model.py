"""
What can be asked of a CODI from Python: answers, traces, ablations, patches, latents.

    from codi_model import generate, load_model
    model, prj, tokenizer, bot_id, eot_id = load_model("tiny")
    generate(model, prj, tokenizer, bot_id, eot_id, "Ava has 3 pens. On Monday Ava buys 4 more pens. How many ...?")

Every `generate…` takes the five parts of a loaded model and one prompt, or a list of prompts. `answer` and
`trace_batch` are what the scripts call. How a run goes is in runs.py, what can be changed in it in interventions.py,
what a checkpoint is in loading.py.

Shapes: B questions, N latent steps, D hidden size, V vocabulary.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from itertools import chain, islice
from numbers import Integral, Real
from os.path import commonprefix

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from checkpoints import PROMPT_FORMS, PromptForm
from interventions import ABLATIONS, Material, patch_edits, replace_at
from loading import NUM_LATENT, Codi, load_model  # noqa: F401, load_model is part of what is asked here
from problems import Problem
from runs import (
    MAX_NEW_TOKENS,
    Edit,
    Run,
    check_finite,
    decode_all,
    in_batches,
    latent_steps,
    lens,
    plan_batches,
    project,
    read,
    start_runs,
    together,
)
from sampling import Sampling, decode_samples
from scripting import UserError
from traces import SPARSE_BELOW, StepReading, Trace

ANSWER_ROOM = 2  # positions an answer needs at least: eot and one token
MODES = ("latent", "direct", "verbal")

# --- Arguments of library calls ----------------------------------------------------------------------------------


def is_whole(value, least: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= least


def is_vector(value) -> bool:
    """Whether `value` is a tensor of finite numbers that are there: "meta" tensors have none, sparse ones few."""
    dense = isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta
    return dense and value.is_floating_point() and bool(torch.isfinite(value).all())


def are_texts(value) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


FORMS_OR_NONE = (None, *PROMPT_FORMS)
# name: (whether a value will do, what it must be)
ARGUMENTS: dict[str, tuple[Callable[[object], bool], str]] = {
    "codi": (lambda value: isinstance(value, Codi), "what load_model() returns"),
    "model": (lambda value: hasattr(value, "codi_form"), "the first of the five parts that load_model() returns"),
    "prj": (lambda value: isinstance(value, nn.Module), "the projection that load_model() returns"),
    "tokenizer": (lambda value: isinstance(value, PreTrainedTokenizerBase), "the tokenizer that load_model() returns"),
    "bot_id": (lambda value: is_whole(value, 0), "the fourth of the five parts that load_model() returns"),
    "eot_id": (lambda value: is_whole(value, 0), "the fifth of the five parts that load_model() returns"),
    "prompt": (lambda value: isinstance(value, str) or are_texts(value), "a text or a list of texts"),
    "questions": (are_texts, "a list of texts"),
    "question": (lambda value: isinstance(value, str), "a text"),
    "swap_with": (lambda value: isinstance(value, str) or are_texts(value), "a prompt or a list of prompts"),
    "num_latent": (lambda value: is_whole(value, 0), "a whole number from 0"),
    "latent steps": (lambda value: is_whole(value, 1), "a whole number from 1, as num_latent"),
    "max_new_tokens": (lambda value: is_whole(value, 1), "a whole number from 1"),
    "batch_size": (lambda value: value is None or is_whole(value, 1), "None or a whole number from 1"),
    "top_k": (lambda value: is_whole(value, 1), "a whole number from 1"),
    "seed": (lambda value: is_whole(value, 0), "a whole number from 0"),
    "sampling": (lambda value: isinstance(value, Sampling | None), "None or a Sampling(temperature, …)"),
    "greedy": (lambda value: value is True, "True, as only greedy decoding is here"),
    "collect_no_reasoning": (lambda value: isinstance(value, bool), "True or False"),
    "mode": (lambda value: value in MODES, f"one of {', '.join(MODES)}"),
    "prompt_form": (lambda value: value in FORMS_OR_NONE, f"None or one of {', '.join(PROMPT_FORMS)}"),
    "noise_scale": (lambda value: isinstance(value, Real) and 0 <= value < float("inf"), "a finite number from 0"),
    "mean": (is_vector, "a dense tensor of finite floating-point numbers"),
    "vector": (is_vector, "a dense tensor of finite floating-point numbers"),
    "patch": (lambda value: isinstance(value, dict), "a dictionary {step: vector}"),
}


def check_arguments(**given) -> None:
    """Raise UserError unless each argument is as ARGUMENTS says; `latent_steps` is a num_latent that must not be 0."""
    for name, value in given.items():
        name = name.replace("latent_steps", "latent steps")
        fits, wanted = ARGUMENTS[name]
        try:
            fitting = fits(value)
        except (TypeError, ValueError):  # what cannot even be compared
            fitting = False
        if not fitting:
            got = type(value).__name__ if isinstance(value, Tensor) else repr(value)[:60]
            raise UserError(f"{name} must be {wanted}; got {got}.")


def check_top_k(codi: Codi, top_k: int) -> None:
    check_arguments(top_k=top_k)
    if top_k > codi.vocabulary:
        raise UserError(f"top_k must be no more than the vocabulary's {codi.vocabulary} tokens; got {top_k}.")


def one_or_many(call: Callable) -> Callable:
    """`call`, which takes a list as its `prompt` and gives a list, for one prompt too, which gets one result."""
    form = signature(call)

    @wraps(call)
    def either(*args, **kwargs):
        given = form.bind(*args, **kwargs)
        prompt = given.arguments["prompt"]
        check_arguments(prompt=prompt)
        if not isinstance(prompt, str):
            return call(*given.args, **given.kwargs)
        given.arguments["prompt"] = [prompt]
        return call(*given.args, **given.kwargs)[0]

    return either


def read_hidden(codi: Codi, hidden: Tensor, previous: Tensor | None, top_k: int) -> list[StepReading]:
    """A StepReading of each row of `hidden` (B, D), compared with the same row of `previous` (B, D)."""
    log_probs = lens(codi, hidden).float().log_softmax(-1)  # (B, V)
    hidden = hidden.float()
    top = log_probs.topk(top_k)
    check_finite(top.values)
    ids = top.indices.tolist()
    cosine = None if previous is None else torch.cosine_similarity(hidden, previous.float()).tolist()
    columns = [
        ids,
        [[codi.token_text(token) for token in row] for row in ids],
        top.values.exp().tolist(),
        (-(log_probs.exp() * log_probs).nansum(-1)).tolist(),
        hidden.norm(dim=-1).tolist(),
        (hidden.abs() < SPARSE_BELOW).float().mean(-1).tolist(),
        cosine or [None] * len(hidden),
    ]
    return [StepReading(*row) for row in zip(*columns, strict=True)]


# --- Questions in, answers out --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the model said: the answer's text, the chain before it (verbal mode), and the tokens it took."""

    text: str
    chain: str | None
    tokens: int


def prompt_ids(codi: Codi, question: str, mode: str, num_latent: int = 0, form: str | None = None) -> list[int]:
    """Token ids of question, suffix and the mode's markers. What looks like a special token in the text is text.

    Raises UserError for a question that is empty, or that with the latent steps leaves no room for an answer.
    """
    check_arguments(codi=codi, question=question, mode=mode, prompt_form=form)
    form = PROMPT_FORMS[form or codi.form]
    return question_ids(codi, question, form, codi.marker_ids(getattr(form, mode)), num_latent)


def question_ids(codi: Codi, question: str, form: PromptForm, markers: list[int], num_latent: int) -> list[int]:
    if not question.strip():
        raise UserError("The question is empty. Type one, or try: Ava has 3 apples. How many apples does Ava have?")
    return text_ids(codi, form.worded(question), markers, num_latent + len(form.opening) - 1)


def text_ids(codi: Codi, text: str, markers: list[int], num_latent: int = 0) -> list[int]:
    """Token ids of plain text, with the tokenizer's own BOS if it adds one, and `markers`; UserError if too long."""
    check_arguments(question=text)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(f"The text holds bytes that are no UTF-8: {text[:40]!r}. Save or type it as UTF-8.") from error
    ids = codi.tokenizer(text, split_special_tokens=True)["input_ids"] + markers
    room = num_latent + ANSWER_ROOM
    if len(ids) + room > codi.context:
        raise UserError(
            f"The text is too long: {len(ids)} tokens and {room} for thinking and answering, but the model holds "
            f"{codi.context}. Shorten it: {text[:40]!r}…"
        )
    return ids


def complete(
    codi: Codi,
    prompts: list[list[int]],
    num_latent: int,
    decoded: Callable[[Run, list[int]], list],
    batch_size: int | None = None,
    on_batch: Callable[[list[int], list], None] = lambda indices, replies: None,
    room: int = ANSWER_ROOM,
) -> list:
    """Encode, think `num_latent` steps, decode: what `decoded(run, indices)` gives for every prompt, in their order, in
    batches, each prompt with room for `room` positions. `on_batch(indices, replies)` sees each batch as it is done."""
    replies: list = [None] * len(prompts)

    @torch.inference_mode()
    def work(indices):
        run = start_runs(codi, [prompts[i] for i in indices])
        for run in latent_steps(codi, run, num_latent):
            pass
        done = decoded(run, indices)
        for i, reply in zip(indices, done, strict=True):
            replies[i] = reply
        on_batch(indices, done)

    lengths = [len(prompt) + num_latent + room for prompt in prompts]
    in_batches(work, plan_batches(lengths, codi.device.type, batch_size))
    return replies


def answer(
    codi: Codi,
    questions: list[str],
    mode: str = "latent",
    num_latent: int | None = None,
    form: str | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
    batch_size: int | None = None,
    on_batch: Callable[[list[int], list], None] = lambda indices, answers: None,
    sampling: Sampling | None = None,
) -> list[Answer] | list[list[Answer]]:
    """Answers to `questions` in one of MODES, in their order; `num_latent` is by default the checkpoint's own. With a
    `sampling`, each question has a list of its samples."""
    check_arguments(codi=codi, questions=questions, mode=mode, prompt_form=form, max_new_tokens=max_new_tokens)
    num_latent = codi.num_latent if num_latent is None else num_latent
    check_arguments(num_latent=num_latent, batch_size=batch_size, sampling=sampling)
    verbal = mode == "verbal"
    num_latent = num_latent if mode == "latent" else 0
    start = () if verbal else codi.opening(form)

    def decoded(run, indices):
        if sampling is None:
            return [
                answer_from(codi, ids, verbal, form) for (ids,) in decode_all(codi, run, start, max_new_tokens, verbal)
            ]
        asked = [questions[i] for i in indices]
        drawn = decode_samples(codi, run, start, sampling, asked, max_new_tokens, verbal)
        return [[answer_from(codi, ids, verbal, form) for ids in samples] for samples in drawn]

    prompts = [prompt_ids(codi, question, mode, num_latent, form) for question in questions]
    room = ANSWER_ROOM * (sampling.samples if sampling else 1)
    return complete(codi, prompts, num_latent, decoded, batch_size, on_batch, room)


def answer_from(codi: Codi, ids: list[int], verbal: bool, form: str | None = None) -> Answer:
    """An Answer of generated ids; in verbal mode what stands before eot is the chain, and where the form ends its
    chains with eot, a chain that was cut short has no answer."""
    cut = ids.index(codi.eot_id) if verbal and codi.eot_id in ids else None
    if verbal and cut is None and PROMPT_FORMS[form or codi.form].chain_end:
        cut = len(ids)
    text = codi.tokenizer.decode(ids if cut is None else ids[cut + 1 :], skip_special_tokens=True).strip()
    chain = None if cut is None else codi.tokenizer.decode(ids[:cut], skip_special_tokens=True).strip()
    return Answer(text, chain, len(ids))


@one_or_many
def generate(
    model: PreTrainedModel,
    prj: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    bot_id: int,
    eot_id: int,
    prompt: str | list[str],
    max_new_tokens: int = MAX_NEW_TOKENS,
    greedy: bool = True,
    num_latent: int = NUM_LATENT,
    prompt_form: str | None = None,
) -> str | list[str]:
    """The answer to one prompt, or a list for a list. `num_latent=0`: no reasoning, the checkpoint's direct mode."""
    check_arguments(greedy=greedy, num_latent=num_latent)
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    mode = "latent" if num_latent else "direct"
    return [reply.text for reply in answer(codi, prompt, mode, num_latent, prompt_form, max_new_tokens)]


@one_or_many
def generate_raw(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompt: str | list[str],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> str | list[str]:
    """The merged language model's plain greedy completion of a text: no suffix, no markers, no latent steps."""
    check_arguments(model=model, tokenizer=tokenizer, max_new_tokens=max_new_tokens)
    codi = Codi(model, None, tokenizer, *model.codi_markers, model.codi_form, added=model.codi_added)
    prompts = [text_ids(codi, text, []) for text in prompt]
    if not all(prompts):
        raise UserError("A prompt for plain completion must hold at least one token.")

    def decoded(run, indices):
        answers = decode_all(codi, run, (), max_new_tokens)
        return [tokenizer.decode(ids, skip_special_tokens=True) for (ids,) in answers]

    return complete(codi, prompts, 0, decoded)


# --- Traces -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TraceOptions:
    """What a trace holds."""

    ablations: tuple[str, ...] = ()  # keys of ABLATIONS
    early_decode: bool = True
    top_k: int = 10
    lens_layers: str = "last"  # or "all"
    patches: int = 0  # patched runs per question
    layers: tuple[int, ...] = ()  # blocks (from 1) after which the residual stream is kept as a vector
    max_new_tokens: int = MAX_NEW_TOKENS
    no_reasoning: bool = True  # whether the direct answer is one of the trace's

    def ablated(self, num_latent: int) -> list[tuple[str, int]]:
        """(kind, step) of every ablation, in the order of their steps."""
        return [(kind, step) for step in range(num_latent) for kind in self.ablations]

    def tail(self, num_latent: int) -> int:
        """About how many positions the runs of one question add to its encoding."""
        runs = 1 + (num_latent + 1 if self.early_decode else 1) + len(self.ablations) * num_latent
        runs += self.patches * num_latent
        return runs * (num_latent // 2 + ANSWER_ROOM)


NO_VARIANTS = TraceOptions(early_decode=False)


def shared_markers(codi: Codi) -> tuple[list[int], list[int], list[int]]:
    """Marker ids that one encoding of the question can share between the latent and the direct mode, and what each
    mode reads after them; the latent one reads at least one, whose states are wanted."""
    form = PROMPT_FORMS[codi.form]
    shared = commonprefix([form.latent[:-1], form.direct])
    rest = (form.latent[len(shared) :], form.direct[len(shared) :])
    return codi.marker_ids(shared), *map(codi.marker_ids, rest)


@dataclass(frozen=True)
class TracedRuns:
    """The runs that traces are made of, their N + 1 stages (before step 0 and after each step) where all are wanted."""

    direct: list[Run]  # one, or none where the direct answer is not wanted
    plain: list[Run]
    edited: Run  # a run per ablation and step, after the last step
    patched: list[Run]
    patches: list[Edit]  # of the patched runs

    def vectors(self, codi: Codi, layers: Sequence[int]) -> dict[str, Tensor]:
        """The vectors of all questions, as traces.Vectors names them."""
        vectors = vectors_of(codi, self.plain, layers)
        if self.patches:
            consumed = [
                torch.cat([patch.embed(step, z, z) for patch, z in zip(self.patches, zs.split(1, 1), strict=True)], 1)
                for step, zs in enumerate(project(codi, after.hidden) for after in self.patched[:-1])
            ]
            states = states_of(self.patched, torch.stack(consumed, 2), layers)
            vectors |= {f"patch_{name}": tensor for name, tensor in states.items()}
        return vectors


def traced_runs(
    codi: Codi, problems: list[Problem], num_latent: int, material: Material, options: TraceOptions
) -> TracedRuns:
    """All runs of some problems, from one encoding of each question."""
    shared, latent_rest, direct_rest = shared_markers(codi)
    keep_states = bool(options.layers) or options.lens_layers == "all"
    form = PROMPT_FORMS[codi.form]
    question = start_runs(codi, [question_ids(codi, p.question, form, shared, num_latent + 1) for p in problems])
    direct = [read(codi, question, direct_rest)] if options.no_reasoning else []
    start = read(codi, question, latent_rest, keep_states)
    patches = patch_edits(material, num_latent, codi.device)
    edits = [ABLATIONS[kind][0](codi, step, material) for kind, step in options.ablated(num_latent)]
    stages = [start, *latent_steps(codi, start, num_latent, [*patches, *edits], keep_states)]
    of_patches, of_edits = range(1, len(patches) + 1), range(len(patches) + 1, len(patches) + len(edits) + 1)
    return TracedRuns(
        direct,
        [stage.pick([0]) for stage in stages],
        stages[-1].pick(of_edits),
        [start.pick([0] * len(patches)), *(stage.pick(of_patches) for stage in stages[1:])],
        patches,
    )


@torch.inference_mode()
def trace_batch(
    codi: Codi, problems: list[Problem], num_latent: int, material: Material, options: TraceOptions
) -> tuple[list[Trace], dict[str, Tensor]]:
    """A Trace per problem from one encoding of each, and their vectors as `traces.Vectors` names them, B rows each."""
    check_top_k(codi, options.top_k)
    runs = traced_runs(codi, problems, num_latent, material, options)
    early = runs.plain if options.early_decode else runs.plain[-1:]
    ending = together([*runs.direct, *early, runs.edited, *runs.patched[1:]])
    texts = decoded_texts(codi, ending, options.max_new_tokens)
    hidden = [after.hidden[:, 0] for after in runs.plain]  # N + 1 of (B, D)
    readings = [read_hidden(codi, *pair, options.top_k) for pair in zip(hidden, [None, *hidden[:-1]], strict=True)]
    depths = [layer_lens(codi, after, options.lens_layers) for after in runs.plain]
    tops = [lens(codi, after.hidden).argmax(-1).tolist() for after in runs.patched if runs.patches]  # N + 1 of (B, K)

    traces = []
    for row, problem in enumerate(problems):
        encoding, *steps = [vars(reading[row]) for reading in readings]
        answers = iter(texts[row])
        direct, decoded = next(answers) if runs.direct else None, list(islice(answers, len(early)))
        keys = [f"{kind}_step{step}" for kind, step in options.ablated(num_latent)]
        trace = Trace(
            index=material.indices[row],
            question=problem.question,
            gold_answer=problem.answer,
            output=decoded[-1],
            no_reasoning_output=direct,
            steps=[{"step": i} | step for i, step in enumerate(steps)],
            ablations={key: next(answers) for key in keys},
            gold_chain=problem.chain,
            encoding=encoding,
            donor=material.donor_indices[row] if material.donor_indices else None,
            lens=[depth[row] for depth in depths],
            judge=problem.judge,
        )
        if options.early_decode:
            trace.early_decodes = [{"after_step": i, "output": text} for i, text in enumerate(decoded, -1)]
        if problem.answer is not None:
            trace.correct = trace.is_right(trace.output)
        if runs.patches:
            of_row = [[codi.token_text(i) for i in after[row]] for after in tops]
            trace.patches = patch_records(material, row, decoded[0], list(answers), of_row)
        trace.changed = {key: not trace.same(text, trace.output) for key, text in trace.ablations.items()}
        traces.append(trace)
    return traces, runs.vectors(codi, options.layers)


def patch_records(
    material: Material, row: int, plain_start: str, after_patch: list[str], tops: list[list[str]]
) -> list[dict]:
    """The patched runs of one question as `Trace.patches` lists them; `after_patch` is by step, then by run, and so is
    `tops`, the lens's top tokens from step -1 on."""
    count = len(material.patches[row])
    records = []
    for number, steps in enumerate(material.patches[row]):
        answers = [plain_start, *after_patch[number::count]]
        decodes = [{"after_step": i, "output": text} for i, text in enumerate(answers, -1)]
        record = {"donor": material.donor_indices[row], "steps": steps, "output": answers[-1], "early_decodes": decodes}
        records.append(record | {"top_tokens": [after[number] for after in tops]})
    return records


def decoded_texts(codi: Codi, run: Run, max_new_tokens: int = MAX_NEW_TOKENS) -> list[list[str]]:
    """Every run's answer, per question; equal answers are turned into text once."""
    answers = [[tuple(ids) for ids in row] for row in decode_all(codi, run, codi.opening(), max_new_tokens)]
    texts = {ids: answer_from(codi, list(ids), verbal=False).text for ids in set(chain.from_iterable(answers))}
    return [[texts[ids] for ids in row] for row in answers]


def layer_lens(codi: Codi, plain: Run, which: str) -> list[list[dict]]:
    """Per question the top-1 lens reading {layer, id, token, prob} of a single run after the last block, or after
    each; layers count from 1, and earlier ones pass through the final norm first."""
    depth = codi.depth
    hidden = {depth: plain.hidden[:, 0]}
    if which == "all":
        hidden = {layer: codi.final_norm(plain.states[layer][:, 0]) for layer in range(1, depth)} | hidden
    columns = []
    for layer, state in hidden.items():
        top = lens(codi, state).float().softmax(-1).max(-1)
        pairs = zip(top.indices.tolist(), top.values.tolist(), strict=True)
        columns.append([{"layer": layer, "id": i, "token": codi.token_text(i), "prob": p} for i, p in pairs])
    return [list(row) for row in zip(*columns, strict=True)]


def vectors_of(codi: Codi, plain: list[Run], layers: Sequence[int] = ()) -> dict[str, Tensor]:
    """h (B, N + 1, D), z (B, N, D), and resid_L (B, N + 1, D) for each of `layers`, of the plain run's N + 1 stages."""
    consumed = torch.stack([project(codi, after.hidden) for after in plain[:-1]], 2)
    return {name: tensor[:, 0] for name, tensor in states_of(plain, consumed, layers).items()}


def states_of(stages: list[Run], consumed: Tensor, layers: Sequence[int]) -> dict[str, Tensor]:
    """h (B, K, N + 1, D), z (B, K, N, D), and resid_L (B, K, N + 1, D) of K runs at their N + 1 stages."""
    vectors = {"h": torch.stack([stage.hidden for stage in stages], 2), "z": consumed}
    for layer in layers:
        vectors[f"resid_{layer}"] = torch.stack([stage.states[layer] for stage in stages], 2)
    return {name: tensor.cpu().contiguous() for name, tensor in vectors.items()}


@torch.inference_mode()
def latents(codi: Codi, questions: list[str], num_latent: int) -> dict[str, Tensor]:
    """What a batch of questions thinks: h (B, N + 1, D) and z (B, N, D)."""
    start = start_latent(codi, questions, num_latent)
    return vectors_of(codi, [start, *latent_steps(codi, start, num_latent)])


def start_latent(codi: Codi, questions: list[str], num_latent: int) -> Run:
    """Each question read up to its first latent step."""
    return start_runs(codi, [prompt_ids(codi, question, "latent", num_latent) for question in questions])


# --- Traces and interventions by five parts, one prompt or a list -----------------------------------------------


@one_or_many
def generate_with_traces(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT, top_k: int = 10, collect_no_reasoning: bool = True,
) -> Trace | list[Trace]:  # fmt: skip
    """The Trace of one prompt (list for a list): answer, direct answer (None unless `collect_no_reasoning`), readings
    of every step, early decodes."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(max_new_tokens=max_new_tokens, collect_no_reasoning=collect_no_reasoning)
    check_top_k(codi, top_k)
    options = TraceOptions(top_k=top_k, max_new_tokens=max_new_tokens, no_reasoning=collect_no_reasoning)

    def work(questions, indices):
        problems = [Problem(str(i), question, None, None) for i, question in zip(indices, questions, strict=True)]
        return trace_batch(codi, problems, num_latent, Material(indices), options)[0]

    return for_each(codi, prompt, num_latent, options, work)


@one_or_many
def generate_early_decode(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT,
) -> list[dict] | list[list[dict]]:  # fmt: skip
    """What one prompt (list for a list) is answered after each step: {after_step: -1 … N-1, output}."""
    traces = generate_with_traces(model, prj, tokenizer, bot_id, eot_id, prompt, max_new_tokens, num_latent, 1, False)
    return [trace.early_decodes for trace in traces]


@one_or_many
def generate_with_ablation(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], ablation_step: int, ablation_type: str = "zero",
    noise_scale: float = 1.0, swap_with: str | list[str] | None = None, max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT, seed: int = 0, mean: Tensor | None = None,
) -> str | list[str]:  # fmt: skip
    """The answer to one prompt (list for a list) with what one step consumes changed, by a key of ABLATIONS.

    `mean` (N, D) is needed by "mean"; `swap_with`, a prompt (or one each), by "swap". UserError where one is missing.
    """
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(noise_scale=noise_scale, seed=seed, latent_steps=num_latent)
    if not isinstance(ablation_type, str) or ablation_type not in ABLATIONS:
        raise UserError(f"No ablation type {ablation_type!r}; known: {', '.join(ABLATIONS)}.")
    check_step(ablation_step, num_latent)
    check_mean(codi, mean, num_latent, needed=ablation_type == "mean")
    donors = donor_prompts(swap_with, len(prompt), needed=ablation_type == "swap")

    def edit(indices):
        taken = latents(codi, [donors[i] for i in indices], num_latent)["z"] if donors else None
        return ABLATIONS[ablation_type][0](codi, ablation_step, Material(indices, seed, noise_scale, mean, taken))

    return answer_edited(codi, prompt, num_latent, edit, max_new_tokens)


def check_mean(codi: Codi, mean: Tensor | None, num_latent: int, needed: bool) -> None:
    if mean is None and needed:
        raise UserError('The ablation "mean" needs mean=, a tensor (steps, width) of each step\'s mean z.')
    if mean is None:
        return
    check_arguments(mean=mean)
    if mean.shape != (num_latent, codi.width):
        raise UserError(f"mean= must be {num_latent} x {codi.width}, a row per latent step; got {tuple(mean.shape)}.")


def donor_prompts(swap_with: str | list[str] | None, count: int, needed: bool) -> list[str] | None:
    """A prompt for each of `count` whose z one step takes; None where none is wanted."""
    if swap_with is None and needed:
        raise UserError('The ablation "swap" needs swap_with=, the prompt whose z the step takes.')
    if swap_with is None:
        return None
    check_arguments(swap_with=swap_with)
    donors = [swap_with] * count if isinstance(swap_with, str) else swap_with
    if len(donors) != count:
        raise UserError(f"swap_with= must be one prompt, or one for each of {count}; got {len(donors)}.")
    return donors if needed else None


@one_or_many
def generate_with_patch(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], patch: dict[int, Tensor],
    num_latent: int = NUM_LATENT,
) -> str | list[str]:  # fmt: skip
    """The answer to one prompt (list for a list) where step i consumes patch[i], (D,) or one row per prompt, for each
    i in `patch`. Another question's vectors are `generate_latents(…)["z"]`."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(patch=patch, latent_steps=num_latent)
    if not patch:
        raise UserError("The patch is empty. Give {step: vector} for at least one latent step.")
    for step, vector in patch.items():
        check_step(step, num_latent)
        check_arguments(vector=vector)
        if vector.shape not in ((codi.width,), (len(prompt), codi.width)):
            raise UserError(
                f"The patch of step {step} must be {codi.width} wide, one vector or one for each of {len(prompt)} "
                f"prompts; got {tuple(vector.shape)}."
            )

    def edit(indices):
        return replace_at({step: vector[indices] if vector.dim() > 1 else vector for step, vector in patch.items()})

    return answer_edited(codi, prompt, num_latent, edit)


@one_or_many
def generate_latents(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], num_latent: int = NUM_LATENT
) -> dict[str, Tensor] | list[dict[str, Tensor]]:
    """What one prompt (list for a list) thinks: h (N + 1, D), the hidden states h[-1] … h[N-1], and z (N, D), what
    each step consumed."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)

    def work(questions, indices):
        vectors = latents(codi, questions, num_latent)
        return [{name: tensor[row] for name, tensor in vectors.items()} for row in range(len(questions))]

    return for_each(codi, prompt, num_latent, NO_VARIANTS, work)


def codi_of(model, prj, tokenizer, bot_id, eot_id) -> Codi:
    """The Codi whose five parts these are. Other markers would be fed and answered in silence."""
    check_arguments(model=model, prj=prj, tokenizer=tokenizer, bot_id=bot_id, eot_id=eot_id)
    if (bot_id, eot_id) != model.codi_markers:
        bot, eot = model.codi_markers
        raise UserError(f"bot_id and eot_id must be {bot} and {eot}, as load_model() gave; got {bot_id} and {eot_id}.")
    return Codi(model, prj, tokenizer, bot_id, eot_id, model.codi_form, added=model.codi_added)


def check_step(step: int, num_latent: int) -> None:
    if not is_whole(step, 0) or step >= num_latent:
        raise UserError(f"There is no latent step {step!r}; the steps are 0 to {num_latent - 1}.")


def answer_edited(
    codi: Codi, prompts: list[str], num_latent: int, edit: Callable[[list[int]], Edit],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> list[str]:  # fmt: skip
    """The answers of runs changed by `edit(indices)`, which is made for each batch of prompts."""
    check_arguments(max_new_tokens=max_new_tokens)

    @torch.inference_mode()
    def work(questions, indices):
        *_, run = latent_steps(codi, start_latent(codi, questions, num_latent), num_latent, [edit(indices)])
        return [text for (text,) in decoded_texts(codi, run.pick([1]), max_new_tokens)]

    return for_each(codi, prompts, num_latent, NO_VARIANTS, work)


def for_each(codi: Codi, prompts: list[str], num_latent: int, options: TraceOptions, work: Callable) -> list:
    """What `work(prompts, indices)` gives for each prompt, in batches sized for `options`."""
    check_arguments(latent_steps=num_latent)
    lengths = [len(prompt_ids(codi, p, "latent", num_latent)) + options.tail(num_latent) for p in prompts]
    results = [None] * len(prompts)

    def batch(indices):
        for i, result in zip(indices, work([prompts[i] for i in indices], indices), strict=True):
            results[i] = result

    in_batches(batch, plan_batches(lengths, codi.device.type))
    return results


def clock(codi: Codi) -> float:
    """Seconds, read after the GPU has done what it was asked."""
    if codi.device.type == "cuda":
        torch.cuda.synchronize(codi.device)
    return time.perf_counter()
