"""The variants that the field compares: pause tokens in place of thoughts, Coconut's curriculum, and the embedded
checkpoints trained with them."""

import json

import pytest
import torch
from builders import that_ends
from safetensors.torch import load_file, save_file
from test_training import ALL, SMALL, text

import bench_codi
import codi_model
import collect_traces
import train_codi
from checkpoints import FEEDS, FOLDERS
from codi_model import answer, generate_with_ablation, generate_with_patch, latents, prompt_ids
from examples import collate, tokenize
from loading import Pause, Projection, load_model, save_checkpoint
from problems import Problem, word_problems
from runs import latent_steps, start_runs
from scripting import UserError
from traces import read_traces
from train_codi import SelfDistillation
from training import IGNORED

QUESTIONS = [p.question for p in word_problems("test", 5)] + ["Hm?"]
TOKENS = 8


@pytest.fixture
def pausing(codi, tokenizer):
    """A random model with a random vector in place of every thought."""
    codi.prj = Pause(codi.width)
    torch.nn.init.normal_(codi.prj.pause)
    that_ends(codi.model, tokenizer)
    return codi


@pytest.fixture
def pause_folder(pausing, tmp_path):
    save_checkpoint(pausing, tmp_path / "pause", origin={"test": True})
    return tmp_path / "pause"


# --- Pause tokens ---


@torch.no_grad()
def plain_answer(codi, question, thoughts):
    """What a model says after `thoughts` (N, D) and their hidden states: one row, no cache, the plain forward."""
    embeds = codi.embed(torch.tensor([prompt_ids(codi, question, "latent")]))
    embeds, start = torch.cat([embeds, thoughts[None]], 1), embeds.shape[1]
    states = codi.body(inputs_embeds=embeds).last_hidden_state[0, start:]
    embeds, said = torch.cat([embeds, codi.embed(torch.tensor([[codi.eot_id]]))], 1), []
    while len(said) < TOKENS:
        scores = codi.model(inputs_embeds=embeds).logits[0, -1]
        scores[-3:] = -torch.inf  # the markers
        if int(scores.argmax()) == codi.tokenizer.eos_token_id:
            break
        said.append(int(scores.argmax()))
        embeds = torch.cat([embeds, codi.embed(torch.tensor([said[-1:]]))], 1)
    return codi.tokenizer.decode(said, skip_special_tokens=True).strip(), states


@torch.no_grad()
def test_a_loaded_pause_checkpoint_equals_a_plain_forward_with_one_vector_at_every_step(pausing, pause_folder):
    codi = load_model(str(pause_folder), device="cpu")
    assert json.loads((pause_folder / "codi.json").read_text())["feeds"] == "pause"
    prompts = [prompt_ids(codi, question, "latent") for question in QUESTIONS]
    run = start_runs(codi, prompts)
    hidden = torch.cat([run.hidden for run in latent_steps(codi, run, codi.num_latent)], 1)
    thoughts = pausing.prj.pause.expand(codi.num_latent, -1)
    for row, question in enumerate(QUESTIONS):
        said, states = plain_answer(pausing, question, thoughts)
        assert answer(codi, [question], max_new_tokens=TOKENS)[0].text == said
        assert (hidden[row] - states).abs().max() < 1e-4
    assert torch.equal(latents(codi, QUESTIONS, codi.num_latent)["z"], thoughts.expand(len(QUESTIONS), -1, -1))


def test_a_pause_is_patched_and_removed_as_a_thought_is(pausing):
    draw = torch.Generator().manual_seed(0)
    vectors = 5 * torch.randn(2, pausing.width, generator=draw)
    changed = 0
    for question in QUESTIONS[-2:]:
        thoughts = pausing.prj.pause.detach().expand(4, -1).clone()
        plain, _ = plain_answer(pausing, question, thoughts)
        for step in range(4):
            without = thoughts.clone()
            without[step] = 0
            said, _ = plain_answer(pausing, question, without)
            got = generate_with_ablation(*pausing, question, step, max_new_tokens=TOKENS, num_latent=4)
            assert got == said
        thoughts[1], thoughts[3] = vectors
        said, _ = plain_answer(pausing, question, thoughts)
        assert generate_with_patch(*pausing, question, {1: vectors[0], 3: vectors[1]}, 4).startswith(said)
        changed += said != plain
    assert changed


