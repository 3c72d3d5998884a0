"use strict";
// Draws the page that trace_page.py makes. Nothing is compared here and no text becomes HTML.

const DATA = JSON.parse(document.getElementById("data").textContent);
const QUESTIONS = DATA.questions;
const BY_INDEX = new Map(QUESTIONS.map((question) => [question.i, question]));
const LENS_ROWS = 5;
const STRONGEST_SHADE = 0.62; // of a cell whose token has all of the probability; text on it stays legible
const COLOURS = 6; // of results; a chain's seventh has the first's again
const RANKS = ["1st", "2nd", "3rd", "4th", "5th"];
const WHOSE = { s: "its own answer", d: "the donor's answer", b: "both their answer", x: "another answer" };

// --- Elements and texts ------------------------------------------------------------------------------------------

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A token with its spaces and control characters to be seen. */
function visible(text) {
  if (!text) return "∅";
  const spelled = (c) => ({ "\n": "↵", "\t": "⇥" })[c] || `\\u{${c.codePointAt(0).toString(16)}}`;
  return text.replace(UNSEEN, spelled).replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length));
}

const tokenCell = (number) => visible(DATA.tokens[number].trim() || DATA.tokens[number]);
const answerText = (number) => DATA.answers[number] || "(nothing)";
const answerCell = (number) => visible((DATA.cells[number] ?? DATA.answers[number]).trim());
const percent = (p) => (p > 0 && p < 1e-6 ? "<0.0001%" : `${Number((100 * p).toPrecision(3))}%`);
const stepName = (step) => (step < 0 ? "start" : `step ${step}`);
const afterName = (step) => (step < 0 ? "before any step" : `after step ${step}`);
const range = (count) => [...Array(count).keys()];

/** Text of a cell, ringed and numbered where it shows a result of the gold chain. */
function marked(text, place) {
  if (!place) return el("span", { class: "token" }, text);
  const of = `var(--r${((place - 1) % COLOURS) + 1})`;
  return el("span", { class: "result token", "--of": of, "data-result": place }, text, el("sup", {}, String(place)));
}

// --- The questions -----------------------------------------------------------------------------------------------

const isChanged = (kind) => (question) =>
  Object.entries(question.kinds).some(([name, row]) => (!kind || name === kind) && row.some((cell) => cell && cell[1]));

const FILTERS = {
  wrong: { label: "wrong", hint: "the answer is not the gold one", test: (q) => q.right === false },
  changed: {
    label: "changed by an ablation", hint: "some ablation of some step changes the answer", test: isChanged(""),
  },
  early: {
    label: "converged early",
    hint: "decoded before the last step, the final answer is there already, and stays",
    test: (q) => q.early,
  },
  differs: {
    label: "direct answer differs", hint: "without thinking it answers otherwise", test: (q) => q.differs === true,
  },
};
const state = { on: new Set(), kind: "", words: "", shown: QUESTIONS, question: null, step: null };
const parts = {}; // elements that change
const items = new Map(); // question -> its element in the list

const chainText = (question) =>
  question.chain.map(([work, result]) => (result === null ? work : `${work}=${result}`)).join(" ");

function haystack(question) {
  question.text ??= `${question.q}\n${answerText(question.out)}\n${chainText(question)}`.toLowerCase();
  return question.text;
}

function tests(without) {
  const found = [...state.on].filter((name) => name !== without).map((name) => FILTERS[name].test);
  const number = /^#(\d+)$/.exec(state.words);
  if (number) found.push((question) => question.i === Number(number[1]));
  else if (state.words) found.push((question) => haystack(question).includes(state.words));
  return found;
}

const matching = (found) => QUESTIONS.filter((question) => found.every((test) => test(question)));

function filter() {
  FILTERS.changed.test = isChanged(state.kind);
  state.shown = matching(tests());
  const shown = new Set(state.shown);
  for (const [question, item] of items) item.hidden = !shown.has(question);
  for (const [name, { test }] of Object.entries(FILTERS)) {
    const chip = parts.chips[name];
    chip.setAttribute("aria-pressed", state.on.has(name));
    chip.querySelector(".count").textContent = matching([...tests(name), test]).length;
  }
  parts.shown.textContent = `${state.shown.length} of ${QUESTIONS.length} question${QUESTIONS.length === 1 ? "" : "s"}`;
  parts.none.hidden = state.shown.length > 0;
}

function toggle(name) {
  if (!state.on.delete(name)) state.on.add(name);
  filter();
}

