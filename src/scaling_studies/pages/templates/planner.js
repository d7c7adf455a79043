"use strict";
// The planner: reads a budget as people write it and interpolates between the rows of each law.
(() => {
  const root = document.getElementById("planner");
  if (!root) return;
  const { flops: grid, laws, gpus, edges, stars, embedding, measured } = JSON.parse(document.getElementById("planner-data").textContent);
  const form = root.querySelector("form");
  const part = (selector) => root.querySelector(selector);
  const body = part("tbody");
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const SECONDS = { hour: 3600, day: 86400 };
  const FLOP_UNITS = { "": 1, mega: 1e6, giga: 1e9, tera: 1e12, peta: 1e15, exa: 1e18, zetta: 1e21, yotta: 1e24 };
  const FLOP_LETTERS = { p: "peta", e: "exa", z: "zetta", y: "yotta", t: "tera", g: "giga" };
  const AMOUNTS = { "": 1, k: 1e3, thousand: 1e3, m: 1e6, million: 1e6, b: 1e9, bn: 1e9, billion: 1e9, t: 1e12, trillion: 1e12 };
  const FIELDS = ["budget", "gpu", "utilisation", "price", "unique", "served", "ratio", "count"];
  const PURPOSES = { served: "Tokens to be served", ratio: "Tokens per parameter", unique: "Unique tokens" };
  for (const law of laws) law.plans = law.form ? tradeOff(law.form) : null;

  // Numbers as people write them: 1e22, 10^22, 10²², 3.5 × 10^22, 1,000,000.
  const NUMBER = String.raw`(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?:x10\^\d+)?(?:\^\d+)?`;
  const plain = (text) =>
    text
      .toLowerCase()
      .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (run) => `^${Array.from(run, (sign) => SUPERSCRIPTS.indexOf(sign)).join("")}`)
      .replaceAll("**", "^")
      .replace(/\s*[×x*·]\s*(?=10\s*\^)/g, "x")
      .replace(/\s*\^\s*/g, "^")
      .replace(/(?<=\d)[,_'’\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "")
      .trim();
  const value = (text) => {
    const [mantissa, power] = text.includes("x10^") ? text.split("x10^") : [text, null];
    const [base, exponent] = mantissa.split("^");
    const number = exponent === undefined ? Number(base) : Number(base) ** Number(exponent);
    return power === null ? number : number * 10 ** Number(power);
  };
  const match = (pattern, text) => text.match(new RegExp(`^${pattern.replaceAll("NUMBER", NUMBER)}$`));

  const peak = (word) => {
    const name = Object.keys(gpus).find((each) => each.toLowerCase().replace(/\s/g, "") === word.replace(/\s/g, ""));
    if (!name && !["gpu", "tpu", "chip", "device"].includes(word)) return null;
    return { name: name ?? form.gpu.value, rate: gpus[name ?? form.gpu.value] };
  };
  const share = () => Number(form.utilisation.value) / 100;
  const hours = (count, gpu) => ({
    flops: count * 3600 * gpu.rate * share(),
    said: `${short(count)} ${gpu.name}-hours at ${short(100 * share())} % of ${short(gpu.rate / 1e12)} TFLOP/s`,
  });

  const unknown = (name) => ({ problem: `“${name}” is no accelerator that is known here. Known: ${Object.keys(gpus).join(", ")}, or GPU.` });

  // What is asked for: {flops, said}, {loss} or {problem}.
  const read = (text) => {
    const words = plain(text);
    if (!(share() > 0 && share() <= 1)) return { problem: "Utilisation is a percentage between 0 and 100." };
    let found = match(String.raw`(?:target )?(?:loss|l)\s*=?\s*(NUMBER)`, words);
    if (found) return { loss: value(found[1]) };
    found = match(String.raw`(?:c\s*=\s*)?(NUMBER)\s*(?:(mega|giga|tera|peta|exa|zetta|yotta)?\s*flops?)?`, words);
    if (found) return { flops: value(found[1]) * FLOP_UNITS[found[2] ?? ""] };
    found = match(String.raw`(NUMBER)\s*([gtpezy])flops?`, words);
    if (found) return { flops: value(found[1]) * FLOP_UNITS[FLOP_LETTERS[found[2]]] };
    found = match(String.raw`(NUMBER)\s*(?:petaflops?|pflops?|pf)(?:\/s)?[\s-]*days?`, words);
    if (found) return { flops: value(found[1]) * 1e15 * SECONDS.day };
    found = match(String.raw`(?:\$|usd|us\$)\s*(NUMBER)\s*(k|m|b|bn|thousand|million|billion)?|(NUMBER)\s*(k|m|b|thousand|million|billion)?\s*(?:\$|usd|dollars?)`, words);
    if (found) {
      const money = value(found[1] ?? found[3]) * AMOUNTS[found[2] ?? found[4] ?? ""];
      if (!(Number(form.price.value) > 0)) return { problem: "The price of a GPU-hour is a number above 0." };
      const spent = hours(money / Number(form.price.value), peak("gpu"));
      return { ...spent, said: `$${short(money)}, ${spent.said}` };
    }
    found = match(String.raw`(NUMBER)\s*([a-z][a-z0-9 ]*?)s?\s+for\s+(NUMBER)\s*(hour|day|week)s?`, words);
    if (found) {
      const gpu = peak(found[2]);
      if (!gpu) return unknown(found[2]);
      const long = { hour: 1, day: 24, week: 168 }[found[4]];
      return hours(value(found[1]) * value(found[3]) * long, gpu);
    }
    found = match(String.raw`(NUMBER)\s*(k|m|thousand|million)?\s*([a-z][a-z0-9 ]*?)s?[\s-]+(hour|hr|h|day)s?`, words);
    if (found) {
      const gpu = peak(found[3]);
      if (!gpu) return unknown(found[3]);
      const long = found[4] === "day" ? 24 : 1;
      return hours(value(found[1]) * AMOUNTS[found[2] ?? ""] * long, gpu);
    }
    return { problem: "That is no budget. Write FLOP (1e22, 10^22, 2 zettaFLOP), GPU-hours (5000 H100-hours), money ($100k) or a loss (loss 2.2)." };
  };

  // Amounts as people write them.
  const short = (number, digits = 3) => {
    if (!(number < 1e15)) return power(number);
    const sizes = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]];
    const [size, letter] = sizes.find(([least]) => number >= least * (1 - 0.5 * 10 ** -digits)) ?? [1, ""];
    return `${Number((number / size).toPrecision(digits))}${letter}`;
  };
  const power = (number) => {
    let exponent = Math.floor(Math.log10(number) + 1e-12);
    let mantissa = Number((number / 10 ** exponent).toPrecision(2));
    if (mantissa === 10) [mantissa, exponent] = [1, exponent + 1];
    const raised = Array.from(String(exponent), (sign) => (sign === "-" ? "⁻" : SUPERSCRIPTS[sign])).join("");
    return mantissa === 1 ? `10${raised}` : `${mantissa}×10${raised}`;
  };
  const range = (values, digits = 2) => {
    const [low, high] = [short(Math.min(...values), digits), short(Math.max(...values), digits)];
    return low === high ? low : `${low} to ${high}`;
  };

  // Between two rows of a law; sizes along logarithms.
  const place = (flops) => {
    const steps = grid.findIndex((each) => each >= flops);
    const after = Math.max(steps, 1);
    const [low, high] = [Math.log(grid[after - 1]), Math.log(grid[after])];
    return { after, share: (Math.log(flops) - low) / (high - low) };
  };
  const between = (values, { after, share: part }) => {
    const [low, high] = [values[after - 1], values[after]];
    return low === null || high === null ? null : Math.exp(Math.log(low) * (1 - part) + Math.log(high) * part);
  };
  // Compute at which a law reaches a loss; null where its curve does not.
  const computeOf = (law, loss) => {
    const after = law.loss.findIndex((each) => each !== null && each <= loss);
    if (after < 1 || law.loss[after - 1] === null) return null;
    const [above, below] = [Math.log(law.loss[after - 1]), Math.log(law.loss[after])];
    const part = (Math.log(loss) - above) / (below - above);
    return Math.exp(Math.log(grid[after - 1]) * (1 - part) + Math.log(grid[after]) * part);
  };
  const beyond = (law, flops) => {
    if (!law.reach) return { factor: Infinity, said: "no run of its own" };
    const [least, most] = law.reach;
    if (flops > most * 1.0001) return { factor: flops / most, above: true, said: `${short(flops / most, 2)} × above` };
    if (flops < least * 0.9999) return { factor: least / flops, said: `${short(least / flops, 2)} × below` };
    return { factor: 1, said: "within its runs" };
  };

  // How new runs of other studies, as far beyond the fitted ones, lay in their intervals.
  const recordOf = (law, { factor, above }) => {
    if (!law.reach) return "no run of its own";
    if (!above) return "–";
    if (!measured) return "not measured";
    const [held, of] = [law.record?.[edges.filter((edge) => factor > edge).length], (count, what) => `${count.toLocaleString("en")} ${what}`];
    if (!held) return "no record so far out";
    const [count, inside, studies] = held;
    return `${Math.round((100 * inside) / count)} % of ${of(count, count === 1 ? "run" : "runs")}, ${of(studies, studies === 1 ? "study" : "studies")}`;
  };

  // Sizes with and without embeddings, where a law says which it counts.
  const withEmbeddings = (size) => size + embedding * Math.cbrt(size);
  const withoutEmbeddings = (size) => {
    const root = Math.cbrt(size / 2 + Math.sqrt((size / 2) ** 2 + (embedding / 3) ** 3));
    return (root - embedding / 3 / root) ** 3;
  };
  const conversion = (law) => {
    const wanted = form.count.value;
    if (wanted === "total" && law.counts === "without embeddings") return withEmbeddings;
    if (wanted === "non_embedding" && law.counts === "all parameters") return withoutEmbeddings;
    return null;
  };

  // Size, data and loss of a law for what is asked; null where it has no answer.
  const answerOf = (law, asked, purpose, flops) => {
    const surface = law.plans;
    const read = purpose.name === "best" || (purpose.name === "unique" && !stars);
    if (read && !(surface && asked.loss)) {
      const at = place(flops);
      const params = between(law.params, at);
      const ends = (name) => (law[name] ? between(law[name], at) : null);
      return params && { params, tokens: law.tokens ? between(law.tokens, at) : flops / (6 * params), low: ends("low"), high: ends("high"), loss: ends("loss"), run: [ends("run_low"), ends("run_high")] };
    }
    if (!surface) return null;
    const target = asked.loss ?? surface.loss(...surface.best(flops));
    const found = {
      best: () => surface.bestForLoss(target),
      served: () => surface.serving(target, purpose.amount),
      ratio: () => (asked.loss ? surface.withRatioForLoss(target, purpose.amount) : surface.withRatio(flops, purpose.amount)),
      unique: () => (stars ? (asked.loss ? surface.withUniqueForLoss(target, purpose.amount, stars) : surface.withUnique(flops, purpose.amount, stars)) : surface.bestForLoss(target)),
    }[purpose.name]();
    if (!found) return null;
    const [params, tokens] = found;
    const loss = purpose.name === "unique" && stars ? surface.lossWithUnique(params, tokens, purpose.amount, stars) : surface.loss(params, tokens);
    return { params, tokens, low: null, high: null, loss, run: [null, null] };
  };

  const plansFor = (asked, purpose) =>
    laws
      .map((law) => {
        const least = law.plans?.bestForLoss(asked.loss ?? NaN);
        const flops = asked.loss ? (law.plans ? least && 6 * least[0] * least[1] : computeOf(law, asked.loss)) : asked.flops;
        if (!flops || flops < grid[0] * 0.9999 || flops > grid.at(-1) * 1.0001) return null;
        const found = answerOf(law, asked, purpose, flops);
        if (!found) return null;
        // A law that gives data of its own counts compute in its own way.
        const spent = law.tokens ? flops : 6 * found.params * found.tokens;
        const counted = conversion(law);
        const [params, low, high] = [found.params, found.low, found.high].map((size) => (counted && size !== null ? counted(size) : size));
        return { ...found, law, flops: spent, params, low, high, counts: counted ? `${counted === withEmbeddings ? "all parameters" : "without embeddings"}, converted` : law.counts, beyond: beyond(law, spent) };
      })
      .filter(Boolean)
      .sort((a, b) => a.beyond.factor - b.beyond.factor || a.law.name.localeCompare(b.law.name));

  const amountOf = (name) => {
    const found = match(String.raw`(NUMBER)\s*(k|m|b|bn|t|thousand|million|billion|trillion)?(?:\s*tokens?)?`, plain(form[name].value));
    return found ? value(found[1]) * AMOUNTS[found[2] ?? ""] : NaN;
  };
  // The one purpose that is asked for: {name, amount} or {problem}.
  const purposeOf = () => {
    const named = Object.keys(PURPOSES).filter((name) => form[name].value.trim());
    const wrong = named.find((name) => !(amountOf(name) > 0 && Number.isFinite(amountOf(name))));
    if (wrong) return { problem: `${PURPOSES[wrong]} are a number such as ${wrong === "ratio" ? "200" : "300B"}.` };
    if (named.length > 1) return { problem: `${named.map((name) => PURPOSES[name].toLowerCase()).join(" and ")} are not planned for together: leave all but one empty.`.replace(/^./, (first) => first.toUpperCase()) };
    return named.length ? { name: named[0], amount: amountOf(named[0]) } : { name: "best" };
  };
  const CONDITIONS = {
    best: () => "",
    served: ({ amount }) => ` and ${short(amount)} tokens to be served`,
    ratio: ({ amount }) => ` and ${short(amount)} tokens per parameter`,
    unique: ({ amount }) => ` and ${short(amount)} unique tokens`,
  };
  const CAPTIONS = {
    best: "Compute-optimal size and data of each law at this budget",
    served: "Least compute for training and serving, of the loss that this budget reaches at best",
    ratio: "Size and data at this budget with these tokens per parameter",
    unique: "Size and data of the lowest loss at this budget from these unique tokens",
  };
  const assumptions = (purpose, plans) => {
    const said = [];
    if (purpose.name === "served") said.push("Compute is 6ND for training and 2N for each token served; FLOP and distance are those of training.");
    if (purpose.name === "unique") said.push(stars ? `Repeated tokens and excess parameters lose their value as in ${root.dataset.repeats}, whatever the data of a law: R* = ${short(stars[0])} repetitions, ${short(stars[1])} times the size in excess.` : "Repetition is not counted in the loss: no law of it is part of this run.");
    if (form.count.value !== "own") said.push(`Sizes are converted by N(all) = N + ${embedding} N^(1/3), which holds for the shapes and the vocabulary of Kaplan's models (Pearce and Song 2024); laws that count active parameters or do not say what they count stay as they are, and so do the lines of the chart and the compute.`);
    const silent = laws.length - plans.length;
    if (silent && purpose.name !== "best") said.push(`${silent} of ${laws.length} laws have no answer to this.`);
    return said.join(" ");
  };

  const sentence = (asked, plans, purpose) => {
    const inside = plans.filter((plan) => plan.beyond.factor === 1);
    const outside = plans.filter((plan) => plan.beyond.factor !== 1);
    const say = (some) => `${range(some.map((plan) => plan.params))} parameters on ${range(some.map((plan) => plan.tokens))} tokens`;
    const count = (some, what) => (some.length === 1 ? `one law ${what.replace("reach", "reaches")}` : `${some.length} laws ${what}`);
    const start = `${asked.loss ? `For a loss of ${asked.loss} on its own data` : `At ${power(asked.flops)} FLOP`}${CONDITIONS[purpose.name](purpose)}`;
    const parts = [];
    if (inside.length) parts.push(`${count(inside, "whose runs reach this far")} ${inside.length === 1 ? "says" : "say"} ${say(inside)}`.replace("one law whose runs reaches", "the one law whose runs reach"));
    if (outside.length) parts.push(`${outside.length === 1 ? "one law" : `${outside.length} laws`}, extrapolated, ${outside.length === 1 ? "says" : "say"} ${say(outside)}`);
    return `${start}, ${parts.join("; ")}.`;
  };

  const cell = (text, name) => {
    const item = document.createElement(name ?? "td");
    if (name === "th") item.scope = "row";
    item.textContent = text;
    return item;
  };
  const number = (text, exact) => {
    const item = Object.assign(cell(text), { className: "num" });
    if (exact) item.dataset.value = String(exact);
    return item;
  };
  const row = (plan, unique, flops) => {
    const line = document.createElement("tr");
    const head = cell("", "th");
    const key = Object.assign(document.createElement("span"), { className: `key ${plan.law.source}` });
    key.style.setProperty("--colour", plan.law.colour);
    const link = Object.assign(document.createElement("a"), { href: `studies/${plan.law.study}.html`, textContent: plan.law.name });
    head.append(key, link, plan.law.source === "published" ? " (as published)" : "");
    const interval = plan.low === null || plan.high === null ? "–" : range([plan.low, plan.high], 3);
    line.append(head, number(short(plan.params), plan.params), number(interval), number(short(plan.tokens), plan.tokens), number(short(plan.tokens / plan.params, 2)));
    if (unique) line.append(number(short(plan.tokens / unique, 2)));
    if (flops) line.append(number(power(plan.flops), plan.flops));
    line.append(cell(plan.beyond.said), cell(plan.counts));
    const digits = (loss) => String(Number(loss.toPrecision(3)));
    line.append(number(plan.loss === null ? "–" : digits(plan.loss), plan.loss));
    line.append(number(plan.run.includes(null) ? "–" : plan.run.map(digits).join(" to ")), cell(recordOf(plan.law, plan.beyond)));
    const heads = Array.from(body.parentElement.tHead.rows[0].cells).filter((name) => !name.hidden);
    Array.from(line.cells).slice(1).forEach((item, place) => { item.dataset.label = heads[place + 1].textContent; });
    return line;
  };

  let view = null;
  const chosen = (plans) =>
    plans.map((plan) => ({
      flops: plan.flops,
      params: plan.params,
      low: plan.low ?? plan.params,
      high: plan.high ?? plan.params,
      colour: plan.law.colour,
      law: plan.law.name,
      says: `${short(plan.params)} on ${short(plan.tokens)} tokens`,
      interval: plan.low === null || plan.high === null ? "none" : range([plan.low, plan.high], 3),
      reach: plan.law.reach ? `${power(plan.law.reach[0])} to ${power(plan.law.reach[1])} FLOP` : "none of its own",
    }));

  const show = () => {
    const asked = read(form.budget.value);
    const purpose = purposeOf();
    const plans = asked.problem || purpose.problem ? [] : plansFor(asked, purpose);
    let problem = asked.problem ?? purpose.problem ?? "";
    if (!problem && !plans.length) {
      if (purpose.name !== "best" && plansFor(asked, { name: "best" }).length) problem = "No law here answers that: it needs one that gives the loss of any size and data.";
      else problem = asked.loss
        ? `No law reaches a loss of ${asked.loss} between ${power(grid[0])} and ${power(grid.at(-1))} FLOP.`
        : `The curves span ${power(grid[0])} to ${power(grid.at(-1))} FLOP; ${power(asked.flops)} lies outside.`;
    }
    part("#planner-problem").textContent = problem;
    form.budget.setAttribute("aria-invalid", String(Boolean(problem)));
    part("#planner-answer").textContent = problem ? "" : sentence(asked, plans, purpose);
    for (const each of root.querySelectorAll(".scroll, .planner-chart")) each.classList.toggle("stale", Boolean(problem));
    if (problem) return [];
    const said = part(".said");
    said.hidden = !asked.said;
    said.textContent = asked.said ? `${asked.said} are ${power(asked.flops)} FLOP.` : "";
    part("#planner-purpose").textContent = CAPTIONS[purpose.name].replace("budget", asked.loss ? "loss" : "budget").replace("of the loss that this loss reaches at best", "of this loss");
    const assumed = part(".assumed");
    assumed.textContent = assumptions(purpose, plans);
    assumed.hidden = !assumed.textContent;
    const [unique, flops] = [purpose.name === "unique" && purpose.amount, Boolean(asked.loss) || purpose.name === "served"];
    part("[data-part=epochs]").hidden = !unique;
    part("[data-part=flops]").hidden = !flops;
    body.replaceChildren(...plans.map((plan) => row(plan, unique, flops)));
    const state = FIELDS.filter((name) => form[name].value !== form[name].dataset.usual).map((name) => `${name}=${encodeURIComponent(form[name].value)}`);
    part("#planner-link").href = state.length ? `#plan?${state.join("&")}` : "#planner";
    if (view) view.data("chosen", chosen(plans)).run();
    return plans;
  };

  const restore = () => {
    if (!location.hash.startsWith("#plan?")) return;
    for (const [name, text] of new URLSearchParams(location.hash.slice(6))) {
      if (FIELDS.includes(name)) form[name].value = text;
    }
    show();
    root.scrollIntoView();
  };

  const curves = () =>
    laws.flatMap((law) => {
      const inside = grid.map((flops) => Boolean(law.reach) && flops >= law.reach[0] * 0.9999 && flops <= law.reach[1] * 1.0001);
      let stretch = 0;
      return grid.flatMap((flops, index) => {
        const point = { key: law.key, flops, params: law.params[index], colour: law.colour, dash: law.source === "published" ? "published" : "" };
        const ends = index > 0 && inside[index] !== inside[index - 1];
        const pale = (solid) => (solid ? 1 : 0.35);
        const before = ends ? [{ ...point, stretch, opacity: pale(inside[index - 1]) }] : [];
        if (ends) stretch += 1;
        return [...before, { ...point, stretch, opacity: pale(inside[index]) }];
      });
    });

  const draw = async () => {
    const spec = JSON.parse(document.getElementById("planner-chart").textContent);
    spec.datasets = { curves: curves(), chosen: chosen(show()) };
    const target = part(".planner-chart");
    target.hidden = false;
    const result = await window.vegaEmbed(target, spec, { actions: false, renderer: "svg", ast: true });
    view = result.view;
    show();
    root.dataset.drawn = "true";
  };

  for (const name of FIELDS) form[name].dataset.usual = form[name].value;
  for (const item of root.querySelectorAll("[hidden]:not(.said):not(.assumed)")) item.hidden = item.classList.contains("planner-chart");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  for (const example of form.querySelectorAll("button")) {
    example.addEventListener("click", () => {
      form.budget.value = example.textContent;
      show();
    });
  }
  window.addEventListener("hashchange", restore);
  show();
  restore();

  // The library that draws is loaded once the page stands; table and sentence do not need it.
  const script = Object.assign(document.createElement("script"), { src: "assets/vega.js" });
  script.addEventListener("load", draw);
  window.addEventListener("load", () => document.head.append(script));
})();
