"""
Does the model use what its latent thoughts hold? Other vectors put into its runs, each row beside its own controls.

Reads   a CODI checkpoint, a data set with gold answers (problems.py); with --oracle-dir an oracle (train_oracle.py)
Writes  tables; with --output a JSON of every number, with --plot a PNG of the same

    python patch_latents.py --model tiny --data word-problems -n 1000 --output patches.json --plot patches.png
    python patch_latents.py --model tiny --data word-problems -n 200 --donors minimal --steps each all --layers 1
    python patch_latents.py --model tiny --data word-problems -n 200 --oracle-dir checkpoints/tiny-oracle

A question is patched only where the model answers it right, and its twin too. The answer of a patched run is its
donor's, its own or another. Beside each row stand the floor of its own place, how many answers change there in a run
again, with an edit of zero size or with the run's own vectors, whichever is most; and McNemar's test against an
unrelated donor's vectors in the same place of the same questions. The table shows floors as rows at all steps alone,
the JSON everywhere. What is patched where is a table's row: DONORS (patches.py), STREAMS (interventions.py), SPACES
(subspaces.py).
"""

import argparse
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console
from tqdm import tqdm

from files import claimed, drawing, file_path, png_path, write_json
from interventions import STREAMS, place_of, streams_of
from loading import Codi, add_model_arguments, load_model, model_options
from oracle_effects import check_reads_vectors, sensitivity_rows, word_rows
from oracle_model import Oracle, check_fits_codi, load_oracle
from pairs import MinimalPair, minimal_pairs
from patches import (
    DONORS,
    FLOORS,
    STEP_SETS,
    Items,
    Patch,
    patched_answers,
    rows_of,
    step_sets,
    thoughts_of,
)
from patchscopes import patchscope_rows
from problems import DATASETS, GENERATED, Problem, add_data_arguments, default_data, load_problems
from scores import interval_text
from scripting import (
    UserError,
    add_row,
    new_table,
    positive_int,
    print_table,
    provenance,
    run_script,
    say,
)
from subspaces import NEED_PAIRS, SPACES, Making, bases_of

REAL_DONORS = tuple(name for name in DONORS if name not in FLOORS)
RANKS = (1, 2, 4, 8, 16, 32, 64)
OUTCOMES = ("donor's", "own", "other")
LEGEND_COLUMNS = 3

# --- What is patched --------------------------------------------------------------------------------------------


def planned(args, num_latent: int) -> list[Patch]:
    """Every row of the tables: each donor at each place, and the floors of each place; what is run again with nothing
    changed has none, so that is run once."""
    steps, every = step_sets(args.steps, num_latent), tuple(range(num_latent))
    few = [of for of in steps if len(of) in (1, len(every))]  # of the streams that each block has
    places = [(of, at, "full", None) for at in streams_of(args.layers) for of in (few if is_of_layers(at) else steps)]
    places += [(every, of, space, rank) for of in subspaced(args) for space in args.spaces for rank in args.ranks]
    # random directions stand beside those found in the data; random vectors in a subspace would say no more
    of_space = [donor for donor in args.donors if donor != "random"]
    patches = [Patch(d, *place) for place in places for d in (args.donors if place[2] == "full" else of_space)]
    floors = [Patch(floor, *place) for place in places for floor in FLOORS if floor != "nothing"]
    return [*patches, Patch("nothing", every), *floors]


def subspaced(args) -> list[str]:
    """The streams in whose subspaces runs are patched."""
    streams = streams_of(args.layers)
    return [at for group in args.spaces_of for at in streams if group_of(at) == group] if args.spaces else []


def is_of_layers(stream: str) -> bool:
    """Whether each of some blocks has such a stream."""
    return STREAMS[place_of(stream)[0]].of_layers


def group_of(stream: str) -> str:
    """What --spaces-of says for a stream."""
    return "layers" if is_of_layers(stream) else stream


def asked_of(args) -> list[MinimalPair] | list[Problem]:
    """The questions that are to be patched, with their twins where those are donors. UserError where none has an
    answer."""
    if args.data not in (*DATASETS, *GENERATED):
        problems = load_problems(args.data, args.split, args.n, args.seed)
        if all(problem.answer is None for problem in problems):
            raise UserError(
                f"No question of {args.data} has a gold answer, and a question is patched only where the model answers "
                "it right. Give --data with answers."
            )
    load = minimal_pairs if "minimal" in args.donors else load_problems
    return load(args.data, args.split, args.n, args.seed)