function chip(name) {
  const { label, hint } = FILTERS[name];
  return el(
    "button",
    { class: "chip", type: "button", title: hint, "data-filter": name, onclick: () => toggle(name) },
    el("span", { class: `dot ${name}` }), label, el("span", { class: "count" }),
  );
}

function kindSelect() {
  const kinds = Object.keys(DATA.kinds);
  if (kinds.length < 2) return null;
  const choose = (event) => {
    state.kind = event.target.value;
    state.on.add("changed");
    filter();
  };
  const options = kinds.map((kind) => el("option", { value: kind }, `by ${kind}`));
  return el("select", { class: "chip", "aria-label": "which ablation", onchange: choose },
    el("option", { value: "" }, "by any"), options);
}

function item(question) {
  const dots = ["changed", "early", "differs"].filter((name) => FILTERS[name].test(question));
  const verdict = question.right === null ? "" : question.right ? "right" : "wrong";
  return el(
    "a",
    { class: "item", href: `#q${question.i}` },
    el("span", { class: "number" }, String(question.i)),
    el("span", { class: "words", dir: "auto" }, question.q),
    el("span", { class: "end" },
      el("b", { class: verdict, title: verdict }, answerCell(question.out), verdict === "wrong" ? " ✗" : ""),
      el("span", { class: "dots" },
        dots.map((name) => el("span", { class: `dot ${name}`, title: FILTERS[name].label })))),
  );
}

function sidebar() {
  parts.search = el("input", {
    class: "search", type: "search", placeholder: "Search questions, answers, #17", "aria-label": "Search",
    spellcheck: "false",
    oninput: (event) => {
      state.words = event.target.value.trim().toLowerCase();
      filter();
    },
  });
  parts.chips = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, chip(name)]));
  parts.shown = el("div", { class: "shown", role: "status" });
  parts.none = el("div", { class: "none", hidden: true },
    QUESTIONS.length ? "No question is like this." : "No question was asked.");
  for (const question of QUESTIONS) items.set(question, item(question));
  const key = (name) => el("kbd", {}, name);
  return el(
    "aside", {},
    el("div", { class: "tools" },
      el("p", { class: "name" }, DATA.name), parts.search,
      el("div", { class: "chips" }, Object.values(parts.chips), kindSelect()), parts.shown),
    el("nav", { class: "list", "aria-label": "Questions" }, [...items.values()], parts.none),
    el("div", { class: "keys" },
      key("j"), " ", key("k"), " question  ", key("h"), " ", key("l"), " step  ", key("/"), " search"),
  );
}

// --- The grid ----------------------------------------------------------------------------------------------------

const tips = new WeakMap(); // cell -> what makes its hover card

function cell(step, content, { tip, ...properties } = {}) {
  const node = el("td", { "data-step": step, ...properties }, content);
  if (tip) tips.set(node, tip);
  return node;
}

function row(label, cells, properties = {}, hint = null) {
  return el("tr", properties, el("th", { scope: "row", title: hint }, label), cells);
}

function group(name, remark, columns) {
  return el("tr", { class: "group" },
    el("th", { colspan: columns + 1 }, name, remark ? el("span", {}, `  ${remark}`) : null));
}

const shaded = (p) => `background: rgba(var(--shade), ${(STRONGEST_SHADE * p).toFixed(3)})`;

function lensRows(question) {
  const ranks = Math.min(LENS_ROWS, Math.max(...question.states.map((reading) => (reading ? reading[0].length : 0))));
  return range(ranks).map((rank) =>
    row(`lens ${RANKS[rank]}`, question.states.map((reading, i) => {
      if (!reading || rank >= reading[0].length) return cell(i - 1, "");
      const [token, p] = [reading[0][rank], reading[1][rank]];
      return cell(i - 1, [
        marked(tokenCell(token), question.tokenResults[token]),
        p >= 0.005 && el("span", { class: "p" }, Math.round(100 * p)),
      ], { style: shaded(p), tip: () => lensCard(question, i), "data-p": p });
    }), { class: rank ? "" : "tall", "data-row": `lens-${rank}` }));
}

function lensCard(question, i) {
  const reading = question.states[i];
  const [tokens, probs, entropy] = reading;
  return el("div", {},
    el("div", { class: "head" },
      `lens ${i ? `of ${stepName(i - 1)}` : "at the start"}, entropy ${entropy.toFixed(3)} nats`),
    tops(question, tokens, probs));
}

