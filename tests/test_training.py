"""Self-distillation: what is fed, what is supervised, what resumes, what is saved."""

import json
import os
import shutil
import time
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from forked import in_processes
from safetensors.torch import load_file, save_file

import train_codi
import training
from checkpoints import MARKERS, PROMPT_FORMS
from codi_model import prompt_ids
from examples import collate, tokenize
from files import PART, check_unused, sha256, write_json
from loading import load_language_model, load_model
from problems import Problem, word_problems
from runs import extend, latent_steps, project, start_runs
from scripting import UserError
from train_codi import SelfDistillation
from training import IGNORED

ALL = dict.fromkeys(train_codi.LOSSES, 1.0) | {"lens": 0.0, "step": 0.0, "swap": 0.0, "project": 0.0}
SMALL = [
    "--from-scratch", "--data", "word-problems", "-n", "64", "--width", "32", "--mlp-width", "64", "--vocab-size",
    "400", "--batch-size", "16", "--epochs", "2", "--validate-every", "100", "--validation-n", "4",
    "--precision", "fp32",
]  # fmt: skip


class Killed(Exception):
    pass


def batch_of(codi, problems, form="plain"):
    codi.form = form
    return collate(list(tokenize(codi, problems, include_last_step=False)))


def text(codi, ids):
    return codi.tokenizer.decode([i for i in ids.tolist() if i >= 0])


PROBLEM = Problem("0", "Ava has 12 pens. Now?", "<<12+5=17>> <<17*2=34>>", 34.0)


def test_rows_are_laid_out_as_in_the_reference(codi):
    """REFERENCE.md section 2: EOS, bot, chain without its last step, eot, answer; direct has no bot."""
    (row,) = tokenize(codi, [PROBLEM], include_last_step=False)
    eos = codi.tokenizer.eos_token_id
    assert row["question"][-1] == eos
    assert row["teacher"][0] == codi.bot_id and row["teacher"][-1] == eos
    eot = row["teacher"].index(codi.eot_id)
    assert codi.tokenizer.decode(row["teacher"][1:eot]) == "<<12+5=17>>"
    assert codi.tokenizer.decode(row["teacher"][eot + 1 : -1]) == "34"
    assert row["answer"] == row["teacher"][eot:]
    assert row["question"] + [codi.bot_id] == prompt_ids(codi, PROBLEM.question, "latent", form="plain")


def test_official_form_words_its_answer_and_has_no_markers_in_the_teacher(codi):
    batch = batch_of(codi, [PROBLEM], "official")
    assert text(codi, batch["teacher"][0]).endswith("<<12+5=17>>The answer is: 34<|endoftext|>")
    at = int(batch["student_at"])
    assert codi.tokenizer.decode(batch["reply"][0, at + 1 : -1].tolist()).strip() == "34"
    assert torch.equal(batch["reply"][0, at + 1 :], batch["teacher"][0, int(batch["teacher_at"]) + 1 :])


@pytest.mark.parametrize("form", ["plain", "answer-only", "official"])
def test_only_what_the_model_says_is_supervised(codi, form):
    batch = batch_of(codi, word_problems("train", 6), form)
    for row in range(6):
        labels = batch["reply_labels"][row]
        assert labels[0] == IGNORED and (labels != IGNORED).sum() == batch["reply_mask"][row].sum() - 1
        spoken = batch["teacher_labels"][row] != IGNORED
        assert torch.equal(batch["teacher"][row][spoken], batch["teacher_labels"][row][spoken])
        markers = len(PROMPT_FORMS[form].verbal) and 1  # bot, which is fed and not said
        assert spoken.sum() == batch["teacher_mask"][row].sum() - markers


def test_the_distilled_positions_predict_the_number(codi):
    batch = batch_of(codi, word_problems("train", 8))
    rows = torch.arange(8)
    for ids, at in (("teacher", "teacher_at"), ("reply", "student_at")):
        assert (batch[ids][rows, batch[at]] == codi.eot_id).all()
        assert text(codi, batch[ids][rows, batch[at] + 1]).isdigit()