def test_scripts_run_on_a_pause_checkpoint(pause_folder, tmp_path, short_answers):
    bench_codi.main(["--model", str(pause_folder), "--data", "word-problems", "-n", "4", "--device", "cpu"])
    path = tmp_path / "traces.jsonl"
    collect_traces.main([
        "--model", str(pause_folder), "--data", "word-problems", "--split", "test", "-n", "3", "--device", "cpu",
        "--vectors", "--ablation-types", "zero", "swap", "--output", str(path),
    ])  # fmt: skip
    for trace in read_traces(path):
        assert all(trace.ablations[f"swap_step{step}"] == trace.output for step in range(4))


def spoiled(edit):
    def spoil(folder):
        weights = load_file(folder / "model.safetensors")
        edit(weights)
        save_file(weights, folder / "model.safetensors")

    return spoil


def said_to_feed(feeds):
    def spoil(folder):
        settings = json.loads((folder / "codi.json").read_text()) | {"feeds": feeds}
        (folder / "codi.json").write_text(json.dumps(settings))

    return spoil


@pytest.mark.parametrize("spoil, words", [
    (spoiled(lambda w: w.pop("prj.pause")), ("missing", "prj.pause")),
    (spoiled(lambda w: w.update({"prj.pause": torch.ones(31)})), ("misshapen", "prj.pause", "(31,)")),
    (spoiled(lambda w: w.update({"prj.pause": torch.ones(1, 32)})), ("misshapen", "prj.pause", "(1, 32)")),
    (spoiled(lambda w: w["prj.pause"].fill_(torch.nan)), ("NaN", "prj.pause")),
    (spoiled(lambda w: w.update({"prj.1.bias": torch.ones(32)})), ("unknown", "prj.1.bias")),
    (said_to_feed("mlp-ln"), ("missing", "prj.1.weight")),
    (said_to_feed("identity"), ("unknown", "prj.pause")),
    (said_to_feed("pauses"), ("feeds is 'pauses'", "pause")),
])  # fmt: skip
def test_a_damaged_pause_checkpoint_is_refused(pause_folder, spoil, words):
    spoil(pause_folder)
    with pytest.raises(UserError) as error:
        load_model(str(pause_folder), device="cpu")
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "\n" not in str(error.value)


def test_an_mlp_checkpoint_does_not_load_as_pauses(our_checkpoint):
    said_to_feed("pause")(our_checkpoint)
    with pytest.raises(UserError, match="prj.1.weight"):
        load_model(str(our_checkpoint), device="cpu")


def test_the_pause_is_learned_and_nothing_else_feeds_steps_back(our_checkpoint, tmp_path):
    flags = ["--model", str(our_checkpoint), "--full", "--feeds", "pause", "--max-steps", "2", *SMALL[1:]]
    train_codi.main([*flags, "--output", str(tmp_path / "a")])
    before, codi = load_model(str(our_checkpoint), "cpu"), load_model(str(tmp_path / "a"), "cpu")
    assert not torch.allclose(codi.prj.pause, before.embed.weight[before.bot_id], atol=1e-6)
    assert [name for name in load_file(tmp_path / "a" / "model.safetensors") if "prj" in name] == ["prj.pause"]
    for wrong in ("--swap", "--project"):
        with pytest.raises(UserError, match="pause"):
            again = ["--model", str(tmp_path / "a"), wrong, "1", "--output", str(tmp_path / "b"), *SMALL[1:]]
            train_codi.main(again)
    train_codi.main(["--model", str(tmp_path / "a"), "--full", "--max-steps", "1", "--output", str(tmp_path / "c"),
                     *SMALL[1:]])  # fmt: skip
    assert isinstance(load_model(str(tmp_path / "c"), "cpu").prj, Pause)
    train_codi.main([*flags, "--feeds", "mlp", "--output", str(tmp_path / "d")])
    assert {*load_model(str(tmp_path / "d"), "cpu").prj.state_dict()} == {*Projection(1, 1, norm=False).state_dict()}