function tops(question, tokens, probs) {
  return el("div", { class: "tops" }, tokens.map((token, rank) => [
    el("span", {}, marked(visible(DATA.tokens[token]), question.tokenResults[token])),
    el("span", { class: "bar", "--part": `${100 * probs[rank]}%` }),
    el("span", { class: "p" }, percent(probs[rank])),
  ]));
}

function numberRow(question, name, place, digits, hint, top) {
  const values = question.states.map((reading) => (reading ? reading[place] : null));
  const most = top ?? Math.max(...values.filter((value) => value !== null));
  return row(name, values.map((value, i) => {
    if (value === null) return cell(i - 1, "");
    const part = `${Math.max(0, Math.min(100, (100 * value) / (most || 1)))}%`;
    return cell(i - 1, [value.toFixed(digits), el("i", { "--part": part })], { class: "num", title: String(value) });
  }), { "data-row": name }, hint);
}

function layerRows(question) {
  return question.lens.map(([layer, states]) =>
    row(`layer ${layer}`, states.map((top, i) => top
      ? cell(i - 1, [
        marked(tokenCell(top[0]), question.tokenResults[top[0]]),
        el("span", { class: "p" }, Math.round(100 * top[1])),
      ], { style: shaded(top[1]), title: `${visible(DATA.tokens[top[0]])} ${percent(top[1])}` })
      : cell(i - 1, "")), { "data-row": `layer-${layer}` }));
}

function answerNode(question, number) {
  return marked(answerCell(number), question.answerResults[number]);
}

function decodeRow(question) {
  return row("answer if stopped", question.decodes.map((number, i) => {
    const right = question.decodesRight;
    const classes = [right && (right[i] ? "isright" : "iswrong"), question.settled && question.settled[1]
      && question.settled[0] === i - 1 && "settled"];
    const tip = () => pairs([
      [`stopped ${afterName(i - 1)}`, answerText(number)],
      ["in the end", answerText(question.out)],
      ["gold", question.gold],
    ]);
    return cell(i - 1, answerNode(question, number), { class: classes.filter(Boolean).join(" "), tip });
  }), { "data-row": "decode" }, "what the model answers when it is stopped here");
}

function oracleRow(question) {
  const told = new Map(question.replies.filter((reply) => reply.step !== null).map((reply) => [reply.step, reply]));
  if (!told.size) return null;
  return row("the oracle says", question.decodes.map((_, i) => {
    const reply = told.get(i - 1);
    if (!reply) return cell(i - 1, "");
    const says = reply.says === null ? visible(reply.refused ? "refused" : "unread") : answerNode(question, reply.says);
    const content = [says, el("span", { class: "p" }, confidence(reply))];
    return cell(i - 1, content, { class: verdict(reply), tip: () => replyCard(reply) });
  }), { "data-row": "oracle" }, "the oracle's reply to what is answered there, and how sure it is");
}

const confidence = (reply) => (reply.confidence === null ? "" : percent(reply.confidence));
const verdict = (reply) => reply.refused ? "refused" : reply.score === null ? ""
  : reply.score >= 1 ? "isright" : reply.score > 0 ? "" : "iswrong";

function replyCard(reply) {
  return pairs([["asked", reply.query], ["it says", reply.reply || "(nothing)"], ["truth", reply.truth],
    ["sure", confidence(reply)]]);
}

function pairs(rows) {
  const told = rows.filter(([, value]) => value !== null && value !== "");
  return el("dl", { class: "pairs" }, told.map(([name, value, kind]) =>
    [el("dt", {}, name), el("dd", { class: kind || "" }, value)]));
}

function ablationRow(question, kind) {
  const cells = question.kinds[kind].map((found, step) => {
    if (!found) return cell(step, "");
    const [number, changed] = found;
    const tip = () => pairs([
      [`${kind} at step ${step}`, answerText(number), changed ? "changed" : ""],
      ["otherwise", answerText(question.out)],
      ["gold", question.gold],
      ["z becomes", DATA.kinds[kind].replaceAll("[i]", `[${step}]`).replaceAll("step i+1", `step ${step + 1}`)],
      ["donor", kind === "swap" && question.donor !== null ? `#${question.donor}` : ""],
    ]);
    return cell(step, answerNode(question, number), { class: changed ? "changed" : "same", tip });
  });
  return row(kind, [cell(-1, ""), cells], { "data-row": `ablation-${kind}` }, DATA.kinds[kind]);
}

const donorOf = (index) => BY_INDEX.get(index) ?? DATA.donors[index] ?? null;