def test_losses_equal_a_plain_unpadded_forward(codi):
    """Every loss of a padded batch is that of its rows one by one, with no cache and no padding."""
    problems = word_problems("train", 3)
    codi.form = "plain"
    trainee = SelfDistillation(codi, ALL).eval()
    batched = trainee(**collate(list(tokenize(codi, problems, False))))
    sums = {"student": [], "direct": [], "teacher": []}
    for problem in problems:
        (row,) = tokenize(codi, [problem], False)
        latent = codi.embed(torch.tensor([row["question"] + [codi.bot_id]]))
        for _ in range(codi.num_latent):
            latent = torch.cat([latent, codi.prj(codi.body(inputs_embeds=latent).last_hidden_state[:, -1:])], 1)
        reply = torch.tensor([row["answer"]])
        for name, embeds, said in (
            ("student", torch.cat([latent, codi.embed(reply)], 1), row["answer"][1:]),
            ("direct", codi.embed(torch.tensor([row["question"] + row["answer"]])), row["answer"][1:]),
            ("teacher", codi.embed(torch.tensor([row["question"] + row["teacher"]])), row["teacher"][1:]),
        ):
            log_probs = codi.model(inputs_embeds=embeds).logits[0, -len(said) - 1 : -1].log_softmax(-1)
            sums[name].append(-log_probs[torch.arange(len(said)), said])
    for name, losses in sums.items():
        assert torch.allclose(batched[name], torch.cat(losses).mean(), atol=1e-4), name


def test_batches_are_of_like_length_and_in_random_order():
    """In transformers' own order the lengths fall for fifty batches on end, and the model forgot the short stories."""
    torch.manual_seed(0)
    lengths = [1, 2, 3, 4] * 200
    indices = list(training.ShuffledLengthGroups(8, lengths))
    assert sorted(indices) == list(range(800))
    batches = [{lengths[i] for i in indices[start : start + 8]} for start in range(0, 800, 8)]
    assert sum(len(batch) == 1 for batch in batches) >= 90
    falls = sum(max(b) < max(a) for a, b in pairwise(batches))
    rises = sum(max(b) > max(a) for a, b in pairwise(batches))
    assert rises > 20 and falls > 20


def test_the_teacher_is_not_pulled_towards_the_student(codi):
    teacher = [torch.randn(4, 8, requires_grad=True)]
    student = [torch.randn(4, 8, requires_grad=True)]
    train_codi.distillation(student, teacher).backward()
    assert teacher[0].grad is None and student[0].grad is not None


def test_step_and_lens_losses_ask_each_latent_step_for_its_own_result(codi):
    """Step i consumes result i and yields result i+1; once the chain is done, its last result. Step 0 is asked for
    result 1."""
    codi.form = "plain"
    two = Problem("0", "Ava has 12.", "<<12+5=17>> <<17*2=34>>", 34.0)
    one = Problem("1", "Ava has 3 pens.", "<<3+1=4>>", 4.0)
    batch = collate(list(tokenize(codi, [two, one], False)))
    said = [
        [text(codi, row[label != IGNORED]) for row, label in zip(ids, labels, strict=True)]
        for ids, _, labels in batch["step_replies"]
    ]
    assert said == [["17<|endoftext|>", "4<|endoftext|>"], ["34<|endoftext|>", "4<|endoftext|>"]]
    trainee = SelfDistillation(codi, ALL | {"step": 1.0, "lens": 1.0}).eval()
    run = start_runs(codi, [prompt_ids(codi, p.question, "latent", form="plain") for p in (two, one)])
    lens_losses = []
    for step, run in enumerate(latent_steps(codi, run, codi.num_latent)):
        log_probs = codi.head(run.hidden[:, 0]).log_softmax(-1)
        first = [int(batch["step_replies"][min(step, 1)][0][row, 1]) for row in range(2)]
        lens_losses.append(-(log_probs[0, first[0]] + log_probs[1, first[1]]) / 2)
        alone = trainee.speak(run, *batch["step_replies"][min(max(step, 1) - 1, 1)])[0]
        assert torch.allclose(trainee(**batch, probe=step)["step"], alone, atol=1e-5)
    assert torch.allclose(trainee(**batch)["lens"], torch.stack(lens_losses).mean(), atol=1e-5)


