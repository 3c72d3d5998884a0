"""
What a CODI is trained on: problems as rows of token ids, and rows as padded batches with their labels.

    from examples import collate, tokenize
    batch = collate(list(tokenize(codi, problems, include_last_step=False)))
"""

import torch
from datasets import Dataset
from torch import Tensor

from checkpoints import PROMPT_FORMS
from loading import Codi
from problems import Problem, chain_results, chain_steps
from runs import pad
from scripting import UserError, log
from training import IGNORED


def tokenize(
    codi: Codi,
    problems: list[Problem],
    include_last_step: bool,
    asks: str | None = None,
    stage: int | None = None,
    terse: bool = False,
) -> Dataset:
    """One row of token ids per problem; problems that do not fit the context are left out and counted. `asks` names
    the options, if any, that need the results of every chain; `stage` and `terse` as token_rows() has them."""
    if asks and not all(chain_results(p.chain) for p in problems):
        raise UserError(f"{asks}: not every chain here has results, <<16-3=13>>. Leave that out, or take other --data.")
    columns = [{"question": p.question, "chain": p.chain, "answer": p.answer_text} for p in problems]
    rows = Dataset.from_list(columns).map(
        lambda batch: token_rows(
            codi, batch["question"], batch["chain"], batch["answer"], include_last_step, stage, terse
        ),
        batched=True,
        remove_columns=["chain"],
        keep_in_memory=True,
        new_fingerprint="tokenized",  # else datasets would hash the function, and with it the model
    )
    room = codi.context - codi.num_latent
    columns = zip(rows["question"], rows["teacher"], rows["student"], strict=True)
    fitting = [i for i, (q, t, s) in enumerate(columns) if len(q) + max(len(t), len(s) + 1) <= room]
    if len(fitting) < len(rows):
        log(f"Left out {len(rows) - len(fitting)} of {len(rows)} problems: longer than the context of {codi.context}.")
    if not fitting:
        raise UserError(f"No problem fits the context of {codi.context} tokens. Take a model with a longer one.")
    return rows.select(fitting) if len(fitting) < len(rows) else rows


def token_rows(
    codi: Codi, questions, chains, answers, include_last_step: bool, stage: int | None = None, terse: bool = False
) -> dict[str, list]:
    """Columns of token ids: `question` up to the markers all modes share; `teacher`, what it reads and says after
    that; `answer`, eot and the reply; `student`, what follows the latent steps, which is the answer or in Coconut's
    `stage` the chain from that step on and the answer; `results`, as `answer` for each result of the chain; `lead`, the
    reply's tokens before its number; `unspoken` and `student_unspoken`, how many markers teacher and student are fed;
    `length`, a measure of the row's cost.

    The chain's last step stays out of the teacher's text by default, so that the answer is not just copied; a `terse`
    chain is its results alone.
    """
    form, eos = PROMPT_FORMS[codi.form], codi.tokenizer.eos_token_id
    verbal, chain_end = codi.marker_ids(form.verbal[len(form.shared) :]), codi.marker_ids(form.chain_end)
    opening = [codi.eot_id] if stage is None else stage_opening(codi)

    def said(texts, **kwargs):
        return codi.tokenizer(texts, add_special_tokens=False, **kwargs)

    question_ids = codi.tokenizer([form.worded(q) for q in questions], split_special_tokens=True)["input_ids"]
    question_ids = [ids + codi.marker_ids(form.shared) for ids in question_ids]
    parts_of = chain_results if terse else chain_steps
    steps = [parts_of(chain)[: None if include_last_step else -1] for chain in chains]
    chain_ids = said([" ".join(parts) for parts in steps])["input_ids"]
    left = [[]] * len(steps) if stage is None else said([" ".join(parts[stage:]) for parts in steps])["input_ids"]
    left_end = [] if stage is None else chain_end
    replies = said([form.answer.format(answer=n) for n in answers], return_offsets_mapping=True)
    lead_end = len(form.answer.partition("{answer}")[0])  # characters
    results = [[form.answer.format(answer=r) for r in chain_results(chain)] for chain in chains]
    pairs = list(zip(chain_ids, replies["input_ids"], strict=True))
    return {
        "question": question_ids,
        "teacher": [verbal + chain + chain_end + reply + [eos] for chain, reply in pairs],
        "answer": [[codi.eot_id, *reply, eos] for _, reply in pairs],
        "student": [opening + ids + left_end + reply + [eos] for ids, (_, reply) in zip(left, pairs, strict=True)],
        "results": [[[codi.eot_id, *ids, eos] for ids in said(r)["input_ids"]] if r else [] for r in results],
        "lead": [sum(end <= lead_end for _, end in spans) for spans in replies["offset_mapping"]],
        "unspoken": [len(verbal)] * len(pairs),
        "student_unspoken": [len(opening)] * len(pairs),
        # questions are read once and cost most
        "length": [4 * len(ids) + len(chain) for ids, chain in zip(question_ids, chain_ids, strict=True)],
    }


def stage_opening(codi: Codi) -> list[int]:
    """What is fed between the latent steps of Coconut's curriculum and the rest of the chain: nothing where eot ends
    the chain, else eot."""
    return [] if "eot" in PROMPT_FORMS[codi.form].chain_end else [codi.eot_id]


def collate(rows: list[dict]) -> dict[str, Tensor]:
    """Padded tensors of rows: question on the left, what follows it on the right; labels IGNORED where unspoken."""
    question, question_mask = pad([row["question"] for row in rows], "left")
    teacher, teacher_mask = pad([row["teacher"] for row in rows], "right")
    student, student_mask = pad([row["student"] for row in rows], "right")
    reply, reply_mask = pad([row["answer"] for row in rows], "right")
    before_number = torch.tensor([row["lead"] for row in rows]) - reply_mask.sum(1)  # counted from a text's end
    return {
        "question": question,
        "question_mask": question_mask,
        "teacher": teacher,
        "teacher_mask": teacher_mask,
        "teacher_labels": labels_of(teacher, teacher_mask, [row["unspoken"] for row in rows]),
        "student": student,
        "student_mask": student_mask,
        "student_labels": labels_of(student, student_mask, [row["student_unspoken"] for row in rows]),
        "reply": reply,
        "reply_mask": reply_mask,
        "reply_labels": labels_of(reply, reply_mask, [1] * len(rows)),
        "step_replies": step_replies([row["results"] for row in rows]),
        # where the token just before the answer's number stands
        "student_at": student_mask.sum(1) + before_number,
        "teacher_at": teacher_mask.sum(1) + before_number,
    }


def step_replies(results: list[list[list[int]]]) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Per result of the chain, from the first: ids, mask and labels (B, L); rows with fewer repeat their last."""
    if not all(results):
        return []
    replies = []
    for step in range(max(map(len, results))):
        ids, mask = pad([row[min(step, len(row) - 1)] for row in results], "right")
        replies.append((ids, mask, labels_of(ids, mask, [1] * len(ids))))
    return replies


def labels_of(ids: Tensor, mask: Tensor, unspoken: list[int]) -> Tensor:
    """What of texts `ids` (B, L) is predicted: all but each row's first `unspoken` tokens, which are fed, and the
    padding."""
    is_fed = torch.arange(ids.shape[1]) < torch.tensor(unspoken)[:, None]
    return ids.masked_fill(is_fed | (mask == 0), IGNORED)
