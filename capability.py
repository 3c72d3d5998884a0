"""
Whether a language model does what the tools here do with one, tried on the model in hand before anything is spent.

    from capability import check_capability
    check_capability(codi)

Two short rows of tokens, one left-padded, are read in two pieces and grown as several runs of one cache, past the
sliding window if the model has one, and must give the logits of the model's own forward. Anything else is a UserError.
"""

from contextlib import contextmanager

import torch
from torch import Tensor

from loading import FINAL_NORMS, OTHER_BASE, Codi
from runs import check_finite, extend, start_runs, together
from scripting import UserError

# of the largest logit; what is lost by another order of sums, well below what a wrong mask or head costs
TOLERANCE = {torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 8e-2}
WINDOW = 4  # positions, to which longer sliding windows are cut for the check
LENGTH = 9  # tokens of the longer row, the shorter has two less


def check_capability(codi: Codi) -> None:
    """Raise UserError, one sentence, unless latent steps, traces and lenses work on `codi.model`."""
    config = codi.model.config
    reason = named_reason(codi)
    if reason is None:
        try:
            with short_window(config), still(codi.model), torch.no_grad():
                reason = trial(codi)
        except UserError:
            raise
        except Exception as error:  # whatever another model's code says when it is run as ours runs it
            reason = f"cannot be run here ({type(error).__name__}: {' '.join(str(error).split())[:100]})"
    if reason:
        raise UserError(f"{codi.name} ({config.model_type}) {reason}. {OTHER_BASE}")


def named_reason(codi: Codi) -> str | None:
    """What the model's config and modules already tell against it."""
    config, model = codi.model.config, codi.model
    embed = model.get_input_embeddings()
    width = getattr(config, "hidden_size", None)
    modules = dict(model.base_model.named_modules())
    kinds = {*(getattr(config, "layer_types", None) or ()), *(getattr(config, "attention_layers", None) or ())}
    unknown = kinds - {"full_attention", "sliding_attention", "global"}
    context = getattr(config, "max_position_embeddings", None)
    if getattr(config, "is_encoder_decoder", False):
        return "is an encoder-decoder model, and CODI needs one that reads and writes in one sequence"
    if getattr(config, "alibi", False):
        return "has no position ids (ALiBi), which runs of one cache need"
    if not isinstance(context, int):
        return "does not say how many positions it holds (max_position_embeddings)"
    if unknown:
        return f"has {', '.join(sorted(unknown))} layers, which runs of one cache cannot follow"
    if model.base_model is model or model.get_output_embeddings() is None:
        return "has no language model head apart from its body"
    if embed is None or embed.weight.dim() != 2 or embed.weight.shape[1] != width:
        return "has no token embedding as wide as its hidden states"
    if not any(name in modules for name in FINAL_NORMS):
        return f"has no final norm known here ({', '.join(FINAL_NORMS)})"
    if context <= LENGTH:
        return f"holds only {context} positions"
    return None


def trial(codi: Codi) -> str | None:
    """What goes otherwise than in the model's own forward, if anything does."""
    model, device = codi.model, codi.device
    draw = torch.Generator().manual_seed(0)
    rows = torch.randint(codi.vocabulary, (2, LENGTH), generator=draw).tolist()
    rows = [rows[0], rows[1][2:]]

    normed = []
    hook = codi.final_norm.register_forward_hook(lambda module, args, output: normed.append(output))
    try:
        plain = [model(torch.tensor([ids], device=device), output_hidden_states=True) for ids in rows]
        body = codi.body(inputs_embeds=codi.embed(torch.tensor([rows[0]], device=device)), use_cache=False)
    finally:
        hook.remove()
    expected = [output.logits[0] for output in plain]  # each (T, V)
    for logits in expected:
        check_finite(logits)
    if len(plain[0].hidden_states) != codi.depth + 1 or not torch.equal(normed[-1], body.last_hidden_state):
        return "has another last step than the final norm, so no lens can read its layers"
    if not close(codi.logits(body.last_hidden_state)[0], expected[0]):
        return "gives its hidden states other logits than its own code does"
    return trial_run(codi, rows, expected) or trial_runs(codi, rows, expected)


def trial_run(codi: Codi, rows: list[list[int]], expected: list[Tensor]) -> str | None:
    """Both rows in one batch, in two pieces."""
    run = start_runs(codi, [ids[:-3] for ids in rows])
    run = extend(codi, run, codi.embed(torch.tensor([ids[-3:] for ids in rows], device=codi.device)))
    logits = codi.logits(run.hidden[:, 0])
    fits = all(close(logits[row], whole[-1]) for row, whole in enumerate(expected))
    return None if fits else "answers otherwise with padding and a cache than without"


def trial_runs(codi: Codi, rows: list[list[int]], expected: list[Tensor]) -> str | None:
    """The end of each row grown beside another run of it that stands there later and reads something else."""
    start = start_runs(codi, [ids[:-4] for ids in rows])
    tokens = torch.tensor([ids[-4:] for ids in rows], device=codi.device)
    grown = together([start, extend(codi, start, codi.embed(tokens[:, -1:]))])
    for place in range(4):
        both = torch.stack([tokens[:, place], tokens[:, 3 - place]], 1)
        grown = extend(codi, grown, codi.embed(both))
    logits = codi.logits(grown.hidden[:, 0])
    fits = all(close(logits[row], whole[-1]) for row, whole in enumerate(expected))
    return None if fits else "answers otherwise in runs that share a cache than in a plain run"


def close(ours: Tensor, own: Tensor) -> bool:
    """Whether two sets of logits differ by no more than their dtype's rounding."""
    return bool((ours.float() - own.float()).abs().max() <= TOLERANCE[own.dtype] * own.float().abs().max())


@contextmanager
def short_window(config):
    """A sliding window that a short text passes; masks read it when they are made."""
    window = getattr(config, "sliding_window", None)
    if window is not None and window > WINDOW:
        config.sliding_window = WINDOW
    try:
        yield
    finally:
        if window is not None:
            config.sliding_window = window


@contextmanager
def still(model):
    """Without dropout."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