def training_questions(args) -> list[str]:
    """Questions whose runs something is fitted on, none where nothing is. UserError where those are the runs that are
    patched."""
    if not args.spaces and args.oracle_dir is None:
        return []
    if args.train_data is None and (args.data not in (*DATASETS, *GENERATED) or args.split == "train"):
        raise UserError(
            "Subspaces and words need the runs of other questions than those patched. Give --train-data a file or a "
            "name; or leave out --oracle-dir, and give --spaces without a word."
        )
    problems = load_problems(args.train_data or args.data, "train", args.train_n, args.seed)
    return [problem.question for problem in problems]


def unpatched(training: list[str], items: Items) -> list[str]:
    """Training questions without those that are patched, which --train-data may hold too. UserError where none is
    left."""
    patched = {problem.question for problem in items.problems}
    left = [question for question in training if question not in patched]
    if training and not left:
        raise UserError("All training questions are patched themselves. Give --train-data that holds others.")
    return left


def usable_ranks(args, width: int, questions: int) -> list[int]:
    """Those of --ranks that so many training questions' vectors can fill. UserError where none is left."""
    most = min(width, questions - 1)  # one less, as their mean is taken off
    ranks = [rank for rank in sorted(set(args.ranks)) if rank <= most]
    if args.spaces and not ranks:
        raise UserError(
            f"No subspace has so many directions as --ranks asks for: width {width} and {questions} training "
            f"questions give {max(most, 0)} at most. Give smaller --ranks, or a larger --train-n."
        )
    return ranks


def training_pairs(args) -> list[MinimalPair]:
    """Pairs of training questions, none where no subspace learns from them."""
    if not set(NEED_PAIRS) & set(args.spaces):
        return []
    return minimal_pairs(args.train_data or args.data, "train", args.train_n, args.seed)


def solved_pairs(args, codi: Codi, items: Items, pairs: list[MinimalPair]) -> Items | None:
    """Those of the training pairs that are not patched and that the model answers right; None where there are no
    pairs."""
    if not pairs:
        return None
    patched = {problem.question for problem in items.problems}
    pairs = [pair for pair in pairs if not patched & {pair.own.question, pair.twin.question}]
    if not pairs:
        raise UserError("All training pairs are patched themselves. Give --train-data that holds others.")
    return Items.of(codi, pairs, args.layers if "layers" in args.spaces_of else (), args.seed)


def inner_layers(layers: list[int] | None, depth: int) -> list[int]:
    """The blocks after which the residual stream is patched, by default those at a quarter, a half and three quarters
    of the depth; UserError for one that is none."""
    if layers is None:
        layers = [round(share * depth / 4) for share in (1, 2, 3)]
        return sorted({layer for layer in layers if 1 <= layer < depth})
    for layer in layers:
        if layer >= depth:
            raise UserError(f"--layers {layer}: after block {layer} of {depth} no block is left that could read it.")
    return sorted(set(layers))


# --- What is shown ----------------------------------------------------------------------------------------------


def steps_name(steps: list[int], num_latent: int) -> str:
    """all, 3, 2-5, 0+2+4"""
    if len(steps) == num_latent > 1:
        return "all"
    if len(steps) > 2 and steps == list(range(steps[0], steps[-1] + 1)):
        return f"{steps[0]}-{steps[-1]}"
    return "+".join(map(str, steps))


def place_name(row: dict) -> str:
    """z, resid_1, pca 4, resid_1 pca 4"""
    if row["rank"] is None:
        return row["stream"]
    return f"{'' if row['stream'] == 'z' else row['stream']} {row['space']} {row['rank']}".strip()


def is_shown(row: dict, num_latent: int) -> bool:
    """Whether a row is printed: of the floors, which stand beside all others, those at all steps."""
    return row["donor"] not in FLOORS or (row["rank"] is None and len(row["steps"]) == num_latent)


def cells(row: dict, num_latent: int) -> list[str]:
    """A row of the table."""
    against = row["against_unrelated"]
    return [
        row["donor"],
        steps_name(row["steps"], num_latent),
        place_name(row),
        str(row["n"]),
        *(share_text(row[outcome]) for outcome in OUTCOMES),
        f"{row['floor']}/{row['n']}",
        p_text(against and against[OUTCOMES[0]]),
        p_text(against and against["changed"]),
        of_text(row["carried"]),
    ]