def test_the_swap_loss_asks_for_what_the_taken_vectors_hold(codi):
    """A row takes the vectors of the row before; after step i that row's result i is asked for, last its answer."""
    codi.form = "plain"
    problems = [
        Problem("0", "Ava has 12.", "<<12+5=17>> <<17*2=34>>", 34.0),
        Problem("1", "Ava.", "<<3+1=4>>", 4.0),
        Problem("2", "Ben has 3 pens.", "<<3+5=8>> <<8-2=6>>", 6.0),
    ]
    before = [2, 0, 1]  # of each row the one it takes from
    batch = collate(list(tokenize(codi, problems, False)))
    trainee = SelfDistillation(codi, ALL | {"swap": 1.0}).eval()
    prompts = [prompt_ids(codi, p.question, "latent", form="plain") for p in problems]
    own = [start_runs(codi, prompts)]
    own.extend(latent_steps(codi, own[0], codi.num_latent))
    for swapped in [(1,), (0, 2), tuple(range(codi.num_latent))]:
        run, last = own[0], swapped[-1]
        for step in range(last + 1):
            consumed = own[step].hidden[before] if step in swapped else run.hidden
            run = extend(codi, run, project(codi, consumed))
        is_answer = last == codi.num_latent - 1
        names = ("reply", "reply_mask", "reply_labels")
        wanted = [batch[n] for n in names] if is_answer else batch["step_replies"][min(last, 2) - 1]
        alone = trainee.speak(run, *(tensor[before] for tensor in wanted))[0]
        assert torch.allclose(trainee(**batch, swapped=swapped)["swap"], alone, atol=1e-5)


def test_teacher_forcing_reads_at_once_what_steps_fed_the_results_one_by_one_would(codi):
    """Step 0 consumes its own latent, step i > 0 the embedding of result i, the last result once the chain is done."""
    codi.form = "plain"
    problems = [Problem("0", "Ava has 12.", "<<12+5=17>> <<17*2=34>>", 34.0), Problem("1", "Ava.", "<<3+1=4>>", 4.0)]
    batch = collate(list(tokenize(codi, problems, False)))
    losses = SelfDistillation(codi, ALL | {"lens": 1.0, "project": 1.0}, teacher_forcing=True).eval()(**batch)
    plain = SelfDistillation(codi, ALL).eval()
    run = start_runs(codi, [prompt_ids(codi, p.question, "latent", form="plain") for p in problems])
    embed, yielded, results = project(codi, run.hidden[:, 0]), [], []
    for step in range(codi.num_latent):
        run = extend(codi, run, embed[:, None])
        results.append(batch["step_replies"][min(step, 1)][0][:, 1])
        yielded.append(run.hidden[:, 0])
        embed = codi.embed(results[-1])
    heads = torch.stack([codi.head(hidden) for hidden in yielded], 1).flatten(0, 1)
    assert torch.allclose(losses["lens"], torch.nn.functional.cross_entropy(heads, torch.stack(results, 1).flatten()))
    alone = plain.speak(run, batch["reply"], batch["reply_mask"], batch["reply_labels"])[0]
    assert torch.allclose(losses["student"], alone, atol=1e-5)
    consumed = torch.stack([codi.embed(ids) for ids in results[:-1]], 1)
    missed = project(codi, torch.stack(yielded[:-1], 1)) - consumed
    assert torch.allclose(losses["project"], missed.square().sum() / consumed.square().sum(), rtol=1e-4)


def test_chains_in_sentences_cannot_be_asked_for_results(codi):
    with pytest.raises(UserError, match="--step"):
        tokenize(codi, [Problem("0", "Q?", "She has two. She eats one.", 1.0)], False, asks="--step")


def test_without_the_step_loss_chains_in_sentences_train(codi):
    """Step 0 was once taken for the probe when there was none, and asked for a result that such a chain has not."""
    codi.form = "plain"
    rows = tokenize(codi, [Problem("0", "Q?", "She has two. She eats one.", 1.0)], False)
    assert "step" not in SelfDistillation(codi, ALL)(**collate(list(rows)))