# --- Coconut's curriculum ---

FOUR = Problem("0", "Ava has 1.", "<<1+2=3>> <<3*4=12>> <<12-5=7>> <<7+9=16>>", 16.0)
TWO = Problem("1", "Ava has 12 pens.", "<<12+5=17>> <<17*2=34>>", 34.0)


@pytest.mark.parametrize("form, stage, said", [
    ("plain", 1, ["<<3*4=12>> <<12-5=7>><|eocot|>16<|endoftext|>", "<|eocot|>34<|endoftext|>"]),
    ("plain", 2, ["<<12-5=7>><|eocot|>16<|endoftext|>", "<|eocot|>34<|endoftext|>"]),
    ("terse", None, ["16<|endoftext|>", "34<|endoftext|>"]),
    ("terse", 1, ["12 7<|eocot|>16<|endoftext|>", "<|eocot|>34<|endoftext|>"]),
    ("plain", None, ["16<|endoftext|>", "34<|endoftext|>"]),
    ("official", 1, ["<<3*4=12>> <<12-5=7>>The answer is: 16<|endoftext|>", "The answer is: 34<|endoftext|>"]),
])  # fmt: skip
def test_a_stage_leaves_the_first_steps_of_the_chain_to_latents_and_says_the_rest(codi, form, stage, said):
    codi.form = form.replace("terse", "plain")
    batch = collate(list(tokenize(codi, [FOUR, TWO], include_last_step=False, stage=stage, terse=form == "terse")))
    if form == "terse":
        assert text(codi, batch["teacher"][0][batch["teacher_mask"][0].bool()]).startswith("<|bocot|>3 12 7<|eocot|>16")
    for row, words in enumerate(said):
        spoken = batch["student_labels"][row] != IGNORED
        assert text(codi, batch["student_labels"][row][spoken]) == words
        fed = batch["student"][row][~spoken & batch["student_mask"][row].bool()].tolist()
        assert fed == ([codi.eot_id] if form == "official" or stage is None else [])
        at = int(batch["student_at"][row]) + 1
        assert text(codi, batch["student"][row, at:]).strip().startswith(["16", "34"][row])
    assert text(codi, batch["reply"][0]).startswith("<|eocot|>")  # of direct answers, as ever


def test_a_stage_has_the_loss_of_a_plain_forward_with_so_many_latents(codi):
    codi.form = "plain"
    trainee = SelfDistillation(codi, ALL, num_latent=2).eval()
    batched = trainee(**collate(list(tokenize(codi, [FOUR, TWO], False, stage=1))))["student"]
    losses = []
    for problem in (FOUR, TWO):
        (row,) = tokenize(codi, [problem], False, stage=1)
        embeds = codi.embed(torch.tensor([row["question"] + [codi.bot_id]]))
        for _ in range(2):
            embeds = torch.cat([embeds, codi.prj(codi.body(inputs_embeds=embeds).last_hidden_state[:, -1:])], 1)
        said = row["student"]
        embeds = torch.cat([embeds, codi.embed(torch.tensor([said]))], 1)
        log_probs = codi.model(inputs_embeds=embeds).logits[0, -len(said) - 1 : -1].log_softmax(-1)
        losses.append(-log_probs[torch.arange(len(said)), said])
    assert torch.allclose(batched, torch.cat(losses).mean(), atol=1e-4)