function donorLink(index) {
  return BY_INDEX.has(index) ? el("a", { href: `#q${index}` }, `#${index}`) : `#${index}`;
}

function donorRow(question, index) {
  const donor = donorOf(index);
  const label = ["donor ", donorLink(index)];
  const missing = () => el("td", { colspan: DATA.steps + 1, class: "same" }, "not in this file");
  if (!donor) return row(label, missing(), { class: "donor" });
  const cells = range(DATA.steps + 1).map((i) => {
    const number = donor.decodes[i];
    if (number === undefined) return cell(i - 1, "");
    const tip = () => pairs([["donor asks", donor.q], [afterName(i - 1), answerText(number)],
      ["in the end", answerText(donor.out)]]);
    return cell(i - 1, answerNode(question, number), { tip });
  });
  return row(label, cells, { class: "donor", "data-row": `donor-${index}` }, donor.q);
}

function patchRow(question, patch, place) {
  const whole = patch.steps.length === DATA.steps;
  const label = whole ? "all steps" : `step${patch.steps.length === 1 ? "" : "s"} ${patch.steps.join(", ")}`;
  const donor = donorOf(patch.donor);
  const cells = patch.decodes.map((number, i) => {
    const tip = () => pairs([
      [`patched, ${afterName(i - 1)}`, answerText(number), patch.marks[i]],
      ["which is", WHOSE[patch.marks[i]]],
      ["its own", question.decodes.length ? answerText(question.decodes[i]) : null],
      ["the donor's", donor && donor.decodes.length ? answerText(donor.decodes[i]) : null],
      ["lens", marked(visible(DATA.tokens[patch.tops[i]]), question.tokenResults[patch.tops[i]])],
    ]);
    const taken = patch.steps.includes(i - 1) ? " taken" : "";
    return cell(i - 1, answerNode(question, number), { class: patch.marks[i] + taken, tip });
  });
  return row(label, cells, { "data-row": `patch-${place}` }, `took z of ${label} from question ${patch.donor}`);
}

function patchRows(question) {
  const donors = [...new Set(question.patches.map((patch) => patch.donor))];
  const runs = question.patches.map((patch, place) => [patch, place]);
  return donors.map((donor) => [
    donorRow(question, donor),
    runs.filter(([patch]) => patch.donor === donor).map(([patch, place]) => patchRow(question, patch, place)),
  ]);
}

function grid(question) {
  const columns = DATA.steps + 1;
  const head = range(columns).map((i) => el("th", { scope: "col" },
    el("button", { class: "pick", type: "button", "data-step": i - 1, onclick: () => pick(i - 1) },
      i ? String(i - 1) : "start")));
  const kinds = Object.keys(question.kinds);
  const states = [
    group("What each state shows", "", columns), lensRows(question),
    numberRow(question, "entropy", 2, 2, "of the lens, in nats"),
    numberRow(question, "norm", 3, 1, "of the hidden state"),
    numberRow(question, "cosine", 5, 2, "to the state before", 1),
  ];
  const layers = question.lens && [group("Lens by layer", "top token of each; the last layer first", columns),
    layerRows(question)];
  const decodes = question.decodes.length > 0 && [group("Stopped early", "", columns), decodeRow(question),
    oracleRow(question)];
  const ablations = kinds.length > 0 && [group("One step changed", "and what is answered then", columns),
    kinds.map((kind) => ablationRow(question, kind))];
  const patches = question.patches.length > 0 && [
    group("Given another question's thoughts", "● where; the answer if stopped after each step", columns),
    patchRows(question),
  ];
  const groups = [states, layers, decodes, ablations, patches].filter(Boolean);
  return el("div", { class: "scroll" },
    el("table", { class: "grid", style: `min-width: ${158 + 80 * columns}px` },
      el("colgroup", {}, el("col", { class: "label" }), range(columns).map(() => el("col", { class: "step" }))),
      el("thead", {}, el("tr", {}, el("th", {}, "latent\u00a0step"), head)),
      groups.map((rows) => el("tbody", {}, rows))));
}

function legend(question) {
  const swatch = (style, text) => el("span", {}, el("i", { style }), text);
  return el("div", { class: "legend" },
    swatch(shaded(0.8), "probability"),
    question.chain.some(([, result]) => result !== null)
      && swatch("box-shadow: inset 0 0 0 1.5px var(--r1)", "a result of the gold chain"),
    question.decodes.length > 0 && swatch("width: 3px; background: var(--right)", "the final answer from here on"),
    Object.keys(question.kinds).length > 0 && swatch("background: var(--changed-soft)", "answer changed"),
    question.patches.length > 0 && [swatch("background: var(--donor-soft)", "the donor's answer"),
      swatch("background: var(--other-soft)", "neither's answer")]);
}