def test_gradients_reach_the_projection_through_all_latent_steps(codi):
    trainee = SelfDistillation(codi, ALL | {"teacher": 0.0, "direct": 0.0})
    trainee(**batch_of(codi, word_problems("train", 4)))["loss"].backward()
    assert codi.prj[1].weight.grad.abs().sum() > 0
    assert codi.embed.weight.grad[codi.bot_id].abs().sum() > 0


def test_problems_longer_than_the_context_are_left_out(codi, capsys):
    long = Problem("1", "apples " * 400, "<<1+1=2>>", 2.0)
    assert len(tokenize(codi, [PROBLEM, long], False)) == 1
    assert "Left out 1 of 2" in capsys.readouterr().err


def train(output, *arguments):
    train_codi.main([*SMALL, "--output", str(output), *arguments])
    return load_file(output / "model.safetensors")


def test_a_trained_folder_loads_and_says_where_it_came_from(tmp_path):
    train(tmp_path / "a")
    origin = json.loads((tmp_path / "a" / "codi.json").read_text())["origin"]
    assert origin["steps"] == 8 and origin["arguments"]["data"] == "word-problems" and origin["arguments"]["seed"] == 0
    assert load_model(str(tmp_path / "a"), device="cpu").form == "plain"
    assert not (tmp_path / "a" / "training").exists()
    with pytest.raises(UserError, match="finished"):
        train(tmp_path / "a")


def test_a_killed_run_resumes_to_the_same_weights(tmp_path, monkeypatch):
    """Killed after a save, then started again by the same command: bit for bit the unbroken run."""
    flags = ["--save-every", "3", "--step", "1", "--swap", "1"]
    unbroken = train(tmp_path / "unbroken", *flags)

    def kill(self, args, state, control, **kwargs):
        if state.global_step == 5:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(train_codi.Validation, "on_step_end", kill)
        with pytest.raises(Killed):
            train(tmp_path / "killed", *flags)
    assert (tmp_path / "killed" / "training" / "checkpoint-3").is_dir()
    with pytest.raises(UserError, match="lr was 0.0008, now 0.5"):
        train(tmp_path / "killed", *flags, "--lr", "0.5")
    resumed = train(tmp_path / "killed", *flags)
    assert all(torch.equal(unbroken[name], resumed[name]) for name in unbroken)


