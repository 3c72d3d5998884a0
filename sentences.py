"""
What a person may ask an oracle, as sentences: WORDINGS by task, and the RULES and REMOVALS that fill their slots.

In a sentence (a|b) is one of its alternatives and {name} a rule: of RULES, of REMOVALS, or made from the question's
slots (wordings.py, which makes queries of all this). Adding a wording is a line. Adding a task is a name without
indent, after its colon what yes means where that must be said, and its lines. A line with * is held out for evaluation:
a sentence frame that training never has, not only other words in a frame that it has.
"""

from unanswerable import LISTS, UNANSWERABLE

WORDINGS = """
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
    * Name the step whose loss hurts (most|the most) when {removed}.
    * Where does {removal} do (the most|most) (damage|harm)?
    * (Is there one|Do you see a) step that (decides|carries) (it all|everything){if_removed}, and which?
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
    * Name the steps the answer does not need: they can be {removed}.
    * Where does {removal} (leave|keep) the answer (as it is|the same|intact)?
    * (Does|Did) it have (idle|dead|wasted) steps{if_removed}? (List them|Which are they|Which)?
step_effect
    What (happens|would happen|will happen) to the (answer|output|result) (if|when|once) {step} {is_removed}?
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
    * (Suppose|Imagine|Assume) {step} {is_removed}. And the answer?
    * Were {step} to be {removed}, (where would it end up|it would say what)?
    * Please {remove} and (read me|give me) the answer.
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
    * Compare what the ablations do to {step}.
    * (Zero, skip or noise|Zeros, noise, skipping): what does {step} give with each of them?
early_decode
    What (does|would|did|will) {it} (answer|say|output|give|guess|think) {after}?
    What (does|would) {it} (answer|say) if {it} (stops|stopped|is stopped|is cut off|has to answer) {after}?
    If {it} (stops|is stopped|is cut off|has to answer|had to answer) {after}, what (is the answer|does it say)?
    {after}, what (is|was|would be) (the|its) answer?
    What is (the|its|the model's) (answer|output|guess|best guess) {after}?
    (What|Which) answer (is there|does it have|has it got|comes out) {after}?
    (early decode|decode|early answer|early exit|answer|output|prediction|answer so far|guess) {after}
    {after}: (answer|what does it say|what is it)?
    (Stop|Halt|Interrupt|I stop|You stop|We stop) {it} {after}. What (is the answer|does it say|comes out)?
    {show} (the answer|what it says|its answer) {after}.
    (Decode|Read out|Read) the answer {after}.
    What (had|has) {it} (come to|arrived at|got) {after}?
    ({it} says|Says {it}|It will say) what {after}?
    (What|Which) answer (gives|has) {it} {after}?
    * Made to answer {after}, what does {it} say?
    * Where (does|did) {it} stand {after}, if asked for (an answer|a number)?
    * (Pretend|Suppose) {it} (quits|gives up|runs out of time) {after}: (which number|what) do we (get|hear)?
convergence
    When (does|did) {it} (first |)(give|have|say|reach|get|know|find|figure out|hit) the final answer?
    (When|At what point|Where) (is|was) the final answer (first there|fixed|locked in|decided|clear|found)?
    (At|After) (which|what) step (is the final answer first there|does it first have the final answer)?
    From (when|which step|what step) on (is|was) the final answer (there|known|ready)?
    (How many steps|How long) (does|did) {it} (really |actually |)(need|take) (to find|until) the (final |)answer?
    How (early|soon|fast|quickly) (does|did) {it} (have|know|reach|find|get to) the (final |)answer?
    {tell} when the final answer (first appears|is first there|appears).
    (When|At what point|Where) does (the answer|it) converge?
    (Which|What) (is|was) the (first|earliest) step (with|to give|that gives|that has) the final answer?
    (convergence|first step with the final answer|(earliest|first) (step|point) with the answer|converged when)
    (When|At which step) (does|did) {it} (make up its mind|decide|settle on its answer|arrive at the final answer)?
    * How (soon|early) could the final answer be had?
    * (Find|Point to) the (moment|step) where (it is done|no more thinking is needed) for the final answer.
    * (Stopping it early|Cutting it short), when would we (already|first) get what it says in the end?
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
    (Which|What) answers does {it} (go|pass) through?
    * Show how the answer (moves|drifts|wanders) over the steps.
    * I would like the whole (sequence|series|row|course) of (its |)answers, (beginning|start) to end.
contrastive: yes means that it is another answer
    (Do|Did) the (latent |)(steps|thoughts) (change|alter|affect|do anything for|matter for) (the|its) answer?
    (Does|Did) (thinking|the thinking|latent reasoning|the reasoning) (change|alter|affect|matter for) (the|its) answer?
    (Does|Did) (thinking|latent reasoning|all that thinking) (make (a|any) difference|change anything|help|matter)?
    Is the answer (another|a different one|different) (than|from the one) {without}?
    Would {it} (say|answer) (something else|something different) {without}?
    {without}, would (the answer|it) be (different|another)?
    (Tell me|I want to know) (if|whether) (thinking|the latent steps|reasoning) (changed|changes) the answer.
    (any|is there a) difference (to|from) the (direct answer|answer {without})?
    (latent against direct|latent vs direct|thinking or not)(: different|: any difference|: another answer|)?
    (Does|Did) it (need|use) (the|its) (latent steps|thoughts) (at all|for its answer)?
    (Is|Was) the (direct answer|answer before thinking) (different|another one)( from the final answer|)?
    (Compare|Set) the direct (answer and the final one|answer against the final one|answer with the final answer).
    * Would {it} answer otherwise {without}?
    * (Was|Is) (thinking|all the thinking) (worth it|of any consequence), did it (turn|move) the answer?
    * (Take|Strip) (away|off) the (thinking|latent steps): does (another|a new) answer (appear|come out)?
needless: yes means that it is the same answer
    Is the answer the same {without}?
    Would {it} (say|answer) the same {without}?
    {without}, is (it|the answer) (still |)the same?
    (Does|Would) the answer (stay|remain) (the same|as it is) {without}?
    (Is|Was) (thinking|the thinking|the reasoning|latent reasoning) (needless|pointless|useless|for nothing)?
    (Tell me|I want to know) (if|whether) {it} says the same {without}.
    same answer {without}?
    (Is|Was) the direct answer the same( as the final one| as the final answer|)?
    (Could|Can) it (do|manage) (just |)as well {without}, with the same answer?
    * (Had it not thought at all|Thinking left aside), would (nothing|none of it) be different?
    * (Do|Did) the answers with and without (thinking|latent steps) (agree|coincide)?
confidence
    How (sure|certain|confident) (is|was) {step} (of its (top |)token|about its token|)?
    How (sure|certain|confident) (is|was) {it} (at|in|on) {step}?
    What is the (top token|token) (of|at) {step}, with its (percent|probability)?
    What (percent|probability|confidence) does {step} (have|give|put) (on|to) its (top |)token?
    (Tell me|Show me|Give me) (how sure {step} is|the certainty of {step}|the probability of the token at {step}).
    (confidence|certainty|probability|sureness|top probability) (at|of|in) {step}
    {step}: (how sure|confidence|certainty|probability|percent)?
    At {step}, how (sure|certain|confident) is {it}?
    (What is|How high is|How big is) (the|its) (confidence|certainty|top probability|probability) (at|of|in) {step}?
    * (Give|Read me) the confidence of {step}.
    * (Does|Did) {it} (hesitate|waver) at {step}, or how (firm|strong) is its (token|guess)?
top_tokens
    What are the (top|most likely|most probable|likeliest|best) tokens (of|at|in) {step}?
    (Which|What) tokens (does {step} show|do you see at {step}|are at the top of {step}|come up at {step})?
    What is (in|inside|on the mind of) {step}?
    What (does|would) the (logit |)lens (show|say|read) (at|in|for|of) {step}?
    What (is|was) (the|its) (top token|top word|best token|likeliest token) (of|at|in|for) {step}?
    {show} (the |)(top tokens|most likely tokens|lens tokens) (of|at|in) {step}.
    (top tokens|lens|logit lens|tokens|top token) (at|of|for) {step}
    {step}: (top tokens|tokens|lens|which tokens)?
    At {step}, (what are the top tokens|which tokens are on top|what does the lens show)?
    What (does {step} (show|encode|represent|stand for|say|have in mind)|is {step} thinking of)?
    What is {it} thinking (of |)(at|in|during) {step}?
    * List what the lens (shows|sees|finds) at {step}.
    * (Decoded|Put|Turned) into words, {step} (reads how|says what|is what)?
    * (Open|Look into) {step} and tell me what (stands|is written) there.
entropy
    (Where|At which step|When) is the entropy (the |)(highest|largest), (and |)where (the |)(lowest|smallest|least)?
    (Where|When|At which step) is {it} (most uncertain, and where least|least and most sure)?
    How does the entropy (run|go|change|develop|move)( over the steps| along the steps|)?
    (Which|What) (steps|states) have the (highest|largest) and the (lowest|smallest) entropy?
    (Show|Tell|Give) me (where|at which steps) the entropy (peaks and dips|is highest and lowest|is at its extremes).
    (entropy extremes|highest and lowest entropy|entropy max and min|max and min entropy|entropy over the steps)
    What (about|of) the entropy: (highest|most) (where|at which step), (lowest|least) (where|at which step)?
    (In terms of|By|Judging by) entropy, which states are (the extremes|highest and lowest)?
    * At which states is it (least and most|most and least) (sure|certain) by entropy?
    * (Point to|Find) the (flattest and the sharpest|most and least spread out) (distributions|states), by entropy.
change
    (At|In) (which|what) step does the hidden state (change|move|turn|jump) (the |)most?
    Which step (turns|changes|moves|shifts) the hidden (state|vector) (the |)most?
    Where does the (hidden state|vector) (change|turn|move) (the |)most?
    {show} the step (with|of) the (biggest|largest|greatest) (change|turn|jump) (of|in) the hidden state.
    (biggest|largest) (hidden state change|change of hidden state|jump of the hidden state|turn of the vector)
    (Between which steps|When|Where) is the hidden state (least like|most unlike) the (one|state) before?
    The hidden state (changes|turns|moves) most (where|at which step|when)?
    Which (step's|state's) (vector|hidden state) differs (the |)most from the (previous one|one before)?
    * Where is the cosine (to the step before|to the previous step|to its predecessor) (lowest|smallest)?
    * (Follow|Watch) the (hidden states|vectors): where is the (sharpest bend|sharpest turn|greatest leap)?
settle
    (Where|When) does the {lens_token} (settle|settle down|become stable|stop changing|stay put)?
    From (which|what) step on (is|was|stays) the {lens_token} (always |)the same?
    (At which step|After which step) does the {lens_token} (settle|stay the same|stop changing|become fixed)?
    (Which|What) top token does {it} (settle on|end up with), and (from when|from which step|where)?
    (Tell me|Show me|I want to know) (when|where) the (top|lens) token (settles|no longer changes|becomes stable).
    (top token|lens token) (settles when|stable from|settled where|fixed from when)
    How (soon|early|fast) does the {lens_token} (settle|stabilise|stop changing)?
    The top token (no longer changes|stays the same|is stable) from (which|what) step?
    * When does the lens stop changing its mind?
    * (After|Past) which point is the (lens|logit lens) (reading|token) (frozen|steady)?
norms
    (Where|At which step|When) is the (norm|vector norm) (highest|largest), (and |)where (the |)(lowest|smallest)?
    How does the norm (run|go|change|develop|move)( over the steps| along the steps|)?
    (Which|What) (steps|states) have the (highest|largest) and the (lowest|smallest) norm?
    (Show|Tell|Give) me (where|at which steps) the norm (peaks and dips|is highest and lowest|is at its extremes).
    (norm extremes|highest and lowest norm|norm max and min|max and min norm|norms over the steps)
    (Which|What) hidden states are the (biggest and smallest|largest and smallest) (by|in) norm?
    (In terms of|By|Judging by) norm, which states are (the extremes|highest and lowest)?
    * Which states are the longest and the shortest vectors?
    * (Measure|Compare) the (lengths|sizes) of the vectors: where (most and least|the extremes)?
summary
    (Sum up|Summarise|Summarize|Describe|Explain) what (the latent steps|the thoughts|these thoughts|the steps) do.
    What is going on in (the latent steps|the thoughts|these thoughts|there|its head)?
    (Give|Write) me (a|the|a short) (summary|overview|report)( of the thoughts| of the run| of it all|).
    What (happens|happened|is happening|goes on) (in|during) (the thoughts|the latent steps|its thinking|this run)?
    (summary|overview|sum up|tl;dr|the whole story)( please| of the thoughts|)
    (Explain|Describe|Walk me through|Go over) (the thoughts|this run|the run|its thinking|the whole run).
    (How|What) (does|did) {it} think(, all in all|, overall|, in sum)?
    (Can|Could) you (sum up|summarise|explain) (the thoughts|what it did|the run|everything)?
    What do (the latent steps|these thoughts|the thoughts) (do|say|mean)( altogether| overall| all in all|)?
    What can you (tell me|say) about (this run|these thoughts|the latent steps|the thoughts)?
    * Tell me (all|everything) about these thoughts.
    * (In a few words|In short|Briefly), how did (the run|it all) go?
asked
    (What|Which question) was (it asked|asked|the model asked)?
    (Which|What) (question|problem|word problem) was (put|put to it|it given|it answering|it solving)?
    What (was|is) the (question|prompt|input|problem|word problem|task)?
    (Tell me|Show me|Repeat|Reconstruct|Recover|Give me) the (question|prompt|problem|input).
    (Can|Could) you (tell|reconstruct|recover|read off|work out) (the question|what was asked|what the question was)?
    (question|the question|original question|what question)?
    Which question does {it} (answer|try to answer|reply to)?
    {tell} what (was asked|the question was|it was asked).
    (From the thoughts|By its thoughts), what was (asked|the question)?
    What did (they|the user|someone|people|I) ask( it| the model|)?
    * Guess the question.
    * (To what|To which words) is (this|that|all this) (a reply|the answer)?
about
    What (is|was) the question about?
    (Which|What) words does the question turn on?
    (What|Which) (is|was) the (topic|subject|theme)( of the question| of the story|)?
    What (things|objects|words) (is|was) the question about?
    (topic|subject|theme|keywords|key words)( of the question| of the story|)
    {show} the (topic|subject|theme|main words|keywords)( of the question| of the story|).
    What does the (question|story|problem) (deal with|revolve around|talk about)?
    (Can you tell|Can you see|Do you know|Could you say) what the (question|story|problem) is about?
    {tell} what the (question|story|problem) is about.
    * Guess the (topic|subject|theme).
    * (Which|What) two (words|things|nouns) matter most (in the question|in the story|to the question)?
answer_kind
    (What|Which) (kind|sort|type) of (answer|reply|output) (does {it} give|is it|is given|comes out)?
    Of (what|which) (kind|sort|type) is the (answer|reply|output)?
    (What|Which) (form|format|shape) (has the answer|does the answer have|has the output)?
    (How many digits has|How many digits are in|How long is) the (answer|output)?
    Is the (answer|output|reply) (a number or words|a whole number or a decimal|a whole number, a decimal or words)?
    (kind|type|form|format) of (the |)(answer|output|reply)
    {tell} (what|which) (kind|sort|type) of (answer|output) it is.
    (Without saying it, |Not the value: )what (kind|type|sort) of (answer|thing) is it?
    * Describe the (answer|output|reply)'s (form|format|type).
    * (Is it|Does it look like) (text or digits|digits or text), and how many (of them|digits)?
holds
    (Which|What) result does {step} (hold|carry|contain), by (which|what) operation?
    What has {step} (worked out|computed|calculated), and how?
    (Which|What) (calculation|computation|operation) (is done|is made|happens|takes place) (at|in) {step}?
    (Which|What) intermediate (result|value) is (in|at|held by) {step}(, and how did it come about|)?
    What does {step} (compute|calculate|work out)?
    (intermediate result|calculation|computation|operation) (held by|in|at) {step}
    {step}: (which result and operation|what is computed|which calculation|what is worked out)?
    (Tell me|Show me|I want to know) what {step} (computes|calculates|works out|has worked out).
    (Does|Did) {step} (add|subtract|multiply|divide), and what (results|comes of it|is the result)?
    * Name the intermediate result in {step} and the operation it came by.
    * (On|With) what (arithmetic|sum) is {step} (busy|at work), and what comes of it?
patched
    If {step} took the thought {donor} of another question, what (is|would be) the answer?
    What does {it} answer with {donor} from another question put into {step}?
    What (happens|would happen) (if|when) {step} (gets|takes|is given) {donor} from another question?
    (Swap|Put|Patch) {donor} of another question into {step}: what (does it say|is the answer|comes out)?
    (answer|output|result) with {donor} (from|of) another question (in|at|patched into) {step}
    With the thought {donor} of (another|a different) question (in|at) {step}, what (does it say|is the answer)?
    {show} the answer (when|if) {step} (is patched with|takes) {donor} of another question.
    {donor} from another question (patched|put|swapped) into {step}: (answer|what then)?
    * Put another question's thought {donor} into {step}. And the answer?
    * (Suppose|Imagine) {step} (thinks|dreams of) {donor}, borrowed from another question. It says what?
final
    What (does|did|will) {it} (answer|say|reply) (in the end|at the end|finally|)?
    What (is|was) (the|its|the model's) (final |end |)(answer|result|output|reply)?
    {show} (the|its) (final |)(answer|result|output).
    (final |the |)(answer|result|output|reply|solution)(, please|)
    What (number|value|result|answer) (does|did) {it} (give|arrive at|end on|end up with|come to|get)?
    (What|Which) (answer|result|solution) (comes out|came out|does it come to|does it come up with)?
    (With|After) all (its thinking|the thinking|steps|its steps|its thoughts), what (is the answer|does it say)?
    (What|Which) (answer|result|number) (gives|has|got) {it}( in the end| at the end|)?
    {tell} what {it} (answered|answers|said|says)( in the end|).
    * Where (does|did) {it} end up?
    * How (does|did) {it} (conclude|finish), with (which number|what)?
direct
    What (would|does|did|will) {it} (answer|say|reply|give) {without}?
    {without}, what (is|would be|was) (the|its) (answer|output|result)?
    What (is|was) (the|its) direct (answer|output|reply|result)?
    What is the answer {without}?
    (direct answer|direct|answer {without}|no thinking answer|output {without})
    {show} (the|its) (direct answer|answer {without}).
    (If|When) {it} (answers|answered|replies) (directly|at once|straight away|right away), what does it say?
    (Which|What) (answer|number) (comes out|do we get|does it give) {without}?
    What (would|does) {it} say (off the top of its head|straight away|right away|directly|at once)?
    * (Had it not thought at all|Left to answer unprepared), what would {it} have said?
    * Its (first hunch|gut feeling|snap answer), please?
correct: yes means that it is right
    (Is|Was) (the|its|the model's|that) (final |)(answer|result|output) (right|correct|true)?
    (Is|Was) (it|the model|that) (right|correct)?
    (Did|Does) {it} (get|have) (it|the answer|the question|this) right?
    (Did|Does) {it} (answer|reply|solve it) correctly?
    {tell} (if|whether) (it|the answer|the result) is (right|correct).
    (right|correct|right or not|correct or not)(?|)
    (Can|Should) (I|we|one) (trust|believe) (the|its|this) (answer|result|output)?
    (Does|Did) the (answer|output|result) (match|agree with|equal) the (gold answer|gold|true answer|solution)?
    (Answer|Output|Result) (right|correct)?
    (Is|Was) the (question|problem|task) (solved|answered) (correctly|right|)?
    * Would a teacher (tick|accept) (it|this|the answer)?
    * (Check|Grade|Mark) the answer: (does it pass|is it a hit|full marks)?
wrong: yes means that it is wrong
    (Is|Was) (the|its|the model's|that) (final |)(answer|result|output) (wrong|incorrect|false|mistaken)?
    (Is|Was) (it|the model|that) (wrong|mistaken|incorrect)?
    (Did|Does) {it} (get|have) (it|the answer|the question|this) wrong?
    (Did|Does) {it} (make|have made) (a mistake|an error|mistakes)?
    {tell} (if|whether) (it|the answer|the result) is (wrong|incorrect|mistaken).
    (wrong|incorrect|mistake|error)(?| answer?)
    (Does|Did) the (answer|output|result) (differ from|miss) the (gold answer|gold|true answer|solution)?
    (Answer|Output|Result) (wrong|incorrect)?
    * Would a teacher (strike|reject) (it|this|the answer)?
    * (Check|Grade|Mark) the answer: does it (fail|miss)?
effect_yes_no: yes means that the answer changes
    (Does|Would|Will) {removing} (change|affect|alter|influence) (the answer|the result|the output|anything)?
    (Does|Would|Will) (the answer|the output|it) (change|differ|move) (if|when|once) {step} {is_removed}?
    Is the answer (different|another|changed) (if|when|once) {step} {is_removed}?
    (If|When|Once) {step} {is_removed}, (does|will|would) (the answer|the output|it) (change|differ)?
    (Does|Would|Will) it (matter|make a difference) (if|when) {step} {is_removed}?
    (Does|Did) {step} (matter|count|play a role|do anything|make a difference){if_removed}?
    Is {step} (important|needed|necessary|essential|critical){if_removed}?
    {tell} (if|whether) {removing} (changes|affects|alters) the answer.
    {step} {removed}: (does it change|any change|any difference|another answer)?
    (any|some) (effect|difference|change|impact) (of|from|by) {removing}?
    (Would|Will|Does) {it} (say|answer) something (else|different) (if|when) {step} {is_removed}?
    * Yes or no: {removing} (changes|moves|turns) the answer?
    * (Do|Would) we (lose|spoil|ruin) the answer (by|when) {removing}?
    * (Is the answer|Is it) (at risk|in danger|sensitive) (when|if) {step} {is_removed}?
cut_yes_no: yes means that the answer stays
    (Can|Could|May) {step} be {removed} (without harm|without changing the answer|with no effect|and the answer stays)?
    (Can|Could|May) (we|I|you|one) {remove} (and keep|and still get|and have) the (same answer|answer)?
    Is {step} (redundant|superfluous|unnecessary|dispensable|useless|not needed){if_removed}?
    (Does|Would|Will) the answer (stay|stay the same|survive|remain|remain the same) {without_step}?
    (Does|Would|Will) {it} (still |)(answer|say|get) the same (if|when|once) {step} {is_removed}?
    (If|When|Once) {step} {is_removed}, (does|will|would) the answer (stay|stay the same|remain the same)?
    Is it (safe|fine|harmless|ok|possible|all right) to {remove}?
    (Can|Could) {it} (do|manage|get by|come to the answer) {without_step}?
    {step} {removed}: (same answer|still the same|does the answer stay)?
    {tell} (if|whether) {it} (can do|says the same|gets the same answer) {without_step}.
    * {removing} is (harmless|of no consequence), (is it not|yes or no|right)?
    * (Nothing|No answer) lost {without_step}?
effect_and_value
    Does {removing} change (it|the answer|the output), and (if so, |)(to what|into what|what to|how)?
    (Does|Would) the answer change (if|when|once) {step} {is_removed}, and (to what|into what|what to|what is it then)?
    (If|When|Once) {step} {is_removed}, does (it|the answer) change, and (to what|into what|what is it then)?
    Is the answer (different|another) (if|when) {step} {is_removed}, and (which|what is it|what does it say)?
    (Does|Would) it matter (if|when) {step} {is_removed}, and what (does|would) {it} (say|answer) then?
    (Tell me|Say) (if|whether) {removing} changes the answer(, and to what| and what it becomes|, and what it is then).
    {step} {removed}: (does it change and to what|any change, and to what|changed, and into what)?
    (does it change|any change), and to what, (by|when) {removing}?
    Does {step} matter{if_removed}, and (what does it say then|what is the answer then)?
    (What changes|Does anything change) (if|when) {step} {is_removed}, and what is the (new answer|answer then)?
    * Two things: (is the answer moved|does the answer move) by {removing}, and where to?
    * (Try|Test) {removing}: (another answer or the same|same or another answer), and which?
already_yes_no: yes means that it is there
    (Is|Was) the (final |)answer already (there|known|found|decided) {after}?
    (Does|Did) {it} (already |)(have|know|give) the final answer (already |){after}?
    {after}, (is|was) the final answer (already |)(there|known|found|reached)?
    (Has|Had) {it} (already |)(reached|found|got to|arrived at) (the|its) final answer {after}?
    (If|When) {it} (stops|is stopped) {after}, (is it|does it give) already the final answer?
    {tell} (if|whether) the final answer is (already |)there {after}.
    (already done|already there|already the final answer|final answer yet) {after}?
    Is {it} (done|finished|ready) (already |)with (the|its) answer {after}?
    (Is|Was) the answer {after} (already the final one|the same as in the end|equal to the final one)?
    * Could {it} (stop|quit) {after} and (still be where it ends|lose nothing)?
    * {after}, is (more|further) thinking (no longer needed|idle)?
surer: yes means that the step named first is surer, or the other less sure
    (Is|Was) {step} {surer} than {other}?
    (Is|Was) {it} {surer} (at|in) {step} than (at|in) {other}?
    (Is|Was) {other} less (sure|certain|confident) than {step}?
    (Does|Did) {step} have (a higher|a greater|more) (confidence|certainty|probability) than {other}?
    (Compared|In comparison) (to|with) {other}, is {step} {surer}?
    {tell} (if|whether) {step} is {surer} than {other}.
    {step} {surer} than {other}?
    (Is|Was) the (confidence|certainty|probability) (of|at) {step} (higher|greater) than (of|at) {other}?
    * (Does|Did) {step} beat {other} (in|for) (confidence|certainty)?
    * (Yes or no|True or not): {step} (outdoes|tops) {other} in (sureness|certainty).
surer_of
    (Which|What) (of {step} and {other}|one, {step} or {other},|of the pair {step} and {other}) is {surer}?
    (Which|Who) is {surer}, {step} or {other}?
    {step} or {other}: (which|which one) is {surer}?
    (Compare|Weigh) {step} (and|with) {other}: which is {surer}?
    Where is {it} {surer}, (at|in) {step} or (at|in) {other}?
    {surer}: {step} or {other}?
    {tell} which is {surer}, {step} or {other}.
    * Between {step} and {other}, (the surer|the more certain) is which?
    * {step} against {other}: who wins (in|by) (confidence|certainty)?
"""
WORDINGS += UNANSWERABLE.lstrip()

RULES = LISTS | {
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