// --- One question ------------------------------------------------------------------------------------------------

function facts(question) {
  const fact = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value));
  const answer = (number) => marked(visible(answerText(number)), question.answerResults[number]);
  const judged = question.right === null ? null : question.right
    ? el("span", { class: "right" }, " ✓ right") : el("span", { class: "wrong" }, " ✗ wrong");
  const settled = question.settled && (question.settled[1] ? `${afterName(question.settled[0])}, for good`
    : `${afterName(question.settled[0])}, not for good`);
  return el("dl", { class: "facts" },
    fact("answer", answer(question.out), judged),
    question.gold !== null && fact("gold", question.gold),
    question.direct !== null && fact("without thinking", answer(question.direct)),
    settled && fact("converged", settled));
}

function chain(question) {
  if (!question.chain.length) return null;
  const place = (i) => question.chain.slice(0, i + 1).filter(([, result]) => result !== null).length;
  const first = (result) => question.chain.findIndex(([, other]) => other === result);
  return el("div", { class: "chain" }, el("span", { class: "lead" }, "gold chain"),
    question.chain.map(([work, result]) => el("span", {}, work,
      result === null ? null : [" = ", marked(result, place(first(result)))])));
}

function stepPanel(question, step) {
  const reading = question.states[step + 1];
  const rows = [
    ["if stopped here", question.decodes.length ? answerText(question.decodes[step + 1]) : null],
    ...Object.entries(question.kinds).map(([kind, cells]) => [kind, step >= 0 && cells[step]
      ? answerText(cells[step][0]) : null, step >= 0 && cells[step] && cells[step][1] ? "changed" : ""]),
    ...question.patches.map((patch) => [`with #${patch.donor}'s ${patch.steps.join(", ")}`,
      answerText(patch.decodes[step + 1]), patch.marks[step + 1]]),
  ];
  const numbers = reading && [["entropy", `${reading[2]} nats`], ["norm", String(reading[3])],
    ["near zero", percent(reading[4])], ["cosine", reading[5] === null ? null : String(reading[5])]];
  return [
    el("h2", {}, step < 0 ? "Start: the question is read, no step is taken" : `Step ${step}`),
    el("div", {}, el("div", { class: "head" }, "lens"),
      reading ? tops(question, reading[0], reading[1]) : "not traced"),
    el("div", {}, el("div", { class: "head" }, "answers"), pairs(rows), numbers && [el("div", { class: "head",
      style: "margin-top: 12px" }, "state"), pairs(numbers)]),
  ];
}