def test_a_killed_run_does_not_go_on_with_other_data_of_the_same_name(tmp_path, monkeypatch):
    """my.jsonl was replaced by other stories after a kill, and trained on as if it was the same."""
    path, flags = tmp_path / "my.jsonl", ["--data", str(tmp_path / "my.jsonl"), "--max-steps", "3", "--save-every", "1"]

    def write(split):
        rows = [{"question": p.question, "cot": p.chain, "answer": p.answer} for p in word_problems(split, 40)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def kill(self, args, state, control, **kwargs):
        if state.global_step == 2:
            raise Killed

    write("train")
    with monkeypatch.context() as patched:
        patched.setattr(train_codi.Validation, "on_step_end", kill)
        with pytest.raises(Killed):
            train(tmp_path / "a", *flags)
    write("test")
    with pytest.raises(UserError, match="problems_sha256 was"):
        train(tmp_path / "a", *flags)
    write("train")
    train(tmp_path / "a", *flags)


def test_a_run_remembers_which_weights_it_started_from(base_folder, our_checkpoint, tmp_path):
    """Another model in the same folder was trained on from the first one's checkpoint."""

    def start(folder):
        args = train_codi.parse_arguments(["--model", str(folder), "--output", "x", "--precision", "fp32"])
        codi = load_model(str(folder), "cpu") if folder == our_checkpoint else plain(folder)
        return train_codi.started_from(args, codi, [PROBLEM])["model_revision"]

    def plain(folder):
        return SimpleNamespace(revision=None, model=load_language_model(str(folder))[0])

    for folder in (our_checkpoint, shutil.copytree(base_folder, tmp_path / "base")):
        before, path = start(folder), folder / "model.safetensors"
        assert sha256(path).startswith(before)
        weights = load_file(path)
        weights["model.norm.weight"] *= 2
        save_file(weights, path, metadata={"format": "pt"})
        assert start(folder) != before


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_lora_on_a_language_model_is_merged_and_its_markers_are_learned(tmp_path, family, tokenizer):
    from builders import random_language_model
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    base = random_language_model(family, len(tokenizer) - len(MARKERS))
    folder = tmp_path / "base"
    base.save_pretrained(folder)
    plain = json.loads(tokenizer.backend_tokenizer.to_str())
    plain["added_tokens"] = [t for t in plain["added_tokens"] if t["content"] not in MARKERS]
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(plain)), eos_token="<|endoftext|>"
    ).save_pretrained(folder)
    output = tmp_path / "codi"
    train_codi.main([
        "--model", str(folder), "--data", "word-problems", "-n", "32", "--batch-size", "8", "--epochs", "2",
        "--lora-r", "4", "--output", str(output), "--precision", "fp32", "--prompt-form", "plain", "--lr", "0.01",
    ])  # fmt: skip
    codi = load_model(str(output), device="cpu")
    before, after = base.get_input_embeddings().weight, codi.embed.weight
    assert torch.equal(before, after[: len(before)]), "LoRA leaves the original embeddings alone"
    changed = [n for n, p in base.named_parameters() if not torch.equal(p, codi.model.get_parameter(n)[: len(p)])]
    assert any("layers.1" in n or "h.1" in n for n in changed)
    start_runs(codi, [prompt_ids(codi, "Ava has 12.", "latent")])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--output", "x"],
        ["--from-scratch", "--model", "y", "--output", "x"],
        ["--from-scratch", "--output", "x", "--lr", "-1"],
        ["--from-scratch", "--output", "x", "--lr", "nan"],
        ["--from-scratch", "--output", "x", "--width", "30"],
        ["--from-scratch", "--output", "x", "--student", "0", "--teacher", "0", "--direct", "0"],
        ["--from-scratch", "--output", "x", "--batch-size", "0"],
        ["--from-scratch", "--output", "x", "--seed", "99999999999"],
        ["--from-scratch", "--output", "x", "--epochs", "0"],
        ["--from-scratch", "--output", "x", "--vocab-size", "10"],
        ["--from-scratch", "--output", "x", "--width", "12", "--heads", "4"],
        ["--from-scratch", "--output", "x", "--report-to", "nonsense"],
        ["--from-scratch", "--output", "x", "--step", "1", "--student", "0"],
    ],
)
def test_bad_flags_are_refused(arguments):
    with pytest.raises(SystemExit) as exit:
        train_codi.main(arguments)
    assert exit.value.code == 2


def test_a_typo_does_not_claim_the_folder(tmp_path):
    with pytest.raises(UserError, match="typo"):
        train(tmp_path / "a", "--data", "typo")
    assert not (tmp_path / "a").exists()


def test_a_diverged_run_writes_no_checkpoint(tmp_path):
    with pytest.raises(UserError, match="diverged"):
        train(tmp_path / "a", "--lr", "1e30", "--clip", "0")
    assert not (tmp_path / "a" / "codi.json").exists()


def test_a_base_model_with_missing_weights_is_refused(tmp_path, our_checkpoint):
    from safetensors.torch import save_file

    (our_checkpoint / "codi.json").unlink()
    weights = load_file(our_checkpoint / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "layers.1" not in k}, our_checkpoint / "model.safetensors")
    with pytest.raises(UserError, match="missing or unknown"):
        train_codi.main(
            ["--model", str(our_checkpoint), "--data", "word-problems", "-n", "4", "--output", str(tmp_path / "x")]
        )


def test_a_save_cut_short_is_passed_over(tmp_path):
    for step, whole in ((2, True), (10, True), (12, False)):
        folder = tmp_path / "training" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "trainer_state.json").write_text('{"global_step": 1}')
        if whole:
            write_json(folder / training.MANIFEST, {"trainer_state.json": sha256(folder / "trainer_state.json")})
    (tmp_path / "training" / "arguments.json").write_text("{}")
    assert training.checkpoint_to_resume(tmp_path, {}).endswith("checkpoint-10")
    (tmp_path / "training" / "checkpoint-10" / "trainer_state.json").write_text('{"global_')
    assert training.checkpoint_to_resume(tmp_path, {}).endswith("checkpoint-2"), "a damaged one too"
    (tmp_path / "training" / "checkpoint-2" / training.MANIFEST).write_text("[]")
    assert training.checkpoint_to_resume(tmp_path, {}) is None
    for damaged in ("{", "[]", '{"lr": 1}'):
        (tmp_path / "training" / "arguments.json").write_text(damaged)
        with pytest.raises(UserError, match="settings"):
            training.checkpoint_to_resume(tmp_path, {"lr": 2})


