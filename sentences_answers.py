"""Sentences that ask about answers: the final one, those on the way, those without steps. Notation: sentences.py."""

ANSWERS = """
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
    * Snapshot of the answer {after}, please.
    * Were it to speak up {after}, we would hear which number?
    * Its provisional answer {after}?
    * Hit the brakes {after}: the answer is?
    * {after}, the working answer stands at?
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
    * The final answer makes its debut where, and is it there for good?
    * Date of birth of the final answer, in steps?
    * How deep into the run before the final answer is reached for keeps?
    * From when on would stopping early have cost nothing?
    * The earliest safe exit, with the final answer in hand, is after which step?
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
    okay list out the answer after every single step in order
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
    * Leaf through its answers from start to finish.
    * The answer's diary, entry by entry?
    * Replay the answers in order, one for each step.
    * Trace out every interim answer along the way.
    * What is the sequence of answers as it thinks on?
    * A timeline of the answer, please.
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
    Compare the direct answer (and|with) the final one: (do they differ|is it another)?
    {idea} {if} the {latents} (change|alter|affect|shift) the {answer}?
    Does (latent computation|latent reasoning|thinking first) (make any difference to|have any effect on) the {answer}?
    {reason}. Does (thinking|reasoning|the latent part) change the {answer}?
    {so} (thinking|the thinking|reasoning) (did|does|made) (change something|matter|a difference)(?|, right?|, or not?)
    Would the model (give|have given) (another|a different) {answer} {without}?
    Did the {latents} change its mind(, as against no thinking|)?
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
    * Without thought, would the answer have been a different one?
    * Does the thinking swing the answer?
    * Thinking on versus off: is there any gap in the answers?
    * Is it thanks to the thinking that it answers as it does rather than otherwise?
    * Do we get something new out of the thinking, answer-wise?
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
    * Would the snap answer have matched this one?
    * Was the thinking a waste, the answer being the same without it?
    * Thinking or none, one and the same answer?
    * Did the thinking leave its answer where it began, equal to the unthinking one?
    * Is the unthinking answer identical to this one?
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
    * When the dust settles, which number is left?
    * Its closing statement is what number?
    * The end product of this run, please.
    * And its ultimate reply?
    * What stands on the last page as its answer?
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
    * Off the cuff, with no thinking, it says what?
    * Take the thinking away entirely: the number?
    * Its reflex answer, with thinking left out?
    * Had it replied at once, unthinking, then what?
    * Zero thought, one answer: which?
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
    Did {it} (get|find|manage) (the right {answer}|the correct {answer})?
    (correct|right|accurate)( answer| result| output|)( or not|)(?|)
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
    * Would the answer key agree with it?
    * Full points for this answer?
    * Bull's eye, or did it not get there?
    * Does truth side with its answer?
    * Is there a tick beside this one?
wrong: yes means that it is wrong
    (Is|Was) (the|its|the model's|that) (final |)(answer|result|output) (wrong|incorrect|false|mistaken)?
    (Is|Was) (it|the model|that) (wrong|mistaken|incorrect)?
    (Did|Does) {it} (get|have) (it|the answer|the question|this) wrong?
    (Did|Does) {it} make (a mistake|an error|mistakes)?
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
    (wrong|incorrect|false|failed|erroneous|mistaken)( answer| result| output|)( here|)(?|)
    Did {it} (fail|slip up|go wrong|blunder|miscalculate)( here| on this one| on this problem|)?
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
    * Would the answer key disagree with it?
    * Does this answer deserve a cross?
    * Is it a miss, this answer?
    * Does truth contradict its answer?
    * Did it put its foot in it with this answer?
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
    * Is the race already run {after}, the final answer found?
    * {after}: final answer achieved, true or false?
    * Does it already carry the final answer {after}?
    * Was nothing left to do {after}, the answer being the final one?
    * Would its closing answer be ready to read {after}?
"""