def share_text(share: dict | None) -> str:
    """36.7 [34.1, 39.3]"""
    return "-" if share is None else interval_text(share["accuracy"], share["interval"])


def of_text(share: dict | None) -> str:
    """36.7 [34.1, 39.3] of 98"""
    return "-" if share is None else f"{share_text(share)} of {share['total']}"


# key of the results: (title, {column: its cell}) of the tables beside the first; %
BESIDE: dict[str, tuple[str, dict[str, Callable[[dict], str]]]] = {
    "patchscopes": (
        "What the model itself says of a vector in place of a token: as the run stopped after that step, %",
        {
            "prompt": lambda row: row["patchscope"],
            "where": lambda row: row["stream"],
            "step": lambda row: str(row["step"]),
            "n": lambda row: str(row["n"]),
            "right": lambda row: share_text(row["right"]),
            "another's vector": lambda row: share_text(row["another's"]),
            "constant": lambda row: share_text(row["constant"]),
        },
    ),
    "sensitivity": (
        "The oracle's replies to the same query and text, with other vectors, %",
        {
            "vectors of": lambda row: row["vectors"],
            "n": lambda row: str(row["n"]),
            "changed": lambda row: share_text(row["changed"]),
            "rightly": lambda row: of_text(row["rightly"]),
            "still its own": lambda row: of_text(row["still_own"]),
            "changed though alike": lambda row: of_text(row["changed_though_alike"]),
        },
    ),
    "words": (
        "Answers that survive when z is made of the oracle's words, %",
        {
            "vectors of": lambda row: row["vectors_of"],
            "steps": lambda row: steps_name(row["steps"], row["of"]),
            "n": lambda row: str(row["n"]),
            "survives": lambda row: share_text(row["survives"]),
            "the other's answer": lambda row: share_text(row["another's"]),
            "p": lambda row: p_text(row["against_another"]),
        },
    ),
}


def p_text(test: dict | None) -> str:
    return "-" if test is None else f"{test['p_value']:.1g}"


def report(console: Console, results: dict) -> None:
    items = results["items"]
    say(console, f"{items['kept']} of {items['asked']} questions are patched: those that it answers right")
    num_latent = results["meta"]["num_latent"]
    table = new_table(
        f"{results['meta']['model']} on {results['meta']['data']}: whose answer a patched run gives, %",
        "vectors of", "steps", "where", "n", *OUTCOMES, "floor", "p donor's", "p changed", "carried on", left=3,
    )  # fmt: skip
    for row in results["rows"]:
        if is_shown(row, num_latent):
            add_row(table, *cells(row, num_latent))
    print_table(console, table)
    say(console, "floor: answers that change at the same place where nothing is changed, whichever way is worst;")
    say(console, "p: McNemar's test against the unrelated donor;")
    say(console, "carried on: answers that the question's own later events make of the donor's value")
    for key in (key for key in BESIDE if key in results):
        title, columns = BESIDE[key]
        table = new_table(title, *columns, left=1)
        for row in results[key]:
            add_row(table, *(cell(row) for cell in columns.values()))
        print_table(console, table)


# --- What is drawn ----------------------------------------------------------------------------------------------


def curves(results: dict) -> list[dict]:
    """What the picture shows, a dict of each axis: a curve has the name, the places and the rows it stands for."""
    rows, num_latent = results["rows"], results["meta"]["num_latent"]
    drawn = []
    for space, along, names in (("full", "steps", ("donor",)), (None, "rank", ("donor", "space"))):
        for kind, stream in STREAMS.items():
            of_curve = (*names, "stream") if stream.of_layers else names
            drawn.append({"over": f"{along}, {stream.what}", "curves": by(rows, kind, space, along, of_curve)})
    for axis in drawn:
        for curve in axis["curves"]:
            curve["x"] = [steps_name(x, num_latent) if isinstance(x, list) else str(x) for x in curve["x"]]
    return [axis for axis in drawn if axis["curves"]]


def by(rows: list[dict], kind: str, space: str | None, along: str, names: tuple[str, ...]) -> list[dict]:
    """The curves along one field of the rows with a row of STREAMS and a space, any subspace where it is None."""
    chosen: dict[str, list[dict]] = {}
    for row in rows:
        fits = place_of(row["stream"])[0] == kind and (row["space"] == space if space else row["rank"] is not None)
        if fits and row["donor"] not in FLOORS:
            chosen.setdefault(", ".join(row[name] for name in names), []).append(row)
    return [{"name": name, "x": [row[along] for row in of], "rows": of} for name, of in chosen.items()]