def test_nothing_of_the_users_is_removed_or_overwritten(tmp_path, capsys):
    """A folder training/ with notes in it was removed at a run's end, whoever had made it."""
    (tmp_path / "a" / "training").mkdir(parents=True)
    (tmp_path / "a" / "training" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="did not write .*notes.txt"):
        train(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "config.json").write_text("{}")
    with pytest.raises(UserError, match="did not write .*config.json"):
        train(tmp_path / "b")
    output = tmp_path / "c"
    train_codi.claim(output, {})
    for name in ("training/checkpoint-3/optimizer.pt", "training/checkpoint-3/mine.txt", "training/notes.txt"):
        (output / name).parent.mkdir(exist_ok=True)
        (output / name).write_text("x")
    training.remove_training(output)
    left = sorted(str(path.relative_to(output)) for path in output.rglob("*.*"))
    assert left == ["training/checkpoint-3/mine.txt", "training/notes.txt"]
    assert "mine.txt" in capsys.readouterr().err


@pytest.mark.parametrize("names, is_taken", [([], False), (["arguments.json" + PART], False), (["notes.txt"], True)])
def test_an_empty_training_folder_is_nobodys(tmp_path, names, is_taken):
    """A run killed before it wrote its arguments there, or that main process while another looked, made the output
    foreign."""
    (tmp_path / "training").mkdir()
    for name in names:
        (tmp_path / "training" / name).write_text("{")
    if is_taken:
        with pytest.raises(UserError, match="did not write .*notes.txt"):
            check_unused(tmp_path, "codi.json")
    else:
        check_unused(tmp_path, "codi.json")
        assert training.checkpoint_to_resume(tmp_path, {}) is None
        training.claim(tmp_path, {})
        training.remove_training(tmp_path)
        assert not (tmp_path / "training").exists()


def test_every_process_sees_that_a_run_was_complete(tmp_path):
    """The main process removed what the slower ones looked for; they took the output for another run's."""

    def look(argv):
        if os.environ["RANK"] == "1":
            time.sleep(0.3)
        assert training.is_finished(tmp_path / "out", "codi.json")

    training.claim(tmp_path / "out", {})
    (tmp_path / "out" / "codi.json").write_text("{}")
    said = in_processes(look, [], tmp_path)
    assert "already complete" in said[0] and not (tmp_path / "out" / "training").exists()


def test_another_number_of_processes_is_another_run(tmp_path, monkeypatch):
    training.claim(tmp_path, training.processes_of({"lr": 1}))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="processes was 1, now 2"):
        training.checkpoint_to_resume(tmp_path, training.processes_of({"lr": 1}))


def test_an_epochs_order_does_not_depend_on_what_was_drawn_before():
    """Three of eleven runs that were killed in their second epoch or later resumed to other weights."""
    epoch = 0
    sampler = training.ShuffledLengthGroups(4, [1, 2, 3, 4] * 20, seed=5, epoch=lambda: epoch)
    first, epoch = list(sampler), 1
    second = list(sampler)
    torch.randn(7)
    assert list(sampler) == second != first


THREE_EPOCHS = ["--save-every", "2", "--epochs", "3", "-n", "64"]


@pytest.fixture(scope="module")
def three_epochs(tmp_path_factory):
    return train(tmp_path_factory.mktemp("three") / "unbroken", *THREE_EPOCHS)