function repliesTable(question) {
  if (!question.replies.length) return null;
  const score = (reply) => reply.refused ? "refused" : reply.score === null ? "" : reply.score >= 1 ? "✓"
    : reply.score > 0 ? `${Math.round(100 * reply.score)}% of it` : "✗";
  const rows = question.replies.map((reply) => el("tr", {},
    el("td", {}, reply.query), el("td", {}, reply.reply || "(nothing)"), el("td", {}, confidence(reply)),
    el("td", { class: verdict(reply).replace("is", "") }, score(reply)), el("td", {}, reply.truth ?? "not known")));
  return [el("h2", {}, "The oracle"), el("div", { class: "scroll" }, el("table", { class: "replies" },
    el("thead", {}, el("tr", {}, ["asked", "it says", "sure", "", "truth"]
      .map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows)))];
}

function draw(question) {
  parts.step = el("section", { class: "step", hidden: true });
  parts.main.replaceChildren(...[
    el("p", { class: "notes" }, DATA.notes.map((note) => el("span", {}, note))),
    el("div", { class: "where" }, `Question ${question.i}`),
    el("h1", { dir: "auto" }, question.q),
    facts(question), chain(question),
    DATA.steps > 0 && question.states.length > 1 ? [grid(question), legend(question)] : null,
    parts.step, repliesTable(question),
  ].flat(Infinity).filter(Boolean));
  scrollTo({ top: 0 });
}

function show(question, step = null) {
  if (question !== state.question) {
    items.get(state.question)?.removeAttribute("aria-current");
    state.question = question;
    items.get(question).setAttribute("aria-current", "true");
    items.get(question).scrollIntoView({ block: "nearest" });
    hideTip();
    draw(question);
  }
  state.step = step !== null && question.states[step + 1] !== undefined ? step : null;
  for (const node of parts.main.querySelectorAll("[data-step]")) {
    const here = Number(node.dataset.step) === state.step;
    if (node.tagName === "TD") node.classList.toggle("at", here);
    else node.setAttribute("aria-pressed", here);
  }
  parts.step.hidden = state.step === null;
  parts.step.replaceChildren(...(state.step === null ? [] : stepPanel(question, state.step)));
  scrollToStep(); // last: what stands below may make room for a scrollbar
  document.title = `#${question.i} · ${DATA.name}`;
}

/** Brings the column of the chosen step into sight, of a grid that is wider than the page. */
function scrollToStep() {
  const head = parts.main.querySelector(".pick[aria-pressed=true]");
  if (!head) return;
  const [box, label] = [head.closest(".scroll"), parts.main.querySelector(".grid th").offsetWidth];
  const [at, room] = [head.getBoundingClientRect(), box.getBoundingClientRect()];
  if (at.left < room.left + label) box.scrollLeft += at.left - room.left - label - 10;
  else if (at.right > room.right) box.scrollLeft += at.right - room.right + 10;
}

// --- Links, keys, hovering -----------------------------------------------------------------------------------------

/** The question and step that the address names; the first question where it names none of this page. */
function follow() {
  const found = /^#q(\d+)(?:s(-?\d+))?$/.exec(location.hash);
  const question = found ? BY_INDEX.get(Number(found[1])) : null;
  parts.missing.textContent = found && !question ? `Question ${found[1]} is not on this page.` : "";
  parts.missing.hidden = !parts.missing.textContent;
  if (question) show(question, found[2] === undefined ? null : Number(found[2]));
  else if (QUESTIONS.length) show(state.question ?? QUESTIONS[0]);
}

function go(question, step = null) {
  history.replaceState(null, "", `#q${question.i}${step === null ? "" : `s${step}`}`);
  follow();
}

const pick = (step) => go(state.question, step === state.step ? null : step);

function move(by) {
  const place = state.shown.indexOf(state.question);
  const next = place < 0 ? state.shown[0] : state.shown[place + by];
  if (next) go(next);
}

function moveStep(by) {
  if (!state.question || state.question.states.length < 2) return;
  const last = state.question.states.length - 2;
  const step = state.step === null ? (by > 0 ? -1 : last) : Math.max(-1, Math.min(last, state.step + by));
  go(state.question, step);
}

const KEYS = {
  j: () => move(1), k: () => move(-1),
  l: () => moveStep(1), ArrowRight: () => moveStep(1), h: () => moveStep(-1), ArrowLeft: () => moveStep(-1),
  "/": () => parts.search.focus(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (typing && event.key === "Escape") event.target.blur();
  if (typing || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
}

function hideTip() {
  parts.tip.hidden = true;
}

function hover(event) {
  const node = event.target.closest("td");
  const make = node && tips.get(node);
  if (!make) return hideTip();
  parts.tip.replaceChildren(make());
  parts.tip.hidden = false;
  const [at, size] = [node.getBoundingClientRect(), parts.tip.getBoundingClientRect()];
  const below = at.bottom + 8 + size.height < innerHeight;
  const left = Math.max(10, Math.min(at.left, innerWidth - size.width - 10));
  parts.tip.style.left = `${left}px`;
  parts.tip.style.top = `${Math.max(10, below ? at.bottom + 8 : at.top - size.height - 8)}px`;
}

function start() {
  parts.main = el("main", { tabindex: "-1" });
  parts.tip = el("div", { class: "tip", role: "tooltip", hidden: true });
  parts.missing = el("div", { class: "none", role: "status", hidden: true });
  const middle = el("div", { class: "middle" }, parts.missing, parts.main, document.querySelector(".terminal"));
  document.getElementById("page").replaceChildren(sidebar(), middle);
  document.body.append(parts.tip);
  filter();
  parts.main.addEventListener("mouseover", hover);
  parts.main.addEventListener("mouseleave", hideTip);
  parts.main.addEventListener("click", (event) => {
    const node = event.target.closest("td[data-step]");
    if (node && !event.target.closest("a")) pick(Number(node.dataset.step));
  });
  addEventListener("scroll", hideTip, { passive: true, capture: true });
  addEventListener("keydown", onKey);
  addEventListener("hashchange", follow);
  if (!QUESTIONS.length) parts.main.append(el("p", { class: "notes" }, DATA.notes.map((note) => el("span", {}, note))));
  follow();
}

start();