def plot(results: dict, path) -> None:
    """How often the donor's answer came, with its interval, over steps and ranks; the floor as a line."""
    axes_of = curves(results)
    lines = max(-(-(len(drawn["curves"]) + 1) // LEGEND_COLUMNS) for drawn in axes_of)  # of the longest legend
    with drawing(path, len(axes_of), (5.5 * len(axes_of), 5.4 + 0.16 * lines)) as (figure, axes):
        for axis, drawn in zip(axes, axes_of, strict=True):
            for curve in drawn["curves"]:
                shares = [row[OUTCOMES[0]] for row in curve["rows"]]
                heights = [share["accuracy"] for share in shares]
                below = [share["accuracy"] - share["interval"][0] for share in shares]
                above = [share["interval"][1] - share["accuracy"] for share in shares]
                axis.errorbar(curve["x"], heights, yerr=[below, above], marker="o", capsize=3, label=curve["name"])
            floors = worst_floors(drawn["curves"])
            axis.plot(list(floors), list(floors.values()), color="grey", linestyle=":", marker=".", label="floor")
            axis.set_ylim(-2, 102)
            axis.set_xlabel(drawn["over"])
            axis.tick_params("x", rotation=45)
            # beneath the axes, where it hides no curve
            axis.legend(fontsize="x-small", ncols=LEGEND_COLUMNS, loc="upper center", bbox_to_anchor=(0.5, -0.24))
        axes[0].set_ylabel("the donor's answer, % (95% Wilson interval)")
        figure.suptitle(f"{results['meta']['model']} on {results['meta']['data']}, n = {results['items']['kept']}")


def worst_floors(drawn: list[dict]) -> dict[str, float]:
    """{place: the largest floor there of some curves, %}"""
    worst: dict[str, float] = {}
    for curve in drawn:
        for x, row in zip(curve["x"], curve["rows"], strict=True):
            worst[x] = max(worst.get(x, 0), 100 * row["floor"] / row["n"])
    return worst


# --- The run ----------------------------------------------------------------------------------------------------


def table_of(args, codi: Codi, items: Items, training: list[str], pairs: list[MinimalPair]) -> list[dict]:
    """The rows of all patches; subspaces are found from the `training` questions, those that learn from `pairs`."""
    patches, bases = planned(args, codi.num_latent), {}
    if subspaced(args):
        vectors = thoughts_of(codi, training, args.layers if "layers" in args.spaces_of else ()).vectors
        solved = solved_pairs(args, codi, items, pairs)
        for stream in subspaced(args):
            making = Making(codi, vectors[stream], solved, stream, seed=args.seed)
            bases |= bases_of(args.spaces, args.ranks, making)
    with tqdm(total=len(items.problems), desc=f"{len(patches)} patches", unit="q") as bar:
        answers = patched_answers(codi, items, patches, bases, bar.update)
    return rows_of(items, patches, answers)


def read_back_rows(args, codi: Codi, items: Items) -> list[dict]:
    """The rows of all patchscopes, about the first of the items."""
    items = items.first(args.beside_n)
    thoughts = thoughts_of(codi, [problem.question for problem in items.problems], args.layers, early=True)
    vectors = {name: of for name, of in thoughts.vectors.items() if STREAMS[place_of(name)[0]].scoped}
    thoughts = replace(thoughts, vectors=vectors)
    return patchscope_rows(codi, items, thoughts)


def oracle_of(args, codi: Codi) -> Oracle | None:
    """The oracle that is asked, if any."""
    if args.oracle_dir is None:
        return None
    oracle = load_oracle(args.oracle_dir, args.device, args.dtype)
    check_fits_codi(oracle, codi)
    check_reads_vectors(oracle)
    return oracle


def described(items: Items) -> dict:
    """The questions, as the JSON has them."""
    rows = [
        {"question": problem.question, "answer": answer, "unrelated": other}
        for problem, answer, other in zip(items.problems, items.own.answers, items.others, strict=True)
    ]
    twins = zip(rows, items.twins, items.twin.answers, strict=True) if items.twins else []
    for row, pair, answer in twins:
        row |= {"twin": pair.twin.question, "twin_answer": answer, "differs_from": pair.differs_from}
    return {"asked": items.asked, "kept": len(rows), "questions": rows}


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output", "plot"], ["data", "model", "train_data", "oracle_dir"]):
        args.data = default_data() if args.data is None else args.data
        training, asked, pairs = training_questions(args), asked_of(args), training_pairs(args)
        codi = load_model(args.model, **model_options(args))
        oracle = oracle_of(args, codi)
        args.layers = inner_layers(args.layers, codi.depth)
        if args.spaces and not subspaced(args):
            raise UserError("--spaces-of layers: no block's stream is patched. Give --layers, or --spaces-of z.")
        items = Items.of(codi, asked, args.layers, args.seed)
        training = unpatched(training, items)
        narrowest = min((items.own.vectors[stream].shape[-1] for stream in subspaced(args)), default=codi.width)
        args.ranks = usable_ranks(args, narrowest, len(training))
        about = {"data": args.data, "split": args.split, "seed": args.seed, "num_latent": codi.num_latent}
        results = {"meta": codi.describe() | about | provenance(vars(args)), "items": described(items)}
        results["rows"] = table_of(args, codi, items, training, pairs)
        results["patchscopes"] = read_back_rows(args, codi, items)
        if oracle:
            results["oracle"] = {"folder": str(oracle.folder), "sha256": oracle.digest()}
            results["sensitivity"] = sensitivity_rows(codi, oracle, items.first(args.beside_n))
            results["words"] = word_rows(codi, oracle, items.first(args.beside_n), training)
        save_and_show(results, args)


def save_and_show(results: dict, args) -> None:
    """Results first, then what is drawn of them; the tables are shown even if nothing can be saved."""
    try:
        if args.output:
            write_json(args.output, results)
    finally:
        report(Console(), results)
    if args.plot:
        plot(results, args.plot)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_arguments(parser, "generated questions, twins, donors and random vectors")
    parser.add_argument(
        "--donors", nargs="+", choices=REAL_DONORS, default=list(REAL_DONORS),
        help="default: all; unrelated, which the others are tested against, is always among them",
    )  # fmt: skip
    parser.add_argument(
        "--steps", nargs="+", choices=list(STEP_SETS), default=list(STEP_SETS), help="default: all sets"
    )
    parser.add_argument(
        "--layers", nargs="*", type=positive_int,
        help="also the residual stream after these blocks, from 1 (default: at 25, 50 and 75%% of the depth)",
    )  # fmt: skip
    parser.add_argument(
        "--spaces", nargs="*", choices=list(SPACES),
        help="subspaces in which all steps are patched (default: all; without the donor minimal none that learns from "
        "pairs of training questions)",
    )  # fmt: skip
    parser.add_argument(
        "--spaces-of", nargs="+", choices=list(dict.fromkeys(map(group_of, STREAMS))), default=["z"],
        help="whose subspaces: those of z, of the residual streams of --layers (default: z)",
    )  # fmt: skip
    parser.add_argument("--ranks", nargs="+", type=positive_int, default=list(RANKS), help="of them; default: 1 2 … 64")
    parser.add_argument("--train-data", help="whose runs give the subspaces (default: --data, its split train)")
    parser.add_argument("--train-n", type=positive_int, default=1000, help="how many of them (default: 1000)")
    parser.add_argument("--oracle-dir", type=file_path, help="also ask this oracle, which reads vectors")
    parser.add_argument("--beside-n", type=positive_int, default=200, help="items of the other tables (default: 200)")
    parser.add_argument("--output", type=file_path, help="JSON of every number")
    parser.add_argument("--plot", type=png_path, help="PNG of the donor's answers over steps and ranks")
    add_model_arguments(parser)
    kinds = {"donors": {n: d.what for n, d in DONORS.items()}, "spaces": {n: what for n, (_, what) in SPACES.items()}}
    parser.epilog = "\n".join(
        f"{kind}: {name}: {what}" for kind, known in kinds.items() for name, what in known.items()
    )
    args = parser.parse_args(argv)
    if args.spaces is None:
        args.spaces = [name for name in SPACES if "minimal" in args.donors or name not in NEED_PAIRS]
    args.donors.append("unrelated")
    for name in ("donors", "steps", "spaces", "spaces_of"):
        setattr(args, name, list(dict.fromkeys(getattr(args, name))))
    return args


if __name__ == "__main__":
    run_script(main)