@pytest.mark.parametrize("killed_at", [4, 10, *(pytest.param(step, marks=pytest.mark.slow) for step in (3, 6, 8))])
def test_a_run_killed_in_any_epoch_resumes_to_the_same_weights(three_epochs, tmp_path, monkeypatch, killed_at):
    """Four steps an epoch, a save every second: killed within each of three epochs, and on their ends."""

    def kill(self, args, state, control, **kwargs):
        if state.global_step == killed_at + 1:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(train_codi.Validation, "on_step_end", kill)
        with pytest.raises(Killed):
            train(tmp_path / "killed", *THREE_EPOCHS)
    resumed = train(tmp_path / "killed", *THREE_EPOCHS)
    assert all(torch.equal(three_epochs[name], resumed[name]) for name in three_epochs)


def test_the_distillation_is_officials(codi):
    """Sum over l = 0 … L of smooth_l1(s, t) / std(t), divided by L + 1 (REFERENCE.md section 9)."""
    student, teacher = ([torch.randn(4, 8) * (i + 1) for i in range(3)] for _ in range(2))
    total = 0.0
    for s, t in zip(student, teacher, strict=True):
        missed = (s - t).abs()
        total += torch.where(missed < 1, missed**2 / 2, missed - 0.5).mean() / t.std()
    assert torch.allclose(train_codi.distillation(student, teacher), total / 3)


def test_rows_of_the_users_own_are_held_out_by_question(tmp_path, capsys):
    """my.jsonl was validated on the rows it was trained on, and gsm8k alone ended with "no split validation"."""
    rows = [{"question": f"{i // 2}?", "cot": f"<<1+{i}={1 + i}>>", "answer": 1 + i} for i in range(60)]
    path = tmp_path / "my.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    args = train_codi.parse_arguments(["--from-scratch", "--output", "x", "--data", str(path)])
    problems, held = train_codi.training_problems(args)
    assert len(problems) + len(held) == 60 and len({p.question for p in held}) == 3 and len(held) == 6
    assert not {p.question for p in problems} & {p.question for p in held}
    assert "3 of its 30 questions are held out" in capsys.readouterr().err


def test_what_is_validated_on_is_not_trained_on(tmp_path, capsys):
    """A --validation file that shares questions with --data chose the best step by what was learned by heart."""
    rows = [json.dumps({"question": f"{i}?", "cot": f"<<1+{i}={1 + i}>>", "answer": 1 + i}) for i in range(20)]
    data, some, every = (tmp_path / name for name in ("data.jsonl", "some.jsonl", "every.jsonl"))
    for path, kept in ((data, rows), (some, rows[15:]), (every, rows)):
        path.write_text("\n".join(kept))
    asked = ["--from-scratch", "--output", "x", "--data", str(data), "--validation"]
    problems, held = train_codi.training_problems(train_codi.parse_arguments([*asked, str(some)]))
    assert [p.question for p in held] == [f"{i}?" for i in range(15, 20)]
    assert [p.question for p in problems] == [f"{i}?" for i in range(15)]
    assert "5 of 20 problems are left out of training" in capsys.readouterr().err
    with pytest.raises(UserError, match="none is left to train on"):
        train_codi.training_problems(train_codi.parse_arguments([*asked, str(every)]))


def test_bad_sources_are_sentences(tmp_path):
    (tmp_path / "no-chain.jsonl").write_text('{"question": "Q?", "answer": 3}\n')
    (tmp_path / "file").write_text("")
    for arguments in (
        ["--from-scratch", "--data", str(tmp_path / "no-chain.jsonl"), "--output", str(tmp_path / "x")],
        ["--model", "nobody/nothing", "--data", "word-problems", "--output", str(tmp_path / "y")],
        ["--from-scratch", "--data", "word-problems", "--output", str(tmp_path / "file" / "z")],
    ):
        with pytest.raises(UserError):
            train_codi.main(arguments)


@pytest.mark.parametrize("is_first", [True, False])
def test_only_the_first_of_several_processes_writes_a_checkpoint(tmp_path, is_first):
    """transformers has every process save; the second one's rename took the first one's file away."""
    trainer = object.__new__(training.PartsTrainer)
    trainer.args, trainer.model = SimpleNamespace(should_save=is_first, output_dir=tmp_path), torch.nn.Linear(2, 2)
    trainer._save(str(tmp_path / "checkpoint-1"))
    assert (tmp_path / "checkpoint-1/model.safetensors").exists() == is_first
