"""
What a person may ask an oracle, as sentences: WORDINGS by task, and the RULES and REMOVALS that fill their slots.

In a sentence (a|b) is one of its alternatives and {name} a rule: of RULES, of REMOVALS, or made from the question's
slots (wordings.py, which makes queries of all this). Adding a wording is a line. Adding a task is a name without
indent, after its colon what yes means where that must be said, and its lines. A line with * is held out for evaluation:
a sentence frame that training never has, not only other words in a frame that it has.
"""

from sentences_answers import ANSWERS
from sentences_readings import READINGS
from sentences_unanswerable import LISTS, UNANSWERABLE

WORDINGS = "\n".join(part.strip("\n") for part in (ANSWERS, READINGS, UNANSWERABLE))

RULES = LISTS | {
    "latent": "latent|step|latent step|thought",
    "latents": "latents|steps|latent steps|thoughts",
    "its": "its|the model's|the",
    "answer": "answer|answer|prediction|output|result",
    "say": "say|say|answer|output|predict",
    "says": "says|says|answers|outputs|predicts",
    "idea": "Any idea|Do you know|Can you tell|Can you say|Could you tell me|Could you say|Would you know|Is it clear|"
    "Can we tell|Do we know|No idea here:",
    "so": "So|And so|Ok, so|Right, so|Well then,|Hm, so|Then",
    "which": "which|what",
    "if": "if|whether",
    "when": "if|when|once",
    "want": "I want|I would like|I need",
    "state": "hidden state|vector|representation",
    "problem": "question|problem|story",
    "prompt": "question|prompt|problem|input",
    "reason": "I am checking a batch of runs|I am writing a report|We are debugging this model|I am new to this|"
    "This is for a class|I am comparing models|It is for a plot|I lost track of this run|I am a bit confused|"
    "I have read the trace but do not get it|We are short of time|My supervisor asked|I am preparing slides|"
    "Something looks odd here|I want to understand this better|There is an argument about this",
    "it": "it|it|it|the model",
    "without": "without (the |)latent steps|without (any |)(thinking|thoughts|reasoning)|without its thoughts|"
    "with no (latent steps|thinking|thoughts)|if it (does|did) not think",
    "lens_token": "top token|lens token|top lens token|most likely token|top of the logit lens",
    "surer": "surer|more sure|more certain|more confident",
    "tell": "Tell me|I want to know|I'd like to know|Say|I wonder|Let me know|Please say|I am curious|"
    "I was wondering|I need to know",
    "show": "Show me|Give me|Tell me|Name|Report|State|I need|I'd like|Let me see|I want|Please give|Read me",
    "is_removed": "(is|is|gets|was) {removed}",
}

REMOVALS = {  # by kind of ablation, None where the query names none: {removed}, {remove}, {removing}, {removal}
    "zero": (
        "zeroed|zeroed|zeroed out|set to (zero|0)|replaced by zeros|nulled|zero-ablated",
        "(zero|zero out|null) {step}|(set|put) {step} to zero|replace {step} by zeros",
        "(zeroing|zeroing out|nulling) {step}|(setting|putting) {step} to (zero|0)|replacing {step} by zeros",
        "zeroing|zeroing out|zero ablation",
    ),
    "skip": (
        "skipped|skipped over|jumped over|bypassed",
        "(skip|skip over|jump over|bypass) {step}",
        "(skipping|skipping over|jumping over|bypassing) {step}",
        "skipping|skip ablation|bypassing",
    ),
    "noise": (
        "blurred with noise|noised|given noise|disturbed by noise|made noisy",
        "(blur {step} with|give {step}|disturb {step} by) noise|add noise to {step}|make {step} noisy",
        "(blurring {step} with|giving {step}|disturbing {step} by) noise|adding noise to {step}|making {step} noisy",
        "noising|blurring|added noise|noise ablation",
    ),
    "mean": (
        "set to its mean|replaced by its mean|averaged out|mean-ablated|set to the mean",
        "(set {step} to|replace {step} by) (its|the) mean|average out {step}|mean-ablate {step}",
        "(setting {step} to|replacing {step} by) (its|the) mean|averaging out {step}|mean-ablating {step}",
        "mean ablation|averaging out|averaging",
    ),
    "hide": (
        "hidden|masked|masked out|made invisible|hidden from the rest",
        "(hide|mask|mask out) {step}|hide {step} from the rest|make {step} invisible",
        "(hiding|masking|masking out) {step}|hiding {step} from the rest|making {step} invisible",
        "hiding|masking|masking out",
    ),
    None: (
        "removed|taken out|taken away|left out|dropped|deleted|ablated|knocked out|cut|cut out|switched off|disabled|"
        "erased|wiped out",
        "(remove|delete|drop|cut|ablate|knock out|leave out|get rid of|disable|erase|switch off|kill) {step}|"
        "(take|cut|leave) {step} out",
        "(removing|deleting|dropping|cutting|ablating|leaving out|losing|disabling|erasing|switching off) {step}|"
        "(taking|cutting|leaving) {step} out",
        "removal|ablation|removing|deletion",
    ),
}
