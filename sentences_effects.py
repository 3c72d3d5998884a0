"""Sentences that ask what it does to change or remove steps, and which steps matter. Notation: sentences.py."""

EFFECTS = """
critical
    Which (latent |)step (matters|counts|weighs) (the |)most{if_removed}?
    Which step is the (most important|most critical|decisive|key) one{if_removed}?
    Which step (changes|moves|affects) the answer (the |)most (when|if|once) {removed}?
    When {removed}, which step (matters|hurts|counts) (the |)most?
    {show} the (most important|critical|decisive|key) (latent |)step{if_removed}.
    What is the (single |)(most important|critical|key) (latent |)step{if_removed}?
    (critical|key|most important) (latent |)step{if_removed}
    On which step does the answer (depend|hang|rest) (the |)most{if_removed}?
    Which step (does the real work|does the heavy lifting|drives the answer|carries the answer){if_removed}?
    {tell} which step has the (biggest|largest|strongest) (effect|impact|influence){if_removed}.
    What step can it (least|not) (do without|spare){if_removed}?
    The answer (changes|suffers) most if which step is {removed}?
    {idea} which {latent} (matters|counts) (the |)most{if_removed}?
    (Where in the chain is the bottleneck|Where is the linchpin|What is the weak spot of the chain){if_removed}?
    I (would like|want) to (find|identify) the {latent} the {answer} (relies|depends|hinges) on (the |)most{if_removed}.
    (If|When) {removed} (one at a time|one by one|each in turn), which {latent} hurts (the |)most?
    (worst|costliest|most harmful) {latent} to (have|see) {removed}(?|)
    {latent} (most|worst) hurt by {removal}(?|)
    Of all the {latents}, which should never be {removed}?
    {reason}. Which {latent} is the (crucial|vital|important|sensitive) one{if_removed}?
    (Rank|Sort|Order) the {latents} by (importance|impact|influence){if_removed}. Which comes on top?
    {so} which {latent} is it that really counts{if_removed}?
    Which {latent} has the (greatest|strongest|largest) causal (importance|effect|role) for the {answer}{if_removed}?
    (I guess|I bet|I suppose) (some|a single) {latent} does most of the work{if_removed}, but which?
    The (most important|key|critical) {latent} (it is|is) which{if_removed}?
    Can you tell to me the {latent} (of most importance|that is most important|with most effect){if_removed}?
    {which} {latent} (would|should) I (watch|worry about|keep) (the |)most{if_removed}?
    Without which {latent} (does it all fall apart|is the {answer} lost|would it fail){if_removed}?
    Where is our single point of failure among the {latents}{if_removed}?
    If I could spare a single {latent} from being {removed}, which should I choose?
    We can only guard one step. Which one does the most damage {when} {removed}?
    What is the top {latent} to hang on to, judging by what goes wrong when it is {removed}?
    Please identify the step whose {removal} produces the (largest|greatest) deviation in the {answer}.
    On the evidence, {removal} of which single step has the gravest consequences for the {answer}?
    State for the record which step is most material to the {answer}{if_removed}.
    Every structure has one load-bearing beam. Which {latent} is it here{if_removed}?
    We used to pull fuses one at a time. Which step (upsets|spoils) the answer worst when {removed}?
    Which of the six is the (keystone|main pillar|cornerstone|backbone){if_removed}?
    Which one step would be missed the most{if_removed}?
    Suppose each step were {removed} in turn. After which one is the answer furthest off?
    Going by the answer, which step would you least like to see {removed}?
    ok which step is the (mvp|goat|star player){if_removed}
    whats the one step that (totally wrecks|ruins) the answer if its {removed}
    lol which step breaks it (the hardest|the worst){if_removed}
    which step is (literally |)holding everything together{if_removed}?
    Hey, um, which step is the one that messes up the answer the most once it's {removed}
    Okay so I want the step that would, like, do the most harm {when} it's {removed}
    Quick question, what's the most valuable step of them all{if_removed}
    Which latent has the (largest|widest) blast radius{if_removed}?
    Per-step {removal} sweep: (argmax of the answer shift|where is the largest answer shift), which index?
    {removal} (hits hardest|bites most) at which position?
    Need the worst-case step for {removal}, the one that does the output the most damage.
    Was there one step on which everything turned{if_removed}, and which was it?
    Who is the real hero of this run: which step, {removed}, sinks the answer most?
    Readers will ask which moment of its thinking tipped the scales most{if_removed}. Which step do we name?
    Ticket: identify the most sensitive step under {removal}.
    Please log the step no. that upsets the readout the most{if_removed}.
    Each step {removed} in a trial of its own. Which trial strayed furthest from baseline?
    Now, the six are not equals, are they? One towers over the rest{if_removed}, and that one would be...?
    Each is {removed} in turn, and the answer is shaken most by, hmm, which one?
    One of these steps must be its Achilles heel{if_removed}; I just do not see which.
    What would you say is the (make-or-break step|pivotal step|step it all turns on){if_removed}?
    * Name the step whose loss hurts (most|the most) when {removed}.
    * Where does {removal} do (the most|most) (damage|harm)?
    * (Is there one|Do you see a) step that (decides|carries) (it all|everything){if_removed}, and which?
    * {removal} hits the answer hardest where?
    * Were every {latent} {removed} in its turn, where would the worst (blow|harm) fall?
    * {removal}: who is the (star|hero|boss) among the {latents}?
    * Pull them out singly: which {latent} brings the house down{if_removed}?
    * {removal}, one {latent} at a time: the heaviest loss comes from which?
    * Top of the damage list{if_removed}, please.
    * Whose absence does the {answer} feel the most{if_removed}?
    * If you had to bet on one {latent} being vital{if_removed}, which?
redundant
    Which (latent |)steps can be {removed} (and the answer stays|without changing the answer|with no harm)?
    Which steps (have no effect|do nothing|make no difference|do not matter|change nothing){if_removed}?
    Which (ones of the |)steps are (redundant|superfluous|unnecessary|not needed|useless){if_removed}?
    {show} (all |)(the |)(redundant|unnecessary|superfluous|useless) (latent |)steps{if_removed}.
    (redundant|useless|unneeded) (latent |)steps{if_removed}
    (Are|Were) there (any |)(steps|latent steps) that (do not matter|it does not need){if_removed}, and which?
    (Are|Were) all (the |)steps needed{if_removed}, or which (can go|are not|not)?
    What steps (could|can|may) (I|we|you) (spare|do without){if_removed}?
    If {removed}, which steps (leave the answer as it is|do not change the answer|have no effect)?
    {tell} which steps (change nothing|are not needed|could go){if_removed}.
    {removal} of which steps (does nothing|is harmless|changes nothing)?
    {idea} which {latents} (can go|are dead weight|do nothing){if_removed}?
    Which {latents} are (causally inert|of no consequence|without influence){if_removed}?
    Can the chain be (pruned|shortened|trimmed)? Which {latents} could be {removed}?
    {reason}. Which {latents} (can be spared|are of no use|make no difference){if_removed}?
    {so} (some|a few|any) {latents} (are useless|are not needed|do not matter){if_removed}? Which?
    If I wanted (shorter thinking|a shorter chain|to save time), which {latents} could be {removed}?
    (useless|unneeded|spare|idle-looking|inert) {latents}{if_removed}, list(?|)
    {latents} that (could|can|may) be {removed} (safely|for free|at no cost)(?|)
    {which} {latents} doesn't (it|the model|the answer) (really |)need{if_removed}?
    For which {latents} does {removal} (not affect|leave alone|not touch) the {answer}?
    (I guess|I bet|I suppose) not all {latents} are needed{if_removed}. Which (are not|ones are spare)?
    The {latents} (which|that) are (not needed|not important|for nothing){if_removed}, {which} are they?
    (Does|Do) (any|some) of the {latents} (turn out|prove) (useless|redundant|unnecessary){if_removed}? Which?
    Which {latents} would nobody miss{if_removed}?
    Can I (drop|forget about|ignore) some {latents}? Tell me which{if_removed}.
    We have to slim this down: which {latents} could be {removed} without anyone noticing from the answer?
    Where is the fat here, that is, the steps whose {removal} costs us nothing?
    Give me a list of the steps that aren't pulling their weight{if_removed}.
    Which {latents} are nice-to-have rather than must-have{if_removed}?
    Please itemise all steps whose {removal} left the {answer} unaltered.
    For which steps was no deviation in the {answer} observed upon {removal}?
    Which of the steps, if any, are immaterial to the {answer}{if_removed}?
    In every machine some parts just go along for the ride. Which {latents} are no loss here{if_removed}?
    Which of the steps could be {removed} and the thing would (run|tick|carry) on as before?
    I used to hunt for beams with no load on them. Which steps bear none{if_removed}?
    After having which steps {removed} would the model still write down the same number?
    Some steps may be {removed} and it still ends up with the same result. Name (them|those), please.
    Which steps were (only filler|just padding|only decoration){if_removed}?
    which steps are just there for show{if_removed} lol
    so like which steps r (pointless|kinda pointless){if_removed}
    what steps can be {removed} n it wouldnt even care
    which of the steps are freeloading{if_removed}
    Hey, can you list the steps that don't really add anything{if_removed}
    Um, which steps, if they're {removed}, don't mess with the answer at all
    Read out the numbers of any steps that turned out to be a waste{if_removed}
    No-op {latents}{if_removed}: which indices?
    {removal} sweep: which steps come back with an identical answer?
    Which steps have no delta on the output{if_removed}?
    Could we compress the chain? I need the steps whose {removal} is lossless.
    Which of its steps turn out to be (mere window dressing|just for appearances|idle chatter){if_removed}?
    How much of that thinking was wasted? Name the steps{if_removed}.
    Were any steps just passengers{if_removed}? If so, give me their numbers.
    Ticket: list the steps with no change in the result under {removal}.
    Every step was {removed} once. For which ones did the readout match baseline?
    Which of the six steps, even when {removed}, leave the final answer as it was?
    Not every step earns its keep, I suspect; so the ones that do not{if_removed}, those are...?
    Let us see, which of the steps would leave the answer alone{if_removed}?
    Is there any slack in the chain, steps which may be {removed} at no loss, and where?
    To {removal} of which steps is the answer (immune|indifferent)?
    * Name the steps the answer does not need: they can be {removed}.
    * Where does {removal} (leave|keep) the answer (as it is|the same|intact)?
    * (Does|Did) it have (idle|dead|wasted) steps{if_removed}? (List them|Which are they|Which)?
    * Safe to be {removed}: which ones?
    * (Dead weight|Passengers|Free riders) among the {latents}{if_removed}?
    * Take an eraser to the idle {latents}: which go{if_removed}?
    * Surplus {latents}{if_removed}: name them.
    * Who among the {latents} is only along for company{if_removed}?
    * Which {latents} could go on holiday, that is be {removed}, unnoticed?
    * Housekeeping: {latents} that may be {removed} with the answer unharmed?
    * Prune list{if_removed}, keeping the answer as it stands?
step_effect
    What (happens|would happen|will happen) to the (answer|output|result) {when} {step} {is_removed}?
    (If|When|Once) {step} {is_removed}, what (becomes of it|is the answer|does it say|will {it} answer)?
    What (does|would|will) {it} (answer|say|output) (with {step} {removed}|if {step} {is_removed})?
    What (answer|result|output) do (we|I|you) get (by|when|after) {removing}?
    (How|In what way) does {removing} (affect|change|influence) (the answer|the output|it)?
    What (does|would|will) {removing} do( to the answer| to the output|)?
    (Tell me|Say|Show me) what {it} (answers|says) (once|when|if) {step} {is_removed}.
    (answer|output|result) (with|if|when) {step} {removed}
    {step} {removed}: (answer|what then|what comes out|what does it say|result)?
    (effect|result|outcome|answer) (of|after|under) {removing}
    (Report|State|Read out) the (answer|output|decoded answer) under {removal} of {step}.
    (Let us|I) {remove}. What (comes out|is the answer|does it say) (now|then)?
    (What if|What when|How about if) (I|we|you) {remove}?
    {idea} what {it} {says} {when} {step} {is_removed}?
    {remove} and tell me what (happens to|becomes of|it does to) the {answer}.
    What is the (consequence|result|outcome|effect) of {removing}( for the {answer}| on the {answer}|)?
    How does the {answer} (come out|look|read|turn out) (if|when|with) {step} {removed}?
    {reason}. What does it {say} (if|when) {step} {is_removed}?
    {so} (with|after) {step} {removed} it {says} what?
    Let's say {step} {is_removed}. What (would|does) the {answer} (become|be)?
    {tell} {which} {answer} (comes out|we get|there is) when {step} {is_removed}.
    Which {answer} (survives|results|follows|is left) (when|if|once) {step} {is_removed}?
    {remove}: {answer}?
    After {removing}, (what number do we see|the answer reads what|what does it come to)?
    I wonder what (would come out|would be said|{it} would {say}) (if|when) {step} {is_removed}.
    (Now|Then) {remove}, what {answer} (is it|do you get|have we)?
    The {answer} when {step} {is_removed}, (what is it|please|it is what)?
    (Say|Suppose) I {remove}: what would it {say}(, then|)?
    (Would like|Want|Need) the {answer} with {step} {removed}.
    Can you {remove} and (look|see|check) what it {says}?
    What answer will the user see once {step} {is_removed}?
    Walk me through it: {step} {removed}, and the answer at the end is what?
    Give me the bottom line if we {remove}.
    Where do we land if somebody decides to {remove}?
    Please record the answer obtained following {removal} of {step}.
    With {step} {removed}, (what|which) figure is reported?
    What reading does one arrive at upon {removing}?
    Open it up and {remove}. What does the dial read(| afterwards)?
    Humor me and {remove}. What does the old thing come up with?
    {step} {removed}, and then what drops out at the far end?
    Imagine {step} {is_removed}. Which answer would it write on the board?
    Pretend I had to {remove}; what would the model put down as its solution?
    What would its final line have been had {step} been {removed}?
    ok what if u {remove}, what does it spit out
    {step} is no more, as in {removed}. now what does it say
    gimme the answer w {step} {removed}
    bro {remove} and see what it comes up with
    Hey, what number comes up when I, uh, {remove}
    Can you read me the answer it'd end on if {step} {is_removed}
    Okay now I want to, um, {remove}, so what answer are we left with
    Model output (post|after) {removal} of {step}?
    Rerun with {step} {removed} and paste the decoded value.
    {step} {removed} in this trace, what's it emitting?
    Counterfactual: {step} {removed}. Final prediction?
    Had {step} been {removed}, which answer would we be reading today?
    How would this story have ended with {step} {removed}: on what answer?
    What would the model have told us if {step} had been {removed}?
    Ticket: {step} {removed}, need the resulting value.
    Procedure: {remove}. Observation: answer =?
    Requesting the readout after {removing}.
    Let us see, we {remove}, and the answer we arrive at is...?
    Take the same run, except that {step} {is_removed}. (At|On) which answer does it finish?
    Thought experiment: {remove}. Where does the model end up?
    I keep asking myself what it would conclude were {step} to be {removed}.
    * (Suppose|Imagine|Assume) {step} {is_removed}. And the answer?
    * Were {step} to be {removed}, (where would it end up|it would say what)?
    * Please {remove} and (read me|give me) the answer.
    * The {answer} (under|given) {removal} of {step} is what number?
    * {removal} of {step}, (go|now|please): and the number?
    * (Minus|Without) {step}, I mean {removed}: {answer}?
    * Post-mortem with {step} {removed}: the answer reads?
    * Picture the run with {step} {removed}. Its closing number?
    * {step} {removed}. Verdict of the model?
    * Give it another go with {step} {removed} and report its answer.
    * To which answer does it drift with {step} {removed}?
    * So then, {step} {removed}, the reply is?
kinds
    How do the (ablations|ways to remove|kinds of ablation) (of|at|for) {step} (differ|compare)?
    What does (each|every) (ablation|kind of ablation|way of removing it) (of|at|for) {step} (give|do|lead to)?
    What (are the answers|comes out|does it answer) under (each|every) (kind of |)ablation of {step}?
    {show} the (answer|outcome|result) for (each|every) (kind of |)ablation of {step}.
    For {step}, what (does|would) (each|every) (ablation|kind of ablation) (give|answer|say)?
    (all ablations|every ablation|all kinds of ablation|each ablation) (of|at|for) {step}
    {step}: (all ablations|every ablation|each kind of ablation)(?|.)
    Does it matter how {step} is (ablated|removed), and what (does|would) (each|every) (way|kind) give?
    (Tell me|I want to know) what (each|every) (kind of ablation|type of ablation) does (to|with|at) {step}.
    {idea} how the (ablations|interventions|ways to remove it) (differ|compare) (at|for) {step}?
    (List|Go through|Show) (all|the) (ablations|interventions) (of|at|for) {step}, each with (its|the) {answer}.
    What {answer} (does|did) each (ablation|intervention|type of ablation) (of|at) {step} (lead to|produce|yield)?
    {step}, (ablated|removed) in (every|each) way: (what answers|which answers|what comes out)?
    {reason}. What does {step} give under (each|every) (kind of ablation|type of ablation|intervention)?
    {so} what (are the answers|do we get) for (all|the different) (ablations|ablation types) of {step}?
    Does the kind of ablation (matter|play a role) (for|at) {step}(, which gives what|: what comes of each)?
    (ablation table|answer by ablation type|ablation by ablation|per-ablation answers), {step}(?|)
    (Break down|Split|Report) the effect of (ablating|removing) {step} by (kind|type|method)( of ablation|).
    The different (ablations|ways of removing|interventions) for {step}: which {answer} (from each|each time)?
    I (wonder|want to see) how each (kind of ablation|intervention) changes things at {step}.
    Do all (ablations|kinds of ablation|ways to remove it) of {step} (give|lead to) the same, or what does each give?
    Can you (compare|go over|list) the (ablations|kinds of ablation) for {step}?
    I'd like a side-by-side of what the answer is under each way we can knock out {step}.
    Please tabulate the answer obtained for {step} under every ablation method.
    There is more than one way to take out {step}; what reading does each one leave us with?
    Zeroing, averaging and so on: what does the model answer for each, at {step}?
    how does it answer for all the diff ways of killing {step}
    Hey, go through the ways of ablating {step} one by one and tell me the answer for each
    Per-method (ablation|knockout) results at {step}, all of them?
    Does the choice of method make a difference when you knock out {step}, and what does each one leave?
    Ticket: run all ablation variants on {step}, report one value per variant.
    Now, one can silence {step} in several ways; which answer goes with which?
    Blank it, average it, whatever else there is: what comes of each at {step}?
    Which answers would we read if {step} were taken out by each available method?
    What outcomes are on the table for {step}, one per type of knockout?
    One by one, every variant of removing {step} and the answer that follows, please.
    With {step} as the target, how does the answer vary from one ablation style to the next?
    * Compare what the ablations do to {step}.
    * (Zero, skip or noise|Zeros, noise, skipping): what does {step} give with each of them?
    * (However|Whichever way) {step} is (ablated|removed): what comes of each way?
    * Put the ablations of {step} side by side.
    * Each ablation of {step} in turn: its answer, as a list.
    * Compare all knockouts of {step} by what they make it answer.
    * {step} under every type of ablation, a line each?
patched
    If {step} took the thought {donor} of another question, what (is|would be) the answer?
    What does {it} answer with {donor} from another question put into {step}?
    What (happens|would happen) (if|when) {step} (gets|takes|is given) {donor} from another question?
    (Swap|Put|Patch) {donor} of another question into {step}: what (does it say|is the answer|comes out)?
    (answer|output|result) with {donor} (from|of) another question (in|at|patched into) {step}
    With the thought {donor} of (another|a different) question (in|at) {step}, what (does it say|is the answer)?
    {show} the answer (when|if) {step} (is patched with|takes) {donor} of another question.
    {donor} from another question (patched|put|swapped) into {step}: (answer|what then)?
    {idea} what it {says} with {donor} from another question (in|put into|at) {step}?
    {reason}. What is the {answer} with {donor} from another question in {step}?
    {so} what (comes out|does it say) once {step} (has|holds|gets) {donor} from another question?
    Replace {step} by {donor} from (another|a different|some other) question: what does it {say}?
    (Interchange|Transplant|Activation patching): {donor} of another question goes into {step}. The {answer}?
    What {answer} (results|comes|follows) from {donor} of another question (in|at|inside) {step}?
    I (put|patch|paste|swap) {donor} of another question into {step}. What does it {say} (now|then)?
    patch {donor} from another question (at|into) {step}(, answer|, what then|: result)?
    {step} (overwritten|exchanged|replaced) with {donor} from another question: (answer|output|then)?
    I wonder what it would {say} with {donor} from another question in {step}.
    The {answer} when {step} (gets|takes) {donor} from another question, (what is it|please)?
    {step} with {donor} from another question inside: what (number|{answer}) (do we see|comes)?
    * Put another question's thought {donor} into {step}. And the answer?
    * (Suppose|Imagine) {step} (thinks|dreams of) {donor}, borrowed from another question. It says what?
    * (Lend|Give) {step} the foreign thought {donor}: (where|what) does the {answer} end?
    * The {answer}, had {step} been (fed|handed) {donor} from another question?
effect_yes_no: yes means that the answer changes
    (Does|Would|Will) {removing} (change|affect|alter|influence) (the answer|the result|the output|anything)?
    (Does|Would|Will) (the answer|the output|it) (change|differ|move) {when} {step} {is_removed}?
    Is the answer (different|another|changed) {when} {step} {is_removed}?
    (If|When|Once) {step} {is_removed}, (does|will|would) (the answer|the output|it) (change|differ)?
    (Does|Would|Will) it (matter|make a difference) (if|when) {step} {is_removed}?
    (Does|Did) {step} (matter|count|play a role|do anything|make a difference){if_removed}?
    Is {step} (important|needed|necessary|essential|critical){if_removed}?
    {tell} {if} {removing} (changes|affects|alters) the answer.
    {step} {removed}: (does it change|any change|any difference|another answer)?
    (any|some) (effect|difference|change|impact) (of|from|by) {removing}?
    (Would|Will|Does) {it} (say|answer) something (else|different) (if|when) {step} {is_removed}?
    {idea} {if} {removing} (changes|affects|alters) the {answer}?
    Is the {answer} affected (at all |)by {removing}?
    {reason}. Does {removing} change the {answer}?
    {so} {removing} (changes something|does change the answer|matters)(, yes or no|, right|)?
    Is there (any|a) (change|difference|shift) (in|of) the {answer} (when|if) {step} {is_removed}?
    (Yes/no|Yes or no|Y/n): does the {answer} change (if|when) {step} {is_removed}?
    {step} {removed}: (any change|different|changed|does it flip)(, y/n|, yes or no|)?
    {removing}: (answer changes|changes the answer|different answer|does it matter)( or not|)?
    {want} to know {if} the {answer} (changes|flips|is different) (when|if) {step} {is_removed}.
    I wonder {if} {removing} (would change|changes|does anything to) the {answer}.
    The {answer}, does it change (if|when) {step} {is_removed}?
    {guess} {removing} changes the {answer}, {right}?
    (Does|Would) something (happen|change) (to|with|in) the {answer} (if|when) (I|we|you) {remove}?
    Do I get (another|a different) {answer} (by|after|when) {removing}?
    Do we see a dent in the answer after {removing}?
    Would a user notice from the answer that {step} had been {removed}?
    Should (I|we) expect some other answer from {removing}?
    Is there a price to {removing}, namely a different answer?
    Is the {answer} at variance with the original once {step} {is_removed}?
    Does {removal} of {step} result in a deviation from the reported answer?
    Is it established that {removing} alters what it reports?
    Open it up and {remove}. Does the needle budge?
    Every part should do something. Would the answer notice if we {remove}?
    Will it come unstuck and answer otherwise if we {remove}?
    Would the model hand in a different solution had {step} been {removed}?
    If somebody were to {remove}, would the answer on the page be a new one?
    Does its final line come out otherwise with {step} {removed}?
    does it even switch up the answer if u {remove}
    yo does {removing} mess w the answer
    would it say sth else w {step} {removed}?
    does {step} even have a say in the answer{if_removed}, or nah?
    Hey, um, is it gonna give me some other answer if I {remove}
    Quick question, does {removing} make the answer go off
    Okay does the answer, like, turn into something else once {step} {is_removed}
    Is the output causally sensitive to {removing}?
    {step} {removed}: output differs from baseline, true or false?
    Do we get a regression, i.e. another answer, from {removing}?
    Any answer flip with {step} {removed}?
    Would the ending, that is the answer, be rewritten had {step} been {removed}?
    Is so much riding on it that the answer is another with {step} {removed}?
    Is it fair to write that {removing} would have led to another answer?
    Ticket: does the readout deviate with {step} {removed}? Y/N
    Compared to control, is a new answer observed on {removing}?
    Check whether {removing} (perturbs|disturbs|shakes) the readout.
    If we {remove}, we ought to see another answer, oughtn't we?
    Now, does the answer care about {step} at all{if_removed}, one wonders?
    Would we be looking at another answer had {step} been {removed}?
    Doesn't {removing} make the model answer something new?
    * Yes or no: {removing} (changes|moves|turns) the answer?
    * (Do|Would) we (lose|spoil|ruin) the answer (by|when) {removing}?
    * (Is the answer|Is it) (at risk|in danger|sensitive) (when|if) {step} {is_removed}?
    * {step} {removed}, and the {answer} (is no longer|stops being) what it was: (true|yes or no)?
    * Is the {answer} (thrown off|shaken|upset) by {removing}?
    * Will {removing} tip the answer over?
    * Sensitive to {step}, is it, when {step} is {removed}: does the answer turn?
    * {removing}: an upheaval for the answer, yes or no?
    * Does the answer flinch on {removing}?
    * Is another answer what we get from {removing}?
    * Would {removing} upset the final number?
cut_yes_no: yes means that the answer stays
    (Can|Could|May) {step} be {removed} (without harm|without changing the answer|with no effect|and the answer stays)?
    (Can|Could|May) (we|I|you|one) {remove} (and keep|and still get|and have) the (same answer|answer)?
    Is {step} (redundant|superfluous|unnecessary|dispensable|useless|not needed){if_removed}?
    (Does|Would|Will) the answer (stay|stay the same|survive|remain|remain the same) {without_step}?
    (Does|Would|Will) {it} (still |)(answer|say|get) the same {when} {step} {is_removed}?
    (If|When|Once) {step} {is_removed}, (does|will|would) the answer (stay|stay the same|remain the same)?
    Is it (safe|fine|harmless|ok|possible|all right) to {remove}?
    (Can|Could) {it} (do|manage|get by|come to the answer) {without_step}?
    {step} {removed}: (same answer|still the same|does the answer stay)?
    {tell} {if} {it} (can do|says the same|gets the same answer) {without_step}.
    {idea} {if} {step} can be {removed} (safely|without harm|at no cost)?
    Would the {answer} (survive|withstand|outlive|stay the same despite|be robust to) {removing}?
    {reason}. Can {step} be {removed} (without changing the {answer}|and the {answer} stays)?
    {so} {step} can be {removed} and the {answer} (stays|remains|is the same)(, right|, yes or no|)?
    {removing}: (still the same {answer}|same {answer}|no change|harmless|ok)(, y/n|, yes or no|)?
    {tell} {if} {step} (can|could|may) be {removed} (and the {answer} stays|without harm).
    (Is the {answer}|Would the {answer} be) (still |)(the same|unchanged|intact) {without_step}?
    Is it (okay|acceptable|no problem) to {remove}, answer-wise?
    (ok|fine|same {answer}|unchanged|intact) {without_step}(?|, y/n?)
    I wonder {if} the {answer} (stays|would stay|remains) the same {without_step}.
    {guess} the {answer} stays the same {without_step}, {right}?
    The {answer}, is it still the same (if|when) {step} {is_removed}?
    Do I (keep|still get|still have) the same {answer} (by|after|when) {removing}?
    (Will|Would) (nothing|no harm) (happen|be done) to the {answer} (if|when) (I|we|you) {remove}?
    Can we ship with {step} {removed} and still hit the same answer?
    Are we in the clear to {remove}, with the answer (staying put|none the worse)?
    Is {step} just a nice-to-have rather than a must-have for the answer{if_removed}?
    Does the reported answer (stand|hold) {without_step}?
    Is the original {answer} upheld when {step} {is_removed}?
    Can you certify that the answer is no different {without_step}?
    I would just {remove}; will the thing keep giving the answer it gave before?
    Will it still run true with {step} {removed}, same answer as ever?
    Is {step} a spare part, so that even {removed} it leaves the answer as before?
    Would the model still write the same number if {step} {is_removed}?
    May one {remove} and yet read the same solution at the end?
    Does it reach the very same answer despite {step} being {removed}?
    can i just {remove} n get the same answer
    it'd still land on the same answer {without_step}, right?
    so {step} is basically (filler|pointless|just for show){if_removed}, yeah?
    is it chill if i {remove}, like same answer n all?
    Hey, if I, uh, {remove}, do I end up with the same answer anyway
    Um, is it all good {without_step}, as in is the answer still what it was
    Tell me, is the answer going to hold up if {step} {is_removed}
    Is the output invariant (to|under) {removing}?
    Is {step} a no-op{if_removed}?
    {step} {removed}: output matches baseline, true or false?
    Is it a lossless optimisation to {remove}, answer-wise?
    Would the ending, that is the answer, be the very same {without_step}?
    Can I write that {removing} would have left the model's answer just as it was?
    Would it have given that same answer even with {step} {removed}?
    Ticket: {step} {removed}, does the readout still match control? Y/N
    Please confirm that the readout is stable under {removal} of {step}.
    Does the run still return its original answer on {removing}?
    Nothing much should ride on it, so the answer persists {without_step}, does it not?
    Is the model robust here, that is, does {removing} leave its answer as it was?
    We may {remove} and lose nothing of the answer, true?
    Might {step} just as well have been {removed}, for all the answer cares?
    * {removing} is (harmless|of no consequence), (is it not|yes or no|right)?
    * (Nothing|No answer) lost {without_step}?
    * (Granted|Even) that {step} {is_removed}, the {answer} (holds|stands)?
    * (Nothing|Not much) (to fear|at stake) (from|in) {removing}?
    * Does it get away with {removing}, {answer} (intact|unharmed)?
    * Does the answer weather {removing}?
    * Is {removing} harmless to the answer?
    * Would the final number come through {removing} unscathed?
    * May {step} be {removed} with a clear conscience, the answer unharmed?
    * {step} {removed}: does the answer survive intact?
    * Will its answer sit tight through {removing}?
effect_and_value
    Does {removing} change (it|the answer|the output), and (if so, |)(to what|into what|what to|how)?
    (Does|Would) the answer change {when} {step} {is_removed}, and (to what|into what|what to|what is it then)?
    (If|When|Once) {step} {is_removed}, does (it|the answer) change, and (to what|into what|what is it then)?
    Is the answer (different|another) (if|when) {step} {is_removed}, and (which|what is it|what does it say)?
    (Does|Would) it matter (if|when) {step} {is_removed}, and what (does|would) {it} (say|answer) then?
    (Tell me|Say) {if} {removing} changes the answer(, and to what| and what it becomes|, and what it is then).
    {step} {removed}: (does it change and to what|any change, and to what|changed, and into what)?
    (does it change|any change), and to what, (by|when) {removing}?
    Does {step} matter{if_removed}, and (what does it say then|what is the answer then)?
    (What changes|Does anything change) (if|when) {step} {is_removed}, and what is the (new answer|answer then)?
    {idea} {if} {removing} changes the {answer}, and to (what|which value)?
    Is the {answer} (sensitive|open|vulnerable) to {removing}? If (so|it is), what does it become?
    {reason}. Does {removing} change the {answer}, and to what?
    {so} (if|when) {step} {is_removed}, does the {answer} change, and (what to|which is the new one)?
    If {step} {is_removed}, will I get (a different|another) {answer}? Which( one|)?
    {step} {removed}: (changed|different|another)? (If so|If yes), (what|to what|which)?
    Does {removing} (shift|flip|move) the {answer}, and what is the (counterfactual|new|changed) (output|answer|one)?
    Would {removing} change what it {says}? If (yes|so), what (would|does) it say instead?
    (Does|Will) the {answer} (change|differ) {without_step}, and (what does it change to|to what|what is it then)?
    I wonder {if} {removing} changes the {answer}, and what it would be then.
    The {answer}, does it change (if|when) {step} {is_removed}, and what is it then?
    (I guess|I bet) {removing} changes the {answer}. (Right, and to what|Does it, and to what)?
    Do I get another {answer} (by|after|when) {removing}, and {which}?
    Would {removing} hand users another answer, and what would they see?
    If we {remove}, is there a different outcome, and what exactly would it be?
    I need two things: is the answer any different with {step} {removed}, and what does it come to?
    Any dent in the answer from {removing}? What does it end up as?
    State whether {removal} of {step} alters the answer, and give the figure obtained.
    Was there a deviation upon {removing}? Please cite the answer found.
    Is the {answer} at variance with the original once {step} {is_removed}, and what does it read?
    Suppose I {remove}: does the needle move, and where does it come to rest?
    Does the old thing answer otherwise once {step} {is_removed}, and with what number?
    Go on and {remove}. Any difference in the answer, and what do you read off?
    Would the model write a new answer had {step} been {removed}, and what would be on the page?
    Tell the class whether {removing} gives another answer, and what that answer is.
    Does its final line come out otherwise if we {remove}? Write down what it comes to.
    does it switch answers if u {remove} and to what
    if {step} {is_removed} does it mess up the answer, n whats it say then
    {step} {removed}, does it flip or nah, and what does it say now
    would it say sth else w {step} {removed}? like what
    Hey, if I {remove}, do I get something else, and, um, what do I get
    Okay does the answer turn into something different once {step} {is_removed}, and read me what it is
    So, uh, does {removing} get it off track, and what number does it land on
    Any output diff with {step} {removed}? Paste the value too.
    Does {removing} trip up the output, y/n, plus the new value?
    {removal} of {step}: different answer or not, and what decodes?
    Is the output causally sensitive to {removing}, and what does it emit there?
    Would the story have ended on another answer had {step} been {removed}, and on which?
    Does {removing} rewrite the ending, and what does the model say in the new version?
    Is it true that {removing} brings about another answer, and what would I quote?
    Ticket: {step} {removed}. Does the readout deviate? Record the value.
    Need Y/N on deviation under {removal} of {step}, plus the reading.
    Check whether {removing} (perturbs|disturbs) the answer and note what it reads.
    Now we {remove}; does the answer budge, and if it does, where does it go?
    Would we be looking at another answer with {step} {removed}, and, let me think, at which?
    First, does {removing} disturb the answer at all; second, what is the answer then?
    It is not obvious that {removing} alters anything. Does it, and what answer have we then?
    * Two things: (is the answer moved|does the answer move) by {removing}, and where to?
    * (Try|Test) {removing}: (another answer or the same|same or another answer), and which?
    * Answer both: is there a change (from|by|with) {removing}? And: what is the value?
    * (Old {answer} or new|New {answer} or old) {without_step}, and (the new one being|if new,) what?
    * (Where|To what number) does {removing} drive the {answer}, if it moves at all?
    * Does the answer flinch on {removing}, and what is it afterwards?
    * {removing}: any upheaval, and the new number is?
    * Would {removing} upset the final number, and into which?
    * A yes or no on change from {removing}, with the answer that results.
    * Will {removing} tip the answer over, and onto what?
    * Say if {removing} matters to the answer and which answer follows.
"""
