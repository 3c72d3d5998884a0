"""
What a person may ask an oracle, as sentences: WORDINGS by task, and the RULES and REMOVALS that fill their slots.

In a sentence (a|b) is one of its alternatives and {name} a rule: of RULES, of REMOVALS, or made from the question's
slots (wordings.py, which makes queries of all this). Adding a wording is a line. Adding a task is a name without
indent, after its colon what yes means where that must be said, and its lines. A line with * is held out for evaluation:
a sentence frame that training never has, not only other words in a frame that it has.
"""

from sentences_answers import ANSWERS
from sentences_effects import EFFECTS
from sentences_readings import READINGS
from sentences_unanswerable import LISTS, UNANSWERABLE

WORDINGS = "\n".join(part.strip("\n") for part in (EFFECTS, ANSWERS, READINGS, UNANSWERABLE))

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
    "guess": "I guess|I bet|I think|I suppose|I believe",
    "right": "right|no|correct|is that so|yes",
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
    "it": "it|it|it|it|it|the model|the model|this model|the network|CODI",
    "without": "without (the |)latent steps|without (any |)(thinking|thoughts|reasoning|latents)|without its thoughts|"
    "with no (latent steps|thinking|thoughts|latents)|if it (does|did) not think|with zero (latents|latent steps)|"
    "with (thinking|latents|reasoning) (off|disabled)|if it (is|was) not allowed to think|minus the thinking|"
    "if it skipped (all |the )thinking|with (the |all )latents left out|when no thinking happens",
    "lens_token": "top token|lens token|top lens token|most likely token|top of the logit lens|top-1 token|"
    "argmax token|leading token|likeliest token|best token",
    "surer": "surer|surer|more sure|more certain|more confident|more confident in its token|more certain of its token",
    "tell": "Tell me|I want to know|I'd like to know|Say|I wonder|Let me know|Please say|I am curious|"
    "I was wondering|I need to know|Please tell me|Could you tell me|I am trying to find out|Can you check|Find out",
    "show": "Show me|Give me|Tell me|Name|Report|State|I need|I'd like|Let me see|I want|Please give|Read me|"
    "Can I see|Could you give me|Print|Return|I would like to see|Please report|Let me have",
    "is_removed": "(is|is|gets|was|were) {removed}",
}

REMOVALS = {  # by kind of ablation, None where the query names none: {removed}, {remove}, {removing}, {removal}
    "zero": (
        "zeroed|zeroed|zeroed out|set to (zero|0)|replaced by zeros|nulled|zero-ablated|overwritten with zeros|"
        "turned into zeros|replaced with all zeros",
        "(zero|zero out|zero-ablate|null) {step}|(set|put) {step} to zero|replace {step} (by|with) zeros|"
        "overwrite {step} with zeros",
        "(zeroing|zeroing out|zero-ablating|nulling) {step}|(setting|putting) {step} to (zero|0)|"
        "replacing {step} (by|with) zeros",
        "zeroing|zeroing out|zero ablation|zero-ablation",
    ),
    "skip": (
        "skipped|skipped|skipped over|jumped over|bypassed|left with its output discarded|skip-ablated",
        "(skip|skip over|jump over|bypass) {step}|(throw away|discard) (the output of {step}|what {step} produces)",
        "(skipping|skipping over|jumping over|bypassing) {step}|"
        "(throwing away|discarding) (the output of {step}|what {step} produces)",
        "skipping|skip ablation|bypassing|discarding the output",
    ),
    "noise": (
        "blurred with noise|noised|given noise|disturbed by noise|made noisy|perturbed with noise|corrupted by noise|"
        "replaced by noise|hit with random noise",
        "(blur {step} with|give {step}|disturb {step} by) noise|(add|put) noise (to|on) {step}|make {step} noisy|"
        "(perturb|corrupt) {step} with (random |Gaussian |)noise|inject noise into {step}|noise {step}",
        "(blurring {step} with|giving {step}|disturbing {step} by) noise|(adding|putting) noise (to|on) {step}|"
        "making {step} noisy|noising {step}|(perturbing|corrupting) {step} with (random |Gaussian |)noise",
        "noising|blurring|added noise|noise ablation|Gaussian noise|noise injection",
    ),
    "mean": (
        "set to its mean|replaced by its mean|averaged out|mean-ablated|set to the mean|replaced (by|with) the average|"
        "replaced with the mean (vector|latent)|swapped for its average",
        "(set {step} to|replace {step} by|replace {step} with) (its|the) (mean|average)|average out {step}|"
        "mean-ablate {step}|put the (mean|average) vector (at|into) {step}",
        "(setting {step} to|replacing {step} by) (its|the) (mean|average)|averaging out {step}|mean-ablating {step}|"
        "(using|putting) the (mean|average) vector at {step}",
        "mean ablation|averaging out|averaging|mean replacement|mean-ablation",
    ),
    "hide": (
        "hidden|masked|masked out|made invisible|hidden from the rest|hidden from later positions|hidden from view|"
        "masked for everything later|masked in attention",
        "(hide|mask|mask out) {step}|hide {step} from (the rest|later positions|what follows)|make {step} invisible|"
        "mask (the |)attention to {step}",
        "(hiding|masking|masking out) {step}|hiding {step} from (the rest|later positions|what follows)|"
        "making {step} invisible|masking (the |)attention to {step}",
        "hiding|masking|masking out|attention masking",
    ),
    "swap": (
        "swapped|swapped out|exchanged for a foreign vector|replaced by another question's|swap-ablated|"
        "swapped with another question's|taken from another question|replaced by a vector of another question",
        "swap {step}|swap {step} (for|with) another question's|replace {step} (by|with) another question's|"
        "swap-ablate {step}|exchange {step} for a foreign vector|swap a foreign vector into {step}",
        "swapping {step}|swapping {step} (for|with) another question's|replacing {step} (by|with) another question's|"
        "swap-ablating {step}|exchanging {step} for a foreign vector|swapping a foreign vector into {step}",
        "swapping|swap ablation|interchange|a swap with another question|swap-ablation",
    ),
    None: (
        "removed|removed|taken out|taken away|left out|dropped|deleted|ablated|knocked out|cut|cut out|switched off|"
        "disabled|erased|wiped out|pruned|omitted|excluded|suppressed|lesioned|deactivated|turned off",
        "(remove|delete|drop|cut|ablate|knock out|leave out|get rid of|disable|erase|switch off|kill) {step}|"
        "(prune|omit|exclude|suppress|take away|turn off|lesion|deactivate) {step}|(take|cut|leave|knock) {step} out",
        "(removing|deleting|dropping|cutting|ablating|leaving out|losing|disabling|erasing|switching off) {step}|"
        "(pruning|omitting|excluding|suppressing|knocking out|taking away|turning off) {step}|"
        "(taking|cutting|leaving|knocking) {step} out",
        "removal|ablation|removing|deletion|knocking out|pruning|omission",
    ),
}
