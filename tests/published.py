"""Rows as the public data sets with other answers than numbers have them, invented: the first of each is right."""

PROSQA = [
    {
        "question": f"Every gerpus is a terpus. {name} is a gerpus. Every terpus is a impus. Is {name} a impus or bop?",
        "answer": f"{name} is a impus.",
        "steps": [f"{name} is a gerpus.", "Every gerpus is a terpus.", "Every terpus is a impus."],
        "idx_to_symbol": [name, "gerpus", "terpus", "impus", "bop"],
        "edges": [[0, 1], [1, 2], [2, 3]],
        "root": 0,
        "target": 3,
        "neg_target": 4,
    }
    for name in ("Sally", "Bob", "Tom", "Rex")
]
PRONTOQA = [
    {
        "question": f"Hens are loud. Each jompus is a hen. {name} is a jompus. True or false: {name} is not loud.",
        "steps": [f"{name} is a jompus. Each jompus is a hen.", f"{name} is a hen. Hens are loud.", f"{name} is loud."],
        "answer": "False",
    }
    for name in ("Stella", "Fae", "Max", "Polly")
]
HUB_PRONTOQA = [
    {
        "id": "ProntoQA_1",
        "context": "Hens are loud. Max is a hen.",
        "question": "Is the following statement true or false? Max is not loud.",
        "options": ["A) True", "B) False"],
        "answer": "B",
        "raw_logic_programs": ["…"],
    }
]
COMMONSENSE = [
    {
        "question": f"Question: Where does {thing} sleep?\nChoices:\nA: river\nB: coop\nC: bus\nD: market\nE: roof",
        "cot": f"Among these, {thing} sleeps where it is dry. That is a coop.",
        "answer": "B",
    }
    for thing in ("a hen", "a duck", "a goose", "Rex")
]
COMMONSENSE_FIRST = [  # as its makers published it
    {
        "id": "1afa",
        "question": "Where does a hen sleep?",
        "question_concept": "hen",
        "choices": {"label": list("ABCDE"), "text": ["river", "coop", "bus", "market", "roof"]},
        "answerKey": "B",
    }
]
STRATEGY = [
    {"question": f"Can {thing} fly to the moon?", "cot": "The moon is far. Birds fly low.", "answer": False}
    for thing in ("a hen", "a duck", "a goose", "a swan")
]
AUG_NL = [
    {
        "question": f"Ava has {n} pens. She buys 4 more. How many?",
        "cot": f"Ava has {n} pens at first. With 4 more she has {n} + 4 = {n + 4} pens.",
        "answer": f"{n + 4}",
    }
    for n in range(3, 7)
]
# name: (rows, judge, the first answer, steps of its chain)
PUBLISHED = {
    "prosqa": (PROSQA, "text", "Sally is a impus.", 3),
    "prontoqa": (PRONTOQA, "yes-no", "False", 3),
    "commonsenseqa": (COMMONSENSE, "choice", "B", 2),
    "strategyqa": (STRATEGY, "yes-no", "False", 2),
    "gsm8k-aug-nl": (AUG_NL, "number", 7, 2),
}
