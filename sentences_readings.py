"""Sentences that ask what states show, in numbers and words, and about the run as a whole. Notation: sentences.py."""

READINGS = """
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
    {idea} how (sure|certain|confident) {it} is at {step}?
    What probability does the (lens|logit lens|readout) (assign to|give|put on) the top token (at|of) {step}?
    How peaked is the (lens distribution|distribution|readout|softmax) (at|in|of) {step}?
    Report the (top token's probability|argmax probability|max probability) (for|at|of) {step}.
    {reason}. How (sure|certain|confident) is it at {step}?
    {so} how (sure|certain|confident) is {step} (really|then|in its token)?
    How (likely|probable) (is|was) the (top|best|leading) token (of|at|in) {step}?
    (prob|top-token prob|max softmax|top-token probability|argmax prob), {step}(?|)
    I would like (the max softmax probability|the probability of the best token|the confidence) (at|of|for) {step}.
    (With|At) what (probability|confidence|percentage) does {step} (favour|prefer|back|choose) its (best|top) token?
    When we look at {step}, how (likely|probable|strong) is its (best|favourite|leading) token?
    I wonder how (sure|certain|confident) {step} is (of its token|about its token|there).
    (The|Its) (confidence|certainty|probability) at {step}, (what is it|how high|please)?
    (Is|Was) {step} (sure|certain|confident) of its token, and how (much|very)?
    How (strongly|firmly|much) does {step} believe in its (top |best |)token?
    On a scale (up to|from zero to) a hundred, how much trust does {step} place in its own token?
    Put a (figure|percentage) on how convinced {step} is of its token.
    For the audit file: the probability attached to the leading token at {step}, (as a percentage|in per cent).
    How much of the (pie|probability mass|hundred per cent) goes to the winning token at {step}?
    (like |ok |)how (sure|confident) is {step} (fr|tho|lol)
    (hey|okay|um hey) could you read me the percentage for the top token on {step}
    Pager just went off. What is the (top-1 prob|argmax prob|top token prob) on {step}?
    Would {step} have bet the house on its token or only a few pennies? (How sure was it|What per cent was it)?
    Is {step} hedging or convinced? (Give|Quote) the per cent of its token.
    If {step} were a pupil raising a hand, how sure would it be of what it says?
    (Please record|Record|Needed:) top-token percentage for {step}.
    Let us see, {step} favours some token. The question is how (heavily|strongly), in per cent.
    I never trust a machine that is too sure of itself. How sure was this one at {step}?
    I was told {step} was (all but|far from) certain of its token. What is the actual percentage?
    There is a first choice at {step}, of course, but what odds does it (give it|get)?
    What odds would {step} lay on its own (favourite|first pick)?
    For all I know {step} is (only |)guessing. How (confident|certain) is its pick?
    What (reading|value) do we get for certainty at {step}, in per cent?
    Does {step} merely lean towards its token or really stand behind it? I need the percentage.
    My (dashboard|form|table) wants a confidence value for {step}. What (goes in|do I enter)?
    Out of a hundred (points|votes), how many go to the number one token at {step}?
    how certain (r|are) we at {step}
    When it gets to {step}, how solid is its pick, percentage-wise?
    Supposing I sampled once from the lens at {step}, how likely am I to (draw|get) the top token?
    The best token at {step} came up with what (share|percentage)?
    What share of the probability lands on the first-ranked token at {step}?
    Could (somebody|you) quantify for me how firmly {step} (holds to|commits to) its token?
    A coin toss or a sure thing: how certain is the token at {step}?
    * (Give|Read me) the confidence of {step}.
    * (Does|Did) {it} (hesitate|waver) at {step}, or how (firm|strong) is its (token|guess)?
    * Could you put a (number|percentage|figure) on the certainty (of|at) {step}?
    * The (trust|belief) of {step} in its own token is how (large|strong)?
    * (Doubts|Any doubts) at {step}, in percent?
    * Strength of the token at {step}, in percent?
    * Rate the sureness of {step} about its token from 0 up to 100.
    * Its faith in the token at {step} comes to how many percent?
    * How much weight does the favourite token carry at {step}?
    * How bold is {step} about its token, as a percentage?
top_tokens
    What are the (top|most likely|most probable|likeliest|best) tokens (of|at|in) {step}?
    {which} tokens (does {step} show|do you see at {step}|are at the top of {step}|come up at {step})?
    What is (in|inside|on the mind of) {step}?
    What (does|would) the (logit |)lens (show|say|read) (at|in|for|of) {step}?
    What (is|was) (the|its) (top token|top word|best token|likeliest token) (of|at|in|for) {step}?
    {show} (the |)(top tokens|most likely tokens|lens tokens) (of|at|in) {step}.
    (top tokens|lens|logit lens|tokens|top token) (at|of|for) {step}
    {step}: (top tokens|tokens|lens|which tokens)?
    At {step}, (what are the top tokens|which tokens are on top|what does the lens show)?
    What (does {step} (show|encode|represent|stand for|say|have in mind)|is {step} thinking of)?
    What is {it} thinking (of |)(at|in|during) {step}?
    {idea} which tokens (lead|rank highest|are on top) (at|in) {step}?
    Project {step} (through the unembedding|onto the vocabulary). Which tokens (rank highest|come out|win)?
    Give the highest-probability (tokens|vocabulary items|words) (for|at|of) {step}.
    {reason}. What are the top tokens (at|of|in) {step}?
    {so} what is {step} (about|on about|thinking) in tokens?
    What (words|tokens|words or tokens) does {step} (look most like|resemble|come closest to)?
    Read {step} as tokens(: what do you get|, what are they|. Which are they)?
    Can you list the (most likely|top|leading|best) tokens (at|of|for) {step}?
    (readout|decoded tokens|unembedded|vocab projection|logits top) (of|at|for) {step}(?|)
    What does {step} (read as|decode to|map to|spell)?
    I wonder what {step} (means|has in it|looks like) in (words|tokens).
    The (tokens|top tokens|words) (of|at|in) {step}, (what are they|please|which)?
    What (can you|do you|can we) (see|read) (in|at) {step}?
    What does {step} have on its mind?
    If you held {step} up to the light, which words would you (make out|find)?
    What would {step} blurt out if it could speak in single (tokens|words)?
    Which candidate tokens head the (ranking|list) at {step}?
    what words pop up (at|in) {step}
    (hey|okay) read me the words that {step} is leaning towards
    The log needs the decoded top-k for {step}.
    (dump|print|paste) the top-k (lens |)tokens for {step}
    Suppose we squint at {step} through the vocabulary. Which (entries|words) stand out?
    Please list the vocabulary entries ranked first at {step}.
    I would like on record the tokens that {step} favours.
    What was (going through|crossing) its mind at {step}? Which tokens?
    Nobody can read a vector. Put {step} into (tokens|words) for me.
    Say the unembedding matrix is applied to {step}. What tokens would float to the top?
    Which words is {step} hinting at?
    (Which|What) tokens are the front runners at {step}?
    Run the lens over {step} and note down the tokens (seen|observed).
    (what's|whats) {step} thinking abt, like which words
    What (words|tokens) does {step} have on the tip of its tongue?
    Does {step} show numbers or words under the lens, and which ones?
    I'd like to peek inside {step}. Which tokens are there?
    My readers will ask what {step} contains, in words. Which tokens do I quote?
    Under the logit lens, {step} turns into which tokens?
    People want to see what the model has in mind at {step}. Which tokens do we (display|put on the screen)?
    If tokens were (runners|athletes), which ones would be on the podium at {step}?
    The vocabulary items nearest to {step} are which ones?
    Break {step} down for me into its strongest tokens, would you?
    What tokens light up (at|in) {step}?
    * List what the lens (shows|sees|finds) at {step}.
    * (Decoded|Put|Turned) into words, {step} (reads how|says what|is what)?
    * (Open|Look into) {step} and tell me what (stands|is written) there.
    * Unembed {step}: the (winners|front runners|leaders)?
    * Through the lens {step} would (sound|look) like (which words|what)?
    * The vocabulary's favourites at {step}?
    * Whisper me the words behind {step}.
    * Spell out the leading tokens of {step}.
    * The lens's verdict on {step}, in tokens?
    * Tokens most at home in {step}?
entropy
    (Where|At which step|When) is the entropy (the |)(highest|largest), (and |)where (the |)(lowest|smallest|least)?
    (Where|When|At which step) is {it} (most uncertain, and where least|least and most sure)?
    How does the entropy (run|go|change|develop|move)( over the steps| along the steps|)?
    {which} (steps|states) have the (highest|largest) and the (lowest|smallest) entropy?
    (Show|Tell|Give) me (where|at which steps) the entropy (peaks and dips|is highest and lowest|is at its extremes).
    (entropy extremes|highest and lowest entropy|entropy max and min|max and min entropy|entropy over the steps)
    What (about|of) the entropy: (highest|most) (where|at which step), (lowest|least) (where|at which step)?
    (In terms of|By|Judging by) entropy, which states are (the extremes|highest and lowest)?
    {idea} (where|at which step|when) the entropy is (highest|largest) and (where |)(lowest|smallest)?
    (Where|When) along the (chain|run|{latents}) does (the |)(lens |)entropy peak, and where is it (minimal|lowest)?
    {want} the (location|place|steps) of the entropy (extremes|maximum and minimum) over the {latents}.
    (Tell me|Say) at which {latent} the (readout |)distribution is (flattest|widest) and at which sharpest.
    {reason}. At which {latent} is the entropy highest, at which lowest?
    {so} which {latents} have (most|the most) and (least|the least) entropy?
    Which {latent} has the most spread-out distribution? (And which|Which) (has |)the least?
    (entropy|lens entropy) (max and min|extremes|peak and low|maximum, minimum|range)(, where|, which steps|)(?|)
    (most and least|least and most) (uncertain|undecided|unsure) {latent}(?|)
    (highest|largest|max)(/| and )(lowest|smallest|min) entropy {latent}(?|)
    Where is {it} (most uncertain|least sure) and where is it (least uncertain|surest), (by|going by|in) entropy?
    (Find|Locate|Mark) the (maximum and minimum|peak and valley|top and bottom) of the entropy.
    The entropy, where is it (highest|largest|most) and (where |)(lowest|smallest|least)?
    I wonder (where|at which {latent}) the entropy (peaks|is highest) and (where it |)(bottoms out|is lowest).
    (Can|Could) you (give|find|tell me|show me) the {latents} of (highest|largest) and (lowest|smallest) entropy?
    (maximum|highest|largest) entropy where, and (minimum|lowest|smallest)(?|)
    At {which} {latent} is it (most lost|most unsure) and at which least, (measured by|in) entropy?
    Which step hesitates the most and which the least, entropy-wise?
    Where is its mind most scattered, and where is it most focused?
    I need the entropy extremes documented: the step at the top and the step at the bottom.
    Pinpoint the steps where entropy tops out and where it (bottoms out|sinks lowest).
    which step is the most confused (n|and) which is the least
    hey tell me where entropy is up the most and where it is down the most
    Entropy spiked somewhere. Which step is the max, and which is the min?
    Imagine a fog over the steps. Where is it thickest and where thinnest, in entropy?
    Where are the odds spread over the most tokens, and where over the fewest?
    Where does the lens spread its bets widest, and where (narrowest|least)?
    Only the ends of the scale, please: the step with most entropy and the step with least.
    Entropy measured per step. State the highest and lowest reading, and at which steps.
    Let us think. The entropy must have a crest and a trough among the six steps. Where do they lie?
    At which point was it dithering worst, and at which was it most decided?
    Does the uncertainty peak early or late? And where is it least?
    Of the six thoughts, which one is the (vaguest|fuzziest) and which one the (crispest|sharpest)?
    Which step would you call the muddiest, and which the clearest, in terms of entropy?
    Supposing you plotted the entropy across the steps, where would the high point and the low point be?
    Uncertainty over the run: give the worst step and the best step.
    Isn't the entropy highest at the start? Say where it is highest, and where lowest.
    Going by entropy, the most open step is which, and the most closed is which?
    Where was the model all over the place, and where did it have things narrowed down, by entropy?
    For my (article|report) I need two facts: where entropy was greatest and where it was smallest.
    Between which bounds does the entropy vary over the steps, and where are they reached?
    I used to read gauges. Where does the needle for entropy stand highest, and where lowest?
    entropy argmax and argmin over steps(?| pls|)
    Over the six steps the entropy surely isn't flat. Where are its high and its low?
    In which step is the choice of token most open, and in which is it most clear-cut?
    * At which states is it (least and most|most and least) (sure|certain) by entropy?
    * (Point to|Find) the (flattest and the sharpest|most and least spread out) (distributions|states), by entropy.
    * Is there a {latent} where it is all at sea and one (where it is clear|that is settled), by entropy?
    * The (entropy curve|curve of entropy): its top and its bottom (are where|are at which {latents})?
    * (Entropy-wise|By its entropy), the two (ends|poles|outliers) are which {latents}?
    * Widest and narrowest entropy, at which {latents}?
    * The entropy's peak {latent} and its floor {latent}?
    * Where is entropy king and where is it a beggar?
    * The extremes of entropy sit at which {latents}?
    * Most and least entropy: point me to both {latents}.
change
    (At|In) {which} step does the hidden state (change|move|turn|jump) (the |)most?
    Which step (turns|changes|moves|shifts) the hidden (state|vector) (the |)most?
    Where does the (hidden state|vector) (change|turn|move) (the |)most?
    {show} the step (with|of) the (biggest|largest|greatest) (change|turn|jump) (of|in) the hidden state.
    (biggest|largest) (hidden state change|change of hidden state|jump of the hidden state|turn of the vector)
    (Between which steps|When|Where) is the hidden state (least like|most unlike) the (one|state) before?
    The hidden state (changes|turns|moves) most (where|at which step|when)?
    Which (step's|state's) (vector|hidden state) differs (the |)most from the (previous one|one before)?
    {idea} (where|at which step|when) the (hidden state|vector) (changes|turns|moves|jumps) (the |)most?
    Between which (consecutive |neighbouring |two |){latents} is (the |)cosine( similarity|) (lowest|smallest|least)?
    Where does the (hidden state|vector) (rotate|shift|swing|bend) (the |)most( from one {latent} to the next|)?
    At which (transition|step) does the representation (shift|change) (direction |)most (sharply|strongly)?
    I am (looking for|after|searching for) the (largest|biggest) (step-to-step |)change (in|of) the {state}.
    {reason}. Where does the (hidden state|vector) change the most?
    {so} (where|at which {latent}) is the (big|biggest|largest) (jump|turn|move|change) of the (hidden state|vector)?
    What is the (biggest|largest|greatest|strongest) (jump|turn|shift|change) in the {state}?
    (largest|biggest|greatest) (turn|jump|rotation|shift|direction change)( between {latents}|, which {latent}|)(?|)
    (lowest|smallest|min|least) (cosine|cosine similarity)( between {latents}| to the one before|, where|)(?|)
    {latent} with (the |)(biggest|largest) (change of direction|direction change|turn|rotation)(?|)
    (where|when) does (the |)(hidden state|vector|state) (move|turn|change|jump) most(?|)
    The {state}, where does it (change|move|turn|jump) most?
    I wonder (where|at which {latent}) the {state} (changes|turns|moves|jumps) the most.
    (Can|Could) you (find|tell me|show me) the (biggest|largest) (change|jump|turn) (of|in) the {state}?
    Which two {latents} (in a row|next to each other) are (least alike|most different)( in their {state}|)?
    How big is each change of the {state}, or (just|only) where the biggest is?
    From which step to which does the vector make its longest leap?
    Where along the way does the hidden vector take its sharpest corner?
    where does the vector switch up the most
    hey between which steps does the hidden state swerve (the |)most
    For the record: the pair of adjacent steps with the largest shift in the hidden vector.
    Biggest delta between consecutive hidden states, which pair(?|)
    which steps have the min cos sim between consecutive hidden states(?|)
    If the hidden state were a car, on which stretch would it take the tightest bend?
    Where does the direction of the vector veer off most from one step to the next?
    Two neighbouring steps must be the least similar in their vectors. Which two?
    Does the hidden vector drift evenly, or is there one big jump? Where is it?
    (At what moment|When) does the hidden vector get its biggest shake-up?
    Compare each hidden vector with the one before. Where is the gap widest?
    Successive hidden vectors measured. Where was the largest deviation observed?
    Which move from one step to the following one alters the hidden state most?
    Where is the break between one hidden state and the next the most abrupt?
    I would like to see where the hidden state gets rearranged most from step to step.
    The vector swings about a bit. Where is the swing at its widest?
    Which handover between steps leaves the vector looking most different?
    Picture the hidden states as beads on a string. Between which two is the kink sharpest?
    Where does the internal representation (make|do) its biggest U-turn?
    Going from step to step, when does the hidden state stray furthest from where it just was?
    Our chart shows how much each hidden state differs from the one before. Where should the peak be?
    Which neighbours in the sequence have their hidden vectors furthest apart?
    Isn't there a place where the hidden vector suddenly flips around? Between which steps is that?
    The hidden state gets its hardest shove (when|where|between which steps)?
    In which interval between steps is the turn of the vector the greatest?
    Supposing I may draw one arrow to mark the biggest change of the vector, where would it go?
    * Where is the cosine (to the step before|to the previous step|to its predecessor) (lowest|smallest)?
    * (Follow|Watch) the (hidden states|vectors): where is the (sharpest bend|sharpest turn|greatest leap)?
    * Which {latent} (breaks|departs) most (sharply|clearly) with (its|the) predecessor?
    * The (vectors|states) go (along|on) until they (swerve|veer) hard: where is that?
    * (Something|The vector) takes a sudden turn: (where|at which {latent}) is it?
    * The hidden state's wildest swing is where?
    * Where does the vector take the greatest stride?
    * At which {latent} does the vector part most from its forerunner?
    * The steepest change of the hidden state happens at?
    * Name the {latent} at which the vector is thrown about most.
settle
    (Where|When) does the {lens_token} (settle|settle down|become stable|stop changing|stay put)?
    From {which} step on (is|was|stays) the {lens_token} (always |)the same?
    (At which step|After which step) does the {lens_token} (settle|stay the same|stop changing|become fixed)?
    {which} top token does {it} (settle on|end up with), and (from when|from which step|where)?
    (Tell me|Show me|I want to know) (when|where) the (top|lens) token (settles|no longer changes|becomes stable).
    (top token|lens token) (settles when|stable from|settled where|fixed from when)
    How (soon|early|fast) does the {lens_token} (settle|stabilise|stop changing)?
    The top token (no longer changes|stays the same|is stable) from {which} step?
    {idea} (when|where|from which step on) the {lens_token} (settles|stays the same|stops changing)?
    After {which} {latent} does the (argmax token|argmax|top-1 token) (remain|stay) (constant|fixed|the same)?
    From {which} {latent} (onward|on) is the (top-1 lens|argmax|leading|top-1) token (stable|constant|fixed|unchanged)?
    When does the (readout|lens|logit lens) stop (changing|switching) its (leading|top|best) token?
    (At what point|When|Where) does the (lens prediction|lens reading|readout) (lock in|stabilise|settle)( for good|)?
    {reason}. From which {latent} on is the top token (the same|stable)?
    {so} (when|where|at which {latent}) does the {lens_token} (settle|stop changing)?
    (At which|At what) {latent} does it settle on (a single|one|its) token( and stick with it| and keep it|)?
    Is there a (point|step|moment) after which the top token is always the same one? (When|Where|Which)?
    (top|lens|leading|argmax) token (stable|fixed|constant|unchanged) (from when|from which {latent}|since when)(?|)
    (last|final) (switch|change) of the (top|lens|leading|argmax) token(, at which {latent}|, when|, where|)(?|)
    (token|top token|lens) (stabilises|settles|locks in) (when|where|at which {latent})(?|)
    The {lens_token}, (when|where|at which {latent}) does it (settle|stop changing|stay the same)?
    I wonder (when|where|at which {latent}) the {lens_token} (settles|stops changing|becomes stable).
    (Can|Could) you (find|tell me|see) (when|where) the {lens_token} (is fixed|gets stable|no longer changes)?
    (Until|Up to) (when|which {latent}) does the {lens_token} (still |)(change|switch|jump around)?
    The same {lens_token} (from when on|since which {latent}|from which {latent})?
    From what point on does the lens keep showing the same top token?
    When does the leading token quit flip-flopping?
    At which step does the token at the top come to rest, and what were the ones before?
    when does the top token stop switching up
    hey since which step has the top token on the lens not moved
    Document the step as of which the first-ranked token is unchanged.
    Is the number one token ever pinned down, and as of which step?
    By which step does the top lens token (hold still|sit still)?
    As of which step is the argmax over the vocab (constant|frozen)?
    Top-1 token was flapping. At which step does it steady itself?
    If you watch the top lens token like a departure board, when does it stop flipping?
    For how many steps does the top token wander before it sticks?
    In the lens, one token eventually stays in the lead. From (where|when|which step)?
    When was the last time that the lens put a different token on top?
    Which step is the first one whose top token never gets replaced afterwards?
    Observed: top token drifts, then stays. At which step does it begin to stay?
    Does the top token keep hopping about until the end, or does it come to rest somewhere? Where?
    The token in first place, (when|as of which step) is its place safe for good?
    At what stage does the front-running token become permanent?
    After what step are there no more changes of token at the top of the lens?
    I'd like the token leader board: who leads at each step, and from when the lead is fixed.
    When do the steps begin to agree on one top token until the end?
    Say where the best-ranked lens token takes root, and name it for each step.
    Supposing I only watch the top token, where may I stop looking because it will not move again?
    Does it make up its mind about the top token early or late? At which step precisely?
    By the time we reach which step is the top token here to stay?
    The lens changes its mind about the top token up to which step?
    Isn't the top token steady from some step onwards? From which?
    * When does the lens stop changing its mind?
    * (After|Past) which point is the (lens|logit lens) (reading|token) (frozen|steady)?
    * (Beyond|From) where on does no other token (take over|take the lead)?
    * {which} token (wins|stays ahead) for good, and since which {latent}?
    * (Now|First) this token, (then|now) that token: when does it end?
    * The lens's top token comes to a halt at which {latent}?
    * When is the top token carved in stone?
    * After which {latent} has the top token found its home?
    * Until when does the top token keep being replaced?
    * The leading token takes its permanent seat when?
norms
    (Where|At which step|When) is the (norm|vector norm) (highest|largest), (and |)where (the |)(lowest|smallest)?
    How does the norm (run|go|change|develop|move)( over the steps| along the steps|)?
    {which} (steps|states) have the (highest|largest) and the (lowest|smallest) norm?
    (Show|Tell|Give) me (where|at which steps) the norm (peaks and dips|is highest and lowest|is at its extremes).
    (norm extremes|highest and lowest norm|norm max and min|max and min norm|norms over the steps)
    {which} hidden states are the (biggest and smallest|largest and smallest) (by|in) norm?
    (In terms of|By|Judging by) norm, which states are (the extremes|highest and lowest)?
    {idea} (where|at which step|when) the (norm|vector norm) is (highest|largest) and (where |)(lowest|smallest)?
    What are the (L2 |vector |)norms of the (latents|hidden states|vectors|steps)?
    How does the (magnitude|size|length) of the (hidden state|vector|latent) (vary|change|develop) over the {latents}?
    (Report|Give|List|Show) the (vector |L2 |)norm (at|of|for) (each|every) {latent}.
    Which (latents|hidden states) have the (largest|biggest|highest) and (the |)(smallest|lowest) (norms|norm|length)?
    {reason}. (How big are the hidden states|How long are the vectors|What are the norms)?
    {so} (how big|how large|how long) are the (vectors|hidden states|latents)( at each {latent}|, by norm|)?
    Do the (vectors|hidden states) get (bigger or smaller|longer or shorter) (during|in|over) the (thinking|run|chain)?
    (norms|norm|L2 norms|vector norms|hidden state norms|magnitudes)( per {latent}|, all {latents}| by {latent}|)(?|)
    (How big|How large|How long) (are|were) the (hidden states|vectors|latent vectors)(?|)
    (hidden state|vector|latent) (magnitudes|sizes|lengths|norms)(, all {latents}| per {latent}| over the run|)(?|)
    {tell} (where|at which {latent}) the (vector|hidden state) is (longest|largest) and (where |)(shortest|smallest).
    The norms, where (is the|are the) (highest and lowest|largest and smallest|extremes)?
    I wonder (how big|how long|how large) the (vectors|hidden states|latent vectors) (are|get).
    (Can|Could) you (give|tell|show) me the (norms|sizes|lengths|magnitudes) of the (vectors|hidden states|latents)?
    (longest|biggest) and (shortest|smallest) (vector|hidden state|latent vector)(, by norm|, which {latents}|)(?|)
    (Is|Was) there a (very |)(big|large|long) (vector|hidden state)? (Where|Which)( and where is the smallest|)?
    * Which states are the longest and the shortest vectors?
    * (Measure|Compare) the (lengths|sizes) of the vectors: where (most and least|the extremes)?
    * (Give|Hand) me the extremes in (vector |)(length|magnitude).
    * (Growing or shrinking|Swelling or shrivelling), the (states|vectors): where is the peak and the trough?
    * (Size-wise|By length), the (giant|big one) and the (dwarf|tiny one) are which {latents}?
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
    {idea} what (is going on|happened|goes on) in (this run|the thoughts|the {latents}|its head)?
    (Summarise|Summarize|Sum up|Recap|Outline) (the run|this run|this trace|the chain)( briefly| in short| please|).
    (Give|Write) (me |)a (brief|short|quick|full|compact) (overview|summary|account) of (this trace|the run).
    Describe the (latent reasoning|reasoning process|thinking) (in a few sentences|in short|as a whole|briefly).
    Could you (characterise|describe|outline|recap) (this chain|the run|this trace)( as a whole| in short|)?
    {reason}. (Can you sum it up|Could you sum up the run|What happened in this run|Give me the overview)(?|)
    {so} (what happened here|what did it do in there|what is the story of this run|what went on in this run)?
    What are the main (things|points|findings) (I should know about|in|of) (this run|the trace|the {latents})?
    Could you explain (in short|briefly|roughly) how the model (thought|reasoned|went about it|worked)( here|)?
    (summary|overview|recap|gist|big picture|synopsis|tl;dr)( of this run| of the trace| of the chain|)(?|)
    (Sum it up|Wrap it up|Recap|In a nutshell|The gist|The big picture|Long story short)( for me|, please|)(.|?|)
    {want} (a summary|an overview|the gist|a short report|the big picture) of (the run|this trace|its thinking).
    (So|And|Well,) (what is|tell me) the (whole |)story (of|behind|in) (this run|this trace|these thoughts)(?|.)
    (I wonder|Please explain|Tell me) what (went on|goes on) (in this run|in there|during the thinking|in its head).
    (Can|Could) you (describe|explain|recap) (the whole thing|all of it|this run|what happened)( for me| in short|)?
    This run, (what happened in it|explain it to me|in short)(?|)
    (A|One) (short |quick |)(summary|overview|recap) (of all this|of the whole run|would help)(.|, please.)
    Bring me up to speed on this run.
    I was away. What did I miss in this run?
    Fill me in on how the (thinking|run) went.
    For the stakeholders: what happened in this run, in plain English?
    Please provide a complete account of the run, from beginning to end.
    (give me|whats) the lowdown on this run
    hey tell me everything about how it was thinking
    incident notes: what went down in this run(?|)
    Let me try to grasp it as a whole. What is this model doing over its six steps?
    In a few lines, what would you write on the report card for this run?
    Back in my day we kept a logbook. What would the entry for this run say?
    If you had a minute to tell my readers about this run, what would you say?
    What's the headline for this run, and the story beneath it?
    Debrief me on the six steps as a whole.
    Narrate the run from beginning to end.
    How would you describe this run to somebody who has never seen it?
    What are the highlights of the run?
    Take me through the whole thing, the steps, the answer and all.
    General findings for this run, please.
    what even happened in there
    Let's have the bird's eye view of (this|the) run.
    Draw up an executive summary of the model's thinking.
    Ticket needs a description: overall behaviour of this run.
    Everything worth knowing about this run in one go, (please|if you would).
    Start to finish, how did this run unfold?
    What did the model do in its thinking here, taken all together?
    Boil the whole run down for me.
    All things considered, what did we learn from this run?
    * Tell me (all|everything) about these thoughts.
    * (In a few words|In short|Briefly), how did (the run|it all) go?
    * (Brief|Fill) me (in |)on (this|the) (run|trace) (from end to end|as if I had missed it).
    * If you had (a minute|a paragraph) for (this|the) run, what would you (report|write)?
    * (Pretend|Imagine) I know nothing: (what did it do|how does this run go)?
    * Hand me the digest of this run.
    * Everything about this run on one page.
    * The short course on this run, please.
    * How would the minutes of this run read?
    * Walk through the run with me, all of it.
asked
    (What|Which question) was (it asked|asked|the model asked)?
    {which} (question|problem|word problem) was (put|put to it|it given|it answering|it solving)?
    What (was|is) the (question|prompt|input|problem|word problem|task)?
    (Tell me|Show me|Repeat|Reconstruct|Recover|Give me) the {prompt}.
    (Can|Could) you (tell|reconstruct|recover|read off|work out) (the question|what was asked|what the question was)?
    (question|the question|original question|what question)?
    Which question does {it} (answer|try to answer|reply to)?
    {tell} what (was asked|the question was|it was asked).
    (From the thoughts|By its thoughts), what was (asked|the question)?
    What did (they|the user|someone|people|I) ask( it| the model|)?
    {idea} what (the question was|it was asked|the prompt said|the problem was)?
    {which} (question|problem|prompt|task) (led to|is behind|caused|started) (this run|these thoughts|this trace)?
    (Can|Could) (you|we|one) (recover|reconstruct|restore|infer|work out) the {prompt}( from this| from the {latents}|)?
    {reason}. What was the (question|problem|prompt|input)?
    {so} what (was|is) the (question|problem|prompt)( then| it had|)?
    I (lost|can not see|do not have|forgot) the (question|prompt|problem). What was it?
    {want} (the question|the wording of the question|the prompt|the original problem)( back|).
    (the |)(original|hidden|underlying|input) (question|prompt|problem)(?|, please|)
    What (did|does) the (question|prompt|problem) (say|ask|read)( exactly|)?
    (Write|Spell|Read) out the {prompt}( for me| it got|).
    (Judging|Going) by the (thoughts|{latents}|trace), {which} question (did it get|was it given)?
    What (exactly |)was {it} (supposed|told|meant|asked) to (solve|find|work out|compute|answer)?
    The (question|prompt|problem), (what was it|what is it|please|it was what)?
    I wonder what (the question was|it was asked|they asked it|the prompt was|problem it had).
    (Can|Could) you (see|say|guess|find) (from this |from the {latents} |)what (was asked|the question was)?
    What (words|text|sentence) (was|were) (it given|the model given|put in|typed in)( as the question|)?
    (Try|Attempt) to (reconstruct|recover|restore|guess) the {prompt}( from the {latents}|).
    What did somebody type to set this run off?
    Which exercise was handed to the model?
    For the file, restate the question it received.
    (what'd|whatd) they ask it
    hey what was it the model got asked
    Prompt missing from the logs. What was the input question?
    What exercise text did the model have in front of it?
    Quote the original question as best you can.
    Its thoughts are all I have. What must the question have been?
    Sample arrived unlabelled. State the question posed.
    Working backwards from its thoughts, how did the problem read?
    What was the model's homework, word for word?
    * Guess the question.
    * (To what|To which words) is (this|that|all this) (a reply|the answer)?
    * (Turn|Work|Go) back from (the {latents}|the {answer}) to the question.
    * (Someone|A user) typed something to get this: what (exactly|words)?
    * The {answer} I know, but what had been asked?
    * The words it had to go on were?
    * Which riddle was it set?
about
    What (is|was) the question about?
    {which} words does the question turn on?
    {which} (is|was) the (topic|subject|theme)( of the question| of the story|)?
    What (things|objects|words) (is|was) the question about?
    (topic|subject|theme|keywords|key words)( of the question| of the story|)
    {show} the (topic|subject|theme|main words|keywords)( of the question| of the story|).
    What does the {problem} (deal with|revolve around|talk about)?
    (Can you tell|Can you see|Do you know|Could you say) what the {problem} is about?
    {tell} what the {problem} is about.
    {idea} what (the question|the story|the problem|the word problem) (is|was) about?
    What was the (input problem|word problem|input|problem|prompt) about?
    What (topic|subject|theme) does the {problem} (deal with|treat|cover|have)(, judging from the {latents}|)?
    (Can|Could) you (recover|guess|infer|tell) the (subject|topic|theme) of the {problem}?
    {which} (scenario|situation|setting|subject) was {it} (reasoning|thinking) (over|about)?
    {reason}. What is the {problem} about?
    {so} (what|which topic) is the {problem} about?
    What (kind|sort) of (story|situation|scenario) (was|is) the (problem|question|word problem)( telling| about|)?
    What things or people does the {problem} (talk about|mention|deal with|feature)?
    I can not see the {problem}. What is it about?
    (question|problem|story|it is) about what(?|)
    (topic|subject|theme|gist|keywords) of the (question|problem|word problem|story|prompt)(?|)
    {which} (nouns|main words|keywords|key words) (occur|come up|appear) in the {problem}?
    The {problem}, what (is|was) it about?
    I wonder what the {problem} (is|was) about.
    (So|And) it is (a {problem}|the {problem}) about what?
    About (what|what things|which things|which topic) (is|was) the {problem}?
    (Can|Could) you (see|say|tell) (from this |from the {latents} |)what the {problem} (is|was) about?
    (main|central|key) (topic|theme|thing|things|words) (of|in) the {problem}(?|)
    What is the little story about: coins, books, food, people, what?
    Which area does the word problem belong to, shopping, travel, food or what?
    in a word or two, what's the story about
    hey what is the math problem about
    Does the word problem have to do with money, with time, or with something else?
    State the subject matter of the question.
    Which objects does the word problem count?
    What scene should I picture when I think of the word problem?
    Without quoting it, what is the question concerned with?
    If you gave the word problem a one-word label, what would it be?
    What would be a fitting title for the word problem?
    I do not need the wording, only what the question has to do with.
    * Guess the (topic|subject|theme).
    * {which} two (words|things|nouns) matter most (in the question|in the story|to the question)?
    * (Bread, money, animals|Shopping, travel, work), or what is the (question|story) (on|concerned with)?
    * In (a word or two|two words): the {problem} (turns|centres) (on|around) what?
    * (Paint|Sketch|Give) me the (scene|setting) of the {problem}.
    * The {problem} has to do with what?
    * The matter of the {problem}, roughly?
    * In what world does the {problem} move?
answer_kind
    {which} (kind|sort|type) of (answer|reply|output) (does {it} give|is it|is given|comes out)?
    Of {which} (kind|sort|type) is the (answer|reply|output)?
    {which} (form|format|shape) (has the answer|does the answer have|has the output)?
    (How many digits has|How many digits are in|How long is) the (answer|output)?
    Is the (answer|output|reply) (a number or words|a whole number or a decimal|a whole number, a decimal or words)?
    (kind|type|form|format) of (the |)(answer|output|reply)
    {tell} {which} (kind|sort|type) of (answer|output) it is.
    (Without saying it, |Not the value: )what (kind|type|sort) of (answer|thing) is it?
    {idea} what (kind|sort|type) of {answer} (it is|it gives|comes out)?
    (Is|Was) the {answer} a (number|whole number|decimal|word)(, or what is it|, or something else|, or what)?
    (Is|Was) it a (number|decimal|whole number|word) that it {says}(, or what|, or something else|)?
    {reason}. {which} (kind|sort|type) of {answer} is it?
    {so} what (kind|sort|type) of {answer} (do we|does one|will I) (get|see)?
    How many digits (does|will) (the {answer}|the number|it) have?
    (Don't tell me the|I do not need the) (value|number|figure), only (its type|its format|what kind it is).
    {answer} (type|kind|format|category|length)(?|)
    (number or words|integer or decimal|digits or words|text or number)( for the {answer}|, the {answer}|)(?|)
    (number of|how many|count of) digits( in the {answer}| of the {answer}|)(?|)
    I (only |just |)(want|need) the (kind|type|form|format) of the {answer}.
    (In|Under) {which} (category|class|format) does the {answer} (come|fall)?
    The {answer}, is it a (number|word|decimal|whole number) or (what|something else)?
    I wonder {which} (kind|type|sort) of {answer} (it is|comes out|we get).
    (Can|Could) you (tell|say) {which} (kind|type|sort) of {answer} (it is|this is|comes)?
    The {answer} is of {which} (kind|type|sort)?
    How (long|many digits) is the {answer}(, and is it a whole number|)?
    Should I expect an answer of one digit, two digits or more?
    Which field type fits its answer: integer, decimal or string?
    Does it come back with a figure or with a word?
    is the answer like a number or what
    hey does the answer have one digit or two or three
    For validation: data type and digit count of the output.
    Are we talking single figures, tens or hundreds in the answer?
    Would its answer fit in a box for two digits, or is it longer?
    Give no values. How many places does the answer take up?
    Should the result be entered as integer, fraction or text?
    What does the answer look like in form, not in value?
    Roughly what sort of thing comes out at the end, a number, and of how many digits?
    * Describe the (answer|output|reply)'s (form|format|type).
    * (Is it|Does it look like) (text or digits|digits or text), and how many (of them|digits)?
    * What (does|would) the {answer} look like (on paper|written down), (short or long|words or digits)?
    * (Short of|Apart from) the value, what can you (say|tell) about the {answer}?
    * (Numeric|A figure) or not, and with how many (digits|places)?
    * Classify the {answer} by form: word, figure, how long?
    * What breed of {answer} is it, figure or word?
holds
    {which} result does {step} (hold|carry|contain), by {which} operation?
    What has {step} (worked out|computed|calculated), and how?
    {which} (calculation|computation|operation) (is done|is made|happens|takes place) (at|in) {step}?
    {which} intermediate (result|value) is (in|at|held by) {step}(, and how did it come about|)?
    What does {step} (compute|calculate|work out)?
    (intermediate result|calculation|computation|operation) (held by|in|at) {step}
    {step}: (which result and operation|what is computed|which calculation|what is worked out)?
    (Tell me|Show me|I want to know) what {step} (computes|calculates|works out|has worked out).
    (Does|Did) {step} (add|subtract|multiply|divide), and what (results|comes of it|is the result)?
    {idea} what {step} (computes|calculates|works out|has computed)?
    What (intermediate result|partial result) (does|did) {step} (represent|store|carry|keep|encode as a number)?
    {reason}. Which (calculation|computation|operation) (does|did) {step} do?
    {so} what (is computed|gets calculated|is worked out) (in|at) {step}?
    Which (operation|calculation) and which result (belong to|go with|are at|sit in) {step}?
    (arithmetic|partial result|interim result|operation and result|subtotal) (at|in|of|for) {step}(?|)
    Which (part|piece|line) of the (calculation|arithmetic|solution) is (done|handled|carried out) (by|at|in) {step}?
    (Does|Did) {step} (compute|calculate|work out) (something|anything), and (what|what is it)?
    {step} (multiplies|adds|subtracts|divides)(, or what| or what) does it (do|compute)?
    I wonder what {step} (computes|works out|calculates).
    The (calculation|operation|result) (of|at|in) {step}, (what is it|which|please)?
    (Is|Was) (anything|something) (computed|calculated|worked out) (in|at) {step}, and what?
    * Name the intermediate result in {step} and the operation it came by.
    * (On|With) what (arithmetic|sum) is {step} (busy|at work), and what comes of it?
    * Of the solution, {step} takes care of which (calculation|operation)?
    * What (arithmetic|maths|operation) (lies|hides) behind {step}, and with what result?
surer: yes means that the step named first is surer, or the other less sure
    (Is|Was) {step} {surer} than {other}?
    (Is|Was) {it} {surer} (at|in) {step} than (at|in) {other}?
    (Is|Was) {other} less (sure|certain|confident) than {step}?
    (Does|Did) {step} have (a higher|a greater|more) (confidence|certainty|probability) than {other}?
    (Compared|In comparison) (to|with) {other}, is {step} {surer}?
    {tell} {if} {step} is {surer} than {other}.
    {step} {surer} than {other}?
    (Is|Was) the (confidence|certainty|probability) (of|at) {step} (higher|greater) than (of|at) {other}?
    {idea} {if} {step} is {surer} than {other}?
    Is the (top |)(probability|confidence) (at|of) {step} (higher|larger|greater) than (at|of) {other}?
    Does the (lens|readout) put more (mass|weight) on its (argmax|top token) (at|in) {step} than (at|in) {other}?
    {reason}. Is {step} {surer} than {other}?
    {so} {step} is {surer} than {other}(, right|, yes or no|, isn't it|)?
    Does {step} give its (best|top|leading) token (a higher|more|a larger) probability than {other} does?
    When you compare them, is {step} {surer} than {other}?
    (More|Higher) (confidence|certainty|probability) (at|in) {step} than (at|in) {other}(, yes or no|, y/n|)?
    I (want|would like) to know {if} {it} is {surer} (at|in) {step} than (at|in) {other}.
    I wonder {if} {step} is {surer} than {other}.
    {guess} {step} is {surer} than {other}, {right}?
    Would you say (that |){step} is {surer} than {other}?
    Did {step} feel more at ease with its token than {other} did?
    Is {step} on firmer ground with its token than {other}?
    {step} is more sure than {other} (right|innit|yeah)(?|)
    hey is {step} more certain than {other}
    Please confirm that {step} ranks above {other} in certainty.
    Does confidence come out higher for {step} than for {other}?
    conf at {step} > conf at {other}(?|, true or false)
    Does {step} outdo {other} in how sure it is?
    Is it true that {step} shows less doubt than {other}?
    Is {other} the shakier of the two when set beside {step}?
    Does {other} waver more than {step} about its token?
    Does {other} (fall short of|lag behind|trail) {step} in confidence?
    Should {step} get a higher mark for confidence than {other}?
    Is there more certainty behind the token at {step} than behind the token at {other}?
    Top-token percentage: does {step} (exceed|surpass) {other}?
    Does {step} back its token harder than {other} backs its own?
    If both had to bet, would {step} stake more on its token than {other}?
    I claim {step} was more convinced than {other}. Is that so?
    My source says the model was more convinced at {step} than at {other}. Does that hold up?
    Isn't {step} more convinced than {other}?
    Correct me if I am wrong, but confidence at {step} tops confidence at {other}, does it not?
    Beside {other}, does {step} look the more convinced?
    Is {step} ahead of {other} on certainty(, or not|)?
    Can one say that {step} hesitates less than {other}?
    Confidence reading at {step} is higher than at {other}, (confirm|yes or no|is that correct)?
    Supposing I line them up by confidence, would {step} come above {other}?
    Was the model more doubtful at {other} than at {step}?
    * (Does|Did) {step} beat {other} (in|for) (confidence|certainty)?
    * (Yes or no|True or not): {step} (outdoes|tops) {other} in (sureness|certainty).
    * Is {other} (outdone|topped) by {step} (in|for) (confidence|certainty)?
    * {step} ahead of {other} in order of (certainty|confidence): (true|yes|right)?
    * Does {step} trust its token more than {other} trusts its own?
    * Is {step} the firmer of the pair, with {other} behind?
    * {step} out in front of {other} in sureness, no?
    * Is there more faith at {step} than at {other}?
    * Is the belief of {step} stronger than that of {other}?
surer_of
    {which} (of {step} and {other}|one, {step} or {other},|of the pair {step} and {other}) is {surer}?
    (Which|Who) is {surer}, {step} or {other}?
    {step} or {other}: (which|which one) is {surer}?
    (Compare|Weigh) {step} (and|with) {other}: which is {surer}?
    Where is {it} {surer}, (at|in) {step} or (at|in) {other}?
    {surer}: {step} or {other}?
    {tell} which is {surer}, {step} or {other}.
    {idea} which is {surer}, {step} or {other}?
    Which has the (higher|greater|larger) (confidence|top probability|certainty), {step} or {other}?
    {reason}. Which is {surer}, {step} or {other}?
    {so} which of {step} and {other} is (the |){surer}( one|)?
    (At|In) which is {it} {surer}, {step} or {other}?
    (Choose|Pick|Decide): {step} or {other}, which is {surer}?
    Of {step} and {other}, which (puts more on its top token|has more confidence|has the higher probability)?
    I (want|would like) to know which is {surer}: {step} or {other}.
    {step} vs {other}(: which is {surer}|, the {surer} one|: more confidence where)?
    (higher|more) (confidence|certainty|probability): {step} or {other}?
    I wonder which is {surer}, {step} or {other}.
    The {surer} (step|of them|of both), is it {step} or {other}?
    (Is|Was) it {step} or {other} that is {surer}?
    Which of these two would bet more on its token: {step} or {other}?
    {step} or {other}, whose confidence comes out on top?
    {step} (n|and) {other}, which one's more sure
    hey who is more certain {step} or {other}
    State which exhibits the higher certainty: {step} or {other}.
    Higher top-1 prob, {step} or {other}(?|)
    Two candidates, {step} and {other}. Which one hesitates less?
    Take {step} on the one hand and {other} on the other. Which of them is the more certain?
    Suppose {step} and {other} had an argument. Which one would be more sure of itself?
    Put {step} and {other} side by side. Which holds the stronger conviction?
    I cannot decide whether {step} or {other} is the more confident. Which is it?
    Does {step} win on confidence, or does {other}?
    On certainty, which takes the prize: {step} or {other}?
    Which gets the higher mark for confidence, {step} or {other}?
    Which shows the larger percentage for its top token, {step} or {other}?
    If I could rely on just one for a confident token, (should|would) it be {step} or {other}?
    Where did the model waver less, at {step} or at {other}?
    Name the more certain of the two, {step} or {other}.
    Readings for {step} and {other} compared. Which shows the higher confidence?
    Is the certainty greater at {step}, or at {other}?
    Whichever is more confident, {step} or {other}, name it.
    Which had the model in less doubt, {step} or {other}?
    Confidence-wise, do you pick {step} or {other}?
    Out of {step} and {other}, which one stands more firmly behind its token?
    Both {step} and {other} have a favourite token, let us say. Which of them favours it more strongly?
    The more convinced of the pair {step} and {other} is which?
    To which should I attribute more confidence, {step} or {other}?
    * Between {step} and {other}, (the surer|the more certain) is which?
    * {step} against {other}: who wins (in|by) (confidence|certainty)?
    * Put {step} beside {other}: whose token is (firmer|the safer bet)?
    * The palm for (certainty|confidence) goes to {step} or to {other}?
    * {step} and {other} in a contest of sureness: the victor?
    * Firmer in its token, {step} or {other}?
    * More faith at {step} or at {other}?
    * Of {step} and {other}, name the bolder about its token.
    * Whose belief is the stronger, that of {step} or that of {other}?
"""
