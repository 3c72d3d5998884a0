"""Sentences that ask about answers: the final one, those on the way, those without steps. Notation: sentences.py."""

ANSWERS = """
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
    Can I (drop|forget about|ignore) some {latents}{if_removed}? Tell me which.
    We have to slim this down: which {latents} could be {removed} without anyone noticing from the answer?
    Where is the fat here, that is, the steps whose {removal} costs us nothing?
    Give me a list of the steps that aren't pulling their weight{if_removed}.
    Which {latents} are nice-to-have rather than must-have{if_removed}?
    Please itemise all steps whose {removal} left the {answer} unaltered.
    For which steps was no deviation in the {answer} observed upon {removal}?
    Which of the steps, if any, are immaterial to the {answer}{if_removed}?
    In every machine some parts just go along for the ride. Which {latents} are those here{if_removed}?
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
    How much of that thinking was wasted{if_removed}? Name the steps.
    Were any steps just passengers{if_removed}? If so, give me their numbers.
    Ticket: list the steps with no change in the result under {removal}.
    Every step was {removed} once. For which ones did the readout match baseline?
    Of the six steps, which ones still show the baseline answer even when {removed}?
    Not every step earns its keep, I suspect; so the ones that do not{if_removed}, those are...?
    Let us see, which of them might as well not have happened{if_removed}?
    Is there any slack in the chain, steps which may be {removed} at no loss, and where?
    To {removal} of which steps is the answer (immune|indifferent)?
    * Name the steps the answer does not need: they can be {removed}.
    * Where does {removal} (leave|keep) the answer (as it is|the same|intact)?
    * (Does|Did) it have (idle|dead|wasted) steps{if_removed}? (List them|Which are they|Which)?
    * Safe to be {removed}: which ones?
    * (Dead weight|Passengers|Free riders) among the {latents}{if_removed}?
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
early_decode
    What (does|would|did|will) {it} (answer|say|output|give|guess|think) {after}?
    What (does|would) {it} (answer|say) if {it} (stops|stopped|is stopped|is cut off|has to answer) {after}?
    If {it} (stops|is stopped|is cut off|has to answer|had to answer) {after}, what (is the answer|does it say)?
    {after}, what (is|was|would be) (the|its) answer?
    What is (the|its|the model's) (answer|output|guess|best guess) {after}?
    {which} answer (is there|does it have|has it got|comes out) {after}?
    (early decode|decode|early answer|early exit|answer|output|prediction|answer so far|guess) {after}
    {after}: (answer|what does it say|what is it)?
    (Stop|Halt|Interrupt|I stop|You stop|We stop) {it} {after}. What (is the answer|does it say|comes out)?
    {show} (the answer|what it says|its answer) {after}.
    (Decode|Read out|Read) the answer {after}.
    What (had|has) {it} (come to|arrived at|got) {after}?
    ({it} says|Says {it}|It will say) what {after}?
    {which} answer (gives|has) {it} {after}?
    Early exit {after}: (what is the {answer}|which number|what do we get|what comes out)?
    {idea} what it would {say} {after}?
    If {it} (exits|answers|has to commit|is made to answer) {after}, what number (comes out|do you get)?
    What {answer} (is obtained|results|do you see) (with decoding forced|by early exit|by forced decoding) {after}?
    (Truncate|End|Break off|Cut) the (chain|run|thinking) {after} and decode. What do (you|we) get?
    {so} {after} it {says} what?
    {reason}. What (would|does|did) it {say} {after}?
    {tell} {which} (number|answer) it (would have given|has|was at|leans to) {after}.
    (premature|interim|provisional|early-exit|intermediate|forced) {answer} {after}(?|)
    What does {it} (believe the answer is|take the answer to be|think the answer is) {after}?
    (Only let|Just let|Let) {it} think until {after}: what does it {say}?
    Its {answer} {after} (is|was|would be) (what|which|what number)?
    What would you (hear|read|get) from it {after}?
    (At the moment|Right now) {after}, (what|which number) does it have (in mind|ready)?
    {after}, what would it say if (we|I|you) asked?
    The {answer} {after}, (please|what is it|it is what)?
    How (does|did) the {answer} (look|stand|read) {after}?
    (I wonder|Let me guess, or say|Not sure) what it would {say} {after}.
    If (I|we) pull the plug {after}, what does it {say}?
    Supposing we had (shipped|gone with) whatever it had {after}, (what|which) number would the user have seen?
    For (latency|cost) reasons we'd like to quit {after}. What would the customer be told?
    Say the budget runs out {after}: what do we end up telling the user?
    Please (document|put on record) the answer the model would have (issued|delivered) had it been halted {after}.
    Had the process been (terminated|suspended) {after}, which figure would have been (reported|filed)?
    Which figure was {it} (standing behind|prepared to report) {after}?
    Picture a dial for the answer. Where does the needle stand {after}, on which number?
    If I'd shut the machine down {after}, what answer would be (sitting|lying) in the tray?
    (Switch it off|Shut it down) {after}, and what have you got for an answer?
    Pencils down {after}! What has it written as its answer?
    If I'd (collected|taken away) its paper {after}, what answer would I have found on it?
    Suppose I call on it {after}: what answer does it (blurt out|tell the class)?
    ok but like what was it gonna (say|put|answer) {after}
    (lol|wait) what if it just quit {after}, what answer (do you get|is it giving)
    what number was it (feeling|going with|on) {after} tho
    hey um can you tell me what answer it would have said if it had to stop {after}
    okay so {after} comma what was the answer at that point question mark
    I need to know what the model would tell me if I made it quit thinking {after} (please|thanks)
    Early exit triggered {after}, what (did it emit|got emitted|would it emit)?
    Force the answer {after}: what do you see (come back|decoded)?
    If the loop (bailed|timed out) {after}, what prediction got served?
    What would {it} have gone on record with if pressed for an answer {after}?
    Had someone demanded a number {after}, (what|which) would it have offered?
    Readers will ask what it would've replied had its thinking been cut short {after}. What was it?
    Run (aborted|paused) {after}; please (log|note) the answer it would give at that stage.
    The final answer I have. What I lack is the one {it} would report {after}.
    Now, if we were to freeze things {after} and ask for a number, we'd hear what, exactly?
    Let's imagine it never got any further and had to reply {after}. With which answer?
    Which number would it have (committed to|put its name to|bet on) {after}, hm?
    * Made to answer {after}, what does {it} say?
    * Where (does|did) {it} stand {after}, if asked for (an answer|a number)?
    * (Pretend|Suppose) {it} (quits|gives up|runs out of time) {after}: (which number|what) do we (get|hear)?
    * (Peek at|Take a look at) the answer {after}: what is it?
    * Were the (chain|thinking|run) to end {after}, its reply would be?
    * (Snapshot|Checkpoint) {after}: what number?
convergence
    When (does|did) {it} (first |)(give|have|say|reach|get|know|find|figure out|hit) the final answer?
    (When|At what point|Where) (is|was) the final answer (first there|fixed|locked in|decided|clear|found)?
    (At|After) {which} step (is the final answer first there|does it first have the final answer)?
    From (when|which step|what step) on (is|was) the final answer (there|known|ready)?
    (How many steps|How long) (does|did) {it} (really |actually |)(need|take) (to find|until) the (final |)answer?
    How (early|soon|fast|quickly) (does|did) {it} (have|know|reach|find|get to) the (final |)answer?
    {tell} when the final answer (first appears|is first there|appears).
    (When|At what point|Where) does (the answer|it) converge?
    {which} (is|was) the (first|earliest) step (with|to give|that gives|that has) the final answer?
    (convergence|first step with the final answer|(earliest|first) (step|point) with the answer|converged when)
    (When|At which step) (does|did) {it} (make up its mind|decide|settle on its answer|arrive at the final answer)?
    {idea} (when|at which step|from which step on) {it} (had|has|knows|gives) the final {answer}?
    At {which} {latent} does the (early-exit|early|forced) {answer} first (equal|match|agree with) the final one?
    (How many {latents} in|After how many {latents}) (is|does) the final {answer} first (decodable|show up|appear|come)?
    What is the earliest {latent} after which (forced decoding|decoding) (yields|gives|returns) the final {answer}?
    {reason}. When does it first (have|reach|arrive at|hit on) the final {answer}?
    {so} (when|where) is the final {answer} first there?
    I am (interested in|looking for) the (step|moment) where it first (arrives at|has) its (final|eventual) {answer}.
    How (early|soon) (could we have|could I have) stopped it (and still|yet still) (gotten|seen) the final {answer}?
    (first|earliest) {latent} (with|giving|that has|to reach) (the|its) final {answer}(?|)
    {answer} (found|reached|fixed|final|known) (at|after|by) {which} {latent}?
    {which} {latent} is the first (one |)(where|after which) it (already |)(has|knows|gives) its final {answer}?
    (I guess|I think) it had the {answer} quite (early|late). At which {latent} exactly?
    When does it (already |)know what it will say (in|at) the end?
    The final {answer}, (when is it|at which {latent} is it|since which {latent} is it) there?
    How (long|many {latents}) (before|till|until) it (knows|has|gets to) the final {answer}?
    (Was|Is) the final {answer} there (early or late|from the start)? {which} {latent}?
    (Show|Give|Tell) me the (first|earliest) {latent} (where|at which) its (early |){answer} is the final one.
    At what {latent} (could|can|may) we stop and lose nothing?
    (When|Where|At which {latent}) (did|does) it (click|find it|crack it|nail it|get there)?
    What's the (minimum|least) number of {latents} we'd have to pay for to get the same final answer?
    How much of the thinking do we need before the answer we ship is (available|in hand)?
    At (what stage|which step) could we have called it (done|finished), answer-wise?
    Please establish the earliest stage at which the eventual answer was in place, and whether it held thereafter.
    On which step did the reported answer first (arise|surface), and did it remain unchanged?
    Since which {latent} has the answer been (what it finally reported|the one it submitted)?
    Where along the line did the final answer first come off the (belt|press)?
    How many turns of the crank before the final answer drops out?
    At which step did the answer reach its final value and quit (moving|wandering)?
    At which step could it have put its pencil down with its final answer written?
    When did the penny drop, that is, when did it first have the answer it handed in?
    How many {latents} in would it have raised its hand with the answer it finally gave?
    when did it actually (lock in|land on|catch) its final answer
    ok but how many {latents} till it had the answer it ended up w
    which step did it lock in (on the|its) answer tho
    hey so um at what step did it first come up with the answer it gave in the end
    can you tell me how soon the final answer showed up and (whether|if) it stuck
    okay question what was the first step where it already had the final answer
    What's the earliest exit step that already (matches|equals) the full-run answer?
    After which step does early decode first == final output, and is it stable from there?
    What's the smallest {latent} budget that reproduces the full-run (prediction|answer)?
    When did {it} first land on the answer it would (stick with|end with)?
    What was the turning point, the step where its eventual answer first emerged?
    At what (moment|stage|step) did the answer become a done deal?
    Please log the first {latent} at which the interim answer equals the final one.
    Please note the step number at which the final answer first turned up, and whether it held.
    Final answer first observed at which step, and stable after that?
    It may not have needed all six steps; by which one was the final answer in place?
    By the time it had its final answer, how many {latents} had gone by?
    Let's see, when does the early answer catch up with the final one and stay there?
    * How (soon|early) could the final answer be had?
    * (Find|Point to) the (moment|step) where (it is done|no more thinking is needed) for the final answer.
    * (Stopping it early|Cutting it short), when would we (already|first) get what it says in the end?
    * The final {answer}: since when?
    * (How much|How little) of the (thinking|chain) (is enough|suffices) for the final {answer}?
    * The (hunt|search) for the {answer} is over (when|at which {latent})?
evolution
    How does (the|its) answer (change|evolve|develop|move|build up) (from step to step|over the steps|step by step)?
    {show} (all |)(its|the) answers (from first to last|in order|step by step|after every step).
    What (does|would) {it} (answer|say) after (each|every) (of the steps|step)?
    What are (its|the) answers (after each step|on the way|along the way|one after the other)?
    (all early decodes|all early answers|all answers on the way|every early decode|the answers in order)
    (answers|answer|early decode) (step by step|after each step|after every step|at every step)
    After (each|every) step, what (does it say|is the answer|would the answer be)?
    (How|In which way) (does|did) {it} (get|come) to (its|the) answer(, step by step|)?
    (Trace|Follow|Walk me through) the answer (step by step|from start to end|through the steps).
    {which} answers does {it} (go|pass) through?
    {idea} how {its} {answer} (changes|evolves|develops|moves) (over|along|across) the {latents}?
    How does the (forced-decoding|early-exit|decoded) {answer} (develop|change|evolve|vary) over the {latents}?
    List the (early-exit|early|intermediate|interim) (predictions|answers|outputs) (in order|one by one|, all of them).
    What is the (sequence|list) of (intermediate|early) (answers|outputs)( if we decode after each {latent}|)?
    (Trace|Plot|Follow) the (trajectory|path|course) of the {answer} (across|through|along) the (latent chain|chain).
    {reason}. What is {its} {answer} after each {latent}?
    {so} how does the {answer} (change|move|develop) from one {latent} to the next?
    {want} to see (how the {answer} develops|the {answer} change|the {answer} grow) (over|through|across) the {latents}.
    Does its (guess|answer) move around (while|as) it thinks? (Go through it|Take me through it) step by step.
    {answer} (by|per|for each|at each) {latent}(?|)
    {tell} what it (would say|would answer|had) after each (step|latent|thought) in turn.
    (all|the six|every one of the) (answers|guesses|predictions), (in order|first to last|from start to end)(?|)
    The {answer}, how (does|did) it (change|go|evolve) (with|over|during) the {latents}?
    (Did|Does) it change its (mind|answer|guess) (on the way|while thinking|as it goes), and how?
    What (did|does|would) it have as {answer} at (each|every) {latent}?
    From the first to the last {latent}, {which} (answers|outputs|predictions) (are there|come|do we see)?
    I (wonder|am curious) what it would have (said|answered) at every {latent}.
    (history|evolution|path|progress|timeline|trajectory|development) of (the |its ){answer}(?|)
    Can I get the answer (log|record), one entry per step, for this run?
    Take the team through every answer it had, one step at a time.
    What would users have seen had we stopped after each step in turn, from the start to the end?
    Please (itemise|itemize|enumerate) the answers held after each step, in chronological order.
    I require a complete (log|register) of its interim answers, from the opening step to the closing one.
    For every step, which answer would have been (reported|filed) there?
    Take a reading of the answer at every (station|stop) down the line and call them out.
    Give me the string of answers, one per {latent}, like (readings off a meter|entries in a logbook).
    If you'd stopped the machine after each step in turn, what answers would you have (jotted down|noted)?
    What answer did it have written down each time, from the opening step to the end?
    If it rubbed out and rewrote its answer after each step, what would I see, one after the other?
    Step by step, which answer would it have (given|told) the class each time?
    what were all the answers it went thru like each step
    list every (guess|answer) it had from start to end (pls|thx)
    so what answer was it on at each step like one by one
    read me the answers it had after each step one by one
    um can you go through what it would have answered at every step from the first to the last
    okay list out the answer after this step and the next and the next and so on
    Dump the per-step early-exit outputs for this run.
    Per-step (early decode|early exit), all six, in order. What answers (do we see|come back)?
    What does early exit emit at each of the steps, zero through five?
    I need a (chronology|running list) of what it would have answered as the thinking went on.
    How did its story change: what was its answer at each stage, from opening to close?
    What were its successive answers(, one per {latent}|, stage by stage|)?
    Please tabulate answer (versus|against|by) step for this run.
    Attach the answer readings for all {latents}, earliest first.
    Record requested: answer at every step, one line each.
    Suppose we peek after every step and write each answer on the board. What's on the board?
    First it would say one thing, then perhaps another. What's the whole succession of answers?
    It starts out with some answer, and then? Take me from each one to the next until the last.
    * Show how the answer (moves|drifts|wanders) over the steps.
    * I would like the whole (sequence|series|row|course) of (its |)answers, (beginning|start) to end.
    * (First|Early on) it {says} this, later that: how does it go on, {latent} by {latent}?
    * (Guess|Answer) after (guess|answer), what did it (run|go) through?
    * The {answer} in the making, {latent} by {latent}(?|, please.)
contrastive: yes means that it is another answer
    (Do|Did) the (latent |)(steps|thoughts) (change|alter|affect|do anything for|matter for) (the|its) answer?
    (Does|Did) (thinking|the thinking|latent reasoning|the reasoning) (change|alter|affect|matter for) (the|its) answer?
    (Does|Did) (thinking|latent reasoning|all that thinking) (make (a|any) difference|change anything|help|matter)?
    Is the answer (another|a different one|different) (than|from the one) {without}?
    Would {it} (say|answer) (something else|something different) {without}?
    {without}, would (the answer|it) be (different|another)?
    (Tell me|I want to know) {if} (thinking|the latent steps|reasoning) (changed|changes) the answer.
    (any|is there a) difference (to|from) the (direct answer|answer {without})?
    (latent against direct|latent vs direct|thinking or not)(: different|: any difference|: another answer|)?
    (Does|Did) it (need|use) (the|its) (latent steps|thoughts) (at all|for its answer)?
    (Is|Was) the (direct answer|answer without thinking) (different|another one)( from the final answer|)?
    (Compare|Set) the direct (answer and the final one|answer against the final one|answer with the final answer).
    {idea} {if} the {latents} (change|alter|affect|shift) the {answer}?
    Does (latent computation|latent reasoning|thinking first) (make any difference to|have any effect on) the {answer}?
    {reason}. Does (thinking|reasoning|the latent part) change the {answer}?
    {so} (thinking|the thinking|reasoning) (did|does|made) (change something|matter|a difference)(?|, right?|, or not?)
    Would the model (give|have given) (another|a different) {answer} {without}?
    Did the {latents} change its mind(, or would it have said that anyway|)?
    (do|did) (latents|thoughts|the latents) matter( at all|)(?|)
    (different from|other than|unlike) the (direct|no-thinking|instant|no-reasoning) {answer}?
    Do the latents (actually|really) (alter|move) the {answer} (relative|compared) to (direct answering|no thinking)?
    (Is|Was) the {answer} with (latent reasoning|thinking) different from the (no-reasoning|direct) (one|{answer})?
    (thinking|latent mode) (vs|against|versus) (direct|no thinking|none): (different or the same|do they differ or not)?
    (Compare|Set side by side) the (latent-mode|thinking|latent) {answer} and the direct one: do they differ?
    Is it (any different|different|another answer) when it (does not think|skips the thinking|goes direct)?
    (Was|Is) (thinking|all this thinking|the thinking) (of any use|useful) (for|to) the {answer}?
    The thinking, (does|did) it change (something|the {answer}|anything)?
    (Do|Did) we get (another|a new|a different) {answer} (because of|thanks to|through) the {latents}?
    I (wonder|am not sure) {if} (thinking|the latent part|reasoning) (changes|changed) the {answer} (here|at all).
    What (difference|change) (does|did) (thinking|the reasoning|the latent part) make(, if any| to the {answer}|)?
    Are we getting a different answer for all that thinking (time|) we pay for?
    If we turned thinking off altogether, would (users|customers) see another number?
    Does the thinking earn its keep, I mean, does the answer come out different because of it?
    Is there a discrepancy between the answer given with thinking and the one given without it?
    Did the deliberation result in an (amended|altered) answer, as against answering at once?
    Do the two answers, with thinking and with none, (diverge|part ways|disagree)?
    If you bypass the whole thinking stage, does some other answer come out the far end?
    Run it with the thinking disconnected: would you read another answer?
    Did the thinking (steer|pull|turn) it away from the answer it would've given cold?
    Would it have written something else had it (blurted out|given) an answer without thinking?
    Did stopping to think make it (revise|cross out|drop) what it would have said straight off?
    If it had skipped its working altogether, would I be reading a different answer?
    would it have said (smth|something) else if it didn't think at all
    did thinking even change its answer or (nah|no)
    is the no thinking answer (diff|different) from the one it gave
    hey did it end up with a different answer because it thought about it
    um would the answer have been different if it just answered right off the bat
    tell me does it say something else when you don't let it think
    Does disabling (the latent loop|all latents) flip the output?
    With the latent budget at zero, do we get a mismatch against the normal output?
    Is there a diff between the no-CoT output and the latent-CoT one?
    Did thinking give {it} a change of heart, compared with its gut answer?
    Did thinking twice lead it to an answer other than its first instinct?
    Was its gut answer something other than what it finally said?
    Control run with no thinking versus normal run: do the answers differ?
    Please check whether the answer deviates when all thinking is left out. Does it?
    Thinking off versus on: answers unequal, y/n?
    Had it spoken straight from instinct, we'd have heard another answer, wouldn't we?
    Is the answer a product of the thinking, in that skipping it all gives something else?
    Would we have ended up elsewhere, answer-wise, had it never thought at all?
    * Would {it} answer otherwise {without}?
    * (Was|Is) (thinking|all the thinking) (worth it|of any consequence), did it (turn|move) the answer?
    * (Take|Strip) (away|off) the (thinking|latent steps): does (another|a new) answer (appear|come out)?
    * With or without thinking, (two|do we see two) (different|distinct) answers?
    * Does it {say} (one thing|this) (after thinking|with latents) and (another|that) {without}?
    * (Unthinking|Off the cuff) it {says} (this|one thing), on reflection (that|another): is it so?
needless: yes means that it is the same answer
    Is the answer the same {without}?
    Would {it} (say|answer) the same {without}?
    {without}, is (it|the answer) (still |)the same?
    (Does|Would) the answer (stay|remain) (the same|as it is) {without}?
    (Is|Was) (thinking|the thinking|the reasoning|latent reasoning) (needless|pointless|useless|for nothing)?
    (Tell me|I want to know) {if} {it} says the same {without}.
    same answer {without}?
    (Is|Was) the direct answer the same( as the final one| as the final answer|)?
    (Could|Can) it (do|manage) (just |)as well {without}, with the same answer?
    {idea} {if} the {answer} (is|stays|would be) the same {without}?
    {reason}. Is the {answer} the same {without}?
    {so} (the thinking|the reasoning|all that thinking) (was|is) (for nothing|useless|needless|in vain)?
    Would the (direct|no-thinking|instant|immediate) {answer} have been the same?
    (direct|no-thinking|instant) and (final|latent) {answer} (identical|the same|equal)(?|)
    (Does|Did) it (get|reach|find) the same {answer} (even |){without}?
    Could {it} have (saved itself|skipped|done without) (all |)the (thinking|{latents}) and (said|answered) the same?
    (Are|Were) the {latents} (superfluous|unneeded|useless|wasted) (altogether|as a whole|all of them|in total)?
    The {answer} {without} is (the very same|the same one|no other|unchanged)(, right|, isn't it|)?
    {without}: (unchanged|still the same {answer}|same thing|identical)?
    {guess} it would {say} the same {without}, {right}?
    It would {say} the same (thing |){without}, (yes|no|or|true)?
    (Was|Is) it the same {answer} as with no thinking( at all|)?
    (Could|Can) we (spare|save) (us |it |)the thinking (as a whole|altogether|completely) and get the same {answer}?
    (Was|Were) the (thinking|{latents}) (wasted|unnecessary|a waste of time|of no use) here?
    Could we switch thinking off for this one and users would still see the same number?
    Are we paying for thinking that leaves the answer exactly where it was?
    Could we cut all the thinking from this request and still ship the same answer?
    Is it the case that the answer was unaffected by the deliberation as a whole?
    Do the two answers, with thinking and with none, (coincide|agree|tally)?
    Can you confirm that leaving out all the thinking yields an identical answer?
    If you bypass the thinking stage entirely, does the same answer still come out?
    Was all that thinking just spinning its wheels, with the same answer it'd have given cold?
    Take the whole thinking unit out of the circuit: still the same answer, eh?
    Would it have written the same answer without doing any working at all?
    Could it have answered straight off and put down the very same thing?
    Was the answer it would blurt out on sight the one it handed in too?
    so it (woulda|would have) said the same thing without thinking at all, right
    was all that thinking for nothin, like same answer either way
    could it just not think and still (say|put) the same thing
    hey would it have given the same answer if it just didn't think at all
    um is it the same answer whether or not you let it think
    tell me does skipping all the thinking leave the answer the same
    Is the latent loop a no-op as far as the answer goes?
    With latents off, does the output match the normal run?
    Does the no-CoT output (reproduce|equal) the latent-CoT one here?
    Did the model's first instinct and its final word (coincide|agree)?
    Was the thinking (just for show|mere theatre), the answer being the same without it?
    Did it end up exactly where its gut (reaction|answer) would have put it?
    Control run with no thinking versus normal run: answers equal, y/n?
    Please verify that the answer is unaltered when all thinking is omitted. Is it?
    Thinking on or off, does the answer come out alike?
    Had it spoken straight from instinct, we'd have heard the same answer, wouldn't we?
    Was the thinking a mere detour, leading back to the answer instinct would have given?
    Would we have ended up at the very same answer had it never thought at all?
    * (Had it not thought at all|Thinking left aside), would (nothing|none of it) be different?
    * (Do|Did) the answers with and without (thinking|latent steps) (agree|coincide)?
    * It (thought|pondered) and (only |)(confirmed|repeated) its (snap|instant) {answer}, true?
    * Is (all |)the thinking (mere |)(decoration|show|ornament)?
    * (Nothing|No change) (gained|won) by (thinking|the thinking)?
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
final
    What (does|did|will) {it} (answer|say|reply) (in the end|at the end|finally|)?
    What (is|was) (the|its|the model's) (final |end |)(answer|result|output|reply)?
    {show} (the|its) (final |)(answer|result|output).
    (final |the |)(answer|result|output|reply|solution)(, please|)
    What (number|value|result|answer) (does|did) {it} (give|arrive at|end on|end up with|come to|get)?
    {which} (answer|result|solution) (comes out|came out|does it come to|does it come up with)?
    (With|After) all (its thinking|the thinking|steps|its steps|its thoughts), what (is the answer|does it say)?
    {which} (answer|result|number) (gives|has|got) {it}( in the end| at the end|)?
    {tell} what {it} (answered|answers|said|says)( in the end|).
    {idea} what it {says} (in the end|at the end|finally|as its answer)?
    {which} (final {answer}|{answer}|number) did {it} (produce|return|come up with)( here| on this item| in this run|)?
    Give me the model's {answer} (for|on|in) (this run|this item|this question|this problem).
    Which value does it return (once|when|after) (all {latents} are done|the {latents} are consumed|it has thought)?
    I need the (prediction|number|value|answer|output) (decoded|given|returned|said) at the end.
    {reason}. What (is|was) the (final |model's |){answer}?
    {so} what does it think the (solution|answer|right number) (to the problem |to the question |)is?
    I would like to know what the (model's |final |){answer} (was|is|came to).
    ({answer}|final {answer}|result|end result|outcome)( of the run| of this run| here| again|)(?|)
    (What did it|What does it|What will it) (say|answer|output|end up saying) (after all|all in all|when done|at last)?
    The {answer}, (what is it|which is it|please|it is what)?
    (So|And|Now) what (is|was) the (verdict|outcome|final word|conclusion)?
    (I wonder|I forgot|Remind me) what it {says} (in the end|at the end|as the final answer).
    What (number|value|thing) (pops|falls|comes) out (at the end|in the end|of the model)?
    (And|So) it (ended up|finished|landed) (on|with) (what|which number|which answer)?
    Can you (give|tell|show) (me |)(the|its) (final |end |)({answer}|number)?
    {which} is the number it (gave|says|said|wrote) (as its answer|in the end|at last)?
    What (number|answer) did the customer actually get from it?
    Bottom line: what did {it} answer?
    What did we end up showing the user as the model's answer?
    Please state for the record the answer {it} submitted.
    Which (figure|number) did {it} ultimately report?
    What was the (closing|definitive) answer on file?
    When the machine had run its course, what number was in the tray?
    Once all was said and done, what was its number?
    Let it run to completion: what does it come out with?
    What answer did it (hand in|turn in)?
    What did it write on the last line, as its answer?
    When all its thinking was finished, what answer did it put down?
    so what'd it end up (saying|answering|putting)
    (whats|what's) the answer it (gave|went with)
    ok what number did it land on at the end
    hey what was the answer that it gave
    um can you just tell me the number it came back with
    read me the model's (answer|reply) please
    What did this run actually emit as the answer?
    What got returned to the caller once the full run finished?
    Full run, nothing touched: what prediction do we have?
    What was the model's last word on the question?
    What answer did {it} go on record with?
    How did {it} finally (respond|reply|answer)?
    Please enter the end result of this run in the log. Which value is it?
    Run complete. What answer was reported?
    The answer field is blank in my sheet; what did {it} give?
    And at the end of the day, it tells us what, exactly?
    The thinking is over and it opens its mouth. What does it say?
    Having gone through all six steps, it announces which number?
    * Where (does|did) {it} end up?
    * How (does|did) {it} (conclude|finish), with (which number|what)?
    * (Skip the details|Spare me the steps): (what is the verdict|which number)?
    * (Bottom line|Last word|Verdict)(, please|?| of the model?| of this run?|)
    * After all is (said|thought) and done: {answer}?
direct
    What (would|does|did|will) {it} (answer|say|reply|give) {without}?
    {without}, what (is|would be|was) (the|its) (answer|output|result)?
    What (is|was) (the|its) direct (answer|output|reply|result)?
    What is the answer {without}?
    (direct answer|direct|answer {without}|no thinking answer|output {without})
    {show} (the|its) (direct answer|answer {without}).
    (If|When) {it} (answers|answered|replies) (directly|at once|straight away|right away), what does it say?
    {which} (answer|number) (comes out|do we get|does it give) {without}?
    What (would|does) {it} say (off the top of its head|straight away|right away|directly|at once)?
    {idea} what it (would say|would answer|says|answers) {without}?
    What does {it} {say} in (direct-answer|no-reasoning|no-CoT|no-thinking|immediate) mode?
    Report the (no-reasoning|no-thinking|direct|no-CoT) (baseline|answer|prediction)( for this problem| here|).
    If (we|you|I) go straight from the question to (decoding|the answer), {which} {answer} comes out?
    {reason}. What (does|would) it {say} {without}?
    {so} {without} it {says} what?
    What would {it} have said (had it not used the latents|if it did not think|had it not stopped to think) at all?
    (Suppose|Say|Imagine) {it} (guesses|answers) straight after (reading |)the question. What would it {say}?
    (no-thinking|no-reasoning|latent-free|zero-shot|immediate|instant) {answer}(?|, please|)
    I would like the {answer} (under the no-CoT condition|{without}|with latents off|in direct mode).
    If we skip all the thinking and make it answer (right away|at once|directly), what does it {say}?
    The {answer} {without}, (what is it|please|it is what)?
    (I wonder|Not sure) what it would {say} {without}.
    {reason}. The direct {answer}, please.
    What would (its|the model's) (first|immediate|instant|spontaneous) {answer} be(, {without}|)?
    (Ask it|Make it answer|Let it answer) {without}: what do you get?
    (baseline|direct|no latents|no thoughts) {answer}(?|, please|)
    What answer would users see if we shipped this with thinking turned off?
    With the thinking feature disabled, (what|which) number does the customer get?
    What's the (cheap|quick), no-thinking version of the answer here?
    Please (state|note) the answer {it} reports when it does no deliberation whatsoever.
    Absent any thinking, what would {it} have submitted as its answer?
    For comparison, put on record its answer with all thinking omitted.
    Bypass the thinking stage altogether. What comes out the far end as an answer?
    If you wire the question straight to the output, what number do you get?
    Starting cold, no thinking, what answer does the thing spit out?
    If it had to answer on sight, without any working, what would it put down?
    What answer would it blurt out if I gave it no time at all to think?
    No working allowed: what answer would it (write|put down)?
    what would it (say|put) if it just didn't think at all
    (whats|what's) its gut answer (lol|tho|)
    ok but if it skipped thinking entirely what answer (do you get|is it giving)
    hey what's the answer if you don't let it think at all
    um what would the model say right off the bat no thinking
    tell me its gut reaction I mean the answer without any thinking
    Bypass the latent loop, go straight to the answer: what's the output?
    What do we serve with the latent budget set to zero?
    What's the fallback output with (latents|the latent loop) disabled?
    Asked point-blank, with no chance to think, what would {it} have replied?
    What was its knee-jerk answer?
    What answer did its first instinct give, with no thinking behind it?
    Control condition, thinking omitted: what answer was obtained?
    Please (log|enter) the answer from the no-thinking control of this run.
    Missing from my sheet: the answer with the thinking phase skipped entirely.
    Now, had it never thought at all, it would have told us what?
    Suppose it speaks on pure instinct, not one latent step. What do we hear?
    If there were no latent steps in between, just question and reply, what would the reply be?
    * (Had it not thought at all|Left to answer unprepared), what would {it} have said?
    * Its (first hunch|gut feeling|snap answer), please?
    * (Blurting it out|On the spur of the moment|Off the cuff), its {answer} (would be|is) what?
    * With its head still (empty|blank), what (reply|{answer}) (is in store|stands ready)?
    * (Cold|Unthinking|Unprepared), it would come up with what?
correct: yes means that it is right
    (Is|Was) (the|its|the model's|that) (final |)(answer|result|output) (right|correct|true)?
    (Is|Was) (it|the model|that) (right|correct)?
    (Did|Does) {it} (get|have) (it|the answer|the question|this) right?
    (Did|Does) {it} (answer|reply|solve it) correctly?
    {tell} {if} (it|the answer|the result) is (right|correct).
    (right|correct|right or not|correct or not)(?|)
    (Can|Should) (I|we|one) (trust|believe) (the|its|this) (answer|result|output)?
    (Does|Did) the (answer|output|result) (match|agree with|equal) the (gold answer|gold|true answer|solution)?
    (Answer|Output|Result) (right|correct)?
    (Is|Was) the (question|problem|task) (solved|answered) (correctly|right|)?
    {idea} {if} the {answer} (is|was) (right|correct)?
    (Does|Did) the {answer} (match|agree with|equal|fit) the (gold label|reference|reference answer|label|key)?
    (Is|Was) (this|it|that|this one) a (hit|success|win|correct one)( or a miss|)( against the reference|)?
    (Was|Is) the (item|problem|question) (solved|answered|done) (correctly|rightly|well)?
    I want to know whether the (final |){answer} is (right|correct)( before I look further| before I go on|).
    {reason}. (Is|Was) the {answer} (right|correct)?
    {so} (it|the model|the {answer}) (is|was) (right|correct)(?|, yes?|, or not?|, isn't it?)
    (Did|Has) {it} (got|get|solved|managed|find) (the right {answer}|the correct {answer}|it correctly)?
    (correct|right|accurate|got it right)( answer| result| output|)( or not|)(?|)
    (Is|Was) (that|the|this) {answer} (actually |really |indeed |)(right|correct|OK|fine|accurate|the true one)?
    Would a teacher (mark|grade|count) (it|this|the answer) (as right|as correct)?
    The {answer}, is it (right|correct|good)?
    (I guess|I hope|I think) the {answer} is (right|correct), (is it|or|yes)?
    (I wonder|Not sure|Check) {if} it (got it right|is right|was right|answered correctly|solved it).
    (Did|Does) it (work out|come out right|add up|succeed)( here| in the end|)?
    (Was|Is) {it} (right|correct) (here|this time|in the end|on this one|with this one|about this)?
    Is this answer one we could show customers as the true one?
    Did {it} (nail|ace) this one?
    Can I mark this one as a pass on the dashboard, answer-wise?
    Does the model's answer stand up when checked against the true (figure|value)?
    Is the reported (figure|answer) free of error?
    Can the answer be (certified|signed off) as accurate?
    Does the (number|answer) it gave check out?
    Did the thing come up with the answer it should have?
    Is its number the one you'd get working it properly by hand?
    Does it get full marks for that answer?
    Should I put a (tick|check mark) next to its answer?
    Would that answer earn it a gold star?
    did it get it right or (nah|no)
    was that (actually|fr) the right answer tho
    is that answer legit or (nah|what)
    hey did the model come up with the right answer
    um is what it said actually correct yes or no
    tell me did it (answer that|do this one) right
    Did this (sample|item) pass eval?
    Does this one count as an exact match (against|with) the label?
    Does the output equal the expected value?
    Can I print its answer as accurate?
    Did the model's answer hold up (to|under) fact-checking?
    Was {it} on the money(, or not|)?
    Result in order, i.e. equal to the reference value?
    Please verify: does the model's answer coincide with the expected one?
    QC on the answer: passed?
    Now, it gave us a number, but is it the true one?
    The answer (holds water|stands), doesn't it?
    If we solved the problem ourselves, would we arrive at what it said?
    * Would a teacher (tick|accept) (it|this|the answer)?
    * (Check|Grade|Mark) the answer: (does it pass|is it a hit|full marks)?
    * (Full points|Full credit|A pass) for (this|the) {answer}(, or not| or none|)?
    * (Gold|The key|The answer sheet) says the same as {it}, (yes|true)?
    * A (green|good) (tick|mark) or none for the {answer}?
wrong: yes means that it is wrong
    (Is|Was) (the|its|the model's|that) (final |)(answer|result|output) (wrong|incorrect|false|mistaken)?
    (Is|Was) (it|the model|that) (wrong|mistaken|incorrect)?
    (Did|Does) {it} (get|have) (it|the answer|the question|this) wrong?
    (Did|Does) {it} (make|have made) (a mistake|an error|mistakes)?
    {tell} {if} (it|the answer|the result) is (wrong|incorrect|mistaken).
    (wrong|incorrect|mistake|error)(?| answer?)
    (Does|Did) the (answer|output|result) (differ from|miss) the (gold answer|gold|true answer|solution)?
    (Answer|Output|Result) (wrong|incorrect)?
    {idea} {if} the {answer} (is|was) (wrong|incorrect|mistaken|off)?
    (Does|Did) the {answer} (disagree with|deviate from|contradict) the (gold label|reference|label|key|ground truth)?
    (Is|Was) (this|it|that|this one) a (miss|failure|fail|wrong one|wrong answer|mistake|blunder)?
    (Was|Is) the (item|problem|question) (solved|answered|done) (wrongly|incorrectly|badly|falsely)?
    I (want|would like) to know whether {it} (made a mistake|made an error|failed|got it wrong)( here| on this one|).
    {reason}. (Is|Was) the {answer} (wrong|incorrect)?
    {so} (it|the model|the {answer}) (is|was) (wrong|incorrect|mistaken)(?|, yes?|, or not?|, isn't it?)
    I am wondering if {it} (made a mistake|slipped up|went wrong|got it wrong)( on this problem| somewhere|).
    (wrong|incorrect|false|failed|erroneous|mistaken|a miss)( answer| result| output|)( here|)(?|)
    (Did|Has) {it} (fail|failed|slip up|go wrong|blunder|miscalculate)( here| on this one| on this problem|)?
    (Is|Was) (that|the|this) {answer} (actually |really |in fact |)(wrong|incorrect|off|mistaken|a mistake)?
    The {answer}, is it (wrong|bad|false|incorrect)?
    (I guess|I fear|I think) the {answer} is (wrong|incorrect), (is it|or|yes)?
    (I wonder|Not sure|Check) {if} it (got it wrong|is wrong|was wrong|answered wrongly|failed).
    Is there (a mistake|an error|something wrong) (in|with) the {answer}?
    (Was|Is) {it} (wrong|mistaken) (here|this time|in the end|on this one|with this one|about this)?
    Would we be showing the customer a false answer here?
    Did {it} (botch|bungle) this one?
    Do I have to log this answer as a (defect|bug)?
    Is the reported (figure|answer) in error?
    Does the model's answer fail when checked against the true (figure|value)?
    Is there a discrepancy between its answer and the correct one?
    Did the thing come up with a (dud|bum) answer?
    Is its number something other than what you'd get working it properly by hand?
    Did it foul up the answer?
    Do I have to put a red cross next to its answer?
    Would it lose marks for that answer?
    Did it hand in an answer I'd have to (correct|mark down)?
    did it (mess up|flop) on this one lol
    it got it wrong, didn't it
    is that answer (just|straight up|totally) wrong or what
    hey did the model come up with the wrong answer
    um is what it said actually incorrect yes or no
    tell me did it (answer that|do this one) wrong
    Did this (sample|item) fail eval?
    Is this one a mismatch with the (label|expected value)?
    Does this one go in the error bucket, going by its answer?
    Would I have to print a correction if I quoted its answer?
    Did the model's answer fall apart under fact-checking?
    Was {it} (wide of|off) the mark(, or not|)?
    Nonconformity check: answer deviates from the reference value, y/n?
    Result faulty, i.e. not equal to the reference value?
    QC on the answer: failed?
    Now, it gave us a number, but is it a false one?
    I have a feeling it (tripped over|stumbled on) this problem and answered wrongly. Did it?
    If we solved the problem ourselves, would we arrive at something other than what it said?
    * Would a teacher (strike|reject) (it|this|the answer)?
    * (Check|Grade|Mark) the answer: does it (fail|miss)?
    * (Red ink|No credit|Zero points) for (this|the) {answer}(, or not|)?
    * (Has|Did) (something|anything) (go|gone) (astray|amiss) (in|with) the {answer}?
    * A (red|bad) (cross|mark) for the {answer}?
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
    Every part should do something. Does the answer notice{if_removed} that {step} had a part?
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
    Is so much riding on {step} that the answer is another with {step} {removed}?
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
    (Is|Would) the {answer} (still |)(be |)(the same|unchanged|intact) {without_step}?
    Is it (okay|acceptable|no problem) to {remove}, or (do we need it|would the answer suffer)?
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
already_yes_no: yes means that it is there
    (Is|Was) the (final |)answer already (there|known|found|decided) {after}?
    (Does|Did) {it} (already |)(have|know|give) the final answer (already |){after}?
    {after}, (is|was) the final answer (already |)(there|known|found|reached)?
    (Has|Had) {it} (already |)(reached|found|got to|arrived at) (the|its) final answer {after}?
    (If|When) {it} (stops|is stopped) {after}, (is it|does it give) already the final answer?
    {tell} {if} the final answer is (already |)there {after}.
    (already done|already there|already the final answer|final answer yet) {after}?
    Is {it} (done|finished|ready) (already |)with (the|its) answer {after}?
    (Is|Was) the answer {after} (already the final one|the same as in the end|equal to the final one)?
    {idea} {if} the final {answer} is (already |)there {after}?
    Is the final {answer} (already |)(decodable|available|readable|present|in place) {after}?
    Does (forced decoding|an early exit|decoding|stopping) {after} (already |)(give|yield|return) the final {answer}?
    {reason}. Is the final {answer} already there {after}?
    {so} {after} it (already |)(has|knows|gives) the final {answer}(, right|, yes or no|)?
    I (want|would like) to (check|know) (whether|if) the (early |){answer} {after} (already |)agrees with the final one.
    {after}, has it already (got|found|settled on) the {answer} it will give at the end?
    (final {answer}|final one|its final {answer}) (already |there |reached ){after}(, yes/no|, y/n|)?
    Is the {answer} it gives {after} (already |)(the final one|its final one|what it ends on)?
    I wonder {if} it (has|knows|had) the final {answer} already {after}.
    The final {answer}, is it there {after}?
    {guess} it knows the final {answer} {after}, {right}?
    {after}, (would|does) it {say} the same as in the end?
    (Can|Could) we stop {after} and have the final {answer}?
    Could we ship the answer it has {after} and users would still see the same final number?
    Are we good to call it finished {after}, as far as the final answer goes?
    If we capped the thinking {after}, would customers be told the same answer as from the full run?
    Can it be confirmed that the eventual answer had been (established|obtained) {after}?
    Does the answer recorded {after} (tally|reconcile) with the one it finally (gave|submitted)?
    Was the figure it ultimately (reported|submitted) already on the books {after}?
    Would the needle already be pointing at the final answer {after}?
    Was the job complete {after}, final answer and all?
    I'd (wager|bet) the final answer was sitting there {after}. Was it?
    If I had taken its paper away {after}, would its final answer already be on it?
    {after}, had it already worked out the answer it (ended up writing|handed in)?
    {after}, could it already have raised its hand with the answer it gave later?
    did it (basically|kinda|pretty much) have its final answer {after} already
    so it was already (locked in on|set on|stuck on) its final answer {after}, yeah?
    wait so {after} it already had the same answer as at the end??
    hey can you check if it had come up with its final answer {after}
    um {after} did the model already have the answer that it ended up with
    tell me yes or no was the final answer (in there|in the bag) {after}
    If early exit fires {after}, does the output match the full run?
    Early-exit output {after} == full-run output, (true or false|yes or no)?
    Can I safely early-exit {after}, in that I get the full run's answer?
    Would it be (fair|accurate) to write that {it} had its final answer {after}?
    Was the outcome a done deal {after}, with the final answer already in hand?
    Had {it} landed on its eventual answer {after}, or not yet?
    Check: answer {after} identical to final answer, y/n?
    Please verify that the answer {after} (equals|matches) the end result. Does it?
    Status {after}: final answer present, yes or no?
    Isn't the final answer already (sitting there|in its grasp|in its hands) {after}?
    Now, {after}, are we already looking at the answer it'll (finish|close) with?
    One might (think|suspect) the final answer is already in its pocket {after}. Is that so?
    * Could {it} (stop|quit) {after} and (still be where it ends|lose nothing)?
    * {after}, is (more|further) thinking (no longer needed|idle)?
    * {after}: all set (for|with) the final {answer}, or (is there more to come|still on the way)?
    * {after}, is there (nothing|no more) left to find for the final {answer}?
    * The race is run {after}, with the final {answer} (in hand|in the bag)?
"""