def test_in_a_stage_the_accuracy_on_the_way_is_of_its_latents_and_the_rest_in_words(codi, monkeypatch):
    """With all latent steps and no words a stage would look as if nothing was learned."""
    asked = {}

    def decode_all(codi, run, start, most, eot_allowed):
        asked.update(start=list(start), eot_allowed=eot_allowed)
        words = codi.tokenizer("<<3*4=12>>", add_special_tokens=False)["input_ids"]
        return [[words + [codi.eot_id] + codi.tokenizer("16", add_special_tokens=False)["input_ids"]]] * len(run.hidden)

    def complete(codi, prompts, num_latent, decoded):
        asked["latents"] = num_latent
        return codi_model.complete(codi, prompts, num_latent, decoded)

    monkeypatch.setattr(train_codi, "decode_all", decode_all)
    monkeypatch.setattr(train_codi, "complete", complete)
    validation = train_codi.Validation(codi, [FOUR, TWO], 1, stage_latents=2)
    replies = validation.answers("latent")
    assert asked == {"latents": 2, "start": [], "eot_allowed": True}
    assert "2-step 0/1" in (said := train_codi.accuracy_by_steps([FOUR, TWO], replies)) and "4-step 1/1" in said


def test_a_stage_trains_to_a_checkpoint_with_all_its_latent_steps(tmp_path):
    flags = ["--stage", "1", "--max-steps", "1", "--validate-every", "1", "--output", str(tmp_path / "a")]
    train_codi.main([*SMALL, *flags])
    assert load_model(str(tmp_path / "a"), "cpu").num_latent == 6


@pytest.mark.parametrize("flags, word", [
    (["--stage", "1", "--lens", "1"], "--lens"),
    (["--stage", "1", "--student", "0"], "--student"),
    (["--stage", "0"], "--stage"),
    (["--feeds", "thoughts"], "--feeds"),
])  # fmt: skip
def test_options_that_do_not_go_together_are_refused(flags, word, capsys):
    with pytest.raises(SystemExit) as exit:
        train_codi.main([*SMALL, "--output", "never", *flags])
    assert exit.value.code == 2 and word in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("flags, word", [
    (["--stage", "4"], "6 latent steps, --stage"),
    (["--stage", "3", "--latents-per-step", "3"], "--stage"),
    (["--swap", "1", "--num-latent", "1"], "--swap"),
    (["--feeds", "pause", "--teacher-forcing"], "pause"),
])  # fmt: skip
def test_what_a_model_cannot_be_trained_for_is_refused(flags, word, tmp_path):
    with pytest.raises(UserError, match=word):
        train_codi.main([*SMALL, "--output", str(tmp_path / "never"), *flags])


# --- The embedded checkpoints ---


@pytest.mark.parametrize("name, feeds", [("tiny-plain", "mlp-ln"), ("tiny-pause", "pause")])
def test_the_embedded_variants_are_of_tinys_shape_and_learned_from_words_alone(name, feeds):
    """What they are compared for: the same model, stories and budget, no loss on a single thought."""
    folder, settings = FOLDERS[name], json.loads((FOLDERS[name] / "codi.json").read_text())
    arguments = settings["origin"]["arguments"]
    assert settings["feeds"] == feeds and settings["num_latent"] == 6
    assert not any(arguments[loss] for loss in ("lens", "step", "swap", "project", "teacher_forcing"))
    assert (folder / "config.json").read_text() == (FOLDERS["tiny"] / "config.json").read_text()
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
    assert load_model(name, device="cpu").prj.state_dict().keys() == set(FEEDS[feeds])


def test_the_embedded_control_was_trained_as_what_it_controls():
    one, other = (
        json.loads((FOLDERS[name] / "codi.json").read_text())["origin"] for name in ("tiny-plain", "tiny-pause")
    )
    names = {name for name, value in one["arguments"].items() if other["arguments"][name] != value}
    assert names <= {"model", "output", "feeds"} and one["steps"] == other["steps"]


def test_plain_thoughts_help_and_pauses_do_not():
    problems = word_problems("test", 200)

    def gain(name):
        codi = load_model(name, device="cpu")
        right = {
            mode: [problem.is_right(reply.text) for problem, reply in zip(problems, replies, strict=True)]
            for mode in ("latent", "direct")
            for replies in [answer(codi, [p.question for p in problems], mode)]
        }
        return sum(right["latent"]) - sum(right["direct"])

    assert gain("tiny-plain") > 30 > 15 > gain("tiny-pause")
